//! Reminders and deadlines: what a day that passes brings. Each reminder is sent once.

use super::Deciding;
use crate::domain::dossier::DeclaredState;
use crate::domain::notification::{Recipient, Subject};
use crate::domain::outcome::Outcome;
use crate::domain::step::Step;
use crate::domain::values::parse_date;

impl Deciding<'_> {
    pub(super) fn day_passed(&mut self) {
        self.remind_of_idleness();
        self.remind_of_acknowledgements();
        self.remind_of_the_certificate();
    }

    /// The forms or the tests do not advance.
    fn remind_of_idleness(&mut self) {
        let (subject, recipients): (_, &[Recipient]) = match self.dossier.step {
            // Nothing is asked of the merchant while an operator looks at values.
            Step::Forms if self.dossier.outcome(self.terms) == Outcome::InDoubt => {
                (Subject::FormsReminder, &[Recipient::Bank])
            }
            Step::Forms => (Subject::FormsReminder, &[Recipient::Bank, Recipient::Merchant]),
            // The merchant has done its part: who concludes is reminded.
            Step::Tests if self.all_tests_passed() => (Subject::TestsComplete, &[Recipient::Monetique]),
            Step::Tests => (Subject::TestsReminder, &[Recipient::Merchant]),
            _ => return,
        };
        let last_move = self
            .dossier
            .documents
            .iter()
            .map(|held| held.received)
            .max()
            .into_iter()
            .chain(self.dossier.tested)
            .fold(self.dossier.since, jiff::Timestamp::max);
        let idle = self.days_since(last_move);
        // Only the latest threshold passed: a daemon that slept a month does not send three letters at once.
        let Some(threshold) = self.terms.delays.idle.iter().filter(|days| idle >= **days).max().copied() else {
            return;
        };
        let occasion = format!("{}-{threshold}-{}", self.dossier.step, last_move.as_second());
        if self.once(&occasion) {
            for recipient in recipients {
                self.letter(subject, *recipient, &occasion);
            }
        }
    }

    fn remind_of_acknowledgements(&mut self) {
        let late: Vec<String> = self
            .dossier
            .declared
            .iter()
            .filter(|declared| declared.state == DeclaredState::Published)
            .filter(|declared| self.days_since(declared.at) >= self.terms.delays.acknowledgement)
            .filter_map(|declared| declared.file.clone())
            .collect();
        for file in late {
            let occasion = format!("late-{file}");
            if self.once(&occasion) {
                let to = if file.starts_with("DPR") || file.starts_with("UTI") {
                    Recipient::Bank
                } else {
                    Recipient::Monetique
                };
                self.letter(Subject::AcknowledgementLate, to, &occasion);
                self.letter(Subject::AcknowledgementLate, Recipient::Operations, &occasion);
            }
        }
    }

    fn remind_of_the_certificate(&mut self) {
        if matches!(self.dossier.step, Step::Forms | Step::Suspended) || self.dossier.step.is_closed() {
            return;
        }
        let printed = self.dossier.fiche.as_ref().and_then(|form| form.text("expiration_ssl"));
        let Some(expiry) = printed.and_then(|text| parse_date(text).ok()) else { return };
        let days = (expiry - self.terms.today).get_days();
        let occasion = format!("certificate-{expiry}");
        if days <= self.terms.delays.certificate && self.once(&occasion) {
            self.letter(Subject::CertificateExpiring, Recipient::Bank, &occasion);
            self.letter(Subject::CertificateExpiring, Recipient::Merchant, &occasion);
        }
    }

    fn once(&mut self, occasion: &str) -> bool {
        let new = !self.dossier.reminded.iter().any(|sent| sent == occasion);
        if new {
            self.dossier.reminded.push(occasion.to_owned());
        }
        new
    }

    /// Whole days between an instant and now; none when the clock went back.
    fn days_since(&self, then: jiff::Timestamp) -> i32 {
        let seconds = self.now.as_second().saturating_sub(then.as_second()).max(0);
        i32::try_from(seconds / 86_400).unwrap_or(i32::MAX)
    }
}
