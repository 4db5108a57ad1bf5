//! Keeping an installation: `verify`, `backup`, `restore`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::at::{At, block_on};
use super::{NO, OK};
use crate::clock::Clock;
use crate::{app, backup, verify};

/// Compares what is on the disk with what is remembered: blobs, archive, numbers, outboxes, journal
///
/// Ends with 1 when a fault is found.
#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    at: At,
    /// Heads of the journal as they were kept elsewhere; var/journal-heads.txt when not given
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
    /// One JSON object instead of lines
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let config = self.at.load()?;
        let verified = block_on(async {
            let desk = app::desk(config).await?;
            let heads = self.heads.clone().unwrap_or_else(|| app::heads_file(&desk.config));
            let claims = app::claim_folders(&desk);
            anyhow::Ok(verify::verify(&desk.config, &*desk.store, &desk.blobs, &claims, &heads).await?)
        })?;
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, &verified)?;
            writeln!(out)?;
        } else {
            for fault in &verified.faults {
                writeln!(out, "{fault}")?;
            }
            writeln!(
                out,
                "{} documents, {} blobs, {} archived files, {} declarations: {} faults",
                verified.documents,
                verified.blobs,
                verified.archived,
                verified.declarations,
                verified.faults.len()
            )?;
        }
        Ok(if verified.faults.is_empty() { OK } else { NO })
    }
}

/// Copies the installation (database, originals, configuration, forms, words) while it runs
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// An empty or new folder
    folder: PathBuf,
    #[command(flatten)]
    at: At,
}

impl Backup {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let config = self.at.load()?;
        let manifest = block_on(async {
            let desk = app::desk(config).await?;
            let now = desk.clock.now();
            backup::backup(&desk.config, &*desk.store, &*desk.scribe, now, &self.folder).await
        })?;
        writeln!(std::io::stdout(), "{} files copied to {}", manifest.files.len(), self.folder.display())?;
        Ok(OK)
    }
}

/// Puts an installation up from a backup
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The folder `guichet backup` made
    backup: PathBuf,
    /// An empty or new folder
    folder: PathBuf,
}

impl Restore {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let restored = block_on(async {
            let now = crate::clock::SystemClock::start().now();
            backup::restore(&self.backup, &self.folder, now).await
        })?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{} files restored to {}", restored.files, self.folder.display())?;
        for name in &restored.on_their_way {
            writeln!(out, "{name} was on its way: ask its consumer whether it arrived, then `guichet retry`")?;
        }
        Ok(OK)
    }
}
