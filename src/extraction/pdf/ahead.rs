//! What the interpreter inflates before anyone can ask it about streams: tables of objects and packed objects. They are found in the
//! bytes of the file, inflated, counted and thrown away.
//!
//! Nothing here decides what the file says. What is overlooked (an encrypted stream, a name spelt past recognition) meets the limit
//! of the process's memory instead.

use std::borrow::Cow;

use super::super::limits::Limits;
use super::super::refusal::Refusal;
use super::streams::{Filter, LONGEST_CHAIN, count};

/// Refuses a file whose packed objects inflate beyond measure.
pub(super) fn measure(bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let mut left = limits.inflated;
    let (mut dict, mut at) = (0, 0);
    // One pass: a dictionary ends where its stream begins, and the next begins behind it.
    while let Some(found) = next_keyword(bytes, at) {
        at = match found {
            Keyword::Object(end) => {
                dict = end;
                end
            }
            Keyword::Stream { from, end } => {
                let described = names(&bytes[dict..from]);
                if described.iter().any(|name| matches!(name.as_slice(), b"ObjStm" | b"XRef")) {
                    let data = end_of_line(&bytes[end..]);
                    // Broken data is the interpreter's to judge; here it only weighs.
                    count(&filters(&bytes[dict..from]), Cow::Borrowed(data), || 1, &mut left)?;
                }
                dict = end;
                end
            }
        };
    }
    Ok(())
}

enum Keyword {
    /// `obj`: a dictionary may follow.
    Object(usize),
    Stream {
        from: usize,
        end: usize,
    },
}

fn next_keyword(bytes: &[u8], at: usize) -> Option<Keyword> {
    for here in at..bytes.len() {
        let rest = &bytes[here..];
        let ends_a_word = here.checked_sub(3).is_some_and(|before| &bytes[before..here] == b"end");
        if rest.starts_with(b"stream") && !ends_a_word {
            return Some(Keyword::Stream { from: here, end: here + 6 });
        }
        if rest.starts_with(b"obj") && !ends_a_word {
            return Some(Keyword::Object(here + 3));
        }
    }
    None
}

fn end_of_line(data: &[u8]) -> &[u8] {
    data.strip_prefix(b"\r\n").or_else(|| data.strip_prefix(b"\n")).or_else(|| data.strip_prefix(b"\r")).unwrap_or(data)
}

/// All names of a dictionary, `#62` and its like spelt out.
fn names(dict: &[u8]) -> Vec<Vec<u8>> {
    dict.split(|byte| *byte == b'/').skip(1).map(name).collect()
}

fn name(text: &[u8]) -> Vec<u8> {
    let end = text.iter().position(|byte| byte.is_ascii_whitespace() || b"/[]<>()%{}\0".contains(byte));
    let text = &text[..end.unwrap_or(text.len())];
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (mut spelt, mut at) = (Vec::with_capacity(text.len()), 0);
    while let Some(byte) = text.get(at) {
        let escaped = (*byte == b'#').then(|| digit(text.get(at + 1)).zip(digit(text.get(at + 2)))).flatten();
        if let Some(byte) = escaped.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            spelt.push(byte);
            at += 3;
        } else {
            spelt.push(*byte);
            at += 1;
        }
    }
    spelt
}

/// The filters a dictionary names, in their order.
fn filters(dict: &[u8]) -> Vec<Filter> {
    let mut parts = dict.split(|byte| *byte == b'/').skip(1);
    let Some(key) = parts.by_ref().find(|part| matches!(name(part).as_slice(), b"Filter" | b"F")) else {
        return Vec::new();
    };
    let several = key.contains(&b'[');
    let mut filters = Vec::new();
    for part in parts.take(if several { LONGEST_CHAIN } else { 1 }) {
        filters.push(Filter::named(&name(part)));
        if part.contains(&b']') {
            break;
        }
    }
    filters
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn deflated(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn file(dict: &str, data: &[u8]) -> Vec<u8> {
        [b"%PDF-1.7\n1 0 obj\n<<", dict.as_bytes(), b">>\nstream\r\n", data, b"\nendstream\nendobj\n"].concat()
    }

    fn is_refused(file: &[u8]) -> bool {
        let limits = Limits { inflated: 1 << 20, ..Limits::default() };
        matches!(measure(file, &limits), Err(Refusal::TooLarge(_)))
    }

    #[test]
    fn packed_objects_that_inflate_beyond_measure_are_refused_before_they_are_opened() {
        let bomb = deflated(&vec![0; 2 << 20]);
        for dict in [
            "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode",
            "/Filter[/FlateDecode]/Type/XRef/W[1 2 1]",
            "/Filter /Fl /Type /O#62jStm",
        ] {
            assert!(is_refused(&file(dict, &bomb)), "{dict}");
        }
        let twice = deflated(&bomb);
        assert!(is_refused(&file("/Type/ObjStm/Filter[/FlateDecode /FlateDecode]", &twice)));
        let small = deflated(&vec![0; 600 << 10]);
        let one = file("/Type/ObjStm/Filter/FlateDecode", &small);
        assert!(!is_refused(&one));
        assert!(is_refused(&[one.clone(), one].concat()), "all share one allowance");
    }

    #[test]
    fn other_streams_and_broken_ones_are_left_to_the_interpreter() {
        let bomb = deflated(&vec![0; 2 << 20]);
        assert!(!is_refused(&file("/Length 5 /Filter /FlateDecode", &bomb)), "it is counted when its page is read");
        assert!(!is_refused(&file("/Type/ObjStm/Filter/FlateDecode", b"no such data")));
        assert!(!is_refused(b"stream obj endobj endstream stream"));
    }

    #[test]
    fn a_file_of_keywords_alone_takes_no_time() {
        let file = b"obj stream /ObjStm ".repeat(200_000);
        assert!(!is_refused(&file));
    }
}
