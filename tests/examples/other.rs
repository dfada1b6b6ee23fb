//! `hello`, `images_per_task` and `docker_sidecar` end as their READMEs say, and the same way every time.

use crate::machine::{Home, images, python_of};
use serde_json::json;

#[test]
fn hello_needs_no_container() {
    let ran = Home::new().run("hello", "hello", &[]);
    assert_eq!(ran.code, Some(0));
}

#[test]
fn images_per_task_ends_as_its_readme_says() {
    let Some(images) = images() else { return };
    let versions: Vec<String> = images.iter().map(|image| python_of(image)).collect();
    let parameters =
        [("image_a", &images[0]), ("image_b", &images[0]), ("image_c", &images[1]), ("image_d", &images[2])]
            .map(|(key, image)| (key, image.as_str()));
    let expected = json!({
        "measured_on": versions[0],
        "rows": {"python": versions[0], "total": 10, "found": 4},
        "largest": {"python": versions[1], "total": 10, "found": 16},
        "squares": {"python": versions[2], "total": 10, "found": 30},
    });
    for _ in 0..2 {
        let ran = Home::new().run("images_per_task", "images_per_task", &parameters);
        assert_eq!((ran.code, &ran.end()["outcome"]["ok"]), (Some(0), &expected));
    }
}

#[test]
fn docker_sidecar_ends_as_its_readme_says() {
    let Some(images) = images() else { return };
    let ran = Home::new().run("docker_sidecar", "docker_sidecar", &[("image", &images[0])]);
    let expected = json!({"status_code": 0, "lines": ["Hello from a sidecar container"]});
    assert_eq!((ran.code, &ran.end()["outcome"]["ok"]), (Some(0), &expected));
}

#[test]
fn docker_sidecar_fetches_the_lines_of_a_container_that_failed() {
    let Some(images) = images() else { return };
    let ran = Home::new().run("docker_sidecar", "docker_sidecar", &[("image", &images[0]), ("exit_code", "3")]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.lines().iter().any(|line| line.contains("Hello from a sidecar container")));
    let failure = &ran.end()["outcome"]["err"];
    assert_eq!(failure["kind"], "exit-code", "{failure}");
    assert!(failure["message"].as_str().is_some_and(|message| message.contains('3')), "{failure}");
}
