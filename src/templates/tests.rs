//! Templates are checked when they are loaded: all faults at once, each with its file and line.

use super::*;
use crate::domain::finding::{Finding, Severity};

#[test]
fn every_fault_is_named_at_once_with_its_line() {
    let mut texts = shipped();
    texts.insert("declarations/01.tera".into(), "premier\n{{ fichier.type | zone(of= }}\n".into());
    texts.insert("declarations/30.tera".into(), "{{ adhesion.rib | zonne(of=\"30.rib\") }}".into());
    texts.insert("findings/fr.toml".into(), "[rib_key]\ntext = \"a\"\nremedy\n".into());
    let Err(TemplateFaults(faults)) = Templates::read(&texts) else { panic!("the faults were not seen") };
    let said = |start: &str| assert!(faults.iter().any(|fault| fault.starts_with(start)), "{start} in {faults:#?}");
    said("declarations/01.tera:2: ");
    said("declarations/30.tera:1: Unknown filter `zonne`");
    said("findings/fr.toml:3: ");
}

#[test]
fn what_an_older_installation_lacks_is_as_shipped() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    place("declarations/99.tera", "own");
    place("findings/fr.toml", "[bad_email]\ntext = \"adresse fausse\"\nremedy = \"\"\n");
    // As an earlier version laid it out, and nobody touched it since.
    place("declarations/01.tera", "{{ what_it_was_given_then }}");
    let laid = crate::domain::document::Sha256::of(b"{{ what_it_was_given_then }}");
    place(crate::shipped::RECORD, &format!("{laid}  declarations/01.tera\n"));
    let templates = Templates::load(folder.path()).unwrap();
    let asked = templates.render(Family::Declarations, "declarations/01.tera", &serde_json::json!({})).unwrap_err();
    assert!(!asked.to_string().contains("what_it_was_given_then"), "{asked}");
    let none = serde_json::json!({});
    assert_eq!(templates.render(Family::Declarations, "declarations/99.tera", &none).unwrap(), "own");
    let said = |code: &str| templates.say(&Finding::new(code, Severity::Reject), Language::Fr).text;
    assert_eq!(said("bad_email"), "adresse fausse");
    assert_ne!(said("rib_key"), "rib_key");
}

#[test]
fn a_word_that_is_missing_is_as_shipped_and_one_that_nobody_reads_is_named() {
    let mut texts = shipped();
    let misspelt = texts["words/en.toml"].replacen("\ntests_passed = ", "\ntest_passed = ", 1);
    let line = misspelt.lines().position(|line| line.starts_with("test_passed")).unwrap() + 1;
    let found = difference("words/en.toml", &misspelt);
    assert_eq!(found.missing, ["words/en.toml: [step] tests_passed is missing: as shipped"]);
    assert_eq!(found.unknown, [format!("words/en.toml:{line}: [step] test_passed is read by nobody")]);
    texts.insert("words/en.toml".into(), misspelt);
    let templates = Templates::read(&texts).unwrap();
    assert_eq!(templates.words(Language::En).get("step", "tests_passed"), Some("Tests passed"));
    for (name, text) in shipped().iter().filter(|(name, _)| name.contains(".toml") && !name.starts_with("findings/")) {
        assert_eq!(difference(name, text), words::Difference::default(), "{name}");
    }
}

#[test]
fn a_sentence_takes_its_details_as_they_are() {
    let templates = Templates::built_in();
    let finding = Finding::new("missing_document", Severity::Incomplete).with("document", "fiche_technique");
    let said = templates.say(&finding, Language::Fr);
    assert!(said.text.contains("fiche technique"), "{}", said.text);
    let hostile = Finding::new("bad_email", Severity::Reject).with("value", "{expected}\n\u{202e}<b>");
    let said = templates.say(&hostile, Language::Fr);
    assert!(said.text.starts_with("{expected} <b> "), "{}", said.text);
}

#[test]
fn a_case_replaces_the_general_sentence() {
    let templates = Templates::built_in();
    let missing = Finding::new("missing", Severity::Incomplete);
    let label_not_found = missing.clone().with("absence", "label_not_found");
    assert_ne!(templates.say(&missing, Language::Fr), templates.say(&label_not_found, Language::Fr));
}

#[test]
fn a_name_that_is_not_there_is_an_error_with_its_place() {
    let templates = Templates::built_in();
    let err = templates.render(Family::Declarations, "declarations/DTS.tera", &serde_json::json!({})).unwrap_err();
    assert!(err.to_string().starts_with("declarations/"), "{err}");
}
