//! The demonstration, spawned: what a bank, a merchant and Monétique-Tunisie see of a dozen submissions.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use guichet::domain::document::Sha256;

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

    // Every folder it points to is there.
    let told: Vec<&str> = said.lines().filter_map(|line| line.trim().split("   ").next()).collect();
    let folders: Vec<&&str> = told.iter().filter(|line| line.starts_with(text(&root))).collect();
    assert!(folders.len() >= 5, "{said}");
    for folder in folders {
        assert!(Path::new(folder).is_dir(), "{folder}");
    }

    // The documents travelled with each test declaration, unchanged, and its twin names them.
    let archives = files(&root.join("emporte/monetique"), |name| name.ends_with(".pieces.zip"));
    assert_eq!(archives.len(), 6, "{archives:#?}");
    for archive in archives {
        let name = archive.to_str().unwrap().strip_suffix(".pieces.zip").unwrap();
        let twin: serde_json::Value = serde_json::from_slice(&fs::read(format!("{name}.json")).unwrap()).unwrap();
        let named = twin["pieces"]["documents"].as_array().unwrap();
        let mut packed = zip::ZipArchive::new(fs::File::open(&archive).unwrap()).unwrap();
        assert_eq!(packed.len(), named.len());
        for piece in named {
            let mut bytes = Vec::new();
            packed.by_name(piece["nom"].as_str().unwrap()).unwrap().read_to_end(&mut bytes).unwrap();
            assert_eq!(Sha256::of(&bytes).to_string(), piece["sha256"].as_str().unwrap());
        }
    }
    let verify = guichet(&["verify", "--config", text(&root)]);
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stdout));

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
