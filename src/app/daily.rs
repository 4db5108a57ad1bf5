//! What is done once a day: reminders, old answers, and the journal's head kept where it can be compared later.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use jiff::civil::Date;

use crate::domain::event::Event;
use crate::procedure::{self, Desk, Refused};

/// Between two looks at the calendar.
pub(super) const LOOK: Duration = Duration::from_secs(600);

/// Does what the new day asks for; all of it may be done again.
pub(super) async fn new_day(desk: &Desk, today: Date) {
    if let Err(err) = remind(desk).await {
        tracing::error!("Reminders of {today}: {err:#}");
    }
    let answers = Duration::from_secs(u64::from(desk.config.inbox.answers_days) * 24 * 3600);
    match desk.inboxes.clear_old(answers) {
        Ok(0) => {}
        Ok(removed) => tracing::info!("Removed {removed} answers older than {} days", desk.config.inbox.answers_days),
        Err(err) => tracing::warn!("Old answers cannot be removed: {err}"),
    }
    if let Err(err) = keep_head(desk, today).await {
        tracing::error!("The journal's head of {today} cannot be kept: {err:#}");
    }
}

/// Every dossier hears that a day has passed; what it asks for is decided by the core.
async fn remind(desk: &Desk) -> anyhow::Result<()> {
    for line in desk.store.dossiers(usize::MAX).await? {
        match procedure::happen(desk, &line.reference, &Event::DayPassed, "guichet").await {
            // A dossier at its end expects nothing from the calendar.
            Ok(()) | Err(Refused::OutOfOrder(_)) => {}
            Err(err) => return Err(err.into()),
        }
    }
    Ok(())
}

/// Appends the journal's last number and hash to `var/journal-heads.txt`: a copy of that file kept elsewhere shows later whether
/// the journal was rewritten.
async fn keep_head(desk: &Desk, today: Date) -> anyhow::Result<()> {
    let Some((number, hash)) = desk.store.journal_head().await? else { return Ok(()) };
    let path = desk.config.var().join("journal-heads.txt");
    let line = format!("{today} {number} {hash}\n");
    if std::fs::read_to_string(&path).is_ok_and(|text| text.lines().any(|kept| kept == line.trim_end())) {
        return Ok(());
    }
    let mut file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    file.write_all(line.as_bytes())?;
    Ok(file.sync_all()?)
}
