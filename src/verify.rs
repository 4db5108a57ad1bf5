//! Does what is on the disk agree with what is remembered? Nothing is changed; every fault is named.
//!
//! Blobs are hashed again (what they say, where they are sealed), archived originals compared with their documents, declaration files with their rows and the documents that go along, numbers and the
//! journal's chain checked against itself and against heads kept elsewhere, lists of what was erased against the journal, and files
//! that belong to nothing listed. May run beside the daemon: what is in the middle of its way is not a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::blobs::Blobs;
use crate::bundle;
use crate::config::Config;
use crate::domain::document::Sha256;
use crate::domain::pieces::PIECES;
use crate::retention::List;
use crate::seal::Seal;
use crate::store::{DeclarationLine, DocumentState, Outgoing, OutgoingState, Store, StoreError, Stored};

/// A blob without a document is no fault while it may still be on its way.
const ON_ITS_WAY: Duration = Duration::from_hours(24);

/// What was looked at, and every fault found.
#[derive(Debug, Default, Serialize)]
pub struct Verified {
    pub documents: usize,
    pub blobs: usize,
    pub archived: usize,
    pub declarations: usize,
    pub purges: usize,
    pub heads: usize,
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

/// Verifies an installation. `claims` are the folders where claims lie that are not archived; `heads` the file of the journal's
/// heads, as the daemon writes it or as it was kept elsewhere.
pub async fn verify(
    config: &Config,
    store: &dyn Store,
    blobs: &Blobs,
    claims: &[PathBuf],
    heads: &Path,
) -> Result<Verified, Unverifiable> {
    let mut verified = Verified { faults: store.verify().await?, ..Verified::default() };
    // Files first, rows second: what arrives in between has its row by then.
    let (present, strangers) = blobs.list()?;
    let hashes = archived(&config.var().join("archive"), claims, blobs.seal(), &mut verified)?;
    let documents = store.documents().await?;
    verified.documents = documents.len();
    bytes(&documents, &store.proofs().await?, blobs, &present, &strangers, &mut verified);
    archive(&documents, &hashes, &mut verified);
    let declarations = store.declarations(None).await?;
    verified.declarations = declarations.len();
    outboxes(&declarations, store, &config.outbox(), &mut verified).await?;
    purges(store, &config.var(), &mut verified).await?;
    kept_heads(store, heads, &mut verified).await?;
    Ok(verified)
}

/// Refused files have no bytes, erased ones none any more.
fn has_bytes(stored: &Stored) -> bool {
    stored.arrival.refusal.is_none() && stored.state != DocumentState::Erased
}

fn bytes(
    documents: &[Stored],
    proofs: &[Sha256],
    blobs: &Blobs,
    present: &[Sha256],
    strangers: &[PathBuf],
    verified: &mut Verified,
) {
    verified.blobs = present.len();
    let kept = documents.iter().filter(|stored| has_bytes(stored)).map(|stored| stored.arrival.sha256);
    let wanted: BTreeSet<Sha256> = kept.chain(proofs.iter().copied()).collect();
    for sha256 in &wanted {
        if let Err(err) = blobs.read(sha256) {
            verified.faults.push(format!("blob {sha256}: {err}"));
        }
    }
    let erased: BTreeSet<Sha256> = documents
        .iter()
        .filter(|stored| stored.state == DocumentState::Erased && stored.arrival.refusal.is_none())
        .map(|stored| stored.arrival.sha256)
        .collect();
    for sha256 in present.iter().filter(|sha256| !wanted.contains(sha256)) {
        if erased.contains(sha256) {
            verified.faults.push(format!("blob {sha256}: still there although its document is erased"));
        } else if blobs.age(sha256).is_ok_and(|age| age > ON_ITS_WAY) {
            verified.faults.push(format!("blob {sha256}: nothing refers to it"));
        }
    }
    verified.faults.extend(strangers.iter().map(|path| format!("{}: not a blob", path.display())));
}

/// What lies under one deposit's id.
#[derive(Default)]
struct Claimed {
    hashes: BTreeSet<Sha256>,
    /// In the archive, not merely on its way there.
    archived: Option<PathBuf>,
}

/// Every claim in the archive, and those that are on their way there or can never be moved.
fn archived(
    archive: &Path,
    claims: &[PathBuf],
    seal: &Seal,
    verified: &mut Verified,
) -> io::Result<BTreeMap<String, Claimed>> {
    let mut found: BTreeMap<String, Claimed> = BTreeMap::new();
    // Acknowledgements are archived beside the documents, and are none.
    let days = entries(archive)?.into_iter().filter(|day| day.is_dir() && !day.ends_with("accuses"));
    for (folder, is_archive) in days.map(|day| (day, true)).chain(claims.iter().map(|claims| (claims.clone(), false))) {
        for claim in entries(&folder)? {
            let name = claim.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let id = name.get(..32).filter(|_| name.get(32..34) == Some("__"));
            let Some(id) = id.filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit())) else {
                // A copy to another file system that a kill cut off is written anew under its own name.
                if !name.starts_with('.') {
                    verified.faults.push(format!("{}: not a claim", claim.display()));
                }
                continue;
            };
            let of_claim = found.entry(id.to_owned()).or_default();
            for file in files(&claim)? {
                of_claim.hashes.extend(seal.hashes(&file)?);
                verified.archived += usize::from(is_archive);
            }
            if is_archive {
                of_claim.archived = Some(claim);
            }
        }
    }
    Ok(found)
}

/// Every document lies in the archive with the bytes it was received with, unless its claim is still in the inbox; nothing
/// lies there that is of no document, or of an erased one.
fn archive(documents: &[Stored], found: &BTreeMap<String, Claimed>, verified: &mut Verified) {
    let mut known = BTreeSet::new();
    let mut kept: BTreeMap<String, BTreeSet<Sha256>> = BTreeMap::new();
    for stored in documents {
        let arrival = &stored.arrival;
        known.insert(arrival.deposit.to_string());
        if !has_bytes(stored) {
            continue;
        }
        kept.entry(arrival.deposit.to_string()).or_default().insert(arrival.sha256);
        match found.get(&arrival.deposit.to_string()) {
            Some(claim) if claim.hashes.contains(&arrival.sha256) => {}
            Some(_) => verified
                .faults
                .push(format!("document {}: its archived bytes are not those received", arrival.document)),
            // Received a moment ago, or on a share that cannot be reached now.
            None if stored.state == DocumentState::Received => {}
            None => verified.faults.push(format!("document {}: not in the archive", arrival.document)),
        }
    }
    for stored in documents.iter().filter(|stored| stored.state == DocumentState::Erased) {
        let arrival = &stored.arrival;
        let deposit = arrival.deposit.to_string();
        let still = found.get(&deposit).is_some_and(|claim| claim.hashes.contains(&arrival.sha256));
        if still && !kept.get(&deposit).is_some_and(|kept| kept.contains(&arrival.sha256)) {
            verified.faults.push(format!("document {}: erased, and still in the archive", arrival.document));
        }
    }
    for (id, claim) in found {
        if let (false, Some(path)) = (known.contains(id), &claim.archived) {
            verified.faults.push(format!("{}: no document came from it", path.display()));
        }
    }
}

/// What lies in an outbox has the bytes of its row; nothing that was published lies on a stage; nothing else lies there.
async fn outboxes(
    declarations: &[DeclarationLine],
    store: &dyn Store,
    outbox: &Path,
    verified: &mut Verified,
) -> Result<(), Unverifiable> {
    let rows: BTreeMap<&str, &DeclarationLine> = declarations.iter().map(|row| (row.name.as_str(), row)).collect();
    // Names of companions are the declaration's with something behind it: the row is the last one that is not after the name.
    let row_of =
        |name: &str| rows.range(..=name).next_back().map(|(_, row)| *row).filter(|row| name.starts_with(&row.name));
    for folder in entries(outbox)?.into_iter().filter(|folder| folder.is_dir()) {
        for path in entries(&folder)?.into_iter().filter(|path| path.is_file()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let Some(row) = row_of(&name) else {
                verified.faults.push(format!("{}: no declaration is of this name", path.display()));
                continue;
            };
            if matches!(row.state, OutgoingState::New | OutgoingState::Recalled) {
                verified.faults.push(format!("{}: offered although it is {:?}", path.display(), row.state));
            }
            let found = match fs::read(&path) {
                // Fetched between the listing and now.
                Err(err) if err.kind() == io::ErrorKind::NotFound => continue,
                read => read?,
            };
            let outgoing = store.outgoing(&row.name).await?;
            match outgoing.as_ref().and_then(|outgoing| written(outgoing, &name)) {
                Some(bytes) if bytes == found => {}
                Some(_) => verified.faults.push(format!("{}: not the bytes that were written", path.display())),
                None if name.ends_with(PIECES) && carries(outgoing.as_ref(), &found) => {}
                None => verified.faults.push(format!("{}: no declaration has this companion", path.display())),
            }
        }
        for path in entries(&folder.join(".stage"))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match row_of(&name).map(|row| row.state) {
                Some(OutgoingState::New | OutgoingState::Staged) => {}
                Some(state) => {
                    verified.faults.push(format!("{}: still on the stage although {state:?}", path.display()));
                }
                None if name.starts_with('.') => {}
                None => verified.faults.push(format!("{}: no declaration is of this name", path.display())),
            }
        }
    }
    Ok(())
}

/// The archive holds the documents that the declaration names, and these bytes only.
fn carries(outgoing: Option<&Outgoing>, archive: &[u8]) -> bool {
    let named = outgoing.into_iter().flat_map(|outgoing| &outgoing.pieces);
    let named: Vec<(String, Sha256)> = named.map(|piece| (piece.name.clone(), piece.sha256)).collect();
    bundle::unpack(archive).is_ok_and(|found| found == named)
}

/// The bytes a file of this declaration was given.
fn written(outgoing: &Outgoing, name: &str) -> Option<Vec<u8>> {
    outgoing.files().into_iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes)
}

/// Every purge that the journal tells of has its list, unchanged; and none is in the middle.
async fn purges(store: &dyn Store, var: &Path, verified: &mut Verified) -> Result<(), Unverifiable> {
    for line in store.purges().await? {
        verified.purges += 1;
        let (Some(id), Some(hash)) = (line["list"].as_str(), line["sha256"].as_str()) else { continue };
        if hash.is_empty() {
            continue;
        }
        match List::read(var, id) {
            Ok(list) if list.hash() == hash => {}
            Ok(_) => verified.faults.push(format!("purge {id}: its list is not the one the journal knows")),
            Err(err) => verified.faults.push(format!("purge {id}: its list cannot be read ({err}); was it finished?")),
        }
    }
    Ok(())
}

/// A journal rewritten as a whole holds together; heads kept elsewhere tell.
async fn kept_heads(store: &dyn Store, heads: &Path, verified: &mut Verified) -> Result<(), Unverifiable> {
    let text = match fs::read_to_string(heads) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => read?,
    };
    let first = store.journal_first().await?;
    for line in text.lines() {
        let mut words = line.split_whitespace().skip(1);
        let (number, hash) = (words.next().and_then(|number| number.parse::<i64>().ok()), words.next());
        let (Some(number), Some(hash)) = (number, hash) else {
            verified.faults.push(format!("{}: {line:?} is no head of a journal", heads.display()));
            continue;
        };
        verified.heads += 1;
        if first.is_none_or(|first| number >= first) && store.journal_hash(number).await?.as_deref() != Some(hash) {
            verified.faults.push(format!("journal: row {number} is not the one kept as head ({line})"));
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
    for entry in walkdir::WalkDir::new(path).follow_root_links(false) {
        let entry = entry.map_err(io::Error::from)?;
        if entry.file_type().is_file() {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}
