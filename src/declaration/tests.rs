//! Every file type laid out whole, and everything that must not leave.

use serde_json::json;

pub(super) use super::trial::sample;
use super::*;
use crate::domain::declaration::Operation;

pub(crate) struct House {
    issuer: Issuer,
    layouts: Arc<Layouts>,
    forms: Forms,
    templates: Templates,
}

impl House {
    pub(crate) fn new() -> Self {
        let issuer = Issuer {
            code: "00099".into(),
            faconnier: "222222".into(),
            name: "Guichet ClicToPay".into(),
            line_end: "\r\n",
        };
        let (layouts, forms) = (Arc::new(Layouts::built_in()), Forms::built_in());
        Self { issuer, layouts, forms, templates: Templates::built_in() }
    }

    pub(crate) fn lay_out(&self, declaration: &Declaration) -> Result<File, Unfit> {
        self.lay_all_out(std::slice::from_ref(declaration))
    }

    pub(crate) fn lay_all_out(&self, declared: &[Declaration]) -> Result<File, Unfit> {
        let Self { issuer, layouts, forms, templates } = self;
        let press = Press { issuer, layouts, forms, templates };
        lay_out(&press, declared, Sequence(7), DateTime::constant(2026, 11, 24, 9, 5, 3, 0))
    }
}

/// Records without the spaces at their ends, which a snapshot would lose.
fn picture(file: &File) -> String {
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    let line = |line: &str| format!("{}…{}\n", line[..499].trim_end(), &line[499..]);
    format!("{}\n{}", file.name, text.lines().map(line).collect::<String>())
}

#[test]
fn a_test_declaration() {
    let file = House::new().lay_out(&sample(FileType::Dts, Operation::Creation)).unwrap();
    insta::assert_snapshot!(picture(&file));
    assert!(file.bytes.ends_with(b"X\r\n"));
}

#[test]
fn a_production_declaration() {
    let file = House::new().lay_out(&sample(FileType::Dpr, Operation::Creation)).unwrap();
    insta::assert_snapshot!(picture(&file));
    assert_eq!(file.beside.iter().map(|(suffix, _)| suffix.as_str()).collect::<Vec<_>>(), [".json", ".xlsx"]);
}

#[test]
fn a_registration_that_modifies() {
    let file = House::new().lay_out(&sample(FileType::Sps, Operation::Modification)).unwrap();
    insta::assert_snapshot!(picture(&file));
}

#[test]
fn users_to_consult() {
    let file = House::new().lay_out(&sample(FileType::Uti, Operation::Creation)).unwrap();
    insta::assert_snapshot!(picture(&file));
}

#[test]
fn the_twin_names_every_zone_and_what_was_cut() {
    let file = House::new().lay_out(&sample(FileType::Dpr, Operation::Creation)).unwrap();
    insta::assert_snapshot!(String::from_utf8(file.beside[0].1.clone()).unwrap());
}

#[test]
fn what_does_not_fit_is_told_at_once_and_without_the_value() {
    let mut declaration = sample(FileType::Dts, Operation::Creation);
    let adhesion = &mut declaration.adhesion;
    adhesion.insert("raison_sociale".into(), json!("شركة النور"));
    adhesion.insert("rib".into(), json!("0800601234567890123"));
    adhesion.remove("rib");
    adhesion.insert("email".into(), json!(format!("{}@long.example", "a".repeat(80))));
    adhesion.insert("cartes".into(), json!(["CIB", "Amex"]));
    declaration.fiche.insert("adresses_ip".into(), json!(["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5"]));
    declaration.fiche.remove("url_site");
    let refused = House::new().lay_out(&declaration).unwrap_err();
    insta::assert_snapshot!(refused.to_string().replace(" ; ", "\n"));
}

#[test]
fn a_merchant_without_a_tax_number_counts_by_its_account() {
    let mut declaration = sample(FileType::Dts, Operation::Creation);
    declaration.adhesion.remove("matricule_fiscal");
    let file = House::new().lay_out(&declaration).unwrap();
    let text = String::from_utf8(file.bytes).unwrap();
    assert_eq!(&text.lines().last().unwrap()[57..67], "0006789012");
}

#[test]
fn nobody_to_declare_is_refused() {
    let mut declaration = sample(FileType::Uti, Operation::Creation);
    declaration.adhesion.remove("utilisateurs");
    assert!(matches!(House::new().lay_out(&declaration), Err(Unfit::Values(_))));
}

#[test]
fn a_template_that_loses_a_zone_is_caught_before_it_leaves() {
    let mut house = House::new();
    let folder = tempfile::tempdir().unwrap();
    crate::templates::SHIPPED.extract(folder.path()).unwrap();
    let path = folder.path().join("declarations/10.tera");
    let text =
        std::fs::read_to_string(&path).unwrap().replace("{{- commercant.adhesion.rib | zone(of=\"10.rib\") -}}\n", "");
    std::fs::write(&path, text).unwrap();
    house.templates = Templates::load(folder.path()).unwrap();
    assert!(matches!(house.lay_out(&sample(FileType::Dts, Operation::Creation)), Err(Unfit::Format(_))));
}

#[test]
fn what_begins_like_a_formula_is_quoted_text_on_the_sheet() {
    use std::io::Read;
    // Cells set in the style of a quotation.
    let quoted = |value: &str| {
        let mut declaration = sample(FileType::Dpr, Operation::Creation);
        declaration.adhesion.insert("raison_sociale".into(), json!(value));
        let file = House::new().lay_out(&declaration).ok()?;
        let mut book = zip::ZipArchive::new(std::io::Cursor::new(file.beside[1].1.as_slice())).unwrap();
        let mut part = |name: &str| {
            let mut text = String::new();
            book.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let (sheet, styles) = (part("xl/worksheets/sheet1.xml"), part("xl/styles.xml"));
        assert!(!sheet.contains("<f>"), "{value} is computed");
        let styles = styles.split("<cellXfs").nth(1).unwrap().split("<xf ").skip(1).enumerate();
        let quoting: Vec<usize> = styles.filter(|(_, xf)| xf.contains("quotePrefix")).map(|(at, _)| at).collect();
        Some(quoting.iter().map(|style| sheet.matches(&format!("s=\"{style}\"")).count()).sum::<usize>())
    };
    let plain = quoted("Boutique").unwrap();
    // A record may refuse a sign outright.
    let with_signs: Vec<usize> =
        ["=1+1", "+1 Boutique", "-Boutique", "@SUM(1)"].into_iter().filter_map(quoted).collect();
    assert!(!with_signs.is_empty());
    assert!(with_signs.iter().all(|quoted| *quoted > plain), "{plain} {with_signs:?}");
}
