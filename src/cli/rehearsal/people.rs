//! Everyone who is played in a rehearsal: the bank that drops forms, the counterparty, the operator, the second person.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::in_tunis;
use crate::demo;
use crate::domain::declaration::FileType;
use crate::domain::dossier::{DeclaredState, Dossier, DossierRef};
use crate::domain::event::Event;
use crate::domain::release::{Role, User};
use crate::domain::step::Step;
use crate::practice::{Done, Fate, Habits, Practice, end, fate};
use crate::procedure::{Desk, close_batches, happen, shown_for_release};
use crate::schemas::Forms;
use crate::store::WaitingState;

/// Merchants on their way at once: a bank does not drop a thousand forms at a time.
const ON_THE_WAY: u32 = 200;

/// Those who are played, and what they remember.
pub(super) struct Play {
    pub(super) desk: Arc<Desk>,
    pub(super) forms: Arc<Forms>,
    pub(super) root: PathBuf,
    pub(super) counterparty: Practice,
    pub(super) habits: Habits,
    /// Rejected once, to be sent again when the dossier knows.
    pub(super) to_reissue: BTreeSet<(DossierRef, FileType)>,
    pub(super) wrong: Vec<String>,
    /// Dossiers seen at their end, which need not be looked into again.
    pub(super) settled: BTreeSet<DossierRef>,
    pub(super) dropped: u32,
    pub(super) ended: u32,
}

impl Play {
    /// Everyone does what there is to do; says whether anything moved.
    pub(super) async fn round(&mut self, merchants: u32) -> anyhow::Result<bool> {
        let mut moved = self.drop_forms(merchants)?;
        let now = in_tunis(self.desk.clock.now()).datetime();
        for act in self.counterparty.visit(&self.root.join("outbox"), now)? {
            moved = true;
            if let Done::Refused(why) = &act.done {
                self.wrong.push(format!("{}: {why}", act.file));
            }
            let Some(file_type) = FileType::of_name(&act.file) else { continue };
            for reference in &act.rejected {
                if fate(&self.habits, reference, file_type) == Fate::RejectedOnce {
                    self.to_reissue.insert((DossierRef::parse(reference)?, file_type));
                }
            }
        }
        moved |= self.reissue().await?;
        moved |= self.release().await?;
        let closed = close_batches(&self.desk, None, self.desk.clock.now(), "operateur").await;
        moved |= closed.is_ok_and(|left| left > 0);
        let mut ended = 0;
        for line in self.desk.store.dossiers(usize::MAX).await? {
            let (last, _) = end(&self.habits, line.reference.as_str());
            if line.step == Step::Tests.as_str() {
                moved |= self.report(&line.reference).await?;
            } else if self.settled.contains(&line.reference) {
                ended += 1;
            } else if line.step == last.as_str() && (last == Step::Live || self.is_rejected(&line.reference).await?) {
                self.settled.insert(line.reference);
                ended += 1;
            }
        }
        moved |= ended != self.ended;
        self.ended = ended;
        Ok(moved)
    }

    /// A bank drops the next forms, as long as not too many are on their way.
    fn drop_forms(&mut self, merchants: u32) -> anyhow::Result<bool> {
        let inbox = self.root.join("inbox/biat");
        let before = self.dropped;
        while self.dropped < merchants && self.dropped < self.ended + ON_THE_WAY {
            self.dropped += 1;
            let bytes = demo::one_of_many(&self.forms, self.dropped)?;
            let part = inbox.join(format!(".comptoir-{}.part", self.dropped));
            fs::write(&part, bytes)?;
            fs::rename(part, inbox.join(format!("comptoir-{}.pdf", self.dropped)))?;
        }
        Ok(self.dropped > before)
    }

    /// The operator records the results of the tests, then a favourable report.
    async fn report(&self, reference: &DossierRef) -> anyhow::Result<bool> {
        let Some(dossier) = self.dossier(reference).await? else { return Ok(false) };
        let results = demo::all_passed(&self.desk.rules.grid, &dossier);
        if !results.is_empty() {
            let recorded = Event::TestsRecorded { results, by: "operateur".to_owned(), grid: None };
            return Ok(happen(&self.desk, reference, &recorded, "operateur").await.is_ok());
        }
        let report = Event::TestsReported {
            favourable: true,
            reference: reference.as_str().replace('D', "PV"),
            date: self.desk.clock.today(),
            failing: vec![],
            signatory: None,
            by: "operateur".to_owned(),
        };
        Ok(happen(&self.desk, reference, &report, "operateur").await.is_ok())
    }

    /// The second person releases what waits for one.
    async fn release(&self) -> anyhow::Result<bool> {
        let by = User { name: "valideur".to_owned(), roles: [Role::Releaser].into() };
        let mut moved = false;
        for held in self.desk.store.waiting(None).await?.into_iter().filter(|one| one.state == WaitingState::Held) {
            let (_, seen) = shown_for_release(&self.desk, &held).await?;
            let event = Event::Released { file: held.name.clone(), seen, by: by.clone() };
            // Another file took the number meanwhile: what was seen is no longer what would leave. It is shown again at the next round.
            moved |= happen(&self.desk, &held.declaration.dossier, &event, &by.name).await.is_ok();
        }
        Ok(moved)
    }

    /// The operator sends again what was rejected once, as soon as its dossier knows.
    async fn reissue(&mut self) -> anyhow::Result<bool> {
        let mut moved = false;
        for (reference, file_type) in self.to_reissue.clone() {
            let event = Event::Reissued { file_type, by: "operateur".to_owned() };
            let rejected = self.dossier(&reference).await?.is_some_and(|dossier| last_is_rejected(&dossier, file_type));
            if rejected && happen(&self.desk, &reference, &event, "operateur").await.is_ok() {
                self.to_reissue.remove(&(reference, file_type));
                moved = true;
            }
        }
        Ok(moved)
    }

    async fn is_rejected(&self, reference: &DossierRef) -> anyhow::Result<bool> {
        let Some(dossier) = self.dossier(reference).await? else { return Ok(false) };
        Ok(dossier.declared.last().is_some_and(|last| last_is_rejected(&dossier, last.file_type)))
    }

    async fn dossier(&self, reference: &DossierRef) -> anyhow::Result<Option<Dossier>> {
        Ok(self.desk.store.dossier(reference).await?.map(|filed| filed.dossier))
    }
}

fn last_is_rejected(dossier: &Dossier, file_type: FileType) -> bool {
    let last = dossier.declared.iter().rev().find(|declared| declared.file_type == file_type);
    last.is_some_and(|last| matches!(last.state, DeclaredState::Rejected { .. }))
}
