//! Declarations offered to those who fetch them: once each, in the order of their numbers.
//!
//! Crash argument. The consumer takes files away, so an absent file may mean "never offered" or "already taken": writing a file,
//! renaming it into the outbox and then noting it would offer it twice after a crash in between. Therefore:
//! 1. all files are written to `.stage/`, durable; killed here, they are written again, nobody has seen them;
//! 2. the row says *staged*; from now on nothing is ever written again;
//! 3. **the rename from the stage into the outbox is the commit point**, companions first, the declaration last;
//!    killed here, the start finds on the stage what was not renamed, and what it does not find was offered;
//! 4. the row says *published*, in the transaction that tells the dossier.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::crash;
use crate::durable;
use crate::store::{Outgoing, OutgoingState, Store, StoreError};

/// The outboxes of Monétique-Tunisie and of the banks.
#[derive(Debug, Clone)]
pub struct Outboxes {
    pub root: PathBuf,
    /// Rights of the files, for those who fetch them.
    pub file_mode: u32,
}

/// Why a declaration is not offered.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    #[error("the outbox cannot be used")]
    Folder(#[source] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A smaller number of the same type and bank goes first.
    #[error("an earlier file of the same sequence has yet to be published")]
    Behind,
    /// Nothing to offer, now or later.
    #[error("declaration {0} is not to be published")]
    NotDue(String),
}

impl Outboxes {
    /// Steps 1 to 3, from wherever an earlier attempt was cut off.
    pub async fn publish(&self, store: &dyn Store, name: &str) -> Result<Outgoing, NotPublished> {
        let outgoing = store.outgoing(name).await?.ok_or_else(|| NotPublished::NotDue(name.to_owned()))?;
        if outgoing.behind {
            return Err(NotPublished::Behind);
        }
        match outgoing.state {
            OutgoingState::Recalled => return Err(NotPublished::NotDue(name.to_owned())),
            OutgoingState::Published => return Ok(outgoing),
            OutgoingState::New => {
                #[cfg(feature = "crash-points")]
                if std::env::var_os("GUICHET_NAIVE_PUBLISH").is_some() {
                    self.naive(&outgoing).map_err(NotPublished::Folder)?;
                    return Ok(outgoing);
                }
                self.stage(&outgoing).map_err(NotPublished::Folder)?;
                store.staged(name).await?;
            }
            OutgoingState::Staged => {}
        }
        self.offer(&outgoing).map_err(NotPublished::Folder)?;
        Ok(outgoing)
    }

    fn stage(&self, outgoing: &Outgoing) -> io::Result<()> {
        let folder = self.folder(outgoing);
        for folder in [&folder, &folder.join(".stage")] {
            // The outbox itself is never made here: where it is missing, a share is not mounted.
            match fs::create_dir(folder) {
                Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
        }
        let stage = folder.join(".stage");
        for (name, bytes) in outgoing.files() {
            let temporary = stage.join(format!(".{name}.tmp"));
            durable::write_unsynced_folder("stage", &temporary, &stage.join(&name), &bytes, self.file_mode)?;
        }
        durable::sync_folder(&stage)?;
        crash::point("publish.staged");
        Ok(())
    }

    fn offer(&self, outgoing: &Outgoing) -> io::Result<()> {
        let folder = self.folder(outgoing);
        let stage = folder.join(".stage");
        for (name, _) in outgoing.files() {
            crash::point("publish.before_rename");
            match fs::rename(stage.join(&name), folder.join(&name)) {
                // Offered before the crash; it may have been taken since.
                Err(err) if err.kind() == io::ErrorKind::NotFound && folder.is_dir() => {}
                Err(err) => return Err(err),
                Ok(()) => crash::point("publish.renamed"),
            }
        }
        durable::sync_folder(&folder)?;
        durable::sync_folder(&stage)?;
        crash::point("publish.folder_synced");
        Ok(())
    }

    fn folder(&self, outgoing: &Outgoing) -> PathBuf {
        self.root.join(&outgoing.outbox)
    }

    /// The usual way, which offers twice: the crash harness switches it on once, and must catch it.
    #[cfg(feature = "crash-points")]
    fn naive(&self, outgoing: &Outgoing) -> io::Result<()> {
        let folder = self.folder(outgoing);
        for (name, bytes) in outgoing.files() {
            durable::write("naive", &folder.join(format!(".{name}.tmp")), &folder.join(&name), &bytes, self.file_mode)?;
        }
        crash::point("publish.folder_synced");
        Ok(())
    }
}
