//! Documents named on the command line are as hostile as those dropped: they are read behind the same walls.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::Value as Json;
use tokio::task::JoinHandle;

use crate::domain::document::Reading;
use crate::domain::file_name;
use crate::extraction::PagePicture;
use crate::isolation::{Isolation, Settings, Unavailable};

/// Larger files are refused before they are read.
const LARGEST_FILE: u64 = 64 << 20;
/// How often a document is tried that the machine left no time to.
const TRIES: usize = 3;

/// The walls documents are read behind.
#[derive(Debug, Args)]
pub(super) struct Walls {
    /// Read even where this kernel cannot close the reading process off
    #[arg(long)]
    best_effort: bool,
    /// Documents read at once; one per processor when absent
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
}

impl Walls {
    /// `models`: the folder of the models that read scans, when it is not the usual one.
    pub(super) fn settings(&self, models: Option<&Path>) -> Settings {
        let settings = Settings::default();
        Settings {
            best_effort: self.best_effort,
            hands: self.jobs.unwrap_or(settings.hands),
            models: models.map_or(settings.models, Path::to_owned),
            ..settings
        }
    }
}

/// Readings in the order of their files, some read ahead.
pub(super) struct Readings {
    isolation: Isolation,
    files: std::vec::IntoIter<PathBuf>,
    ahead: VecDeque<JoinHandle<anyhow::Result<Reading>>>,
}

/// Reads files, each in a process of its own, as many at once as the machine has processors.
pub(super) fn behind_walls(isolation: Isolation, files: Vec<PathBuf>) -> Readings {
    Readings { isolation, files: files.into_iter(), ahead: VecDeque::new() }
}

impl Readings {
    pub(super) async fn next(&mut self) -> Option<anyhow::Result<Reading>> {
        // A slow file at the front must not leave the others' processors idle; nor may all files wait in memory.
        while self.ahead.len() < 4 * self.isolation.hands() {
            let Some(file) = self.files.next() else { break };
            let isolation = self.isolation.clone();
            self.ahead.push_back(tokio::spawn(async move { read(&isolation, &file).await }));
        }
        let first = self.ahead.pop_front()?;
        Some(first.await.unwrap_or_else(|err| Err(err.into())))
    }
}

async fn read(isolation: &Isolation, file: &Path) -> anyhow::Result<Reading> {
    let (name, bytes) = contents(file)?;
    patiently(file, || isolation.read(&name, Arc::clone(&bytes))).await
}

/// A reading with its pages as pictures.
pub(super) async fn pictured(isolation: &Isolation, file: &Path) -> anyhow::Result<(Reading, Vec<PagePicture>)> {
    let (name, bytes) = contents(file)?;
    patiently(file, || isolation.show(&name, Arc::clone(&bytes))).await
}

async fn patiently<T, F: Future<Output = Result<T, Unavailable>>>(
    file: &Path,
    work: impl Fn() -> F,
) -> anyhow::Result<T> {
    let mut tried = 1;
    loop {
        match work().await {
            Err(Unavailable::Overloaded) if tried < TRIES => tried += 1,
            done => return done.with_context(|| format!("reading {}", file.display())),
        }
    }
}

/// What is seen in a file before any schema.
pub(super) async fn inspected(isolation: &Isolation, file: &Path) -> anyhow::Result<Json> {
    let (name, bytes) = contents(file)?;
    isolation.inspect(&name, bytes).await.with_context(|| format!("reading {}", file.display()))
}

/// A file's name for people and its bytes, refusing what is too large before reading it.
fn contents(file: &Path) -> anyhow::Result<(String, Arc<[u8]>)> {
    use std::os::unix::ffi::OsStrExt;
    let length = std::fs::metadata(file).with_context(|| format!("reading {}", file.display()))?.len();
    anyhow::ensure!(
        length <= LARGEST_FILE,
        "{}: {length} bytes is more than the {LARGEST_FILE} a document may have",
        file.display()
    );
    let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    Ok((file_name::shown(file.file_name().unwrap_or_default().as_bytes()), bytes.into()))
}
