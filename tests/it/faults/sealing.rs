//! Originals sealed on the disk: nothing of them lies open, and all that is done with them goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use guichet::demo;
use guichet::schemas::Forms;
use guichet::store::{DocumentState, Store};

use super::daemon::Installation;

/// Stands in the originals and in nothing that is read from them.
const MARKER: &[u8] = b"zq-original-marker";

fn sealed(more: &str) -> Installation {
    let installation = Installation::new(&format!("[storage]\nkey_file = \"blobs.key\"\n{more}"));
    new_key(&installation.path("blobs.key"));
    installation
}

fn new_key(path: &Path) {
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_guichet")).args(["seal", "--new-key"]).arg(path).output();
    let made = made.unwrap();
    assert!(made.status.success() && made.stdout.starts_with(b"age1"), "{made:?}");
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

/// A merchant's form, a note, and a folder; each with the marker among its bytes.
fn lay_some(installation: &Installation) {
    let mut form = demo::one_of_many(&Forms::built_in(), 1).unwrap();
    form.extend_from_slice(&[b"%", MARKER, b"\n%%EOF\n"].concat());
    installation.lay("comptoir.pdf", &form);
    installation.lay("note.pdf", &[b"%PDF-1.4 ", MARKER, b" %%EOF\n"].concat());
    let (hidden, folder) = (installation.path("inbox/biat/.moving"), installation.path("inbox/biat/Boutique"));
    fs::create_dir_all(hidden.join("annexes")).unwrap();
    fs::write(hidden.join("annexes/plan.txt"), MARKER).unwrap();
    fs::rename(hidden, folder).unwrap();
}

/// Files under these folders that show a text.
fn showing(installation: &Installation, folders: &[&str], text: &[u8]) -> Vec<PathBuf> {
    let entries = folders.iter().flat_map(|folder| walkdir::WalkDir::new(installation.path(folder)));
    let files = entries.flatten().filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path);
    files.filter(|file| fs::read(file).unwrap().windows(text.len()).any(|window| window == text)).collect()
}

#[test]
fn nothing_of_an_original_lies_open_and_verify_copy_and_erasure_go_on() {
    let installation = sealed("[retention]\nabandoned_days = 0\n");
    lay_some(&installation);
    let (code, said) = installation.run(&["scan"]);
    assert_eq!(code, Some(0), "{said}");
    // What Monétique-Tunisie gets is for it to read; all else of guichet's own is sealed.
    assert_eq!(showing(&installation, &["var", "inbox"], MARKER), Vec::<PathBuf>::new());
    assert_eq!(showing(&installation, &["outbox"], MARKER).len(), 1, "the documents that travel with the declaration");
    installation.is_sound();
    assert_eq!(installation.documents().len(), 3);

    // An acknowledgement is applied, proves its event, and is put away sealed.
    let declaration = fs::read_dir(installation.path("outbox/monetique")).unwrap().flatten();
    let name = declaration.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let name = name.into_iter().find(|name| name.starts_with("DTS") && name.matches('.').count() == 2).unwrap();
    let answer = format!(
        "{{\"fichier_origine\":{name:?},\"sequence_origine\":1,\"statut\":\"ACCP\",\"libelle\":\"{}\"}}",
        String::from_utf8_lossy(MARKER)
    );
    fs::write(installation.path("outbox/monetique/accuses/ACR.json"), answer).unwrap();
    assert_eq!(installation.run(&["scan"]).0, Some(0));
    assert_eq!(showing(&installation, &["var/archive", "var/blobs", "var/quarantine"], MARKER), Vec::<PathBuf>::new());
    let steps = installation.with_store(|store| async move { store.dossiers(9).await.unwrap() });
    assert_eq!(steps[0].step, "tests");
    installation.is_sound();

    // A copy holds no key; put up again, it wants one to be read.
    let (copy, again) = (installation.path("copy"), installation.path("again"));
    let (code, said) = installation.run(&["backup", copy.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(showing(&installation, &["copy/blobs"], MARKER), Vec::<PathBuf>::new());
    assert!(!copy.join("blobs.key").exists());
    let (code, said) = Installation::run_plain(&["restore", copy.to_str().unwrap(), again.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    let verify = || Installation::run_plain(&["verify", "--config", again.to_str().unwrap()]);
    let (code, said) = verify();
    assert!(code == Some(78) && said.contains("blobs.key"), "{said}");
    new_key(&again.join("blobs.key"));
    let (code, said) = verify();
    assert!(code == Some(1) && said.contains("no key here opens it"), "{said}");
    fs::copy(installation.path("blobs.key"), again.join("blobs.key")).unwrap();
    let (code, said) = verify();
    assert_eq!(code, Some(0), "{said}");

    // What is in no dossier has had its time.
    let (code, said) = installation.run(&["purge"]);
    assert_eq!(code, Some(0), "{said}");
    let states = installation.with_store(|store| async move {
        let documents = store.documents().await.unwrap();
        documents.iter().filter(|stored| stored.state == DocumentState::Erased).count()
    });
    assert_eq!(states, 2);
    // The form's blob, and what proved the acknowledgement.
    assert_eq!(fs::read_dir(installation.path("var/blobs")).unwrap().count(), 2);
    installation.is_sound();
}

#[test]
fn what_came_before_the_key_is_read_and_can_be_sealed() {
    let installation = sealed("");
    let configuration = fs::read_to_string(installation.path("guichet.toml")).unwrap();
    fs::write(installation.path("guichet.toml"), configuration.replace("key_file = \"blobs.key\"", "")).unwrap();
    lay_some(&installation);
    assert_eq!(installation.run(&["scan"]).0, Some(0));
    assert!(showing(&installation, &["var/blobs"], MARKER).len() == 3);
    assert_eq!(installation.run(&["seal"]).0, Some(1), "there is no key");
    fs::write(installation.path("guichet.toml"), configuration).unwrap();
    installation.is_sound();
    let (code, said) = installation.run(&["seal"]);
    assert!(code == Some(0) && said.contains("6 fichiers"), "{said}");
    assert_eq!(showing(&installation, &["var"], MARKER), Vec::<PathBuf>::new());
    installation.is_sound();
    assert!(installation.run(&["seal"]).1.contains("0 fichiers"));
    // The same file again is known again.
    installation.lay("encore.pdf", &[b"%PDF-1.4 ", MARKER, b" %%EOF\n"].concat());
    assert_eq!(installation.run(&["scan"]).0, Some(0));
    assert_eq!(fs::read_dir(installation.path("var/blobs")).unwrap().count(), 3);
    installation.is_sound();
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let installation = sealed("");
    fs::set_permissions(installation.path("blobs.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let (code, said) = installation.run(&["scan"]);
    assert!(code == Some(78) && said.contains("chmod 600"), "{said}");
}
