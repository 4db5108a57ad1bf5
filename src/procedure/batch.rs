//! What leaves together, once a day; and what a second person is shown before something leaves.
//!
//! A batch is closed by deciding on each of its dossiers and writing one minute: the file, its number and every dossier that is in
//! it, or nothing. What was recalled meanwhile is left out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Time;

use super::{ATTEMPTS, Desk, apply};
use crate::clock::in_tunis;
use crate::domain::declaration::{Departure, FileType, Seen, Sequence};
use crate::domain::document::Sha256;
use crate::domain::dossier::DossierRef;
use crate::domain::event::Event;
use crate::procedure::Setback;
use crate::store::{Batch, Cause, Laid, Minute, StoreError, Waiting, WaitingState};

/// Merchants in one file: more go into the next.
const MOST: usize = 1000;

/// Closes the batches of what was decided before an instant, of one type or of all; says how many declarations left.
pub async fn close_batches(desk: &Desk, only: Option<FileType>, before: Timestamp, by: &str) -> Result<usize, Setback> {
    let _turn = desk.deciding.lock().await;
    let mut left = 0;
    let mut attempts = 0;
    loop {
        let waiting = desk.store.waiting(None).await?;
        let mut batches: BTreeMap<(FileType, String, String), Vec<DossierRef>> = BTreeMap::new();
        for one in waiting.into_iter().filter(|one| one.state == WaitingState::Batch && one.decided < before) {
            let Waiting { declaration, outbox, .. } = one;
            if only.is_none_or(|only| only == declaration.file_type) {
                let key = (declaration.file_type, declaration.bank_code, outbox);
                batches.entry(key).or_default().push(declaration.dossier);
            }
        }
        let Some(((file_type, bank_code, _), mut references)) = batches.into_iter().next() else { break };
        references.truncate(MOST);
        let mut minute = Minute::new(Cause::Event, desk.clock.now());
        by.clone_into(&mut minute.by);
        let mut dossiers = Vec::with_capacity(references.len());
        for reference in references {
            // A dossier that moved on meanwhile is left out, and what it recalled waits no more.
            if let Ok(decided) = apply(desk, &reference, &Event::Gathered { file_type }, minute.at).await? {
                minute.decisions.push(decided);
                dossiers.push(reference);
            }
        }
        if dossiers.is_empty() {
            break;
        }
        let number = dossiers.len();
        minute.batches.push(Batch { file_type, bank_code, dossiers });
        match desk.store.commit(minute, &*desk.scribe).await {
            Ok(()) => left += number,
            Err(StoreError::Moved(_)) if attempts < ATTEMPTS => attempts += 1,
            Err(err) => return Err(err.into()),
        }
    }
    if left > 0 {
        desk.ring();
    }
    Ok(left)
}

/// When the clock last showed this hour in Tunis.
#[must_use]
pub fn last_hour(now: Timestamp, hour: Time) -> Timestamp {
    let here = in_tunis(now);
    let today = here.with().time(hour).build().map_or(now, |at| at.timestamp());
    if today <= now { today } else { today - jiff::SignedDuration::from_hours(24) }
}

/// What waits for a second person, laid out as it would leave now, and what releasing it must find again.
pub async fn shown_for_release(desk: &Desk, held: &Waiting) -> Result<(Laid, Seen), Setback> {
    let declaration = &held.declaration;
    let bank = desk.config.bank.iter().find(|bank| bank.code == declaration.bank_code);
    let sequence = match desk.config.departures(bank).once_released(declaration.file_type) {
        Departure::Batch => Sequence(0),
        _ => desk.store.next_number(declaration.file_type, &declaration.bank_code).await?,
    };
    let at = desk.clock.now();
    let laid = desk.scribe.declarations(std::slice::from_ref(declaration), sequence, at).map_err(Setback::park)?;
    let seen = Seen { sha256: Sha256::of(&laid.bytes), at };
    Ok((laid, seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_is_that_of_tunis() {
        let hour = jiff::civil::time(16, 0, 0, 0);
        let at = |text: &str| last_hour(text.parse().unwrap(), hour).to_string();
        assert_eq!(at("2026-11-24T14:59:59Z"), "2026-11-23T15:00:00Z");
        assert_eq!(at("2026-11-24T15:00:00Z"), "2026-11-24T15:00:00Z");
    }
}
