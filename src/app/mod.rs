//! Builds the desk from the configuration, starts and stops what works at it.
//!
//! Exit codes beside those of the command line: 74 when the disk failed, 75 when another guichet holds the installation, 78 when the
//! configuration is at fault.

mod condition;
mod counter;
mod daily;
mod init;
mod keeping;
mod lock;
mod work;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::{Mutex, watch};

use crate::blobs::Blobs;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Sandbox};
use crate::durable;
use crate::intake::Intake;
use crate::isolation::{self, Isolation};
use crate::layouts::Layouts;
use crate::outbox::{Inboxes, Outboxes};
use crate::post::Post;
use crate::procedure::{Desk, Reader};
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::seal::Seal;
use crate::store::SqliteStore;

pub use condition::Condition;
pub use daily::heads_file;
pub use init::init;
pub use keeping::{claim_folders, expired, purge, seal_over};
pub use lock::{Busy, is_held};
pub use work::Scanned;

/// Name of the database under the storage folder.
pub const DATABASE: &str = "guichet.db";

/// Runs the daemon until `stop` turns true. SIGHUP reads the configuration again and keeps the old one if the new is bad.
pub async fn run(path: &Path, stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let mut config = Config::load(path)?;
    loop {
        match work::serve(config, path, stop.clone()).await? {
            work::End::Stopped => return Ok(()),
            work::End::NewConfiguration(new) => config = *new,
        }
    }
}

/// Treats what lies in the inbox and what waits to go out, and ends when nothing more can be done now.
pub async fn scan(config: Config) -> anyhow::Result<Scanned> {
    work::scan(desk(config).await?).await
}

/// The desk of an installation, for a command that reads or that records an event beside the running daemon.
pub async fn desk(config: Config) -> anyhow::Result<Arc<Desk>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let forms = Arc::new(forms(&config)?);
    let reader = Reader::Isolated(isolation(&config, &forms)?);
    desk_with(config, clock, forms, reader).await
}

/// As [`desk`], with the clock and the reader given.
pub async fn desk_with(
    mut config: Config,
    clock: Arc<dyn Clock>,
    forms: Arc<Forms>,
    reader: Reader,
) -> anyhow::Result<Arc<Desk>> {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let var = config.var();
    durable::private_folder(&var).with_context(|| format!("{}", var.display()))?;
    let schemas = config.schemas();
    let (rules, layouts) = if schemas.is_dir() {
        (Rules::load(&schemas, &forms)?, Layouts::load(&schemas)?)
    } else {
        (Rules::built_in(&forms), Layouts::built_in())
    };
    let (rules, layouts) = (Arc::new(rules), Arc::new(layouts));
    let bank_folders = config.bank.iter().map(|bank| bank.folder.clone()).collect();
    if config.bank.is_empty() {
        config.bank = init::known_banks(&rules);
    }
    let store = Arc::new(SqliteStore::open(&var.join(DATABASE)).await?);
    let seal = config.storage.keys.as_ref().map(Seal::with).transpose().map_err(anyhow::Error::msg)?;
    let blobs = Blobs::open(&var).with_context(|| format!("{}", var.display()))?.sealed(seal.unwrap_or_default());
    let (inbox, outbox) = (&config.inbox, &config.outbox);
    Ok(Arc::new(Desk {
        post: Post::open(&config.post, &config.root).map_err(anyhow::Error::msg)?,
        outboxes: Outboxes { root: config.outbox(), file_mode: outbox.file_mode.0, blobs: blobs.clone() },
        blobs,
        inboxes: Inboxes { root: config.inbox(), folder_mode: inbox.folder_mode.0, file_mode: inbox.answer_mode.0 },
        scribe: Arc::new(crate::scribe::open(&config, Arc::clone(&forms), Arc::clone(&rules), Arc::clone(&layouts))?),
        carried: layouts.carried.clone(),
        rules,
        bank_folders,
        deciding: Mutex::new(()),
        bell: watch::Sender::new(0),
        forms,
        store,
        clock,
        reader,
        config,
    }))
}

/// Which walls stand round the children that read documents.
pub fn layers(config: &Config) -> anyhow::Result<isolation::Layers> {
    Ok(isolation(config, &forms(config)?)?.layers()?)
}

/// The room where files come in.
fn intake(desk: &Desk) -> Intake {
    Intake::new(intake_settings(desk), Arc::clone(&desk.store), desk.blobs.clone(), Arc::clone(&desk.clock))
}

fn intake_settings(desk: &Desk) -> crate::intake::Settings {
    let config = &desk.config;
    crate::intake::Settings {
        inbox: config.inbox(),
        archive: config.var().join("archive"),
        banks: desk.bank_folders.clone(),
        quiet: config.inbox.quiet,
        patience: config.inbox.patience,
        file_bytes: config.limits.file_bytes,
        deposit_files: config.limits.deposit_files,
    }
}

fn forms(config: &Config) -> anyhow::Result<Forms> {
    let folder = config.schemas();
    Ok(if folder.is_dir() { Forms::load(&folder)? } else { Forms::built_in() })
}

fn isolation(config: &Config, forms: &Forms) -> anyhow::Result<Isolation> {
    let limits = &config.limits;
    let settings = isolation::Settings {
        hands: limits.hands(),
        time: limits.document,
        processor: limits.processor,
        memory: limits.memory_bytes,
        best_effort: limits.sandbox == Sandbox::BestEffort,
        children: limits.children,
        models: std::env::var_os(crate::extraction::MODELS).map_or_else(|| config.models(), PathBuf::from),
        ..isolation::Settings::default()
    };
    Ok(Isolation::new(settings, forms)?)
}

#[cfg(test)]
mod days;
#[cfg(test)]
mod test_phase;
#[cfg(test)]
mod tests;
