//! The ten steps by hand, as an operator and a releaser do them on the command line, from the drop to a suspension.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use guichet::demo;
use guichet::schemas::Forms;
use guichet::store::{SqliteStore, Store};
use serde_json::Value as Json;

use super::{format, guichet, text};

struct Installation {
    folder: tempfile::TempDir,
}

impl Installation {
    fn new() -> Self {
        let installation = Self { folder: tempfile::tempdir().unwrap() };
        let root = installation.root();
        let config = "[inbox]\nquiet = \"50ms\"\n[log]\nlevel = \"error\"\n[[bank]]\nfolder = \"biat\"\ncode = \"08\"\n\
            name = \"BIAT\"\nmailboxes = [\"agence@biat.example\"]\n";
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("guichet.toml"), config).unwrap();
        installation.sound(&["init", text(&root)]);
        installation
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("installation")
    }

    fn at(&self, arguments: &[&str]) -> Output {
        let root = self.root();
        let mut all = arguments.to_vec();
        if arguments[0] != "init" {
            all.extend(["--config", text(&root)]);
        }
        guichet(&all)
    }

    /// What a command that must succeed says.
    fn sound(&self, arguments: &[&str]) -> String {
        let done = self.at(arguments);
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&done.stderr));
        said
    }

    /// What a command that must be refused says, with exit code 1.
    fn refused(&self, arguments: &[&str]) -> String {
        let done = self.at(arguments);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{arguments:?}: {}{said}", String::from_utf8_lossy(&done.stdout));
        said
    }

    fn show(&self, reference: &str) -> Json {
        serde_json::from_str(&self.sound(&["show", reference, "--json"])).unwrap()
    }

    fn step(&self, reference: &str) -> String {
        self.show(reference)["dossier"]["step"].as_str().unwrap().to_owned()
    }

    /// The last file of a type, as it lies in an outbox.
    fn file(&self, outbox: &str, kind: &str) -> String {
        let folder = self.root().join("outbox").join(outbox);
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with(kind) && name.matches('.').count() == 2 && name.len() == 24)
            .collect();
        names.sort();
        names.pop().unwrap_or_else(|| panic!("no {kind} in {outbox}"))
    }

    fn secret(&self, name: &str, password: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, format!("{password}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}

fn with<'a>(words: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [words, more].concat()
}

fn in_blobs(root: &Path) -> usize {
    walkdir::WalkDir::new(root.join("var/blobs"))
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .count()
}

#[test]
fn from_the_drop_to_live_and_suspended_by_people_alone() {
    let desk = Installation::new();
    let form = demo::one_of_many(&Forms::built_in(), 1).unwrap();
    fs::write(desk.root().join("inbox/biat/comptoir.pdf"), form).unwrap();
    desk.sound(&["scan"]);
    let status: Json = serde_json::from_str(&desk.sound(&["status", "--json"])).unwrap();
    let reference = status["dossiers"][0]["dossier"]["reference"].as_str().unwrap().to_owned();
    let reference = reference.as_str();
    assert_eq!(desk.step(reference), "test_declaration");

    let secret = desk.secret("secret", "une phrase assez longue");
    let wrong = desk.secret("faux", "une autre phrase longue");
    let password = ["--password-file", text(&secret)];
    let new = ["--new-password-file", text(&secret)];
    let by = with(&["--by", "olfa mansour"], &password);
    let add = |name: &'static str, roles: &[&'static str]| {
        let roles: Vec<&str> = roles.iter().flat_map(|role| ["--role", *role]).collect();
        with(&["user", "add", name], &with(&roles, &new))
    };
    desk.sound(&add("Olfa Mansour", &["releaser", "monetique"]));
    assert!(desk.refused(&add("Monetique", &["monetique"])).contains("donne à d'autres"));

    // A name is proven, or the order is refused: neither a stranger nor a wrong password writes into the journal.
    let give = ["step", reference, "give", "langue=ar"];
    assert!(desk.refused(&with(&give, &with(&["--by", "Personne"], &password))).contains("inconnu"));
    // Nor does a password that others can read.
    fs::set_permissions(&wrong, fs::Permissions::from_mode(0o644)).unwrap();
    let open = desk.refused(&with(&give, &["--by", "Olfa Mansour", "--password-file", text(&wrong)]));
    assert!(open.contains("chmod 600"), "{open}");
    fs::set_permissions(&wrong, fs::Permissions::from_mode(0o600)).unwrap();
    let guessed = with(&give, &["--by", "Olfa Mansour", "--password-file", text(&wrong)]);
    assert!(desk.refused(&guessed).contains("mot de passe inconnu"));
    assert!(desk.refused(&give).contains("--by NOM"));
    let unproven = desk.show(reference)["journal"].clone();
    assert!(unproven.as_array().unwrap().iter().all(|line| line["event"] != "completed"), "{unproven}");

    // Monétique-Tunisie answers by e-mail: the same facts by hand, with the mail as proof.
    let mail = desk.secret("reponse.eml", "Le commerçant est déclaré en test.");
    let dts = desk.file("monetique", "DTS");
    let kept = in_blobs(&desk.root());
    let accepted = ["step", reference, "accepted", &dts, "--affiliation", "5000000001", "--terminal", "70000001"];
    desk.sound(&with(&accepted, &with(&by, &["--proof", text(&mail)])));
    assert_eq!((desk.step(reference).as_str(), in_blobs(&desk.root())), ("tests", kept + 1));
    desk.sound(&with(&accepted, &by));
    let contrary = ["step", reference, "rejected", &dts, "--reason", "M005 RIB invalide"];
    assert!(desk.refused(&with(&contrary, &by)).contains("réponse contraire"));
    let journal = desk.show(reference)["journal"].clone();
    let proven = journal.as_array().unwrap().iter().find(|line| line["event"] == "acknowledged").unwrap().clone();
    assert_eq!(proven["detail"]["proof"].as_str().map(str::len), Some(64), "{proven}");
    assert_eq!(proven["who"], "Olfa Mansour");

    let early = desk.refused(&with(&["step", reference, "suspend", "impayés"], &by));
    assert!(early.contains("étape 6 tests") && early.contains("guichet procedure"), "{early}");
    // No conclusion without results; a reason is one, and no card number is.
    let report = ["step", reference, "report", "PV26-000001", "--date", "2026-11-24"];
    assert!(desk.refused(&with(&report, &by)).contains("un résultat pour chaque test"));
    let asked = desk.show(reference)["requirements"].clone();
    let tests: Vec<&str> =
        asked.as_array().unwrap().iter().filter_map(|line| line["finding"]["details"]["test"].as_str()).collect();
    assert!(tests.len() > 7, "{asked}");
    desk.sound(&with(&["step", reference, "test", &tests.join(","), "conforme"], &by));
    desk.sound(&with(&report, &by));
    assert_eq!(desk.step(reference), "production");

    // Four eyes.
    desk.sound(&add("Amel Trabelsi", &["releaser"]));
    desk.sound(&add("Sami Gharbi", &["administrator"]));
    assert!(desk.refused(&add("amel trabelsi", &["auditor"])).contains("déjà un compte"));
    // Who may release has no say in what is released, and only administrators say who works here.
    assert!(desk.refused(&with(&give, &with(&["--by", "Amel Trabelsi"], &password))).contains("ne permet pas"));
    assert!(desk.refused(&with(&add("Ines Gharbi", &["releaser"]), &by)).contains("ne permet pas"));
    let release = |name: &'static str| with(&["release", reference, "--yes", "--as", name], &password);
    assert!(desk.refused(&release("Olfa Mansour")).contains("créé ou modifié"));
    assert!(desk.refused(&release("Sami Gharbi")).contains("releaser"), "an administrator is a person like another");
    assert!(desk.refused(&release("Personne")).contains("inconnu"));
    for _ in 0..3 {
        let said =
            desk.refused(&["release", reference, "--yes", "--as", "Amel Trabelsi", "--password-file", text(&wrong)]);
        assert!(said.contains("mot de passe inconnu"), "{said}");
    }
    assert!(desk.refused(&release("Amel Trabelsi")).contains("Trop de mots de passe faux"), "even with the right one");
    desk.sound(&with(&["user", "password", "Amel Trabelsi"], &with(&new, &with(&["--by", "Sami Gharbi"], &password))));
    let shown = desk.sound(&release("Amel Trabelsi"));
    desk.sound(&["scan"]);
    let dpr = desk.file("biat", "DPR");
    let sha256 = fs::read_to_string(desk.root().join(format!("outbox/biat/{dpr}.sha256"))).unwrap();
    assert!(shown.contains(&sha256[..64]), "what was shown is what left:\n{shown}\n{sha256}");
    assert!(shown.contains("5000000001") && shown.contains(&dpr), "{shown}");

    for (kind, outbox) in [("DPR", "biat"), ("SPS", "monetique"), ("UTI", "biat")] {
        if kind == "SPS" {
            desk.sound(&release("Amel Trabelsi"));
            desk.sound(&["scan"]);
        }
        let file = desk.file(outbox, kind);
        desk.sound(&with(&["step", reference, "accepted", &file], &by));
        desk.sound(&["scan"]);
    }
    assert_eq!(desk.step(reference), "live");

    // A correction of what is declared is a modification, and a change of mind takes two people too.
    desk.sound(&with(&["review", reference, "ville", "--value", "Sousse"], &by));
    let listed = desk.sound(&["release"]);
    assert!(listed.contains("DPR00008") && listed.contains("02"), "{listed}");
    assert!(desk.refused(&release("Amel Trabelsi")).contains("Plusieurs déclarations"));
    let refuse = |file: &str| {
        let file = format!("{file}00008.{reference}");
        let reason = ["--reason", "ville à confirmer"];
        desk.sound(&with(&["refuse", &file, "--yes", "--as", "Amel Trabelsi"], &with(&reason, &password)));
    };
    refuse("DPR");
    desk.sound(&with(&["step", reference, "suspend", "impayés"], &by));
    assert_eq!(desk.step(reference), "suspended");
    let waiting = desk.show(reference)["waiting"].clone();
    let operations: Vec<&str> =
        waiting.as_array().unwrap().iter().filter_map(|one| one["operation"].as_str()).collect();
    assert_eq!(operations, ["suspension", "suspension"], "{waiting}");
    desk.sound(&["user", "disable", "Amel Trabelsi"]);
    let file = format!("DPR00008.{reference}");
    assert!(desk.refused(&with(&["release", &file, "--yes", "--as", "Amel Trabelsi"], &password)).contains("fermé"));
    desk.sound(&with(&["step", reference, "resume"], &by));
    assert_eq!(desk.step(reference), "live");
    // Who tried, who was taken in and by whom: what is about no dossier is in the journal all the same.
    let lines = |event: &str| -> Vec<(String, String)> {
        let told: Json = serde_json::from_str(&desk.sound(&["journal", "--event", event, "--json"])).unwrap();
        let told = told.as_array().unwrap().iter();
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        told.map(|line| {
            (text(&line["who"]), format!("{}{}", text(&line["detail"]["user"]), text(&line["detail"]["gate"])))
        })
        .collect()
    };
    let pair = |who: &str, what: &str| (who.to_owned(), what.to_owned());
    assert_eq!(lines("release_turned_away"), [pair("Olfa Mansour", "same_person"), pair("Sami Gharbi", "no_releaser")]);
    assert!(lines("user_enrolled").iter().all(|(who, _)| who.starts_with("système (uid ")));
    assert_eq!(lines("user_password_changed"), [pair("Sami Gharbi", "Amel Trabelsi")]);
    assert!(desk.sound(&["journal", "--who", "sami gharbi", "--last", "1"]).contains("mot de passe changé"));
    desk.sound(&with(&["step", reference, "strike-off", "cessation d'activité"], &by));
    assert_eq!(desk.step(reference), "struck_off");
    desk.sound(&["verify"]);
}

/// The text part of a letter as it lies in a folder.
fn text_of(message: &str) -> String {
    let part = message.split("quoted-printable").nth(1).unwrap().split("Content-Type: text/html").next().unwrap();
    let joined = part.replace("\r\n", "\n").replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).filter(|_| *first == b'=').and_then(|code| std::str::from_utf8(code).ok());
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_is_asked_is_the_same_in_answers_letters_and_on_the_command_line() {
    let desk = Installation::new();
    let samples = desk.folder.path().join("samples");
    assert!(guichet(&["demo", "--samples", text(&samples)]).status.success());
    // A RIB whose key fails, and no technical sheet.
    fs::copy(samples.join("biat/Ribat Design/adhesion.pdf"), desk.root().join("inbox/biat/adhesion.pdf")).unwrap();
    desk.sound(&["scan"]);
    let folder = |name: &str, ending: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(desk.root().join(name)).unwrap().flatten().map(|entry| entry.path());
        entries.filter(|path| text(path).ends_with(ending)).collect()
    };
    let answer = fs::read_to_string(&folder("inbox/biat/reponses", ".json")[0]).unwrap();
    let answer: Json = serde_json::from_str(&answer).unwrap();
    let asked = answer["requirements"].as_array().unwrap().clone();
    let codes: Vec<&str> = asked.iter().filter_map(|line| line["code"].as_str()).collect();
    assert_eq!(codes, ["rib_key", "missing_document"]);
    assert!(asked[0]["value"].as_str().unwrap().contains("***"), "an identifier is masked: {}", asked[0]);

    let reference = answer["dossier"]["reference"].as_str().unwrap();
    let listed = desk.show(reference)["requirements"].clone();
    assert_eq!(listed.as_array().map(Vec::len), Some(asked.len()), "{listed}");
    let shown = desk.sound(&["show", reference]);
    let status = desk.sound(&["status"]);
    let letters: Vec<String> = folder("var/letters", ".eml")
        .iter()
        .filter(|path| text(path).contains("forms-to-correct"))
        .map(|path| text_of(&fs::read_to_string(path).unwrap()))
        .collect();
    assert_eq!(letters.len(), 2, "the bank and the merchant");
    for line in &asked {
        let said = |key: &str| line[key].as_str().unwrap_or_default();
        let in_a_row =
            shown.lines().find(|row| row.contains(said("text"))).unwrap_or_else(|| panic!("{line}\n{shown}"));
        for key in ["state_name", "actor_name", "label", "form", "place", "value", "remedy"] {
            assert!(in_a_row.contains(said(key)), "{key} of {line}\n{in_a_row}");
        }
        for letter in &letters {
            assert!(letter.contains(said("text")) && letter.contains(said("value")), "{line}\n{letter}");
            assert!(letter.contains(&format!("→ {} ({})", said("remedy"), said("actor_name"))), "{line}\n{letter}");
        }
    }
    assert!(letters.iter().all(|letter| letter.matches('→').count() == asked.len()), "{letters:#?}");
    let first = format!("{} : {}", asked[0]["actor_name"].as_str().unwrap(), asked[0]["text"].as_str().unwrap());
    assert!(status.contains(&first), "{status}");
}

/// Reads every declaration of an installation with the reader that knows the format from the document alone; says how many.
fn read_back(root: &Path) -> u64 {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(&root.join("var/guichet.db")).await.unwrap();
        let mut read = 0;
        for line in store.declarations(None).await.unwrap() {
            let bytes = store.outgoing(&line.name).await.unwrap().unwrap().bytes;
            format::read(&line.name, &bytes).unwrap_or_else(|fault| panic!("{}: {fault}", line.name));
            read += 1;
        }
        read
    })
}

#[test]
fn a_rehearsal_ends_as_its_script_says() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("repetition");
    // `REHEARSAL=200` plays more of them.
    let merchants = std::env::var("REHEARSAL").unwrap_or_else(|_| "12".to_owned());
    let play = [
        "practice",
        "--merchants",
        &merchants,
        "--reject",
        "25",
        "--duplicate",
        "30",
        "--late",
        "30",
        "--json",
        "--dir",
        text(&root),
    ];
    let done = guichet(&play);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    let outcome: Json = serde_json::from_str(&said).unwrap();
    assert_eq!(outcome["faults"].as_array().map(Vec::len), Some(0), "{said}");
    assert!(outcome["ends"]["live"][0].as_u64() > Some(2), "{said}");
    let files = read_back(&root);
    let published: u64 = outcome["files"].as_object().unwrap().values().filter_map(|of| of[0].as_u64()).sum();
    assert_eq!(files, published, "every file that left is read by whoever goes by the document alone");
    let again = guichet(&play);
    assert!(!again.status.success(), "a rehearsal does not play over another one");
}
