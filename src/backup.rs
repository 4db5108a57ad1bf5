//! A copy of an installation from which it can be put up again, made while the daemon runs.
//!
//! The database is copied first, as of one instant; then the blobs, which are only ever added: every blob the copy names is there.
//! `manifest.json` lists every file with its hash; [`restore`] believes nothing else.
//!
//! A restored installation does not know what happened after the copy: declarations that were on their way may have been published
//! since, and numbers may have been given. Their errands are therefore parked for a person to look at, never repeated by
//! themselves.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::app::DATABASE;
use crate::config::{Config, FILE_NAME};
use crate::domain::document::Sha256;
use crate::durable;
use crate::store::{SqliteStore, Store};

const MANIFEST: &str = "manifest.json";

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub version: String,
    /// Relative path to SHA-256.
    pub files: BTreeMap<String, Sha256>,
}

/// Copies an installation into a folder that is empty or does not exist.
pub async fn backup(config: &Config, store: &dyn Store, folder: &Path) -> anyhow::Result<Manifest> {
    empty(folder)?;
    let mut manifest = Manifest { version: env!("CARGO_PKG_VERSION").to_owned(), files: BTreeMap::new() };
    let database = folder.join(DATABASE);
    store.copy_to(&database).await?;
    durable::sync(&fs::File::open(&database)?)?;
    manifest.files.insert(DATABASE.to_owned(), Sha256::of(&fs::read(&database)?));
    let mut sources =
        vec![(config.var().join("blobs"), "blobs"), (config.schemas(), "schemas"), (config.templates(), "templates")];
    let file = config.root.join(FILE_NAME);
    if file.is_file() {
        copy(&file, folder, FILE_NAME, &mut manifest)?;
    }
    sources.retain(|(path, _)| path.is_dir());
    for (source, name) in sources {
        for entry in walkdir::WalkDir::new(&source).sort_by_file_name() {
            let entry = entry?;
            if entry.file_type().is_file() {
                let below = entry.path().strip_prefix(&source)?.to_string_lossy().into_owned();
                copy(entry.path(), folder, &format!("{name}/{below}"), &mut manifest)?;
            }
        }
    }
    let text = serde_json::to_vec_pretty(&manifest)?;
    durable::write("backup", &folder.join(".manifest.tmp"), &folder.join(MANIFEST), &text, 0o600)?;
    Ok(manifest)
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
pub async fn restore(copy: &Path, folder: &Path) -> anyhow::Result<Restored> {
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
    let config = Config::load(folder)?;
    for name in manifest.files.keys() {
        let target: PathBuf = match name.split_once('/') {
            _ if name == FILE_NAME => continue,
            Some(("blobs", below)) => config.var().join("blobs").join(below),
            Some(("schemas", below)) => config.schemas().join(below),
            Some(("templates", below)) => config.templates().join(below),
            _ if name == DATABASE => config.var().join(DATABASE),
            _ => bail!("the manifest names {name:?}, which no backup holds"),
        };
        place(copy, name, &target)?;
    }
    let store = SqliteStore::open(&config.var().join(DATABASE)).await?;
    let on_their_way = store.distrust_outgoing("restored from a backup: was it published meanwhile?").await?;
    store.close().await;
    Ok(Restored { files: manifest.files.len(), on_their_way })
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
