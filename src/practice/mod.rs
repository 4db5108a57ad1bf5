//! A practice counterparty: plays Monétique-Tunisie and the banks against an installation's outboxes.
//!
//! It fetches each declaration as a consumer would (check the hash, read, take away), judges it with a reader of its own
//! and drops an acknowledgement. What it does to a file depends on the seed and the file's name alone, so that a rehearsal
//! can be repeated. Invariant: it never opens the installation's database and shares no code with what writes declarations.

mod answers;
mod fate;
mod reader;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use sha2::{Digest, Sha256};

use crate::domain::declaration::FileType;
use answers::{Stamp, Verdict, acknowledgement};
use fate::Luck;

pub use fate::{Fate, end, fate};

/// How the counterparty behaves; shares are percentages.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    pub seed: u64,
    /// Declarations of a merchant that are rejected; a part of them at every attempt, the others once.
    pub rejected: u8,
    /// Files acknowledged twice.
    pub duplicated: u8,
    /// Files acknowledged only some visits later.
    pub late: u8,
    /// How many visits later.
    pub visits: u32,
}

/// What was done with one file, for the log of the rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Act {
    pub file: String,
    pub done: Done,
    /// References of those it rejected.
    pub rejected: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    Answered,
    AnsweredTwice,
    /// Taken; the acknowledgement comes later.
    Postponed,
    /// The file itself is wrong: reason code and sentence.
    Refused(String),
}

/// The counterparty, with what it remembers between visits.
#[derive(Debug)]
pub struct Practice {
    habits: Habits,
    sequence: u32,
    visits: u32,
    /// Numbers given to merchants, by dossier reference: the same merchant keeps its numbers.
    given: BTreeMap<String, u32>,
    /// How often a merchant was declared with a type of file.
    attempts: BTreeMap<(String, FileType), u32>,
    /// Every file name seen: one offered twice is an error of the installation.
    seen: BTreeMap<String, Sha256Hex>,
    postponed: Vec<Owed>,
}

/// An acknowledgement that is delivered later.
#[derive(Debug)]
struct Owed {
    visit: u32,
    folder: PathBuf,
    name: String,
    bytes: Vec<u8>,
}

type Sha256Hex = String;

impl Practice {
    #[must_use]
    pub fn new(habits: Habits) -> Self {
        Self {
            habits,
            sequence: 0,
            visits: 0,
            given: BTreeMap::new(),
            attempts: BTreeMap::new(),
            seen: BTreeMap::new(),
            postponed: Vec::new(),
        }
    }

    /// Nothing is owed any more.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.postponed.is_empty()
    }

    /// What is wrong with the numbers of the files taken so far: per type and bank they run from 1 without gap.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let mut numbers: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for name in self.seen.keys() {
            let (head, number) = order(name);
            numbers.entry(head).or_default().push(number.parse().unwrap_or(0));
        }
        let gap = |(head, mut numbers): (&str, Vec<u32>)| {
            numbers.sort_unstable();
            let whole = numbers.iter().copied().eq(1..=u32::try_from(numbers.len()).unwrap_or(u32::MAX));
            (!whole).then(|| format!("{head}: {} files, numbered to {}", numbers.len(), numbers.last().unwrap_or(&0)))
        };
        numbers.into_iter().filter_map(gap).collect()
    }

    /// Files taken so far, by the first three letters of their names.
    #[must_use]
    pub fn taken(&self) -> BTreeMap<&str, usize> {
        let mut taken = BTreeMap::new();
        for name in self.seen.keys() {
            *taken.entry(&name[..3]).or_default() += 1;
        }
        taken
    }

    /// One visit to every outbox: delivers what was postponed, then takes and answers what is new.
    ///
    /// Fails on a file that was already taken once, and on folders that cannot be read or written.
    pub fn visit(&mut self, outbox: &Path, now: DateTime) -> io::Result<Vec<Act>> {
        self.visits += 1;
        for owed in std::mem::take(&mut self.postponed) {
            if owed.visit > self.visits {
                self.postponed.push(owed);
            } else {
                drop_off(&owed.folder, &owed.name, &owed.bytes)?;
            }
        }
        let mut acts = Vec::new();
        let mut counters: Vec<PathBuf> =
            fs::read_dir(outbox)?.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        counters.sort();
        for counter in counters {
            let mut names: Vec<String> = fs::read_dir(&counter)?
                .flatten()
                .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
                .filter_map(|entry| entry.file_name().into_string().ok())
                .filter(|name| is_declaration(name))
                .collect();
            names.sort_by(|a, b| order(a).cmp(&order(b)));
            for name in names {
                acts.push(self.treat(&counter, &name, now)?);
            }
        }
        Ok(acts)
    }

    fn treat(&mut self, counter: &Path, name: &str, now: DateTime) -> io::Result<Act> {
        let bytes = fs::read(counter.join(name))?;
        let hash = hex(&bytes);
        let beside = fs::read_to_string(counter.join(format!("{name}.sha256")))?;
        if let Some(before) = self.seen.insert(name.to_owned(), hash.clone()) {
            return Err(io::Error::other(format!("{name} was offered twice (first {before}, now {hash})")));
        }
        take_away(counter, name)?;
        let act = |done, rejected| Act { file: name.to_owned(), done, rejected };
        if !beside.starts_with(&hash) {
            return Ok(act(Done::Refused("F009 empreinte SHA-256 différente".to_owned()), vec![]));
        }
        let file = match reader::read(&bytes) {
            Ok(file) => file,
            Err(refused) => return Ok(act(Done::Refused(format!("{} {}", refused.reason, refused.text)), vec![])),
        };
        let (verdicts, rejected) = self.judge(&file);
        let luck = Luck::of(self.habits.seed, &[name]);
        self.sequence += 1;
        let stamp = Stamp { sequence: self.sequence, at: now, answers: name };
        let answer = acknowledgement(&file, &stamp, &verdicts);
        let answer_name = format!("ACR{}.{}.{:06}", file.bank, now.strftime("%Y%m%d"), self.sequence);
        let folder = counter.join("accuses");
        if luck.falls(2, self.habits.late) {
            let visit = self.visits + self.habits.visits.max(1);
            self.postponed.push(Owed { visit, folder, name: answer_name, bytes: answer });
            return Ok(act(Done::Postponed, rejected));
        }
        drop_off(&folder, &answer_name, &answer)?;
        if luck.falls(1, self.habits.duplicated) {
            self.sequence += 1;
            let again = format!("ACR{}.{}.{:06}", file.bank, now.strftime("%Y%m%d"), self.sequence);
            drop_off(&folder, &again, &answer)?;
            return Ok(act(Done::AnsweredTwice, rejected));
        }
        Ok(act(Done::Answered, rejected))
    }

    /// A verdict per merchant, said of each of its records that counts; and who is rejected.
    fn judge(&mut self, file: &reader::File) -> (Vec<(String, String, Verdict)>, Vec<String>) {
        let mut verdicts = Vec::new();
        let mut rejected: Vec<String> = Vec::new();
        let mut whose = String::new();
        for record in file.records.iter().filter(|record| matches!(record.code(), "10" | "40")) {
            let reference = record.reference().to_owned();
            if reference != whose {
                let attempts = self.attempts.entry((reference.clone(), file.file_type)).or_default();
                *attempts += 1;
                let fate = fate(&self.habits, &reference, file.file_type);
                if fate == Fate::RejectedForGood || (fate == Fate::RejectedOnce && *attempts == 1) {
                    rejected.push(reference.clone());
                }
                whose.clone_from(&reference);
            }
            let verdict = self.verdict(&reference, rejected.contains(&reference));
            verdicts.push((record.number().to_owned(), reference, verdict));
        }
        (verdicts, rejected)
    }

    fn verdict(&mut self, reference: &str, rejected: bool) -> Verdict {
        if rejected {
            return Verdict::Rejected { reason: "X999", label: "REFUS D'EXERCICE : A CORRIGER ET A REEMETTRE" };
        }
        let next = u32::try_from(self.given.len()).unwrap_or(u32::MAX) + 1;
        let number = *self.given.entry(reference.to_owned()).or_insert(next);
        Verdict::Accepted {
            affiliation: format!("{:010}", 5_000_000_000_u64 + u64::from(number)),
            terminal: format!("{:08}", 70_000_000 + number),
            login: format!("{:010}", 6_000_000_000_u64 + u64::from(number)),
        }
    }
}

/// `TTTbbbbb.AAAAMMJJ.NNNNNN`.
fn is_declaration(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    matches!(parts.as_slice(), [head, date, number]
        if head.len() == 8 && head.is_ascii() && ["DTS", "DPR", "SPS", "UTI"].contains(&&head[..3])
            && digits(&head[3..], 5) && digits(date, 8) && digits(number, 6))
}

/// Files of one type are treated by their number.
fn order(name: &str) -> (&str, &str) {
    (&name[..8], &name[name.len() - 6..])
}

/// Takes the file and all that lies beside it, the file last.
fn take_away(counter: &Path, name: &str) -> io::Result<()> {
    let beside = format!("{name}.");
    for entry in fs::read_dir(counter)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&beside) {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_file(counter.join(name))
}

/// Leaves an acknowledgement under a temporary name, then renames it, as a careful sender does.
fn drop_off(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let part = folder.join(format!(".{name}.part"));
    fs::write(&part, bytes)?;
    fs::rename(part, folder.join(name))
}

fn hex(bytes: &[u8]) -> String {
    crate::domain::document::Sha256::from_digest(Sha256::digest(bytes).into()).to_string()
}

#[cfg(test)]
mod tests;
