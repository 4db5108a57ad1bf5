//! Step 3: the bytes of erased documents leave the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{List, NotPurged, Places};
use crate::blobs::Blobs;
use crate::domain::document::{DocumentId, Sha256};
use crate::durable;
use crate::store::{DocumentState, Store};

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
pub(super) async fn claims(store: &dyn Store, places: &Places, list: &mut List) -> Result<(), NotPurged> {
    let mut wanted: BTreeMap<String, (DocumentId, BTreeSet<Sha256>)> = BTreeMap::new();
    for document in &list.expired.documents {
        let of_deposit = wanted.entry(document.deposit.to_string()).or_insert((document.deposit, BTreeSet::new()));
        of_deposit.1.insert(document.sha256);
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
            let Some((deposit, hashes)) = name.get(..32).and_then(|id| wanted.get(id)) else { continue };
            let all_gone = store.deposit(*deposit).await?.iter().all(|stored| stored.state == DocumentState::Erased);
            list.outcome.archived_files += remove(&claim, hashes, all_gone)?;
            touched = true;
        }
        if touched {
            durable::sync_folder(&folder)?;
        }
    }
    Ok(())
}

/// Removes a claim as a whole, or the files of these hashes from it; says how many files went.
fn remove(claim: &Path, hashes: &BTreeSet<Sha256>, whole: bool) -> io::Result<usize> {
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
        } else if whole || kind.is_file() && hashes.contains(&Sha256::of(&fs::read(entry.path())?)) {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// What a folder holds; nothing when it is not there.
fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(err) if matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(err) => Err(err),
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}
