//! Values that stand on a form and are not its own: what was before, what is somebody else's, what is one of two.

use super::*;

/// A row of framed cells, each with its text.
fn cells(paper: &mut Paper, y: f32, edges: &[f32], texts: &[&str]) {
    for (pair, text) in edges.windows(2).zip(texts) {
        paper.frame(pair[0], y, pair[1], y + 18.0);
        if !text.is_empty() {
            paper.text(pair[0] + 4.0, y + 4.0, text);
        }
    }
}

/// Such rows below one another.
pub(super) fn grid(paper: &mut Paper, top: f32, edges: &[f32], rows: &[[&str; 3]]) {
    for (row, texts) in rows.iter().enumerate() {
        cells(paper, top + 18.0 * f32::from(u8::try_from(row).unwrap()), edges, texts);
    }
}

pub(super) const THREE: [f32; 4] = [50.0, 210.0, 370.0, 540.0];

fn changes(head: [&str; 3]) -> Extraction {
    let mut paper = Paper::titled("Demande de modification d'adhésion");
    paper.heading(90.0, "Identification du commerçant");
    let rows = [
        head,
        ["Raison sociale", "", "Alpha Voyages SARL"],
        ["Matricule fiscal", "", "1595458T/D/M/000"],
        ["Code postal", "", "2070"],
        ["Téléphone", "71 111 222", "71 234 567"],
        ["Fax", "71 111 333", ""],
        ["E-mail", "info@avant.tn", "contact@alpha.tn"],
    ];
    grid(&mut paper, 110.0, &THREE, &rows);
    paper.read()
}

#[test]
fn the_new_value_counts_and_a_former_one_without_is_doubted() {
    let read = changes(["Rubrique", "Ancienne valeur", "Nouvelle valeur"]);
    assert_eq!(read_as(&read, "telephone"), trusted("+21671234567"));
    assert_eq!(read_as(&read, "email"), trusted("contact@alpha.tn"));
    assert_eq!(read_as(&read, "fax"), doubted("+21671111333"));
    assert!(has_doubt(&read, "fax", Doubt::Ambiguous));
}

#[test]
fn two_columns_under_headings_nobody_knows_are_not_told_apart() {
    let read = changes(["Rubrique", "Colonne A", "Colonne B"]);
    for key in ["telephone", "email"] {
        assert!(read_as(&read, key).is_none_or(|(_, trusted)| !trusted), "{key}");
    }
}

#[test]
fn a_label_that_asks_for_another_proves_nothing() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(210.0, "Compte de règlement").row(230.0, "Ancien RIB", "10 006 0351835984788 31");
    assert!(read_as(&paper.read(), "rib").is_none_or(|(_, trusted)| !trusted));
}

#[test]
fn what_stands_under_a_stranger_is_not_the_merchants() {
    let mut paper = Paper::adhesion();
    paper
        .heading(90.0, "Identification du commerçant")
        .row(110.0, "Raison sociale", "Alpha Voyages SARL")
        .row(128.0, "Matricule fiscal", "1595458T/D/M/000")
        .row(146.0, "Code postal", "2070")
        .row(164.0, "Ville", "La Marsa")
        .heading(190.0, "Représentant légal")
        .row(210.0, "Nom", "BEN ALI")
        .row(228.0, "Qualité", "Gérant")
        .heading(254.0, "Expert-comptable")
        .row(274.0, "Nom", "TRABELSI Sami")
        .row(292.0, "Téléphone", "71 999 888")
        .row(310.0, "E-mail", "sami@cabinet.tn");
    let read = paper.read();
    assert_eq!(read_as(&read, "representant_nom"), trusted("BEN ALI"));
    for key in ["telephone", "email"] {
        assert!(read_as(&read, key).is_none_or(|(_, trusted)| !trusted), "{key}");
    }
}

#[test]
fn people_beside_one_another_each_have_their_own() {
    let mut paper = Paper::adhesion();
    paper.company(90.0);
    let edges = [50.0, 150.0, 345.0, 540.0];
    let rows = [
        ["", "Représentant légal", "Personne à contacter"],
        ["Nom", "BEN ALI", "TRABELSI"],
        ["Téléphone", "98 111 222", "71 999 888"],
        ["E-mail", "gerant@alpha.tn", "sami@alpha.tn"],
    ];
    grid(&mut paper, 220.0, &edges, &rows);
    let read = paper.read();
    assert_eq!(read_as(&read, "representant_nom"), trusted("BEN ALI"));
    assert_eq!(read_as(&read, "representant_telephone"), trusted("+21698111222"));
    assert_eq!(read_as(&read, "contact_email"), trusted("sami@alpha.tn"));
    assert_eq!(read_as(&read, "email"), trusted("contact@alpha.tn"));
}

#[test]
fn a_list_of_options_goes_on_below_its_label() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(210.0, "Service demandé");
    let edges = [50.0, 210.0, 370.0, 400.0];
    for (row, (texts, crossed)) in [
        (["Cartes acceptées", "CIB", ""], true),
        (["", "Visa", ""], false),
        (["", "Mastercard", ""], true),
        (["Devises", "TND", ""], true),
        (["", "EUR", ""], false),
    ]
    .iter()
    .enumerate()
    {
        let y = 230.0 + 18.0 * f32::from(u8::try_from(row).unwrap());
        cells(&mut paper, y, &edges, texts);
        if *crossed {
            paper.tick(380.0, y + 5.0, true);
        }
    }
    let read = paper.read();
    assert_eq!(read_as(&read, "cartes"), trusted("CIB, Mastercard"));
    assert_eq!(read_as(&read, "devises"), trusted("TND"));
}

#[test]
fn two_numbers_asked_for_alike_are_both_proven_and_neither_sure() {
    let mut paper = Paper::adhesion();
    paper.company(90.0).heading(210.0, "Compte de règlement").row(230.0, "RIB", "10 006 0351835984788 31");
    assert!(read_as(&paper.read(), "rib").is_some_and(|(_, trusted)| trusted));
    paper.row(248.0, "RIB", "20 123 0001234567890 51");
    assert!(read_as(&paper.read(), "rib").is_none_or(|(_, trusted)| !trusted));
}

#[test]
fn cards_of_people_are_no_table_of_users() {
    let mut paper = Paper::adhesion();
    paper.company(90.0);
    for (y, heading, name) in
        [(210.0, "Relais administratif", "TRABELSI Sami"), (270.0, "Avocat-conseil", "HADDAD Rim")]
    {
        paper.heading(y, heading).text(50.0, y + 20.0, "Nom").text(250.0, y + 20.0, "Téléphone");
        paper.text(400.0, y + 20.0, "E-mail").text(50.0, y + 34.0, name).text(250.0, y + 34.0, "71 999 888");
        paper.text(400.0, y + 34.0, "sami@cabinet.tn");
    }
    assert!(read_as(&paper.read(), "utilisateurs").is_none_or(|(_, trusted)| !trusted));
}

#[test]
fn a_heading_with_a_head_of_its_own_is_not_what_it_belongs_to() {
    let mut paper = Paper::titled("Fiche technique");
    paper
        .heading(90.0, "Commerçant")
        .row(110.0, "Raison sociale", "Alpha Voyages SARL")
        .row(128.0, "Matricule fiscal", "1595458T/D/M/000")
        .heading(154.0, "Hébergement")
        .row(174.0, "Hébergeur", "Topnet")
        .row(192.0, "Adresse IP", "41.226.11.12")
        .heading(218.0, "Photographe du site")
        .row(238.0, "Nom", "TRABELSI")
        .row(256.0, "Téléphone", "71 999 888");
    let read = paper.read();
    for key in ["nom_site", "contact_technique_nom", "contact_technique_telephone"] {
        assert!(read_as(&read, key).is_none_or(|(_, trusted)| !trusted), "{key}");
    }
}
