//! The room at its door: files in, rows and archive out, on a clock moved by hand.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;
use crate::clock::HandClock;
use crate::domain::document::Sha256;
use crate::store::{SqliteStore, Stored};

const PDF: &[u8] = b"%PDF-1.7 formulaire %%EOF\n";

struct Bench {
    folder: tempfile::TempDir,
    clock: Arc<HandClock>,
    store: Arc<dyn Store>,
    intake: Intake,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock::at("2026-11-24T11:00:00Z".parse().unwrap()));
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.path().join("g.db")).await.unwrap());
        fs::create_dir_all(folder.path().join("inbox/biat")).unwrap();
        let intake = Self::open(folder.path(), &clock, &store);
        Self { folder, clock, store, intake }
    }

    fn open(root: &Path, clock: &Arc<HandClock>, store: &Arc<dyn Store>) -> Intake {
        let settings = Settings {
            inbox: root.join("inbox"),
            archive: root.join("var/archive"),
            banks: vec![BankFolder::parse("biat").unwrap()],
            quiet: Duration::from_secs(2),
            patience: Duration::from_mins(1),
            file_bytes: 1000,
            deposit_files: 5,
        };
        let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
        Intake::new(settings, Arc::clone(store), Blobs::open(&root.join("var")).unwrap(), clock)
    }

    /// The program is killed and started again.
    fn restart(&mut self) {
        self.intake = Self::open(self.folder.path(), &self.clock, &self.store);
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join("inbox").join(below)
    }

    fn drop_file(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Looks, waits the quiet time, looks again.
    async fn look_twice(&self) -> Round {
        self.intake.round().await;
        self.clock.pass(Duration::from_secs(2));
        self.intake.round().await
    }

    async fn documents(&self) -> Vec<Stored> {
        self.store.documents().await.unwrap()
    }

    /// Names under a folder, without the ids.
    fn names(&self, folder: &str) -> Vec<String> {
        let mut names = Vec::new();
        for entry in walkdir::WalkDir::new(self.folder.path().join(folder)).into_iter().flatten() {
            if !entry.file_type().is_dir() {
                let name = entry.file_name().to_string_lossy();
                names.push(name.split_once("__").map_or(name.to_string(), |(_, name)| name.to_owned()));
            }
        }
        names.sort();
        names
    }
}

#[tokio::test]
async fn a_still_file_is_taken_kept_and_archived() {
    let bench = Bench::new().await;
    bench.drop_file("biat/formulaire.pdf", PDF);
    let first = bench.intake.round().await;
    assert_eq!((first.taken, first.waiting, first.again), (0, 1, Some(Duration::from_secs(2))));
    assert_eq!(bench.look_twice().await.taken, 1);
    let documents = bench.documents().await;
    assert_eq!(documents[0].arrival.sha256, Sha256::of(PDF));
    assert_eq!(documents[0].arrival.name, "formulaire.pdf");
    assert_eq!(documents[0].arrival.bank.as_ref().unwrap().as_str(), "biat");
    assert_eq!(bench.names("inbox"), [""; 0]);
    assert_eq!(bench.names("var/archive"), ["formulaire.pdf"]);
    assert_eq!(bench.look_twice().await.taken, 0);
}

#[tokio::test]
async fn a_file_that_grows_or_has_no_end_waits() {
    let bench = Bench::new().await;
    bench.drop_file("biat/f.pdf", b"%PDF-1.7 form");
    assert_eq!(bench.look_twice().await.taken, 0, "no end");
    bench.drop_file("biat/f.pdf", PDF);
    assert_eq!(bench.intake.round().await.taken, 0, "changed");
    bench.clock.pass(Duration::from_secs(2));
    assert_eq!(bench.intake.round().await.taken, 1);
    bench.drop_file("biat/cut.pdf", b"%PDF-1.7 form");
    bench.intake.round().await;
    bench.clock.pass(Duration::from_mins(1));
    assert_eq!(bench.intake.round().await.taken, 1, "patience is over: taken as it is");
}

#[tokio::test]
async fn a_clock_set_back_or_forward_does_not_hasten_or_hinder() {
    let bench = Bench::new().await;
    bench.drop_file("biat/f.pdf", PDF);
    bench.intake.round().await;
    bench.clock.jump_to("2031-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(bench.intake.round().await.taken, 0, "no time has passed");
    bench.clock.jump_to("2001-01-01T00:00:00Z".parse().unwrap());
    bench.clock.pass(Duration::from_secs(2));
    assert_eq!(bench.intake.round().await.taken, 1);
}

#[tokio::test]
async fn a_folder_moved_in_is_one_deposit() {
    let bench = Bench::new().await;
    fs::create_dir_all(bench.path("biat/Boutique/annexes")).unwrap();
    bench.drop_file("biat/Boutique/adhesion.pdf", PDF);
    bench.drop_file("biat/Boutique/annexes/fiche.pdf", b"%PDF-1.7 fiche %%EOF");
    bench.drop_file("biat/Boutique/~$fiche.xlsx", b"lock");
    assert_eq!(bench.look_twice().await.taken, 2);
    let documents = bench.documents().await;
    assert_eq!(documents[0].arrival.deposit, documents[1].arrival.deposit);
    assert_ne!(documents[0].arrival.document, documents[1].arrival.document);
    let mut names: Vec<_> = documents.iter().map(|stored| stored.arrival.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["adhesion.pdf", "annexes/fiche.pdf"]);
    assert_eq!(bench.names("var/archive"), ["adhesion.pdf", "fiche.pdf", "~$fiche.xlsx"]);
    assert!(!bench.path("biat/Boutique").exists());
}

#[tokio::test]
async fn links_pipes_and_files_with_two_names_are_refused_unopened() {
    let bench = Bench::new().await;
    let secret = bench.folder.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    symlink(&secret, bench.path("biat/link.pdf")).unwrap();
    fs::hard_link(&secret, bench.path("biat/hard.pdf")).unwrap();
    let status = std::process::Command::new("mkfifo").arg(bench.path("biat/pipe")).status().unwrap();
    assert!(status.success());
    bench.drop_file("biat/big.pdf", &[b'x'; 1001]);
    assert_eq!(bench.look_twice().await.taken, 4);
    let refusals: Vec<_> = bench
        .documents()
        .await
        .into_iter()
        .map(|stored| (stored.arrival.name, stored.arrival.refusal.unwrap().as_str().to_owned(), stored.arrival.size))
        .collect();
    let refused = |name: &str, code: &str| (name.to_owned(), code.to_owned(), 0);
    for expected in [
        refused("link.pdf", "file_is_link"),
        refused("hard.pdf", "file_has_other_names"),
        refused("pipe", "file_is_device"),
        refused("big.pdf", "too_large"),
    ] {
        assert!(refusals.contains(&expected), "{expected:?} in {refusals:?}");
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
    assert_eq!(bench.names("var/archive"), ["big.pdf"]);
    assert_eq!(bench.names("inbox/biat/.refused"), ["hard.pdf", "link.pdf", "pipe"]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_looked_into_holds_up_nobody_else() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new().await;
    let closed = bench.path("biat/Fermé");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&closed).is_ok() {
        eprintln!("NOT RUN: nothing is closed to root");
        return;
    }
    bench.drop_file("biat/f.pdf", PDF);
    let round = bench.look_twice().await;
    assert_eq!((round.taken, round.troubles.len()), (1, 1));
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn what_was_claimed_before_a_crash_is_finished_once() {
    let mut bench = Bench::new().await;
    bench.drop_file("biat/f.pdf", PDF);
    bench.look_twice().await;
    let id = bench.documents().await[0].arrival.document;
    // As if the archive had not been reached, and as if the transaction had not.
    fs::create_dir_all(bench.path("biat/.claimed")).unwrap();
    bench.drop_file(&format!("biat/.claimed/{id}__f.pdf"), PDF);
    bench.drop_file("biat/.claimed/019ab000000070008000000000000001__g.pdf", b"%PDF- other %%EOF");
    bench.restart();
    bench.look_twice().await;
    let mut names: Vec<_> = bench.documents().await.into_iter().map(|stored| stored.arrival.name).collect();
    names.sort();
    assert_eq!(names, ["f.pdf", "g.pdf"]);
    assert_eq!(bench.names("inbox"), [""; 0]);
}

#[tokio::test]
async fn the_same_bytes_again_are_a_repeat() {
    let bench = Bench::new().await;
    bench.drop_file("biat/f.pdf", PDF);
    bench.look_twice().await;
    bench.drop_file("biat/copie.pdf", PDF);
    let round = bench.look_twice().await;
    assert_eq!((round.taken, round.repeats), (1, 1));
    let documents = bench.documents().await;
    assert_eq!(documents[1].repeat_of, Some(documents[0].arrival.document));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told_and_nothing_is_made_of_it() {
    let bench = Bench::new().await;
    bench.drop_file("f.pdf", PDF);
    fs::remove_dir(bench.path("biat")).unwrap();
    let round = bench.look_twice().await;
    assert_eq!(round.taken, 1, "other folders go on");
    assert!(matches!(&round.troubles[..], [Trouble::Folder { .. }]));
    fs::create_dir(bench.path("biat")).unwrap();
    bench.drop_file("biat/g.pdf", b"%PDF- g %%EOF");
    let round = bench.look_twice().await;
    assert_eq!((round.taken, round.troubles.len()), (1, 0));
}

#[tokio::test]
async fn a_bank_folder_is_no_deposit_and_loose_files_have_no_bank() {
    let bench = Bench::new().await;
    bench.drop_file("biat/f.pdf", PDF);
    bench.drop_file("f.pdf", b"%PDF- loose %%EOF");
    bench.look_twice().await;
    let documents = bench.documents().await;
    let banks = documents.iter().filter(|stored| stored.arrival.bank.is_some()).count();
    assert_eq!((documents.len(), banks), (2, 1));
}

/// A number with a card's prefix whose sum holds, made here so that none is written down; another for each seed.
fn card(seed: u8) -> String {
    let body = format!("4{seed}0{}", "370".repeat(4));
    let with = (0..10).map(|check| format!("{body}{check}"));
    with.into_iter().find(|number| crate::domain::card_number::masked(number).is_some()).expect("one sum holds")
}

#[tokio::test]
async fn no_name_in_the_archive_holds_a_card_number() {
    let mut bench = Bench::new().await;
    let folder = bench.path("biat/Dossier");
    let inner = folder.join(format!("carte {}", card(1)));
    fs::create_dir_all(&inner).unwrap();
    fs::create_dir(folder.join(format!("vide {}", card(2)))).unwrap();
    // Once crossed out, these two are of one name.
    let body = card(3);
    let twin = (0..100)
        .map(|middle| format!("{}{middle:02}{}", &body[..8], &body[10..]))
        .find(|number| *number != body && crate::domain::card_number::masked(number).is_some())
        .unwrap();
    for (name, bytes) in [("plan.txt", "a"), (body.as_str(), "b"), (twin.as_str(), "c"), ("Thumbs.db", "d")] {
        fs::write(inner.join(name), bytes).unwrap();
    }
    assert_eq!(bench.look_twice().await.taken, 3);
    let archive = bench.folder.path().join("var/archive");
    let mut bytes = Vec::new();
    for entry in walkdir::WalkDir::new(&archive).into_iter().flatten() {
        let name = entry.file_name().to_string_lossy();
        assert_eq!(crate::domain::card_number::masked(&name), None, "{name}");
        if entry.file_type().is_file() {
            bytes.push(fs::read_to_string(entry.path()).unwrap());
        }
    }
    bytes.sort();
    assert_eq!(bytes, ["a", "b", "c", "d"], "every file is there, with its bytes");
    assert_eq!(bench.names("inbox"), [""; 0]);
    let known = bench.documents().await;
    bench.restart();
    bench.look_twice().await;
    assert_eq!(bench.documents().await, known);
}
