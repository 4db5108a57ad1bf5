//! `guichet init`: lays out an installation.

use std::path::PathBuf;

use clap::Args;

use super::OK;

/// Makes folders, configuration, schemas and templates; what is there already stays as it is.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Folder of the installation
    folder: PathBuf,
    /// Two-digit code of a bank that deposits here (repeat it; every known bank when absent)
    #[arg(long = "bank", value_name = "CODE")]
    banks: Vec<String>,
}

impl Init {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let made = crate::app::init(&self.folder, &self.banks)?;
        if made.is_empty() {
            println!("{}: everything is there already", self.folder.display());
        } else {
            println!("{}: {} files and folders made", self.folder.display(), made.len());
            println!("Next: set the banks' mailboxes in guichet.toml, then `guichet check` and `guichet run`.");
        }
        Ok(OK)
    }
}
