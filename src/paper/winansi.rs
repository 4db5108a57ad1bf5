//! Windows-1252, the encoding of the standard fonts.

/// The text in Windows-1252, composed first; `?` where it has no such letter.
pub(super) fn encoded(text: &str) -> Vec<u8> {
    use unicode_normalization::UnicodeNormalization;
    text.nfc().map(|c| byte(c).unwrap_or(b'?')).collect()
}

/// The standard fonts have every letter of it.
#[must_use]
pub fn is_printable(text: &str) -> bool {
    use unicode_normalization::UnicodeNormalization;
    text.nfc().all(|c| byte(c).is_some())
}

fn byte(c: char) -> Option<u8> {
    Some(match c {
        ' '..='~' => u8::try_from(u32::from(c)).ok()?,
        '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(c)).ok()?,
        '€' => 0x80,
        '‚' => 0x82,
        '…' => 0x85,
        'Œ' => 0x8c,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        '™' => 0x99,
        'œ' => 0x9c,
        'Ÿ' => 0x9f,
        '\u{202f}' | '\u{2009}' => 0xa0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn french_is_whole_and_arabic_is_marked() {
        assert_eq!(encoded("Œuvre à 10 €"), b"\x8cuvre \xe0 10 \x80");
        assert_eq!(encoded("e\u{301}"), b"\xe9");
        assert_eq!(encoded("تونس"), b"????");
    }
}
