use super::iban::iban_length;
use super::run::remainder;
use super::scheme::luhn;
use super::*;
use crate::domain::document::{Format, Kind};
use crate::domain::field::{Extraction, Field, FieldKey, Method, Trust, Value};
use proptest::prelude::*;

/// A number of `length` digits that begins with `prefix` and whose Luhn sum holds.
fn card(prefix: &str, length: usize) -> String {
    let body: Vec<u8> =
        prefix.bytes().chain((0..).map(|n| b'0' + (n * 7 + 3) % 10)).take(length - 1).map(|b| b - b'0').collect();
    let check = (0..10).find(|check| luhn(&[&body[..], &[*check]].concat())).expect("one of ten check digits holds");
    body.iter().chain([&check]).map(|d| char::from(b'0' + d)).collect()
}

fn grouped(number: &str, sizes: &[usize], by: &str) -> String {
    let mut rest = number;
    let mut parts = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (part, left) = rest.split_at((*size).min(rest.len()));
        parts.push(part);
        rest = left;
    }
    parts.join(by)
}

/// A RIB with a valid key: bank, branch, account, key.
fn rib(first_eighteen: &str) -> String {
    let digits: Vec<u8> = first_eighteen.bytes().map(|b| b - b'0').chain([0, 0]).collect();
    format!("{first_eighteen}{:02}", 97 - remainder(&digits))
}

#[test]
fn every_scheme_is_found_whole_grouped_or_one_digit_a_box() {
    for (prefix, length) in [
        ("4", 13),
        ("4", 16),
        ("4", 19),
        ("51", 16),
        ("55", 16),
        ("2221", 16),
        ("2720", 16),
        ("34", 15),
        ("37", 15),
        ("6011", 16),
        ("65", 16),
    ] {
        let number = card(prefix, length);
        for text in [
            number.clone(),
            grouped(&number, &[4], " "),
            grouped(&number, &[4], "-"),
            grouped(&number, &[4, 6, 5], "\u{a0}"),
            grouped(&number, &[1], " "),
        ] {
            let text = format!("Carte n° {text} (titulaire)");
            let masked =
                masked(&text).unwrap_or_else(|| panic!("not found: prefix {prefix}, {length} digits, {text:?}"));
            let left: String = masked.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(left, format!("{}{}", &number[..6], &number[length - 4..]));
            assert!(find(&masked).is_empty(), "a masked number is no number");
        }
    }
}

#[test]
fn other_numbers_are_left_alone() {
    let wrong_sum = {
        let number = card("4", 16);
        let last = number.as_bytes()[15] - b'0';
        format!("{}{}", &number[..15], (last + 1) % 10)
    };
    for text in [
        wrong_sum.as_str(),
        &card("9", 16),
        &card("2220", 16),
        &card("2721", 16),
        &card("4", 12),
        "0001234567890123",
        "1234567/A/M/000",
        "55 123 456 98 765 432",
        "55123456 / 98765432",
    ] {
        assert_eq!(masked(text), None, "{text}");
    }
}

#[test]
fn an_account_number_that_holds_a_card_like_run_is_no_card_number() {
    // The account, thirteen digits of the RIB, is itself a number with a card's prefix and sum.
    let rib = rib(&format!("10006{}", card("4", 13)));
    for sizes in [&[20][..], &[2, 3, 13, 2], &[4], &[5], &[1], &[3]] {
        for by in [" ", "-", "\u{a0}"] {
            assert_eq!(masked(&grouped(&rib, sizes, by)), None, "{sizes:?}");
        }
    }
    for by in [".", "/", " | "] {
        assert_eq!(masked(&grouped(&rib, &[2, 3, 13, 2], by)), None, "{by:?}");
    }
    let iban = format!("TN59{rib}");
    let holds = (0..100)
        .map(|check| format!("TN{check:02}{rib}"))
        .find(|iban| iban_length(iban) == Some(24))
        .expect("one check holds");
    assert_eq!(masked(&format!("IBAN {}", grouped(&holds, &[4], " "))), None);
    assert_eq!(masked(&iban), None, "a RIB inside an IBAN mistyped in its first digits is still a RIB");
}

#[test]
fn a_mistyped_rib_is_no_card_number() {
    let right = rib("100060351835984788");
    for position in 2..20 {
        for digit in b'0'..=b'9' {
            let mut typed = right.clone().into_bytes();
            typed[position] = digit;
            let typed = String::from_utf8(typed).unwrap();
            assert_eq!(masked(&grouped(&typed, &[4], " ")), None, "{typed}");
        }
    }
}

/// Ours among them: an answer's name bears its document's.
#[test]
fn digits_within_an_identifier_are_no_card_number() {
    let number = card("4", 16);
    let identifier = format!("01a2195fcb8373e{number}b");
    let parted = format!("01a2195f-cb83-73ef-{}-{}", &number[..4], &number[4..]);
    for text in [&identifier, &format!("reponse.{identifier}.json"), &format!("{identifier}__{identifier}"), &parted] {
        assert_eq!(masked(text), None, "{text}");
    }
    for text in [format!("{identifier}0"), format!("x{identifier}"), format!("abc{number}")] {
        assert!(masked(&text).is_some(), "{text}");
    }
}

#[test]
fn a_labelled_telephone_is_no_card_number() {
    let number = card("4", 13);
    assert!(masked(&number).is_some());
    for label in ["Tél. : ", "+", "Téléphone mobile : ", "الهاتف: ", "GSM "] {
        assert_eq!(masked(&format!("{label}{number}")), None, "{label}");
        let card = card("4", 16);
        for too_long in [card.clone(), grouped(&card, &[4], " ")] {
            assert!(masked(&format!("{label}{too_long}")).is_some(), "{label}");
        }
    }
}

#[test]
fn a_card_number_is_found_among_other_numbers_of_its_line() {
    let number = grouped(&card("4", 16), &[4], " ");
    for text in [format!("12 {number} 0927"), format!("{number} 123"), format!("7 {number}")] {
        let masked = masked(&text).unwrap_or_else(|| panic!("{text}"));
        assert!(masked.contains("** ****"), "{masked}");
        assert_eq!(masked.chars().count(), text.chars().count());
    }
}

#[test]
fn arabic_digits_count() {
    let eastern: String =
        card("5212", 16).chars().map(|c| char::from_u32(0x660 + c.to_digit(10).unwrap()).unwrap()).collect();
    let masked = masked(&eastern).unwrap();
    assert_eq!(masked.chars().filter(|c| *c == '*').count(), 6);
}

#[test]
fn a_reading_is_masked_everywhere_and_says_so_once() {
    let number = card("4", 16);
    let field = Field {
        key: FieldKey::from("rib"),
        value: Value::Text(number.clone()),
        raw: grouped(&number, &[4], " "),
        place: None,
        label: Some(format!("RIB {number}")),
        method: Method::Text,
        confidence: 1.0,
        trust: Trust::Trusted,
        changes: vec![],
    };
    let extraction = Extraction {
        kind: Kind::Adhesion,
        member: Some(format!("carte {number}.pdf")),
        pages: vec![1],
        fields: [(FieldKey::from("rib"), field)].into(),
        gaps: vec![],
    };
    let mut reading = Reading {
        format: Format::Pdf,
        kind: Kind::Adhesion,
        extractions: vec![extraction],
        findings: vec![Finding::new("rib_key", Severity::Reject).with("value", number.clone())],
    };
    assert!(guard(&mut reading));
    assert!(guard(&mut reading), "a second look finds the finding");
    let shown = serde_json::to_string(&reading).unwrap();
    assert!(find(&shown).is_empty());
    assert!(!shown.contains(&number[6..12]) || shown.contains("******"));
    assert_eq!(reading.findings.iter().filter(|finding| finding.code.as_str() == FOUND).count(), 1);
}

#[test]
fn a_masked_number_is_known_for_one() {
    let number = card("4", 16);
    for text in [number.clone(), grouped(&number, &[4], " "), grouped(&number, &[4], "-")] {
        let masked = masked(&format!("carte {text}.pdf")).unwrap();
        assert_eq!(
            already_masked(&masked).map(|found| found.chars().filter(|c| *c == '*').count()),
            Some(6),
            "{masked}"
        );
        assert!(already_masked(&masked.replace('*', "x")).is_some(), "{masked}");
    }
    for text in ["formulaire.pdf", "12 xxxxxxxxx 345", "RIB 08006*** 31", "4111", "", "4**************1", &number] {
        assert_eq!(already_masked(text), None, "{text}");
    }
}

fn number_strategy() -> impl Strategy<Value = String> {
    (prop_oneof![Just("4"), Just("52"), Just("2345"), Just("65")], "[0-9]{11,14}").prop_map(|(prefix, rest)| {
        let body: Vec<u8> = format!("{prefix}{rest}").bytes().take(15).map(|b| b - b'0').collect();
        let check = (0..10).find(|check| luhn(&[&body[..], &[*check]].concat())).expect("one of ten holds");
        body.iter().chain([&check]).map(|d| char::from(b'0' + d)).collect()
    })
}

proptest! {
    #[test]
    fn no_card_number_survives_masking(before in "[a-z :é]{0,12}", number in number_strategy(), after in "[a-z ,]{0,12}") {
        let text = format!("{before}x {number}{after}");
        prop_assume!(!follows_telephone_label(&format!("{before}x ")));
        let masked = masked(&text).unwrap_or(text);
        prop_assert!(!masked.contains(&number));
    }

    /// Crossing out one number may make another of what stood beside it.
    #[test]
    fn nothing_is_left_among_many_digits(groups in prop::collection::vec("[0-9]{1,8}", 3..20), by in "[ -]") {
        let text = groups.join(&by);
        prop_assert!(find(&masked(&text).unwrap_or(text)).is_empty());
    }

    #[test]
    fn any_text_can_be_searched(text in "\\PC{0,200}") {
        if let Some(masked) = masked(&text) {
            prop_assert!(find(&masked).is_empty());
        }
    }
}
