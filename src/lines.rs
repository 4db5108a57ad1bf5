//! Where in a JSON file a fault stands. A value is read from its own part of the text, so that what is wrong with it can be told
//! with its line, and one faulty value does not hide the next.

use std::ops::Range;

use serde::de::DeserializeOwned;

/// Reads a whole file; a fault is `LINE: what`.
pub fn json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    parse(text, 0..text.len())
}

/// Reads the value at a path of keys; a fault is `LINE: path: what`. The text as a whole is known to be JSON.
pub fn json_at<T: DeserializeOwned>(text: &str, path: &[&str]) -> Result<T, String> {
    let name = path.join(".");
    match find(text, path) {
        Some(span) => parse(text, span).map_err(|fault| {
            let (line, what) = fault.split_once(": ").unwrap_or(("1", &fault));
            format!("{line}: {name}: {what}")
        }),
        None => Err(format!("{}: {name}: missing", line_of(text, path))),
    }
}

/// Line of the value at a path, else of the nearest value above it that is there.
#[must_use]
pub fn line_of(text: &str, path: &[&str]) -> usize {
    let known = (0..=path.len()).rev().find_map(|length| find(text, &path[..length]));
    line_at(text, known.map_or(0, |span| span.start))
}

fn line_at(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

fn parse<T: DeserializeOwned>(text: &str, span: Range<usize>) -> Result<T, String> {
    serde_json::from_str(&text[span.clone()]).map_err(|err| {
        let what = err.to_string();
        let what = what.rfind(" at line ").map_or(what.as_str(), |at| &what[..at]);
        format!("{}: {what}", line_at(text, span.start) + err.line().saturating_sub(1))
    })
}

/// The part of a JSON text that holds the value at a path of keys.
fn find(text: &str, path: &[&str]) -> Option<Range<usize>> {
    let mut at = skip_space(text, 0);
    for wanted in path {
        at = enter(text, at, wanted)?;
    }
    Some(at..end_of(text, at)?)
}

/// Start of the value that an object has under a key.
fn enter(text: &str, object: usize, wanted: &str) -> Option<usize> {
    let mut at = skip_space(text, text[object..].strip_prefix('{').map(|_| object + 1)?);
    while text.as_bytes().get(at) == Some(&b'"') {
        let key = at..end_of(text, at)?;
        let colon = skip_space(text, key.end);
        let value = skip_space(text, colon + 1);
        if serde_json::from_str::<String>(&text[key]).is_ok_and(|key| key == wanted) {
            return Some(value);
        }
        let comma = skip_space(text, end_of(text, value)?);
        at = skip_space(text, comma + 1);
    }
    None
}

/// End of the value that starts here.
fn end_of(text: &str, start: usize) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, start);
    let bytes = text.as_bytes();
    loop {
        match *bytes.get(at)? {
            b'"' => {
                at += 1;
                while *bytes.get(at)? != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            // A number or a word: up to what follows it.
            _ if depth == 0 => {
                let rest = &text[at..];
                return Some(at + rest.find([',', '}', ']', ' ', '\n', '\r', '\t']).unwrap_or(rest.len()));
            }
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

fn skip_space(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.len() - rest.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n \"a\": [1, {\"b\": \"}\\\"\"}],\n \"c\\u0065\": {\n  \"n\": 12,\n  \"t\": true\n }\n}\n";

    #[test]
    fn a_value_is_read_from_its_own_place() {
        assert_eq!(json_at::<u8>(TEXT, &["ce", "n"]), Ok(12));
        assert_eq!(json_at::<bool>(TEXT, &["ce", "t"]), Ok(true));
        assert!(json::<serde_json::Value>(TEXT).is_ok());
    }

    #[test]
    fn a_fault_is_told_with_its_line_in_the_file() {
        let fault = json_at::<u8>(TEXT, &["ce", "t"]).unwrap_err();
        assert_eq!(fault, "5: ce.t: invalid type: boolean `true`, expected u8");
        assert_eq!(json_at::<u8>(TEXT, &["ce", "x"]).unwrap_err(), "3: ce.x: missing");
        assert_eq!(json::<serde_json::Value>("{\n\"a\" 1}").unwrap_err(), "2: expected `:`");
        assert_eq!(line_of(TEXT, &["nothing"]), 1);
    }
}
