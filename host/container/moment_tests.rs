//! Engines' times, with and without fractions and offsets.
//! The numbers are those of `date -d … +%s`.

use super::*;

#[test]
fn times_are_read_with_their_offsets() {
    assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
    assert_eq!(seconds("2024-02-29T12:30:45.123456789Z"), Some(1_709_209_845));
    assert_eq!(seconds("2024-02-29T13:30:45+01:00"), Some(1_709_209_845));
    assert_eq!(seconds("2024-02-29T07:00:45.5-05:30"), Some(1_709_209_845));
    for bad in ["", "yesterday", "2024-02-29", "2024-02-29T12:30:45", "0001-01-01T00:00:00Z"] {
        assert_eq!(seconds(bad), None, "{bad}");
    }
    assert_eq!(milliseconds("2024-02-29T07:00:45.5-05:30"), Some(1_709_209_845_500));
    assert_eq!(milliseconds("2024-02-29T12:30:45.0123456Z"), Some(1_709_209_845_012));
    assert_eq!(milliseconds("2024-02-29T12:30:45Z"), Some(1_709_209_845_000));
    assert!(is_older("2024-02-29T12:30:45Z", Duration::from_secs(60)));
    assert!(!is_older("9024-02-29T12:30:45Z", Duration::from_secs(60)));
}
