//! Names of dropped files. A name is bytes a stranger chose: it is shown escaped, and what we write is named anew.
//!
//! No path is ever built from a dropped name; [`sanitised`] makes the readable part of an answer's name, which the
//! reference beside it makes unique.

use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;

use super::card_number;

/// Longest sanitised name: leaves room for a reference and an ending within the 255 bytes of a file name.
pub const LONGEST: usize = 96;

/// A name for people: what could deceive the eye, break a line or is no text is spelt out, and a card number masked.
///
/// ```
/// # use guichet::domain::file_name::shown;
/// assert_eq!(shown("réponse.pdf".as_bytes()), "réponse.pdf");
/// assert_eq!(shown(b"a\nb\xff.pdf"), r"a\u{a}b\xff.pdf");
/// ```
#[must_use]
pub fn shown(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\\' {
                text.push_str(r"\\");
            } else if c.is_control() || is_deceptive(c) {
                // Writing to a text cannot fail.
                let _ = write!(text, r"\u{{{:x}}}", u32::from(c));
            } else {
                text.push(c);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, r"\x{byte:02x}");
        }
    }
    card_number::masked(&text).unwrap_or(text)
}

/// The name of an answer's file, from the name of the file it answers: ASCII letters, digits, `.`, `_` and `-` only, at
/// most [`LONGEST`] bytes, never empty, never hidden, never an option, never a device of Windows.
///
/// ```
/// # use guichet::domain::file_name::sanitised;
/// assert_eq!(sanitised("../Réponse  n° 3 (été).pdf"), "Reponse_n_3_ete.pdf");
/// assert_eq!(sanitised("استمارة"), "document");
/// ```
#[must_use]
pub fn sanitised(name: &str) -> String {
    let masked = card_number::masked(name);
    let mut safe = String::with_capacity(LONGEST);
    for c in masked.as_deref().unwrap_or(name).nfkd() {
        let kept = match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' => c,
            '\u{300}'..='\u{36f}' => continue,
            _ => '_',
        };
        let last = safe.chars().next_back();
        // One mark between two words: no `..`, no `__`, nothing that hides or takes for an option at the front.
        match (last, kept) {
            (None | Some('.' | '_' | '-'), '_') | (None | Some('.' | '-'), '.' | '-') => {}
            (Some('_'), '.' | '-') => {
                safe.pop();
                safe.push(kept);
            }
            _ => safe.push(kept),
        }
        if safe.len() == LONGEST {
            break;
        }
    }
    let safe = safe.trim_matches(['.', '_', '-']);
    if safe.is_empty() {
        "document".to_owned()
    } else if is_device(safe) {
        format!("document-{safe}")
    } else {
        safe.to_owned()
    }
}

/// Characters that turn the direction of text, hide themselves or start a line.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Windows takes these for devices, whatever their ending; banks read our answers on Windows.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = |device: &str| stem.strip_prefix(device).is_some_and(|n| matches!(n.as_bytes(), [b'1'..=b'9']));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_deceives_is_spelt_out() {
        for (name, shown_as) in [
            (&b"fdp.\xe2\x80\xaeexe"[..], r"fdp.\u{202e}exe"),
            (b"a\tb\r\n", r"a\u{9}b\u{d}\u{a}"),
            (b"\xc3", r"\xc3"),
            (b"\\xff", r"\\xff"),
            ("été <b>&.pdf".as_bytes(), "été <b>&.pdf"),
            ("استمارة.pdf".as_bytes(), "استمارة.pdf"),
        ] {
            assert_eq!(shown(name), shown_as);
        }
    }

    #[test]
    fn two_names_are_never_shown_alike() {
        assert_ne!(shown(b"\xff"), shown(br"\xff"));
        assert_ne!(shown(b"\n"), shown(br"\u{a}"));
    }

    #[test]
    fn an_answer_is_named_plainly() {
        for (name, safe) in [
            ("../../etc/passwd", "etc_passwd"),
            ("-rf.pdf", "rf.pdf"),
            (".hidden", "hidden"),
            ("...", "document"),
            ("", "document"),
            ("a / b \\ c.xlsx", "a_b_c.xlsx"),
            ("NUL.pdf", "document-NUL.pdf"),
            ("com1", "document-com1"),
            ("company.pdf", "company.pdf"),
            ("Œuvre.pdf", "uvre.pdf"),
            ("formulaire (1).pdf", "formulaire_1.pdf"),
        ] {
            assert_eq!(sanitised(name), safe, "{name}");
        }
        assert_eq!(sanitised(&"a".repeat(300)).len(), LONGEST);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_shown_and_named(name in prop::collection::vec(any::<u8>(), 0..300)) {
            let shown = shown(&name);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_deceptive(c)));
            let safe = sanitised(&shown);
            prop_assert!((1..=LONGEST + 9).contains(&safe.len()));
            prop_assert!(safe.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
            prop_assert!(!safe.starts_with(['.', '-', '_']) && !safe.contains("..") && !safe.ends_with('.'));
            prop_assert_eq!(sanitised(&safe), safe);
        }
    }
}
