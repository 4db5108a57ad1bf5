//! What a printed text looks like.
//!
//! The look tells for which kinds of value a text may stand; it decides between labels that sound alike.

use super::fold;
use crate::domain::values::{self, Country, ValueType};

/// A name, a telephone, an e-mail: asked of the people a form knows and of those it does not.
pub(super) fn is_of_anybody(kind: ValueType) -> bool {
    matches!(kind, ValueType::PersonName | ValueType::Telephone | ValueType::Email)
}

/// How well a text suits a kind of value: 1 its very look, 0.5 possible, 0 not at all.
pub(super) fn fit(value_type: ValueType, text: &str) -> f32 {
    let text = values::western_digits(text.trim());
    let text = text.as_str();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let marks = |yes: bool| if yes { 1.0 } else { 0.0 };
    match value_type {
        ValueType::Rib => match digits {
            20 | 22 if letters <= 40 => 1.0,
            16..=24 if letters <= 2 => 0.7,
            _ if text.contains("E+") && digits >= 10 => 0.7,
            _ => 0.0,
        },
        ValueType::MatriculeFiscal => {
            let compact: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
            let lead = compact.chars().take_while(char::is_ascii_digit).count();
            match (lead, compact.len()) {
                (5..=8, 9..=14) if (2..=4).contains(&(letters)) => 1.0,
                (5..=8, 6..=14) if letters <= 4 => 0.6,
                _ => 0.0,
            }
        }
        ValueType::IdentifiantRne => {
            let compact: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
            if compact.len() <= 9 && (6..=8).contains(&digits) && letters == 1 {
                1.0
            } else {
                marks(digits >= 5 && letters <= 3) * 0.5
            }
        }
        ValueType::RegistreCommerce => marks(digits >= 5 && letters <= 4) * 0.7,
        ValueType::PieceNumero => match (digits, letters) {
            (8, 0) => 1.0,
            (5..=12, 0..=3) => 0.8,
            _ => 0.0,
        },
        ValueType::Telephone => match digits {
            8 if letters == 0 => 1.0,
            10..=13 if letters == 0 => 0.9,
            6..=14 if letters <= 3 => 0.4,
            _ => 0.0,
        },
        ValueType::Email => {
            if text.contains('@') {
                1.0
            } else {
                marks(text.contains('.') && !text.contains("://") && !text.contains('/') && letters > 4) * 0.4
            }
        }
        ValueType::Url => {
            let lower = text.to_lowercase();
            if lower.contains("://") || lower.starts_with("www.") {
                1.0
            } else {
                marks(!text.contains('@') && looks_like_host(&lower)) * 0.9
            }
        }
        ValueType::Date => {
            if values::parse_date(text).is_ok() {
                1.0
            } else {
                marks((3..=8).contains(&digits) && letters <= 12) * 0.3
            }
        }
        ValueType::Amount | ValueType::Percent => {
            if digits > 0 && letters <= 8 && values::Amount::parse(text).is_ok() {
                0.9
            } else {
                marks(digits > 0 && letters <= 6) * 0.3
            }
        }
        ValueType::Integer => {
            if digits > 0 && letters == 0 {
                0.9
            } else {
                marks(digits > 0 && letters < 12) * 0.4
            }
        }
        ValueType::CodePostal => {
            if digits == 4 && letters == 0 {
                1.0
            } else {
                marks(has_word(text, 4)) * 0.8
            }
        }
        ValueType::Mcc => {
            if digits == 4 && letters == 0 {
                1.0
            } else {
                marks(has_word(text, 4)) * 0.6
            }
        }
        ValueType::CodeBanque => marks(digits == 2 && letters == 0) + marks(digits == 1 && letters == 0) * 0.5,
        ValueType::CodeAgence => {
            marks(digits == 3 && letters == 0) + marks((1..=2).contains(&digits) && letters == 0) * 0.5
        }
        ValueType::Ip | ValueType::IpList => {
            if text
                .split(|c: char| c.is_whitespace() || ",;/|".contains(c))
                .any(|part| part.parse::<std::net::IpAddr>().is_ok())
            {
                1.0
            } else {
                marks(digits >= 4 && text.matches('.').count() >= 2 && letters < 3) * 0.5
            }
        }
        ValueType::Country => {
            if Country::parse(text).is_some() {
                1.0
            } else {
                marks(digits == 0 && letters < 24) * 0.5
            }
        }
        ValueType::Governorate | ValueType::Bank => marks(digits == 0 && letters > 1 && !text.contains('@')) * 0.6,
        ValueType::Flag => {
            if flag(text).is_some() {
                1.0
            } else {
                0.1
            }
        }
        ValueType::PersonName => {
            marks(
                digits == 0
                    && letters > 1
                    && !text.contains('@')
                    && !text.contains("://")
                    && !looks_like_host(&text.to_lowercase()),
            ) * 0.7
        }
        ValueType::Text => {
            let looks = [ValueType::Rib, ValueType::Email, ValueType::Url];
            if looks.iter().any(|other| fit(*other, text) >= 0.9) || flag(text).is_some() { 0.2 } else { 0.6 }
        }
        ValueType::Choice | ValueType::Choices | ValueType::Rows | ValueType::Ink => 0.5,
    }
}

fn has_word(text: &str, digits: usize) -> bool {
    text.split_whitespace().any(|word| word.len() == digits && word.bytes().all(|b| b.is_ascii_digit()))
}

fn looks_like_host(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
        && labels.last().is_some_and(|last| last.len() >= 2 && last.chars().all(|c| c.is_ascii_alphabetic()))
}

/// Tidied, without the dotted leaders of the form.
pub(super) fn printed(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().filter(|word| !is_filler(word)).collect();
    let text = words.join(" ");
    let text = text.trim_matches(|c| matches!(c, '_' | '…'));
    let bare = text.trim_end_matches(['.', '_', '…', ' ']);
    // Nothing ends with a comma: the sentence goes on.
    values::tidy(if text.len() - bare.len() >= 4 { bare } else { text }.trim_end_matches([',', ';', ' ']))
}

fn is_filler(word: &str) -> bool {
    fold::is_leader(word) && (word.chars().count() > 2 || word.contains(['_', '…']))
}

/// Yes or no, in words.
pub(super) fn flag(text: &str) -> Option<bool> {
    match fold::words(text).join(" ").as_str() {
        "oui" | "yes" | "vrai" | "true" | "نعم" | "x" | "1" | "on" => Some(true),
        "non" | "no" | "faux" | "false" | "لا" | "0" | "off" => Some(false),
        _ => None,
    }
}

/// `71 234 567`, `+216 71 234 567`, `(+216) 71.234.567`: grouped or led as telephones are, unlike a bare number of eight digits.
pub(super) fn is_grouped_telephone(text: &str) -> bool {
    let text = values::western_digits(text.trim());
    let led = text.starts_with(['+', '(']) || text.starts_with("00216") || text.starts_with("216 ");
    let groups: Vec<&str> = text.split([' ', '.', '-']).filter(|group| !group.is_empty()).collect();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let only = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '+' | '(' | ')'));
    only && (digits == 8 && (3..=4).contains(&groups.len()) || led && (11..=13).contains(&digits))
}

/// Names the form of a company, as no person's name does.
pub(super) fn names_company(text: &str) -> bool {
    let is_form =
        |word: &String| matches!(word.as_str(), "sarl" | "suarl" | "sa" | "sas" | "snc" | "ste" | "societe" | "ets");
    fold::words(text).iter().any(is_form)
}

/// `néant`, `N/A`, `-`: written where there is nothing to write.
pub(super) fn says_nothing(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.contains(char::REPLACEMENT_CHARACTER) {
        return false;
    }
    matches!(
        fold::words(text).join(" ").as_str(),
        "" | "neant"
            | "n a"
            | "na"
            | "s o"
            | "so"
            | "sans objet"
            | "non applicable"
            | "not applicable"
            | "aucun"
            | "aucune"
            | "none"
            | "nil"
            | "rien"
            | "non concerne"
            | "non attribue"
            | "en cours"
            | "a definir"
            | "a preciser"
            | "a completer"
            | "لا شيء"
            | "لا يوجد"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_suits_the_type_it_looks_like() {
        for (value_type, text) in [
            (ValueType::Rib, "TN59 0800 6012 3456 7890 1231"),
            (ValueType::Rib, "Code banque : 08 Code agence : 006 N° de compte : 0123456789012 Clé RIB : 31"),
            (ValueType::MatriculeFiscal, "1234567 r a m 000"),
            (ValueType::Telephone, "71 234 567"),
            (ValueType::Email, "a.b@exemple.tn"),
            (ValueType::Url, "www.exemple.tn"),
            (ValueType::Date, "10 août 2026"),
            (ValueType::Ip, "197.13.2.1"),
        ] {
            assert!(fit(value_type, text) >= 0.9, "{value_type:?} {text}");
            assert!(fit(ValueType::PersonName, text) < 0.5, "{text}");
        }
        assert!(fit(ValueType::Url, "a.b@exemple.tn") < 0.1);
        assert!(fit(ValueType::Telephone, "1234567RAM000") < 0.5);
    }

    #[test]
    fn a_stroke_and_a_word_for_nothing_are_no_answers() {
        for text in ["-", "--", "/", "N/A", "n.a.", "Néant", "NEANT.", "Sans objet", "—"] {
            assert!(says_nothing(text), "{text}");
        }
        for text in ["", "Nantes", "0", "n° 4", "Aucun Souci SARL", "\u{fffd}"] {
            assert!(!says_nothing(text), "{text}");
        }
    }

    #[test]
    fn a_telephone_and_a_company_are_known_by_their_looks() {
        for text in ["71 234 567", "+216 71 234 567", "(+216) 71.234.567", "00216 71234567", "71.23.45.67"] {
            assert!(is_grouped_telephone(text), "{text}");
        }
        for text in ["71234567", "12 rue 4", "2026-1234", "20 123 456 789 01"] {
            assert!(!is_grouped_telephone(text), "{text}");
        }
        assert!(names_company("Les Jardins SARL") && !names_company("Sabrina Saidi"));
    }

    #[test]
    fn leaders_are_no_part_of_a_value() {
        assert_eq!(printed("Tunis____________"), "Tunis");
        assert_eq!(printed("........ Tunis ........"), "Tunis");
        assert_eq!(printed("Société Alpha.............."), "Société Alpha");
        assert_eq!(printed("Sfax – Nord"), "Sfax – Nord");
    }
}
