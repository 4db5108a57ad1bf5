//! Text strings of a PDF: UTF-16 or UTF-8 with a mark in front, else the PDF's own one-byte encoding (ISO 32000-2, Annex D).

/// Decodes a text string; what cannot be decoded becomes U+FFFD.
pub(in super::super) fn decode(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // Programs forget the mark. Letters with accents in the one-byte encoding are never sound UTF-8, and no text has a
        // NUL before every letter.
        _ if lacks_mark(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        [0, _, 0, _, ..] => utf16(bytes, u16::from_be_bytes),
        _ => bytes.iter().map(|byte| pdf_doc(*byte)).collect(),
    };
    without_language_marks(text)
}

fn lacks_mark(bytes: &[u8]) -> bool {
    !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A language may be named inside a string between two ESC characters; it is not part of the text.
fn without_language_marks(text: String) -> String {
    if !text.contains('\u{1b}') {
        return text;
    }
    text.split('\u{1b}').step_by(2).collect()
}

fn pdf_doc(byte: u8) -> char {
    const LOW: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    const HIGH: [char; 31] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ', 'Ł',
        'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž',
    ];
    match byte {
        0x18..=0x1F => LOW[usize::from(byte - 0x18)],
        0x80..=0x9E => HIGH[usize::from(byte - 0x80)],
        0xA0 => '€',
        0x9F | 0xAD => char::REPLACEMENT_CHARACTER,
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_encodings_agree() {
        assert_eq!(decode(b"\xFE\xFF\x00\xE9\x06\x45"), "éم");
        assert_eq!(decode(b"\xFF\xFE\xE9\x00"), "é");
        assert_eq!(decode(b"\xEF\xBB\xBF\xC3\xA9"), "é");
        assert_eq!(decode(b"\xE9 \x9C\xA0"), "é œ€");
        assert_eq!(decode("Société".as_bytes()), "Société", "UTF-8 without its mark");
        assert_eq!(decode(b"\0S\0f\0a\0x"), "Sfax", "UTF-16 without its mark");
        assert_eq!(decode(b"\xFE\xFF\x00\x1B\x00f\x00r\x00\x1B\x00a"), "a");
    }
}
