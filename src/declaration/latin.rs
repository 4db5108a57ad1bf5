//! Names in the letters that the format takes: capitals of US-ASCII.

use unicode_normalization::UnicodeNormalization;

/// Capitals without accents; `None` when a letter has no Latin form.
pub(super) fn capitals(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd() {
        match c {
            // Accents, marks of direction, the sign of « n° » and what marks a brand: nothing is added to the name.
            '°'
            | '®'
            | '©'
            | '™'
            | '\u{300}'..='\u{36f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' => {}
            'œ' | 'Œ' => out.push_str("OE"),
            'æ' | 'Æ' => out.push_str("AE"),
            'ß' => out.push_str("SS"),
            'ø' | 'Ø' => out.push('O'),
            'ł' | 'Ł' => out.push('L'),
            'đ' | 'Đ' | 'ð' | 'Ð' => out.push('D'),
            'þ' | 'Þ' => out.push_str("TH"),
            'ı' => out.push('I'),
            '‘' | '’' | 'ʼ' | '´' | '‹' | '›' => out.push('\''),
            '“' | '”' | '„' | '«' | '»' => out.push('"'),
            '‐'..='―' | '−' => out.push('-'),
            '•' | '·' | '…' => out.push('.'),
            '€' => out.push_str("EUR"),
            '⁄' => out.push('/'),
            c if c.is_whitespace() => out.push(' '),
            ' '..='~' => out.push(c.to_ascii_uppercase()),
            _ => return None,
        }
    }
    Some(out.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_ligatures_become_plain_capitals() {
        for (printed, written) in [
            ("Café Œuvre & Fils", "CAFE OEUVRE & FILS"),
            ("L’Été « naïf » – 2ᵉ étage", "L'ETE \" NAIF \" - 2E ETAGE"),
            ("Straße n° 3", "STRASSE N 3"),
            ("Bélaïd Ñúñez", "BELAID NUNEZ"),
        ] {
            assert_eq!(capitals(printed).as_deref(), Some(written), "{printed}");
        }
        assert_eq!(capitals("شركة النور"), None);
        assert_eq!(capitals("Société النور"), None);
    }
}
