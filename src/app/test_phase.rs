//! Steps 6 and 7 at the whole desk: grids dropped, answered, reported; letters that a trial keeps.

use std::fs;

use super::tests::Installation;
use super::*;
use crate::demo;
use crate::domain::declaration::FileType;
use crate::domain::document::Kind;
use crate::domain::dossier::{Dossier, DossierRef};
use crate::domain::event::{Acknowledged, Event, TestResult, Verdict};
use crate::domain::notification::Language;
use crate::domain::step::Step;
use crate::scribe::{self, Pen};
use crate::store::{Delivery, DocumentState};

impl Installation {
    /// Drops files into a bank's folder and lets everything be done.
    async fn drop_in(&self, bank: &str, name: &str, bytes: &[u8]) -> Arc<Desk> {
        fs::write(self.folder.path().join("inbox").join(bank).join(name), bytes).unwrap();
        work::scan(self.desk().await).await.unwrap();
        self.desk().await
    }

    /// A merchant declared in the test environment, its letters sent.
    async fn in_tests(&self) -> DossierRef {
        let forms = demo::one_of_many(&Forms::built_in(), 7).unwrap();
        let desk = self.drop_in("biat", "comptoir.pdf", &forms).await;
        let reference = desk.store.dossiers(1).await.unwrap()[0].reference.clone();
        let file = desk.store.declarations(Some(&reference)).await.unwrap()[0].name.clone();
        let outcome = Acknowledged::Accepted {
            numero_affiliation: Some("5000000001".into()),
            numero_terminal: Some("80000001".into()),
            identifiant_sps: None,
        };
        let accepted = Event::Acknowledged { file, file_type: FileType::Dts, outcome, by: "smt".into() };
        crate::procedure::happen(&desk, &reference, &accepted, "smt").await.unwrap();
        work::scan(self.desk().await).await.unwrap();
        reference
    }

    fn answer_to(&self, name: &str) -> String {
        let folder = self.folder.path().join("inbox/biat/reponses");
        let found = fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()).find(|path| {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            file.starts_with(name) && std::path::Path::new(&file).extension().is_some_and(|ending| ending == "html")
        });
        fs::read_to_string(found.unwrap_or_else(|| panic!("{name} has no answer"))).unwrap()
    }
}

fn pen(desk: &Desk) -> Pen {
    let forms = Arc::new(Forms::built_in());
    let rules = Arc::new(Rules::built_in(&forms));
    scribe::open(&desk.config, forms, rules, Arc::new(Layouts::built_in())).unwrap()
}

/// The dossier as it would be with every test run: its grid is a filled grid.
fn all_run(desk: &Desk, dossier: &Dossier, remark: Option<&str>) -> Dossier {
    let mut run = dossier.clone();
    for scenario in desk.rules.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref()) {
        let result = TestResult {
            network: Some("CIB".into()),
            authorisation: scenario.authorised.then(|| "084512".into()),
            remark: remark.map(Into::into),
            ..TestResult::new(&scenario.code, Verdict::Conforme)
        };
        run.tests.insert(scenario.code.clone(), result);
    }
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_is_recorded_answered_and_reported() {
    let mut installation = Installation::new();
    installation.extra =
        "[monetique]\nmailboxes = [\"tests@smt.example\"]\noperations = [\"ops@smt.example\"]\n".to_owned();
    let reference = installation.in_tests().await;
    let desk = installation.desk().await;
    let before = desk.store.dossier(&reference).await.unwrap().unwrap().dossier;
    assert_eq!(before.step, Step::Tests);
    let letters = desk.store.letters(Some(&reference)).await.unwrap();
    let start = letters.iter().find(|letter| letter.subject == "tests_start").expect("the tests are announced");
    let message = desk.store.envelope(&start.message_id).await.unwrap().unwrap().message;
    let message = String::from_utf8(message).unwrap();
    assert!(
        message.contains(&format!("grille-{reference}.xlsx")) && message.contains(&format!("grille-{reference}.pdf"))
    );

    // A reference that is not known, a card number: nothing is recorded, and both are told.
    let pen = pen(&desk);
    let papers = |dossier: &Dossier| pen.papers(dossier, Language::Ar, desk.clock.now()).workbook().unwrap().2;
    let mut stray = all_run(&desk, &before, None);
    stray.reference = DossierRef::new(2026, 9999);
    installation.drop_in("biat", "autre.xlsx", &papers(&stray)).await;
    let answer = installation.answer_to("autre.xlsx");
    assert!(answer.contains("D26-009999") && answer.contains("Grille non rattachée"), "{answer}");
    installation.drop_in("stb", "chez-stb.xlsx", &papers(&all_run(&desk, &before, None))).await;
    let card = ["4", &"1".repeat(15)].concat();
    let desk = installation.drop_in("biat", "carte.xlsx", &papers(&all_run(&desk, &before, Some(&card)))).await;
    let quarantined = desk.store.documents().await.unwrap();
    let quarantined = quarantined.iter().find(|document| document.arrival.name == "carte.xlsx").unwrap();
    assert_eq!(quarantined.state, DocumentState::Quarantined);
    let filed = desk.store.dossier(&reference).await.unwrap().unwrap().dossier;
    assert!(filed.tests.is_empty(), "neither another bank's grid nor one with a card number counts");
    let aside = desk.store.letters(None).await.unwrap();
    let aside: Vec<_> = aside.iter().filter(|letter| letter.subject == "document_set_aside").collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(
        (aside[0].dossier.as_ref(), aside[0].to.clone()),
        (None, vec!["biat@banque.example".to_owned(), "ops@smt.example".to_owned()])
    );

    // The right grid.
    let filled = papers(&all_run(&desk, &before, None));
    let desk = installation.drop_in("biat", "grille-remplie.xlsx", &filled).await;
    let filed = desk.store.dossier(&reference).await.unwrap().unwrap().dossier;
    let applying = desk.rules.grid.applying(before.adhesion.as_ref(), before.fiche.as_ref()).len();
    assert_eq!(filed.tests.len(), applying);
    assert!(filed.documents.iter().any(|held| held.kinds == [Kind::GrilleTests]));
    assert!(installation.answer_to("grille-remplie.xlsx").contains("Résultats enregistrés"));
    let letters = desk.store.letters(Some(&reference)).await.unwrap();
    assert!(letters.iter().any(|letter| letter.subject == "tests_complete" && letter.to == ["tests@smt.example"]));

    // The report goes to the bank.
    let report = Event::TestsReported {
        favourable: true,
        reference: "PV-2026-0042".into(),
        date: jiff::civil::date(2026, 11, 24),
        failing: vec![],
        signatory: None,
        by: "smt".into(),
    };
    crate::procedure::happen(&desk, &reference, &report, "smt").await.unwrap();
    work::scan(installation.desk().await).await.unwrap();
    let filed = desk.store.dossier(&reference).await.unwrap().unwrap().dossier;
    assert_eq!((filed.step, filed.reports.len(), filed.reports[0].results.len()), (Step::Production, 1, applying));
    let letters = desk.store.letters(Some(&reference)).await.unwrap();
    let passed = letters.iter().find(|letter| letter.subject == "tests_passed").unwrap();
    assert_eq!(passed.to[0], "biat@banque.example");
    let message = desk.store.envelope(&passed.message_id).await.unwrap().unwrap().message;
    assert!(String::from_utf8(message).unwrap().contains(&format!("proces-verbal-{reference}.pdf")));

    // A late grid is answered and changes nothing.
    let late = papers(&all_run(&desk, &before, Some("encore")));
    let desk = installation.drop_in("biat", "tard.xlsx", &late).await;
    assert!(installation.answer_to("tard.xlsx").contains("pas attendue"));
    assert_eq!(desk.store.dossier(&reference).await.unwrap().unwrap().dossier.tests, filed.tests);
    assert_eq!(desk.store.verify().await.unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_keeps_what_is_not_for_listed_addresses() {
    let mut installation = Installation::new();
    installation.extra = "[post]\nonly_to = [\"biat@banque.example\"]\n".to_owned();
    let reference = installation.in_tests().await;
    let desk = installation.desk().await;
    let letters = desk.store.letters(Some(&reference)).await.unwrap();
    let (mut sent, mut held) = (0, 0);
    for recipient in letters.iter().flat_map(|letter| &letter.recipients) {
        match (recipient.address.as_str(), recipient.delivery) {
            ("biat@banque.example", Delivery::Sent) => sent += 1,
            (address, Delivery::Held) if address != "biat@banque.example" => held += 1,
            (address, delivery) => panic!("{address}: {delivery:?}"),
        }
    }
    assert!(sent >= 2 && held >= 2, "{sent} sent, {held} held");
    // What only went to others is no file of sent letters.
    let written = installation.files("var/letters").len();
    assert!(written < letters.len(), "{written} of {}", letters.len());
    assert!(desk.store.errands().await.unwrap().is_empty());

    // The trial over, a person sends what was kept: to those it was kept from, once.
    installation.extra = String::new();
    let desk = installation.desk().await;
    let now = desk.clock.now();
    assert!(desk.store.send_kept(Some(&reference), "A. Ben Salah", now).await.unwrap() >= 1);
    assert_eq!(desk.store.send_kept(None, "A. Ben Salah", now).await.unwrap(), 0);
    work::scan(installation.desk().await).await.unwrap();
    let letters = desk.store.letters(Some(&reference)).await.unwrap();
    let mut recipients = letters.iter().flat_map(|letter| &letter.recipients);
    assert!(recipients.all(|recipient| recipient.delivery == Delivery::Sent), "{letters:#?}");
    assert_eq!(installation.files("var/letters").len(), letters.len());
    assert!(desk.store.journal(Some(&reference)).await.unwrap().iter().any(|line| line.event == "kept_letter_sent"));
}
