//! `guichet init`: lays out an installation.

use std::path::PathBuf;

use clap::Args;

use super::OK;
use crate::shipped::Laid;

const EXAMPLES: &str = "\
Examples:
  guichet init /srv/guichet --bank 08 --bank 10    two banks deposit here
  guichet init /srv/guichet                        every known bank has a folder
  guichet init /srv/guichet                        again, after an upgrade: brings schemas and templates up to date";

/// Makes folders, configuration, schemas and templates; run again, adds what is missing and brings what is old up to date.
///
/// Configuration and folders that are there stay as they are. A schema or template of an earlier version is replaced when nobody
/// changed it. One that was changed stays, and where the program's has changed too that one is laid beside it as NAME.new: bring
/// over what you want, then remove it. `guichet check` says beforehand which are which.
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
        let laid = crate::app::init(&self.folder, &self.banks)?;
        let fresh = laid.made.iter().any(|path| path.ends_with(crate::config::FILE_NAME));
        if self.json {
            println!(
                "{}",
                serde_json::to_string_pretty(&serde_json::json!({ "folder": self.folder, "made": laid.made,
                "replaced": laid.replaced, "beside": laid.beside }))?
            );
            return Ok(OK);
        }
        let folder = self.folder.display();
        if laid == Laid::default() {
            println!("{folder}: everything is there and up to date");
        }
        if !laid.made.is_empty() {
            println!("{folder}: {} files and folders made", laid.made.len());
        }
        if !laid.replaced.is_empty() {
            println!(
                "{folder}: {} files of an earlier version, not changed here, brought up to date:",
                laid.replaced.len()
            );
            tell(&laid.replaced);
        }
        if !laid.beside.is_empty() {
            println!(
                "{folder}: {} files were changed here and in the program; yours stay as they are, the program's lie beside:",
                laid.beside.len()
            );
            tell(&laid.beside);
            println!("Bring over what you want (diff -u NAME NAME.new), then remove the .new; then `guichet check`.");
        }
        if fresh {
            println!("Next:");
            println!("  1. write the banks' mailboxes into {}", self.folder.join(crate::config::FILE_NAME).display());
            println!("  2. guichet check --config {0}", self.folder.display());
            println!("  3. guichet run --config {0}", self.folder.display());
        }
        Ok(OK)
    }
}

fn tell(paths: &[PathBuf]) {
    for path in paths {
        println!("  {}", path.display());
    }
}
