//! Invented matters for every letter, so that all of them can be looked at, and are written by the tests.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Attached, Attachment, Desk, Matter, Unwritten, context::Context, tell};
use crate::domain::declaration::{FileType, Operation};
use crate::domain::document::{DocumentId, Kind, Sha256};
use crate::domain::dossier::{Declared, DeclaredState, Dossier, DossierRef, Held, Reached};
use crate::domain::field::{Extraction, Field, Method, Place, Rect, Trust, Value};
use crate::domain::finding::{Finding, Severity};
use crate::domain::notification::{Language, Notification, Recipient, SetAside, Subject};
use crate::domain::requirement::{Actor, Requirement, State};
use crate::domain::step::Step;

/// Every subject, the step it is written at, and to whom.
pub(super) const LETTERS: [(Subject, Step, &[Recipient]); 24] = {
    use Recipient::{Bank, Merchant, Monetique, Operations, User, Webmaster};
    [
        (Subject::DossierOpened, Step::Forms, &[Bank]),
        (Subject::FormsReceived, Step::Forms, &[Bank, Merchant]),
        (Subject::FormsToCorrect, Step::Forms, &[Bank, Merchant]),
        (Subject::DocumentSetAside, Step::Forms, &[Bank, Operations]),
        (Subject::FormsReminder, Step::Forms, &[Bank, Merchant]),
        (Subject::DossierSent, Step::TestDeclaration, &[Bank, Merchant, Monetique]),
        (Subject::TestRejected, Step::TestDeclaration, &[Bank, Operations]),
        (Subject::TestDeclared, Step::Tests, &[Merchant, Bank]),
        (Subject::TestsStart, Step::Tests, &[Webmaster]),
        (Subject::TestsReminder, Step::Tests, &[Merchant]),
        (Subject::TestsComplete, Step::Tests, &[Monetique]),
        (Subject::TestsFailed, Step::Tests, &[Merchant]),
        (Subject::TestsPassed, Step::TestsPassed, &[Bank]),
        (Subject::ProductionToDeclare, Step::Production, &[Bank]),
        (Subject::ProductionDone, Step::PaymentServer, &[Merchant]),
        (Subject::ServerDone, Step::Users, &[Merchant, Bank]),
        (Subject::UsersToCreate, Step::Users, &[Bank]),
        (Subject::UserAccess, Step::Live, &[User]),
        (Subject::Live, Step::Live, &[Merchant, Bank]),
        (Subject::ChangeOfState, Step::Suspended, &[Bank, Merchant, Monetique]),
        // A change that was taken.
        (Subject::ChangeOfState, Step::Live, &[Bank, Merchant]),
        (Subject::AcknowledgementLate, Step::Production, &[Monetique, Operations]),
        (Subject::CertificateExpiring, Step::Live, &[Bank, Merchant]),
        (Subject::AcknowledgementSetAside, Step::Forms, &[Operations]),
    ]
};

pub(super) const LANGUAGES: [Language; 3] = [Language::Fr, Language::Ar, Language::En];

/// A matter that every template can be filled with.
pub(super) struct Sample {
    pub dossier: Dossier,
    pub requirements: Vec<Requirement>,
    pub attachments: Vec<Attachment>,
    /// About documents that belong to no dossier.
    pub alone: bool,
    pub at: Timestamp,
}

impl Sample {
    pub(super) fn matter(&self) -> Matter<'_> {
        Matter {
            dossier: (!self.alone).then_some(&self.dossier),
            requirements: &self.requirements,
            bank: Some("Banque Internationale Arabe de Tunisie"),
            attachments: &self.attachments,
            at: self.at,
        }
    }
}

/// An invented merchant at a step; `name` is its raison sociale.
pub(super) fn sample(step: Step, name: &str) -> Sample {
    // 24 November 2026, nine in the morning in Tunis.
    let at = Timestamp::from_second(1_795_507_200).expect("a date of this century");
    let days = |count: i64| at - SignedDuration::from_hours(24 * count);
    let mut dossier = Dossier::open(DossierRef::new(2026, 123), None, days(40));
    dossier.step = step;
    dossier.since = days(15);
    dossier.adhesion = Some(form(
        Kind::Adhesion,
        &[
            ("raison_sociale", json!(name)),
            ("email", json!("contact@amelie.example")),
            ("code_mcc", json!("5462")),
            ("cartes", json!(["CIB", "Visa"])),
            ("devises", json!(["EUR", "TND"])),
            ("secure3d_national", json!(true)),
        ],
    ));
    let users = vec![vec![
        field("nom", json!("Ben Salah")),
        field("prenom", json!("Amélie")),
        field("email", json!("amelie@amelie.example")),
    ]];
    if let Some(form) = &mut dossier.adhesion {
        form.fields
            .insert("utilisateurs".into(), Field { value: Value::Rows(users), ..field("utilisateurs", json!("")) });
    }
    dossier.fiche = Some(form(
        Kind::FicheTechnique,
        &[
            ("url_site", json!("https://www.amelie.example")),
            ("url_notification", json!("https://www.amelie.example/notification")),
            ("mode_integration", json!("module")),
            ("expiration_ssl", json!("2026-12-10")),
        ],
    ));
    dossier.documents = vec![Held {
        document: DocumentId(uuid::Uuid::nil()),
        name: "adhésion amélie.pdf".into(),
        sha256: None,
        kinds: vec![Kind::Adhesion],
        received: days(40),
        superseded: false,
    }];
    dossier.allocated = [
        ("numero_affiliation", json!("5000000001")),
        ("reference_pv_recette", json!("PV-2026-0042")),
        ("date_pv_recette", json!("2026-11-20")),
        ("tests_a_reprendre", json!(["0004", "C05"])),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key.to_owned(), serde_json::from_value(value).ok()?)))
    .collect();
    let reasons = vec![
        ("M005".to_owned(), String::new()),
        ("X999".to_owned(), "Dossier déjà connu sous un autre nom".to_owned()),
    ];
    let (file_type, operation, state) = match step {
        Step::TestDeclaration => (FileType::Dts, Operation::Creation, DeclaredState::Rejected { reasons }),
        Step::Suspended => (FileType::Sps, Operation::Suspension, DeclaredState::Published),
        Step::Users | Step::Live => (FileType::Uti, Operation::Creation, DeclaredState::Published),
        _ => (FileType::Dpr, Operation::Creation, DeclaredState::Published),
    };
    let file = Some(format!("{file_type}00008.20261118.000007"));
    dossier.declared = vec![Declared {
        file_type,
        operation,
        file,
        content: Sha256::of(b""),
        state,
        pieces: vec![],
        given: [].into(),
        at: days(6),
    }];
    dossier.history = [Step::Forms, Step::TestDeclaration, Step::Tests, Step::Production, Step::Live]
        .into_iter()
        .zip([40, 33, 30, 6, 0])
        .map(|(step, ago)| Reached {
            step,
            at: days(ago),
            cause: "sample".into(),
            reason: (step == Step::Suspended).then(|| "Contrat suspendu".to_owned()),
        })
        .collect();
    Sample { dossier, requirements: requirements(), attachments: Vec::new(), alone: false, at }
}

fn requirements() -> Vec<Requirement> {
    let page = Place::Page { page: 2, bbox: Rect::default() };
    let rib = Finding::new("rib_key", Severity::Reject)
        .in_kind(Kind::Adhesion)
        .about(&"rib".into(), Some("RIB (20 chiffres)".into()), Some(page))
        .with("value", "08006012345678901232");
    let cell = Place::Cell { sheet: "Feuil1".into(), cell: "C12".into() };
    let address = Finding::new("bad_email", Severity::Reject)
        .in_kind(Kind::FicheTechnique)
        .about(&"contact_technique_email".into(), Some("E-mail du webmaster".into()), Some(cell))
        .with("value", "ines@agence");
    let document = Finding::new("missing_document", Severity::Incomplete).with("document", "fiche_technique");
    vec![
        Requirement { state: State::InError, actor: Actor::Merchant, finding: rib },
        Requirement { state: State::InError, actor: Actor::Merchant, finding: address },
        Requirement { state: State::Late, actor: Actor::Bank, finding: document },
    ]
}

fn answer_set_aside() -> SetAside {
    let finding = Finding::new("acknowledgement_wrong", Severity::Info)
        .with("from", "Monétique-Tunisie")
        .with("code", "F003")
        .with("why", "aucune déclaration DTS00008.20261118.000099 n'a été émise");
    SetAside { name: "ACR00008.20261119.000031".into(), finding }
}

fn set_aside() -> Vec<SetAside> {
    // A card number as the guard masks it.
    let card = Finding::new("pan_found", Severity::Reject).with("value", "411111******1111");
    let damaged = Finding::new("damaged", Severity::Incomplete);
    vec![
        SetAside { name: "grille de tests.xlsx".into(), finding: card },
        SetAside { name: "scan 0042.pdf".into(), finding: damaged },
    ]
}

fn form(kind: Kind, values: &[(&str, serde_json::Value)]) -> Extraction {
    let fields = values.iter().map(|(key, value)| ((*key).into(), field(key, value.clone()))).collect();
    Extraction { kind, member: None, pages: vec![1], fields, gaps: vec![] }
}

fn field(key: &str, value: serde_json::Value) -> Field {
    Field {
        key: key.into(),
        value: serde_json::from_value(value).expect("samples hold texts, lists and flags"),
        raw: String::new(),
        place: None,
        label: None,
        method: Method::Text,
        confidence: 1.0,
        trust: Trust::Trusted,
        changes: vec![],
    }
}

pub(super) fn notification(subject: Subject, to: Recipient, language: Language, sample: &Sample) -> Notification {
    let file = sample.dossier.declared.first().and_then(|declared| declared.file.clone());
    let occasion = match subject {
        Subject::DocumentSetAside => "aside-1".to_owned(),
        Subject::AcknowledgementLate => format!("late-{}", file.unwrap_or_default()),
        Subject::ChangeOfState if sample.dossier.step == Step::Live => format!("accepted-{}", file.unwrap_or_default()),
        Subject::ChangeOfState if to == Recipient::Merchant => "suspended".to_owned(),
        _ => file.unwrap_or_default(),
    };
    Notification {
        subject,
        dossier: (!sample.alone).then(|| sample.dossier.reference.clone()),
        to,
        addresses: vec![
            if to == Recipient::User { "amelie@amelie.example" } else { "destinataire@exemple.example" }.into(),
        ],
        copies: vec![],
        language,
        occasion,
        documents: match subject {
            Subject::AcknowledgementSetAside => vec![answer_set_aside()],
            _ if sample.alone => set_aside(),
            _ => Vec::new(),
        },
    }
}

/// A letter to one address; each trial is a letter of its own.
pub(super) fn trial(address: &str, at: Timestamp) -> (Sample, Notification) {
    let sample = sample(Step::Tests, "Commerçant fictif (courrier d'essai)");
    let notification = Notification {
        addresses: vec![address.to_owned()],
        occasion: format!("trial-{}", at.as_millisecond()),
        ..notification(Subject::TestDeclared, Recipient::Merchant, Language::Fr, &sample)
    };
    (sample, notification)
}

/// The sample that a letter is written about.
fn sample_of(subject: Subject, step: Step) -> Sample {
    let mut sample = sample(step, "Pâtisserie Sœur Amélie & Fils");
    if let (Subject::ChangeOfState, Step::Live, Some(declared)) = (subject, step, sample.dossier.declared.first_mut()) {
        (declared.operation, declared.state) = (Operation::Modification, DeclaredState::Accepted);
    }
    sample.alone = matches!(subject, Subject::DocumentSetAside | Subject::AcknowledgementSetAside);
    let papers: &[(&str, Attached)] = match subject {
        Subject::TestsStart | Subject::TestsReminder => {
            &[("grille-D26-000123.xlsx", Attached::Xlsx), ("grille-D26-000123.pdf", Attached::Pdf)]
        }
        Subject::TestsFailed => {
            &[("proces-verbal-D26-000123.pdf", Attached::Pdf), ("grille-D26-000123.xlsx", Attached::Xlsx)]
        }
        Subject::TestsComplete => &[("proces-verbal-D26-000123-projet.pdf", Attached::Pdf)],
        Subject::TestsPassed => &[("proces-verbal-D26-000123.pdf", Attached::Pdf)],
        _ => &[],
    };
    let paper = |(name, kind): &(&str, Attached)| Attachment { name: (*name).into(), kind: *kind, bytes: Vec::new() };
    sample.attachments = papers.iter().map(paper).collect();
    sample
}

const HEAD: &str = "<!DOCTYPE html><html lang=\"fr\"><meta charset=\"utf-8\"><title>Courriers</title><style>\
    body{font:15px sans-serif;margin:1.5rem;background:#eef1f4}h2{font-size:1rem;margin:2rem 0 .4rem}\
    div{display:flex;gap:12px;flex-wrap:wrap}figure{margin:0;width:31%;min-width:340px}\
    iframe{width:100%;height:760px;border:1px solid #c5ced6;background:#fff}</style><h1>Courriers</h1>\n";

/// All letters as pages, with the text part beside each and an index that shows them side by side.
pub(super) fn gallery(desk: &Desk<'_>) -> Result<Vec<(String, String)>, Vec<Unwritten>> {
    let mut files = Vec::new();
    let mut faults = Vec::new();
    let mut index = String::from(HEAD);
    for (subject, step, recipients) in LETTERS {
        for to in recipients {
            let sample = sample_of(subject, step);
            let recipient = serde_json::to_value(to).ok().and_then(|to| to.as_str().map(ToOwned::to_owned));
            let taken = if (subject, step) == (Subject::ChangeOfState, Step::Live) { "taken." } else { "" };
            let stem = format!("{}.{taken}{}", subject.as_str(), recipient.unwrap_or_default());
            // Writing to a text cannot fail.
            let _ = write!(index, "<h2 id=\"{stem}\">{stem}</h2><div>");
            for language in LANGUAGES {
                let notification = notification(subject, *to, language, &sample);
                let context = Context::of(desk, &notification, &sample.matter());
                // Each letter has its own faults: the next one is written all the same.
                let told = match tell(desk.templates, &notification, &context) {
                    Ok(told) => told,
                    Err(fault) => {
                        faults.push(Unwritten::from(fault));
                        continue;
                    }
                };
                let name = format!("{stem}.{}", language.as_str());
                let _ = write!(
                    index,
                    "<figure><figcaption><a href=\"{name}.html\">{}</a> · <a href=\"{name}.txt\">texte</a></figcaption>\
                     <iframe loading=\"lazy\" src=\"{name}.html\"></iframe></figure>",
                    language.as_str()
                );
                files.push((format!("{name}.html"), told.html));
                files.push((format!("{name}.txt"), format!("{}\n\n{}", told.subject, told.text)));
            }
            index.push_str("</div>\n");
        }
    }
    index.push_str("</html>\n");
    files.push(("index.html".into(), index));
    if faults.is_empty() { Ok(files) } else { Err(faults) }
}
