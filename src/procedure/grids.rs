//! Filled grids of tests. A grid finds its dossier by the reference it bears, among those of the bank that dropped it; what
//! stands on it becomes results, and what cannot be recorded is told in the answer.

use serde_json::json;

use super::reading::Read;
use super::{Desk, Minute, Setback, filing};
use crate::domain::document::{DocumentId, Kind};
use crate::domain::dossier::DossierRef;
use crate::domain::event::{Event, Examined};
use crate::domain::field::Extraction;
use crate::domain::filled_grid;
use crate::domain::finding::Finding;
use crate::store::{Filed, Stored};

/// The only thing a document holds is a grid: pairing has no business with it.
pub(super) fn only_grids(read: &Read) -> bool {
    let forms = &read.reading.extractions;
    !forms.is_empty() && forms.iter().all(|form| form.kind == Kind::GrilleTests)
}

/// Records the grids of a deposit; gives the documents that went into a dossier.
pub(super) async fn file(
    desk: &Desk,
    documents: &[Stored],
    readings: &mut [Read],
    minute: &mut Minute,
) -> Result<Vec<(DocumentId, DossierRef)>, Setback> {
    let mut placed = Vec::new();
    for (document, read) in documents.iter().zip(readings) {
        if read.set_aside {
            continue;
        }
        let grids: Vec<Extraction> =
            read.reading.extractions.iter().filter(|form| form.kind == Kind::GrilleTests).cloned().collect();
        for grid in grids {
            match file_one(desk, document, &grid, minute).await? {
                Ok(reference) => placed.push((document.arrival.document, reference)),
                Err(why) => read.reading.findings.push(why),
            }
        }
    }
    Ok(placed)
}

async fn file_one(
    desk: &Desk,
    document: &Stored,
    grid: &Extraction,
    minute: &mut Minute,
) -> Result<Result<DossierRef, Finding>, Setback> {
    let arrival = &document.arrival;
    let told = |code: &str| desk.rules.finding(code).in_kind(Kind::GrilleTests);
    let Some(reference) = filled_grid::reference(grid) else { return Ok(Err(told("grid_no_reference"))) };
    // Another bank's dossier is as unknown as one that does not exist.
    let ours = |filed: &Filed| arrival.bank.is_none() || filed.dossier.bank == arrival.bank;
    let unknown = || told("grid_unknown_reference").with("value", reference.to_string());
    let Some(filed) = current(desk, minute, &reference).await?.filter(ours) else { return Ok(Err(unknown())) };
    let version = filed.version;
    let decided = desk.with_terms(&filed.dossier.clone(), minute.at, |terms| {
        let filled = filled_grid::filled(grid, &filed.dossier, terms);
        let codes: Vec<String> = filled.results.iter().map(|result| result.code.clone()).collect();
        let examined = Examined {
            document: arrival.document,
            name: arrival.name.clone(),
            sha256: arrival.sha256,
            extractions: vec![grid.clone()],
            findings: filled.findings,
        };
        let (by, grid) = ("banque".to_owned(), Some(Box::new(examined)));
        let event = Event::TestsRecorded { results: filled.results, by, grid };
        filed.dossier.decide(&event, terms, minute.at).map(|decision| (decision, event.name(), codes))
    });
    Ok(match decided {
        Ok((decision, name, codes)) => {
            let detail = json!({ "tests": codes, "documents": [arrival.document] });
            minute.decisions.push(filing(Some(version), decision, name, detail));
            Ok(reference)
        }
        Err(why) => Err(told("grid_not_awaited").with("step", why.step.as_str())),
    })
}

/// The dossier as this minute leaves it so far, else as it is stored.
async fn current(desk: &Desk, minute: &Minute, reference: &DossierRef) -> Result<Option<Filed>, Setback> {
    let decided = minute.decisions.iter().rev().find(|decided| decided.decision.dossier.reference == *reference);
    match decided {
        Some(decided) => {
            let version = decided.before.map_or(1, |before| before + 1);
            Ok(Some(Filed { dossier: decided.decision.dossier.clone(), version }))
        }
        None => Ok(desk.store.dossier(reference).await?),
    }
}
