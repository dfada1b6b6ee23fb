//! The first child flow.

use crate::{hello_world, python_version, report_python};
use headwater_sdk::prelude::*;

const FLOW_NAME: &str = "first_flow_docker";

/// Greets, and says which Python its image has.
#[flow(project = "community", label = "docker")]
pub async fn first_flow_docker(#[default("Marvin")] user_input: String) -> Result<String> {
    hello_world(user_input, FLOW_NAME).await?;
    let version = python_version().await?;
    report_python(&version).await?;
    Ok(version)
}
