//! No log tells what a form says, whatever its format and however much it is asked to say.

use std::collections::BTreeSet;

use guichet::demo;
use guichet::domain::field::Value;
use guichet::schemas::Forms;
use guichet::store::Store;

use super::daemon::Installation;

/// Every text of a value long enough that it cannot stand in a line by chance.
fn markers(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Flag(_) => {}
        Value::Text(text) => {
            // Choices (yes, no, Tunis) are words of the log's own, too: names, numbers and addresses are not.
            let telling =
                text.contains('@') || text.chars().filter(char::is_ascii_digit).count() >= 5 || text.contains(' ');
            if telling && text.chars().count() >= 6 {
                into.insert(text.clone());
            }
        }
        Value::List(items) => items.iter().for_each(|item| markers(&Value::Text(item.clone()), into)),
        Value::Rows(rows) => rows.iter().flatten().for_each(|cell| markers(&cell.value, into)),
    }
}

#[test]
fn showing_a_value_for_a_log_shows_nothing_of_it() {
    use guichet::domain::dossier::{DossierRef, Unreached};
    use guichet::domain::finding::{Finding, Severity};
    use guichet::domain::notification::{Language, Notification, Recipient, SetAside, Subject};
    use guichet::store::{Delivery, Envelope, Laid, Mark, Page, Recipient as Addressee, Reply, Written};
    let name = || "Zohra Marqueur".to_owned();
    let bytes = || b"Zohra Marqueur".to_vec();
    let value = Value::List(vec!["Zohra Marqueur".to_owned()]);
    let mark = Mark { name: "rib".to_owned(), value: "Zohra Marqueur".to_owned() };
    let letter = Envelope {
        message_id: "<1@guichet.test>".to_owned(),
        to: vec!["Zohra Marqueur <zohra@banque.example>".to_owned()],
        message: b"Zohra Marqueur".to_vec(),
        dossier: Some(guichet::domain::dossier::DossierRef::new(2026, 1)),
    };
    let finding = Finding::new("rib_key", Severity::Reject).with("value", name());
    let told = Notification {
        subject: Subject::DocumentSetAside,
        dossier: Some(DossierRef::new(2026, 1)),
        to: Recipient::Merchant,
        addresses: vec![name()],
        copies: vec![name()],
        language: Language::Fr,
        occasion: "1".to_owned(),
        documents: vec![SetAside { name: name(), finding: finding.clone() }],
    };
    let written = Written { message_id: "<1@guichet.test>".to_owned(), to: vec![name()], message: bytes() };
    let laid = Laid { name: "DTS".to_owned(), bytes: bytes(), beside: vec![(".json".to_owned(), bytes())] };
    let page = Page { files: vec![(name(), bytes())] };
    let document = guichet::domain::document::DocumentId(uuid::Uuid::from_u128(1));
    let reply = Reply { document, folder: None, files: vec![(name(), bytes())] };
    let addressee = Addressee { address: name(), delivery: Delivery::Refused, detail: name() };
    let at = "2026-11-24T11:00:00Z".parse().unwrap();
    let unreached = Unreached { address: name(), why: name(), at };
    let shown = format!(
        "{value:?} {mark:?} {letter:?} {finding:?} {told:?} {written:?} {laid:?} {page:?} {reply:?} {addressee:?} {unreached:?}"
    );
    // Bytes are shown as numbers.
    let numbers = format!("{:?}", bytes());
    assert!(!shown.contains("Zohra") && !shown.contains(&numbers[1..20]), "{shown}");
    assert!(shown.contains("***") && shown.contains("rib") && shown.contains("DocumentSetAside"), "{shown}");
}

#[test]
fn no_log_tells_what_a_form_says() {
    for format in ["text", "json"] {
        let more = format!("[log]\nformat = \"{format}\"\nlevel = \"debug\"\n");
        let installation = Installation::new(&more);
        // A merchant who is declared, one who must correct, and a file that is no form, under a telling name.
        let forms = Forms::built_in();
        let samples = demo::samples(&forms).unwrap();
        let mut laid = 1;
        installation.lay("Comptoir de Mme Zohra Marqueur.pdf", &demo::one_of_many(&forms, 1).unwrap());
        for sample in samples.iter().filter(|sample| sample.bank == "biat") {
            for (name, bytes) in &sample.files {
                installation.lay(&format!("{laid} {name}"), bytes);
                laid += 1;
            }
        }
        let daemon = installation.start();
        installation.until("all are answered", |installation| installation.answers() >= laid);
        installation.until("nothing is under way", |installation| {
            installation.with_store(|store| async move { store.errands().await.unwrap().is_empty() })
        });
        daemon.stop();
        let mut wanted: BTreeSet<String> = ["Zohra", "Marqueur"].map(str::to_owned).into();
        let wanted = installation.with_store(|store| async move {
            for stored in store.documents().await.unwrap() {
                wanted.insert(stored.arrival.name);
                for extraction in stored.reading.iter().flat_map(|reading| &reading.extractions) {
                    for field in extraction.fields.values() {
                        markers(&field.value, &mut wanted);
                    }
                }
            }
            for letter in store.letters(None).await.unwrap() {
                wanted.extend(letter.to);
            }
            wanted
        });
        let log = installation.log();
        assert!(log.contains("Received document") && log.lines().count() > 30, "the log says too little to judge");
        assert!(wanted.len() > 40, "only {} markers", wanted.len());
        let told: Vec<_> = wanted.iter().filter(|marker| log.contains(marker.as_str())).collect();
        assert!(told.is_empty(), "{format}: the log tells {told:?}");
        if format == "json" {
            for line in log.lines() {
                serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|err| panic!("{line}: {err}"));
            }
        }
    }
}
