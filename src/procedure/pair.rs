//! Which documents belong to which dossier.

use std::collections::BTreeSet;

use serde_json::json;

use super::reading::Read;
use super::{Desk, Setback, examined, is_form};
use crate::domain::bank::BankFolder;
use crate::domain::document::DocumentId;
use crate::domain::dossier::Dossier;
use crate::domain::event::{Event, Examined};
use crate::domain::field::Extraction;
use crate::store::{Filed, Mark, Stored};

/// Documents that go into one dossier.
pub(super) struct Case {
    /// `None` opens a dossier.
    pub(super) filed: Option<Filed>,
    pub(super) bank: Option<BankFolder>,
    pub(super) examined: Vec<Examined>,
}

/// Identifiers by which forms find each other.
const MARKS: [&str; 3] = ["matricule_fiscal", "rib", "identifiant_rne"];

pub(super) async fn pair(
    desk: &Desk,
    deposit: DocumentId,
    documents: &[Stored],
    readings: &[Read],
) -> Result<Vec<Case>, Setback> {
    let forms: Vec<_> = documents
        .iter()
        .zip(readings)
        .filter(|(_, read)| !read.set_aside && is_form(read.reading.kind))
        .map(|(document, read)| (document, read, marks(&read.reading.extractions)))
        .collect();
    let Some((first, _, _)) = forms.first() else { return Ok(Vec::new()) };
    let marks: BTreeSet<_> = forms.iter().flat_map(|(_, _, marks)| marks.iter().cloned()).collect();
    let marks: Vec<_> = marks.into_iter().collect();
    let bank = first.arrival.bank.clone();
    let candidates = desk.store.candidates(deposit, &marks).await?;
    let filed = candidates.into_iter().find(|filed| filed.dossier.bank == bank);
    let examined = forms.iter().map(|(document, read, _)| examined(document, read)).collect();
    Ok(vec![Case { filed, bank, examined }])
}

/// Identifiers of a dossier as it now is.
pub(super) fn marks_of(dossier: &Dossier) -> Vec<Mark> {
    let forms: Vec<_> = dossier.adhesion.iter().chain(&dossier.fiche).cloned().collect();
    marks(&forms).into_iter().collect()
}

fn marks(extractions: &[Extraction]) -> BTreeSet<Mark> {
    extractions
        .iter()
        .flat_map(|extraction| {
            MARKS.iter().filter_map(|name| {
                let value = extraction.text(name)?.to_owned();
                Some(Mark { name: (*name).to_owned(), value })
            })
        })
        .collect()
}

/// What the journal keeps of an event: identifiers, never values of a form.
pub(super) fn journalled(event: &Event) -> serde_json::Value {
    match event {
        Event::Published { file, .. } | Event::Released { file, .. } | Event::Acknowledged { file, .. } => {
            json!({ "file": file })
        }
        Event::ReleaseRefused { file, reason, .. } => json!({ "file": file, "reason": reason }),
        Event::Settled { field, kind, .. } => json!({ "field": field, "kind": kind }),
        Event::Completed { field, .. } => json!({ "field": field }),
        Event::Overridden { code, field, reason, .. } => json!({ "code": code, "field": field, "reason": reason }),
        Event::TestsReported { favourable, reference, date, .. } => {
            json!({ "favourable": favourable, "reference": reference, "date": date })
        }
        Event::Withdrawn { reason, .. }
        | Event::Refused { reason, .. }
        | Event::Suspended { reason, .. }
        | Event::StruckOff { reason, .. } => json!({ "reason": reason }),
        Event::Examined(_) | Event::Resumed { .. } | Event::Reopened { .. } | Event::DayPassed => serde_json::Value::Null,
    }
}
