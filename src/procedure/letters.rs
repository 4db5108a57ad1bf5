//! Letters on their way, recipient by recipient; and the letter about documents that no dossier takes.

use super::reading::Read;
use super::{Desk, Setback};
use crate::domain::document::{DocumentId, Kind};
use crate::domain::dossier::DossierRef;
use crate::domain::effect::Effect;
use crate::domain::event::Event;
use crate::domain::finding::Finding;
use crate::domain::notification::{Notification, SetAside};
use crate::post::PostError;
use crate::store::{Delivery, Envelope, Recipient, Stored};

/// Findings that are told in the answer and call for no letter: nothing was lost, or an operator is at it.
const NO_LETTER: [&str; 5] = ["repeat", "not_a_form", "blank_document", "needs_ocr", "half_form"];

/// Hands a letter over to those who have not got it yet. What the dossier must know of it comes back as an event.
pub(super) async fn send(desk: &Desk, letter: Envelope) -> Result<Vec<(DossierRef, Event)>, Setback> {
    let (id, dossier) = (letter.message_id.clone(), letter.dossier.clone());
    let known = desk.store.recipients(&id).await?;
    let first = known.iter().all(|recipient| recipient.delivery == Delivery::Queued);
    let open = known.into_iter().filter(|recipient| !recipient.delivery.is_final()).map(|recipient| recipient.address);
    let (to, kept): (Vec<String>, Vec<String>) = open.partition(|address| desk.config.post.may_write_to(address));
    let held = |address| Recipient { address, delivery: Delivery::Held, detail: String::new() };
    let mut came: Vec<Recipient> = kept.into_iter().map(held).collect();
    if !to.is_empty() {
        came.extend(desk.post.send(&Envelope { to, ..letter }).await.into_iter().map(noted));
    }
    // A letter that simply left needs no note of each recipient.
    if !first || came.iter().any(|recipient| recipient.delivery != Delivery::Sent) {
        desk.store.delivered(&id, &came, desk.clock.now()).await?;
    }
    let refused: Vec<(String, String)> = came
        .iter()
        .filter(|recipient| recipient.delivery == Delivery::Refused)
        .map(|recipient| (recipient.address.clone(), recipient.detail.clone()))
        .collect();
    let reached_nobody = came.iter().all(|recipient| recipient.delivery == Delivery::Refused);
    let sent = came.iter().filter(|recipient| recipient.delivery == Delivery::Sent);
    let sent = sent.map(|recipient| recipient.address.clone()).collect();
    // Whoever is put off is tried again for days, and those who were refused are not asked again: told now or never.
    let waits = came.iter().find(|recipient| recipient.delivery == Delivery::Retrying);
    let stops = match waits {
        Some(waiting) => Some(PostError::NotNow(waiting.detail.clone())),
        // The letter stops here until a person sends it again.
        None => refused.first().filter(|_| first && reached_nobody).map(|(_, why)| PostError::Refused(why.clone())),
    };
    let news = news(desk, dossier, sent, refused).await?;
    let Some(stops) = stops else { return Ok(news) };
    for (reference, event) in news {
        if let Err(err) = super::happen(desk, &reference, &event, "guichet").await {
            tracing::warn!(dossier.reference = %reference, "A refused letter of {reference} is not shown on it: {err}");
        }
    }
    Err(stops.into())
}

fn noted((address, came): (String, Result<(), PostError>)) -> Recipient {
    let (delivery, detail) = match came {
        Ok(()) => (Delivery::Sent, String::new()),
        Err(PostError::Refused(why)) => (Delivery::Refused, why),
        Err(PostError::NotNow(why)) => (Delivery::Retrying, why),
    };
    Recipient { address, delivery, detail }
}

/// A refusal is news to the dossier, and so is an address that takes letters again; an ordinary letter is none.
async fn news(
    desk: &Desk,
    dossier: Option<DossierRef>,
    delivered: Vec<String>,
    refused: Vec<(String, String)>,
) -> Result<Vec<(DossierRef, Event)>, Setback> {
    let Some(reference) = dossier else { return Ok(Vec::new()) };
    if refused.is_empty() {
        let filed = desk.store.dossier(&reference).await?;
        let was_refused = |address: &String| {
            let mut unreached = filed.iter().flat_map(|filed| &filed.dossier.unreached);
            unreached.any(|unreached| unreached.address == *address)
        };
        if !delivered.iter().any(was_refused) {
            return Ok(Vec::new());
        }
    }
    Ok(vec![(reference, Event::Posted { delivered, refused })])
}

/// One letter for all documents of a deposit that could not be used and belong to no dossier.
pub(super) fn about_set_aside(
    desk: &Desk,
    deposit: DocumentId,
    documents: &[Stored],
    readings: &[Read],
    placed: &[(DocumentId, DossierRef)],
) -> Option<Effect> {
    let alone = documents.iter().zip(readings).filter(|(document, _)| {
        let id = document.arrival.document;
        !placed.iter().any(|(placed, _)| *placed == id)
    });
    let aside: Vec<SetAside> = alone
        .filter_map(|(document, read)| {
            let finding = why_aside(document, read)?.clone();
            Some(SetAside { name: document.arrival.name.clone(), finding })
        })
        .collect();
    let folder = documents.first().and_then(|document| document.arrival.bank.as_ref());
    let bank = folder.and_then(|folder| desk.config.bank(folder));
    let letter = Notification::set_aside(aside, bank, &desk.config.monetique.operations, format!("aside-{deposit}"));
    letter.map(|letter| Effect::Send(Box::new(letter)))
}

/// A card number, an unreadable file, or a file that was not opened.
fn why_aside<'a>(document: &Stored, read: &'a Read) -> Option<&'a Finding> {
    let findings = &read.reading.findings;
    let found = |code: &str| findings.iter().find(|finding| finding.code.as_str() == code);
    if NO_LETTER.iter().any(|code| found(code).is_some()) {
        return None;
    }
    let unusable = read.quarantined || document.arrival.refusal.is_some() || read.reading.kind == Kind::Other;
    found("pan_found").or_else(|| findings.iter().find(|finding| unusable && finding.blocks()))
}
