//! The room at its door: what is due goes, what is not stays, and the list tells.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::domain::bank::BankFolder;
use crate::domain::declaration::{Declaration, Sequence};
use crate::domain::document::{DocumentId, Format, Kind, Reading, Sha256};
use crate::domain::dossier::{Decision, Dossier, DossierRef};
use crate::domain::effect::{Answer, Effect};
use crate::domain::notification::Notification;
use crate::domain::step::Step;
use crate::store::{
    Arrival, Cause, Class, Decided, DocumentState, ErrandKind, Examination, Expiry, Laid, Minute, Page, Scribe,
    SqliteStore, Treated, Unwritable, Written,
};

mod beside;

/// Writes plain bytes.
struct Plain;

impl Scribe for Plain {
    fn declarations(&self, declared: &[Declaration], sequence: Sequence, at: Timestamp) -> Result<Laid, Unwritable> {
        let Declaration { file_type, bank_code, .. } = &declared[0];
        let day = crate::clock::in_tunis(at).date();
        let name = crate::domain::declaration::file_name(*file_type, bank_code, day, sequence);
        Ok(Laid { name, bytes: b"10 Amel".to_vec(), beside: vec![(".json".to_owned(), b"{}".to_vec())] })
    }

    fn letter(&self, told: &Notification, _: Option<&Dossier>, _: Timestamp) -> Result<Written, Unwritable> {
        if told.occasion == "unwritable" {
            return Err(Unwritable("not here".to_owned()));
        }
        let message_id = format!("<{}@guichet.test>", told.occasion);
        Ok(Written { message_id, to: told.addresses.clone(), message: b"Madame Amel Trabelsi".to_vec() })
    }

    fn answer(&self, _: &Answer, _: Option<&Dossier>, _: &Treated) -> Result<Page, Unwritable> {
        Ok(Page { files: vec![("reponse.html".to_owned(), b"<p>".to_vec())] })
    }
}

struct Bench {
    var: tempfile::TempDir,
    store: SqliteStore,
    blobs: Blobs,
}

fn day(number: i64) -> Timestamp {
    let first: Timestamp = "2026-01-01T11:00:00Z".parse().unwrap();
    first + Duration::from_secs(24 * 3600 * number.unsigned_abs())
}

/// Everything before a day, card numbers before another.
fn before(ordinary: i64, quarantine: i64) -> Expiry {
    let at = day(ordinary);
    Expiry {
        completed: at,
        extracts: at,
        abandoned: at,
        quarantine: day(quarantine),
        declarations: at,
        set_aside: at,
        letters: at,
        answers: at,
        errands: at,
        journal: at,
    }
}

impl Bench {
    async fn new() -> Self {
        let var = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&var.path().join("g.db")).await.unwrap();
        let blobs = Blobs::open(var.path()).unwrap();
        Self { var, store, blobs }
    }

    /// A document received, read and archived on a day, in a dossier at a step or in none.
    async fn document(&self, bytes: &[u8], at: Timestamp, step: Option<Step>, quarantined: bool) -> DocumentId {
        let document = DocumentId(Uuid::now_v7());
        let sha256 = self.blobs.keep(bytes).unwrap();
        let bank = BankFolder::parse("biat").unwrap();
        let arrival = Arrival {
            document,
            deposit: document,
            sha256,
            size: bytes.len() as u64,
            name: "Amel Trabelsi.pdf".to_owned(),
            bank: Some(bank.clone()),
            received: at,
            refusal: None,
        };
        self.store.receive(std::slice::from_ref(&arrival)).await.unwrap();
        let archive = self.var.path().join("archive/day");
        fs::create_dir_all(&archive).unwrap();
        fs::write(archive.join(format!("{document}__Amel Trabelsi.pdf")), bytes).unwrap();
        let errand = self.store.lend(ErrandKind::Examine, 1, at, at + Duration::from_mins(1)).await.unwrap().remove(0);
        let mut minute = Minute::new(Cause::Errand(errand.loan), at);
        let mut of = None;
        if let Some(step) = step {
            let reference = self.store.next_reference(2026).await.unwrap();
            let mut dossier = Dossier::open(reference.clone(), Some(bank.clone()), at);
            dossier.step = step;
            minute.decisions.push(Decided {
                before: None,
                decision: Decision { dossier, effects: vec![] },
                marks: vec![],
                event: "examined",
                document: None,
                detail: serde_json::Value::Null,
            });
            of = Some(reference);
        }
        let reading = Reading { format: Format::Pdf, kind: Kind::Other, extractions: vec![], findings: vec![] };
        minute.readings.push(Examination { document, reading, dossier: of, quarantined });
        minute.effects.push(Effect::Answer(Answer { document, folder: Some(bank) }));
        self.store.commit(minute, &Plain).await.unwrap();
        document
    }

    async fn purge(&self, expiry: &Expiry) -> Option<List> {
        let expired = self.places().expired(&self.store, self.blobs.seal(), expiry).await.unwrap();
        let nothing = |_: &Expired, _: &mut Outcome| Ok(());
        purge(&self.store, &self.blobs, &self.places(), expired, "test", day(400), &nothing).await.unwrap()
    }

    fn places(&self) -> Places {
        let var = self.var.path().to_path_buf();
        Places { outbox: var.join("outbox"), var, claims: vec![] }
    }

    async fn state(&self, document: DocumentId) -> (DocumentState, bool) {
        let stored = self.store.document(document).await.unwrap().unwrap();
        (stored.state, stored.reading.is_some() || !stored.arrival.name.is_empty())
    }

    fn archived(&self) -> usize {
        walkdir::WalkDir::new(self.var.path().join("archive"))
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file())
            .count()
    }
}

const GONE: (DocumentState, bool) = (DocumentState::Erased, false);

fn reference(number: u32) -> DossierRef {
    DossierRef::new(2026, number)
}

#[tokio::test]
async fn each_class_goes_at_its_own_time_and_the_rest_stays() {
    let bench = Bench::new().await;
    let live = bench.document(b"live", day(1), Some(Step::Live), false).await;
    let refused = bench.document(b"refused", day(1), Some(Step::Refused), false).await;
    let underway = bench.document(b"underway", day(1), Some(Step::Tests), false).await;
    let apart = bench.document(b"apart", day(1), None, false).await;
    let young = bench.document(b"young", day(9), None, false).await;
    let list = bench.purge(&before(5, 0)).await.unwrap();
    let classes: Vec<Class> = list.expired.documents.iter().map(|document| document.class).collect();
    assert_eq!(classes, [Class::Completed, Class::Abandoned, Class::Apart]);
    for document in [live, refused, apart] {
        assert_eq!(bench.state(document).await, GONE);
    }
    for document in [underway, young] {
        assert_eq!(bench.state(document).await, (DocumentState::Examined, true));
    }
    assert_eq!((list.outcome.blobs, list.outcome.archived_files, bench.archived()), (3, 3, 2));
    assert_eq!(bench.blobs.list().unwrap().0.len(), 2);
    assert!(bench.store.dossier(&reference(1)).await.unwrap().is_none(), "its extract had its time too");
    assert!(bench.store.dossier(&reference(3)).await.unwrap().is_some());
    assert_eq!(bench.store.verify().await.unwrap(), [""; 0], "the journal's cut beginning is anchored");
    assert!(bench.purge(&before(5, 0)).await.is_none(), "nothing is erased twice");
}

#[tokio::test]
async fn a_card_number_takes_every_copy_of_its_bytes_and_no_other() {
    let bench = Bench::new().await;
    let card = bench.document(b"card", day(1), None, true).await;
    let again = bench.document(b"card", day(6), None, false).await;
    let other = bench.document(b"other", day(1), None, false).await;
    assert!(bench.purge(&before(0, 1)).await.is_none(), "not before its day");
    let list = bench.purge(&before(0, 2)).await.unwrap();
    assert_eq!(list.expired.documents.len(), 2);
    assert!(list.expired.documents.iter().all(|document| document.class == Class::CardNumber));
    assert_eq!((bench.state(card).await, bench.state(again).await), (GONE, GONE));
    assert_eq!(bench.state(other).await, (DocumentState::Examined, true));
    assert!(!bench.blobs.path(&Sha256::of(b"card")).exists());
    assert_eq!(bench.archived(), 1);
}

#[tokio::test]
async fn a_blob_that_another_document_needs_stays() {
    let bench = Bench::new().await;
    bench.document(b"the same", day(1), None, false).await;
    let young = bench.document(b"the same", day(9), None, false).await;
    let list = bench.purge(&before(5, 0)).await.unwrap();
    assert_eq!((list.outcome.blobs, list.outcome.blobs_kept, bench.archived()), (0, 1, 1));
    assert_eq!(bench.blobs.read(&Sha256::of(b"the same")).unwrap(), b"the same");
    assert_eq!(bench.state(young).await.0, DocumentState::Examined);
}

#[tokio::test]
async fn a_link_goes_and_what_it_leads_to_stays() {
    let bench = Bench::new().await;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("precious"), b"precious").unwrap();
    let document = bench.document(b"apart", day(1), None, false).await;
    let claims = bench.var.path().join("refused");
    fs::create_dir(&claims).unwrap();
    let link = claims.join(format!("{document}__dossier"));
    std::os::unix::fs::symlink(outside.path(), &link).unwrap();
    let expired = bench.store.expired(&before(5, 0)).await.unwrap();
    let places = Places { claims: vec![claims], ..bench.places() };
    let nothing = |_: &Expired, _: &mut Outcome| Ok(());
    purge(&bench.store, &bench.blobs, &places, expired, "test", day(400), &nothing).await.unwrap();
    assert!(link.symlink_metadata().is_err(), "the link is still there");
    assert_eq!(fs::read(outside.path().join("precious")).unwrap(), b"precious");
}

#[tokio::test]
async fn the_list_is_evidence_names_nobody_and_cannot_be_changed_unseen() {
    let bench = Bench::new().await;
    bench.document(b"apart", day(1), None, false).await;
    let list = bench.purge(&before(5, 0)).await.unwrap();
    let path = bench.var.path().join("purges").join(format!("{}.json", list.id));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(&Sha256::of(b"apart").to_string()) && !text.contains("Trabelsi"), "{text}");
    let told = bench.store.purges().await.unwrap().remove(0);
    assert_eq!(told["sha256"].as_str().unwrap(), List::read(bench.var.path(), &list.id).unwrap().hash());
    fs::write(&path, text.replace("apart", "abandoned")).unwrap();
    assert_ne!(told["sha256"].as_str().unwrap(), List::read(bench.var.path(), &list.id).unwrap().hash());
}

#[tokio::test]
async fn an_interrupted_purge_is_taken_up_and_one_not_begun_is_dropped() {
    let bench = Bench::new().await;
    let document = bench.document(b"apart", day(1), None, false).await;
    let expired = bench.store.expired(&before(5, 0)).await.unwrap();
    let nothing = |_: &Expired, _: &mut Outcome| Ok(());
    // Listed, not committed.
    List::new(expired.clone(), "test", day(400)).write_pending(bench.var.path()).unwrap();
    let finished = finish(&bench.store, &bench.blobs, &bench.places(), &nothing).await.unwrap();
    assert_eq!((finished.len(), bench.state(document).await.0), (0, DocumentState::Examined));
    // Committed, files still there.
    let list = List::new(expired, "test", day(400));
    list.write_pending(bench.var.path()).unwrap();
    bench.store.erase(&list.expired, &list.id, &list.hash(), "test", day(400)).await.unwrap();
    assert_eq!(bench.archived(), 1);
    let finished = finish(&bench.store, &bench.blobs, &bench.places(), &nothing).await.unwrap();
    assert_eq!((finished.len(), bench.archived(), bench.blobs.list().unwrap().0.len()), (1, 0, 0));
    assert!(finish(&bench.store, &bench.blobs, &bench.places(), &nothing).await.unwrap().is_empty());
}

#[tokio::test]
async fn erased_words_are_not_left_in_the_database_file() {
    let bench = Bench::new().await;
    bench.document(b"apart", day(1), None, false).await;
    let file = bench.var.path().join("g.db");
    let holds = |path: &Path| {
        let bytes = fs::read(path).unwrap_or_default();
        bytes.windows(13).any(|window| window == b"Amel Trabelsi")
    };
    assert!(holds(&file) || holds(&file.with_extension("db-wal")));
    bench.purge(&before(5, 0)).await.unwrap();
    bench.store.close().await;
    assert!(!holds(&file) && !holds(&file.with_extension("db-wal")));
}

#[tokio::test]
async fn blobs_of_deposits_that_were_cut_off_are_swept() {
    let bench = Bench::new().await;
    bench.document(b"kept", day(1), None, false).await;
    let cut_off = bench.blobs.keep(b"cut off").unwrap();
    assert_eq!(sweep(&bench.store, &bench.blobs).await.unwrap(), 0, "its row may be on its way");
    for sha256 in [cut_off, Sha256::of(b"kept")] {
        let file = fs::File::options().append(true).open(bench.blobs.path(&sha256)).unwrap();
        let yesterday = file.metadata().unwrap().modified().unwrap() - Duration::from_hours(25);
        file.set_modified(yesterday).unwrap();
    }
    assert_eq!(sweep(&bench.store, &bench.blobs).await.unwrap(), 1);
    assert_eq!(bench.blobs.list().unwrap().0, [Sha256::of(b"kept")]);
}
