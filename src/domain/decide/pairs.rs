//! Which documents belong together, as people say: joined, taken apart, told to be strangers.

use super::{Deciding, Refusal};
use crate::domain::document::DocumentId;
use crate::domain::dossier::DossierRef;
use crate::domain::event::Examined;
use crate::domain::step::Step;

impl Deciding<'_> {
    /// Takes in what another dossier of the same merchant holds and this one lacks.
    pub(super) fn joined(&mut self, from: &DossierRef, documents: &[Examined], by: &str) -> Result<(), Refusal> {
        let held = |document: &&Examined| !self.dossier.documents.iter().any(|held| held.document == document.document);
        let new: Vec<&Examined> = documents.iter().filter(held).collect();
        if new.is_empty() {
            return Err("nothing_to_take");
        }
        for document in new {
            self.hold(document);
        }
        self.dossier.proposals.retain(|proposal| proposal.with != *from);
        self.touched_by(by);
        self.after_a_person();
        Ok(())
    }

    /// Ends quietly: nobody outside has to do anything, and the other dossier answers for the documents.
    pub(super) fn merged(&mut self, into: &DossierRef, by: &str) {
        self.dossier.joined = Some(into.clone());
        self.dossier.proposals.clear();
        self.touched_by(by);
        self.reach(Step::Withdrawn);
        let documents: Vec<_> = self.dossier.documents.iter().map(|held| held.document).collect();
        for document in documents {
            self.answer(document);
        }
    }

    /// A document goes; an earlier version that it had replaced is in force again.
    pub(super) fn parted(&mut self, document: DocumentId, remaining: &[Examined], by: &str) -> Result<(), Refusal> {
        if !self.dossier.documents.iter().any(|held| held.document == document) {
            return Err("not_held");
        }
        if remaining.is_empty() {
            return Err("last_document");
        }
        let before = std::mem::take(&mut self.dossier.documents);
        (self.dossier.adhesion, self.dossier.fiche) = (None, None);
        self.dossier.noted.clear();
        for examined in remaining {
            self.hold(examined);
        }
        for held in &mut self.dossier.documents {
            if let Some(earlier) = before.iter().find(|earlier| earlier.document == held.document) {
                held.received = earlier.received;
            }
        }
        self.touched_by(by);
        self.after_a_person();
        Ok(())
    }

    pub(super) fn pair_declined(&mut self, with: &DossierRef, by: &str) -> Result<(), Refusal> {
        let mut asked = self.dossier.proposals.iter_mut().filter(|proposal| proposal.with == *with);
        asked.next().ok_or("not_proposed")?.declined = true;
        self.touched_by(by);
        self.after_a_person();
        Ok(())
    }
}
