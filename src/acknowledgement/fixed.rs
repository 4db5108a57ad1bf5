//! Fixed width: records of 500 characters that end in X. Positions are the format's, counted from 1.

use std::collections::BTreeMap;

use super::{
    Acknowledgement, Answered, NotAnAcknowledgement, check_sequence, check_status, declaration_name, no_card, outcome,
    reason,
};
use crate::domain::event::Acknowledged;

const LENGTH: usize = 500;

pub(super) fn read(text: &str) -> Result<Acknowledgement, NotAnAcknowledgement> {
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if line.len() != LENGTH || !line.is_ascii() || !line.ends_with('X') {
            return Err(NotAnAcknowledgement::new("F001", format!("enregistrement {}", at + 1)));
        }
        if zone(line, 3, 8).parse() != Ok(at + 1) {
            return Err(NotAnAcknowledgement::new("F005", format!("numéro de l'enregistrement {}", at + 1)));
        }
    }
    let codes: Vec<&str> = lines.iter().map(|line| &line[..2]).collect();
    let [first, status, .., last] = lines.as_slice() else {
        return Err(NotAnAcknowledgement::new("F002", "en-tête, statut ou fin absents"));
    };
    if codes[0] != "01" || codes[1] != "50" || codes[codes.len() - 1] != "99" || zone(first, 46, 48) != "ACR" {
        return Err(NotAnAcknowledgement::new("F002", "en-tête, statut ou fin absents"));
    }
    if number(last, 46, 51)? != u32::try_from(lines.len()).unwrap_or(u32::MAX) {
        return Err(NotAnAcknowledgement::new("F005", "nombre d'enregistrements faux"));
    }
    let mut zones: BTreeMap<u32, Vec<(String, String)>> = BTreeMap::new();
    let mut records = Vec::new();
    for line in &lines[2..lines.len() - 1] {
        match &line[..2] {
            "60" => records.push(*line),
            "61" => {
                let label = format!("{} {}", zone(line, 58, 87), zone(line, 132, 211));
                no_card(zone(line, 92, 131))?;
                zones.entry(number(line, 46, 51)?).or_default().extend(reason(zone(line, 88, 91), &label)?);
            }
            other => return Err(NotAnAcknowledgement::new("F007", format!("enregistrement {other}"))),
        }
    }
    let file = declaration_name(zone(status, 46, 85))?;
    let sequence = number(status, 86, 91)?;
    check_sequence(&file, sequence)?;
    let mut merchants = Vec::with_capacity(records.len());
    for line in records {
        let record = number(line, 46, 51)?;
        let mut reasons: Vec<_> = reason(zone(line, 56, 59), zone(line, 112, 191))?.into_iter().collect();
        reasons.extend(zones.remove(&record).unwrap_or_default());
        let numbers = [zone(line, 60, 69), zone(line, 70, 77), zone(line, 78, 97)];
        let reference = Some(zone(line, 34, 45).to_owned()).filter(|reference| !reference.is_empty());
        merchants.push(Answered { record, reference, outcome: outcome(zone(line, 52, 55), reasons, numbers)? });
    }
    if let Some(record) = zones.keys().next() {
        return Err(NotAnAcknowledgement::new(
            "F007",
            format!("l'enregistrement {record} a des zones en erreur sans statut"),
        ));
    }
    let file_status = zone(status, 92, 95);
    let whole = if merchants.is_empty() {
        let reasons = reason(zone(status, 96, 99), zone(status, 128, 207))?.into_iter().collect();
        Some(outcome(file_status, reasons, [""; 3])?)
    } else {
        check_status(file_status, &merchants)?;
        check_counts(status, last, &merchants)?;
        None
    };
    check_bank(first, &file)?;
    // Zeros and spaces are no total.
    let total = zone(status, 118, 127).parse().ok().filter(|total| *total > 0);
    let environment = zone(first, 83, 83).chars().next().filter(|environment| matches!(environment, 'T' | 'P'));
    Ok(Acknowledgement { file, sequence, total, environment, whole, merchants })
}

/// The counts of records 50 and 99 are those of the records 60.
fn check_counts(status: &str, last: &str, merchants: &[Answered]) -> Result<(), NotAnAcknowledgement> {
    let count = |wanted: fn(&Acknowledged) -> bool| {
        u32::try_from(merchants.iter().filter(|one| wanted(&one.outcome)).count()).unwrap_or(u32::MAX)
    };
    let counted = [
        (number(status, 100, 105)?, count(|_| true)),
        (number(status, 106, 111)?, count(|outcome| matches!(outcome, Acknowledged::Accepted { .. }))),
        (number(status, 112, 117)?, count(|outcome| matches!(outcome, Acknowledged::Rejected { .. }))),
        (number(last, 52, 57)?, count(|_| true)),
    ];
    if counted.iter().all(|(told, found)| told == found) {
        Ok(())
    } else {
        Err(NotAnAcknowledgement::new("F005", "nombres de reçus, d'acceptés ou de rejetés faux"))
    }
}

/// The bank of the header, where it stands, is that of the file answered.
fn check_bank(first: &str, file: &str) -> Result<(), NotAnAcknowledgement> {
    let bank = zone(first, 19, 23);
    if bank.is_empty() || bank == "00000" || bank == &file[3..8] {
        Ok(())
    } else {
        Err(NotAnAcknowledgement::new("F010", "la banque de l'en-tête n'est pas celle de la déclaration"))
    }
}

fn zone(line: &str, from: usize, to: usize) -> &str {
    line[from - 1..to].trim()
}

fn number(line: &str, from: usize, to: usize) -> Result<u32, NotAnAcknowledgement> {
    let text = zone(line, from, to);
    text.parse()
        .map_err(|_| NotAnAcknowledgement::new("F005", format!("un nombre est illisible aux positions {from}-{to}")))
}
