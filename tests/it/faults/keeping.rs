//! Copies made while the daemon works, rights of what it leaves, and a disk that does not keep what it was given.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use guichet::demo;
use guichet::schemas::Forms;

use super::daemon::{Installation, PDF};

fn lay_forms(installation: &Installation, number: u32) {
    let bytes = demo::one_of_many(&Forms::built_in(), number).unwrap();
    installation.lay(&format!("comptoir {number}.pdf"), &bytes);
}

#[test]
fn a_copy_made_at_work_is_put_up_whole_and_a_damaged_one_is_refused() {
    let installation = Installation::new("");
    let daemon = installation.start();
    for number in 1..=3 {
        lay_forms(&installation, number);
        installation.lay(&format!("note {number}.pdf"), format!("%PDF-1.4 {number} %%EOF\n").as_bytes());
    }
    installation.until("some are answered", |installation| installation.answers() >= 2);
    let copy = installation.path("copy");
    let (code, said) = installation.run(&["backup", copy.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    assert_ne!(installation.run(&["backup", copy.to_str().unwrap()]).0, Some(0), "a copy is not written over");
    installation.until("all are answered", |installation| installation.answers() == 6);
    daemon.stop();
    installation.is_sound();

    let again = installation.path("again");
    let (code, said) = Installation::run_plain(&["restore", copy.to_str().unwrap(), again.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = Installation::run_plain(&["verify", "--config", again.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    let blob = fs::read_dir(copy.join("blobs")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&blob).unwrap();
    bytes[0] ^= 1;
    fs::write(&blob, bytes).unwrap();
    let third = installation.path("third");
    let (code, said) = Installation::run_plain(&["restore", copy.to_str().unwrap(), third.to_str().unwrap()]);
    assert!(code != Some(0) && said.contains("changed since"), "{said}");
    assert!(!third.join("var").exists(), "half an installation was put up");
}

#[test]
fn what_is_changed_behind_its_back_is_found() {
    let installation = Installation::new("");
    lay_forms(&installation, 1);
    installation.lay("note.pdf", PDF);
    assert_eq!(installation.run(&["scan"]).0, Some(0));
    installation.is_sound();
    let one = |folder: &str| files(&installation.path(folder)).remove(0);
    let outbox = installation.path("outbox/monetique");
    let declaration = files(&outbox)
        .into_iter()
        .find(|path| path.file_name().unwrap().to_string_lossy().matches('.').count() == 2)
        .unwrap();
    let heads = installation.path("heads");
    fs::write(&heads, format!("2026-11-24 1 {}\n", "0".repeat(64))).unwrap();
    let damage: Vec<(&str, PathBuf, &str)> = vec![
        ("a blob", one("var/blobs"), "does not hold the bytes"),
        ("an archived original", one("var/archive"), "archived bytes"),
        ("a declaration", declaration, "not the bytes that were written"),
    ];
    for (what, path, told) in damage {
        let before = fs::read(&path).unwrap();
        fs::write(&path, b"altered").unwrap();
        let (code, said) = installation.run(&["verify"]);
        assert_eq!(code, Some(1), "{what}: {said}");
        assert!(said.contains(told), "{what}: {said}");
        fs::write(&path, before).unwrap();
    }
    for stranger in ["var/blobs/x", "outbox/monetique/x.txt", "outbox/monetique/.stage/y", "var/archive/2026-11-24/z"] {
        let path = installation.path(stranger);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, b"x").unwrap();
        let (code, said) = installation.run(&["verify", "--json"]);
        let told: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!((code, told["faults"].as_array().unwrap().len()), (Some(1), 1), "{stranger}: {said}");
        fs::remove_file(path).unwrap();
    }
    let (code, said) = installation.run(&["verify", "--heads", heads.to_str().unwrap()]);
    assert!(code == Some(1) && said.contains("kept as head"), "{said}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (sql, told) in [
        ("UPDATE journal SET who = 'nobody' WHERE number = 2", "row 2 was changed"),
        ("DELETE FROM journal WHERE number = 1", "missing and no row says why"),
        ("UPDATE declaration SET sequence = 7", "counter at"),
    ] {
        let copy = installation.path("damaged.db");
        fs::copy(installation.path("var/guichet.db"), &copy).unwrap();
        let (log, logged) = (installation.path("var/guichet.db-wal"), installation.path("damaged.db-wal"));
        let _ = fs::remove_file(&logged);
        if log.exists() {
            fs::copy(log, logged).unwrap();
        }
        runtime.block_on(async {
            use guichet::store::{SqliteStore, Store};
            use sqlx::{ConnectOptions, Connection};
            let mut database = sqlx::sqlite::SqliteConnectOptions::new().filename(&copy).connect().await.unwrap();
            sqlx::query(sql).execute(&mut database).await.unwrap();
            database.close().await.unwrap();
            let store = SqliteStore::open(&copy).await.unwrap();
            let faults = store.verify().await.unwrap().join("\n");
            store.close().await;
            assert!(faults.contains(told), "{sql}: {faults}");
        });
    }
    installation.is_sound();
}

#[test]
fn everything_it_leaves_is_closed_to_others() {
    let installation = Installation::new("");
    lay_forms(&installation, 1);
    installation.lay("note.pdf", PDF);
    let daemon = installation.start();
    installation.until("both are answered", |installation| installation.answers() == 2);
    installation.run(&["backup", installation.path("copy").to_str().unwrap()]);
    daemon.stop();
    let ours = ["var", "outbox", "inbox/biat/reponses", "inbox/biat/.claimed", "copy"];
    let mut seen = 0;
    for folder in ours {
        for entry in walkdir::WalkDir::new(installation.path(folder)).into_iter().flatten() {
            // Made by the test itself.
            if entry.path() == installation.path("var") {
                continue;
            }
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            let dropped = entry.path().starts_with(installation.path("var/archive")) && entry.file_type().is_file();
            let wanted = if entry.file_type().is_dir() { 0o700 } else { 0o600 };
            assert!(dropped || mode == wanted, "{}: {mode:o}", entry.path().display());
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn a_proof_is_kept_only_while_no_blob_is_swept() {
    use guichet::store::Store;
    let installation = Installation::new("");
    lay_forms(&installation, 1);
    assert_eq!(installation.run(&["scan"]).0, Some(0));
    let dossier = installation
        .with_store(|store| async move { store.dossiers(1).await.unwrap().remove(0).reference })
        .to_string();
    let proof = installation.path("preuve.eml");
    fs::write(&proof, b"Je renonce.").unwrap();
    // As the sweep of the day does.
    let sweeping = fs::File::options().write(true).open(installation.path("var/blobs.lock")).unwrap();
    sweeping.lock().unwrap();
    let by = installation.operator();
    let words = ["step", &dossier, "withdraw", "essai", "--proof", proof.to_str().unwrap()];
    let words = [words.as_slice(), &by.each_ref().map(String::as_str)].concat();
    let mut step = installation.command(&words).spawn().unwrap();
    installation.until("it waits for the sweep", |_| {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        locks.lines().any(|line| line.contains("->") && line.contains(&format!(" {} ", step.id())))
    });
    let blob = installation.path("var/blobs").join(guichet::domain::document::Sha256::of(b"Je renonce.").to_string());
    assert!(!blob.exists(), "kept under the eyes of the sweep");
    sweeping.unlock().unwrap();
    assert!(step.wait().unwrap().success());
    assert!(blob.is_file());
    installation.is_sound();
}

/// A library that makes forcing to the disk fail for paths that hold the word written in a file.
const FAILING_DISK: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int fails(int fd) {
    const char *file = getenv("FAILING_DISK");
    char word[256] = {0}, link[64], path[4096] = {0};
    FILE *open = file ? fopen(file, "r") : NULL;
    if (!open) return 0;
    if (!fgets(word, sizeof word, open)) word[0] = 0;
    fclose(open);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return word[0] && readlink(link, path, sizeof path - 1) > 0 && strstr(path, word) != NULL;
}
int fsync(int fd) { if (fails(fd)) { errno = EIO; return -1; } return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
int fdatasync(int fd) { if (fails(fd)) { errno = EIO; return -1; } return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
"#;

fn failing_disk(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("disk.c"), folder.join("disk.so"));
    fs::write(&source, FAILING_DISK).unwrap();
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl").status();
    assert!(built.expect("a C compiler is needed to build guichet, too").success());
    library
}

#[test]
fn after_a_forced_write_that_failed_it_stops_and_the_next_start_goes_on() {
    for word in ["/var/tmp/", "guichet.db-wal", "/inbox/biat/.claimed", "/.stage/"] {
        let installation = Installation::new("");
        let library = failing_disk(&installation.path(""));
        let trigger = installation.path("failing");
        let mut command = installation.command(&["run"]);
        command.env("LD_PRELOAD", &library).env("FAILING_DISK", &trigger);
        let mut daemon = installation.start_with(command);
        installation.until("at work", |installation| installation.log().contains("At work"));
        fs::write(&trigger, word).unwrap();
        lay_forms(&installation, 1);
        let status = daemon.ended();
        assert_eq!(status.code(), Some(74), "{word}: {}", installation.log());
        assert!(installation.log().contains("stopping rather than trusting it"), "{word}: {}", installation.log());
        let daemon = installation.start();
        installation.until("it is answered", |installation| installation.answers() == 1);
        daemon.stop();
        installation.is_sound();
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    found.sort();
    found
}
