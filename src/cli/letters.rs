//! `guichet letters`: all letters to look at, and a trial letter to see that they arrive.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::OK;
use super::at::{At, block_on};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::dossier::DossierRef;
use crate::layouts::Layouts;
use crate::post::Post;
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::scribe::{self, Pen};
use crate::store::Envelope;

/// Looks at the letters, and tries how they are sent.
#[derive(Debug, Args)]
pub(super) struct Letters {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write every letter in every language and every answer, with invented merchants, as pages to open in a browser
    Preview {
        /// Folder to write into; index.html lists the letters, answers are named `reponse.<verdict>.html`
        folder: PathBuf,
    },
    /// Send a trial letter about an invented merchant
    Test {
        /// Who receives it
        address: String,
    },
}

impl Letters {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let config = self.at.load()?;
        let pen = pen(&config)?;
        match &self.what {
            What::Preview { folder } => {
                fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
                let mut pages = pen.letters()?;
                pages.extend(pen.answers()?.into_iter().map(|(name, page)| (format!("reponse.{name}"), page)));
                for (name, page) in &pages {
                    let path = folder.join(name);
                    fs::write(&path, page).with_context(|| format!("{}", path.display()))?;
                }
                println!("{} pages; open {}", pages.len(), folder.join("index.html").display());
            }
            What::Test { address } => {
                let letter = pen.trial(address, SystemClock::start().now())?;
                let envelope = Envelope {
                    message_id: letter.message_id,
                    to: letter.to,
                    message: letter.message,
                    dossier: DossierRef::new(0, 0),
                };
                let post = Post::open(&config.post, &config.root).map_err(anyhow::Error::msg)?;
                block_on(async { Ok(post.send(&envelope).await?) })?;
                println!("{} handed over for {address}", envelope.message_id);
            }
        }
        Ok(OK)
    }
}

/// What writes the letters of an installation; nothing of its store is opened.
fn pen(config: &Config) -> anyhow::Result<Pen> {
    let folder = config.schemas();
    let (forms, layouts) = if folder.is_dir() {
        (Forms::load(&folder)?, Layouts::load(&folder)?)
    } else {
        (Forms::built_in(), Layouts::built_in())
    };
    let rules = if folder.is_dir() { Rules::load(&folder, &forms)? } else { Rules::built_in(&forms) };
    scribe::open(config, Arc::new(forms), Arc::new(rules), Arc::new(layouts))
}
