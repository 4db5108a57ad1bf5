//! Every letter in every language, with plain and with hostile matters.

use super::samples::{LANGUAGES, LETTERS, notification, sample};
use super::*;
use crate::domain::notification::{Language, Recipient, Subject};
use crate::domain::step::Step;

struct House {
    sender: Sender,
    forms: Forms,
    layouts: Layouts,
    grid: Grid,
    templates: Templates,
}

impl House {
    fn new() -> Self {
        let sender = Sender {
            from: "Guichet ClicToPay <guichet@smt.example>".into(),
            reply_to: Some("clictopay@smt.example".into()),
            domain: "smt.example".into(),
        };
        let (forms, layouts) = (Forms::built_in(), Layouts::built_in());
        let grid = crate::rules::Rules::built_in(&forms).grid;
        Self { sender, forms, layouts, grid, templates: Templates::built_in() }
    }

    fn desk(&self) -> Desk<'_> {
        let Self { sender, forms, layouts, grid, templates } = self;
        Desk { sender, forms, layouts, grid, templates }
    }
}

#[test]
fn every_letter_can_be_written_in_every_language() {
    let house = House::new();
    let pages = preview(&house.desk()).unwrap();
    let letters: usize = LETTERS.iter().map(|(_, _, recipients)| recipients.len()).sum();
    assert_eq!(pages.len(), letters * LANGUAGES.len() * 2 + 1);
    if let Ok(folder) = std::env::var("GUICHET_SHOW") {
        for (name, page) in &pages {
            std::fs::write(std::path::Path::new(&folder).join(name), page).unwrap();
        }
    }
    for (name, page) in pages.iter().filter(|(name, _)| !name.starts_with("index")) {
        // Documents set aside may belong to no dossier.
        let alone = name.starts_with("document_set_aside") || name.starts_with("acknowledgement_set_aside");
        assert!(alone || page.contains("D26-000123"), "{name} names its dossier");
        assert!(alone || page.contains("/10"), "{name} tells the step");
        assert!(!page.contains("08006012345678901232"), "{name} shows an account");
        assert!(!page.contains("{{") && !page.contains("{%") && !page.contains("  :"), "{name}:\n{page}");
    }
}

#[test]
fn every_letter_as_text() {
    for (language, name) in [(Language::Fr, "fr"), (Language::Ar, "ar"), (Language::En, "en")] {
        let house = House::new();
        let pages = preview(&house.desk()).unwrap();
        let ending = format!(".{}.txt", language.as_str());
        let texts = pages.iter().filter(|(name, _)| name.ends_with(&ending));
        let all: String = texts.map(|(name, text)| format!("===== {name}\n{text}\n")).collect();
        insta::assert_snapshot!(name, all);
    }
}

#[test]
fn a_letter_is_the_same_bytes_every_time_and_its_name_tells_it_from_others() {
    let house = House::new();
    let sample = sample(Step::Forms, "Pâtisserie Sœur Amélie & Fils");
    let to_bank = notification(Subject::FormsToCorrect, Recipient::Bank, Language::Fr, &sample);
    let letter = write(&house.desk(), &to_bank, &sample.matter()).unwrap();
    assert_eq!(letter, write(&house.desk(), &to_bank, &sample.matter()).unwrap());
    let message = String::from_utf8(letter.message.clone()).unwrap();
    let head = &message[..message.find("\r\n\r\n").unwrap()];
    insta::assert_snapshot!(head.replace('\r', ""));
    let to_merchant = notification(Subject::FormsToCorrect, Recipient::Merchant, Language::Fr, &sample);
    assert_ne!(letter.message_id, write(&house.desk(), &to_merchant, &sample.matter()).unwrap().message_id);
    let mut later = to_bank.clone();
    later.occasion = "another".into();
    assert_ne!(letter.message_id, write(&house.desk(), &later, &sample.matter()).unwrap().message_id);
}

#[test]
fn a_hostile_name_stays_a_name() {
    let house = House::new();
    let hostile = "<script>alert(1)</script>\" '\r\nBcc: x@evil.example\n\n- point\n# titre\n\u{202e}شركة";
    for (subject, step, recipients) in LETTERS {
        let sample = sample(step, hostile);
        for language in LANGUAGES {
            let notification = notification(subject, recipients[0], language, &sample);
            let context = Context::of(&house.desk(), &notification, &sample.matter());
            let told = tell(&house.templates, &notification, &context).unwrap();
            assert!(!told.html.contains("<script") && !told.html.contains('\u{202e}'), "{}", told.html);
            assert!(!told.subject.contains(['\r', '\n']), "{}", told.subject);
            assert!(!told.text.lines().any(|line| line.starts_with("Bcc") || line == "titre" || line == "- point"));
            let letter = write(&house.desk(), &notification, &sample.matter()).unwrap();
            let message = String::from_utf8(letter.message).unwrap();
            let head = &message[..message.find("\r\n\r\n").unwrap()];
            assert!(!head.contains("\nBcc:"), "{head}");
        }
    }
}

#[test]
fn an_address_that_could_break_a_header_is_refused() {
    let house = House::new();
    let sample = sample(Step::Forms, "Amélie");
    for address in
        ["a@b.example\r\nBcc: c@d.example", "sans-arobase", "", "a@b.example, c@d.example", "a@\u{0}b.example"]
    {
        let mut letter = notification(Subject::FormsToCorrect, Recipient::Bank, Language::Fr, &sample);
        letter.addresses = vec![address.into()];
        let refused = write(&house.desk(), &letter, &sample.matter());
        assert!(matches!(refused, Err(Unwritten::Address(_))), "{address:?}");
        letter.addresses = vec![];
        assert!(matches!(write(&house.desk(), &letter, &sample.matter()), Err(Unwritten::Nobody)));
    }
}

#[test]
fn arabic_letters_keep_numbers_in_their_order() {
    let house = House::new();
    let sample = sample(Step::Forms, "Pâtisserie Amélie");
    let letter = notification(Subject::FormsToCorrect, Recipient::Merchant, Language::Ar, &sample);
    let context = Context::of(&house.desk(), &letter, &sample.matter());
    let told = tell(&house.templates, &letter, &context).unwrap();
    assert!(told.html.contains("dir=\"rtl\""));
    assert!(told.text.contains("\u{2068}3/10\u{2069}") && told.text.contains("\u{2068}D26-000123\u{2069}"));
}
