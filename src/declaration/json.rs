//! The JSON twin: the same content with names, for those who would rather not count characters.

use jiff::civil::DateTime;
use serde_json::{Map, Value as Json, json};

use super::check::Record;
use super::fit::Cut;
use crate::domain::declaration::{Declaration, Sequence};
use crate::domain::document::Sha256;
use crate::domain::pieces::PIECES;
use crate::layouts::Layouts;

/// What is said of the file as a whole.
pub(super) struct Summary<'a> {
    pub name: &'a str,
    /// The first of those the file declares.
    pub declaration: &'a Declaration,
    pub declared: &'a [Declaration],
    pub sequence: Sequence,
    pub at: DateTime,
    pub sha256: Sha256,
}

/// Everything is taken from the records read back, so that the twins cannot differ.
pub(super) fn twin(layouts: &Layouts, summary: &Summary<'_>, records: &[Record<'_>], cuts: &[Cut]) -> Vec<u8> {
    let Summary { name, declaration, declared, sequence, at, sha256 } = summary;
    let merchants: Vec<Json> =
        declared.iter().map(|one| json!({ "dossier": one.dossier, "operation": one.operation })).collect();
    let records: Vec<Json> = records
        .iter()
        .map(|record| {
            let zones: Map<String, Json> =
                record.zones.iter().map(|(zone, text)| (zone.name.clone(), Json::from(text.trim_end()))).collect();
            json!({ "enregistrement": record.code, "titre": layouts.title(record.code), "zones": zones })
        })
        .collect();
    let pieces: Vec<Json> = declared
        .iter()
        .flat_map(|one| &one.pieces)
        .map(|piece| json!({ "nom": piece.name, "sha256": piece.sha256, "formulaires": piece.kinds }))
        .collect();
    let mut twin = json!({
        "fichier": name,
        "type": declaration.file_type,
        "commercants": merchants,
        "sequence": sequence.0,
        "horodatage": at.to_string(),
        "banque": declaration.bank_code,
        "sha256": sha256,
        "zones_coupees": cuts,
        "enregistrements": records,
    });
    if !pieces.is_empty() {
        twin["pieces"] = json!({ "fichier": format!("{name}{PIECES}"), "documents": pieces });
    }
    let mut bytes = serde_json::to_vec_pretty(&twin).expect("texts, numbers and maps can be written as JSON");
    bytes.push(b'\n');
    bytes
}
