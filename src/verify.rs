//! Does what is on the disk agree with what is remembered? Nothing is changed; every fault is named.
//!
//! Blobs are hashed again, archived originals compared with their documents, declaration files with their rows, numbers and the
//! journal's chain checked, and files that belong to nothing listed. May run beside the daemon: what is in the middle of
//! its way is not a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::blobs::Blobs;
use crate::config::Config;
use crate::domain::document::Sha256;
use crate::store::{DeclarationLine, DocumentState, OutgoingState, Store, StoreError, Stored};

/// A blob without a document is no fault while it may still be on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(24 * 3600);

/// What was looked at, and every fault found.
#[derive(Debug, Default, Serialize)]
pub struct Verified {
    pub documents: usize,
    pub blobs: usize,
    pub archived: usize,
    pub declarations: usize,
    pub faults: Vec<String>,
}

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
pub enum Unverifiable {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the installation's folders cannot be read")]
    Folder(#[from] io::Error),
}

/// Verifies an installation.
pub async fn verify(config: &Config, store: &dyn Store, blobs: &Blobs) -> Result<Verified, Unverifiable> {
    let mut verified = Verified { faults: store.verify().await?, ..Verified::default() };
    let documents = store.documents().await?;
    verified.documents = documents.len();
    bytes(&documents, &store.proofs().await?, blobs, &mut verified)?;
    archive(&documents, &config.var().join("archive"), &mut verified)?;
    let declarations = store.declarations(None).await?;
    verified.declarations = declarations.len();
    outboxes(&declarations, &config.outbox(), &mut verified)?;
    Ok(verified)
}

/// Refused files have no bytes, erased ones none any more.
fn has_bytes(stored: &Stored) -> bool {
    stored.arrival.refusal.is_none() && stored.state != DocumentState::Erased
}

fn bytes(documents: &[Stored], proofs: &[Sha256], blobs: &Blobs, verified: &mut Verified) -> io::Result<()> {
    let (present, strangers) = blobs.list()?;
    verified.blobs = present.len();
    let kept = documents.iter().filter(|stored| has_bytes(stored)).map(|stored| stored.arrival.sha256);
    let wanted: BTreeSet<Sha256> = kept.chain(proofs.iter().copied()).collect();
    for sha256 in &wanted {
        if let Err(err) = blobs.read(sha256) {
            verified.faults.push(format!("blob {sha256}: {err}"));
        }
    }
    let forgotten = |sha256: &&Sha256| !wanted.contains(sha256) && blobs.age(sha256).is_ok_and(|age| age > ON_ITS_WAY);
    verified
        .faults
        .extend(present.iter().filter(forgotten).map(|sha256| format!("blob {sha256}: nothing refers to it")));
    verified.faults.extend(strangers.iter().map(|path| format!("{}: not a blob", path.display())));
    Ok(())
}

/// Every document lies in the archive with the bytes it was received with, unless its claim is still in the inbox.
fn archive(documents: &[Stored], archive: &Path, verified: &mut Verified) -> io::Result<()> {
    let mut hashes: BTreeMap<String, BTreeSet<Sha256>> = BTreeMap::new();
    for day in entries(archive)? {
        for claim in entries(&day)? {
            let name = claim.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(id) = name.get(..32) else {
                verified.faults.push(format!("{}: not an archived claim", claim.display()));
                continue;
            };
            let of_claim = hashes.entry(id.to_owned()).or_default();
            for file in files(&claim)? {
                of_claim.insert(Sha256::of(&fs::read(file)?));
                verified.archived += 1;
            }
        }
    }
    for stored in documents.iter().filter(|stored| has_bytes(stored)) {
        let arrival = &stored.arrival;
        match hashes.get(&arrival.deposit.to_string()) {
            Some(found) if found.contains(&arrival.sha256) => {}
            Some(_) => verified
                .faults
                .push(format!("document {}: its archived bytes are not those received", arrival.document)),
            // Received a moment ago, or on a share that cannot be reached now.
            None if stored.state == DocumentState::Received => {}
            None => verified.faults.push(format!("document {}: not in the archive", arrival.document)),
        }
    }
    Ok(())
}

/// What lies in an outbox has the bytes of its row; nothing that was published lies on a stage.
fn outboxes(declarations: &[DeclarationLine], outbox: &Path, verified: &mut Verified) -> io::Result<()> {
    let rows: BTreeMap<&str, &DeclarationLine> = declarations.iter().map(|row| (row.name.as_str(), row)).collect();
    for folder in entries(outbox)?.into_iter().filter(|folder| folder.is_dir()) {
        for path in entries(&folder)?.into_iter().filter(|path| path.is_file()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(row) = rows.get(name.as_str()) else { continue };
            if Sha256::of(&fs::read(&path)?).to_string() != row.sha256 {
                verified.faults.push(format!("{}: not the bytes that were written", path.display()));
            }
            if matches!(row.state, OutgoingState::New | OutgoingState::Recalled) {
                verified.faults.push(format!("{}: offered although it is {:?}", path.display(), row.state));
            }
        }
        for path in entries(&folder.join(".stage"))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let row = rows.iter().find(|(known, _)| name.starts_with(**known)).map(|(_, row)| row);
            match row.map(|row| row.state) {
                Some(OutgoingState::New | OutgoingState::Staged) => {}
                Some(state) => {
                    verified.faults.push(format!("{}: still on the stage although {state:?}", path.display()))
                }
                None if name.starts_with('.') => {}
                None => verified.faults.push(format!("{}: no declaration is of this name", path.display())),
            }
        }
    }
    Ok(())
}

/// What a folder holds; nothing when it is not there.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(err) => Err(err),
        Ok(entries) => {
            let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
            paths.sort();
            Ok(paths)
        }
    }
}

/// Regular files at or under a path.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(path) {
        let entry = entry.map_err(io::Error::from)?;
        if entry.file_type().is_file() {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}
