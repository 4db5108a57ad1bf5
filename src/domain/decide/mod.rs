//! What follows from each event. The one place where a dossier changes.
//!
//! The step table says whether an event fits; the files here say what it does. An event repeated or late is harmless: it
//! finds its work done and adds nothing.

mod answered;
mod calendar;
mod declared;
mod forms;
mod letters;
mod pairs;
mod people;
mod released;
mod tested;

use jiff::Timestamp;

use super::card_number;
use super::declaration::Operation;
use super::dossier::{Decision, Dossier, OutOfOrder, Reached, Terms};
use super::effect::Effect;
use super::event::Event;
use super::step::Step;

/// Why an event is refused, as a code with words of its own.
pub(super) use declared::NUMBERED;

type Refusal = &'static str;

impl Dossier {
    /// What follows from an event. Pure: the same dossier, event, terms and instant give the same decision.
    pub fn decide(self, event: &Event, terms: &Terms<'_>, now: Timestamp) -> Result<Decision, OutOfOrder> {
        let (from, name) = (self.step, event.name());
        let refused = |gate| OutOfOrder { step: from, event: name, gate };
        let Some(row) = from.on(name) else { return Err(refused("out_of_order")) };
        let mut desk = Deciding {
            dossier: self,
            effects: Vec::new(),
            terms,
            now,
            cause: name,
            reason: event.reason().map(ToOwned::to_owned),
        };
        desk.take(event).map_err(refused)?;
        debug_assert!(row.to.contains(&desk.dossier.step), "{name} led from {from} to {}", desk.dossier.step);
        Ok(Decision { dossier: desk.dossier, effects: desk.effects })
    }
}

/// A decision being made.
struct Deciding<'a> {
    dossier: Dossier,
    effects: Vec<Effect>,
    terms: &'a Terms<'a>,
    now: Timestamp,
    cause: &'static str,
    reason: Option<String>,
}

impl Deciding<'_> {
    fn take(&mut self, event: &Event) -> Result<(), Refusal> {
        if event.reason().is_some_and(|reason| reason.trim().is_empty()) {
            return Err("reason_needed");
        }
        if event.free_texts().into_iter().any(|text| !card_number::find(text).is_empty()) {
            return Err("card_number");
        }
        match event {
            Event::Examined(documents) => self.examined(documents),
            Event::Settled { field, kind, settlement, by } => self.settled(field, *kind, settlement, by)?,
            Event::Overridden { code, field, kind, reason, by } => {
                self.overridden((code, field.as_ref(), *kind), reason, by)?;
            }
            Event::Completed { field, value, by } => self.completed(field, value, by)?,
            Event::Published { file_type, file } => self.published(*file_type, file),
            Event::Acknowledged { file, file_type, outcome, .. } => self.acknowledged(*file_type, file, outcome)?,
            Event::TestsRecorded { results, by, grid: None } => self.tests_recorded(results, by)?,
            Event::TestsRecorded { results, grid: Some(grid), .. } => self.grid_filed(results, grid)?,
            Event::TestsReported { favourable, reference, date, failing, signatory, by } => {
                self.tests_reported(*favourable, reference, *date, failing, signatory.as_deref(), by)?;
            }
            Event::Reissued { file_type, by } => self.reissued(*file_type, by)?,
            Event::Gathered { file_type } => self.gathered(*file_type)?,
            Event::Released { file, seen, by } => self.released(file, *seen, by)?,
            Event::ReleaseRefused { file, reason, by } => self.release_refused(file, reason, by)?,
            Event::Joined { from, documents, by } => self.joined(from, documents, by)?,
            Event::Merged { into, by } => self.merged(into, by),
            Event::Parted { document, remaining, by } => self.parted(*document, remaining, by)?,
            Event::PairDeclined { with, by } => self.pair_declined(with, by)?,
            Event::Withdrawn { by, .. } => self.change(Step::Withdrawn, Operation::Radiation, by),
            Event::Refused { by, .. } => self.change(Step::Refused, Operation::Radiation, by),
            Event::Suspended { by, .. } => self.change(Step::Suspended, Operation::Suspension, by),
            Event::Resumed { by } => self.change(Step::Live, Operation::Modification, by),
            Event::StruckOff { by, .. } => self.change(Step::StruckOff, Operation::Radiation, by),
            Event::Reopened { by } => self.reopened(by),
            Event::Posted { delivered, refused } => self.posted(delivered, refused),
            Event::DayPassed => self.day_passed(),
        }
        Ok(())
    }

    /// Moves to a step and writes it into the history; standing still is no move.
    fn reach(&mut self, step: Step) {
        if self.dossier.step != step {
            self.dossier.step = step;
            self.dossier.since = self.now;
            self.dossier.history.push(Reached {
                step,
                at: self.now,
                cause: self.cause.to_owned(),
                reason: self.reason.clone(),
            });
        }
    }

    /// Remembers who had a hand in the content: they may not release it.
    fn touched_by(&mut self, by: &str) {
        if !self.dossier.hands.iter().any(|hand| hand == by) {
            self.dossier.hands.push(by.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
