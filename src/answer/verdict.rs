//! What a dropped file is worth, in one word. The words themselves are in `templates/words/`, groups `verdict` and
//! `verdict_next`.

use serde::Serialize;

use super::{Dropped, Standing};
use crate::domain::document::Kind;
use crate::domain::finding::Severity;
use crate::domain::outcome::Outcome;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Complete,
    Incomplete,
    Rejected,
    /// An operator looks at values first; nothing is asked of the bank.
    InDoubt,
    /// A newer version of the same form is in force.
    Superseded,
    /// Its dossier has been joined to another one, which answers for it.
    Joined,
    /// The dossier is over: suspended, struck off, withdrawn or refused.
    Closed,
    Repeat,
    /// It holds a card number.
    CardNumber,
    NotAForm,
    Blank,
    NeedsOcr,
    Password,
    Unreadable,
    /// Never opened: a link, a device, too large.
    NotTaken,
    /// A form that no dossier could take by itself.
    ToPlace,
    /// A grid of tests whose results are recorded.
    GridRecorded,
    /// A grid of which something could not be recorded.
    GridToCorrect,
    /// A grid that belongs to no dossier, or that is not awaited.
    GridAside,
}

impl Verdict {
    pub(crate) const ALL: [Self; 19] = [
        Self::Complete,
        Self::Incomplete,
        Self::Rejected,
        Self::InDoubt,
        Self::Superseded,
        Self::Joined,
        Self::Closed,
        Self::Repeat,
        Self::CardNumber,
        Self::NotAForm,
        Self::Blank,
        Self::NeedsOcr,
        Self::Password,
        Self::Unreadable,
        Self::NotTaken,
        Self::ToPlace,
        Self::GridRecorded,
        Self::GridToCorrect,
        Self::GridAside,
    ];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Rejected => "rejected",
            Self::InDoubt => "in_doubt",
            Self::Superseded => "superseded",
            Self::Joined => "joined",
            Self::Closed => "closed",
            Self::Repeat => "repeat",
            Self::CardNumber => "card_number",
            Self::NotAForm => "not_a_form",
            Self::Blank => "blank",
            Self::NeedsOcr => "needs_ocr",
            Self::Password => "password",
            Self::Unreadable => "unreadable",
            Self::NotTaken => "not_taken",
            Self::ToPlace => "to_place",
            Self::GridRecorded => "grid_recorded",
            Self::GridToCorrect => "grid_to_correct",
            Self::GridAside => "grid_aside",
        }
    }

    /// How the page is coloured: `good`, `act`, `bad`, `wait` or `plain`.
    pub(crate) fn tone(self) -> &'static str {
        match self {
            Self::Complete | Self::GridRecorded => "good",
            Self::GridToCorrect
            | Self::GridAside
            | Self::Incomplete
            | Self::Blank
            | Self::Password
            | Self::Unreadable => "act",
            Self::Rejected | Self::CardNumber | Self::NotTaken => "bad",
            Self::InDoubt | Self::NeedsOcr | Self::ToPlace => "wait",
            Self::Superseded | Self::Joined | Self::Closed | Self::Repeat | Self::NotAForm => "plain",
        }
    }
}

pub(super) fn verdict(dropped: &Dropped<'_>, standing: Option<&Standing<'_>>) -> Verdict {
    let reading = dropped.reading;
    let found = |code: &str| reading.findings.iter().any(|finding| finding.code.as_str() == code);
    // Of whatever comes out of a file with a card number nothing is used.
    if found("pan_found") {
        return Verdict::CardNumber;
    }
    if found("repeat") {
        return Verdict::Repeat;
    }
    if dropped.refusal.is_some() {
        return Verdict::NotTaken;
    }
    // A file without a form says what it is, also beside those of a dossier.
    let is_form = !reading.extractions.is_empty() || reading.kind == Kind::GrilleTests;
    if let Some(standing) = standing.filter(|_| is_form) {
        return of_the_dossier(dropped, standing);
    }
    match reading.kind {
        _ if found("needs_ocr") => Verdict::NeedsOcr,
        _ if found("password") => Verdict::Password,
        Kind::Blank => Verdict::Blank,
        _ if found("blank_document") => Verdict::Blank,
        _ if found("not_a_form") => Verdict::NotAForm,
        Kind::GrilleTests => Verdict::GridAside,
        Kind::Adhesion | Kind::FicheTechnique | Kind::Both => Verdict::ToPlace,
        Kind::Other if reading.findings.iter().any(crate::domain::finding::Finding::blocks) => Verdict::Unreadable,
        Kind::Other => Verdict::NotAForm,
    }
}

fn of_the_dossier(dropped: &Dropped<'_>, standing: &Standing<'_>) -> Verdict {
    let dossier = standing.dossier;
    if dossier.joined.is_some() {
        return Verdict::Joined;
    }
    let held = dossier.documents.iter().find(|held| held.document == dropped.document);
    if held.is_some_and(|held| held.superseded) {
        return Verdict::Superseded;
    }
    if held.is_some_and(|held| held.kinds == [Kind::GrilleTests]) {
        let of_this = dossier.noted.iter().filter(|(document, _)| *document == dropped.document);
        let faulty = of_this.into_iter().any(|(_, finding)| finding.severity >= Severity::Warning);
        return if faulty { Verdict::GridToCorrect } else { Verdict::GridRecorded };
    }
    match dossier.step {
        step if step.is_closed() => Verdict::Closed,
        // Also later on: a corrected version may bring new faults.
        _ => match standing.outcome {
            Outcome::Rejected => Verdict::Rejected,
            Outcome::Incomplete => Verdict::Incomplete,
            Outcome::InDoubt => Verdict::InDoubt,
            Outcome::Complete => Verdict::Complete,
        },
    }
}
