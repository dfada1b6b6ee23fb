//! What counts as a moment.

use super::{NoMoment, Since};
use headwater_core::model::Timestamp;

#[test]
fn so_long_ago() {
    assert_eq!("2h".parse(), Ok(Since::Ago(7_200_000)));
    assert_eq!("1day 30m".parse(), Ok(Since::Ago(88_200_000)));
    assert_eq!(Since::Ago(10).before(Timestamp(25)), Timestamp(15));
}

#[test]
fn a_day_or_a_time() {
    assert_eq!("2000-01-01".parse(), Ok(Since::At(Timestamp(946_684_800_000))));
    assert_eq!("2000-01-01 00:00:01".parse(), Ok(Since::At(Timestamp(946_684_801_000))));
    assert_eq!("2000-01-01T00:00:01Z".parse(), Ok(Since::At(Timestamp(946_684_801_000))));
}

#[test]
fn nothing_else() {
    for text in ["", "yesterday", "2000-13-01", "5"] {
        assert_eq!(text.parse::<Since>(), Err(NoMoment), "{text}");
    }
}
