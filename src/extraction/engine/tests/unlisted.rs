//! Papers of banks nobody has seen: what is printed for the eye and answers nothing, and what is set in unusual ways.

use super::*;

#[test]
fn labels_glued_to_their_answers_are_parted() {
    let mut paper = Paper::adhesion();
    paper.heading(90.0, "Identification du commerçant");
    for (y, line) in [
        (110.0, "Raison sociale:Alpha Voyages SARL"),
        (128.0, "Matricule fiscal:1595458T/D/M/000"),
        (146.0, "Code postal:2070"),
        (164.0, "Ville:La Marsa"),
        (182.0, "E-mail:contact@alpha.tn"),
    ] {
        paper.text(50.0, y, line);
    }
    let read = paper.read();
    assert_eq!(read_as(&read, "raison_sociale"), trusted("Alpha Voyages SARL"));
    assert_eq!(read_as(&read, "ville"), trusted("La Marsa"));
    assert_eq!(read_as(&read, "email"), trusted("contact@alpha.tn"));
}

#[test]
fn the_banks_own_numbers_are_not_the_merchants() {
    let mut paper = Paper::adhesion();
    paper.set(8.0, false).text(50.0, 20.0, "Tél. : 71 999 888 - Fax : 71 999 777").set(10.0, false);
    paper.company(90.0);
    let read = paper.read();
    assert_eq!(read_as(&read, "telephone"), trusted("+21671234567"));
    assert_eq!(read_as(&read, "fax"), None);
}

#[test]
fn a_word_for_nothing_is_no_answer() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).row(202.0, "Ville", "Néant").row(220.0, "Fax", "N/A").row(238.0, "Nom commercial", "-");
    let read = paper.read();
    for key in ["ville", "fax", "nom_commercial"] {
        assert_eq!(read_as(&read, key), None, "{key}");
    }
}

#[test]
fn an_example_answers_nothing() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).row(202.0, "Fax (ex. : 71 111 222)", "").row(220.0, "Code MCC", "");
    paper.text(250.0, 220.0, "4 chiffres, ex. : 5411");
    let read = paper.read();
    assert_eq!(read_as(&read, "fax"), None);
    assert_eq!(read_as(&read, "code_mcc"), None);
}

#[test]
fn an_unknown_heading_set_as_the_others_ends_the_section() {
    let mut paper = Paper::adhesion();
    // Headings in capitals, in the labels' own weight and size.
    paper.text(50.0, 90.0, "IDENTIFICATION DU COMMERÇANT");
    paper.row(110.0, "Raison sociale", "Alpha Voyages SARL").row(128.0, "Matricule fiscal", "1595458T/D/M/000");
    paper.row(146.0, "Code postal", "2070").row(164.0, "E-mail", "contact@alpha.tn");
    paper.text(50.0, 190.0, "ACTIVITÉ").row(210.0, "Code MCC", "5942").row(228.0, "Panier moyen", "120,500");
    paper.text(50.0, 254.0, "SIGNATAIRE DU CONTRAT");
    paper.row(274.0, "Nom", "TRABELSI").row(292.0, "Qualité", "Gérant").row(310.0, "E-mail", "salma@gmail.com");
    let read = paper.read();
    assert_eq!(read_as(&read, "email"), trusted("contact@alpha.tn"));
    assert_ne!(read_as(&read, "contact_email"), trusted("salma@gmail.com"));
}

#[test]
fn tall_cells_at_the_side_head_their_rows() {
    let mut paper = Paper::adhesion();
    let sections = [
        (
            "Le commerçant",
            [("Raison sociale", "Alpha Voyages SARL"), ("Code postal", "2070"), ("E-mail", "contact@alpha.tn")],
        ),
        ("Le signataire", [("Nom", "TRABELSI"), ("Prénom", "Salma"), ("E-mail", "salma@gmail.com")]),
    ];
    let mut y = 90.0;
    for (heading, rows) in sections {
        paper.frame(46.0, y, 150.0, y + 54.0).text(50.0, y + 20.0, heading);
        for (label, value) in rows {
            paper.frame(150.0, y, 300.0, y + 18.0).frame(300.0, y, 540.0, y + 18.0);
            paper.text(154.0, y + 4.0, label).text(304.0, y + 4.0, value);
            y += 18.0;
        }
    }
    let read = paper.read();
    assert_eq!(read_as(&read, "email"), trusted("contact@alpha.tn"));
    assert_eq!(read_as(&read, "representant_email"), trusted("salma@gmail.com"));
    assert_eq!(read_as(&read, "representant_nom"), trusted("TRABELSI"));
}

#[test]
fn a_telephone_or_a_company_in_a_place_for_a_name_is_doubted() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(230.0, "Représentant légal");
    paper.row(250.0, "Nom", "Alpha Voyages SARL").row(268.0, "Qualité", "71 234 567");
    let read = paper.read();
    for key in ["representant_nom", "representant_qualite"] {
        assert!(read_as(&read, key).is_none_or(|(_, trusted)| !trusted), "{key}");
    }
}
