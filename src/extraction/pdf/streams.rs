//! Every compressed stream is inflated once, counted and thrown away, before any of it is interpreted.
//!
//! Why: the interpreter inflates without a limit, and takes what it can get of a stream that breaks off; a form would then
//! be read as if it were whole.

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{Dict, Name, Object, Stream};

use super::super::limits::Limits;
use super::super::refusal::Refusal;

/// A trailer is looked for in this many bytes at the end.
const END_WITHIN: usize = 1 << 16;
/// Pixels of a page scanned in full colour at 600 dots per inch, twice over.
const LARGEST_PICTURE: u64 = 1 << 26;

/// Is all there? `Ok(false)` when a stream or the file itself breaks off.
pub(super) fn are_whole(pdf: &Pdf, bytes: &[u8], limits: &Limits) -> Result<bool, Refusal> {
    let end = &bytes[bytes.len().saturating_sub(END_WITHIN)..];
    let mut whole = end.windows(5).any(|window| window == b"%%EOF");
    let mut left = limits.inflated;
    for object in pdf.objects() {
        let Object::Stream(stream) = object else { continue };
        let dict = stream.dict();
        let is = |key: &str, name: &[u8]| dict.get::<Name<'_>>(key).is_some_and(|value| &*value == name);
        // Cross-references and object streams have been read by now.
        if is("Type", b"XRef") || is("Type", b"ObjStm") {
            continue;
        }
        // A picture may be as large as it says; all else shares one allowance.
        let mut own = is("Subtype", b"Image").then(|| surface_of(dict));
        whole &= inflate(&stream, own.as_mut().unwrap_or(&mut left))?;
    }
    Ok(whole)
}

/// Bytes that a picture of this size can have: four components of sixteen bits, and some to spare.
fn surface_of(dict: &Dict<'_>) -> u64 {
    let side = |key: &str| u64::from(dict.get::<u32>(key).unwrap_or(0)).min(1 << 16);
    (side("Width") * side("Height")).min(LARGEST_PICTURE) * 8 + (1 << 20)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    Flate,
    Ascii85,
    AsciiHex,
    Other,
}

fn filters_of(stream: &Stream<'_>) -> Vec<Filter> {
    let kind = |filter: Name<'_>| match &*filter {
        b"FlateDecode" | b"Fl" => Filter::Flate,
        b"ASCII85Decode" | b"A85" => Filter::Ascii85,
        b"ASCIIHexDecode" | b"AHx" => Filter::AsciiHex,
        _ => Filter::Other,
    };
    match stream.dict().get::<Object<'_>>("Filter") {
        Some(Object::Name(name)) => vec![kind(name)],
        Some(Object::Array(names)) => names.iter::<Name<'_>>().take(8).map(kind).collect(),
        _ => Vec::new(),
    }
}

/// Inflates as far as the filters are plain; false when the data breaks off.
fn inflate(stream: &Stream<'_>, left: &mut u64) -> Result<bool, Refusal> {
    let filters = filters_of(stream);
    let Some(last) = filters.iter().rposition(|filter| *filter == Filter::Flate) else { return Ok(true) };
    let mut data = stream.raw_data();
    for (i, filter) in filters[..=last].iter().enumerate() {
        data = match filter {
            Filter::Flate => {
                // Only what another filter takes up is kept.
                let mut kept = (i < last).then(Vec::new);
                if !run(&data, left, kept.as_mut())? {
                    return Ok(false);
                }
                Cow::Owned(kept.unwrap_or_default())
            }
            Filter::Ascii85 => Cow::Owned(ascii_85(&data)),
            Filter::AsciiHex => Cow::Owned(ascii_hex(&data)),
            Filter::Other => return Ok(true),
        };
    }
    Ok(true)
}

fn run(data: &[u8], left: &mut u64, mut kept: Option<&mut Vec<u8>>) -> Result<bool, Refusal> {
    // A checksum that is wrong or missing at the end harms nobody: the two bytes of the zlib header are passed over.
    let headed =
        matches!(data, [cmf, flags, ..] if cmf & 0x0F == 8 && (u16::from(*cmf) << 8 | u16::from(*flags)) % 31 == 0);
    let mut rest = if headed { &data[2..] } else { data };
    let mut inflater = Decompress::new(false);
    let mut buffer = [0u8; 1 << 14];
    loop {
        let (taken, given) = (inflater.total_in(), inflater.total_out());
        let Ok(status) = inflater.decompress(rest, &mut buffer, FlushDecompress::None) else { return Ok(false) };
        let taken = usize::try_from(inflater.total_in() - taken).expect("no more than was handed over");
        let given = usize::try_from(inflater.total_out() - given).expect("no more than the buffer holds");
        rest = &rest[taken..];
        *left = left
            .checked_sub(given as u64)
            .ok_or_else(|| Refusal::TooLarge("its contents inflate beyond measure".to_owned()))?;
        if let Some(kept) = &mut kept {
            kept.extend_from_slice(&buffer[..given]);
        }
        match status {
            Status::StreamEnd => return Ok(true),
            // Nothing taken and nothing given: the data is at its end, its last block is not.
            _ if taken == 0 && given == 0 => return Ok(false),
            _ => {}
        }
    }
}

fn ascii_85(data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len() / 5 * 4 + 4);
    let mut group: Vec<u32> = Vec::with_capacity(5);
    let flush = |group: &mut Vec<u32>, bytes: &mut Vec<u8>| {
        let length = group.len();
        if length < 2 {
            return;
        }
        group.resize(5, 84);
        let value = group.drain(..).fold(0u32, |value, digit| value.wrapping_mul(85).wrapping_add(digit));
        bytes.extend_from_slice(&value.to_be_bytes()[..length - 1]);
    };
    for byte in data.strip_prefix(b"<~").unwrap_or(data) {
        match byte {
            b'~' => break,
            b'z' if group.is_empty() => bytes.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => {
                group.push(u32::from(byte - b'!'));
                if group.len() == 5 {
                    flush(&mut group, &mut bytes);
                }
            }
            _ => {}
        }
    }
    flush(&mut group, &mut bytes);
    bytes
}

fn ascii_hex(data: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = data
        .iter()
        .take_while(|byte| **byte != b'>')
        .filter_map(|byte| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn deflated(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_stream_that_breaks_off_is_known() {
        let data: Vec<u8> = (0..20_000u32).flat_map(|n| (n * n).to_be_bytes()).collect();
        let stream = deflated(&data);
        assert!(run(&stream, &mut 1_000_000, None).unwrap());
        assert!(run(&stream[..stream.len() - 4], &mut 1_000_000, None).unwrap(), "only the checksum is missing");
        assert!(!run(&stream[..stream.len() / 2], &mut 1_000_000, None).unwrap());
        assert!(run(&stream, &mut 1000, None).is_err(), "past the limit");
    }

    #[test]
    fn text_armour_is_taken_off() {
        assert_eq!(ascii_85(b"<~87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(ascii_hex(b"48 65 6c6C 6f>"), b"Hello");
    }
}
