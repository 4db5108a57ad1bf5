//! Disks that are full, shares that are away or may not be written to.
//!
//! Small file systems in memory stand for disks, mounted in a mount namespace of the daemon's own: nothing is left behind, and nobody
//! else sees them. That takes the right to mount; without it these tests say that they could not run.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use guichet::demo;
use guichet::schemas::Forms;

use super::daemon::{Daemon, Installation, PDF, put};

/// May this process mount in a namespace of its own? Says so when it may not.
fn can_mount(test: &str) -> bool {
    let tried = Command::new("unshare")
        .args(["-m", "--propagation", "private", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let may = tried.is_ok_and(|status| status.success());
    if !may {
        eprintln!("NOT RUN: {test} needs the right to mount (unshare -m, as root)");
    }
    may
}

/// The daemon with some of its folders on small file systems; `prepare` runs after they are mounted.
fn start(installation: &Installation, small: &[(&str, &str)], prepare: &str) -> Daemon {
    let mut script = String::from("set -e\n");
    for (folder, size) in small {
        let path = installation.path(folder);
        fs::create_dir_all(&path).unwrap();
        script.push_str(&format!("mount -t tmpfs -o mode=0700,size={size} none '{}'\n", path.display()));
    }
    script.push_str(prepare);
    script.push_str("\nexec \"$0\" run --config \"$1\"\n");
    let mut command = Command::new("unshare");
    command.args(["-m", "--propagation", "private", "sh", "-c", &script, env!("CARGO_BIN_EXE_guichet")]);
    command.arg(installation.path("")).env("GUICHET_CLOCK_SHIFT", installation.path("shift"));
    let daemon = installation.start_with(command);
    installation.until("at work", |installation| installation.log().contains("At work"));
    daemon
}

/// A folder as the daemon sees it.
fn seen(daemon: &Daemon, installation: &Installation, below: &str) -> PathBuf {
    let path = installation.path(below);
    Path::new(&format!("/proc/{}/root", daemon.id())).join(path.strip_prefix("/").unwrap())
}

/// Runs a command where the daemon's file systems are seen.
fn inside(daemon: &Daemon, arguments: &[&str]) -> String {
    let pid = daemon.id().to_string();
    let output = Command::new("nsenter").args(["-t", &pid, "-m"]).args(arguments).output().unwrap();
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

fn status(daemon: &Daemon, installation: &Installation) -> String {
    inside(daemon, &[env!("CARGO_BIN_EXE_guichet"), "status", "--config", installation.path("").to_str().unwrap()])
}

/// Fills what room there is, but for `left` bytes.
fn fill(folder: &Path, left: u64) {
    let mut file = fs::File::create(folder.join("filler")).unwrap();
    let block = [b'x'; 4096];
    let mut size = 0;
    while file.write_all(&block).is_ok() {
        size += 4096;
    }
    file.set_len(size - left.min(size)).unwrap();
}

fn verified(daemon: &Daemon, installation: &Installation) {
    let root = installation.path("");
    let said = inside(daemon, &[env!("CARGO_BIN_EXE_guichet"), "verify", "--config", root.to_str().unwrap()]);
    assert!(said.contains(" 0 faults"), "{said}");
}

#[test]
fn a_full_disk_under_the_database_stops_intake_and_lets_it_go_on() {
    if !can_mount("a full disk under the database") {
        return;
    }
    let installation = Installation::new("");
    // Only the database is on the small disk.
    let prepare: String = ["blobs", "tmp", "archive"]
        .iter()
        .map(|name| {
            let (room, there) = (installation.path(&format!("room/{name}")), installation.path(&format!("var/{name}")));
            fs::create_dir_all(&room).unwrap();
            format!("ln -s '{}' '{}'\n", room.display(), there.display())
        })
        .collect();
    let mut daemon = start(&installation, &[("var", "8m")], &prepare);
    let var = seen(&daemon, &installation, "var");
    fill(&var, 0);
    let inbox = installation.path("inbox/biat");
    // The log of the database has some room of its own left: more and more files, until it is full, too.
    let mut laid = 0;
    installation.until("the trouble is told", |installation| {
        for number in laid..laid + 10 {
            put(&inbox, &format!("note {number}.pdf"), format!("%PDF-1.4 {number} %%EOF\n").as_bytes());
        }
        laid += 10;
        installation.log().contains("ne peuvent être enregistrés")
    });
    assert!(status(&daemon, &installation).contains("Empêchement"), "{}", status(&daemon, &installation));
    assert!(daemon.is_alive());
    fs::remove_file(var.join("filler")).unwrap();
    installation.until("the trouble is over", |_| !status(&daemon, &installation).contains("Empêchement"));
    installation.until("all is answered", |installation| installation.answers() == laid);
    verified(&daemon, &installation);
}

#[test]
fn a_full_disk_under_the_originals_stops_intake_and_lets_it_go_on() {
    if !can_mount("a full disk under the originals") {
        return;
    }
    let installation = Installation::new("");
    let mut daemon = start(&installation, &[("var", "12m")], "");
    let var = seen(&daemon, &installation, "var");
    fill(&var, 400 << 10);
    let large = [b"%PDF-1.4 ".to_vec(), vec![b' '; 2 << 20], b"%%EOF\n".to_vec()].concat();
    put(&installation.path("inbox/biat"), "grand.pdf", &large);
    installation.until("the trouble is told", |installation| {
        installation.log().contains("les documents ne peuvent être gardés")
    });
    assert!(status(&daemon, &installation).contains("Empêchement"));
    assert_eq!(fs::read_dir(var.join("blobs")).unwrap().count(), 0, "half a blob was left");
    assert!(daemon.is_alive());
    fs::remove_file(var.join("filler")).unwrap();
    installation.until("it is taken and answered", |installation| installation.answers() == 1);
    assert_eq!(fs::read_dir(var.join("blobs")).unwrap().count(), 1);
    verified(&daemon, &installation);
}

#[test]
fn a_full_outbox_holds_the_declaration_back_and_lets_it_go_whole() {
    if !can_mount("a full outbox") {
        return;
    }
    let installation = Installation::new("");
    let mut daemon = start(&installation, &[("outbox", "1m")], "");
    let outbox = seen(&daemon, &installation, "outbox");
    fill(&outbox, 0);
    put(&installation.path("inbox/biat"), "comptoir.pdf", &demo::one_of_many(&Forms::built_in(), 1).unwrap());
    installation.until("the setback is shown", |_| {
        let said = status(&daemon, &installation);
        said.lines().any(|line| line.starts_with("Réessayé") && line.contains("DTS") && line.contains("disque plein"))
    });
    assert!(daemon.is_alive());
    let declarations = |folder: &Path| {
        let names =
            fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("DTS") && name.matches('.').count() == 2).count()
    };
    assert_eq!(declarations(&outbox.join("monetique")), 0, "offered although it did not fit");
    fs::remove_file(outbox.join("filler")).unwrap();
    installation.until("it is offered", |_| declarations(&outbox.join("monetique")) == 1);
    verified(&daemon, &installation);
}

#[test]
fn a_share_that_may_not_be_written_to_is_told_and_taken_up_again() {
    if !can_mount("a share that may not be written to") {
        return;
    }
    let installation = Installation::new("");
    let mut daemon = start(&installation, &[("inbox/biat", "4m")], "");
    let share = installation.path("inbox/biat");
    let remount = |how: &str| inside(&daemon, &["mount", "-o", &format!("remount,{how}"), share.to_str().unwrap()]);
    put(&seen(&daemon, &installation, "inbox/biat"), "note.pdf", PDF);
    let refused = remount("ro");
    assert_eq!(refused, "");
    // It may have been taken before the share was closed: one more, laid where only the next opening shows it.
    installation.until("told, or taken before", |installation| {
        installation.log().contains("ne peut être utilisé")
            || !seen(&daemon, installation, "inbox/biat/note.pdf").exists()
    });
    assert_eq!(remount("rw"), "");
    put(&seen(&daemon, &installation, "inbox/biat"), "autre.pdf", b"%PDF-1.4 autre %%EOF\n");
    installation.until("both are answered", |_| {
        let answers = seen(&daemon, &installation, "inbox/biat/reponses");
        fs::read_dir(answers).is_ok_and(|found| found.count() == 4)
    });
    assert!(daemon.is_alive());
    verified(&daemon, &installation);
}

#[test]
fn a_share_that_is_away_is_told_nothing_is_inferred_and_it_comes_back() {
    let installation = Installation::new("");
    installation.lay("premier.pdf", b"%PDF-1.4 premier %%EOF\n");
    let mut daemon = installation.start();
    installation.until("the first is answered", |installation| installation.answers() == 1);
    let (share, away) = (installation.path("inbox/biat"), installation.path("away"));
    fs::rename(&share, &away).unwrap();
    put(&away, "second.pdf", b"%PDF-1.4 second %%EOF\n");
    installation.until("the trouble is told", |installation| installation.status().contains("Empêchement"));
    assert_eq!(installation.documents().len(), 1, "what is away is not gone");
    assert!(!share.exists(), "the folder of a share that is away is not made anew");
    fs::rename(&away, &share).unwrap();
    installation.until("the second is answered", |installation| installation.answers() == 2);
    assert!(!installation.status().contains("Empêchement"));
    assert!(daemon.is_alive());
    installation.is_sound();
}
