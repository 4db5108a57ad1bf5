//! What lies beside documents: acknowledgements, declarations and letters whose time is over, errands that are done.

use super::*;
use crate::domain::declaration::{Departure, FileType, Operation};
use crate::domain::notification::{Language, Recipient, Subject};
use crate::store::{Delivery, Errand, Fate, Recipient as Addressee};

fn declaration(dossier: &DossierRef) -> Declaration {
    Declaration {
        file_type: FileType::Dts,
        operation: Operation::Creation,
        dossier: dossier.clone(),
        bank_code: "08".to_owned(),
        adhesion: [("raison_sociale".to_owned(), "Amel Trabelsi".into())].into(),
        fiche: [].into(),
        allocated: [].into(),
        pieces: vec![],
    }
}

fn letter(dossier: &DossierRef, occasion: &str) -> Effect {
    Effect::Send(Box::new(Notification {
        subject: Subject::FormsReceived,
        dossier: Some(dossier.clone()),
        to: Recipient::Merchant,
        addresses: vec!["amel@trabelsi.example".to_owned()],
        copies: vec![],
        language: Language::Fr,
        occasion: occasion.to_owned(),
        documents: vec![],
    }))
}

impl Bench {
    /// A dossier opened on a day, with these effects.
    async fn dossier(&self, at: Timestamp, step: Step, effects: impl FnOnce(&DossierRef) -> Vec<Effect>) -> DossierRef {
        let reference = self.store.next_reference(2026).await.unwrap();
        let mut dossier = Dossier::open(reference.clone(), Some(BankFolder::parse("biat").unwrap()), at);
        dossier.step = step;
        let mut minute = Minute::new(Cause::Event, at);
        minute.decisions.push(Decided {
            before: None,
            decision: Decision { dossier, effects: effects(&reference) },
            marks: vec![],
            event: "examined",
            document: None,
            detail: serde_json::Value::Null,
        });
        self.store.commit(minute, &Plain).await.unwrap();
        reference
    }

    async fn lent(&self, kind: ErrandKind, at: Timestamp) -> Errand {
        self.store.lend(kind, 1, at, at + Duration::from_mins(1)).await.unwrap().remove(0)
    }

    async fn done(&self, kind: ErrandKind, at: Timestamp) {
        let errand = self.lent(kind, at).await;
        self.store.commit(Minute::new(Cause::Errand(errand.loan), at), &Plain).await.unwrap();
    }

    fn lay(&self, below: &str, bytes: &[u8]) {
        let path = self.var.path().join(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn there(&self, below: &str) -> bool {
        self.var.path().join(below).symlink_metadata().is_ok()
    }

    /// Is this text anywhere in the database, its log included?
    async fn remembers(&self, text: &str) -> bool {
        self.store.close().await;
        let file = self.var.path().join("g.db");
        [file.clone(), file.with_extension("db-wal")].iter().any(|path| {
            let bytes = fs::read(path).unwrap_or_default();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    }
}

#[tokio::test]
async fn a_declaration_whose_time_is_over_is_known_by_its_name_alone() {
    let bench = Bench::new().await;
    let of = |reference: &DossierRef| {
        vec![Effect::Publish { declaration: Box::new(declaration(reference)), leaves: Departure::Now }]
    };
    let reference = bench.dossier(day(1), Step::Live, of).await;
    let name = bench.lent(ErrandKind::Publish, day(1)).await.subject;
    bench.store.staged(&name).await.unwrap();
    bench.store.end_loans().await.unwrap();
    bench.done(ErrandKind::Publish, day(1)).await;
    let (offered, other) = (format!("outbox/monetique/{name}"), format!("outbox/monetique/{name}9"));
    for path in [&offered, &format!("{offered}.json"), &format!("outbox/monetique/.stage/{name}.sha256"), &other] {
        bench.lay(path, b"10 Amel");
    }
    let list = bench.purge(&before(5, 0)).await.unwrap();
    assert_eq!((list.expired.declarations.len(), list.outcome.offered_files), (1, 3));
    assert!(!bench.there(&offered) && bench.there(&other), "one of another name was taken");
    let outgoing = bench.store.outgoing(&name).await.unwrap().unwrap();
    assert_eq!((outgoing.dossiers, outgoing.bytes.len()), (vec![reference], 0));
    // The journal's last old row goes once a younger one is there; nothing else is erased twice.
    let again = bench.purge(&before(5, 0)).await;
    assert!(again.is_none_or(|list| list.expired.declarations.is_empty()));
    assert!(!bench.remembers("Amel").await);
}

#[tokio::test]
async fn what_waits_in_a_dossier_whose_time_is_over_goes_with_it() {
    let bench = Bench::new().await;
    let of = |reference: &DossierRef| {
        let held = Effect::Publish { declaration: Box::new(declaration(reference)), leaves: Departure::Held };
        vec![held, letter(reference, "unwritable")]
    };
    bench.dossier(day(1), Step::Refused, of).await;
    assert_eq!((bench.store.waiting(None).await.unwrap().len(), bench.store.errands().await.unwrap().len()), (1, 1));
    bench.purge(&before(5, 0)).await.unwrap();
    assert_eq!((bench.store.waiting(None).await.unwrap().len(), bench.store.errands().await.unwrap().len()), (0, 0));
    assert!(!bench.remembers("Trabelsi").await && !bench.remembers("amel@").await);
}

#[tokio::test]
async fn a_letter_goes_with_all_its_addresses_once_nobody_will_send_it() {
    let bench = Bench::new().await;
    let of = |reference: &DossierRef| vec![letter(reference, "sent"), letter(reference, "waits")];
    bench.dossier(day(1), Step::Tests, of).await;
    let errand = bench.lent(ErrandKind::Send, day(1)).await;
    let addressee = |delivery| Addressee {
        address: "amel@trabelsi.example".to_owned(),
        delivery,
        detail: "250 amel@trabelsi.example".to_owned(),
    };
    bench.store.delivered(&errand.subject, &[addressee(Delivery::Held)], day(1)).await.unwrap();
    bench.store.commit(Minute::new(Cause::Errand(errand.loan), day(1)), &Plain).await.unwrap();
    let list = bench.purge(&before(5, 0)).await.unwrap();
    assert_eq!(list.expired.letters, ["<sent@guichet.test>"], "one waits still");
    let other = bench.lent(ErrandKind::Send, day(9)).await;
    bench.store.delivered(&other.subject, &[addressee(Delivery::Sent)], day(9)).await.unwrap();
    bench.store.commit(Minute::new(Cause::Errand(other.loan), day(9)), &Plain).await.unwrap();
    let list = bench.purge(&before(5, 0)).await.unwrap();
    assert_eq!(list.expired.letters, ["<waits@guichet.test>"]);
    assert!(!bench.remembers("amel@trabelsi.example").await);
}

#[tokio::test]
async fn done_errands_are_counted_away_and_what_is_not_done_stays() {
    let bench = Bench::new().await;
    bench.document(b"old", day(1), None, false).await;
    bench.document(b"young", day(9), None, false).await;
    let list = bench.purge(&before(5, 0)).await.unwrap();
    assert_eq!(list.expired.errands.as_ref().unwrap().count, 1, "its examination; its answer has not been left");
    assert_eq!(bench.store.errands().await.unwrap().len(), 2, "two answers to be left");
    assert!(bench.purge(&before(5, 0)).await.is_none());
}

#[tokio::test]
async fn acknowledgements_go_by_their_fate() {
    let bench = Bench::new().await;
    let card = (0..10).map(|check| format!("4370370370370{check}"));
    let card = card.into_iter().find(|number| crate::domain::card_number::masked(number).is_some()).expect("a sum");
    let lay = |folder: &str, at: i64, bytes: &[u8]| {
        let path = format!("{folder}/{}__ACR.json", crate::clock::identifier(day(at)).simple());
        bench.lay(&path, bytes);
        path
    };
    let (archive, quarantine) = ("archive/accuses", "quarantine");
    let gone =
        [lay(archive, 1, b"{}"), lay(quarantine, 1, b"{}"), lay(quarantine, 7, format!("carte {card}\n").as_bytes())];
    let kept = [lay(archive, 7, b"{}"), lay(quarantine, 7, b"{}"), lay(archive, 7, card.as_bytes())];
    bench.lay("quarantine/a note of ours", b"x");
    let list = bench.purge(&before(5, 8)).await.unwrap();
    let fates: Vec<Fate> = list.expired.acknowledgements.iter().map(|expired| expired.fate).collect();
    assert_eq!((fates.len(), list.outcome.acknowledgement_files), (3, 3));
    assert!([Fate::Applied, Fate::SetAside, Fate::CardNumber].iter().all(|fate| fates.contains(fate)), "{fates:?}");
    assert!(gone.iter().all(|path| !bench.there(path)) && kept.iter().all(|path| bench.there(path)));
    assert!(bench.there("quarantine/a note of ours"));
    // By itself, without a person, only what may not be kept goes.
    let strictly = lay(quarantine, 7, card.as_bytes());
    lay(quarantine, 1, b"{}");
    let list = bench.purge(&before(5, 8).strictly()).await.unwrap();
    assert_eq!(list.expired.acknowledgements.len(), 1);
    assert!(!bench.there(&strictly));
    let told = bench.store.purges().await.unwrap().remove(1);
    assert_eq!(told["sha256"].as_str().unwrap(), List::read(bench.var.path(), &list.id).unwrap().hash());
}

#[tokio::test]
async fn a_list_of_an_earlier_version_keeps_its_hash() {
    let bench = Bench::new().await;
    bench.document(b"apart", day(1), None, false).await;
    let mut expired = bench.store.expired(&before(5, 0)).await.unwrap();
    expired.errands = None;
    let text = serde_json::to_string(&expired).unwrap();
    assert!(!text.contains("acknowledgements") && !text.contains("errands"), "{text}");
}

#[tokio::test]
async fn under_a_name_with_a_card_number_nothing_stays() {
    let bench = Bench::new().await;
    let card = (0..10).map(|check| format!("4370370370370{check}"));
    let card = card.into_iter().find(|number| crate::domain::card_number::masked(number).is_some()).expect("a sum");
    let document = bench.document(b"card", day(1), None, true).await;
    let claim = format!("archive/other day/{document}__Dossier");
    // A second document of the deposit is kept: the claim does not go as a whole.
    let mut second = bench.store.document(document).await.unwrap().unwrap().arrival;
    (second.document, second.sha256) = (DocumentId(Uuid::now_v7()), Sha256::of(b"kept"));
    bench.store.receive(&[second]).await.unwrap();
    bench.lay(&format!("{claim}/carte {card}/scan.pdf"), b"card");
    bench.lay(&format!("{claim}/carte {card}/Thumbs.db"), b"thumbs");
    bench.lay(&format!("{claim}/adhesion.pdf"), b"kept");
    let link = bench.var.path().join(&claim).join(format!("{card}.lnk"));
    std::os::unix::fs::symlink("/nowhere", &link).unwrap();
    bench.purge(&before(0, 2)).await.unwrap();
    let left: Vec<String> = walkdir::WalkDir::new(bench.var.path().join(&claim))
        .into_iter()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left.contains(&"adhesion.pdf".to_owned()), "{left:?}");
}
