//! Forms seen by an engine: what is blank, and what was only not made out.

use super::*;
use crate::domain::field::Absence;
use crate::extraction::page::Ink;

fn absence(extraction: &Extraction, key: &str) -> Option<Absence> {
    extraction.gaps.iter().find(|gap| gap.key.as_str() == key).map(|gap| gap.absence)
}

fn ink(x0: f32, y0: f32, x1: f32, y1: f32) -> Ink {
    Ink { bbox: Rect { x0, y0, x1, y1 }, share: 0.3 }
}

#[test]
fn only_paper_that_was_looked_at_is_blank() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).row(200.0, "Adresse", "").row(218.0, "Ville", "");
    paper.seen();
    let read = paper.read();
    assert_eq!([absence(&read, "adresse"), absence(&read, "ville")], [Some(Absence::Blank); 2]);

    paper.page.inks.push(ink(250.0, 217.0, 330.0, 229.0));
    let read = paper.read();
    assert_eq!(absence(&read, "adresse"), Some(Absence::Blank));
    assert_eq!(absence(&read, "ville"), Some(Absence::Unreadable), "somebody wrote there");
}

#[test]
fn an_option_whose_box_was_not_seen_may_be_ticked() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(230.0, "Le représentant légal").text(50.0, 250.0, "Type de pièce d'identité :");
    paper.text(220.0, 250.0, "CIN").tick(250.0, 251.0, false).text(262.0, 250.0, "Passeport");
    paper.seen();
    assert_eq!(absence(&paper.read(), "piece_type"), Some(Absence::Unreadable));
}

#[test]
fn a_colon_that_looks_like_a_semicolon_ends_a_label_all_the_same() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).text(50.0, 220.0, "Adresse du siège ; 12 rue de Marseille");
    assert_ne!(read_as(&paper.read(), "adresse").map(|(text, _)| text).as_deref(), Some("12 rue de Marseille"));
    paper.seen();
    assert_eq!(read_as(&paper.read(), "adresse").map(|(text, _)| text).as_deref(), Some("12 rue de Marseille"));
}

#[test]
fn a_page_that_bears_the_title_again_goes_on_with_its_form_unless_it_asks_the_same() {
    let forms = Forms::built_in();
    let mut first = Paper::adhesion();
    first.company(90.0);
    let mut second = Paper::adhesion();
    second.heading(90.0, "Coordonnées bancaires").row(110.0, "RIB", "").row(128.0, "Titulaire du compte", "Alpha");
    second.row(146.0, "Devises", "TND").row(164.0, "Fait à", "Tunis");
    second.page.number = 2;
    let forms_of = |pages: &[Page]| read(pages, &forms).len();
    assert_eq!(forms_of(&[first.page.clone(), second.page]), 1);
    assert_eq!(forms_of(&[first.page.clone(), Page { number: 2, ..first.page }]), 2);
}

#[test]
fn a_page_taken_from_further_away_is_no_small_print() {
    let mut first = Paper::adhesion();
    first.set(12.0, false).company(90.0).row(210.0, "Ville :", "Sfax").row(228.0, "Gouvernorat :", "Sfax").seen();
    let mut second = Paper::adhesion();
    second.page.segments.clear();
    second.page.number = 2;
    second.set(9.0, true).text(50.0, 90.0, "VIII. Signature").set(9.0, false);
    second.text(50.0, 110.0, "Lieu : Nefta").text(50.0, 126.0, "Le : 10/09/2026").seen();
    let found = read(&[first.page, second.page], &Forms::built_in());
    assert_eq!(read_as(&found[0], "lieu_signature").map(|(text, _)| text).as_deref(), Some("Nefta"));
}
