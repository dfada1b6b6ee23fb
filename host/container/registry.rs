//! Credentials for the registry of an image: `user:password`, or what Docker keeps of them as JSON.

use super::reference::Reference;
use crate::secret::Secret;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bollard::auth::DockerCredentials;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The registry of names that name none.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// Who pulls.
#[derive(Clone)]
pub struct Registry {
    user: String,
    password: Secret,
    server: String,
}

/// The text has no credentials in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCredentials {
    /// Neither of the two.
    #[error(
        "it must be `user:password`, or JSON with `username` and `password`, or with `auths` as in Docker's `config.json`"
    )]
    Unknown,
    /// For others only.
    #[error("its `auths` have no entry for `{0}`")]
    Elsewhere(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    username: Option<String>,
    password: Option<String>,
    /// `user:password` in base64.
    auth: Option<String>,
    auths: Option<BTreeMap<String, Entry>>,
}

impl Registry {
    /// Of this image's registry, from a secret.
    ///
    /// # Errors
    /// Where it has none for it.
    pub fn parse(secret: &Secret, image: &str) -> Result<Registry, NoCredentials> {
        let server = server_of(image);
        let text = secret.expose().trim();
        let (user, password) = if text.starts_with('{') {
            let entry: Entry = serde_json::from_str(text).map_err(|_| NoCredentials::Unknown)?;
            let entry = match entry.auths {
                Some(auths) => auths.into_iter().find(|(name, _)| same_server(name, &server)).map(|(_, entry)| entry),
                None => Some(entry),
            };
            let entry = entry.ok_or_else(|| NoCredentials::Elsewhere(server.clone()))?;
            of_entry(entry).ok_or(NoCredentials::Unknown)?
        } else {
            pair(text).ok_or(NoCredentials::Unknown)?
        };
        Ok(Registry { user, password: Secret::new(password), server })
    }

    pub(super) fn credentials(&self) -> DockerCredentials {
        DockerCredentials {
            username: Some(self.user.clone()),
            password: Some(self.password.expose().to_owned()),
            serveraddress: Some(self.server.clone()),
            ..DockerCredentials::default()
        }
    }
}

fn of_entry(entry: Entry) -> Option<(String, String)> {
    if let Some(auth) = entry.auth {
        let bytes = BASE64_STANDARD.decode(auth).ok()?;
        return pair(&String::from_utf8(bytes).ok()?);
    }
    entry.username.zip(entry.password)
}

fn pair(text: &str) -> Option<(String, String)> {
    let (user, password) = text.split_once(':')?;
    (!user.is_empty() && !password.is_empty()).then(|| (user.to_owned(), password.to_owned()))
}

/// The first part of a name that is a machine: it has a dot or a port, or is this one.
fn server_of(image: &str) -> String {
    let repository = Reference::parse(image).map(|reference| reference.repository).unwrap_or_default();
    match repository.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => first.to_owned(),
        _ => DOCKER_HUB.to_owned(),
    }
}

fn same_server(one: &str, other: &str) -> bool {
    fn bare(server: &str) -> &str {
        let server = server.trim_start_matches("https://").trim_start_matches("http://");
        server.split('/').next().unwrap_or(server)
    }
    bare(one) == bare(other)
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
