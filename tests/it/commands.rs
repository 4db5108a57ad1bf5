//! The command line as people and scripts meet it: what it prints, and its exit codes.

use std::fs;

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
    for fault in ["adhesion.schema.json", "outbox/monetique"] {
        assert!(
            said.lines().any(|line| line.starts_with("FAULT") && line.contains(fault)),
            "{fault} not named in\n{said}"
        );
    }
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
