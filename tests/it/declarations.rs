//! Declaration files read back by the reader of [`super::format`]: every file type, one merchant and many, with values drawn at random
//! and with values meant to hurt.

use std::collections::BTreeMap;
use std::sync::Arc;

use calamine::Reader as _;
use guichet::declaration::{Issuer, Press, lay_out};
use guichet::domain::declaration::{Declaration, FileType, Operation, Sequence};
use guichet::domain::dossier::DossierRef;
use guichet::layouts::Layouts;
use guichet::schemas::Forms;
use guichet::templates::Templates;
use jiff::civil::DateTime;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::format;

fn press(work: impl FnOnce(&Press<'_>)) {
    let issuer = Issuer { code: "00042".into(), faconnier: "222222".into(), name: "Guichet".into(), line_end: "\r\n" };
    let (layouts, forms, templates) = (Arc::new(Layouts::built_in()), Forms::built_in(), Templates::built_in());
    work(&Press { issuer: &issuer, layouts: &layouts, forms: &forms, templates: &templates });
}

fn declaration(file_type: FileType, operation: Operation, merchant: &Merchant) -> Declaration {
    let map = |value: Json| value.as_object().unwrap().clone().into_iter().collect::<BTreeMap<String, Json>>();
    let Merchant { name, rib, tax_number, email, url, ips, users, ceiling, .. } = merchant;
    let rows: Vec<Json> = users
        .iter()
        .map(|(nom, email)| json!({ "nom": nom, "prenom": "Zoé", "email": email, "telephone": "+21671000000" }))
        .collect();
    Declaration {
        file_type,
        operation,
        dossier: DossierRef::new(2026, merchant.number),
        bank_code: "08".into(),
        adhesion: map(json!({ "raison_sociale": name, "rib": rib, "matricule_fiscal": tax_number, "email": email,
            "code_mcc": "5732", "type_personne": "physique", "utilisateurs": rows, "devises": ["TND"] })),
        fiche: map(json!({ "url_site": url, "url_retour_succes": url, "url_retour_echec": url, "adresses_ip": ips })),
        allocated: map(json!({ "numero_affiliation": "5000000001", "numero_terminal": "70000001",
            "plafond_transaction": ceiling, "reference_pv_recette": "PV-1", "date_pv_recette": "2026-11-20" })),
        pieces: vec![],
    }
}

/// Values of an invented merchant.
#[derive(Debug, Clone)]
struct Merchant {
    number: u32,
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
            number: 9,
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
                let records = format::read(&file.name, &file.bytes).unwrap();
                let first = &records[0];
                assert_eq!(first.zone(9, 10), OPERATIONS[operation].code());
                assert_eq!((first.zone(46, 48), first.number(52, 57)), (file_type.as_str(), 31));
                assert_eq!(first.zone(58, 71), "24112026090503");
                assert_eq!(first.zone(83, 83), if file_type == FileType::Dts { "T" } else { "P" });
                for record in &records {
                    match record.code() {
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

/// Merchants of one batch: each its own dossier.
fn batch() -> impl Strategy<Value = Vec<(Merchant, usize)>> {
    proptest::collection::vec((merchant(), 0_usize..4), 1..6).prop_map(|mut merchants| {
        for (number, (merchant, _)) in (1..).zip(&mut merchants) {
            merchant.number = number;
        }
        merchants
    })
}

/// Values that forms, people and attackers may bring: too long, in other letters, with line ends, controls and formulas.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,300}",
        "[\u{0600}-\u{06ff} ]{1,60}",
        "[a-zA-Z]{0,20}\r\n99[0-9]{0,500}",
        "(?s).{0,80}",
        "[=+@-][A-Z0-9!()'/]{1,40}",
        "[A-Z ]{490,510}X",
        Just("🦊 مقهى Café \u{0}".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_batch_is_read_back_merchant_by_merchant(batch in batch()) {
        press(|press| {
            for file_type in TYPES {
                let declared: Vec<Declaration> = batch
                    .iter()
                    .map(|(merchant, operation)| declaration(file_type, OPERATIONS[*operation], merchant))
                    .collect();
                let at = DateTime::constant(2026, 11, 24, 16, 0, 0, 0);
                let file = lay_out(press, &declared, Sequence(32), at).unwrap();
                let records = format::read(&file.name, &file.bytes).unwrap();
                let mut order: Vec<&str> = records.iter().map(format::Record::reference).collect();
                order.retain(|reference| !reference.is_empty());
                order.dedup();
                let expected: Vec<String> = declared.iter().map(|one| one.dossier.to_string()).collect();
                assert_eq!(order, expected);
                for (one, record) in declared.iter().flat_map(|one| {
                    let mine = records[1..records.len() - 1].iter().filter(|record| record.reference() == one.dossier.as_str());
                    mine.map(move |record| (one, record))
                }) {
                    assert_eq!(record.zone(9, 10), one.operation.code());
                }
                let twin = &file.beside.iter().find(|(suffix, _)| suffix == ".json").expect("a JSON twin").1;
                let twin: Json = serde_json::from_slice(twin).unwrap();
                assert_eq!(twin["commercants"].as_array().unwrap().len(), declared.len());
                assert_eq!(twin["enregistrements"].as_array().unwrap().len(), records.len());
            }
        });
    }

    /// Either refused before it leaves, or a file that reads back with the same number of records as a harmless one.
    #[test]
    fn hostile_values_are_refused_or_harmless(value in hostile(), key in 0_usize..12, file_type in 0_usize..4) {
        press(|press| {
            let file_type = TYPES[file_type];
            let mut declaration = declaration(file_type, Operation::Creation, &plain());
            let keys = ["raison_sociale", "rib", "matricule_fiscal", "email", "adresse", "ville", "telephone", "numero_contrat", "nom_commercial"];
            match keys.get(key) {
                Some(key) => drop(declaration.adhesion.insert((*key).to_owned(), json!(value))),
                None if key == 9 => drop(declaration.fiche.insert("url_site".to_owned(), json!(value))),
                None if key == 10 => drop(declaration.allocated.insert("numero_terminal".to_owned(), json!(value))),
                None => declaration.adhesion.get_mut("utilisateurs").expect("users are there")[0]["nom"] = json!(value),
            }
            let at = DateTime::constant(2026, 11, 24, 9, 5, 3, 0);
            if let Ok(file) = lay_out(press, std::slice::from_ref(&declaration), Sequence(1), at) {
                let records = format::read(&file.name, &file.bytes).unwrap_or_else(|fault| panic!("{value:?}: {fault}"));
                assert_eq!(records.len(), if matches!(file_type, FileType::Dts | FileType::Sps) { 7 } else if file_type == FileType::Dpr { 4 } else { 3 });
            }
        });
    }
}

fn plain() -> Merchant {
    Merchant {
        number: 9,
        name: "Comptoir".into(),
        rib: "08006012345678901231".into(),
        tax_number: Some("1234567R/A/M/000".into()),
        email: "a@b.example".into(),
        url: "https://a.example".into(),
        ips: vec![],
        users: vec![("Trabelsi".into(), "b@b.example".into())],
        ceiling: 1_500_000,
    }
}

#[test]
fn the_sheet_to_print_holds_texts_and_no_formula() {
    let merchant = Merchant {
        number: 9,
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
