//! One flow, four tasks, each in an image of its own: A, then B, C and D at once, with A's output as their input, typed and as a file.
//!
//! The tasks are Python programs that need nothing but `python3`. They find their input under `{in}`, leave files under `{out}`, and
//! their result is `{out}/result.json` or the last line they print. They hold no brace of their own, since braces name arguments.

use headwater_sdk::prelude::*;

/// What A found.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The sum of the numbers.
    pub total: i64,
    /// The version of the Python it ran on.
    pub python: String,
    /// Number and square, one pair a line.
    pub table: Artifact,
}

/// What one of the others saw.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The version of the Python it ran on.
    pub python: String,
    /// The sum, as A's typed result has it.
    pub total: i64,
    /// What it found in A's file.
    pub found: i64,
}

/// The flow's result.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Which Python ran A.
    pub measured_on: String,
    /// B counted the rows.
    pub rows: Seen,
    /// C looked for the largest square.
    pub largest: Seen,
    /// D added the squares up.
    pub squares: Seen,
}

/// A: writes a typed result and a file.
#[task(
    image = "python:3.9-slim",
    command = ["python3", "-c", r#"
import json, os, platform, sys
source, out = sys.argv[1:]
numbers = json.load(open(source))
with open(os.path.join(out, "table.csv"), "w") as table:
    for n in numbers:
        table.write("%d,%d\n" % (n, n * n))
print("measured %d numbers" % len(numbers))
result = dict(total=sum(numbers), python=platform.python_version(), table=dict([("$artifact", "out:table.csv")]))
with open(os.path.join(out, "result.json"), "w") as file:
    json.dump(result, file)
"#, "{in}/numbers", "{out}"]
)]
async fn measure(numbers: Vec<i64>) -> Result<Measured>;

/// B: counts the rows of A's file.
#[task(
    image = "python:3.9-slim",
    command = ["python3", "-c", r#"
import json, platform, sys
measured, table = json.load(open(sys.argv[1])), open(sys.argv[2])
print(json.dumps(dict(python=platform.python_version(), total=measured["total"], found=len(list(table)))))
"#, "{in}/measured", "{in}/table"]
)]
async fn count_rows(measured: Measured, table: Artifact) -> Result<Seen>;

/// C: finds the largest square in A's file.
#[task(
    image = "python:3.8-slim",
    command = ["python3", "-c", r#"
import json, platform, sys
measured, table = json.load(open(sys.argv[1])), open(sys.argv[2])
largest = max(int(line.split(",")[1]) for line in table)
print(json.dumps(dict(python=platform.python_version(), total=measured["total"], found=largest)))
"#, "{in}/measured", "{in}/table"]
)]
async fn find_largest(measured: Measured, table: Artifact) -> Result<Seen>;

/// D: adds up the squares in A's file.
#[task(
    image = "python:3.7-slim",
    command = ["python3", "-c", r#"
import json, platform, sys
measured, table = json.load(open(sys.argv[1])), open(sys.argv[2])
squares = sum(int(line.split(",")[1]) for line in table)
print(json.dumps(dict(python=platform.python_version(), total=measured["total"], found=squares)))
"#, "{in}/measured", "{in}/table"]
)]
async fn add_squares(measured: Measured, table: Artifact) -> Result<Seen>;

/// Runs A, then B, C and D at once, each in the image that the parameters name.
#[flow]
async fn images_per_task(
    #[default([1, 2, 3, 4])] numbers: Vec<i64>,
    #[default("python:3.9-slim")] image_a: String,
    #[default("python:3.9-slim")] image_b: String,
    #[default("python:3.8-slim")] image_c: String,
    #[default("python:3.7-slim")] image_d: String,
) -> Result<Report> {
    let handle = measure(numbers).image(image_a).submit();
    let measured = (&handle).await?;
    println!("A measured a total of {} on Python {}", measured.total, measured.python);

    let table = &measured.table;
    let (rows, largest, squares) = try_join!(
        count_rows(&handle, table).image(image_b),
        find_largest(&handle, table).image(image_c),
        add_squares(&handle, table).image(image_d),
    )?;
    for (task, seen) in [("B", &rows), ("C", &largest), ("D", &squares)] {
        println!("{task} found {} on Python {}", seen.found, seen.python);
    }
    Ok(Report { measured_on: measured.python, rows, largest, squares })
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
