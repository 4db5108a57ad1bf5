use proptest::prelude::*;

use super::{Acknowledgement, read};
use crate::domain::event::Acknowledged;

/// A record with texts at positions counted from 1.
fn record(code: &str, number: usize, zones: &[(usize, &str)]) -> String {
    let mut line = format!("{code}{number:06}");
    line.push_str(&" ".repeat(499 - line.len()));
    line.push('X');
    for (at, text) in zones {
        line.replace_range(at - 1..at - 1 + text.len(), text);
    }
    line
}

fn partial() -> String {
    [
        record("01", 1, &[(46, "ACR001000001")]),
        record("50", 2, &[(46, "DTS00008.20261124.000007"), (86, "000007PART    000002000001000001")]),
        record("60", 3, &[(34, "D26-000001"), (46, "000002ACCP"), (60, "5000000001"), (70, "70000001")]),
        record("60", 4, &[(34, "D26-000002"), (46, "000005RJCTM005"), (112, "RIB INVALIDE")]),
        record("61", 5, &[(46, "000005366020"), (58, "rib"), (88, "M005"), (132, "CLE FAUSSE")]),
        record("99", 6, &[(46, "000006000002")]),
    ]
    .join("\r\n")
}

fn accepted(number: &str) -> Acknowledged {
    Acknowledged::Accepted { numero_affiliation: Some(number.to_owned()), numero_terminal: None, identifiant_sps: None }
}

fn refused(text: &str) -> &'static str {
    read(text.as_bytes()).unwrap_err().code
}

#[test]
fn a_partial_acceptance_is_told_merchant_by_merchant() {
    let Acknowledgement { file, sequence, total: None, environment: None, whole, merchants } =
        read(partial().as_bytes()).unwrap()
    else {
        panic!("no total is told")
    };
    assert_eq!((file.as_str(), sequence, whole), ("DTS00008.20261124.000007", 7, None));
    assert_eq!(merchants[0].reference.as_deref(), Some("D26-000001"));
    let Acknowledged::Rejected { reasons } = &merchants[1].outcome else { panic!("{merchants:?}") };
    let told: Vec<String> = reasons.iter().map(|(code, label)| format!("{code} {label}")).collect();
    assert_eq!(told, ["M005 RIB INVALIDE", "M005 rib CLE FAUSSE"]);
}

#[test]
fn json_and_csv_say_the_same() {
    let json = r#"{"fichier_origine":"DTS00008.20261124.000007","sequence_origine":7,"statut":"ACCP","commercants":[
        {"numero_enregistrement_origine":2,"reference_dossier":"D26-000001","statut":"ACCP","numero_affiliation_attribue":"5000000001"}]}"#;
    let csv = "fichier_origine;sequence_origine;numero_enregistrement_origine;reference_dossier;statut;numero_affiliation_attribue\n\
        DTS00008.20261124.000007;7;2;\"D26-000001\";ACCP;5000000001\n";
    let (json, csv) = (read(json.as_bytes()).unwrap(), read(csv.as_bytes()).unwrap());
    assert_eq!(json, csv);
    assert_eq!(json.merchants[0].outcome, accepted("5000000001"));
}

#[test]
fn a_card_number_is_not_taken_whatever_says_it() {
    let card = ["4", &"1".repeat(15)].concat();
    let csv =
        format!("fichier_origine;sequence_origine;statut;libelle\nDTS00008.20261124.000007;7;RJCT;carte {card}\n");
    assert_eq!(refused(&csv), "X999");
    let json = format!(
        r#"{{"fichier_origine":"DTS00008.20261124.000007","sequence_origine":7,"statut":"RJCT","libelle":"{card}"}}"#
    );
    assert_eq!(refused(&json), "X999");
    assert_eq!(refused(&partial().replace("RIB INVALIDE    ", &card)), "X999");
    let received = record("61", 5, &[(46, "000005366020"), (58, "rib"), (88, "M005"), (92, &card)]);
    let lines: Vec<String> = partial().lines().map(str::to_owned).collect();
    let lines: Vec<&str> =
        lines.iter().enumerate().map(|(at, line)| if at == 4 { &received } else { line }).map(String::as_str).collect();
    assert_eq!(refused(&lines.join("\r\n")), "X999");
    // Two numbers of the format that stand side by side are no card.
    let side_by_side = partial().replace("5000000001", &card[..10]).replace("70000001", &format!("{}  ", &card[10..]));
    assert!(read(side_by_side.as_bytes()).is_ok());
}

#[test]
fn a_whole_file_may_be_refused() {
    let text = [
        record("01", 1, &[(46, "ACR001000001")]),
        record(
            "50",
            2,
            &[(46, "DTS00008.20261124.000007"), (86, "000007RJCTF006000001000000000001"), (128, "TOTAL FAUX")],
        ),
        record("99", 3, &[(46, "000003000000")]),
    ]
    .join("\n");
    let whole = read(text.as_bytes()).unwrap().whole;
    assert_eq!(whole, Some(Acknowledged::Rejected { reasons: vec![("F006".into(), "TOTAL FAUX".into())] }));
}

#[test]
fn what_does_not_hold_together_is_refused_with_its_reason() {
    assert_eq!(refused(""), "F002");
    assert_eq!(refused("bonjour"), "F001");
    assert_eq!(refused(&partial()[..700]), "F001", "truncated");
    assert_eq!(refused(&partial().replace("000006000002", "000007000002")), "F005", "count");
    assert_eq!(refused(&partial().replace("000007PART", "000008PART")), "F003", "sequence against name");
    assert_eq!(refused(&partial().replace("000007PART", "000007ACCP")), "F007", "status against records");
    assert_eq!(refused(&partial().replace("DTS00008.20261124.000007", "../../etc/passwd        ")), "F007", "a path");
    assert_eq!(refused(&partial().replace("0001ACR", "0001DTS").replace("ACR001", "DTS001")), "F002", "foreign");
    assert_eq!(refused(&partial().replace("PART    000002", "PART    000003")), "F005", "received");
    assert_eq!(refused(&partial().replace("000006000002", "000006000001")), "F005", "merchants of the end");
    assert_eq!(refused(&partial().replace("000005366020", "000009366020")), "F007", "a zone of nobody");
    let bank = |code: &str| {
        let mut text = partial();
        text.replace_range(18..23, code);
        text
    };
    assert!(read(bank("00008").as_bytes()).is_ok());
    assert_eq!(refused(&bank("00010")), "F010", "another bank");
    let long = "9".repeat(16);
    let told = read(format!("{{\"fichier_origine\":\"{long}\",\"sequence_origine\":1}}").as_bytes()).unwrap_err();
    assert!(!told.text.contains(&long), "{}", told.text);
}

#[test]
fn what_other_programs_save_is_named() {
    let json = r#"{"fichier_origine":"DTS00008.20261124.000007","sequence_origine":7,"statut":"ACCP"}"#;
    assert!(read(format!("\u{feff}{json}").as_bytes()).is_ok(), "a mark of UTF-8 is no harm");
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(json.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert!(read(&utf16).unwrap_err().text.contains("UTF-16"));
    let latin: Vec<u8> = json.replace("ACCP", "refus\u{e9}").chars().map(|c| u8::try_from(c).unwrap()).collect();
    assert!(read(&latin).unwrap_err().text.contains("UTF-8"));
    assert!(read(json.replace("ACCP", "AC\u{0}P").as_bytes()).unwrap_err().text.contains("contrôle"));
    let contrary = json.replace('}', r#","commercants":[{"reference_dossier":"D26-000001","statut":"RJCT"}]}"#);
    assert_eq!(read(contrary.as_bytes()).unwrap_err().code, "F007");
    let wide = json.replace('}', r#","commercants":[{"statut":"ACCP","numero_terminal_attribue":"700000011"}]}"#);
    assert_eq!(read(wide.as_bytes()).unwrap_err().code, "F001", "wider than its zone");
}

proptest! {
    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..2000), at in 0_usize..3000, byte in any::<u8>()) {
        let _ = read(&bytes);
        let mut hurt = partial().into_bytes();
        let at = at % hurt.len();
        hurt[at] = byte;
        let _ = read(&hurt);
    }
}
