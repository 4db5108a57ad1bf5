//! Room 1. A file laid in the inbox becomes a document, once.
//!
//! The scan is the truth; what the system announces only wakes it sooner. A file is taken when two looks, a quiet time apart on a
//! clock that never jumps, find it the same, and when its structure has an end. Nothing here reads what a form says.
//!
//! Crash argument, step by step (the names are the crash points):
//! 1. *claim*: the file, or the folder dropped as a whole, is renamed into `.claimed/` beside it with an id in its name. At
//!    `claim.before` the next scan finds it again; from `claim.renamed` on (`claim.synced`: both folders are on the disk) the start
//!    finishes everything in `.claimed/`, and the id is the same.
//! 2. *blob*: its bytes are kept under their hash (`blob.opened`, `blob.written`, `blob.renamed`, `intake.kept`) and the folder
//!    is forced to the disk (`blob.settled`). Again: the same bytes, the same name. No row names them yet: a sweep may not run
//!    meanwhile, and one does later if nothing comes of them.
//! 3. *receive*: one transaction makes its row and its errand: at `receive.in_transaction` nothing has happened, at
//!    `receive.committed` all of it. The same id again changes nothing.
//! 4. *archive*: the claim is renamed into the archive (`archive.before`, `archive.renamed`, `archive.synced`). Where the archive is on
//!    another file system, or is sealed, or may not show a name of it, it is copied first (`archive.opened`, `archive.written`, `archive.folder_synced`, `archive.copied`) and the
//!    claim removed last. Killed in between: step 3 answers "known", and this step is done again over what it left.
//!
//! No step deletes anything; a file leaves the inbox only into the archive. Failures of ours (disk, database, a folder that is not
//! there) stop the round, are shown, and are tried again; the file is never blamed.
//!
//! Why a hash and not the name: merchants send `formulaire.pdf` every time.

mod archive;
mod claim;
mod gather;
mod hints;
mod look;
mod names;
mod whole;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::domain::bank::BankFolder;
use crate::store::{Received, Store, StoreError};

pub use hints::Hints;

/// Files taken in one transaction at most: enough to share its cost, few enough to bound memory.
const BATCH: usize = 100;

/// Where documents are dropped, and when one is taken.
#[derive(Debug, Clone)]
pub struct Settings {
    pub inbox: PathBuf,
    pub archive: PathBuf,
    pub banks: Vec<BankFolder>,
    /// Time between two equal looks.
    pub quiet: Duration,
    /// How long a file whose structure is cut may still grow.
    pub patience: Duration,
    /// Larger files are refused unopened.
    pub file_bytes: u64,
    /// Files in one folder dropped as a whole.
    pub deposit_files: usize,
}

/// What one round found and did.
#[derive(Debug, Default)]
pub struct Round {
    /// Documents taken in.
    pub taken: usize,
    /// Of these, bytes that came before.
    pub repeats: usize,
    /// Files seen that are not yet still, or not yet whole.
    pub waiting: usize,
    /// When the next of them may be taken.
    pub again: Option<Duration>,
    /// Folders that could not be looked into, and why.
    pub troubles: Vec<Trouble>,
}

/// A failure of ours or of a folder, to be shown until it is over.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("le dossier {} ne peut être utilisé", folder.display())]
    Folder { folder: PathBuf, source: io::Error },
    #[error("les documents ne peuvent être gardés")]
    Blobs(#[source] io::Error),
    #[error("les documents ne peuvent être enregistrés")]
    Store(#[source] StoreError),
}

/// The inbox being watched.
pub struct Intake {
    desk: Arc<Mutex<look::Looks>>,
    settings: Arc<Settings>,
    store: Arc<dyn Store>,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
}

impl Intake {
    #[must_use]
    pub fn new(settings: Settings, store: Arc<dyn Store>, blobs: Blobs, clock: Arc<dyn Clock>) -> Self {
        Self { desk: Arc::default(), settings: Arc::new(settings), store, blobs, clock }
    }

    /// Looks at every folder once and takes in what is whole: first what earlier rounds claimed, then what lies there.
    pub async fn round(&self) -> Round {
        let mut round = Round::default();
        loop {
            (round.waiting, round.again) = (0, None);
            round.troubles.clear();
            if let Err(trouble) = self.finish_claims(&mut round).await {
                round.troubles.push(trouble);
                return round;
            }
            if self.claim(&mut round).await == 0 {
                return round;
            }
        }
    }

    /// Steps 2 to 4 for everything in the claim folders.
    async fn finish_claims(&self, round: &mut Round) -> Result<(), Trouble> {
        for counter in claim::counters(&self.settings) {
            let from = counter.clone();
            let mut paths = match blocking(move || gather::claimed(&from)).await {
                Ok(paths) => paths,
                Err(trouble) => {
                    round.troubles.push(trouble);
                    continue;
                }
            };
            while !paths.is_empty() {
                let (looks, settings, blobs) = (Arc::clone(&self.desk), Arc::clone(&self.settings), self.blobs.clone());
                let (now, elapsed) = (self.clock.now(), self.clock.elapsed());
                let from = counter.clone();
                let gathered = blocking(move || {
                    let mut looks = looks.lock().expect("a look never panics");
                    gather::gather(&mut looks, &settings, &blobs, &from, paths, now, elapsed)
                })
                .await?;
                paths = gathered.left;
                round.waiting += gathered.on_hold;
                round.soon(gathered.again);
                round.troubles.extend(gathered.troubles);
                if gathered.claims.is_empty() {
                    continue;
                }
                let arrivals: Vec<_> = gathered.claims.iter().flat_map(|claim| claim.arrivals.clone()).collect();
                let received = self.store.receive(&arrivals).await.map_err(Trouble::Store)?;
                drop(gathered.hold);
                round.taken += received.len();
                round.repeats += received.iter().filter(|received| matches!(received, Received::Repeat(_))).count();
                for arrival in &arrivals {
                    tracing::info!(document.id = %arrival.document, deposit.id = %arrival.deposit, bytes = arrival.size,
                        "Received document {} from the inbox", arrival.document);
                }
                let (looks, settings, counter) = (Arc::clone(&self.desk), Arc::clone(&self.settings), counter.clone());
                let claims = gathered.claims;
                let (today, seal) = (self.clock.today(), self.blobs.seal().clone());
                blocking(move || {
                    let mut looks = looks.lock().expect("a look never panics");
                    archive::archive(&mut looks, &settings, &counter, &claims, today, &seal)
                })
                .await?;
            }
        }
        Ok(())
    }

    /// Step 1 for what lies in the folders; says how many were claimed.
    async fn claim(&self, round: &mut Round) -> usize {
        let (looks, settings) = (Arc::clone(&self.desk), Arc::clone(&self.settings));
        let (now, elapsed) = (self.clock.now(), self.clock.elapsed());
        let seen = blocking(move || {
            let mut looks = looks.lock().expect("a look never panics");
            claim::claim_whole(&mut looks, &settings, now, elapsed)
        })
        .await;
        round.waiting += seen.waiting;
        round.soon(seen.again);
        round.troubles.extend(seen.troubles);
        seen.claimed
    }

    /// Starts listening to what the system announces in the folders; says so when they must be polled instead.
    #[must_use]
    pub fn hints(&self, poll: Option<bool>) -> Hints {
        hints::listen(&self.settings, poll)
    }
}

/// Where claims lie until they are archived, and where those lie that cannot be.
#[must_use]
pub fn claim_folders(settings: &Settings) -> Vec<PathBuf> {
    claim::counters(settings).iter().flat_map(|counter| [counter.claims(), counter.refused()]).collect()
}

impl Round {
    fn soon(&mut self, again: Option<Duration>) {
        self.again = match (self.again, again) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
}

/// Files are read and forced to the disk away from the threads that serve everything else.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(err) => std::panic::resume_unwind(err.into_panic()),
    }
}

#[cfg(test)]
mod tests;
