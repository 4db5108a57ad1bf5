//! One function reads a document, whatever it is: what the daemon sees of its bytes is what comes back from there.

use std::sync::Arc;

use super::{Desk, Setback};
use crate::domain::card_number;
use crate::domain::document::{Format, Kind, Reading};
use crate::domain::dossier::DossierRef;
use crate::extraction;
use crate::isolation::Isolation;
use crate::schemas::Forms;
use crate::store::{DocumentState, Stored};

/// Where documents are read.
#[derive(Debug, Clone)]
pub enum Reader {
    /// In a child process of their own, closed off.
    Isolated(Isolation),
    /// In this process, on a thread whose panic is caught: for tests, whose documents are their own.
    Here(Arc<Forms>),
}

/// What reading a document gave.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) reading: Reading,
    /// Not to be used, only answered: it repeats another, was refused, or holds a card number.
    pub(super) set_aside: bool,
    pub(super) quarantined: bool,
    /// Of a repeat: the dossier of the first.
    pub(super) dossier: Option<DossierRef>,
}

impl Read {
    fn aside(reading: Reading) -> Self {
        Self { reading, set_aside: true, quarantined: false, dossier: None }
    }
}

/// Reads a document as it was received. A repeat has its first reading; a refused one is not opened.
pub(super) async fn read_document(desk: &Desk, document: &Stored) -> Result<Read, Setback> {
    let arrival = &document.arrival;
    if let Some(code) = &arrival.refusal {
        let findings = vec![desk.rules.finding(code.as_str())];
        return Ok(Read::aside(Reading { format: Format::Unknown, kind: Kind::Other, extractions: vec![], findings }));
    }
    let first = match document.repeat_of {
        Some(first) => desk.store.document(first).await?,
        None => None,
    };
    // One erased meanwhile, at the end of its time, says nothing any more: this one is read by itself.
    if let Some(first) = first.filter(|first| first.state != DocumentState::Erased) {
        let Stored { reading: Some(mut reading), dossier, arrival, .. } = first else {
            return Err(Setback::Wait(anyhow::anyhow!("le document qu'il répète est encore en lecture")));
        };
        let received = crate::clock::in_tunis(arrival.received).strftime("%d/%m/%Y").to_string();
        let repeat = desk.rules.finding("repeat").with("first", arrival.name).with("date", received);
        reading.findings.push(repeat);
        return Ok(Read { dossier, ..Read::aside(reading) });
    }
    let bytes: Arc<[u8]> = desk.blobs.read(&arrival.sha256)?.into();
    let mut reading = match &desk.reader {
        Reader::Isolated(isolation) => isolation.read(&arrival.name, bytes).await?,
        Reader::Here(forms) => here(desk, Arc::clone(forms), arrival.name.clone(), bytes).await,
    };
    // Bytes that crashed their reader twice are kept apart like a card number: nothing of them is used, nothing tries them again
    // by itself, and the bank is told in words.
    let crashed = reading.findings.iter().any(|finding| matches!(finding.code.as_str(), "crashed" | "bad_answer"));
    let quarantined = card_number::guard(&mut reading) || crashed;
    Ok(Read { reading, set_aside: quarantined, quarantined, dossier: None })
}

async fn here(desk: &Desk, forms: Arc<Forms>, name: String, bytes: Arc<[u8]>) -> Reading {
    let options = extraction::Options::default();
    let read = tokio::task::spawn_blocking(move || extraction::read(&bytes, &name, &forms, &options)).await;
    read.unwrap_or_else(|_| Reading {
        format: Format::Unknown,
        kind: Kind::Other,
        extractions: vec![],
        findings: vec![desk.rules.finding("crashed")],
    })
}
