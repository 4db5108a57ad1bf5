//! The command line as people and scripts meet it: what it prints, and its exit codes.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{guichet, text};

#[test]
fn an_installation_is_laid_out_once_and_found_sound() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("installation");
    assert!(guichet(&["init", text(&root), "--bank", "08"]).status.success());
    assert!(root.join("guichet.toml").is_file());
    let before = fs::read_to_string(root.join("guichet.toml")).unwrap();
    assert!(guichet(&["init", text(&root), "--bank", "10"]).status.success());
    assert_eq!(fs::read_to_string(root.join("guichet.toml")).unwrap(), before, "what is there stays");
    let check = guichet(&["check", "--offline", "--json", "--config", text(&root)]);
    let report: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    assert_eq!((check.status.code(), &report["faults"]), (Some(0), &serde_json::json!([])), "{report:#}");
}

#[test]
fn an_upgrade_replaces_what_nobody_changed_and_lays_the_rest_beside() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    assert!(guichet(&["init", text(root), "--bank", "08"]).status.success());
    // As an earlier version laid them out; the second was changed here since.
    let (letter, page) = (root.join("templates/letters/fr/live.tera"), root.join("templates/answers/page.html"));
    let shipped = fs::read_to_string(&letter).unwrap();
    let record = root.join("templates/.laid");
    let mut laid = fs::read_to_string(&record).unwrap();
    let words = root.join("templates/words/fr.toml");
    for (path, name) in [(&letter, "letters/fr/live.tera"), (&page, "answers/page.html"), (&words, "words/fr.toml")] {
        // A word of before that nobody reads any more, and one that is new since.
        let earlier = format!("{}\n", fs::read_to_string(path).unwrap()).replace("\nnote_heure = ", "\nnote_time = ");
        let line = laid.lines().find(|line| line.ends_with(&format!("  {name}"))).unwrap().to_owned();
        laid = laid.replace(&line, &format!("{}  {name}", sha256(&earlier)));
        fs::write(path, earlier).unwrap();
    }
    fs::write(&record, laid).unwrap();
    let ours = fs::read_to_string(&page).unwrap().replace("<title>", "<title>Chez nous ");
    fs::write(&page, &ours).unwrap();

    let check = || {
        let check = guichet(&["check", "--offline", "--config", text(root)]);
        let said = String::from_utf8_lossy(&check.stdout).into_owned();
        assert_eq!(check.status.code(), Some(0), "an upgrade is no fault:\n{said}");
        said
    };
    let said = check();
    assert!(!said.contains("note_time"), "what nobody changed is the program's:\n{said}");
    for (name, told) in [("live.tera", "not changed here"), ("page.html", "changed in the program since")] {
        let warned = |line: &str| line.starts_with("warning") && line.contains(name) && line.contains(told);
        assert!(said.lines().any(warned), "{name}: {told} is not in\n{said}");
    }
    let init = guichet(&["init", text(root)]);
    let done = String::from_utf8_lossy(&init.stdout);
    assert!(done.contains("live.tera") && done.contains("page.html.new"), "{done}");
    assert_eq!(fs::read_to_string(&letter).unwrap(), shipped);
    assert_eq!(fs::read_to_string(&page).unwrap(), ours, "what was changed here is never overwritten");
    assert!(check().lines().any(|line| line.starts_with("warning") && line.contains("page.html.new")));
    fs::remove_file(root.join("templates/answers/page.html.new")).unwrap();
    let said = check();
    assert!(said.contains("templates: 1 changed here: answers/page.html") && !said.contains(".new"), "{said}");
}

fn sha256(text: &str) -> String {
    guichet::domain::document::Sha256::of(text.as_bytes()).to_string()
}

#[test]
fn every_fault_is_named_at_once() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    assert!(guichet(&["init", text(root), "--bank", "08"]).status.success());
    fs::write(root.join("schemas/adhesion.schema.json"), "{").unwrap();
    fs::write(root.join("schemas/mcc.json"), "[]").unwrap();
    fs::remove_dir_all(root.join("outbox/monetique")).unwrap();
    let check = guichet(&["check", "--offline", "--config", text(root)]);
    let said = String::from_utf8_lossy(&check.stdout);
    assert_eq!(check.status.code(), Some(78));
    for fault in ["schemas/adhesion.schema.json:1: ", "outbox/monetique"] {
        assert!(
            said.lines().any(|line| line.starts_with("FAULT") && line.contains(fault)),
            "{fault} not named in\n{said}"
        );
    }
}

#[test]
fn faults_have_their_file_and_line_whatever_the_file() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    assert!(guichet(&["init", text(root), "--bank", "08"]).status.success());
    let edit = |file: &str, from: &str, to: &str| {
        let path = root.join(file);
        let before = fs::read_to_string(&path).unwrap();
        assert!(before.contains(from), "{file} has no {from}");
        let line = before[..before.find(from).unwrap()].matches('\n').count() + 1;
        fs::write(&path, before.replacen(from, to, 1)).unwrap();
        format!("{file}:{line}: ")
    };
    let places = [
        edit("guichet.toml", "code = \"08\"", "code = \"8\""),
        edit("schemas/fiche_technique.schema.json", "\"format\": \"url-guichet\"", "\"format\": \"url-guichett\""),
        edit("schemas/mcc.json", "\"codes\":", "\"codes\""),
        edit("templates/words/fr.toml", "[verdict]", "[verdict"),
        edit("templates/answers/page.html", "{{ verdict.text }}", "{{ verdict.text }"),
        edit("templates/gates/fr.toml", "[gate]", "[gate"),
    ];
    let check = guichet(&["check", "--offline", "--json", "--config", text(root)]);
    let report: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let faults: Vec<&str> = report["faults"].as_array().unwrap().iter().filter_map(|fault| fault.as_str()).collect();
    assert_eq!(check.status.code(), Some(78));
    for place in places {
        assert!(faults.iter().any(|fault| fault.contains(&place)), "{place} not named in {faults:#?}");
    }
}

#[test]
fn a_template_that_asks_for_what_nobody_gives_is_found_before_the_first_letter() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    assert!(guichet(&["init", text(root), "--bank", "08"]).status.success());
    let path = root.join("templates/answers/page.html");
    let page = fs::read_to_string(&path).unwrap();
    fs::write(&path, page.replace("{{ verdict.text }}", "{{ verdict.txet }}")).unwrap();
    let check = guichet(&["check", "--offline", "--config", text(root)]);
    let said = String::from_utf8_lossy(&check.stdout);
    assert_eq!(check.status.code(), Some(78));
    assert!(said.lines().any(|line| line.starts_with("FAULT") && line.contains("answers/page.html")), "{said}");
}

#[test]
fn a_faulty_configuration_is_exit_code_78_and_a_missing_file_66() {
    let scratch = tempfile::tempdir().unwrap();
    fs::write(scratch.path().join("guichet.toml"), "[inbox]\nquiett = \"1s\"\n").unwrap();
    let run = guichet(&["scan", "--config", text(scratch.path())]);
    assert_eq!(run.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&run.stderr).contains("quiett"));
    assert_eq!(guichet(&["read", "/no/such/file.pdf"]).status.code(), Some(66));
    assert_eq!(guichet(&["no-such-command"]).status.code(), Some(2));
}

#[test]
fn a_person_settles_values_and_the_dossier_goes_on() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("installation");
    fs::create_dir_all(&root).unwrap();
    let bank = "[inbox]\nquiet = \"0s\"\n[[bank]]\nfolder = \"biat\"\ncode = \"08\"\nname = \"BIAT\"\nmailboxes = [\"a@banque.example\"]\n";
    fs::write(root.join("guichet.toml"), bank).unwrap();
    assert!(guichet(&["init", text(&root)]).status.success());
    let samples = scratch.path().join("samples");
    assert!(guichet(&["demo", "--samples", text(&samples)]).status.success());
    // A wrong RIB key, and nothing else.
    for name in ["adhesion.pdf", "fiche.pdf"] {
        fs::copy(samples.join("biat/Ribat Design").join(name), root.join("inbox/biat").join(name)).unwrap();
    }
    guichet(&["scan", "--config", text(&root)]);
    let run = |arguments: &[&str]| {
        let done = guichet(&[arguments, &["--config", text(&root)]].concat());
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.code(), said)
    };
    let (code, waiting) = run(&["review", "--json"]);
    assert!(code == Some(0) && waiting.contains("\"field\": \"rib\""), "{waiting}");
    let secret = scratch.path().join("secret");
    fs::write(&secret, "une phrase assez longue\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let rib = ["review", "D26-000001", "rib", "--by", "amel trabelsi", "--password-file", text(&secret)];
    let with = |more: &[&'static str]| [rib.as_slice(), more].concat();
    // A name that nobody has settles nothing, nor does one whose owner only looks on.
    assert_eq!(run(&with(&["--accept"])).0, Some(1));
    let add = ["user", "add", "Amel Trabelsi", "--new-password-file", text(&secret), "--role"];
    assert_eq!(run(&[add.as_slice(), &["auditor"]].concat()).0, Some(0));
    let (code, said) = run(&with(&["--accept"]));
    assert!(code == Some(1) && said.contains("auditeur"), "{said}");
    assert_eq!(run(&["user", "roles", "Amel Trabelsi", "--role", "monetique"]).0, Some(0));
    // Words, not a fault of guichet's: a key that fails, a dossier nobody knows, a reference that is none.
    assert_eq!(run(&with(&["--value", "08 047 0000000000000 00"])).0, Some(1));
    assert_eq!(run(&["show", "D26-999999"]).0, Some(1));
    assert_eq!(run(&["show", "nonsense"]).0, Some(2));
    let (code, said) = run(&with(&["--override", "rib_key", "--reason", "relevé vu au guichet"]));
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&with(&["--accept"]));
    assert!(code == Some(0) && said.contains("étape 5/10"), "{said}");
    let (_, shown) = run(&["show", "D26-000001", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["dossier"]["overridden"][0]["reason"], "relevé vu au guichet");
    assert_eq!(shown["dossier"]["adhesion"]["fields"]["rib"]["changes"][0]["by"], "Amel Trabelsi");
    let events: Vec<&str> =
        shown["journal"].as_array().unwrap().iter().filter_map(|line| line["event"].as_str()).collect();
    assert!(
        events.contains(&"overridden") && events.contains(&"settled") && events.contains(&"numbered"),
        "{events:?}"
    );
}

#[test]
fn any_file_gets_a_json_answer() {
    let scratch = tempfile::tempdir().unwrap();
    for (name, bytes) in
        [("empty.pdf", &b""[..]), ("noise.xlsx", b"PK\x03\x04 nonsense"), ("half.pdf", b"%PDF-1.7\n1 0 obj <<")]
    {
        let file = scratch.path().join(name);
        fs::write(&file, bytes).unwrap();
        let read = guichet(&["read", "--json", text(&file)]);
        let document: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
        assert_eq!((read.status.code(), document["kind"].as_str()), (Some(1), Some("other")), "{name}");
        assert!(!document["findings"].as_array().unwrap().is_empty(), "{name} says why");
        let seen = guichet(&["inspect", "--json", text(&file)]);
        assert!(
            serde_json::from_slice::<serde_json::Value>(&seen.stdout).unwrap()["error"]["code"].is_string(),
            "{name}"
        );
    }
}

#[test]
fn help_shows_examples_and_completions_are_printed() {
    let help = guichet(&["--help"]);
    assert!(String::from_utf8_lossy(&help.stdout).contains("guichet read formulaire.pdf"));
    for shell in ["bash", "zsh", "fish"] {
        let completions = guichet(&["completions", shell]);
        assert!(completions.status.success() && completions.stdout.len() > 1000, "{shell}");
    }
}
