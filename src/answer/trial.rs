//! An answer of every kind about an invented merchant: to look at, and to find what is wrong with a template before the first real one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::verdict::Verdict;
use super::{Dropped, Standing, write};
use crate::domain::bank::BankFolder;
use crate::domain::document::{DocumentId, Format, Kind, Reading, Sha256};
use crate::domain::dossier::{Dossier, DossierRef, Held};
use crate::domain::field::{Doubt, Extraction, Field, Method, Place, Rect, Trust, Value};
use crate::domain::finding::{Code, Finding, Severity};
use crate::domain::outcome::Outcome;
use crate::domain::requirement::{Actor, Requirement, State};
use crate::domain::step::Step;
use crate::schemas::Forms;
use crate::templates::{Templates, Unrenderable};

/// Pages by file name, `<verdict>.html`.
pub(super) fn gallery(forms: &Forms, templates: &Templates) -> Result<Vec<(String, String)>, Unrenderable> {
    let mut pages = Vec::new();
    for verdict in Verdict::ALL {
        let (reading, dossier, outcome, requirements, refusal) = matter(verdict);
        let standing = dossier.as_ref().map(|dossier| Standing {
            dossier,
            outcome,
            requirements: &requirements,
            bank: Some("Banque Internationale Arabe de Tunisie"),
        });
        let dropped = Dropped {
            document: id(1),
            name: "Formulaire d'adhésion – Pâtisserie Amélie.pdf",
            received: DateTime::constant(2026, 11, 24, 9, 5, 0, 0),
            sha256: Sha256::of(b"adhesion"),
            reading: &reading,
            refusal: refusal.as_ref(),
        };
        let (_, html) = write(&dropped, standing.as_ref(), forms, templates)?.swap_remove(0);
        if html.trim_ascii().is_empty() {
            return Err(Unrenderable("answers/page.html: nothing is written on it".to_owned()));
        }
        pages.push((format!("{}.html", verdict.code()), String::from_utf8_lossy(&html).into_owned()));
    }
    Ok(pages)
}

type Matter = (Reading, Option<Dossier>, Outcome, Vec<Requirement>, Option<Code>);

/// What leads to a verdict.
fn matter(verdict: Verdict) -> Matter {
    let with = |code: &str| vec![Finding::new(code, Severity::Incomplete)];
    let alone = |kind, code: &str| (reading(kind, with(code)), None, Outcome::Incomplete, vec![], None);
    let mut filed = dossier();
    let within = |dossier: Dossier, outcome, requirements| {
        (reading(Kind::Adhesion, vec![]), Some(dossier), outcome, requirements, None)
    };
    match verdict {
        Verdict::Complete => {
            filed.step = Step::TestDeclaration;
            filed.findings.retain(|finding| !finding.blocks());
            within(filed, Outcome::Complete, vec![])
        }
        Verdict::Incomplete => {
            filed.findings.remove(0);
            within(filed, Outcome::Incomplete, requirements().split_off(1))
        }
        Verdict::Rejected => within(filed, Outcome::Rejected, requirements()),
        Verdict::InDoubt => {
            filed.findings.retain(|finding| !finding.blocks());
            within(filed, Outcome::InDoubt, requirements().split_off(2))
        }
        Verdict::Superseded => {
            filed.documents[0].superseded = true;
            within(filed, Outcome::Rejected, requirements())
        }
        Verdict::Joined => {
            filed.step = Step::Withdrawn;
            filed.joined = Some(DossierRef::new(2026, 99));
            within(filed, Outcome::Incomplete, vec![])
        }
        Verdict::Closed => {
            filed.step = Step::Withdrawn;
            within(filed, Outcome::Incomplete, vec![])
        }
        Verdict::Repeat => {
            let repeat =
                Finding::new("repeat", Severity::Info).with("first", "adhésion.pdf").with("date", "20/11/2026");
            (reading(Kind::Adhesion, vec![repeat]), Some(filed), Outcome::Rejected, requirements(), None)
        }
        Verdict::CardNumber => alone(Kind::Other, "pan_found"),
        Verdict::NotAForm => alone(Kind::Other, "not_a_form"),
        Verdict::Blank => alone(Kind::Blank, "blank_document"),
        Verdict::NeedsOcr => alone(Kind::Other, "needs_ocr"),
        Verdict::Password => alone(Kind::Other, "password"),
        Verdict::Unreadable => alone(Kind::Other, "damaged"),
        Verdict::NotTaken => {
            (reading(Kind::Other, with("too_large")), None, Outcome::Incomplete, vec![], Some(Code::from("too_large")))
        }
        Verdict::ToPlace => (reading(Kind::Adhesion, vec![]), None, Outcome::Incomplete, vec![], None),
        Verdict::GridAside => alone(Kind::GrilleTests, "grid_no_reference"),
        Verdict::GridRecorded | Verdict::GridToCorrect => {
            filed.step = Step::Tests;
            filed.findings.clear();
            filed.documents[0].kinds = vec![Kind::GrilleTests];
            if verdict == Verdict::GridToCorrect {
                let told = Finding::new("grid_waiver_without_reason", Severity::Warning).with("test", "0004");
                filed.noted.push((id(1), told.clone()));
                filed.findings.push(told);
            }
            (reading(Kind::GrilleTests, vec![]), Some(filed), Outcome::Complete, vec![], None)
        }
    }
}

pub(super) fn id(number: u128) -> DocumentId {
    DocumentId(uuid::Uuid::from_u128(number))
}

fn field(key: &str, value: &str, page: u32, trust: Trust) -> Field {
    Field {
        key: key.into(),
        value: Value::Text(value.into()),
        raw: value.into(),
        place: Some(Place::Page { page, bbox: Rect::default() }),
        label: None,
        method: Method::Text,
        confidence: 0.9,
        trust,
        changes: vec![],
    }
}

pub(super) fn adhesion() -> Extraction {
    let fields = [
        field("raison_sociale", "Pâtisserie Sœur Amélie & Fils", 1, Trust::Trusted),
        field("matricule_fiscal", "1234567R/A/M/000", 1, Trust::Trusted),
        field("adresse", "12, rue de l'Été", 1, Trust::Doubtful(vec![Doubt::WeakReading])),
        field("email", "contact@amelie.example", 1, Trust::Settled { by: "S. Karoui".into() }),
        field("rib", "08006012345678901232", 2, Trust::Doubtful(vec![Doubt::CheckFails])),
        field("piece_numero", "04567812", 2, Trust::Trusted),
    ];
    let fields: BTreeMap<_, _> = fields.into_iter().map(|field| (field.key.clone(), field)).collect();
    Extraction { kind: Kind::Adhesion, member: None, pages: vec![1, 2], fields, gaps: vec![] }
}

pub(super) fn rib_key() -> Finding {
    Finding::new("rib_key", Severity::Reject)
        .in_kind(Kind::Adhesion)
        .about(&"rib".into(), Some("RIB (20 chiffres)".into()), Some(Place::Page { page: 2, bbox: Rect::default() }))
        .with("value", "08006012345678901232")
}

pub(super) fn dossier() -> Dossier {
    let opened: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let mut dossier = Dossier::open(DossierRef::new(2026, 123), BankFolder::parse("biat").ok(), opened);
    dossier.adhesion = Some(adhesion());
    dossier.documents = vec![
        Held {
            document: id(1),
            name: "adhésion.pdf".into(),
            sha256: Some(Sha256::of(b"adhesion")),
            kinds: vec![Kind::Adhesion],
            received: opened,
            superseded: false,
        },
        Held {
            document: id(2),
            name: "vieille adhésion.pdf".into(),
            sha256: Some(Sha256::of(b"old")),
            kinds: vec![Kind::Adhesion],
            received: opened,
            superseded: true,
        },
    ];
    dossier.findings = vec![
        rib_key(),
        Finding::new("missing_document", Severity::Incomplete).with("document", "fiche_technique"),
        Finding::new("no_consent", Severity::Warning).in_kind(Kind::Adhesion),
    ];
    dossier
}

pub(super) fn requirements() -> Vec<Requirement> {
    let doubtful = Finding::new("doubtful_value", Severity::Incomplete)
        .in_kind(Kind::Adhesion)
        .about(
            &"adresse".into(),
            Some("Adresse".into()),
            Some(Place::Cell { sheet: "Feuil1".into(), cell: "C12".into() }),
        )
        .with("value", "12, rue de l'Été");
    let lacking = Finding::new("missing_document", Severity::Incomplete).with("document", "fiche_technique");
    vec![
        Requirement { state: State::InError, actor: Actor::Merchant, finding: rib_key() },
        Requirement { state: State::Due, actor: Actor::Bank, finding: lacking },
        Requirement { state: State::BeingChecked, actor: Actor::Operator, finding: doubtful },
    ]
}

pub(super) fn reading(kind: Kind, findings: Vec<Finding>) -> Reading {
    let extractions = if kind == Kind::Adhesion { vec![adhesion()] } else { vec![] };
    Reading { format: Format::Pdf, kind, extractions, findings }
}
