//! One function reads a document, whatever it is: what the daemon sees of its bytes is what comes back from there.

use std::sync::Arc;

use super::{Desk, Setback};
use crate::domain::card_number;
use crate::domain::document::{Format, Kind, Reading};
use crate::domain::finding::{Finding, Severity};
use crate::extraction;
use crate::isolation::Isolation;
use crate::schemas::Forms;
use crate::store::Stored;

/// Where documents are read.
#[derive(Debug, Clone)]
pub enum Reader {
    /// In a child process of their own, closed off.
    Isolated(Isolation),
    /// In this process: for tests of the procedure, whose documents are their own.
    Here(Arc<Forms>),
}

/// What reading a document gave.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) reading: Reading,
    /// What validation found in it.
    pub(super) findings: Vec<Finding>,
    /// Not to be used, only answered: it repeats another, was refused, or holds a card number.
    pub(super) set_aside: bool,
    pub(super) quarantined: bool,
}

/// Reads a document as it was received. A repeat has its first reading; a refused one is not opened.
pub(super) async fn read_document(desk: &Desk, document: &Stored) -> Result<Read, Setback> {
    let arrival = &document.arrival;
    if let Some(code) = &arrival.refusal {
        let finding = Finding::new(code.clone(), Severity::Reject);
        let reading = Reading { format: Format::Unknown, kind: Kind::Other, extractions: vec![], findings: vec![finding] };
        return Ok(Read { reading, findings: vec![], set_aside: true, quarantined: false });
    }
    if let Some(first) = document.repeat_of {
        let Some(mut reading) = desk.store.first_reading(first).await? else {
            return Err(Setback::Wait(anyhow::anyhow!("document {first}, which it repeats, is still being read")));
        };
        reading.findings.push(Finding::new("duplicate", Severity::Info).with("first", first.to_string()));
        return Ok(Read { reading, findings: vec![], set_aside: true, quarantined: false });
    }
    let bytes: Arc<[u8]> = desk.blobs.read(&arrival.sha256)?.into();
    let mut reading = match &desk.reader {
        Reader::Isolated(isolation) => isolation.read(&arrival.name, bytes).await?,
        Reader::Here(forms) => here(Arc::clone(forms), arrival.name.clone(), bytes).await?,
    };
    let quarantined = card_number::guard(&mut reading);
    Ok(Read { reading, findings: vec![], set_aside: quarantined, quarantined })
}

async fn here(forms: Arc<Forms>, name: String, bytes: Arc<[u8]>) -> Result<Reading, Setback> {
    let options = extraction::Options::default();
    let read = tokio::task::spawn_blocking(move || extraction::read(&bytes, &name, &forms, &options)).await;
    Ok(read.unwrap_or_else(|_| Reading {
        format: Format::Unknown,
        kind: Kind::Other,
        extractions: vec![],
        findings: vec![Finding::new("reader_failed", Severity::Reject)],
    }))
}
