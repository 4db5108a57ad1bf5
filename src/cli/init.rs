//! `guichet init`: lays out an installation.

use std::path::PathBuf;

use clap::Args;

use super::OK;

const EXAMPLES: &str = "\
Examples:
  guichet init /srv/guichet --bank 08 --bank 10    two banks deposit here
  guichet init /srv/guichet                        every known bank has a folder
  guichet init .                                   again: adds only what is missing";

/// Makes folders, configuration, schemas and templates; what is there already stays as it is.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Init {
    /// Folder of the installation
    folder: PathBuf,
    /// Two-digit code of a bank that deposits here (repeat it; every known bank when absent)
    #[arg(long = "bank", value_name = "CODE")]
    banks: Vec<String>,
    /// What was made, as JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let made = crate::app::init(&self.folder, &self.banks)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "folder": self.folder, "made": made }))?);
        } else if made.is_empty() {
            println!("{}: everything is there already", self.folder.display());
        } else {
            println!("{}: {} files and folders made", self.folder.display(), made.len());
            println!("Next:");
            println!("  1. write the banks' mailboxes into {}", self.folder.join(crate::config::FILE_NAME).display());
            println!("  2. guichet check --config {0}", self.folder.display());
            println!("  3. guichet run --config {0}", self.folder.display());
        }
        Ok(OK)
    }
}
