//! The file as its receiver will judge it: read back record by record before it may leave.

use crate::domain::declaration::{Declaration, Sequence};
use crate::layouts::{Layouts, TextRule, Zone, ZoneKind};

/// A record read back: its code, and each zone's text without the filling.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record<'a> {
    pub code: &'a str,
    pub zones: Vec<(&'a Zone, &'a str)>,
}

impl Record<'_> {
    /// A zone's text without the spaces around it; empty when the record has no such zone.
    pub(super) fn zone(&self, name: &str) -> &str {
        self.zones.iter().find(|(zone, _)| zone.name == name).map_or("", |(_, text)| text.trim())
    }
}

/// Checks lengths, characters, fillings, order, numbering, counts and totals; every fault at once.
pub(super) fn check<'a>(
    layouts: &'a Layouts,
    declared: &[Declaration],
    sequence: Sequence,
    text: &'a str,
) -> Result<Vec<Record<'a>>, Vec<String>> {
    let mut faults = Vec::new();
    if !text.ends_with('\n') {
        faults.push("le dernier enregistrement n'est pas terminé".to_owned());
    }
    let mut records = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mut fault = |what: &str| faults.push(format!("enregistrement {} : {what}", at + 1));
        if line.len() != layouts.length || !line.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            fault(&format!("{} caractères au lieu de {}, ou hors de l'ASCII", line.chars().count(), layouts.length));
            continue;
        }
        let code = &line[..2];
        if layouts.zones(code).next().is_none() {
            fault(&format!("code {code:?} inconnu"));
            continue;
        }
        if !line.ends_with(layouts.end) {
            fault("la marque de fin manque");
        }
        let mut next = 1;
        let mut zones = Vec::new();
        for zone in layouts.zones(code) {
            let text = &line[zone.at - 1..zone.at - 1 + zone.length];
            if !line[next - 1..zone.at - 1].bytes().all(|b| b == b' ') {
                fault(&format!("un texte se trouve avant la zone {}", zone.name));
            }
            if !suits(zone, text) {
                fault(&format!("la zone {} n'a pas son type", zone.name));
            }
            next = zone.at + zone.length;
            zones.push((zone, text));
        }
        if !line[next - 1..layouts.length - 1].bytes().all(|b| b == b' ') {
            fault("la réserve n'est pas vide");
        }
        let record = Record { code, zones };
        if record.zone("numero_enregistrement").parse() != Ok(at + 1) {
            fault("numéro d'enregistrement faux");
        }
        records.push(record);
    }
    check_ends(declared, sequence, &records, &mut faults);
    check_merchants(layouts, declared, &records, &mut faults);
    if faults.is_empty() { Ok(records) } else { Err(faults) }
}

fn suits(zone: &Zone, text: &str) -> bool {
    match zone.kind {
        ZoneKind::A if text.trim().is_empty() => !zone.must,
        ZoneKind::A => {
            let capitals = zone.text == TextRule::Kept || !text.bytes().any(|b| b.is_ascii_lowercase());
            !text.starts_with(' ') && capitals && zone.is_shaped(text.trim_end())
        }
        ZoneKind::N => text.bytes().all(|b| b.is_ascii_digit()) && !(zone.must && text.bytes().all(|b| b == b'0')),
        ZoneKind::D => text == "00000000" || jiff::civil::Date::strptime("%d%m%Y", text).is_ok(),
    }
}

/// The header names the file, the end counts it.
fn check_ends(declared: &[Declaration], sequence: Sequence, records: &[Record<'_>], faults: &mut Vec<String>) {
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return };
    if (first.code, last.code) != ("01", "99") {
        faults.push("l'en-tête ou la fin manque".to_owned());
    }
    let file_type = declared.first().map_or("", |one| one.file_type.as_str());
    if first.zone("type_fichier") != file_type || first.zone("sequence_fichier").parse() != Ok(sequence.0) {
        faults.push("l'en-tête ne nomme pas ce fichier".to_owned());
    }
    for end in [first, last] {
        match declared {
            [only] => check_whose(only, end, faults),
            _ => check_bank(declared.first().map_or("", |one| one.bank_code.as_str()), end, faults),
        }
    }
    let parties = records.iter().filter(|record| matches!(record.code, "10" | "40")).count();
    for (zone, expected) in [("nb_enregistrements", records.len()), ("nb_commercants", parties)] {
        if last.zone(zone).parse() != Ok(expected) {
            faults.push(format!("{zone} : {} au lieu de {expected}", last.zone(zone)));
        }
    }
    let total = records.iter().map(part).sum::<u64>() % 10_000_000_000;
    if last.zone("total_controle").parse() != Ok(total) {
        faults.push("total de contrôle faux".to_owned());
    }
}

/// Between header and end, the records of each merchant in the order of the format, and of no one else.
fn check_merchants(layouts: &Layouts, declared: &[Declaration], records: &[Record<'_>], faults: &mut Vec<String>) {
    let Some(file_type) = declared.first().map(|one| one.file_type.as_str()) else { return };
    let kinds: &[String] = layouts.files.get(file_type).map_or(&[], |kinds| kinds);
    let own: &[String] = kinds.get(1..kinds.len().saturating_sub(1)).unwrap_or_default();
    let mut rest = records.get(1..records.len().saturating_sub(1)).unwrap_or_default();
    for one in declared {
        let theirs = rest.iter().take_while(|record| record.zone("reference_dossier") == one.dossier.as_str()).count();
        let (mine, others) = rest.split_at(theirs);
        rest = others;
        let mut order: Vec<&str> = mine.iter().map(|record| record.code).collect();
        order.dedup_by(|next, before| next == before && layouts.repeated.iter().any(|code| code == before));
        if order != own {
            faults.push(format!(
                "{} : les enregistrements se suivent {} au lieu de {}",
                one.dossier,
                order.join(" "),
                own.join(" ")
            ));
        }
        for record in mine {
            check_whose(one, record, faults);
        }
    }
    if !rest.is_empty() {
        faults.push(format!("{} enregistrements ne sont d'aucun commerçant du fichier", rest.len()));
    }
}

fn check_whose(one: &Declaration, record: &Record<'_>, faults: &mut Vec<String>) {
    let number = record.zone("numero_enregistrement");
    if record.zone("code_operation") != one.operation.code() {
        faults.push(format!("enregistrement {number} : code opération faux"));
    }
    if record.zone("reference_dossier") != one.dossier.as_str() {
        faults.push(format!("enregistrement {number} : référence du dossier fausse"));
    }
    check_bank(&one.bank_code, record, faults);
}

fn check_bank(bank_code: &str, record: &Record<'_>, faults: &mut Vec<String>) {
    if record.zone("code_banque").parse::<u32>().ok() != bank_code.parse().ok() {
        faults.push(format!("enregistrement {} : code banque faux", record.zone("numero_enregistrement")));
    }
}

/// What a record adds to the control total.
fn part(record: &Record<'_>) -> u64 {
    match record.code {
        "10" => match record.zone("matricule_fiscal").get(..7).map(str::parse) {
            Some(Ok(serial)) => serial,
            _ => record.zone("rib").get(..18).and_then(|digits| digits.parse::<u64>().ok()).unwrap_or(0) % 10_000_000,
        },
        "40" => record.zone("numero_ordre").parse().unwrap_or(0),
        _ => 0,
    }
}
