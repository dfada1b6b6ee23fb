//! A flow of flows: one parent, two children, three runs, each in an image that the parent picks.
//!
//! The children know nothing of images. What they are made of is computed where the parent is; their program runs in the image.

use headwater_sdk::prelude::*;

mod first_flow;
mod second_flow;

use first_flow::first_flow_docker;
use second_flow::second_flow_docker;

const FLOW_NAME: &str = "parent_docker_different_images_per_subflow";

/// Greets from the parent.
#[task]
fn hello_from_parent() -> Result<String> {
    println!("Hello from {FLOW_NAME}!");
    Ok(FLOW_NAME.to_owned())
}

/// Greets from a child. One task for both: what differs is an argument.
#[task]
fn hello_world(x: String, flow_name: String) -> Result<()> {
    println!("Hello {x} from {flow_name}!");
    Ok(())
}

/// The version of the Python in the image that the flow run is in.
#[task(program = ["python3", "-c", "import platform; print(platform.python_version())"])]
async fn python_version() -> Result<String>;

/// Says which Python ran.
#[task]
fn report_python(version: String) -> Result<()> {
    println!("Running this task with Headwater and Python {version}");
    Ok(())
}

/// The configuration of a child: this image, an agent that knows Docker.
fn in_image(image: String) -> RunConfig {
    Docker::image(image).label("docker").into()
}

/// Runs the first child, the second, and the first again, each in another image. Gives the three Python versions.
#[flow(project = "community", label = "docker")]
async fn parent_docker_different_images_per_subflow(
    #[default("python:3.9-slim")] first_image: String,
    #[default("python:3.8-slim")] second_image: String,
    #[default("python:3.7-slim")] third_image: String,
) -> Result<Vec<String>> {
    let normal_non_subflow_task = hello_from_parent().named("hello_world").submit();

    let first = first_flow_docker("first child flow")
        .run_config(in_image(first_image))
        .named("First subflow with Python 3.9 image")
        .stream_logs(true)
        .after(&normal_non_subflow_task)
        .submit();

    let second = second_flow_docker("second child flow")
        .run_config(in_image(second_image))
        .named("Second subflow with Python 3.8 image")
        .stream_logs(true)
        .after(&first)
        .submit();

    let first_again = first_flow_docker("first child flow")
        .run_config(in_image(third_image))
        .named("First subflow with Python 3.7 image")
        .stream_logs(true)
        .after(&second)
        .submit();

    let versions = try_join!(first, second, first_again)?;
    Ok(vec![versions.0, versions.1, versions.2])
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
