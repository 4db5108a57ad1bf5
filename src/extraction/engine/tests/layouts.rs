//! Geometry: where answers stand, where labels end, whose words are whose.

use super::*;

#[test]
fn a_plain_column_of_labels_is_read() {
    let read = Paper::adhesion().company(90.0).read();
    assert_eq!(read_as(&read, "raison_sociale"), trusted("Alpha Voyages SARL"));
    assert_eq!(read_as(&read, "matricule_fiscal"), trusted("1595458T/D/M/000"));
    assert_eq!(read_as(&read, "code_postal"), trusted("2070"));
    assert_eq!(read_as(&read, "telephone"), trusted("+21671234567"));
    assert_eq!(read_as(&read, "email"), trusted("contact@alpha.tn"));
}

#[test]
fn a_heading_tells_homonyms_apart() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(230.0, "Représentant légal");
    paper.row(250.0, "Nom", "TRABELSI").row(268.0, "Prénom", "Salma").row(286.0, "E-mail", "salma@gmail.com");
    let read = paper.read();
    assert_eq!(read_as(&read, "email"), trusted("contact@alpha.tn"));
    assert_eq!(read_as(&read, "representant_email"), trusted("salma@gmail.com"));
    assert_eq!(read_as(&read, "representant_nom"), trusted("TRABELSI"));
}

#[test]
fn a_namesake_under_no_heading_is_doubted() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(230.0, "Divers").heading(310.0, "Divers encore").heading(400.0, "Et autres");
    paper.row(250.0, "E-mail", "qui@exemple.tn").row(268.0, "Nom", "TRABELSI");
    let read = paper.read();
    assert_eq!(read_as(&read, "email"), trusted("contact@alpha.tn"));
    for key in ["representant_email", "charge_dossier_email", "contact_email"] {
        assert!(read_as(&read, key).is_none_or(|(_, trusted)| !trusted), "{key}");
    }
}

#[test]
fn a_blank_ruled_cell_is_an_answer_left_out() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(230.0, "Représentant légal");
    let rows = [("Qualité", ""), ("Papier montré", ""), ("Nom", "TRABELSI"), ("Prénom", "Salma")];
    for (at, (label, value)) in rows.into_iter().enumerate() {
        let y = 250.0 + 18.0 * f32::from(u8::try_from(at).unwrap());
        paper.frame(46.0, y - 4.0, 240.0, y + 14.0).frame(240.0, y - 4.0, 500.0, y + 14.0).row(y, label, value);
    }
    let read = paper.read();
    assert_eq!(read_as(&read, "representant_qualite"), None);
    assert_eq!(read_as(&read, "representant_nom"), trusted("TRABELSI"));
}

#[test]
fn a_label_wrapped_in_its_column_keeps_its_whole_answer() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(230.0, "Activité commerciale");
    paper.row(250.0, "Activité", "Vente de livres").row(272.0, "Panier moyen", "120,500");
    // Lines of one label stand closer than labels do.
    paper.row(294.0, "Chiffre d'affaires", "650 000").text(50.0, 305.0, "annuel");
    paper.row(327.0, "Code MCC", "5942");
    let read = paper.read();
    assert_eq!(read_as(&read, "chiffre_affaires_annuel"), trusted("650000.000"));
    assert_eq!(read_as(&read, "code_mcc"), trusted("5942"));
}

#[test]
fn a_line_that_goes_on_above_leaves_no_half_address_trusted() {
    let mut paper = Paper::titled("Fiche technique ClicToPay");
    paper.heading(90.0, "Site marchand").row(110.0, "Nom du site", "Alpha").row(
        128.0,
        "URL du site",
        "https://alpha.tn",
    );
    paper.heading(160.0, "URL de retour").row(180.0, "URL de succès", "https://www.jasmin-");
    paper.row(191.0, "URL de notification", "voyages.tn/controle").row(209.0, "URL d'échec", "https://alpha.tn/ko");
    let read = paper.read();
    assert!(read_as(&read, "url_notification").is_none_or(|(_, trusted)| !trusted));
}

#[test]
fn letters_in_boxes_are_one_word() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(230.0, "Représentant légal").row(250.0, "Nom", "TRABELSI");
    paper.text(50.0, 270.0, "N° CIN");
    for (at, digit) in "07515293".chars().enumerate() {
        paper.text(250.0 + 14.0 * f32::from(u8::try_from(at).unwrap()), 270.0, &digit.to_string());
    }
    assert_eq!(read_as(&paper.read(), "piece_numero"), trusted("07515293"));
}

#[test]
fn boxes_may_stand_after_their_options() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(230.0, "Service demandé").text(50.0, 250.0, "Cartes acceptées");
    for (at, (option, ticked)) in [("CIB", true), ("VISA", false), ("Mastercard", true)].into_iter().enumerate() {
        let x = 250.0 + 90.0 * f32::from(u8::try_from(at).unwrap());
        paper.text(x, 250.0, option).tick(x + 56.0, 251.0, ticked);
    }
    assert_eq!(read_as(&paper.read(), "cartes"), trusted("CIB, Mastercard"));
}

#[test]
fn options_name_the_choice_whose_label_nobody_has_listed() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(230.0, "Service demandé").text(50.0, 250.0, "Ce que vous voulez encaisser");
    for (at, (option, ticked)) in [("CIB", true), ("VISA", false), ("Mastercard", true)].into_iter().enumerate() {
        let x = 250.0 + 90.0 * f32::from(u8::try_from(at).unwrap());
        paper.tick(x, 251.0, ticked).text(x + 12.0, 250.0, option);
    }
    assert_eq!(read_as(&paper.read(), "cartes").map(|(text, _)| text), Some("CIB, Mastercard".to_owned()));
}

#[test]
fn a_label_nobody_has_listed_is_guessed_by_its_answer_and_doubted() {
    let mut paper = Paper::adhesion();
    paper.heading(90.0, "Identification du commerçant");
    paper.row(110.0, "Raison sociale", "Alpha Voyages SARL").row(128.0, "Matricule fiscal", "1595458T/D/M/000");
    paper.row(146.0, "Zone de distribution", "2070").row(164.0, "Téléphone", "71 234 567");
    paper.row(182.0, "E-mail", "contact@alpha.tn").row(200.0, "Ville", "Tunis");
    let read = paper.read();
    assert_eq!(read_as(&read, "code_postal"), doubted("2070"));
    assert!(has_doubt(&read, "code_postal", Doubt::LabelUnsure));
}

#[test]
fn labels_below_their_lines_take_what_stands_above() {
    let mut paper = Paper::adhesion();
    let rows = [
        ("contact@alpha.tn", "E-mail"),
        ("71 234 567", "Téléphone"),
        ("2070", "Code postal"),
        ("1595458T/D/M/000", "Matricule fiscal"),
        ("Alpha Voyages SARL", "Raison sociale"),
    ];
    paper.heading(80.0, "Identification du commerçant");
    for (at, (value, label)) in rows.into_iter().enumerate() {
        let y = 110.0 + 36.0 * f32::from(u8::try_from(at).unwrap());
        paper.set(10.0, false).text(50.0, y, value).set(7.0, false).text(50.0, y + 12.0, label);
    }
    let read = paper.read();
    assert_eq!(read_as(&read, "email"), trusted("contact@alpha.tn"));
    assert_eq!(read_as(&read, "code_postal"), trusted("2070"));
    assert_eq!(read_as(&read, "raison_sociale"), doubted("Alpha Voyages SARL"));
}

#[test]
fn whole_sentences_ask() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(210.0, "3. Compte de règlement");
    paper.text(50.0, 232.0, "3.1 Sur quel compte (RIB) verser vos recettes ?");
    paper.text(70.0, 246.0, "10 006 0351835984788 31");
    paper.text(50.0, 266.0, "3.2 À quel nom ce compte est-il ouvert ?");
    paper.text(70.0, 280.0, "Alpha Voyages SARL");
    let read = paper.read();
    assert_eq!(read_as(&read, "rib"), trusted("10006035183598478831"));
    assert_eq!(read_as(&read, "titulaire_compte").map(|(text, _)| text).as_deref(), Some("Alpha Voyages SARL"));
}

#[test]
fn a_title_may_say_more_than_the_ones_we_know() {
    let mut paper = Paper::titled("Demande d'adhésion au paiement par carte sur Internet");
    paper.company(90.0);
    assert_eq!(read_as(&paper.read(), "raison_sociale"), trusted("Alpha Voyages SARL"));
}
