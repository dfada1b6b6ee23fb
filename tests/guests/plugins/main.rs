//! Flows that call the plugins of this repository as any flow does: by the declarations that lie beside each of them.

use headwater_sdk::prelude::*;

#[path = "../../../plugins/archive/declare.rs"]
mod archive;
#[path = "../../../plugins/csv/declare.rs"]
mod csv;
#[path = "../../../plugins/http/declare.rs"]
mod http;
#[path = "../../../plugins/jq/declare.rs"]
mod jq;
#[path = "../../../plugins/template/declare.rs"]
mod template;

use archive::{Entry, Format, Limits, Listed};
use csv::{Aggregation, Op, ReadOptions, Table, WriteOptions};
use template::Escape;

/// What a filter gives, in two seconds at most.
#[flow]
async fn filter(filter: String, input: serde_json::Value) -> Result<Vec<serde_json::Value>> {
    jq::query(filter, input).timeout(Duration::from_secs(2)).await
}

/// The answer to a request.
#[flow]
async fn ask(request: http::Request, retries: http::Retries) -> Result<http::Answer> {
    http::request(request, retries).await
}

/// Its content as a file.
#[flow]
async fn fetch(request: http::Request) -> Result<http::Download> {
    http::download(request, http::Retries::default(), "page").await
}

/// The same, with the time that the plugin itself gives.
#[flow]
async fn filter_many(filter: String) -> Result<Vec<serde_json::Value>> {
    jq::query(filter, serde_json::Value::Null).await
}

/// The one value that a filter gives, in some seconds at most.
#[flow]
async fn filter_one(filter: String, input: serde_json::Value) -> Result<serde_json::Value> {
    jq::query_one(filter, input).timeout(Duration::from_secs(10)).await
}

/// A table read, split by a column, each part summed up, and written again: as text, and as a file.
#[flow]
async fn sums(text: String, options: ReadOptions, column: String, of: String) -> Result<Vec<String>> {
    let table = csv::parse_csv(text, options).submit();
    let parts = csv::split_table(&table, &column).submit();
    let sum = Aggregation { op: Op::Sum, column: Some(of), name: Some("total".to_owned()) };
    let summed = csv::aggregate::map(&parts, vec![column], vec![sum]).submit();
    csv::write_csv::map(&summed, WriteOptions::default()).await
}

/// A table there and back through files.
#[flow]
async fn tables(table: Table) -> Result<Table> {
    let file = csv::write_csv_file(table, "table.csv", WriteOptions::default()).submit();
    csv::parse_csv_file(&file, ReadOptions::default()).await
}

/// A template filled, as text and as a file.
#[flow]
async fn fill(template: String, context: serde_json::Value, escape: Escape) -> Result<(String, Artifact)> {
    let text = template::render(&template, context.clone(), escape);
    let file = template::render_file(&template, context, escape, "page.html", "text/html");
    try_join!(text, file)
}

/// Makes files.
#[task]
fn files(contents: Vec<(String, String)>) -> Result<Vec<Entry>> {
    let entry = |(path, content): (String, String)| {
        let file = Artifact::write(&path, "text/plain", content.as_bytes())?;
        Ok(Entry { path, file })
    };
    contents.into_iter().map(entry).collect()
}

/// What is in files.
#[task]
fn contents(entries: Vec<Entry>) -> Result<Vec<(String, String)>> {
    entries.into_iter().map(|entry| Ok((entry.path, entry.file.read_text()?))).collect()
}

/// What became of files that were packed.
#[value]
struct Packed {
    archive: Artifact,
    listed: Vec<Listed>,
    contents: Vec<(String, String)>,
}

/// Files packed, listed, unpacked.
#[flow]
async fn archives(files: Vec<(String, String)>, format: Format) -> Result<Packed> {
    let packed = archive::pack(self::files(files), format, "packed").submit();
    let listed = archive::list_archive(&packed, format, Limits::default()).submit();
    let unpacked = archive::unpack(&packed, format, Limits::default()).submit();
    let contents = contents(&unpacked).await?;
    Ok(Packed { archive: packed.await?, listed: listed.await?, contents })
}

/// Makes a file of these bytes.
#[task]
fn bytes(name: String, bytes: Vec<u8>) -> Result<Artifact> {
    Artifact::write(name, "application/octet-stream", &bytes)
}

/// A long text that says little.
#[task]
fn zeros(count: u64) -> Result<Vec<(String, String)>> {
    Ok(vec![("zeros".to_owned(), "0".repeat(count as usize))])
}

/// An archive that grows when it is unpacked.
#[flow]
async fn bombs(count: u64, format: Format) -> Result<u64> {
    let packed = archive::pack(files(zeros(count)), format, "bomb").submit();
    let unpacked = archive::unpack(&packed, format, Limits::default()).await?;
    Ok(unpacked.len() as u64)
}

/// An archive of any bytes.
#[flow]
async fn any_archive(archive: Vec<u8>, format: Format) -> Result<u64> {
    let unpacked = archive::unpack(bytes("any", archive), format, Limits::default()).await?;
    Ok(unpacked.len() as u64)
}

headwater_sdk::component!();
