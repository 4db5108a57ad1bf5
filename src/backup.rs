//! A copy of an installation from which it can be put up again, made while the daemon runs.
//!
//! The database is copied first, as of one instant; then the blobs, which are only ever added: every blob the copy names is there.
//! `manifest.json` lists every file with its hash; [`restore`] believes nothing else. The archive is not copied: it holds the blobs'
//! bytes once more, and [`restore`] lays it out again from them.
//!
//! Crash argument: the journal names the folder before anything is copied; the manifest is written last (`backup.opened`,
//! `backup.written`, `backup.renamed`, `backup.folder_synced` at each file), and without it a folder is no copy. [`restore`] reads
//! everything before it writes anything (`restore.…` at each file); what a kill leaves is not empty, and is refused until it is removed.
//!
//! Originals are copied as they lie: those that are sealed stay so, and the key is not copied. It is kept elsewhere, or the copy is
//! worth nothing. [`restore`] wants no key; `guichet verify`, run there once the key is in its place, opens and hashes them all.
//!
//! Documents set aside for a card number are left out, and taken out of earlier copies when their time is over ([`forget`]): the
//! journal knows every folder a copy was made in.
//!
//! A restored installation does not know what happened after the copy: declarations that were on their way may have been published
//! since, and numbers may have been given. Their errands are therefore parked for a person to look at, never repeated by
//! themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::{DATABASE, heads_file};
use crate::blobs::Blobs;
use crate::clock::in_tunis;
use crate::config::{Config, FILE_NAME};
use crate::domain::document::Sha256;
use crate::durable;
use crate::store::{Cause, Class, DocumentState, Expired, ExpiredDocument, Minute, Scribe, SqliteStore, Store, Stored};

const MANIFEST: &str = "manifest.json";
const HEADS: &str = "journal-heads.txt";
const PURGES: &str = "purges";

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub version: String,
    /// Relative path to SHA-256.
    pub files: BTreeMap<String, Sha256>,
    /// Documents whose bytes are not here, because nobody may keep them.
    #[serde(default)]
    pub left_out: BTreeSet<Sha256>,
}

/// Copies an installation into a folder that is empty or does not exist.
pub async fn backup(
    config: &Config,
    store: &dyn Store,
    scribe: &dyn Scribe,
    now: Timestamp,
    folder: &Path,
) -> anyhow::Result<Manifest> {
    empty(folder)?;
    // Noted before anything is copied: no copy exists that the journal does not know.
    let shown = folder.canonicalize()?.to_string_lossy().into_owned();
    let mut minute = Minute::new(Cause::Event, now);
    minute.notes.push(("backed_up", json!({ "folder": shown })));
    store.commit(minute, scribe).await?;
    let mut documents = store.documents().await?;
    documents.retain(|stored| stored.state == DocumentState::Quarantined);
    let left_out: BTreeSet<Sha256> = documents.into_iter().map(|stored| stored.arrival.sha256).collect();
    let mut manifest =
        Manifest { version: env!("CARGO_PKG_VERSION").to_owned(), files: BTreeMap::new(), left_out: left_out.clone() };
    let database = folder.join(DATABASE);
    store.copy_to(&database).await?;
    durable::sync(&fs::File::open(&database)?)?;
    manifest.files.insert(DATABASE.to_owned(), Sha256::of(&fs::read(&database)?));
    let mut sources = vec![
        (config.var().join("blobs"), "blobs"),
        (config.var().join(PURGES), PURGES),
        (config.schemas(), "schemas"),
        (config.templates(), "templates"),
    ];
    for (file, name) in [(config.root.join(FILE_NAME), FILE_NAME), (heads_file(config), HEADS)] {
        if file.is_file() {
            copy(&file, folder, name, &mut manifest)?;
        }
    }
    sources.retain(|(path, _)| path.is_dir());
    for (source, name) in sources {
        for entry in walkdir::WalkDir::new(&source).sort_by_file_name() {
            let entry = entry?;
            if entry.file_type().is_file() {
                let below = entry.path().strip_prefix(&source)?.to_string_lossy().into_owned();
                if name == "blobs" && Sha256::parse(&below).is_some_and(|sha256| left_out.contains(&sha256)) {
                    continue;
                }
                copy(entry.path(), folder, &format!("{name}/{below}"), &mut manifest)?;
            }
        }
    }
    write_manifest(folder, &manifest)?;
    Ok(manifest)
}

fn write_manifest(folder: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    let text = serde_json::to_vec_pretty(manifest)?;
    Ok(durable::write("backup", &folder.join(".manifest.tmp"), &folder.join(MANIFEST), &text, 0o600)?)
}

/// Takes originals out of a copy for good; says how many were there.
pub fn forget(copy: &Path, hashes: &BTreeSet<Sha256>) -> anyhow::Result<usize> {
    let mut manifest: Manifest = serde_json::from_slice(&fs::read(copy.join(MANIFEST))?)?;
    let mut forgotten = 0;
    for sha256 in hashes {
        manifest.left_out.insert(*sha256);
        let name = format!("blobs/{sha256}");
        if manifest.files.remove(&name).is_some() {
            forgotten += 1;
        }
    }
    // Written first: killed in between, the file is no longer part of the copy, and goes at the next attempt.
    write_manifest(copy, &manifest)?;
    for sha256 in hashes {
        match fs::remove_file(copy.join(format!("blobs/{sha256}"))) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            gone => gone?,
        }
    }
    Ok(forgotten)
}

fn copy(from: &Path, folder: &Path, name: &str, manifest: &mut Manifest) -> anyhow::Result<()> {
    let bytes = match fs::read(from) {
        // Erased at the end of its retention between the listing and the copy.
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => read.with_context(|| format!("{}", from.display()))?,
    };
    let target = folder.join(name);
    let parent = target.parent().unwrap_or(folder);
    durable::private_folder(parent)?;
    durable::write("backup", &parent.join(".copying"), &target, &bytes, 0o600)
        .with_context(|| format!("{}", target.display()))?;
    manifest.files.insert(name.to_owned(), Sha256::of(&bytes));
    Ok(())
}

/// What a restored installation must be told.
#[derive(Debug, Serialize)]
pub struct Restored {
    pub files: usize,
    /// Declarations that were on their way: only Monétique-Tunisie or the bank knows whether they arrived.
    pub on_their_way: Vec<String>,
}

/// Puts an installation up from a copy, in a folder that is empty or does not exist.
pub async fn restore(copy: &Path, folder: &Path, now: Timestamp) -> anyhow::Result<Restored> {
    let manifest: Manifest =
        serde_json::from_slice(&fs::read(copy.join(MANIFEST)).context("no manifest: not a backup")?)?;
    let mut faults = Vec::new();
    for (name, sha256) in &manifest.files {
        if Path::new(name).components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
            bail!("the manifest names {name:?}, which is outside the backup");
        }
        match fs::read(copy.join(name)) {
            Ok(bytes) if Sha256::of(&bytes) == *sha256 => {}
            Ok(_) => faults.push(format!("{name}: changed since it was copied")),
            Err(err) => faults.push(format!("{name}: {err}")),
        }
    }
    if !faults.is_empty() {
        bail!("the backup is not whole, nothing was restored:\n{}", faults.join("\n"));
    }
    empty(folder)?;
    if manifest.files.contains_key(FILE_NAME) {
        place(copy, FILE_NAME, &folder.join(FILE_NAME))?;
    }
    // Secrets are not in a copy: that they are missing here is told when they are needed.
    let (config, faults) = Config::survey(folder);
    let config = config.with_context(|| faults.join("\n"))?;
    for name in manifest.files.keys() {
        let target: PathBuf = match name.split_once('/') {
            _ if name == FILE_NAME => continue,
            Some(("blobs", below)) => config.var().join("blobs").join(below),
            Some(("schemas", below)) => config.schemas().join(below),
            Some(("templates", below)) => config.templates().join(below),
            Some((PURGES, below)) => config.var().join(PURGES).join(below),
            _ if name == DATABASE => config.var().join(DATABASE),
            _ if name == HEADS => heads_file(&config),
            _ => bail!("the manifest names {name:?}, which no backup holds"),
        };
        place(copy, name, &target)?;
    }
    let store = SqliteStore::open(&config.var().join(DATABASE)).await?;
    let on_their_way = store.distrust_outgoing("restored from a backup: was it published meanwhile?").await?;
    let documents = store.documents().await?;
    let (gone, kept): (Vec<_>, Vec<_>) = documents
        .into_iter()
        .filter(|stored| stored.arrival.refusal.is_none() && stored.state != DocumentState::Erased)
        .partition(|stored| manifest.left_out.contains(&stored.arrival.sha256));
    erased(&store, &gone, now).await?;
    archive(&config, &kept)?;
    store.close().await;
    Ok(Restored { files: manifest.files.len(), on_their_way })
}

/// What was left out of the copy is erased, and the journal says so.
async fn erased(store: &SqliteStore, gone: &[Stored], now: Timestamp) -> anyhow::Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    let documents = gone
        .iter()
        .map(|stored| ExpiredDocument {
            document: stored.arrival.document,
            deposit: stored.arrival.deposit,
            sha256: stored.arrival.sha256,
            class: Class::CardNumber,
            dossier: stored.dossier.clone(),
        })
        .collect();
    let expired = Expired { documents, ..Expired::default() };
    Ok(store.erase(&expired, "restored", "", "guichet", now).await?)
}

/// Every original once more under its deposit, as the archive holds them; its name as dropped stays in the row only.
fn archive(config: &Config, kept: &[Stored]) -> anyhow::Result<()> {
    let blobs = Blobs::open(&config.var())?;
    let archive = config.var().join("archive");
    durable::private_folder(&archive)?;
    for stored in kept {
        let arrival = &stored.arrival;
        let day = archive.join(in_tunis(arrival.received).date().to_string());
        let claim = day.join(format!("{}__restored", arrival.deposit));
        durable::private_folder(&claim)?;
        let bytes = blobs.as_it_lies(&arrival.sha256).with_context(|| format!("document {}", arrival.document))?;
        durable::write("restore", &claim.join(".restoring"), &claim.join(arrival.document.to_string()), &bytes, 0o600)?;
    }
    Ok(())
}

fn place(copy: &Path, name: &str, target: &Path) -> anyhow::Result<()> {
    let parent = target.parent().unwrap_or(target);
    durable::private_folder(parent)?;
    let bytes = fs::read(copy.join(name))?;
    durable::write("restore", &parent.join(".restoring"), target, &bytes, 0o600)
        .with_context(|| format!("{}", target.display()))
}

fn empty(folder: &Path) -> anyhow::Result<()> {
    durable::private_folder(folder).with_context(|| format!("{}", folder.display()))?;
    if fs::read_dir(folder)?.next().is_some() {
        bail!("{} is not empty", folder.display());
    }
    Ok(())
}
