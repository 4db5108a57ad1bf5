//! EDGE. Letters leave: through a mail server, into a folder, or into memory for tests.
//!
//! A letter arrives here as bytes with a fixed Message-ID; nothing is rendered. It may leave twice, when the program or the
//! connection dies between the server's "250" and our note of it (`letter.sent`), but then with the same Message-ID and the
//! same bytes; killed before (`letter.before`), it has not left, and its errand is lent again. A recipient refused for good
//! (5xx) is not tried again; all other trouble is, and so is a server that refuses us and not the recipient.

mod folder;
mod smtp;

use std::path::Path;
use std::sync::{Arc, Mutex};

use lettre::message::Mailbox;

use crate::config;
use crate::store::Envelope;

/// The way out.
#[derive(Debug, Clone)]
pub enum Post {
    Smtp(smtp::Smtp),
    Folder(folder::Folder),
    /// Letters are kept for a test to look at.
    Memory(Arc<Mutex<Vec<Envelope>>>),
}

/// Why a letter did not leave.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The server cannot be reached, is busy, or its answer is unknown: try again.
    #[error("la lettre n'a pas pu être remise : {0}")]
    NotNow(String),
    /// The server refuses it for good, or it cannot be sent at all.
    #[error("la lettre a été refusée : {0}")]
    Refused(String),
}

impl Post {
    /// Prepares the way out that the configuration describes. Nothing is contacted.
    pub fn open(config: &config::Post, root: &Path) -> Result<Self, String> {
        let from: Mailbox = config.from.parse().map_err(|err| format!("post.from: {err}"))?;
        Ok(match &config.smtp {
            Some(server) => Self::Smtp(smtp::Smtp::new(server, from.email)?),
            None => Self::Folder(folder::Folder::new(&root.join(&config.folder))),
        })
    }

    /// Hands a letter over to each of its recipients, and says for each what came of it. The caller holds no transaction
    /// meanwhile. One recipient that is refused keeps the letter from no other.
    pub async fn send(&self, letter: &Envelope) -> Vec<(String, Result<(), PostError>)> {
        crate::crash::point("letter.before");
        let all = |done: Result<(), String>| {
            let to = letter.to.iter();
            to.map(|address| (address.clone(), done.clone().map_err(PostError::NotNow))).collect()
        };
        let done = match self {
            Self::Smtp(smtp) => smtp.send(letter).await,
            Self::Folder(folder) => all(folder.keep(letter).map_err(|err| crate::told::system(&err))),
            Self::Memory(letters) => {
                letters.lock().expect("no holder of the letters panics").push(letter.clone());
                all(Ok(()))
            }
        };
        crate::crash::point("letter.sent");
        done
    }

    /// Removes the file of a letter that has had its time; a mail server's copies are not ours.
    pub fn forget(&self, message_id: &str) -> std::io::Result<bool> {
        match self {
            Self::Folder(folder) => folder.forget(message_id),
            Self::Smtp(_) | Self::Memory(_) => Ok(false),
        }
    }

    /// Asks the mail server whether it is there and lets us in.
    pub async fn probe(&self) -> Result<(), PostError> {
        match self {
            Self::Smtp(smtp) => smtp.probe().await,
            Self::Folder(_) | Self::Memory(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
