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

    // Seventeen files were dropped, and six filled grids; each has its page and its twin for machines.
    let answers = files(&root.join("inbox"), |name| name.ends_with(".html"));
    assert_eq!(answers.len(), 17 + 6, "{answers:#?}");
    assert_eq!(files(&root.join("inbox"), |name| name.ends_with(".json")).len(), 17 + 6);
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

    // Every filled grid was taken for what it is, and every test of a merchant who is live has been noted.
    for dossier in status["dossiers"].as_array().unwrap() {
        if dossier["dossier"]["step"] == "live" {
            let reference = dossier["dossier"]["reference"].as_str().unwrap();
            let grid = guichet(&["grid", reference, "--config", text(&root)]);
            let grid = String::from_utf8_lossy(&grid.stdout).into_owned();
            assert!(grid.contains("conforme") && !grid.contains("à faire"), "{grid}");
        }
    }
    told_alike(&root, &status);

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

/// What is asked of a dossier reads the same in the answers, in a letter, in `status` and in `show`.
fn told_alike(root: &Path, status: &serde_json::Value) {
    let codes = |asked: &serde_json::Value, key: &str| -> Vec<String> {
        let line = |line: &serde_json::Value| {
            let finding = if key.is_empty() { line } else { &line[key] };
            format!("{} {} {}", line["state"], line["actor"], finding["code"])
        };
        asked.as_array().unwrap().iter().map(line).collect()
    };
    let mut compared = 0;
    for dossier in status["dossiers"].as_array().unwrap() {
        let reference = dossier["dossier"]["reference"].as_str().unwrap();
        let asked = codes(&dossier["requirements"], "finding");
        if asked.is_empty() {
            continue;
        }
        let shown = guichet(&["show", reference, "--json", "--config", text(root)]);
        let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
        assert_eq!(codes(&shown["requirements"], "finding"), asked, "{reference}");

        let answers = files(&root.join("inbox"), |name| name.ends_with(&format!("{reference}.json")));
        let answers = answers.iter().map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap());
        let answers: Vec<serde_json::Value> = answers.collect();
        let answer = answers.iter().find(|answer| codes(&answer["requirements"], "") == asked);
        let answer = answer.unwrap_or_else(|| panic!("no answer to {reference} asks for {asked:?}: {answers:#?}"));
        let sentences = answer["requirements"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap());

        let on_screen = guichet(&["show", reference, "--config", text(root)]);
        let on_screen = String::from_utf8_lossy(&on_screen.stdout).into_owned();
        let letters = files(&root.join("var/letters"), |name| name.starts_with(reference));
        let letters: Vec<String> = letters.iter().map(|path| unquoted(&fs::read(path).unwrap())).collect();
        for sentence in sentences {
            assert!(on_screen.contains(sentence), "{sentence}\n{on_screen}");
            assert!(letters.iter().any(|letter| letter.contains(sentence)), "{sentence}\n{letters:#?}");
            compared += 1;
        }
    }
    assert!(compared >= 3, "{compared} requirements compared");
}

/// Quoted-printable undone (RFC 2045 §6.7).
fn unquoted(letter: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(letter.len());
    let mut rest = letter;
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        match (first, hex) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            (b'=', None) if after.starts_with(b"\r\n") => rest = &after[2..],
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
