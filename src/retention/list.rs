//! The list of what was erased: references, hashes and counts, never what the documents said.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::document::Sha256;
use crate::durable;
use crate::store::Expired;

/// One purge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    pub id: String,
    pub at: Timestamp,
    pub by: String,
    pub expired: Expired,
    #[serde(default)]
    pub outcome: Outcome,
}

/// What went from the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub blobs: usize,
    /// Same bytes, still needed by a document that is kept.
    pub blobs_kept: usize,
    pub archived_files: usize,
    #[serde(default)]
    pub acknowledgement_files: usize,
    /// Files of a declaration that still lay in its receiver's outbox.
    #[serde(default)]
    pub offered_files: usize,
    pub answer_files: usize,
    pub letter_files: usize,
    /// Originals removed from copies of the installation.
    pub copied_files: usize,
    /// Copies of the installation that could not be reached, or that hold what was erased until they are replaced: for a person.
    pub copies_to_clear: Vec<String>,
}

impl List {
    pub(super) fn new(expired: Expired, by: &str, at: Timestamp) -> Self {
        let id = uuid::Uuid::now_v7().simple().to_string();
        Self { id, at, by: by.to_owned(), expired, outcome: Outcome::default() }
    }

    /// What stays as evidence: names of files are told apart by people, and go.
    fn evidence(&self) -> Expired {
        let mut evidence = self.expired.clone();
        for answer in &mut evidence.answers {
            answer.files.clear();
        }
        evidence
    }

    /// Of the evidence: the journal holds it.
    #[must_use]
    pub fn hash(&self) -> String {
        let text = serde_json::to_vec(&self.evidence()).expect("a list of texts can be written as JSON");
        Sha256::of(&text).to_string()
    }

    /// The finished list of this name.
    pub(crate) fn read(var: &Path, id: &str) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(folder(var).join(format!("{id}.json")))?)?)
    }

    pub(super) fn write_pending(&self, var: &Path) -> io::Result<()> {
        durable::private_folder(&folder(var))?;
        Self::write(&self.pending_path(var), self)
    }

    pub(super) fn write_done(&self, var: &Path) -> io::Result<()> {
        let done = Self { expired: self.evidence(), ..self.clone() };
        Self::write(&folder(var).join(format!("{}.json", self.id)), &done)
    }

    pub(super) fn drop_pending(&self, var: &Path) -> io::Result<()> {
        fs::remove_file(self.pending_path(var))?;
        durable::sync_folder(&folder(var))
    }

    fn write(target: &Path, list: &Self) -> io::Result<()> {
        let temporary = target.with_extension("tmp");
        durable::write("purge_list", &temporary, target, &serde_json::to_vec_pretty(list)?, 0o600)
    }

    fn pending_path(&self, var: &Path) -> PathBuf {
        folder(var).join(format!("{}.pending", self.id))
    }
}

/// Lists in the middle of their way, oldest first.
pub(super) fn pending(var: &Path) -> io::Result<Vec<List>> {
    let mut paths = Vec::new();
    match fs::read_dir(folder(var)) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(err) => return Err(err),
        Ok(entries) => {
            for entry in entries {
                let path = entry?.path();
                match path.extension().and_then(|ending| ending.to_str()) {
                    Some("pending") => paths.push(path),
                    // Cut off while it was written: the list it was to be was not yet there.
                    Some("tmp") => fs::remove_file(path)?,
                    _ => {}
                }
            }
        }
    }
    paths.sort();
    paths.into_iter().map(|path| Ok(serde_json::from_slice(&fs::read(path)?)?)).collect()
}

fn folder(var: &Path) -> PathBuf {
    var.join("purges")
}
