//! The counterparty against files laid in an outbox by hand.

use super::*;

const NAME: &str = "DTS00008.20261124.000007";

fn counter() -> (tempfile::TempDir, PathBuf) {
    let outbox = tempfile::tempdir().unwrap();
    let counter = outbox.path().join("monetique");
    fs::create_dir(&counter).unwrap();
    (outbox, counter)
}

fn offer(counter: &Path, bytes: &[u8]) {
    fs::write(counter.join(format!("{NAME}.sha256")), format!("{}  {NAME}\n", hex(bytes))).unwrap();
    fs::write(counter.join(NAME), bytes).unwrap();
}

fn practice(rejected: u8, duplicated: u8, late: u8) -> Practice {
    Practice::new(Habits { seed: 1, rejected, duplicated, late, visits: 1 })
}

#[test]
fn a_file_is_taken_and_answered_once() {
    let (outbox, counter) = counter();
    offer(&counter, reader::tests::a_file().as_bytes());
    let now = DateTime::constant(2026, 11, 24, 9, 0, 0, 0);
    let acts = practice(0, 0, 0).visit(outbox.path(), now).unwrap();
    assert_eq!(acts, [Act { file: NAME.into(), done: Done::Answered, rejected: vec![] }]);
    assert!(!counter.join(NAME).exists());
    let answer = fs::read_to_string(counter.join("accuses/ACR00008.20261124.000001")).unwrap();
    let lines: Vec<&str> = answer.lines().collect();
    assert_eq!(lines.iter().map(|line| line.len()).collect::<Vec<_>>(), [500; 4]);
    assert_eq!(lines[1][45..95].trim_end(), "DTS00008.20261124.000007                000007ACCP");
    assert_eq!(&lines[2][33..55], "D26-000001  000002ACCP");
}

#[test]
fn lateness_and_repetition_are_the_same_every_time() {
    let (outbox, counter) = counter();
    offer(&counter, reader::tests::a_file().as_bytes());
    let now = DateTime::constant(2026, 11, 24, 9, 0, 0, 0);
    let mut late = practice(0, 0, 100);
    assert_eq!(late.visit(outbox.path(), now).unwrap()[0].done, Done::Postponed);
    assert!(!late.is_settled());
    late.visit(outbox.path(), now).unwrap();
    assert!(late.is_settled());
    assert_eq!(fs::read_dir(counter.join("accuses")).unwrap().count(), 1);
}

#[test]
fn numbers_that_are_missing_are_seen() {
    let mut counterparty = practice(0, 0, 0);
    for number in [1, 2, 4] {
        counterparty.seen.insert(format!("DTS00008.20261124.{number:06}"), String::new());
    }
    assert_eq!(counterparty.gaps(), ["DTS00008: 3 files, numbered to 4"]);
}

#[test]
fn a_file_offered_twice_is_an_error() {
    let (outbox, counter) = counter();
    let now = DateTime::constant(2026, 11, 24, 9, 0, 0, 0);
    let mut strict = practice(0, 0, 0);
    offer(&counter, reader::tests::a_file().as_bytes());
    strict.visit(outbox.path(), now).unwrap();
    offer(&counter, reader::tests::a_file().as_bytes());
    assert!(strict.visit(outbox.path(), now).unwrap_err().to_string().contains("offered twice"));
}

#[test]
fn a_wrong_hash_or_a_broken_file_is_refused() {
    let (outbox, counter) = counter();
    let now = DateTime::constant(2026, 11, 24, 9, 0, 0, 0);
    offer(&counter, b"nonsense");
    let acts = practice(0, 0, 0).visit(outbox.path(), now).unwrap();
    assert!(matches!(&acts[0].done, Done::Refused(reason) if reason.starts_with("F001")));
}
