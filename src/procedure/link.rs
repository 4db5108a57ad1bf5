//! Documents that a person puts together or takes apart: two dossiers move in one transaction.

use serde_json::Value as Json;

use super::{Desk, Refused, filing, journalled};
use crate::clock::in_tunis;
use crate::domain::document::{DocumentId, Kind};
use crate::domain::dossier::{Dossier, DossierRef, OutOfOrder};
use crate::domain::event::{Event, Examined};
use crate::store::{Cause, Filed, Minute, StoreError};

/// What a joining did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// The other dossier has nothing left and is closed.
    Whole,
    /// The other dossier goes on with documents that now serve both.
    Shared,
}

/// Takes into a dossier what another one of the same bank holds and this one lacks.
pub async fn join(desk: &Desk, into: &DossierRef, from: &DossierRef, by: &str) -> Result<Joined, Refused> {
    let _turn = desk.deciding.lock().await;
    let (taker, giver) = (filed(desk, into).await?, filed(desk, from).await?);
    let refused = |gate| Refused::OutOfOrder(OutOfOrder { step: taker.dossier.step, event: "joined", gate });
    if taker.dossier.bank != giver.dossier.bank {
        return Err(refused("other_bank"));
    }
    let lacks = |kind: Kind| match kind {
        Kind::Adhesion => taker.dossier.adhesion.is_none(),
        Kind::FicheTechnique => taker.dossier.fiche.is_none(),
        _ => false,
    };
    let mut documents = Vec::new();
    for mut examined in in_force(desk, &giver.dossier).await? {
        examined.extractions.retain(|extraction| lacks(extraction.kind));
        if !examined.extractions.is_empty() {
            documents.push(examined);
        }
    }
    let given: Vec<DocumentId> = documents.iter().map(|examined| examined.document).collect();
    let forms = [(&giver.dossier.adhesion, Kind::Adhesion), (&giver.dossier.fiche, Kind::FicheTechnique)];
    let whole = forms.iter().all(|(form, kind)| form.is_none() || lacks(*kind));
    let mut minute = Minute::new(Cause::Event, desk.clock.now());
    by.clone_into(&mut minute.by);
    let took = Event::Joined { from: from.clone(), documents, by: by.to_owned() };
    decide(desk, &mut minute, taker, &took)?;
    if whole {
        minute.moves = given.into_iter().map(|document| (document, into.clone())).collect();
        decide(desk, &mut minute, giver, &Event::Merged { into: into.clone(), by: by.to_owned() })?;
    }
    commit(desk, minute).await?;
    Ok(if whole { Joined::Whole } else { Joined::Shared })
}

/// Takes a document out of a dossier, into a new one of its own.
pub async fn part(desk: &Desk, reference: &DossierRef, document: DocumentId, by: &str) -> Result<DossierRef, Refused> {
    let _turn = desk.deciding.lock().await;
    let from = filed(desk, reference).await?;
    let all = in_force(desk, &from.dossier).await?;
    let (parted, remaining): (Vec<_>, Vec<_>) = all.into_iter().partition(|examined| examined.document == document);
    let mut minute = Minute::new(Cause::Event, desk.clock.now());
    by.clone_into(&mut minute.by);
    let bank = from.dossier.bank.clone();
    decide(desk, &mut minute, from, &Event::Parted { document, remaining, by: by.to_owned() })?;
    let new = desk.store.next_reference(in_tunis(minute.at).year()).await.map_err(inside)?;
    let opened = Dossier::open(new.clone(), bank, minute.at);
    let event = Event::Examined(parted);
    let decision = desk.with_terms(&opened.clone(), minute.at, |terms| opened.decide(&event, terms, minute.at))?;
    minute.decisions.push(filing(None, decision, event.name(), serde_json::json!({ "documents": [document] })));
    minute.moves.push((document, new.clone()));
    commit(desk, minute).await?;
    Ok(new)
}

async fn filed(desk: &Desk, reference: &DossierRef) -> Result<Filed, Refused> {
    desk.store.dossier(reference).await.map_err(inside)?.ok_or_else(|| Refused::Unknown(reference.clone()))
}

fn decide(desk: &Desk, minute: &mut Minute, filed: Filed, event: &Event) -> Result<(), Refused> {
    let Filed { dossier, version } = filed;
    let decision = desk.with_terms(&dossier.clone(), minute.at, |terms| dossier.decide(event, terms, minute.at))?;
    let detail: Json = journalled::journalled(event);
    minute.decisions.push(filing(Some(version), decision, event.name(), detail));
    Ok(())
}

async fn commit(desk: &Desk, minute: Minute) -> Result<(), Refused> {
    desk.store.commit(minute, &*desk.scribe).await.map_err(inside)?;
    desk.ring();
    Ok(())
}

fn inside(err: StoreError) -> Refused {
    Refused::Inside(err.into())
}

/// The documents of a dossier as they were read, oldest first; a form in force as people have settled it since.
async fn in_force(desk: &Desk, dossier: &Dossier) -> Result<Vec<Examined>, Refused> {
    let mut documents = Vec::with_capacity(dossier.documents.len());
    for held in &dossier.documents {
        let Some(stored) = desk.store.document(held.document).await.map_err(inside)? else { continue };
        let Some(reading) = stored.reading else { continue };
        let mut extractions = reading.extractions;
        extractions.retain(|extraction| held.kinds.contains(&extraction.kind));
        for extraction in &mut extractions {
            let newest = dossier.documents.iter().rfind(|other| other.kinds.contains(&extraction.kind));
            let form = match extraction.kind {
                Kind::Adhesion => &dossier.adhesion,
                _ => &dossier.fiche,
            };
            if let Some(form) = form.as_ref().filter(|_| newest.is_some_and(|other| other.document == held.document)) {
                extraction.clone_from(form);
            }
        }
        documents.push(Examined {
            document: held.document,
            name: held.name.clone(),
            sha256: stored.arrival.sha256,
            extractions,
            findings: reading.findings,
        });
    }
    Ok(documents)
}
