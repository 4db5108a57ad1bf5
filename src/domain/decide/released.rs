//! Four eyes: what waits for a second person is released as it was seen, or taken back.

use super::declared::waiting;
use super::{Deciding, Refusal};
use crate::domain::declaration::{FileType, Seen};
use crate::domain::dossier::DeclaredState;
use crate::domain::effect::Effect;
use crate::domain::release::{self, NotYours, User};

impl Deciding<'_> {
    pub(super) fn released(&mut self, file: &str, seen: Seen, by: &User) -> Result<(), Refusal> {
        let file_type = FileType::of_name(file).ok_or("unknown_declaration")?;
        let last = self.dossier.last_of(file_type).ok_or("unknown_declaration")?;
        // Released already: the same order again changes nothing.
        if last.state.is_out() || last.state == DeclaredState::Batched {
            return Ok(());
        }
        release::decide(by, &self.dossier, file_type).map_err(NotYours::gate)?;
        let leaves = self.terms.departures.once_released(file_type);
        if let Some(last) = self.dossier.last_of(file_type) {
            last.state = waiting(leaves);
            self.effects.push(Effect::Release { file_type, seen, leaves });
        }
        Ok(())
    }

    pub(super) fn release_refused(&mut self, file: &str, reason: &str, by: &User) -> Result<(), Refusal> {
        let file_type = FileType::of_name(file).ok_or("unknown_declaration")?;
        if reason.trim().is_empty() {
            return Err("reason_needed");
        }
        let last = self.dossier.last_of(file_type).ok_or("unknown_declaration")?;
        if last.state == DeclaredState::Recalled {
            return Ok(());
        }
        release::decide(by, &self.dossier, file_type).map_err(NotYours::gate)?;
        self.recall(file_type);
        Ok(())
    }
}
