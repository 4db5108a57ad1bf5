//! Who the merchant is: identifiers, names, address, identity paper.

use super::{Case, Rule};
use crate::domain::finding::Finding;
use crate::domain::values::{Governorate, IdentifiantRne, MatriculeFiscal, Piece, PieceError, PieceKind};

pub(super) const RULES: &[Rule] = &[
    matricule_and_rne_agree,
    category_fits_the_legal_form,
    matricule_is_whole_and_usual,
    name_has_latin_letters,
    postal_code_is_of_its_governorate,
    paper_number_is_of_its_paper,
];

/// Both begin with the same seven digits.
fn matricule_and_rne_agree(case: &Case<'_>) -> Vec<Finding> {
    let matricule = MatriculeFiscal::parse(case.printed("matricule_fiscal")).ok();
    let rne = case.text("identifiant_rne").and_then(|(field, text)| Some((field, IdentifiantRne::parse(text).ok()?)));
    match (matricule, rne) {
        (Some(matricule), Some((field, rne))) if matricule.serial() != rne.serial() => {
            vec![case.about("mf_rne_mismatch", field).with("expected", matricule.rne())]
        }
        _ => Vec::new(),
    }
}

/// Category M is a company's; C and P are a person's.
fn category_fits_the_legal_form(case: &Case<'_>) -> Vec<Finding> {
    let (Some((field, printed)), Some((_, form))) = (case.text("matricule_fiscal"), case.text("forme_juridique"))
    else {
        return Vec::new();
    };
    let individual = form == "personne physique";
    let fits = match MatriculeFiscal::parse(printed).ok().and_then(|matricule| matricule.category()) {
        Some('M') => !individual,
        Some('C' | 'P') => individual,
        _ => true,
    };
    if fits { Vec::new() } else { vec![case.about("mf_category", field).with("expected", form)] }
}

/// The first eight characters alone leave VAT code and category open; code F is accepted on forms, not everywhere.
fn matricule_is_whole_and_usual(case: &Case<'_>) -> Vec<Finding> {
    let Some((field, printed)) = case.text("matricule_fiscal") else { return Vec::new() };
    match MatriculeFiscal::parse(printed) {
        Ok(matricule) if matricule.is_short() => vec![case.about("mf_short", field)],
        Ok(matricule) if matricule.vat_code() == Some('F') => vec![case.about("mf_vat_f", field)],
        _ => Vec::new(),
    }
}

/// A declaration is written in Latin letters.
fn name_has_latin_letters(case: &Case<'_>) -> Vec<Finding> {
    let latin = |text: &str| text.chars().any(|c| c.is_ascii_alphabetic());
    match case.text("raison_sociale") {
        Some((field, name)) if !latin(name) && !latin(case.printed("nom_commercial")) => {
            vec![case.about("name_not_latin", field)]
        }
        _ => Vec::new(),
    }
}

/// The first two digits of a postal code tell its governorate, or one of a few.
fn postal_code_is_of_its_governorate(case: &Case<'_>) -> Vec<Finding> {
    let Some((field, code)) = case.text("code_postal") else { return Vec::new() };
    let is_code = code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit());
    let known = || case.rules.governorates.iter().flat_map(|governorate| &governorate.prefixes_postaux);
    if is_code && !known().any(|prefix| code.starts_with(prefix.as_str())) {
        return vec![case.about("unknown_postal_code", field)];
    }
    let named = Governorate::parse(case.printed("gouvernorat")).map(|governorate| governorate.to_string());
    let Some(governorate) = case.rules.governorates.iter().find(|known| Some(&known.nom) == named.as_ref()) else {
        return Vec::new();
    };
    if !is_code || governorate.prefixes_postaux.iter().any(|prefix| code.starts_with(prefix.as_str())) {
        return Vec::new();
    }
    vec![case.about("postal_code_governorate", field).with("expected", governorate.nom.clone())]
}

/// Each identity paper numbers its own way.
fn paper_number_is_of_its_paper(case: &Case<'_>) -> Vec<Finding> {
    let Some((field, number)) = case.text("piece_numero") else { return Vec::new() };
    let Some(kind) = PieceKind::parse(case.printed("piece_type")) else { return Vec::new() };
    match Piece::parse(kind, number) {
        Ok(piece) if piece.begins_as_usual() => Vec::new(),
        Ok(_) => vec![case.about("cin_start", field)],
        Err(PieceError::LostZero(meant)) => vec![case.about("cin_lost_zero", field).with("expected", meant)],
        Err(PieceError::Length | PieceError::Character) => {
            vec![case.about("piece_form", field).with("expected", case.printed("piece_type"))]
        }
    }
}
