//! A value in its zone: padded, brought to the letters of the format, or refused.

use super::latin;
use crate::layouts::{TextRule, Zone, ZoneKind};

/// Why a value does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    TooLong,
    NotLatin,
    NotDigits,
    NotADate,
    Empty,
    UnknownCode,
    TooMany,
    UnknownZone,
    UnknownKey,
    NotAText,
    Misshapen,
}

impl Why {
    /// Its code in `templates/words/`, group `misfit`.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::NotLatin => "not_latin",
            Self::NotDigits => "not_digits",
            Self::NotADate => "not_a_date",
            Self::Empty => "empty",
            Self::UnknownCode => "unknown_code",
            Self::TooMany => "too_many",
            Self::UnknownZone => "unknown_zone",
            Self::UnknownKey => "unknown_key",
            Self::NotAText => "not_a_text",
            Self::Misshapen => "misshapen",
        }
    }
}

/// A zone filled, exactly as long as the zone, and whether a name was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    pub text: String,
    pub cut: bool,
}

/// Puts a value into its zone. Blank values give a blank zone where that is allowed.
pub(super) fn fill(zone: &Zone, value: &str) -> Result<Filled, Why> {
    let whole = |text| Ok(Filled { text, cut: false });
    let length = zone.length;
    if value.trim().is_empty() {
        return if zone.must { Err(Why::Empty) } else { whole(blank(zone)) };
    }
    if zone.kind == ZoneKind::N && !zone.is_shaped(value) {
        return Err(Why::Misshapen);
    }
    match zone.kind {
        ZoneKind::N => {
            if !value.bytes().all(|b| b.is_ascii_digit()) {
                return Err(Why::NotDigits);
            }
            if value.len() > length { Err(Why::TooLong) } else { whole(format!("{value:0>length$}")) }
        }
        ZoneKind::D => {
            let date: jiff::civil::Date = value.parse().map_err(|_| Why::NotADate)?;
            whole(date.strftime("%d%m%Y").to_string())
        }
        ZoneKind::A => {
            let text = match zone.text {
                // A list of codes keeps its inner blanks.
                _ if value.bytes().all(is_capital) => value.to_owned(),
                TextRule::Kept if value.bytes().all(|b| (b' '..=b'~').contains(&b)) => value.to_owned(),
                TextRule::Kept => return Err(Why::NotLatin),
                TextRule::Exact | TextRule::Name => latin::capitals(value).ok_or(Why::NotLatin)?,
            };
            if !zone.is_shaped(&text) {
                return Err(Why::Misshapen);
            }
            if text.len() <= length {
                return whole(format!("{text:<length$}"));
            }
            if zone.text != TextRule::Name {
                return Err(Why::TooLong);
            }
            Ok(Filled { text: format!("{:<length$}", text[..length].trim_end()), cut: true })
        }
    }
}

/// What stands in a zone without a value.
pub(super) fn blank(zone: &Zone) -> String {
    let fill = if zone.kind == ZoneKind::A { " " } else { "0" };
    fill.repeat(zone.length)
}

/// Needs no change to stand in a zone of capitals.
fn is_capital(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && !byte.is_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn zone(kind: ZoneKind, text: TextRule, length: usize) -> Zone {
        serde_json::from_value(
            serde_json::json!({ "zone": "z", "at": 1, "length": length, "type": format!("{kind:?}") }),
        )
        .map(|zone: Zone| Zone { text, ..zone })
        .unwrap()
    }

    #[test]
    fn each_type_is_padded_its_own_way() {
        let filled = |kind, text, length, value| fill(&zone(kind, text, length), value).map(|filled| filled.text);
        assert_eq!(filled(ZoneKind::A, TextRule::Exact, 6, "Sàrl"), Ok("SARL  ".into()));
        assert_eq!(filled(ZoneKind::A, TextRule::Kept, 8, "a@B.tn"), Ok("a@B.tn  ".into()));
        assert_eq!(filled(ZoneKind::N, TextRule::Exact, 5, "8"), Ok("00008".into()));
        assert_eq!(filled(ZoneKind::N, TextRule::Exact, 5, ""), Ok("00000".into()));
        assert_eq!(filled(ZoneKind::D, TextRule::Exact, 8, "2026-11-04"), Ok("04112026".into()));
        assert_eq!(filled(ZoneKind::D, TextRule::Exact, 8, ""), Ok("00000000".into()));
    }

    #[test]
    fn what_does_not_fit_is_refused_and_only_names_are_cut() {
        let filled = |kind, text, length, value| fill(&zone(kind, text, length), value);
        assert_eq!(filled(ZoneKind::A, TextRule::Exact, 3, "ABCD"), Err(Why::TooLong));
        assert_eq!(filled(ZoneKind::A, TextRule::Kept, 9, "https://é"), Err(Why::NotLatin));
        assert_eq!(filled(ZoneKind::A, TextRule::Name, 9, "شركة"), Err(Why::NotLatin));
        assert_eq!(filled(ZoneKind::N, TextRule::Exact, 3, "1234"), Err(Why::TooLong));
        assert_eq!(filled(ZoneKind::N, TextRule::Exact, 3, "12a"), Err(Why::NotDigits));
        assert_eq!(filled(ZoneKind::D, TextRule::Exact, 8, "31/02/2026"), Err(Why::NotADate));
        let cut = filled(ZoneKind::A, TextRule::Name, 7, "Café de Paris").unwrap();
        assert_eq!((cut.text.as_str(), cut.cut), ("CAFE DE", true));
    }

    proptest! {
        #[test]
        fn a_filled_zone_has_its_length(value in "\\PC{0,60}", length in 1_usize..40, rule in 0..3) {
            let rule = [TextRule::Exact, TextRule::Name, TextRule::Kept][usize::try_from(rule).unwrap()];
            for kind in [ZoneKind::A, ZoneKind::N] {
                if let Ok(filled) = fill(&zone(kind, rule, length), &value) {
                    prop_assert_eq!(filled.text.len(), length);
                    prop_assert!(filled.text.is_ascii());
                }
            }
        }
    }
}
