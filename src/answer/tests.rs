//! Answers to every kind of file, looked at as data and as a page.

use super::trial::{adhesion, dossier, id, reading, requirements, rib_key};
use super::*;
use crate::domain::document::Kind;
use crate::domain::field::{Place, Value};
use crate::domain::finding::{Finding, Severity};
use crate::domain::requirement::{Actor, State};
use crate::domain::step::Step;

struct House {
    forms: Forms,
    templates: Templates,
}

impl House {
    fn new() -> Self {
        Self { forms: Forms::built_in(), templates: Templates::built_in() }
    }

    fn answer(&self, name: &str, reading: &Reading, standing: Option<&Standing<'_>>) -> (serde_json::Value, String) {
        let dropped = Dropped {
            document: id(1),
            name,
            received: DateTime::constant(2026, 11, 24, 9, 5, 0, 0),
            sha256: Sha256::of(b"adhesion"),
            reading,
            refusal: None,
        };
        let files = write(&dropped, standing, &self.forms, &self.templates).unwrap();
        let html = String::from_utf8(files[0].1.clone()).unwrap();
        if let Ok(folder) = std::env::var("GUICHET_SHOW") {
            std::fs::write(std::path::Path::new(&folder).join(&files[0].0), &html).unwrap();
        }
        (serde_json::from_slice(&files[1].1).unwrap(), html)
    }
}

#[test]
fn a_form_to_correct() {
    let (dossier, requirements) = (dossier(), requirements());
    let standing = Standing {
        dossier: &dossier,
        outcome: Outcome::Rejected,
        requirements: &requirements,
        bank: Some("Banque Internationale Arabe de Tunisie"),
    };
    let (json, html) = House::new().answer("adhésion.pdf", &reading(Kind::Adhesion, vec![]), Some(&standing));
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
    let text = visible(&html);
    assert!(text.find("À corriger").unwrap() < text.find("RIB (20 chiffres)").unwrap(), "the verdict comes first");
    assert!(text.contains("feuille « Feuil1 », cellule C12"));
    assert!(!html.contains("08006012345678901232") && !html.contains("04567812"), "identifiers are masked");
    assert!(text.contains("***12") && text.contains("08 006 *** 32"));
}

#[test]
fn a_complete_dossier_says_what_comes_next_and_who_acts() {
    let mut dossier = dossier();
    dossier.step = Step::TestDeclaration;
    dossier.findings.clear();
    let standing = Standing { dossier: &dossier, outcome: Outcome::Complete, requirements: &[], bank: None };
    let (json, html) = House::new().answer("adhésion.pdf", &reading(Kind::Adhesion, vec![]), Some(&standing));
    assert_eq!(json["verdict"]["title"], "Complet");
    assert_eq!(json["verdict"]["who"], "Monétique-Tunisie");
    assert!(visible(&html).contains("5 sur 10"));
}

#[test]
fn each_way_of_being_set_aside_has_its_own_words() {
    let house = House::new();
    let mut told = String::new();
    for (kind, code) in [
        (Kind::Other, "password"),
        (Kind::Other, "needs_ocr"),
        (Kind::Other, "damaged"),
        (Kind::Other, "pan_found"),
        (Kind::Other, "not_a_form"),
        (Kind::Blank, "blank_document"),
        (Kind::Adhesion, "repeat"),
        (Kind::Adhesion, "other_bank"),
    ] {
        let finding = Finding::new(code, Severity::Incomplete);
        let (json, _) = house.answer(&format!("{code}.pdf"), &reading(kind, vec![finding]), None);
        let verdict = &json["verdict"];
        told += &format!("{code}: {} | {} | {}\n", verdict["title"], verdict["text"], verdict["next"]);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_document_with_a_card_number_shows_nothing_of_what_was_read() {
    let found = Finding::new("pan_found", Severity::Reject);
    let (json, html) = House::new().answer("adhésion.pdf", &reading(Kind::Adhesion, vec![found]), None);
    assert_eq!(json["verdict"]["code"], "card_number");
    assert!(!html.contains("Amélie"), "{html}");
}

#[test]
fn hostile_texts_stay_texts() {
    let hostile = "<script>alert('x')</script>\"><b>\n\u{202e}fdp & شركة النور";
    let mut form = adhesion();
    for field in form.fields.values_mut() {
        field.value = Value::Text(hostile.into());
        field.place = Some(Place::Cell { sheet: hostile.into(), cell: hostile.into() });
    }
    let mut dossier = dossier();
    dossier.adhesion = Some(form.clone());
    let mut told = rib_key().with("value", hostile);
    told.label = Some(hostile.into());
    dossier.findings = vec![told.clone(), Finding::new("name_mismatch", Severity::Warning).with("expected", hostile)];
    let requirements = vec![Requirement { state: State::InError, actor: Actor::Merchant, finding: told }];
    let standing =
        Standing { dossier: &dossier, outcome: Outcome::Rejected, requirements: &requirements, bank: Some(hostile) };
    let (_, html) = House::new().answer(hostile, &reading(Kind::Adhesion, vec![]), Some(&standing));
    assert!(!html.contains("<script") && !html.contains("<b>\n") && !html.contains('\u{202e}'));
    assert!(html.contains("&lt;script&gt;") && html.contains("شركة النور"));
}

#[test]
fn names_of_answers_are_plain() {
    let house = House::new();
    let reading = reading(Kind::Other, vec![Finding::new("not_a_form", Severity::Incomplete)]);
    let dropped = Dropped {
        document: id(7),
        name: "../Réponse à tout.pdf",
        received: DateTime::constant(2026, 11, 24, 9, 5, 0, 0),
        sha256: Sha256::of(b""),
        reading: &reading,
        refusal: None,
    };
    let files = write(&dropped, None, &house.forms, &house.templates).unwrap();
    assert_eq!(files[0].0, "Reponse_a_tout.pdf.00000000000000000000000000000007.html");
}

/// The page without its tags.
fn visible(html: &str) -> String {
    let mut text = String::new();
    let mut within = false;
    for c in html[html.find("<body").unwrap()..].chars() {
        match c {
            '<' => within = true,
            '>' => within = false,
            c if !within => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
