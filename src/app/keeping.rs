//! What is kept at this desk and how long: the calendar of the retention room, and the copies that other rooms hold.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::intake_settings;
use crate::backup;
use crate::domain::document::Sha256;
use crate::intake;
use crate::procedure::Desk;
use crate::retention::{self, List, NotPurged, Outcome, Places};
use crate::store::{Class, Expired, Expiry};

/// All that has had its time today; nothing is changed.
pub async fn expired(desk: &Desk) -> Result<Expired, NotPurged> {
    places(desk).expired(&*desk.store, desk.blobs.seal(), &expiry(desk)).await
}

/// Erases all that has had its time; `None` when there is nothing.
pub async fn purge(desk: &Desk, by: &str) -> Result<Option<List>, NotPurged> {
    erase(desk, expiry(desk), by).await
}

/// What needs no person: card numbers may not be kept, and answers are copies.
pub(super) async fn purge_strictly(desk: &Desk) -> Result<Option<List>, NotPurged> {
    erase(desk, expiry(desk).strictly(), "guichet").await
}

/// Takes up what an interrupted purge left.
pub(super) async fn finish(desk: &Desk) -> Result<(), NotPurged> {
    let copies = desk.store.copies().await?;
    let _turn = turn(desk).await?;
    let elsewhere = |expired: &Expired, outcome: &mut Outcome| elsewhere(desk, &copies, expired, outcome);
    for list in retention::finish(&*desk.store, &desk.blobs, &places(desk), &elsewhere).await? {
        tracing::info!("Finished an interrupted purge: {}", list.id);
    }
    Ok(())
}

async fn erase(desk: &Desk, expiry: Expiry, by: &str) -> Result<Option<List>, NotPurged> {
    finish(desk).await?;
    let copies = desk.store.copies().await?;
    let _turn = turn(desk).await?;
    let expired = places(desk).expired(&*desk.store, desk.blobs.seal(), &expiry).await?;
    let elsewhere = |expired: &Expired, outcome: &mut Outcome| elsewhere(desk, &copies, expired, outcome);
    let now = desk.clock.now();
    retention::purge(&*desk.store, &desk.blobs, &places(desk), expired, by, now, &elsewhere).await
}

/// One purge at a time, the daemon's or a person's.
async fn turn(desk: &Desk) -> io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let path = desk.config.var().join("purge.lock");
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    tokio::task::spawn_blocking(move || file.lock().map(|()| file)).await.map_err(io::Error::other)?
}

fn places(desk: &Desk) -> Places {
    Places { var: desk.config.var(), claims: claim_folders(desk), outbox: desk.config.outbox() }
}

/// Seals the originals that were kept before there was a key: blobs, archive, acknowledgements. Says how many there were.
pub async fn seal_over(desk: &Desk) -> io::Result<usize> {
    let (blobs, var) = (desk.blobs.clone(), desk.config.var());
    // Neither is anything erased meanwhile, nor does a new blob take the place of one that is being sealed.
    let _turn = turn(desk).await?;
    let _alone = blobs.alone().await?;
    tokio::task::spawn_blocking(move || {
        let mut sealed = blobs.seal_over()?;
        for folder in [var.join("archive"), var.join("quarantine")].iter().filter(|folder| folder.is_dir()) {
            sealed += blobs.seal().over(folder, &folder.join(".sealing"))?;
        }
        Ok(sealed)
    })
    .await
    .map_err(io::Error::other)?
}

/// Where claims lie in the inbox, on their way or never to be moved.
#[must_use]
pub fn claim_folders(desk: &Desk) -> Vec<PathBuf> {
    intake::claim_folders(&intake_settings(desk))
}

fn expiry(desk: &Desk) -> Expiry {
    let (keep, now) = (&desk.config.retention, desk.clock.now());
    let before =
        |days: u32| now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MIN);
    Expiry {
        completed: before(keep.completed_days),
        extracts: before(keep.completed_days.saturating_add(keep.extract_days)),
        abandoned: before(keep.abandoned_days),
        quarantine: before(keep.quarantine_days),
        declarations: before(keep.declarations_days),
        set_aside: before(keep.abandoned_days),
        letters: before(keep.letters_days),
        answers: before(desk.config.inbox.answers_days),
        // No letter, declaration or answer is looked up by its errand after that.
        errands: before(keep.letters_days),
        journal: before(keep.journal_days),
    }
}

/// Copies outside the store: answers in the banks' folders, letters in a folder, copies of the whole installation.
fn elsewhere(desk: &Desk, copies: &[String], expired: &Expired, outcome: &mut Outcome) -> io::Result<()> {
    (outcome.answer_files, outcome.letter_files) = (0, 0);
    for answer in &expired.answers {
        outcome.answer_files += desk.inboxes.withdraw(&answer.folder, &answer.files)?;
    }
    for letter in &expired.letters {
        outcome.letter_files += usize::from(desk.post.forget(letter)?);
    }
    let cards = expired.documents.iter().filter(|document| document.class == Class::CardNumber);
    let cards: BTreeSet<Sha256> = cards.map(|document| document.sha256).collect();
    outcome.copied_files = 0;
    outcome.copies_to_clear.clear();
    if expired.documents.is_empty() && expired.dossiers.is_empty() {
        return Ok(());
    }
    for copy in copies {
        // A copy that holds nothing but what may be kept a while needs no hand; one out of reach needs a person's.
        match if cards.is_empty() { Ok(0) } else { backup::forget(Path::new(copy), &cards) } {
            Ok(removed) => {
                outcome.copied_files += removed;
                if cards.len() < expired.documents.len() {
                    outcome.copies_to_clear.push(copy.clone());
                }
            }
            Err(err) => {
                tracing::warn!("The copy in {copy} may still hold what was erased: {err:#}");
                outcome.copies_to_clear.push(copy.clone());
            }
        }
    }
    Ok(())
}
