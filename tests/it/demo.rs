//! The demonstration, spawned: what a bank, a merchant and Monétique-Tunisie see of a dozen submissions.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{guichet, text};

fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file() && wanted(&entry.file_name().to_string_lossy()))
        .map(walkdir::DirEntry::into_path)
        .collect();
    found.sort();
    found
}

#[test]
fn every_file_is_answered_and_every_sound_dossier_goes_live() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("demo");
    let done = guichet(&["demo", "--once", "--dir", text(&root)]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));

    // Seventeen files were dropped; each has its page and its twin for machines.
    let answers = files(&root.join("inbox"), |name| name.ends_with(".html"));
    assert_eq!(answers.len(), 17, "{answers:#?}");
    assert_eq!(files(&root.join("inbox"), |name| name.ends_with(".json")).len(), 17);
    // Nothing else is left in the inbox.
    let left =
        files(&root.join("inbox"), |name| name.ends_with(".pdf") || name.ends_with(".xlsx") || name.ends_with(".zip"));
    assert!(left.is_empty(), "{left:#?}");

    let status = guichet(&["status", "--json", "--config", text(&root)]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for dossier in status["dossiers"].as_array().unwrap() {
        let end = format!("{} {}", dossier["dossier"]["step"].as_str().unwrap(), dossier["outcome"].as_str().unwrap());
        *ends.entry(end).or_default() += 1;
    }
    let expected: BTreeMap<String, usize> =
        [("live complete".to_owned(), 6), ("forms incomplete".to_owned(), 2), ("forms rejected".to_owned(), 1)].into();
    assert_eq!(ends, expected, "{said}");

    // No letter went out twice.
    let letters = files(&root.join("var/letters"), |name| name.ends_with(".eml"));
    let mut ids: Vec<String> = letters
        .iter()
        .map(|path| {
            let letter = fs::read_to_string(path).unwrap();
            letter.lines().find(|line| line.starts_with("Message-ID:")).expect("a letter has an identity").to_owned()
        })
        .collect();
    ids.sort();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
}
