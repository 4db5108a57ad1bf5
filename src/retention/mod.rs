//! Room. What has had its time goes: rows, originals, archived claims, acknowledgements, answers, letters; and a list stays as
//! evidence.
//!
//! Which class goes after how many days is the configuration's; the calendar is the desk's clock. Law 2004-63 (article 45) wants
//! destruction recorded: every purge leaves a list of references, hashes and counts in `var/purges/`, and a line in the journal
//! that holds the list's hash. Nothing goes silently.
//!
//! Crash argument, step by step (the names are the crash points). Rows are the truth, files follow them:
//! 1. *listed*: the list is written as `<id>.pending`, durable (`purge_list.opened`, `purge_list.written`, `purge_list.renamed`,
//!    `purge_list.folder_synced`, `purge.listed`). Killed before: nothing has happened.
//! 2. *committed*: one transaction takes everything listed out of the rows and writes the journal's line. At `purge.in_transaction` the
//!    journal does not know the list, and the next purge drops it and draws up its own; at `purge.committed` it does.
//! 3. *files*: blobs (`purge.blobs_removed`), archived claims (`purge.claims_removed`), acknowledgements, declarations that nobody
//!    fetched, answers, letters go. Killed in between:
//!    the journal knows the list, and whoever purges next (the daemon at its start, too) does this step again; what is gone
//!    already is no fault.
//! 4. *done*: the list, now without names, is written as `<id>.json` (`purge.done`), then the pending one is removed.
//!
//! A blob that another document still needs stays. It is looked up and removed alone, while nobody takes documents in: else
//! the same bytes could arrive between the two.

mod acknowledgements;
mod files;
mod list;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::blobs::Blobs;
use crate::crash;
use crate::seal::Seal;
use crate::store::{Expired, Expiry, Store, StoreError};

pub use list::{List, Outcome};

/// Where copies of documents lie.
#[derive(Debug, Clone)]
pub struct Places {
    /// Holds `archive/` and `purges/`.
    pub var: PathBuf,
    /// Folders of claims in the inbox.
    pub claims: Vec<PathBuf>,
    /// Holds a folder for each receiver of declarations.
    pub outbox: PathBuf,
}

impl Places {
    /// All that has had its time: what rows know of, and files that no row names.
    pub async fn expired(&self, store: &dyn Store, seal: &Seal, expiry: &Expiry) -> Result<Expired, NotPurged> {
        let acknowledgements = acknowledgements::expired(&self.var, seal, expiry)?;
        Ok(Expired { acknowledgements, ..store.expired(expiry).await? })
    }
}

/// Why a purge stopped; it is taken up again by the next.
#[derive(Debug, thiserror::Error)]
pub enum NotPurged {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("ce qui est effacé ne peut pas encore être ôté du disque")]
    Files(#[from] io::Error),
}

/// Removes what other rooms hold: answers left with banks, letters in a folder, copies of the installation.
pub type Elsewhere<'a> = &'a (dyn Fn(&Expired, &mut Outcome) -> io::Result<()> + Sync);

/// Erases what is listed, steps 1 to 4. Nothing to erase leaves nothing behind.
pub async fn purge(
    store: &dyn Store,
    blobs: &Blobs,
    places: &Places,
    expired: Expired,
    by: &str,
    at: Timestamp,
    elsewhere: Elsewhere<'_>,
) -> Result<Option<List>, NotPurged> {
    if expired.is_empty() {
        return Ok(None);
    }
    let list = List::new(expired, by, at);
    list.write_pending(&places.var)?;
    crash::point("purge.listed");
    store.erase(&list.expired, &list.id, &list.hash(), by, at).await?;
    finish_one(store, blobs, places, list, elsewhere).await.map(Some)
}

/// Takes up what an interrupted purge left in the middle.
pub async fn finish(
    store: &dyn Store,
    blobs: &Blobs,
    places: &Places,
    elsewhere: Elsewhere<'_>,
) -> Result<Vec<List>, NotPurged> {
    let (mut finished, pending) = (Vec::new(), list::pending(&places.var)?);
    if pending.is_empty() {
        return Ok(finished);
    }
    let carried_out = store.purges().await?;
    for list in pending {
        if carried_out.iter().any(|detail| detail["list"] == list.id) {
            finished.push(finish_one(store, blobs, places, list, elsewhere).await?);
        } else {
            list.drop_pending(&places.var)?;
        }
    }
    Ok(finished)
}

/// A blob without a row may be that of an event whose transaction is on its way: a day is longer than any.
const ON_ITS_WAY: Duration = Duration::from_hours(24);

/// Removes blobs that no row names, which a kill between keeping and receiving leaves, once they are a day old; says how many.
pub async fn sweep(store: &dyn Store, blobs: &Blobs) -> Result<usize, NotPurged> {
    let mut swept = 0;
    let _alone = blobs.alone().await?;
    for sha256 in blobs.list()?.0 {
        if blobs.age(&sha256)? > ON_ITS_WAY && !store.keeps(&sha256).await? {
            blobs.erase(&sha256)?;
            swept += 1;
        }
    }
    Ok(swept)
}

async fn finish_one(
    store: &dyn Store,
    blobs: &Blobs,
    places: &Places,
    mut list: List,
    elsewhere: Elsewhere<'_>,
) -> Result<List, NotPurged> {
    files::blobs(store, blobs, &mut list).await?;
    crash::point("purge.blobs_removed");
    files::claims(store, blobs.seal(), places, &mut list).await?;
    crash::point("purge.claims_removed");
    list.outcome.acknowledgement_files = acknowledgements::remove(&places.var, &list.expired.acknowledgements)?;
    list.outcome.offered_files = files::offered(&places.outbox, &list.expired.declarations)?;
    elsewhere(&list.expired, &mut list.outcome)?;
    list.write_done(&places.var)?;
    crash::point("purge.done");
    list.drop_pending(&places.var)?;
    Ok(list)
}

#[cfg(test)]
mod tests;
