//! `guichet demo`: the main job on sample dossiers, live, in a scratch installation.
//!
//! A story in two acts: banks drop what merchants gave them and are answered; then Monétique-Tunisie and the banks answer in
//! their turn, until each sound merchant is live. The installation is a real one, and the daemon of `guichet run` does the work;
//! only the other side is played, by the practice counterparty.

mod news;
mod play;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::OK;
use super::at::block_on;
use crate::demo::{one_of_many, samples};
use crate::schemas::Forms;

const EXAMPLES: &str = "\
Examples:
  guichet demo                          watch, then drop files of your own; Ctrl-C ends
  guichet demo --once                   end when everything has been treated (exit code 0)
  guichet demo --dir /tmp/essai         keep the installation in a folder of your choice
  guichet demo --samples exemples       only write the sample documents, one folder per bank";

/// Makes a scratch installation, drops sample submissions of three banks and shows what becomes of each.
///
/// It keeps watching, so that you can drop a file of your own and see it treated; --once ends when all is done.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Demo {
    /// End when everything has been treated
    #[arg(long)]
    once: bool,
    /// Folder of the scratch installation; a new temporary one when absent
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Only write the sample documents into this folder, one folder per bank
    #[arg(long, value_name = "DIR", conflicts_with_all = ["once", "dir"])]
    samples: Option<PathBuf>,
    /// With --samples: write the forms of so many merchants instead, one PDF each
    #[arg(long, value_name = "N", requires = "samples")]
    many: Option<u32>,
}

impl Demo {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        match (&self.samples, self.many) {
            (Some(folder), Some(many)) => return write_many(folder, many),
            (Some(folder), None) => return write_samples(folder),
            (None, _) => {}
        }
        let root = match &self.dir {
            Some(dir) => dir.clone(),
            None => std::env::temp_dir().join(format!("guichet-demo-{}", std::process::id())),
        };
        let forms = Forms::built_in();
        let samples = samples(&forms)?;
        stage::set(&root, &forms)?;
        let root = root.canonicalize().with_context(|| format!("{}", root.display()))?;
        block_on(play::perform(&root, &samples, self.once))?;
        Ok(OK)
    }
}

/// Writes the samples for people who want to drop them by hand.
fn write_samples(folder: &Path) -> anyhow::Result<u8> {
    let mut written = 0;
    for sample in samples(&Forms::built_in())? {
        let folder = folder.join(sample.bank).join(sample.folder.as_deref().unwrap_or_default());
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        for (name, bytes) in &sample.files {
            fs::write(folder.join(name), bytes).with_context(|| format!("writing {name}"))?;
            written += 1;
        }
    }
    println!("{written} documents written to {}", folder.display());
    Ok(OK)
}

/// Writes the forms of many merchants: for measuring.
fn write_many(folder: &Path, many: u32) -> anyhow::Result<u8> {
    let forms = Forms::built_in();
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    for number in 1..=many {
        let path = folder.join(format!("comptoir-{number:05}.pdf"));
        fs::write(&path, one_of_many(&forms, number)?).with_context(|| format!("writing {}", path.display()))?;
    }
    println!("{many} documents written to {}", folder.display());
    Ok(OK)
}
