//! Running text to complete, and places to write on.

use super::*;

#[test]
fn what_is_written_over_points_answers_the_words_before_them() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(210.0, "Représentant légal");
    paper.text(50.0, 230.0, "Nom : .................... Prénom : ....................");
    paper.text(90.0, 228.0, "BELHADJ").text(250.0, 228.0, "Sonia");
    let read = paper.read();
    assert_eq!(read_as(&read, "representant_nom"), trusted("BELHADJ"));
    assert_eq!(read_as(&read, "representant_prenom"), trusted("Sonia"));
}

#[test]
fn a_sentence_goes_on_in_the_next_line() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(210.0, "Compte de règlement");
    // The first line is full: the company's name is broken at the margin.
    paper.text(50.0, 230.0, "les ventes sont portées au crédit du compte, ouvert au nom de");
    paper.set(10.0, true).text(360.0, 230.0, "Les Jardins de").set(10.0, false);
    paper.set(10.0, true).text(50.0, 244.0, "Carthage SARL").set(10.0, false);
    paper.text(122.0, 244.0, ", à l'agence de");
    paper.set(10.0, true).text(202.0, 244.0, "Menzah").set(10.0, false);
    let read = paper.read();
    assert_eq!(
        read_as(&read, "titulaire_compte").map(|(text, _)| text),
        Some("Les Jardins de Carthage SARL".to_owned())
    );
    assert_eq!(read_as(&read, "agence").map(|(text, _)| text), Some("Menzah".to_owned()));
}

#[test]
fn a_column_of_examples_is_no_column_of_answers() {
    let mut paper = Paper::adhesion();
    paper.heading(90.0, "Identification du commerçant");
    let rows = [
        ["Information", "À remplir", "Exemple"],
        ["Raison sociale", "Alpha Voyages SARL", "MA SOCIETE SARL"],
        ["Téléphone", "71 234 567", "71 123 456"],
        ["E-mail", "", "contact@exemple.tn"],
        ["Code postal", "2070", "1001"],
    ];
    strangers::grid(&mut paper, 110.0, &strangers::THREE, &rows);
    let read = paper.read();
    assert_eq!(read_as(&read, "raison_sociale"), trusted("Alpha Voyages SARL"));
    assert_eq!(read_as(&read, "telephone"), trusted("+21671234567"));
    assert_eq!(read_as(&read, "email"), None);
}

#[test]
fn a_label_that_found_no_field_of_its_own_still_contests_the_one_it_asks_for() {
    let mut paper = Paper::adhesion();
    paper.company(90.0);
    let [first, second] = ["contact@alpha.tn", "m.karoui@banque.tn"];
    paper.row(170.0, "Mail", first).text(330.0, 170.0, "Mail :").text(400.0, 170.0, second);
    let read = paper.read();
    assert!(read_as(&read, "email").is_none_or(|(_, trusted)| !trusted));
}
