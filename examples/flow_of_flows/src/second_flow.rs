//! The second child flow.

use crate::{hello_world, python_version, report_python};
use headwater_sdk::prelude::*;

const FLOW_NAME: &str = "second_flow_docker";

/// Greets, and says which Python its image has.
#[flow(project = "community", label = "docker")]
pub async fn second_flow_docker(#[default("World")] user_input: String) -> Result<String> {
    hello_world(user_input, FLOW_NAME).await?;
    let version = python_version().await?;
    report_python(&version).await?;
    Ok(version)
}
