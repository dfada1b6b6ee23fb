//! Times and durations.

use super::*;

#[test]
fn dates_of_the_calendar() {
    assert_eq!(date_time(Timestamp(0)), "1970-01-01 00:00:00Z");
    assert_eq!(date_time(Timestamp(951_782_400_000)), "2000-02-29 00:00:00Z");
    assert_eq!(date_time(Timestamp(1_646_497_867_386)), "2022-03-05 16:31:07Z");
    assert_eq!(date_time(Timestamp(4_107_542_399_999)), "2100-02-28 23:59:59Z");
    assert_eq!(time_of_day(Timestamp(1_646_497_867_386)), "16:31:07.386");
}

#[test]
fn durations_grow_coarser() {
    assert_eq!(duration(0), "0 ms");
    assert_eq!(duration(1_240), "1.24 s");
    assert_eq!(duration(200_000), "3 min 20 s");
    assert_eq!(duration(7_500_000), "2 h 5 min");
}
