//! The flow natively: who gets what, and what runs at once; the containers are faked.

use super::*;
use headwater_sdk::testing::Kit;

fn seen(found: i64) -> impl Fn((Measured, Artifact)) -> Result<Seen> {
    move |(measured, table)| {
        assert_eq!(measured.table, table);
        Ok(Seen { python: measured.python, total: measured.total, found })
    }
}

#[test]
fn the_others_run_at_once_with_as_output() {
    let report = Kit::new()
        .fake(measure::TASK, |(numbers,): (Vec<i64>,)| {
            let table = Artifact::write("table.csv", "text/csv", b"1,1\n")?;
            Ok(Measured { total: numbers.iter().sum(), python: "3.9.2".to_owned(), table })
        })
        .fake(count_rows::TASK, seen(4))
        .fake(find_largest::TASK, seen(16))
        .fake(add_squares::TASK, seen(30))
        .takes(measure::TASK, Duration::from_secs(2))
        .takes(count_rows::TASK, Duration::from_secs(3))
        .takes(find_largest::TASK, Duration::from_secs(3))
        .takes(add_squares::TASK, Duration::from_secs(3))
        .run(images_per_task(vec![1, 2, 3, 4], "a", "b", "c", "d"));
    let result = report.result.unwrap();
    assert_eq!((result.rows.found, result.largest.found, result.squares.found), (4, 16, 30));
    assert_eq!(result.rows.total, 10);
    assert_eq!(report.elapsed, Duration::from_secs(5));
    assert!(report.calls[1..].iter().all(|call| call.upstreams == [0] && call.seen == [0]));
}
