//! The same files dropped into the inbox of the running daemon, under names as hostile as they are.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use guichet::domain::file_name;
use serde_json::Value as Json;

use super::{CLASSES, Hostile, cards};

/// Beginnings of names, as a stranger may choose them.
const NAMES: [&[u8]; 6] = [
    b"formulaire",
    b"\xff\xfe\xc3\x28",
    b"a\nb\r\nSubject: x",
    b"fdp.\xe2\x80\xaeexe",
    b"-rf --no-preserve-root",
    b"<script>alert(1)<.script>",
];

#[test]
fn some_hostile_files_in_the_inbox_are_answered_by_the_daemon() {
    drop_all(16);
}

#[test]
#[ignore = "takes minutes: `make hostile`"]
fn every_hostile_file_in_the_inbox_is_answered_by_the_daemon() {
    drop_all(1);
}

/// The daemon; ended with the test, however that ends.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn drop_all(one_in: usize) {
    let scratch = tempfile::tempdir().expect("a folder of our own");
    let root = scratch.path();
    let init = guichet(root, &["init", root.to_str().expect("a plain name"), "--bank", "08"]);
    assert!(init.status.success(), "{init:?}");
    let settings = fs::read_to_string(root.join("guichet.toml")).expect("it was just made");
    fs::write(root.join("guichet.toml"), settings.replace("quiet = \"2s\"", "quiet = \"200ms\"")).expect("it is ours");
    let inbox = fs::read_dir(root.join("inbox")).expect("it was just made").flatten().map(|entry| entry.path());
    let inbox = inbox.into_iter().find(|path| path.is_dir()).expect("the bank's folder");

    let mut daemon = Daemon(
        Command::new(env!("CARGO_BIN_EXE_guichet"))
            .args(["run", "--config"])
            .arg(root)
            .stderr(Stdio::from(fs::File::create(root.join("log")).expect("it is ours")))
            .spawn()
            .expect("the program was built for this test"),
    );
    let begun = Instant::now();
    let mut dropped = 0;
    for files in CLASSES {
        for Hostile { bytes, .. } in files().into_iter().step_by(one_in) {
            let name = [NAMES[dropped % NAMES.len()], format!(" {dropped}.pdf").as_bytes()].concat();
            let (part, whole) = (inbox.join(format!("{dropped}.part")), inbox.join(OsStr::from_bytes(&name)));
            fs::write(&part, bytes).and_then(|()| fs::rename(part, whole)).expect("the inbox can be written");
            dropped += 1;
        }
    }
    let reponses = inbox.join("reponses");
    let answers = || {
        let names = fs::read_dir(&reponses).into_iter().flatten().flatten().map(|entry| entry.path());
        names.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect::<Vec<_>>()
    };
    let patience = Duration::from_mins(1) + Duration::from_secs(20) * u32::try_from(dropped).expect("a few hundred");
    while answers().len() < dropped {
        assert!(daemon.0.try_wait().expect("our child").is_none(), "the daemon has ended: {}", log(root));
        assert!(begun.elapsed() < patience, "{} of {dropped} answered: {}", answers().len(), log(root));
        std::thread::sleep(Duration::from_millis(200));
    }
    let took = begun.elapsed();
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    let mut crashed = 0;
    for path in answers() {
        let text = fs::read_to_string(&path).expect("an answer");
        assert!(!text.contains(&cards::number()), "{} shows a card number", path.display());
        let answer: Json = serde_json::from_str(&text).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
        let page = fs::read_to_string(path.with_extension("html")).expect("the page beside it");
        assert!(!page.contains("<script") && page.contains("</html>"), "{}", path.display());
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert_eq!(name, file_name::sanitised(&name), "an answer is named plainly");
        let code = answer["verdict"]["code"].as_str().expect("every answer has a verdict").to_owned();
        assert!(!answer["verdict"]["text"].as_str().unwrap_or_default().is_empty(), "{code} is told in words");
        crashed += usize::from(text.contains("s'est interrompue"));
        *codes.entry(code).or_default() += 1;
    }
    for line in log_lines(root).iter().filter(|line| line.contains("A child died")) {
        println!("{line}");
    }
    println!(
        "{dropped} hostile files through the inbox in {took:.0?}; verdicts {codes:?}; {crashed} crashed their child"
    );

    let status = guichet(root, &["status", "--json"]);
    let status: Json = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!(status["errands"].as_array().map(Vec::len), Some(0), "{status:#}");
    let states = serde_json::to_string(&status["overview"]["documents"]).unwrap_or_default();
    println!("documents {states}");
    // A crash of the same bytes twice is never tried again by itself: the document is set aside like one with a card number.
    let count = |state: &str| status["overview"]["documents"][state].as_u64().unwrap_or_default();
    assert_eq!(count("quarantined") + count("examined"), dropped as u64, "{states}");
    let set_aside = codes.get("card_number").copied().unwrap_or_default() + crashed;
    assert!(count("quarantined") >= set_aside as u64, "{states}");

    let pid = rustix::process::Pid::from_raw(daemon.0.id().try_into().expect("a number")).expect("not zero");
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it is ours");
    assert!(daemon.0.wait().expect("our child").success(), "{}", log(root));
    let verify = guichet(root, &["verify"]);
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stdout));
}

fn guichet(root: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
    command.args(arguments).env("GUICHET_CONFIG", root).output().expect("the program was built for this test")
}

fn log_lines(root: &Path) -> Vec<String> {
    fs::read_to_string(root.join("log")).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The end of what the daemon said.
fn log(root: &Path) -> String {
    let lines = log_lines(root);
    lines[lines.len().saturating_sub(20)..].join("\n")
}
