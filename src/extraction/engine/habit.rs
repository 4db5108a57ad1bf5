//! Where answers stand on a paper: beside their labels, or under them. What goes against the paper's habit is another label's.

use super::answers::{Answer, Stand};
use super::assign::{Asked, Chosen, LEAST_NAMESAKE};

/// So many answers make a habit.
const MANY: usize = 8;

/// Where this page's answers mostly stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Habit {
    beside: usize,
    under: usize,
}

impl Habit {
    pub(super) fn of(asked: &[Asked<'_>]) -> Self {
        let mut habit = Self::default();
        for one in asked {
            let stands: Vec<Stand> = one.answers.iter().map(|answer| answer.stand).collect();
            match stands.as_slice() {
                [Stand::Beside | Stand::Inline] => habit.beside += 1,
                [Stand::Under | Stand::Over] => habit.under += 1,
                _ => {}
            }
        }
        habit
    }

    /// The same once the choices are made: clear labels with something to answer them.
    pub(super) fn of_chosen(asked: &[Asked<'_>], chosen: &[Chosen]) -> Self {
        let mut habit = Self::default();
        for one in chosen.iter().filter(|one| one.label >= LEAST_NAMESAKE) {
            let Some(answer) = one.answer.map(|at| &asked[one.asked].answers[at]) else { continue };
            if answer.tokens.iter().any(|token| token.tick.is_some()) {
                continue;
            }
            match answer.stand {
                Stand::Beside | Stand::Inline => habit.beside += 1,
                Stand::Under | Stand::Over => habit.under += 1,
            }
        }
        habit
    }

    /// On a paper whose answers stand beside their labels the text under a label is the next label, and the other way round.
    /// Boxes may stand either way.
    pub(super) fn excludes(self, answer: &Answer) -> bool {
        let ticks = answer.tokens.iter().any(|token| token.tick.is_some());
        match answer.stand {
            _ if ticks => false,
            Stand::Under => self.beside > 4 * self.under,
            Stand::Beside => self.under > 4 * self.beside,
            Stand::Inline | Stand::Over => false,
        }
    }

    /// Nearly all of many answers stand as this one.
    pub(super) fn backs(self, answer: &Answer) -> bool {
        let (own, other) = match answer.stand {
            Stand::Under | Stand::Over => (self.under, self.beside),
            Stand::Beside | Stand::Inline => (self.beside, self.under),
        };
        own >= MANY && own > 4 * other
    }

    pub(super) fn weigh(self, stand: Stand) -> f32 {
        let (beside, under) = (self.beside.max(1), self.under.max(1));
        match stand {
            Stand::Inline => 0.08,
            // Only where the whole page is so.
            Stand::Over => 0.06,
            Stand::Beside if beside >= under => 0.06,
            Stand::Under if under > beside => 0.06,
            Stand::Beside => -0.04,
            Stand::Under if self.beside > 4 * self.under => -0.1,
            Stand::Under => -0.04,
        }
    }
}
