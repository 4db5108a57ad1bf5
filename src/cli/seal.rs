//! `guichet seal`: a key for the originals, and the originals that were kept before there was one.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use secrecy::ExposeSecret;

use super::OK;
use super::at::At;
use crate::app;
use crate::seal::Seal;

/// Seals originals with age: makes a key, or seals what was kept before there was one
///
/// `[storage] key_file` names the key; the daemon seals with its first line. Keep a copy of the key elsewhere: without it nothing
/// that is sealed can be read again, not from a backup either.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guichet seal --new-key blobs.key     make a key; name it in [storage] key_file\n  \
    guichet seal                         seal what lies open: originals, archive, acknowledgements"
)]
pub(super) struct SealOver {
    /// Write a new key into this file, which must not exist, and end
    #[arg(long, value_name = "FILE")]
    new_key: Option<PathBuf>,
    #[command(flatten)]
    at: At,
}

impl SealOver {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let mut out = std::io::stdout();
        if let Some(path) = &self.new_key {
            let (key, name) = Seal::new_key();
            let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
            let mut file = file.with_context(|| format!("{}", path.display()))?;
            file.write_all(key.expose_secret().as_bytes())?;
            file.sync_all()?;
            writeln!(out, "{name}")?;
            return Ok(OK);
        }
        self.at.with_desk(|desk| async move {
            if !desk.blobs.seal().is_on() {
                refuse!("[storage] key_file names no key, nothing was sealed; `guichet seal --new-key FILE` makes one");
            }
            writeln!(out, "{} fichiers scellés.", app::seal_over(&desk).await?)?;
            Ok(OK)
        })
    }
}
