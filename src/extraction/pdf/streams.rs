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
use super::fonts::Unexplained;

/// Pixels of a page scanned in full colour at 600 dots per inch, twice over.
const LARGEST_PICTURE: u64 = 1 << 26;
/// Samples in a row: far more than any page has dots across.
const WIDEST_ROW: f32 = 1e8;

/// Is all there? `Ok(false)` when a stream or the file itself breaks off.
///
/// Fonts that pass by are noted: nothing else looks at every object.
pub(super) fn are_whole(
    pdf: &Pdf,
    bytes: &[u8],
    limits: &Limits,
    unexplained: &mut Unexplained,
) -> Result<bool, Refusal> {
    let mut whole = has_its_end(bytes);
    let mut left = limits.inflated;
    for object in pdf.objects() {
        let stream = match object {
            Object::Stream(stream) => stream,
            Object::Dict(dict) => {
                unexplained.note(&dict);
                continue;
            }
            _ => continue,
        };
        let dict = stream.dict();
        let is = |key: &str, name: &[u8]| dict.get::<Name<'_>>(key).is_some_and(|value| &*value == name);
        if !has_sane_rows(dict) {
            return Err(Refusal::damaged("a stream with rows wider than any picture"));
        }
        // A picture may be as large as it says; all else shares one allowance.
        let mut own = is("Subtype", b"Image").then(|| surface_of(dict));
        whole &= inflate(&stream, own.as_mut().unwrap_or(&mut left))?;
    }
    Ok(whole)
}

/// The file ends with its own mark. What was added to a file has a mark of its own: objects behind the last one are an
/// addition that breaks off, and the file would be read as it was before.
fn has_its_end(bytes: &[u8]) -> bool {
    let mark = bytes.windows(5).rposition(|window| window == b"%%EOF");
    mark.is_some_and(|mark| {
        !bytes[mark..].windows(5).any(|window| window == b" obj\n" || window == b" obj\r" || window == b" obj<")
    })
}

/// The interpreter multiplies the length of a predictor's rows without looking.
fn has_sane_rows(dict: &Dict<'_>) -> bool {
    let is_sane = |parameters: Dict<'_>| parameters.get::<f32>("Columns").is_none_or(|columns| columns < WIDEST_ROW);
    match dict.get::<Object<'_>>("DecodeParms") {
        Some(Object::Dict(parameters)) => is_sane(parameters),
        Some(Object::Array(all)) => all.iter::<Object<'_>>().filter_map(Object::into_dict).all(is_sane),
        _ => true,
    }
}

/// Bytes that a picture of this size can have: four components of sixteen bits, and some to spare.
fn surface_of(dict: &Dict<'_>) -> u64 {
    let side = |key: &str| u64::from(dict.get::<u32>(key).unwrap_or(0)).min(1 << 16);
    (side("Width") * side("Height")).min(LARGEST_PICTURE) * 8 + (1 << 20)
}

/// How a stream is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    Flate,
    Ascii85,
    AsciiHex,
    Lzw,
    /// Decoded elsewhere, with a bounded result.
    Other,
    /// Nobody knows: what it encodes is lost.
    Unknown,
}

impl Filter {
    pub(super) fn named(name: &[u8]) -> Self {
        match name {
            b"FlateDecode" | b"Fl" => Self::Flate,
            b"ASCII85Decode" | b"A85" => Self::Ascii85,
            b"ASCIIHexDecode" | b"AHx" => Self::AsciiHex,
            b"LZWDecode" | b"LZW" => Self::Lzw,
            b"RunLengthDecode" | b"RL" | b"CCITTFaxDecode" | b"CCF" | b"DCTDecode" | b"DCT" | b"JPXDecode"
            | b"JBIG2Decode" | b"Crypt" => Self::Other,
            _ => Self::Unknown,
        }
    }
}

/// Filters of one stream that are looked at; a chain as long is nobody's honest work.
pub(super) const LONGEST_CHAIN: usize = 8;

fn filters_of(stream: &Stream<'_>) -> Vec<Filter> {
    let kind = |filter: Name<'_>| Filter::named(&filter);
    match stream.dict().get::<Object<'_>>("Filter") {
        Some(Object::Name(name)) => vec![kind(name)],
        Some(Object::Array(names)) => names.iter::<Name<'_>>().take(LONGEST_CHAIN).map(kind).collect(),
        _ => Vec::new(),
    }
}

/// Inflates as far as the filters are plain; false when the data breaks off.
fn inflate(stream: &Stream<'_>, left: &mut u64) -> Result<bool, Refusal> {
    let filters = filters_of(stream);
    if filters.contains(&Filter::Unknown) {
        return Ok(false);
    }
    count(&filters, stream.raw_data(), || early_change(stream), left)
}

/// The same for data that stands by itself.
pub(super) fn count(
    filters: &[Filter],
    mut data: Cow<'_, [u8]>,
    early_change: impl Fn() -> usize,
    left: &mut u64,
) -> Result<bool, Refusal> {
    let counted = |filter: &Filter| matches!(filter, Filter::Flate | Filter::Lzw);
    let Some(last) = filters.iter().rposition(counted) else { return Ok(true) };
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
            // A second encoding round this one is not known to be written by anyone.
            Filter::Lzw => return lzw(&data, early_change(), left),
            Filter::Other | Filter::Unknown => return Ok(true),
        };
    }
    Ok(true)
}

/// How inflating came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    /// The data is no such data, or not what its checksum was taken of.
    Broken,
    /// More should follow.
    Cut,
}

fn run(data: &[u8], left: &mut u64, kept: Option<&mut Vec<u8>>) -> Result<bool, Refusal> {
    let headed =
        matches!(data, [cmf, flags, ..] if cmf & 0x0F == 8 && (u16::from(*cmf) << 8 | u16::from(*flags)) % 31 == 0);
    let (before, keeps) = (*left, kept.is_some());
    let mut kept = kept;
    match inflate_all(data, headed, left, kept.as_deref_mut())? {
        End::Whole => Ok(true),
        End::Broken => Ok(false),
        // Where only the checksum at the end is missing, nothing else is.
        End::Cut if headed => {
            *left = before;
            if let Some(kept) = kept.as_deref_mut().filter(|_| keeps) {
                kept.clear();
            }
            Ok(inflate_all(&data[2..], false, left, kept)? == End::Whole)
        }
        End::Cut => Ok(false),
    }
}

fn inflate_all(data: &[u8], headed: bool, left: &mut u64, mut kept: Option<&mut Vec<u8>>) -> Result<End, Refusal> {
    let mut rest = data;
    let mut inflater = Decompress::new(headed);
    let mut buffer = [0u8; 1 << 14];
    loop {
        let (taken, given) = (inflater.total_in(), inflater.total_out());
        let Ok(status) = inflater.decompress(rest, &mut buffer, FlushDecompress::None) else { return Ok(End::Broken) };
        let taken = usize::try_from(inflater.total_in() - taken).expect("no more than was handed over");
        let given = usize::try_from(inflater.total_out() - given).expect("no more than the buffer holds");
        rest = &rest[taken..];
        spend(left, given as u64)?;
        if let Some(kept) = &mut kept {
            kept.extend_from_slice(&buffer[..given]);
        }
        match status {
            Status::StreamEnd => return Ok(End::Whole),
            // Nothing taken and nothing given: the data is at its end, its last block is not.
            _ if taken == 0 && given == 0 => return Ok(End::Cut),
            _ => {}
        }
    }
}

fn spend(left: &mut u64, bytes: u64) -> Result<(), Refusal> {
    *left =
        left.checked_sub(bytes).ok_or_else(|| Refusal::TooLarge("its contents inflate beyond measure".to_owned()))?;
    Ok(())
}

/// Codes grow longer one code early unless the stream says otherwise.
fn early_change(stream: &Stream<'_>) -> usize {
    let parameters = stream.dict().get::<Dict<'_>>("DecodeParms");
    usize::from(parameters.and_then(|parameters| parameters.get::<u32>("EarlyChange")) != Some(0))
}

/// Walks through LZW data by the lengths of its strings alone; true when it ends with its own mark.
fn lzw(data: &[u8], early: usize, left: &mut u64) -> Result<bool, Refusal> {
    const CLEAR: u32 = 256;
    const END: u32 = 257;
    let mut lengths: Vec<u32> = Vec::with_capacity(4096);
    let (mut bits, mut held) = (0u32, 0u32);
    let mut previous: Option<u32> = None;
    for byte in data {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        let width = match lengths.len() + 258 + early {
            ..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
        if held < width {
            continue;
        }
        held -= width;
        let code = bits >> held & ((1 << width) - 1);
        match code {
            CLEAR => {
                lengths.clear();
                previous = None;
            }
            END => return Ok(true),
            code => {
                let known = |code: u32| match code {
                    0..=255 => Some(1),
                    code => lengths.get(code as usize - 258).copied(),
                };
                let length = match (known(code), previous) {
                    (Some(length), _) => length,
                    (None, Some(previous)) => previous + 1,
                    (None, None) => return Ok(false),
                };
                spend(left, u64::from(length))?;
                if let Some(previous) = previous.filter(|_| lengths.len() < 4096 - 258) {
                    lengths.push(previous + 1);
                }
                previous = Some(length);
            }
        }
    }
    Ok(false)
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
        let mut other = stream.clone();
        *other.last_mut().unwrap() ^= 1;
        assert!(!run(&other, &mut 1_000_000, None).unwrap(), "its checksum was taken of other data");
    }

    #[test]
    fn an_addition_that_breaks_off_is_known() {
        let first = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF\n".to_vec();
        let added = [&first[..], b"1 0 obj\n<</V (neu)>>\nendobj\n"].concat();
        assert!(has_its_end(&first));
        assert!(!has_its_end(&added));
        assert!(has_its_end(&[&added[..], b"startxref\n0\n%%EOF\n\0\0\0"].concat()));
        assert!(!has_its_end(&first[..20]));
    }

    #[test]
    fn lzw_data_says_where_it_ends() {
        // The example of ISO 32000-2, 7.4.4.2: 45 45 45 45 45 65 45 45 45 66.
        let data = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01];
        let mut left = 100;
        assert!(lzw(&data, 1, &mut left).unwrap());
        assert_eq!(left, 90, "ten bytes");
        assert!(!lzw(&data[..7], 1, &mut 100).unwrap());
        assert!(lzw(&data, 1, &mut 5).is_err());
    }

    #[test]
    fn text_armour_is_taken_off() {
        assert_eq!(ascii_85(b"<~87cURD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(ascii_hex(b"48 65 6c6C 6f>"), b"Hello");
    }
}
