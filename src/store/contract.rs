//! What every store must do, whatever it is made of. Each promise is a test; a new store calls [`holds_for`].

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::domain::bank::BankFolder;
use crate::domain::declaration::{Declaration, Departure, FileType, Operation, Seen, Sequence};
use crate::domain::document::{Format, Kind, Reading, Sha256};
use crate::domain::dossier::{Decision, Declared, DeclaredState, Dossier};
use crate::domain::effect::{Answer, Effect};
use crate::domain::notification::{Language, Notification, Recipient, Subject};
use crate::domain::release::{Role, User};

/// Runs every promise against stores that `fresh` makes; the second part keeps the store's folder alive.
pub(super) async fn holds_for<S: Store, G, F: Future<Output = (S, G)>>(fresh: impl Fn() -> F) {
    received_once(&fresh().await.0).await;
    repeats_are_known_per_bank(&fresh().await.0).await;
    numbers_have_no_gap(&fresh().await.0).await;
    a_moved_dossier_is_refused_and_leaves_nothing(&fresh().await.0).await;
    loans_lapse_and_lost_ones_are_refused(&fresh().await.0).await;
    setbacks_are_counted_apart_from_dead_workers(&fresh().await.0).await;
    a_clock_set_back_stops_nothing(&fresh().await.0).await;
    what_is_held_takes_its_number_when_it_is_released(&fresh().await.0).await;
    a_batch_is_one_file_of_all_that_waited(&fresh().await.0).await;
    the_same_letter_is_written_once(&fresh().await.0).await;
    the_journal_shows_every_change(&fresh().await.0).await;
    people_are_known_by_name(&fresh().await.0).await;
}

const LOAN: Duration = Duration::from_secs(30);

fn noon() -> Timestamp {
    "2026-11-24T11:00:00Z".parse().unwrap()
}

fn arrival(bank: Option<&str>, bytes: &[u8]) -> Arrival {
    let document = DocumentId(Uuid::now_v7());
    Arrival {
        document,
        deposit: document,
        sha256: Sha256::of(bytes),
        size: bytes.len() as u64,
        name: "formulaire.pdf".to_owned(),
        bank: bank.map(|bank| BankFolder::parse(bank).unwrap()),
        received: noon(),
        refusal: None,
    }
}

fn dossier(reference: &DossierRef) -> Dossier {
    Dossier::open(reference.clone(), Some(BankFolder::parse("biat").unwrap()), noon())
}

fn declaration(dossier: &DossierRef, file_type: FileType) -> Declaration {
    Declaration {
        file_type,
        operation: Operation::Creation,
        dossier: dossier.clone(),
        bank_code: "08".to_owned(),
        adhesion: [].into(),
        fiche: [].into(),
        allocated: [].into(),
        pieces: vec![],
    }
}

/// Opens a dossier with these effects.
fn opening(dossier: Dossier, effects: Vec<Effect>) -> Minute {
    let mut minute = Minute::new(Cause::Event, noon());
    minute.decisions.push(decided(None, dossier, effects));
    minute
}

fn decided(before: Option<i64>, dossier: Dossier, effects: Vec<Effect>) -> Decided {
    Decided {
        before,
        decision: Decision { dossier, effects },
        marks: vec![Mark { name: "rib".to_owned(), value: "08006012345678901231".to_owned() }],
        event: "examined",
        document: None,
        detail: serde_json::Value::Null,
    }
}

/// Writes plain bytes, or refuses when told to.
struct Plain {
    refuses: bool,
}

const PLAIN: Plain = Plain { refuses: false };

impl Scribe for Plain {
    fn declarations(&self, declared: &[Declaration], sequence: Sequence, at: Timestamp) -> Result<Laid, Unwritable> {
        let d = &declared[0];
        if self.refuses {
            return Err(Unwritable("a zone is too small".to_owned()));
        }
        let name = crate::domain::declaration::file_name(
            d.file_type,
            &d.bank_code,
            crate::clock::in_tunis(at).date(),
            sequence,
        );
        Ok(Laid {
            bytes: format!("{name} {at} {}", declared.len()).into_bytes(),
            name,
            beside: vec![(".json".to_owned(), b"{}".to_vec())],
        })
    }

    fn letter(&self, n: &Notification, d: Option<&Dossier>, _at: Timestamp) -> Result<Written, Unwritable> {
        let about = d.map_or("none", |d| d.reference.as_str());
        Ok(Written {
            message_id: format!("<{about}.{}.{}@guichet.test>", n.subject.as_str(), n.occasion),
            to: n.addresses.clone(),
            message: b"letter".to_vec(),
        })
    }

    fn answer(&self, answer: &Answer, _: Option<&Dossier>, document: &Treated) -> Result<Page, Unwritable> {
        assert_eq!(answer.document, document.arrival.document);
        Ok(Page { files: vec![("reponse.html".to_owned(), b"<p>".to_vec())] })
    }
}

async fn received_once(store: &impl Store) {
    let one = arrival(Some("biat"), b"one");
    assert_eq!(store.receive(std::slice::from_ref(&one)).await.unwrap(), [Received::New]);
    assert_eq!(
        store.receive(std::slice::from_ref(&one)).await.unwrap(),
        [Received::Known],
        "the same claim after a crash"
    );
    let errands = store.lend(ErrandKind::Examine, 10, noon(), noon() + LOAN).await.unwrap();
    assert_eq!(errands.len(), 1);
    assert_eq!(errands[0].subject, one.document.to_string());
    assert_eq!(store.deposit(one.deposit).await.unwrap()[0].arrival, one);
}

async fn repeats_are_known_per_bank(store: &impl Store) {
    let arrivals = [
        arrival(Some("biat"), b"form"),
        arrival(Some("biat"), b"form"),
        arrival(Some("bna"), b"form"),
        arrival(Some("biat"), b"other form"),
    ];
    let received = store.receive(&arrivals).await.unwrap();
    assert_eq!(received, [Received::New, Received::Repeat(arrivals[0].document), Received::New, Received::New]);
}

async fn numbers_have_no_gap(store: &impl Store) {
    for _ in 0..3 {
        let reference = store.next_reference(2026).await.unwrap();
        let publish = |file_type| publish(&reference, file_type, Departure::Now);
        let effects = vec![publish(FileType::Dts), publish(FileType::Sps)];
        // Unwritable: waits for a person and takes no number.
        let refused = opening(dossier(&store.next_reference(2026).await.unwrap()), vec![publish(FileType::Dts)]);
        store.commit(refused, &Plain { refuses: true }).await.unwrap();
        store.commit(opening(dossier(&reference), effects), &PLAIN).await.unwrap();
    }
    let names: Vec<_> = store.declarations(None).await.unwrap().into_iter().map(|line| line.name).collect();
    insta::assert_snapshot!(names.join(" "), @"DTS00008.20261124.000001 DTS00008.20261124.000002 DTS00008.20261124.000003 SPS00008.20261124.000001 SPS00008.20261124.000002 SPS00008.20261124.000003");
    assert_eq!(store.errands().await.unwrap().iter().filter(|errand| errand.state == "parked").count(), 3);
    assert_eq!(store.verify().await.unwrap(), [""; 0]);
}

async fn a_moved_dossier_is_refused_and_leaves_nothing(store: &impl Store) {
    let reference = store.next_reference(2026).await.unwrap();
    store.commit(opening(dossier(&reference), vec![]), &PLAIN).await.unwrap();
    let lines = store.journal(None).await.unwrap().len();
    let mut minute = Minute::new(Cause::Event, noon());
    let effect = publish(&reference, FileType::Dts, Departure::Now);
    minute.decisions.push(decided(Some(1), dossier(&reference), vec![effect]));
    let mut stale = minute.clone();
    stale.decisions[0].before = Some(7);
    assert!(matches!(store.commit(stale, &PLAIN).await, Err(StoreError::Moved(_))));
    assert_eq!(store.declarations(None).await.unwrap().len(), 0);
    assert_eq!(store.journal(None).await.unwrap().len(), lines);
    store.commit(minute, &PLAIN).await.unwrap();
    assert_eq!(store.declarations(None).await.unwrap()[0].sequence, 1, "the number came back");
    assert_eq!(store.dossier(&reference).await.unwrap().unwrap().version, 2);
    let marks = [Mark { name: "rib".to_owned(), value: "08006012345678901231".to_owned() }];
    assert_eq!(store.candidates(DocumentId(Uuid::now_v7()), &marks).await.unwrap().len(), 1);
}

async fn loans_lapse_and_lost_ones_are_refused(store: &impl Store) {
    let arrivals: Vec<_> = (0..5_u8).map(|i| arrival(None, &[i])).collect();
    store.receive(&arrivals).await.unwrap();
    let first = store.lend(ErrandKind::Examine, 2, noon(), noon() + LOAN).await.unwrap();
    assert_eq!(first.len(), 2);
    assert!(store.renew(&first[0].loan, noon() + 2 * LOAN).await.unwrap());
    // A minute later the second loan has lapsed: it is lent again before the backlog, the renewed one is not.
    let second = store.lend(ErrandKind::Examine, 1, noon() + LOAN, noon() + 3 * LOAN).await.unwrap();
    assert_eq!(second[0].subject, first[1].subject);
    assert!(matches!(store.postpone(&first[1].loan, noon(), "late").await, Err(StoreError::LoanLost)));
    assert!(matches!(
        store.commit(Minute::new(Cause::Errand(first[1].loan.clone()), noon()), &PLAIN).await,
        Err(StoreError::LoanLost)
    ));
    store.commit(Minute::new(Cause::Errand(second[0].loan.clone()), noon()), &PLAIN).await.unwrap();
    assert_eq!(store.end_loans().await.unwrap(), 1);
    assert_eq!(store.lend(ErrandKind::Examine, 10, noon(), noon() + LOAN).await.unwrap().len(), 4);
}

async fn setbacks_are_counted_apart_from_dead_workers(store: &impl Store) {
    store.receive(&[arrival(None, b"x")]).await.unwrap();
    let mut now = noon();
    for failures in 0..20 {
        let errand = store.lend(ErrandKind::Examine, 1, now, now + LOAN).await.unwrap().remove(0);
        assert_eq!((errand.failures, errand.loans), (failures, 1));
        now += Duration::from_hours(1);
        store.postpone(&errand.loan, now, "disk full").await.unwrap();
    }
    for loans in 1..=MOST_LOANS {
        let errand = store.lend(ErrandKind::Examine, 1, now, now + LOAN).await.unwrap().remove(0);
        assert_eq!(errand.loans, loans);
        store.end_loans().await.unwrap();
    }
    assert!(store.lend(ErrandKind::Examine, 1, now, now + LOAN).await.unwrap().is_empty(), "parked");
    assert_eq!(store.retry(None, "operator", now).await.unwrap(), 1);
    let errand = store.lend(ErrandKind::Examine, 1, now, now + LOAN).await.unwrap().remove(0);
    store.postpone(&errand.loan, now + PATIENCE + LOAN, "still down").await.unwrap();
    let line = store.errands().await.unwrap().remove(0);
    assert_eq!((line.state.as_str(), line.last_error.as_deref()), ("parked", Some("still down")));
}

async fn a_clock_set_back_stops_nothing(store: &impl Store) {
    store.receive(&[arrival(None, b"x")]).await.unwrap();
    let earlier = noon() - Duration::from_hours(960);
    assert_eq!(store.lend(ErrandKind::Examine, 1, earlier, earlier + LOAN).await.unwrap().len(), 1);
}

/// A dossier whose last declaration stands so.
fn declaring(reference: &DossierRef, file_type: FileType, state: DeclaredState) -> Dossier {
    let mut dossier = dossier(reference);
    dossier.declared = vec![Declared {
        file_type,
        pieces: vec![],
        operation: Operation::Creation,
        file: None,
        content: Sha256::of(b""),
        state,
        given: [].into(),
        at: noon(),
    }];
    dossier
}

fn publish(reference: &DossierRef, file_type: FileType, leaves: Departure) -> Effect {
    Effect::Publish { declaration: Box::new(declaration(reference, file_type)), leaves }
}

async fn what_is_held_takes_its_number_when_it_is_released(store: &impl Store) {
    let (first, second) = (store.next_reference(2026).await.unwrap(), store.next_reference(2026).await.unwrap());
    for reference in [&first, &second] {
        let dossier = declaring(reference, FileType::Dpr, DeclaredState::Held);
        let minute = opening(dossier, vec![publish(reference, FileType::Dpr, Departure::Held)]);
        store.commit(minute, &PLAIN).await.unwrap();
    }
    assert!(store.lend(ErrandKind::Publish, 1, noon(), noon() + LOAN).await.unwrap().is_empty());
    assert_eq!(store.waiting(None).await.unwrap().len(), 2);

    // The first is recalled, the second released: no number is lost.
    let mut minute = Minute::new(Cause::Event, noon());
    let recall = Effect::Recall { file_type: FileType::Dpr };
    minute.decisions.push(decided(Some(1), declaring(&first, FileType::Dpr, DeclaredState::Recalled), vec![recall]));
    store.commit(minute, &PLAIN).await.unwrap();
    let held = store.waiting(Some(&second)).await.unwrap().remove(0);
    assert_eq!(held.name, format!("DPR00008.{second}"));
    let tomorrow = noon() + Duration::from_hours(24);
    let number = store.next_number(FileType::Dpr, "08").await.unwrap();
    let laid = PLAIN.declarations(&[held.declaration], number, tomorrow).unwrap();
    let release = |sha256, at| {
        let seen = Seen { sha256, at };
        let effect = Effect::Release { file_type: FileType::Dpr, seen, leaves: Departure::Now };
        let mut minute = Minute::new(Cause::Event, tomorrow + Duration::from_mins(1));
        minute.decisions.push(decided(Some(1), declaring(&second, FileType::Dpr, DeclaredState::Ready), vec![effect]));
        minute
    };
    for (sha256, at) in [(Sha256::of(b"other"), tomorrow), (Sha256::of(&laid.bytes), noon())] {
        let refused = store.commit(release(sha256, at), &PLAIN).await;
        assert!(matches!(refused, Err(StoreError::SeenDiffers(_))), "what leaves is what was seen");
    }
    store.commit(release(Sha256::of(&laid.bytes), tomorrow), &PLAIN).await.unwrap();
    assert_eq!(store.waiting(None).await.unwrap(), []);

    let errand = store.lend(ErrandKind::Publish, 1, tomorrow + LOAN * 2, tomorrow + LOAN * 3).await.unwrap().remove(0);
    assert_eq!(errand.subject, "DPR00008.20261125.000001");
    let outgoing = store.outgoing(&errand.subject).await.unwrap().unwrap();
    assert_eq!((outgoing.state, outgoing.outbox.as_str(), outgoing.beside.len()), (OutgoingState::New, "biat", 1));
    assert_eq!((outgoing.dossiers, outgoing.bytes), (vec![second.clone()], laid.bytes));
    store.staged(&errand.subject).await.unwrap();
    store.commit(Minute::new(Cause::Errand(errand.loan), tomorrow), &PLAIN).await.unwrap();
    assert_eq!(store.declarations(Some(&second)).await.unwrap()[0].state, OutgoingState::Published);
    assert_eq!(store.verify().await.unwrap(), [""; 0]);
}

async fn a_batch_is_one_file_of_all_that_waited(store: &impl Store) {
    let mut references = Vec::new();
    for _ in 0..3 {
        let reference = store.next_reference(2026).await.unwrap();
        let dossier = declaring(&reference, FileType::Dts, DeclaredState::Batched);
        let minute = opening(dossier, vec![publish(&reference, FileType::Dts, Departure::Batch)]);
        store.commit(minute, &PLAIN).await.unwrap();
        references.push(reference);
    }
    assert_eq!(store.declarations(None).await.unwrap(), []);
    let mut minute = Minute::new(Cause::Event, noon());
    for reference in &references {
        minute.decisions.push(decided(Some(1), declaring(reference, FileType::Dts, DeclaredState::Ready), vec![]));
    }
    minute.batches.push(Batch { file_type: FileType::Dts, bank_code: "08".to_owned(), dossiers: references.clone() });
    store.commit(minute, &PLAIN).await.unwrap();
    let lines = store.declarations(Some(&references[1])).await.unwrap();
    assert_eq!((lines.len(), &lines[0].dossiers), (1, &references));
    let outgoing = store.outgoing(&lines[0].name).await.unwrap().unwrap();
    assert!(outgoing.bytes.ends_with(b" 3"));
    assert_eq!((outgoing.dossiers, outgoing.outbox.as_str()), (references, "monetique"));
    assert_eq!(store.waiting(None).await.unwrap(), []);
    assert_eq!(store.verify().await.unwrap(), [""; 0]);
}

async fn the_same_letter_is_written_once(store: &impl Store) {
    let reference = store.next_reference(2026).await.unwrap();
    let letter = Effect::Send(Box::new(Notification {
        subject: Subject::FormsReceived,
        dossier: Some(reference.clone()),
        to: Recipient::Bank,
        addresses: vec!["agence@banque.example".to_owned()],
        copies: vec![],
        language: Language::Fr,
        occasion: "1".to_owned(),
        documents: vec![],
    }));
    store.commit(opening(dossier(&reference), vec![letter.clone(), letter]), &PLAIN).await.unwrap();
    let errands = store.lend(ErrandKind::Send, 10, noon(), noon() + LOAN).await.unwrap();
    assert_eq!(errands.len(), 1);
    assert_eq!(store.envelope(&errands[0].subject).await.unwrap().unwrap().to, ["agence@banque.example"]);
    store.commit(Minute::new(Cause::Errand(errands[0].loan.clone()), noon()), &PLAIN).await.unwrap();
    assert_eq!(store.letters(None).await.unwrap()[0].state, "sent");
}

async fn the_journal_shows_every_change(store: &impl Store) {
    let one = arrival(Some("biat"), b"one");
    store.receive(std::slice::from_ref(&one)).await.unwrap();
    let errand = store.lend(ErrandKind::Examine, 1, noon(), noon() + LOAN).await.unwrap().remove(0);
    let reference = store.next_reference(2026).await.unwrap();
    let answer = Effect::Answer(Answer { document: one.document, folder: one.bank.clone() });
    let mut minute = opening(dossier(&reference), vec![answer]);
    minute.cause = Cause::Errand(errand.loan);
    let reading = Reading { format: Format::Pdf, kind: Kind::Other, extractions: vec![], findings: vec![] };
    minute.readings.push(Examination {
        document: one.document,
        reading: reading.clone(),
        dossier: Some(reference.clone()),
        quarantined: false,
    });
    store.commit(minute, &PLAIN).await.unwrap();
    assert_eq!(store.document(one.document).await.unwrap().unwrap().reading, Some(reading));
    assert_eq!(store.journal_head().await.unwrap().unwrap().0, 4);
    let answer = store.lend(ErrandKind::Answer, 1, noon(), noon() + LOAN).await.unwrap().remove(0);
    assert_eq!(store.reply(&answer.subject).await.unwrap().unwrap().files.len(), 1);
    store.commit(Minute::new(Cause::Errand(answer.loan), noon()), &PLAIN).await.unwrap();
    let events: Vec<_> = store.journal(None).await.unwrap().into_iter().map(|line| line.event).collect();
    assert_eq!(events, ["received", "read", "examined", "answer_written", "answer_left"]);
    assert_eq!(store.verify().await.unwrap(), [""; 0]);
    assert_eq!(store.next_due().await.unwrap(), None);
}

async fn people_are_known_by_name(store: &impl Store) {
    let account = |roles: &[Role]| Account {
        user: User { name: "Amel Trabelsi".to_owned(), roles: roles.iter().cloned().collect() },
        password: "$argon2id$…".to_owned(),
        disabled: false,
        failures: 0,
        failed: None,
    };
    store.enrol(&account(&[Role::Auditor]), "user_enrolled", "root", noon()).await.unwrap();
    store.enrol(&account(&[Role::Releaser]), "user_roles_changed", "root", noon()).await.unwrap();
    assert_eq!(store.account("amel  TRABELSI").await.unwrap(), Some(account(&[Role::Releaser])));
    assert_eq!(store.accounts().await.unwrap().len(), 1, "one person, whatever the spelling");
    store.signed("amel trabelsi", false, noon()).await.unwrap();
    store.signed("nobody", false, noon()).await.unwrap();
    let failing = store.account("Amel Trabelsi").await.unwrap().unwrap();
    assert_eq!((failing.failures, failing.failed), (1, Some(noon())));
    store.signed("Amel Trabelsi", true, noon()).await.unwrap();
    assert_eq!(store.account("Amel Trabelsi").await.unwrap().unwrap().failures, 0);
    let events: Vec<String> = store.journal(None).await.unwrap().into_iter().map(|line| line.event).collect();
    assert_eq!(events, ["user_enrolled", "user_roles_changed", "password_wrong"]);
}
