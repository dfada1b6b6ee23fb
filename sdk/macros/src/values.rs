//! Single values of attributes: texts, numbers, lengths of time, sizes; and the collection of mistakes.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprLit, ExprUnary, Lit, Result, UnOp};

/// Mistakes so far: all of them are reported at once.
#[derive(Default)]
pub struct Errors(Option<Error>);

impl Errors {
    pub fn add(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(Error::new(span, message));
    }

    pub fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// The value, or the mistake's note.
    pub fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    pub fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

fn literal(value: &Expr) -> Option<&Lit> {
    match value {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

pub fn text(value: &Expr) -> Result<String> {
    match literal(value) {
        Some(Lit::Str(text)) => Ok(text.value()),
        _ => Err(Error::new(value.span(), "expected a text in quotes")),
    }
}

fn list<T>(value: &Expr, what: &str, one: impl Fn(&Expr) -> Result<T>) -> Result<Vec<T>> {
    match value {
        Expr::Array(array) => array.elems.iter().map(one).collect(),
        _ => Err(Error::new(value.span(), format!("expected a list of {what} in brackets"))),
    }
}

pub fn texts(value: &Expr) -> Result<Vec<String>> {
    list(value, "texts, as `[\"ls\", \"-l\"]`,", text)
}

/// One text, or a list of them.
pub fn text_or_texts(value: &Expr) -> Result<Vec<String>> {
    if matches!(value, Expr::Array(_)) { texts(value) } else { text(value).map(|one| vec![one]) }
}

pub fn count(value: &Expr) -> Result<u32> {
    match literal(value) {
        Some(Lit::Int(number)) => number.base10_parse(),
        _ => Err(Error::new(value.span(), "expected a whole number, as `3`")),
    }
}

pub fn number(value: &Expr) -> Result<f64> {
    match literal(value) {
        Some(Lit::Int(number)) => number.base10_parse(),
        Some(Lit::Float(number)) => number.base10_parse(),
        _ => Err(Error::new(value.span(), "expected a number, as `1.5`")),
    }
}

pub fn flag(value: &Expr) -> Result<bool> {
    match literal(value) {
        Some(Lit::Bool(flag)) => Ok(flag.value),
        _ => Err(Error::new(value.span(), "expected `true` or `false`")),
    }
}

pub fn exit_codes(value: &Expr) -> Result<Vec<i32>> {
    list(value, "exit codes, as `[0, 3]`,", |code| match code {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => Ok(-(i32::try_from(count(expr)?).unwrap_or(i32::MAX))),
        code => i32::try_from(count(code)?).map_err(|_| Error::new(code.span(), "no exit code is as large as that")),
    })
}

/// One text, or a list of them, each with its place.
pub fn spanned_texts(value: &Expr) -> Result<Vec<(String, Span)>> {
    let spanned = |value: &Expr| Ok((text(value)?, value.span()));
    match value {
        Expr::Array(_) => list(value, "texts", spanned),
        _ => Ok(vec![spanned(value)?]),
    }
}

/// `NAME=value`.
pub fn variable(text: &str, span: Span) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Error::new(span, "expected a variable, as `\"NAME=value\"`")),
    }
}

/// The name of a variable whose value is the operator's.
pub fn variable_name(text: String, span: Span) -> Result<String> {
    if text.is_empty() || text.contains('=') {
        return Err(Error::new(span, "a task with a body asks for the operator's variable by its name, as `\"NAME\"`"));
    }
    Ok(text)
}

/// A number and its unit, parted.
fn parted(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    Some((text[..digits].parse().ok()?, text[digits..].trim_start()))
}

/// A length of time in milliseconds.
pub fn milliseconds(value: &Expr) -> Result<u64> {
    let unit = |unit: &str| match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    with_unit(value, unit, "a length of time, as `\"250ms\"`, `\"1s\"`, `\"5m\"`, `\"2h\"` or `\"1d\"`")
}

pub fn many_milliseconds(value: &Expr) -> Result<Vec<u64>> {
    list(value, "lengths of time, as `[\"1s\", \"10s\"]`,", milliseconds)
}

/// A size in bytes.
pub fn bytes(value: &Expr) -> Result<u64> {
    let unit = |unit: &str| match unit {
        "B" => Some(1),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        "KB" => Some(1_000),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        _ => None,
    };
    with_unit(value, unit, "a size, as `\"512MiB\"` or `\"2GB\"`")
}

fn with_unit(value: &Expr, unit: impl Fn(&str) -> Option<u64>, what: &str) -> Result<u64> {
    let wrong = || Error::new(value.span(), format!("expected {what}"));
    let text = text(value).map_err(|_| wrong())?;
    let (number, name) = parted(&text).ok_or_else(wrong)?;
    unit(name).and_then(|unit| number.checked_mul(unit)).ok_or_else(wrong)
}

/// One of a few texts.
pub fn one_of<'a>(value: &Expr, known: &[&'a str]) -> Result<&'a str> {
    let listed: Vec<String> = known.iter().map(|known| format!("`\"{known}\"`")).collect();
    let wrong = || Error::new(value.span(), format!("expected {}", listed.join(" or ")));
    let given = text(value).map_err(|_| wrong())?;
    known.iter().find(|known| **known == given).copied().ok_or_else(wrong)
}
