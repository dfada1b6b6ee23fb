//! Lines whole, cut and dropped, as the sink sees them.

use super::*;
use std::sync::Mutex;

#[derive(Default)]
struct Lines(Mutex<Vec<LogLine>>, Option<Arc<Masker>>);

impl LogSink for Lines {
    fn line(&self, line: LogLine) {
        self.0.lock().unwrap().push(line);
    }

    fn masker(&self) -> Option<Arc<Masker>> {
        self.1.clone()
    }
}

fn log() -> (Arc<Lines>, Log) {
    let lines = Arc::new(Lines::default());
    (Arc::clone(&lines), Log::new(lines))
}

fn texts(lines: &Lines) -> Vec<String> {
    lines.0.lock().unwrap().iter().map(|line| line.text.clone()).collect()
}

#[test]
fn lines_are_put_together_from_pieces_and_the_last_needs_no_end() {
    let (lines, mut log) = log();
    log.write(LogSource::Stdout, b"a");
    log.write(LogSource::Stderr, b"err\n");
    log.write(LogSource::Stdout, b"b\n\nc");
    assert_eq!(texts(&lines), ["err", "ab", ""]);
    log.finish();
    assert_eq!(texts(&lines), ["err", "ab", "", "c"]);
}

#[test]
fn a_long_line_is_cut_and_marked_however_it_comes() {
    let long = "x".repeat(limits::LINE_BYTES_MAX + 10);
    let (lines, mut log) = log();
    log.write(LogSource::Stdout, long.as_bytes());
    log.write(LogSource::Stdout, b"yz\nnext\n");
    log.line(LogLevel::Info, String::new(), long.clone());
    let texts = texts(&lines);
    assert!(texts[0].ends_with("x… [cut: 12 bytes more]"));
    assert_eq!(texts[1], "next");
    assert!(texts[2].ends_with("x… [cut: 10 bytes more]"));
}

#[test]
fn of_too_long_a_log_the_beginning_and_the_end_are_kept_and_one_line_says_so() {
    let (lines, mut log) = log();
    let count = 200_000;
    for number in 0..count {
        log.write(LogSource::Stdout, format!("line {number} {}\n", "-".repeat(50)).as_bytes());
    }
    log.finish();
    let texts = texts(&lines);
    let said = texts.iter().position(|text| text.contains("are left out here")).unwrap();
    let first_kept: usize = texts[said + 1].split(' ').nth(1).unwrap().parse().unwrap();
    assert_eq!(first_kept - said, texts[said].split(' ').next().unwrap().parse::<usize>().unwrap());
    assert!(texts.last().unwrap().starts_with(&format!("line {} ", count - 1)));
    let bytes: usize = texts.iter().map(|text| text.len() + limits::LINE_OVERHEAD_BYTES).sum();
    assert!(bytes < limits::LOG_BYTES_MAX + 1_000 && bytes > limits::LOG_BYTES_MAX - 1_000, "{bytes}");
}

#[test]
fn text_that_is_no_utf8_comes_through_as_well_as_it_can() {
    let (lines, mut log) = log();
    log.write(LogSource::Stdout, b"a\xffb\n");
    assert_eq!(texts(&lines), ["a\u{fffd}b"]);
}

fn log_with_secret(value: &str) -> (Arc<Lines>, Log) {
    let secret = crate::secret::Secret::new(value.to_owned());
    let lines = Arc::new(Lines(Mutex::default(), Some(Arc::new(Masker::new([("TOKEN", &secret)])))));
    (Arc::clone(&lines), Log::new(lines))
}

#[test]
fn a_secret_is_masked_before_a_line_is_cut() {
    let secret = "correct horse battery";
    // So that the cut would go through the midst of it.
    let long = format!("{}{secret}{}", "x".repeat(limits::LINE_BYTES_MAX - 10), "y".repeat(100));
    let (lines, mut log) = log_with_secret(secret);
    log.write(LogSource::Stdout, long.as_bytes());
    log.line(LogLevel::Info, secret.to_owned(), long);
    log.write(LogSource::Stdout, b"\nagain correct ho");
    log.write(LogSource::Stdout, b"rse battery\n");
    log.write(LogSource::Stdout, b"correct hope");
    log.finish();
    let texts = texts(&lines);
    assert_eq!(texts.len(), 4);
    for text in &texts[..2] {
        assert!(text.contains("xxx***yyy") && !text.contains("corr"), "{}", &text[text.len() - 60..]);
    }
    assert_eq!(texts[2..], ["again ***", "correct hope"]);
    assert_eq!(lines.0.lock().unwrap()[0].target, "***");
}

#[test]
fn a_secret_is_masked_before_the_end_of_standard_error_is_cut() {
    let secret = "correct horse battery";
    let (_, mut log) = log_with_secret(secret);
    log.write(LogSource::Stderr, secret.as_bytes());
    log.write(LogSource::Stderr, &vec![b'z'; limits::PANIC_BYTES - 5]);
    log.write(LogSource::Stderr, b"correct horse");
    let tail = log.stderr_tail();
    assert!(tail.starts_with("zz") && tail.ends_with("zcorrect horse"), "{}", &tail[..60]);
}
