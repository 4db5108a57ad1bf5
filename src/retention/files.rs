//! Step 3: the bytes of erased documents leave the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{List, NotPurged, Places};
use crate::blobs::Blobs;
use crate::domain::card_number;
use crate::domain::document::{DocumentId, Sha256};
use crate::durable;
use crate::seal::Seal;
use crate::store::{Class, DocumentState, ExpiredDeclaration, Store};

/// Blobs that no document needs any more.
pub(super) async fn blobs(store: &dyn Store, blobs: &Blobs, list: &mut List) -> Result<(), NotPurged> {
    let documents = list.expired.documents.iter().map(|document| document.sha256);
    let hashes: BTreeSet<Sha256> = documents.chain(list.expired.proofs.iter().map(|proof| proof.sha256)).collect();
    (list.outcome.blobs, list.outcome.blobs_kept) = (0, 0);
    if hashes.is_empty() {
        return Ok(());
    }
    let _alone = blobs.alone().await?;
    for sha256 in hashes {
        if store.keeps(&sha256).await? {
            list.outcome.blobs_kept += 1;
        } else if blobs.path(&sha256).try_exists()? {
            blobs.erase(&sha256)?;
            list.outcome.blobs += 1;
        }
    }
    Ok(())
}

/// Archived claims, and claims that never reached the archive.
pub(super) async fn claims(store: &dyn Store, seal: &Seal, places: &Places, list: &mut List) -> Result<(), NotPurged> {
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    for document in &list.expired.documents {
        let of_deposit = wanted.entry(document.deposit.to_string()).or_insert_with(|| Wanted::of(document.deposit));
        of_deposit.hashes.insert(document.sha256);
        of_deposit.cards |= document.class == Class::CardNumber;
    }
    list.outcome.archived_files = 0;
    if wanted.is_empty() {
        return Ok(());
    }
    let mut folders = listed(&places.var.join("archive"))?;
    folders.extend(places.claims.iter().cloned());
    for folder in folders {
        let mut touched = false;
        for claim in listed(&folder)? {
            let name = claim.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(wanted) = name.get(..32).and_then(|id| wanted.get(id)) else { continue };
            let of_deposit = store.deposit(wanted.deposit).await?;
            let all_gone = of_deposit.iter().all(|stored| stored.state == DocumentState::Erased);
            list.outcome.archived_files += remove(&claim, wanted, seal, all_gone)?;
            touched = true;
        }
        if touched {
            durable::sync_folder(&folder)?;
        }
    }
    Ok(())
}

/// Of one deposit, what is to go.
struct Wanted {
    deposit: DocumentId,
    hashes: BTreeSet<Sha256>,
    /// One of its documents holds a card number: nothing stays under a name that does, whatever it is.
    cards: bool,
}

impl Wanted {
    fn of(deposit: DocumentId) -> Self {
        Self { deposit, hashes: BTreeSet::new(), cards: false }
    }

    fn takes(&self, claim: &Path, entry: &walkdir::DirEntry, seal: &Seal) -> io::Result<bool> {
        let below = entry.path().strip_prefix(claim).unwrap_or(entry.path()).to_string_lossy();
        if self.cards && card_number::first_masked(&below).is_some() {
            return Ok(true);
        }
        Ok(entry.file_type().is_file() && seal.hashes(entry.path())?.iter().any(|sha256| self.hashes.contains(sha256)))
    }
}

/// Removes a claim as a whole, or from it what is to go; says how many files went.
fn remove(claim: &Path, wanted: &Wanted, seal: &Seal, whole: bool) -> io::Result<usize> {
    let mut removed = 0;
    // A claim may be a link that a stranger laid: the link goes, never what it leads to.
    for entry in walkdir::WalkDir::new(claim).follow_root_links(false).contents_first(true) {
        let entry = entry.map_err(io::Error::from)?;
        let kind = entry.file_type();
        if kind.is_dir() {
            // Emptied just now, or still holding what is kept.
            match fs::remove_dir(entry.path()) {
                Err(err) if err.kind() == io::ErrorKind::DirectoryNotEmpty => {}
                done => done?,
            }
        } else if whole || wanted.takes(claim, &entry, seal)? {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// What nobody fetched of a declaration whose time is over: the file, what was offered beside it, what is still on the stage.
pub(super) fn offered(outbox: &Path, declarations: &[ExpiredDeclaration]) -> io::Result<usize> {
    let mut removed = 0;
    if declarations.is_empty() {
        return Ok(removed);
    }
    let is_of = |name: &str| {
        let is_of = |expired: &ExpiredDeclaration| {
            name.strip_prefix(expired.name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        declarations.iter().any(is_of)
    };
    for side in listed(outbox)? {
        for folder in [side.clone(), side.join(".stage")] {
            for path in listed(&folder)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if is_of(&name) && fs::symlink_metadata(&path)?.is_file() {
                    fs::remove_file(&path)?;
                    removed += 1;
                }
            }
        }
    }
    Ok(removed)
}

/// What a folder holds; nothing when it is not there.
pub(super) fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(err) if matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(err) => Err(err),
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}
