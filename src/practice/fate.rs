//! What will become of a merchant, written before it begins: drawn from the seed and its reference, so that the order of visits and
//! the number of merchants in a file change nothing.

use sha2::{Digest, Sha256};

use super::Habits;
use crate::domain::declaration::FileType;
use crate::domain::step::Step;

/// Of the declarations rejected, so many are rejected at every attempt.
const FOR_GOOD: u8 = 30;

/// What becomes of one declaration of a merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Accepted,
    RejectedOnce,
    RejectedForGood,
}

/// The fate of a merchant's declaration of a type.
#[must_use]
pub fn fate(habits: &Habits, reference: &str, file_type: FileType) -> Fate {
    let luck = Luck::of(habits.seed, &[reference, file_type.as_str()]);
    match (luck.falls(0, habits.rejected), luck.falls(1, FOR_GOOD)) {
        (false, _) => Fate::Accepted,
        (true, true) => Fate::RejectedForGood,
        (true, false) => Fate::RejectedOnce,
    }
}

/// Where a merchant's dossier ends, and how many files of each type it takes, if everyone but the counterparty does what is asked.
#[must_use]
pub fn end(habits: &Habits, reference: &str) -> (Step, [usize; 4]) {
    let mut files = [0; 4];
    for (at, file_type) in FileType::ALL.into_iter().enumerate() {
        files[at] = 1;
        match fate(habits, reference, file_type) {
            Fate::Accepted => {}
            Fate::RejectedOnce => files[at] = 2,
            Fate::RejectedForGood => {
                let step = match file_type {
                    FileType::Dts => Step::TestDeclaration,
                    FileType::Dpr => Step::Production,
                    FileType::Sps => Step::PaymentServer,
                    FileType::Uti => Step::Users,
                };
                return (step, files);
            }
        }
    }
    (Step::Live, files)
}

/// Chance drawn from the seed and names.
pub(super) struct Luck([u8; 32]);

impl Luck {
    pub(super) fn of(seed: u64, names: &[&str]) -> Self {
        let drawn = names.iter().fold(Sha256::new().chain_update(seed.to_le_bytes()), |drawn, name| {
            drawn.chain_update(name).chain_update([0])
        });
        Self(drawn.finalize().into())
    }

    /// Whether the `die`th die falls within a percentage.
    pub(super) fn falls(&self, die: usize, percent: u8) -> bool {
        let drawn = u16::from_le_bytes([self.0[die * 2], self.0[die * 2 + 1]]);
        u32::from(drawn) * 100 < u32::from(percent) << 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_what_was_asked() {
        let habits = Habits { seed: 1, rejected: 10, duplicated: 0, late: 0, visits: 1 };
        let fates = (0..10_000).map(|number| fate(&habits, &format!("D26-{number:06}"), FileType::Dts));
        let rejected = fates.filter(|fate| *fate != Fate::Accepted).count();
        assert!((900..1100).contains(&rejected), "{rejected}");
        let habits = Habits { rejected: 0, ..habits };
        assert_eq!(end(&habits, "D26-000001"), (Step::Live, [1; 4]));
    }
}
