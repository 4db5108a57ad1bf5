//! `guichet letters`: all letters to look at, and a trial letter to see that they arrive.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::at::{At, block_on};
use super::by::By;
use super::phrases::Phrases;
use super::table::{shown, table};
use super::{NO, OK};
use crate::clock::{Clock, SystemClock, in_tunis};
use crate::config::Config;
use crate::domain::dossier::DossierRef;
use crate::domain::event::Event;
use crate::layouts::Layouts;
use crate::post::Post;
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::scribe::{self, Pen};
use crate::store::{Delivery, Envelope, LetterLine};

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
        #[arg(default_value = "courriers", value_name = "DIR")]
        folder: PathBuf,
    },
    /// Show letters and what became of each for every recipient
    List {
        /// Of one dossier, such as D26-000123; of all when it is left out
        reference: Option<String>,
        /// Only those that did not leave: refused, waiting or kept
        #[arg(long)]
        unsent: bool,
    },
    /// Send the letters that the trial mode kept (`post.only_to`) to those they were kept from, once they may be written to
    Send {
        /// Of one dossier, such as D26-000123; of all when it is left out
        reference: Option<String>,
        #[command(flatten)]
        by: By,
    },
    /// Record that a letter came back: the address is shown on the dossier until letters reach it again
    Returned {
        /// Reference of the dossier
        reference: String,
        /// The address that did not take the letter
        address: String,
        /// What the returned letter says
        #[arg(long, value_name = "TEXT", default_value = "courrier retourné")]
        why: String,
        #[command(flatten)]
        by: By,
    },
    /// Send a trial letter about an invented merchant
    Test {
        /// Who receives it
        address: String,
    },
}

impl Letters {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        match &self.what {
            What::List { reference, unsent } => return self.list(reference.as_deref(), *unsent),
            What::Returned { reference, address, why, by } => return self.returned(reference, address, why, by),
            What::Send { reference, by } => return self.send(reference.as_deref(), by),
            What::Preview { .. } | What::Test { .. } => {}
        }
        let config = self.at.load()?;
        let pen = pen(&config)?;
        match &self.what {
            What::List { .. } | What::Returned { .. } | What::Send { .. } => {}
            What::Preview { folder } => {
                fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
                let mut pages = pen.letters()?;
                pages.extend(pen.answers()?.into_iter().map(|(name, page)| (format!("reponse.{name}"), page)));
                for (name, page) in &pages {
                    let path = folder.join(name);
                    fs::write(&path, page).with_context(|| format!("{}", path.display()))?;
                }
                println!("{} pages ; ouvrez {}", pages.len(), folder.join("index.html").display());
            }
            What::Test { address } => {
                let letter = pen.trial(address, SystemClock::start().now())?;
                let envelope =
                    Envelope { message_id: letter.message_id, to: letter.to, message: letter.message, dossier: None };
                let post = Post::open(&config.post, &config.root).map_err(anyhow::Error::msg)?;
                block_on(async {
                    post.send(&envelope).await.into_iter().try_for_each(|(_, came)| came)?;
                    Ok(())
                })?;
                println!("{} remis pour {address}", envelope.message_id);
            }
        }
        Ok(OK)
    }

    fn list(&self, reference: Option<&str>, unsent: bool) -> anyhow::Result<u8> {
        let reference = reference.map(DossierRef::parse).transpose()?;
        self.at.with_desk(|desk| async move {
            let mut letters = desk.store.letters(reference.as_ref()).await?;
            if unsent {
                for letter in &mut letters {
                    letter.recipients.retain(|recipient| recipient.delivery != Delivery::Sent);
                }
                letters.retain(|letter| !letter.recipients.is_empty());
            }
            if letters.is_empty() {
                println!("Aucun courrier.");
            } else {
                let phrases = Phrases::load(Some(&desk.config), "procedure/fr.toml")?;
                println!("{}", table_of(&letters, &phrases));
            }
            Ok(OK)
        })
    }

    fn send(&self, reference: Option<&str>, by: &By) -> anyhow::Result<u8> {
        let reference = reference.map(DossierRef::parse).transpose()?;
        self.at.with_desk(|desk| async move {
            let letters = desk.store.letters(reference.as_ref()).await?;
            let kept = letters.iter().flat_map(|letter| &letter.recipients);
            let barred: BTreeSet<String> = kept
                .filter(|recipient| recipient.delivery == Delivery::Held)
                .filter(|recipient| !desk.config.post.may_write_to(&recipient.address))
                .map(|recipient| shown(&recipient.address))
                .collect();
            if !barred.is_empty() {
                let barred: Vec<String> = barred.into_iter().collect();
                eprintln!(
                    "Le mode d'essai n'écrit pas encore à {} : complétez ou videz [post] only_to, puis recommencez.",
                    barred.join(", ")
                );
                return Ok(NO);
            }
            let by = by.house(&desk).await?.map_err(super::no)?;
            let count = desk.store.send_kept(reference.as_ref(), &by, desk.clock.now()).await?;
            println!("{count} courrier(s) gardé(s) remis en route");
            Ok(OK)
        })
    }

    fn returned(&self, reference: &str, address: &str, why: &str, by: &By) -> anyhow::Result<u8> {
        let reference = DossierRef::parse(reference)?;
        self.at.with_desk(|desk| async move {
            let letters = desk.store.letters(Some(&reference)).await?;
            if !letters.iter().any(|letter| letter.to.iter().any(|to| to == address)) {
                eprintln!("{reference} : aucun courrier n'est parti à {}", shown(address));
                return Ok(NO);
            }
            let by = by.house(&desk).await?.map_err(super::no)?;
            let refused = vec![(address.to_owned(), why.to_owned())];
            let event = Event::Posted { delivered: Vec::new(), refused };
            crate::procedure::happen(&desk, &reference, &event, &by).await?;
            println!("{reference} : noté par {}", shown(&by));
            Ok(OK)
        })
    }
}

/// Letters with what became of each for every recipient.
pub(super) fn table_of(letters: &[LetterLine], phrases: &Phrases) -> comfy_table::Table {
    let mut rows = table(&["Écrit", "Courrier", "Destinataire", "État", "Précision"]);
    for letter in letters {
        for recipient in &letter.recipients {
            rows.add_row([
                in_tunis(letter.written).strftime("%d/%m/%Y %H:%M").to_string(),
                phrases.say("letter", &letter.subject).to_owned(),
                shown(&recipient.address),
                phrases.say("delivery", recipient.delivery.as_str()).to_owned(),
                shown(&recipient.detail),
            ]);
        }
    }
    rows
}

/// What writes the letters of an installation; nothing of its store is opened.
pub(super) fn pen(config: &Config) -> anyhow::Result<Pen> {
    let folder = config.schemas();
    let (forms, layouts) = if folder.is_dir() {
        (Forms::load(&folder)?, Layouts::load(&folder)?)
    } else {
        (Forms::built_in(), Layouts::built_in())
    };
    let rules = if folder.is_dir() { Rules::load(&folder, &forms)? } else { Rules::built_in(&forms) };
    scribe::open(config, Arc::new(forms), Arc::new(rules), Arc::new(layouts))
}
