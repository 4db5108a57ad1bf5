//! Numbers as they are printed: digits in groups, and which stretches of them are a card number.

use std::ops::Range;

use super::scheme::{is_card_number, is_issued_length, prefix};
use super::{digit, is_separator};

/// Digits with nothing but separators between them, as the groups they are printed in.
pub(super) struct Run {
    digits: Vec<Digit>,
    /// Where each group begins in `digits`; the first is 0.
    groups: Vec<usize>,
}

struct Digit {
    value: u8,
    /// Bytes of the text it takes.
    at: Range<usize>,
}

impl Run {
    pub(super) fn start(&self) -> usize {
        self.digits.first().map_or(0, |digit| digit.at.start)
    }

    pub(super) fn end(&self) -> usize {
        self.digits.last().map_or(0, |digit| digit.at.end)
    }

    pub(super) fn card_numbers(&self) -> Vec<Range<usize>> {
        if self.is_account() || self.is_two_telephones() {
            Vec::new()
        } else if is_card_number(&self.values(0..self.digits.len())) {
            vec![Range { start: self.start(), end: self.end() }]
        } else {
            self.among_others()
        }
    }

    /// Card numbers with other numbers beside them: whole groups, of a length the scheme issues.
    fn among_others(&self) -> Vec<Range<usize>> {
        let boundaries: Vec<usize> = self.groups.iter().copied().chain([self.digits.len()]).collect();
        let mut found = Vec::new();
        let mut taken = 0;
        for (at, &from) in boundaries.iter().enumerate() {
            if from < taken {
                continue;
            }
            let card = boundaries[at + 1..].iter().copied().take_while(|to| to - from <= 19).find(|to| {
                let digits = self.values(from..*to);
                is_card_number(&digits) && is_issued_length(&digits)
            });
            if let Some(to) = card {
                found.push(self.digits[from].at.start..self.digits[to - 1].at.end);
                taken = to;
            }
        }
        found
    }

    /// A RIB, or the IBAN round one.
    fn is_account(&self) -> bool {
        let values = self.values(0..self.digits.len());
        match values.len() {
            20 => is_rib(&values),
            // The digits of a Tunisian IBAN.
            22 => remainder(&values[2..]) == 0,
            _ => false,
        }
    }

    /// Sixteen digits or more in one piece, or grouped as cards are embossed: no telephone number is written so (ITU-T E.164: fifteen
    /// digits at most), whatever word stands before it.
    pub(super) fn is_grouped_as_card(&self) -> bool {
        let ends = self.groups[1..].iter().copied().chain([self.digits.len()]);
        let sizes: Vec<usize> = self.groups.iter().zip(ends).map(|(from, to)| to - from).collect();
        matches!(sizes[..], [one] if one > 15) || matches!(sizes[..], [4, 4, 4, 4] | [4, 6, 5])
    }

    /// Two numbers of eight digits side by side, each grouped and begun as Tunisian numbers are.
    fn is_two_telephones(&self) -> bool {
        let values = self.values(0..self.digits.len());
        let telephone = |first: usize| {
            let groups = self.groups.iter().filter(|at| (first..first + 8).contains(*at));
            let groups: Vec<usize> = groups.map(|at| at - first).collect();
            matches!(values[first], 2..=5 | 7 | 9) && matches!(groups[..], [0] | [0, 2, 5] | [0, 2, 4, 6])
        };
        values.len() == 16 && telephone(0) && telephone(8)
    }

    fn values(&self, of: Range<usize>) -> Vec<u8> {
        self.digits[of].iter().map(|digit| digit.value).collect()
    }
}

/// Runs long enough to hold a card number.
pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    let mut separators = 0;
    for (at, c) in text.char_indices() {
        let Some(value) = digit(c) else {
            separators += 1;
            open &= is_separator(c) && separators <= 2;
            continue;
        };
        if !open {
            runs.push(Run { digits: Vec::new(), groups: vec![0] });
            open = true;
        }
        if let Some(run) = runs.last_mut() {
            if separators > 0 && !run.digits.is_empty() {
                run.groups.push(run.digits.len());
            }
            run.digits.push(Digit { value, at: at..at + c.len_utf8() });
        }
        separators = 0;
    }
    runs.retain(|run| run.digits.len() >= 13);
    runs
}

/// Twenty digits that are a RIB, its key holding or mistyped: they begin with a bank's code, and no scheme's range begins so.
pub(super) fn is_rib(digits: &[u8]) -> bool {
    remainder(digits) == 0 || (1..=33).contains(&prefix(digits, 2))
}

/// A RIB is right when its twenty digits leave nothing, divided by 97.
pub(super) fn remainder(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |rest, digit| (rest * 10 + u32::from(*digit)) % 97)
}
