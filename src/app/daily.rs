//! What is done once a day: reminders, card numbers and old answers erased, and the journal's head kept where it can be compared later.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;

use super::keeping;
use crate::config::Config;
use crate::domain::event::Event;
use crate::procedure::{self, Desk, Refused};
use crate::retention;
use crate::store::StoreError;

/// Between two looks at the calendar.
pub(super) const LOOK: Duration = Duration::from_secs(30);

/// Does what the new day asks for; all of it may be done again.
pub(super) async fn new_day(desk: &Desk, today: Date) {
    if let Err(err) = remind(desk).await {
        tracing::error!("Reminders of {today}: {:#}", anyhow::Error::from(err));
    }
    match keeping::purge_strictly(desk).await {
        Ok(None) => {}
        Ok(Some(list)) => {
            let (documents, answers) = (list.expired.documents.len(), list.expired.answers.len());
            tracing::info!(
                "Erased {documents} documents with a card number and {answers} old answers: list {}",
                list.id
            );
        }
        Err(err) => tracing::error!("What has had its time cannot be erased: {:#}", anyhow::Error::from(err)),
    }
    match retention::sweep(&*desk.store, &desk.blobs).await {
        Ok(0) => {}
        Ok(swept) => tracing::info!("Removed {swept} blobs of deposits that were cut off"),
        Err(err) => tracing::error!("Blobs cannot be swept: {:#}", anyhow::Error::from(err)),
    }
    if let Err(err) = keep_head(desk, today).await {
        tracing::error!("The journal's head of {today} cannot be kept: {err:#}");
    }
}

/// Every dossier hears that a day has passed; what it asks for is decided by the core.
async fn remind(desk: &Desk) -> Result<(), StoreError> {
    for line in desk.store.dossiers(usize::MAX).await? {
        match procedure::happen(desk, &line.reference, &Event::DayPassed, "guichet").await {
            // A dossier at its end expects nothing from the calendar.
            Ok(()) | Err(Refused::OutOfOrder(_)) => {}
            // One that cannot be decided on keeps the day from no other.
            Err(err) => {
                let err = anyhow::Error::from(err);
                tracing::error!(dossier.reference = %line.reference, "The day cannot pass for {}: {err:#}", line.reference);
            }
        }
    }
    Ok(())
}

/// Where the journal's heads are kept, one line a day.
#[must_use]
pub fn heads_file(config: &Config) -> PathBuf {
    config.var().join("journal-heads.txt")
}

/// Appends the journal's last number and hash to `var/journal-heads.txt`: a copy of that file kept elsewhere shows later whether
/// the journal was rewritten.
async fn keep_head(desk: &Desk, today: Date) -> anyhow::Result<()> {
    let Some((number, hash)) = desk.store.journal_head().await? else { return Ok(()) };
    let path = heads_file(&desk.config);
    let line = format!("{today} {number} {hash}\n");
    if std::fs::read_to_string(&path).is_ok_and(|text| text.lines().any(|kept| kept == line.trim_end())) {
        return Ok(());
    }
    let mut file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.write_all(line.as_bytes())?;
    Ok(file.sync_all()?)
}
