//! The same facts as JSON or CSV, with the zone names of the format.
//!
//! JSON: one object with `fichier_origine`, `sequence_origine`, `statut`, and `commercants`, a list of objects. CSV: a line of
//! names, then a line per merchant; `,` or `;` parts the columns.

use serde::Deserialize;

use super::{
    Acknowledgement, Answered, NotAnAcknowledgement, check_sequence, check_status, check_twice, declaration_name,
    no_card, outcome, reason,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fichier_origine: String,
    sequence_origine: u32,
    #[serde(default)]
    statut: String,
    #[serde(default)]
    code_motif: String,
    #[serde(default)]
    libelle: String,
    #[serde(default)]
    commercants: Vec<Merchant>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Merchant {
    numero_enregistrement_origine: u32,
    reference_dossier: String,
    statut: String,
    code_motif: String,
    numero_affiliation_attribue: String,
    numero_terminal_attribue: String,
    identifiant_sps: String,
    libelle: String,
    horodatage: String,
}

pub(super) fn json(text: &str) -> Result<Acknowledgement, NotAnAcknowledgement> {
    let file: File =
        serde_json::from_str(text).map_err(|err| NotAnAcknowledgement::new("F001", format!("JSON : {err}")))?;
    let name = declaration_name(&file.fichier_origine)?;
    check_sequence(&name, file.sequence_origine)?;
    let whole = match (file.commercants.is_empty(), file.statut.as_str()) {
        (true, status) => {
            Some(outcome(status, reason(&file.code_motif, &file.libelle)?.into_iter().collect(), [""; 3])?)
        }
        (false, _) => None,
    };
    let merchants = file.commercants.iter().map(answered).collect::<Result<Vec<_>, _>>()?;
    // Where the file has no status of its own, its merchants' are enough.
    if !merchants.is_empty() && !file.statut.trim().is_empty() {
        check_status(&file.statut, &merchants)?;
    }
    check_twice(&merchants)?;
    Ok(Acknowledgement {
        file: name,
        sequence: file.sequence_origine,
        total: None,
        environment: None,
        whole,
        merchants,
    })
}

fn answered(merchant: &Merchant) -> Result<Answered, NotAnAcknowledgement> {
    let reasons = reason(&merchant.code_motif, &merchant.libelle)?.into_iter().collect();
    no_card(&merchant.horodatage)?;
    let numbers =
        [&*merchant.numero_affiliation_attribue, &*merchant.numero_terminal_attribue, &*merchant.identifiant_sps];
    let reference = Some(merchant.reference_dossier.trim().to_owned()).filter(|reference| !reference.is_empty());
    Ok(Answered {
        record: merchant.numero_enregistrement_origine,
        reference,
        outcome: outcome(&merchant.statut, reasons, numbers)?,
    })
}

pub(super) fn csv(text: &str) -> Result<Acknowledgement, NotAnAcknowledgement> {
    let unreadable = |what: &str| NotAnAcknowledgement::new("F001", what.to_owned());
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let heading = lines.next().ok_or_else(|| NotAnAcknowledgement::new("F002", "fichier vide"))?;
    let parting = if heading.contains(';') { ';' } else { ',' };
    let names: Vec<String> = cells(heading, parting).into_iter().map(|name| name.trim().to_lowercase()).collect();
    let column = |name: &str| names.iter().position(|known| known == name);
    let (Some(file_at), Some(sequence_at), Some(status_at)) =
        (column("fichier_origine"), column("sequence_origine"), column("statut"))
    else {
        return Err(unreadable(
            "ni enregistrements de 500 caractères, ni JSON, ni CSV avec fichier_origine, sequence_origine et statut",
        ));
    };
    let mut told: Option<(String, u32)> = None;
    let mut merchants = Vec::new();
    for line in lines {
        let cells = cells(line, parting);
        // A cell that a workbook would run is no answer to anything.
        if cells.iter().any(|cell| cell.trim_start().starts_with(['=', '+', '-', '@'])) {
            return Err(unreadable("une cellule commence comme une formule"));
        }
        cells.iter().try_for_each(|cell| no_card(cell))?;
        if line.matches('"').count() % 2 != 0 {
            return Err(unreadable("un guillemet n'est pas fermé"));
        }
        if cells.len() != names.len() {
            return Err(unreadable("une ligne n'a pas autant de colonnes que la première"));
        }
        let cell = |name: &str| column(name).map(|at| cells[at].trim().to_owned()).unwrap_or_default();
        let name = declaration_name(&cells[file_at])?;
        let sequence = cells[sequence_at].trim().parse().map_err(|_| unreadable("sequence_origine illisible"))?;
        check_sequence(&name, sequence)?;
        match &told {
            Some(first) if *first != (name.clone(), sequence) => {
                return Err(unreadable("le fichier répond à plusieurs déclarations"));
            }
            _ => told = Some((name, sequence)),
        }
        let record = cell("numero_enregistrement_origine");
        let record = if record.is_empty() { Ok(0) } else { record.parse() };
        merchants.push(answered(&Merchant {
            numero_enregistrement_origine: record.map_err(|_| unreadable("numero_enregistrement_origine illisible"))?,
            reference_dossier: cell("reference_dossier"),
            statut: cells[status_at].trim().to_owned(),
            code_motif: cell("code_motif"),
            numero_affiliation_attribue: cell("numero_affiliation_attribue"),
            numero_terminal_attribue: cell("numero_terminal_attribue"),
            identifiant_sps: cell("identifiant_sps"),
            libelle: cell("libelle"),
            horodatage: String::new(),
        })?);
    }
    check_twice(&merchants)?;
    let (file, sequence) = told.ok_or_else(|| NotAnAcknowledgement::new("F002", "aucune ligne"))?;
    Ok(Acknowledgement { file, sequence, total: None, environment: None, whole: None, merchants })
}

/// The cells of one line; a cell in double quotes may hold the parting character, a doubled quote is one quote.
fn cells(line: &str, parting: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let cell = cells.last_mut().expect("there is always a cell being filled");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            c if c == parting && !quoted => cells.push(String::new()),
            c => cell.push(c),
        }
    }
    cells
}
