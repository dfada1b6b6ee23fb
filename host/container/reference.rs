//! Names of images: what a registry calls `repository:tag` or `repository@digest`.

use super::ContainerError;
use headwater_core::model::PullPolicy;

/// An image's name, in its two halves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Registry and path; `python` as well as `127.0.0.1:5000/a/b`.
    pub repository: String,
    /// A tag, or a digest with its `sha256:`.
    pub tag: String,
    /// As it was written; with `:latest` where it had neither tag nor digest.
    pub name: String,
}

impl Reference {
    /// Takes a name apart. Without a tag it means `latest`.
    ///
    /// # Errors
    /// Where it is no name of an image.
    pub fn parse(name: &str) -> Result<Reference, ContainerError> {
        let bad = || ContainerError::InvalidSpec(format!("`{name}` is no name of an image"));
        if name.is_empty()
            || name.starts_with(['-', '/', ':', '@'])
            || name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '?' || c == '#' || c == '%')
        {
            return Err(bad());
        }
        let (repository, tag) = if let Some((repository, digest)) = name.split_once('@') {
            (repository, digest)
        } else {
            // A colon before the last slash belongs to a registry's port.
            match name.rsplit_once(':') {
                Some((repository, tag)) if !tag.contains('/') => (repository, tag),
                _ => (name, "latest"),
            }
        };
        if repository.is_empty() || tag.is_empty() {
            return Err(bad());
        }
        let separator = if tag.contains(':') { '@' } else { ':' };
        Ok(Reference {
            repository: repository.to_owned(),
            tag: tag.to_owned(),
            name: format!("{repository}{separator}{tag}"),
        })
    }

    /// When it is pulled where nobody says so: `latest` moves, other tags and digests are taken as they are here.
    pub fn default_policy(&self) -> PullPolicy {
        if self.tag == "latest" { PullPolicy::Always } else { PullPolicy::IfNotPresent }
    }
}

#[cfg(test)]
#[path = "reference_tests.rs"]
mod tests;
