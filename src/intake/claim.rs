//! Step 1: what is whole is renamed into `.claimed/` beside it, with an id in its name.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::look::{self, Looks, Verdict};
use super::{Settings, Trouble, names};
use crate::domain::bank::BankFolder;
use crate::{clock, crash, durable};

/// Entries of one folder remembered between two looks: bounds memory when a hundred thousand files are dropped at once. All that
/// are whole are claimed at one look, because each look lists the whole folder.
const MOST_SEEN: usize = 10_000;

/// A place where documents are dropped.
#[derive(Debug, Clone)]
pub(super) struct Counter {
    pub(super) folder: PathBuf,
    pub(super) bank: Option<BankFolder>,
}

impl Counter {
    pub(super) fn claims(&self) -> PathBuf {
        self.folder.join(".claimed")
    }

    /// Where links, devices and the like are put: on the same file system, since they cannot be copied.
    pub(super) fn refused(&self) -> PathBuf {
        self.folder.join(".refused")
    }
}

/// Every place documents are dropped: each bank's folder, and the inbox itself for files whose form tells the bank.
pub(super) fn counters(settings: &Settings) -> Vec<Counter> {
    let banks = settings
        .banks
        .iter()
        .map(|bank| Counter { folder: settings.inbox.join(bank.as_str()), bank: Some(bank.clone()) });
    banks.chain(std::iter::once(Counter { folder: settings.inbox.clone(), bank: None })).collect()
}

/// What the looks found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) claimed: usize,
    pub(super) waiting: usize,
    pub(super) again: Option<Duration>,
    pub(super) troubles: Vec<Trouble>,
}

/// Looks at every folder and claims what is whole.
pub(super) fn claim_whole(looks: &mut Looks, settings: &Settings, now: Timestamp, elapsed: Duration) -> Seen {
    let mut seen = Seen::default();
    for counter in counters(settings) {
        let folder = counter.folder.clone();
        if let Err(source) = claim_from(looks, settings, &counter, now, elapsed, &mut seen) {
            seen.troubles.push(Trouble::Folder { folder, source });
        }
    }
    seen
}

fn claim_from(
    looks: &mut Looks,
    settings: &Settings,
    counter: &Counter,
    now: Timestamp,
    elapsed: Duration,
    seen: &mut Seen,
) -> io::Result<()> {
    let mut present = HashSet::new();
    let mut whole = Vec::new();
    let mut room = MOST_SEEN.saturating_sub(looks.number_in(&counter.folder));
    for entry in fs::read_dir(&counter.folder)? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        if names::is_ignored(&name) || (counter.bank.is_none() && is_bank(settings, &name)) {
            continue;
        }
        if !looks.knows(&path) {
            if room == 0 {
                seen.waiting += 1;
                continue;
            }
            room -= 1;
        }
        // What cannot even be looked at (a folder closed to us) holds up nobody else.
        let found = match look::look(&path, settings) {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(source) => {
                seen.waiting += 1;
                seen.troubles.push(Trouble::Folder { folder: path, source });
                continue;
            }
        };
        match looks.judge(settings, &path, &found, elapsed) {
            Verdict::Whole => whole.push(path.clone()),
            Verdict::Wait(time) => {
                seen.waiting += 1;
                seen.again = Some(seen.again.map_or(time, |again| again.min(time)));
            }
        }
        present.insert(path);
    }
    looks.keep_only(&counter.folder, &present);
    if whole.is_empty() {
        return Ok(());
    }
    whole.sort();
    let claims = counter.claims();
    durable::private_folder(&claims)?;
    for path in &whole {
        match claim(looks, path, &claims, now) {
            Ok(()) => seen.claimed += 1,
            Err(source) => {
                seen.waiting += 1;
                seen.troubles.push(Trouble::Folder { folder: path.clone(), source });
            }
        }
    }
    durable::sync_folder(&claims)?;
    durable::sync_folder(&counter.folder)?;
    crash::point("claim.synced");
    Ok(())
}

/// The id is born here and stands in the name: after a crash the same claim has the same id.
fn claim(looks: &mut Looks, path: &Path, claims: &Path, now: Timestamp) -> io::Result<()> {
    let Some(name) = path.file_name() else { return Ok(()) };
    let target = claims.join(names::claimed(clock::identifier(now), name));
    crash::point("claim.before");
    match fs::rename(path, &target) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => {
            looks.forget(path);
            Ok(())
        }
        Err(err) => Err(err),
        Ok(()) => {
            crash::point("claim.renamed");
            looks.renamed(path, &target);
            Ok(())
        }
    }
}

fn is_bank(settings: &Settings, name: &std::ffi::OsStr) -> bool {
    settings.banks.iter().any(|bank| name == bank.as_str())
}
