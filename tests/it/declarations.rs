//! Declaration files read back by a reader of its own, written from the format's description and sharing nothing with what
//! writes them: every file type, with values drawn at random.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet::declaration::{File, Issuer, Press, lay_out};
use guichet::domain::declaration::{Declaration, FileType, Operation, Sequence};
use guichet::domain::dossier::DossierRef;
use guichet::layouts::Layouts;
use guichet::schemas::Forms;
use guichet::templates::Templates;
use jiff::civil::DateTime;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// One record as its receiver sees it: 500 characters, positions counted from 1.
struct Record(String);

impl Record {
    fn zone(&self, from: usize, to: usize) -> &str {
        self.0[from - 1..to].trim_end()
    }

    fn number(&self, from: usize, to: usize) -> u64 {
        let zone = &self.0[from - 1..to];
        assert!(zone.bytes().all(|b| b.is_ascii_digit()), "{zone:?} is no number");
        zone.parse().unwrap()
    }
}

/// Where the reserve of each record begins.
const RESERVES: [(&str, usize); 7] =
    [("01", 124), ("10", 449), ("20", 475), ("21", 303), ("30", 144), ("40", 244), ("99", 68)];

/// Takes a file apart and checks all that the format asks of any file.
fn read(file: &File) -> Vec<Record> {
    let text = std::str::from_utf8(&file.bytes).unwrap();
    assert!(text.is_ascii() && text.ends_with("X\r\n"));
    let records: Vec<Record> = text.split_terminator("\r\n").map(|line| Record(line.to_owned())).collect();
    for (at, record) in records.iter().enumerate() {
        assert_eq!(record.0.len(), 500, "record {}", at + 1);
        assert!(record.0.ends_with('X'));
        assert_eq!(record.number(3, 8), at as u64 + 1);
        let (_, reserve) = RESERVES.iter().find(|(code, _)| *code == record.zone(1, 2)).expect("a known record");
        assert!(record.0[reserve - 1..499].bytes().all(|b| b == b' '), "reserve of record {}", at + 1);
    }
    let (first, last) = (&records[0], &records[records.len() - 1]);
    assert_eq!((first.zone(1, 2), last.zone(1, 2)), ("01", "99"));
    assert_eq!(
        file.name,
        format!("{}{}.{}.{}", first.zone(46, 48), first.zone(19, 23), "20261124", first.zone(52, 57))
    );
    assert_eq!(last.number(46, 51), records.len() as u64);
    let of = |code: &str| records.iter().filter(|record| record.zone(1, 2) == code).collect::<Vec<_>>();
    let (merchants, users) = (of("10"), of("40"));
    assert_eq!(last.number(52, 57), (merchants.len() + users.len()) as u64);
    let merchant_part = |record: &&Record| {
        let serial = record.zone(47, 53);
        if serial.is_empty() { record.number(366, 383) % 10_000_000 } else { record.number(47, 53) }
    };
    let total =
        merchants.iter().map(merchant_part).sum::<u64>() + users.iter().map(|user| user.number(46, 47)).sum::<u64>();
    assert_eq!(last.number(58, 67), total % 10_000_000_000);
    let order: String = records.iter().map(|record| record.zone(1, 2).to_owned() + " ").collect();
    let expected = match first.zone(46, 48) {
        "DTS" | "SPS" => "01 10 20 21 ",
        "DPR" => "01 10 30 99 ",
        "UTI" => "01 40 ",
        other => panic!("no such type: {other}"),
    };
    assert!(order.starts_with(expected), "{order}");
    records
}

fn press(work: impl FnOnce(&Press<'_>)) {
    let issuer = Issuer { code: "00042".into(), faconnier: "222222".into(), name: "Guichet".into(), line_end: "\r\n" };
    let (layouts, forms, templates) = (Arc::new(Layouts::built_in()), Forms::built_in(), Templates::built_in());
    work(&Press { issuer: &issuer, layouts: &layouts, forms: &forms, templates: &templates });
}

fn declaration(file_type: FileType, operation: Operation, merchant: &Merchant) -> Declaration {
    let map = |value: Json| value.as_object().unwrap().clone().into_iter().collect::<BTreeMap<String, Json>>();
    let Merchant { name, rib, tax_number, email, url, ips, users, ceiling } = merchant;
    let rows: Vec<Json> = users
        .iter()
        .map(|(nom, email)| json!({ "nom": nom, "prenom": "Zoé", "email": email, "telephone": "+21671000000" }))
        .collect();
    Declaration {
        file_type,
        operation,
        dossier: DossierRef::new(2026, 9),
        bank_code: rib[..2].into(),
        adhesion: map(json!({ "raison_sociale": name, "rib": rib, "matricule_fiscal": tax_number, "email": email,
            "code_mcc": "5732", "type_personne": "physique", "utilisateurs": rows, "devises": ["TND"] })),
        fiche: map(json!({ "url_site": url, "url_retour_succes": url, "url_retour_echec": url, "adresses_ip": ips })),
        allocated: map(json!({ "numero_affiliation": "5000000001", "numero_terminal": "70000001",
            "plafond_transaction": ceiling, "reference_pv_recette": "PV-1", "date_pv_recette": "2026-11-20" })),
    }
}

/// Values of an invented merchant.
#[derive(Debug, Clone)]
struct Merchant {
    name: String,
    rib: String,
    tax_number: Option<String>,
    email: String,
    url: String,
    ips: Vec<String>,
    users: Vec<(String, String)>,
    ceiling: u64,
}

fn merchant() -> impl Strategy<Value = Merchant> {
    let user = ("[A-Za-zéèçœ'-]{1,30}", "[a-zA-Z.]{1,20}@[a-z]{1,20}\\.example");
    (
        "[A-Za-z0-9éèàçœÉÈ][A-Za-z0-9éèàçœÉÈ &'.-]{0,69}",
        "[0-9]{20}",
        proptest::option::of("[0-9]{7}[A-Z]/[A-Z]/[A-Z]/[0-9]{3}"),
        "[a-zA-Z.]{1,40}@[a-z]{1,20}\\.example",
        "https://[a-z]{1,20}\\.example/[a-zA-Z0-9?=&]{0,150}",
        proptest::collection::vec("[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}", 0..5),
        proptest::collection::vec(user, 1..6),
        0_u64..1_000_000_000_000,
    )
        .prop_map(|(name, rib, tax_number, email, url, ips, users, ceiling)| Merchant {
            name,
            rib,
            tax_number,
            email,
            url,
            ips,
            users,
            ceiling,
        })
}

const TYPES: [FileType; 4] = [FileType::Dts, FileType::Dpr, FileType::Sps, FileType::Uti];
const OPERATIONS: [Operation; 4] =
    [Operation::Creation, Operation::Modification, Operation::Suspension, Operation::Radiation];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_written_is_read_back(merchant in merchant(), operation in 0_usize..4) {
        press(|press| {
            for file_type in TYPES {
                let declaration = declaration(file_type, OPERATIONS[operation], &merchant);
                let at = DateTime::constant(2026, 11, 24, 9, 5, 3, 0);
                let file = lay_out(press, std::slice::from_ref(&declaration), Sequence(31), at).unwrap();
                assert_eq!(file, lay_out(press, std::slice::from_ref(&declaration), Sequence(31), at).unwrap(), "the same bytes every time");
                let records = read(&file);
                let first = &records[0];
                assert_eq!(first.zone(9, 10), OPERATIONS[operation].code());
                assert_eq!((first.zone(46, 48), first.number(52, 57)), (file_type.as_str(), 31));
                assert_eq!(first.zone(58, 71), "24112026090503");
                assert_eq!(first.zone(83, 83), if file_type == FileType::Dts { "T" } else { "P" });
                for record in &records {
                    match record.zone(1, 2) {
                        "10" => {
                            assert_eq!(record.zone(366, 385), merchant.rib);
                            assert_eq!(record.zone(286, 365), merchant.email);
                            let tax_number = merchant.tax_number.as_deref().unwrap_or_default().replace('/', "");
                            assert_eq!(record.zone(47, 59), tax_number);
                            assert!(record.zone(68, 107).bytes().all(|b| !b.is_ascii_lowercase()));
                            assert_eq!(record.zone(137, 140), "5732");
                        }
                        "20" => {
                            assert_eq!(record.zone(79, 96), "788000000000000000");
                            let ips: Vec<&str> = (0..4).map(|n| record.zone(319 + n * 39, 357 + n * 39)).collect();
                            let ips: Vec<&str> = ips.into_iter().filter(|ip| !ip.is_empty()).collect();
                            assert_eq!(ips, merchant.ips);
                        }
                        "21" => assert_eq!(record.zone(48, 302), merchant.url),
                        "30" => {
                            assert_eq!(record.number(81, 92), merchant.ceiling);
                            assert_eq!(record.zone(123, 130), "20112026");
                        }
                        "40" => {
                            let order = usize::try_from(record.number(46, 47)).unwrap();
                            assert_eq!(record.zone(110, 189), merchant.users[order - 1].1);
                            assert!(!record.zone(206, 225).is_empty(), "a login is proposed");
                            assert_eq!(record.zone(236, 243), "00000000");
                        }
                        _ => {}
                    }
                }
            }
        });
    }
}

#[test]
fn the_sheet_to_print_holds_texts_and_no_formula() {
    let merchant = Merchant {
        name: "=CMD|'/C calc'!A0".into(),
        rib: "08006012345678901231".into(),
        tax_number: None,
        email: "a@b.example".into(),
        url: "https://a.example".into(),
        ips: vec![],
        users: vec![("+Trabelsi".into(), "b@b.example".into())],
        ceiling: 1_500_000,
    };
    press(|press| {
        for file_type in [FileType::Dpr, FileType::Uti] {
            let declaration = declaration(file_type, Operation::Creation, &merchant);
            let file = lay_out(
                press,
                std::slice::from_ref(&declaration),
                Sequence(1),
                DateTime::constant(2026, 11, 24, 9, 0, 0, 0),
            )
            .unwrap();
            let sheet = &file.beside.iter().find(|(suffix, _)| suffix == ".xlsx").expect("a sheet to print").1;
            let mut book: calamine::Xlsx<_> =
                calamine::open_workbook_from_rs(std::io::Cursor::new(sheet.clone())).unwrap();
            use calamine::Reader;
            let formulas = book.worksheet_formula("A saisir").unwrap();
            assert!(formulas.cells().all(|(_, _, formula)| formula.is_empty()));
            let range = book.worksheet_range("A saisir").unwrap();
            let texts: Vec<String> = range.cells().map(|(_, _, cell)| cell.to_string()).collect();
            match file_type {
                FileType::Dpr => {
                    assert!(texts.contains(&"08 006 0123456789012 31".to_owned()), "{texts:?}");
                    assert!(texts.contains(&"1500,000 TND".to_owned()), "{texts:?}");
                    assert!(texts.contains(&"=CMD|'/C CALC'!A0".to_owned()), "{texts:?}");
                }
                _ => assert!(texts.contains(&"+TRABELSI".to_owned()), "{texts:?}"),
            }
        }
    });
}
