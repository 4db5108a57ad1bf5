//! What follows from each event. The one place where a dossier changes.

use jiff::Timestamp;

use super::dossier::{Decision, Dossier, OutOfOrder, Terms};
use super::event::Event;

pub(super) fn decide(
    dossier: Dossier,
    event: &Event,
    _terms: &Terms<'_>,
    _now: Timestamp,
) -> Result<Decision, OutOfOrder> {
    Err(OutOfOrder { step: dossier.step, event: event.name(), gate: "out_of_order" })
}
