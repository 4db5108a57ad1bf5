//! Names a stranger chose, things that are no files, and a file that goes on growing.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use super::daemon::{Installation, PDF};

#[test]
fn any_name_is_data_and_every_file_is_answered() {
    let installation = Installation::new("");
    let long = [vec![b'a'; 251], b".pdf".to_vec()].concat();
    let arabic = "استمارة".repeat(18);
    let names: Vec<&[u8]> = vec![
        b"\xff\xfe\x80.pdf",
        b"deux\nlignes.pdf",
        "renvers\u{e9}\u{202e}fdp.exe".as_bytes(),
        b"-rf",
        b"--config=x.pdf",
        b"pdf...",
        b"%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        b"$(reboot);`reboot`.pdf",
        b"' OR 1=1 --.pdf",
        b"<script>alert(1)<.pdf",
        b"\x1b[31mrouge\x07.pdf",
        b"__019ab000000070008000000000000001__.pdf",
        &long,
        arabic.as_bytes(),
    ];
    for (number, name) in names.iter().enumerate() {
        let path = installation.path("inbox/biat").join(OsStr::from_bytes(name));
        fs::write(path, format!("%PDF-1.4 {number} %%EOF\n")).unwrap();
    }
    let (code, said) = installation.run(&["scan"]);
    assert_eq!(code, Some(0), "{said}");
    let documents = installation.documents();
    assert_eq!(documents.len(), names.len());
    for shown in &documents {
        assert!(!shown.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{shown:?}");
    }
    assert_eq!(installation.answers(), names.len());
    for answer in fs::read_dir(installation.path("inbox/biat/reponses")).unwrap() {
        let name = answer.unwrap().file_name();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        assert!(name.as_bytes().iter().all(plain) && !name.as_bytes().starts_with(b"-"), "{name:?}");
    }
    for words in [vec!["status"], vec!["verify"]] {
        let (code, said) = installation.run(&words);
        assert_eq!(code, Some(0), "{said}");
        assert!(!said.contains('\x1b') && !said.contains('\u{202e}'), "{said:?}");
    }
}

#[test]
fn what_is_no_ordinary_file_is_answered_unopened() {
    let installation = Installation::new("");
    let inbox = installation.path("inbox/biat");
    let secret = installation.path("secret");
    fs::write(&secret, PDF).unwrap();
    symlink(&secret, inbox.join("lien.pdf")).unwrap();
    symlink("/dev/zero", inbox.join("sans-fin.pdf")).unwrap();
    symlink(inbox.join("boucle.pdf"), inbox.join("boucle.pdf")).unwrap();
    fs::hard_link(&secret, inbox.join("dur.pdf")).unwrap();
    // Opening it would wait for ever.
    assert!(Command::new("mkfifo").arg(inbox.join("tube.pdf")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(inbox.join("prise.pdf")).unwrap();
    let mut laid = 6;
    if Command::new("mknod").arg(inbox.join("appareil.pdf")).args(["c", "1", "5"]).output().unwrap().status.success() {
        laid += 1;
    } else {
        eprintln!("NOT RUN: a device needs the right to make one");
    }
    let (code, said) = installation.run(&["scan"]);
    assert_eq!(code, Some(0), "{said}");
    let refusals = installation.with_store(|store| async move {
        use guichet::store::Store;
        let documents = store.documents().await.unwrap();
        documents.iter().filter(|stored| stored.arrival.refusal.is_some()).count()
    });
    assert_eq!((refusals, installation.answers()), (laid, laid));
    assert_eq!(fs::read(&secret).unwrap(), PDF);
    assert_eq!(fs::read_dir(installation.path("var/blobs")).unwrap().count(), 0, "something was opened");
    installation.is_sound();
}

#[test]
fn a_folder_with_a_link_in_it_keeps_what_is_a_file_and_stays_sound() {
    let installation = Installation::new("");
    let folder = installation.path("inbox/biat/Boutique");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("adhesion.pdf"), PDF).unwrap();
    symlink("/etc/passwd", folder.join("fiche.pdf")).unwrap();
    assert_eq!(installation.run(&["scan"]).0, Some(0));
    assert_eq!(installation.documents(), ["adhesion.pdf", "fiche.pdf"]);
    assert_eq!(installation.answers(), 2);
    installation.is_sound();
}

#[test]
fn a_claimed_file_that_goes_on_growing_waits_and_is_taken_whole() {
    let installation = Installation::new("");
    let path = installation.path("inbox/biat/lent.pdf");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(PDF).unwrap();
    file.sync_all().unwrap();
    // Killed between the claim and the reading: the writer's descriptor follows the file into the claim.
    let mut scan = installation.command(&["scan"]);
    scan.env("GUICHET_CRASH", "claim.synced:1");
    assert!(!scan.status().unwrap().success());
    assert!(!path.exists(), "it was claimed");
    let daemon = installation.start();
    installation.until("at work", |installation| installation.log().contains("At work"));
    let mut all = PDF.to_vec();
    for number in 0..20 {
        let more = format!("suite {number} %%EOF\n");
        file.write_all(more.as_bytes()).unwrap();
        all.extend_from_slice(more.as_bytes());
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(installation.documents().len(), 0, "taken while it grew");
    }
    drop(file);
    installation.until("it is taken", |installation| installation.documents().len() == 1);
    let blob = guichet::domain::document::Sha256::of(&all).to_string();
    assert!(installation.path(&format!("var/blobs/{blob}")).is_file(), "taken whole");
    daemon.stop();
    installation.is_sound();
}
