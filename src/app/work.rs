//! The tasks at the desk: one looks into the inbox, one per kind of errand carries errands, one watches the calendar.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::condition::Health;
use super::{counter, daily, lock};
use crate::config::{Config, Watch};
use crate::durable;
use crate::intake::{Intake, Round, Trouble};
use crate::outbox;
use crate::procedure::{self, Desk, Reader};
use crate::store::ErrandKind;

/// Between two looks while something stands in the way.
const IN_TROUBLE: Duration = Duration::from_secs(5);
/// Between two looks at the hour of the batches.
const BATCHES: Duration = Duration::from_secs(20);
/// Given to what is in hand when the daemon is asked to stop; the rest is done after the next start.
const LAST_ERRANDS: Duration = Duration::from_secs(3);

/// Why the tasks ended.
pub(super) enum End {
    Stopped,
    NewConfiguration(Box<Config>),
}

/// What a scan did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Documents taken in.
    pub taken: usize,
    /// Errands left that must wait: a mail server that is down, a person who must look.
    pub left: usize,
}

/// Works until told to stop, or until a new and sound configuration is to be used.
pub(super) async fn serve(config: Config, path: &Path, mut stop: watch::Receiver<bool>) -> anyhow::Result<End> {
    let desk = super::desk(config).await?;
    let _lock = lock::take(&desk.config.var())?;
    let intake = prepare(&desk).await?;
    let mut hangup = signal(SignalKind::hangup())?;
    let (quit, quitting) = watch::channel(false);
    let mut tasks = carriers(&desk, &quitting);
    let health = Health::of(desk.config.var(), desk.clock.now());
    tasks.spawn(look(Arc::clone(&desk), intake, health.clone(), quitting.clone()));
    tasks.spawn(counter::watch(Arc::clone(&desk), health, quitting.clone()));
    tasks.spawn(calendar(Arc::clone(&desk), quitting.clone()));
    tasks.spawn(batches(Arc::clone(&desk), quitting.clone()));
    tracing::info!("At work in {}", desk.config.root.display());
    super::init::tell_age(&desk.config);
    let end = loop {
        tokio::select! {
            changed = stop.wait_for(|stop| *stop) => {
                // A sender that is gone cannot ask to stop any more: nobody holds the daemon.
                drop(changed);
                break End::Stopped;
            }
            _ = hangup.recv() => match Config::load(path) {
                Ok(new) => {
                    tracing::info!("The configuration was read again");
                    break End::NewConfiguration(Box::new(new));
                }
                Err(faults) => tracing::error!("The new configuration is at fault, the old one stays:\n{faults}"),
            },
        }
    };
    quit.send_replace(true);
    if tokio::time::timeout(LAST_ERRANDS, async { while tasks.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!("Some errands are left in the middle; they are done after the next start");
        tasks.shutdown().await;
    }
    tracing::info!("Stopped");
    Ok(end)
}

/// Works until nothing more can be done now.
pub(super) async fn scan(desk: Arc<Desk>) -> anyhow::Result<Scanned> {
    let _lock = lock::take(&desk.config.var())?;
    let intake = prepare(&desk).await?;
    let (quit, quitting) = watch::channel(false);
    let mut tasks = carriers(&desk, &quitting);
    let mut scanned = Scanned::default();
    let mut counter = counter::Counter::new(Arc::clone(&desk));
    close_due_batches(&desk).await;
    let trouble = loop {
        let round = intake.round().await;
        scanned.taken += round.taken;
        let answered = counter.round().await;
        desk.ring();
        let soon = desk.clock.now() + Duration::from_secs(1);
        // What stands in the way of one file holds up nothing else; then it is told.
        let trouble = round.troubles.into_iter().next();
        let done =
            (round.waiting == 0 || trouble.is_some()) && (answered.waiting == 0 || !answered.troubles.is_empty());
        if done && !desk.store.is_busy(soon).await? {
            scanned.left = desk.store.errands().await?.len();
            for trouble in answered.troubles {
                tracing::warn!("{trouble}");
            }
            break trouble;
        }
        tokio::time::sleep(round.again.unwrap_or(Duration::from_millis(100)).min(Duration::from_millis(100))).await;
    };
    quit.send_replace(true);
    while tasks.join_next().await.is_some() {}
    match trouble {
        Some(trouble) => Err(trouble.into()),
        None => Ok(scanned),
    }
}

/// Puts the installation in order after whatever ended the last run.
async fn prepare(desk: &Arc<Desk>) -> anyhow::Result<Intake> {
    folders(desk)?;
    desk.blobs.clear_temporary().context("temporary files of an earlier run")?;
    // This process holds the lock: no other worker is alive.
    desk.store.end_loans().await?;
    super::keeping::finish(desk).await.context("an interrupted purge")?;
    crate::crash::point("start.recovered");
    if let Reader::Isolated(isolation) = &desk.reader {
        let layers = tokio::task::spawn_blocking({
            let isolation = isolation.clone();
            move || isolation.layers()
        });
        let layers = layers.await??;
        let missing = layers.missing();
        if missing.is_empty() {
            tracing::info!("Documents are read behind these walls: {layers}");
        } else {
            // Only a configuration that says so comes this far.
            tracing::warn!(
                sandbox.missing = missing.join(", "),
                "This kernel cannot raise every wall, and sandbox = \"best-effort\" goes on without: documents are read behind \
                 these walls only: {layers}"
            );
        }
    }
    Ok(super::intake(desk))
}

/// The folders of the installation that are not there yet.
fn folders(desk: &Desk) -> anyhow::Result<()> {
    let config = &desk.config;
    let make = |folder: std::path::PathBuf, mode: u32| {
        if folder.is_dir() {
            return Ok(());
        }
        durable::private_folder(&folder).with_context(|| format!("{}", folder.display()))?;
        std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(mode))
            .with_context(|| format!("{}", folder.display()))
    };
    let (inbox, outbox) = (config.inbox.folder_mode.0, config.outbox.folder_mode.0);
    make(config.inbox(), inbox)?;
    make(config.outbox(), outbox)?;
    make(config.outbox().join("monetique"), outbox)?;
    make(config.outbox().join("monetique/accuses"), outbox)?;
    for bank in &desk.bank_folders {
        let name = bank.as_str();
        make(config.inbox().join(name), inbox)?;
        make(config.outbox().join(name), outbox)?;
        make(config.outbox().join(name).join("accuses"), outbox)?;
    }
    make(config.var().join("archive"), 0o700)
}

fn carriers(desk: &Arc<Desk>, stop: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for kind in ErrandKind::ALL {
        // Declarations go one by one, in the order of their numbers; letters over one connection; answers in the order in
        // which they were written, so that a newer page is never overwritten by an older one.
        let hands = match kind {
            ErrandKind::Examine => desk.config.limits.hands(),
            ErrandKind::Send if desk.config.post.smtp.is_none() => 4,
            ErrandKind::Publish | ErrandKind::Answer | ErrandKind::Send | ErrandKind::Write => 1,
        };
        tasks.spawn(outbox::carry(Arc::clone(desk), kind, hands, stop.clone()));
    }
    tasks
}

/// Looks into the inbox: at once, when something is announced, when a file's quiet time is over, and from time to time.
async fn look(desk: Arc<Desk>, intake: Intake, health: Health, mut stop: watch::Receiver<bool>) {
    let watch = match desk.config.inbox.watch {
        Watch::Auto => None,
        Watch::Notify => Some(false),
        Watch::Poll => Some(true),
    };
    let hints = intake.hints(watch);
    let rescan = desk.config.inbox.rescan;
    if hints.is_polling() {
        health.is_polling();
        tracing::info!("The inbox announces nothing (network share, or as configured): looking every {rescan:?}");
    }
    while !*stop.borrow() {
        let round: Round = intake.round().await;
        if round.taken > 0 {
            desk.ring();
        }
        let pause = if round.troubles.is_empty() {
            round.again.unwrap_or(rescan).min(rescan)
        } else {
            round.again.unwrap_or(IN_TROUBLE).min(IN_TROUBLE)
        };
        health.tell("inbox", &round.troubles.into_iter().map(told).collect::<Vec<_>>(), desk.clock.now());
        tokio::select! {
            () = hints.rung() => {}
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

fn told(trouble: Trouble) -> String {
    crate::told::told(&anyhow::Error::from(trouble))
}

/// Closes the batches of the day once their hour has come; those that a stopped daemon missed, at its start.
async fn batches(desk: Arc<Desk>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        close_due_batches(&desk).await;
        tokio::select! {
            () = tokio::time::sleep(BATCHES) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn close_due_batches(desk: &Desk) {
    let before = procedure::last_hour(desk.clock.now(), desk.config.declarations.batch_at.0);
    match procedure::close_batches(desk, None, before, "guichet").await {
        Ok(0) => {}
        Ok(left) => tracing::info!("Closed the batches of the day: {left} declarations leave"),
        Err(err) => tracing::error!("The batches of the day cannot be closed: {:#}", anyhow::Error::from(err)),
    }
}

/// Notices that a day has passed in Tunis, also when the machine's clock was set.
async fn calendar(desk: Arc<Desk>, mut stop: watch::Receiver<bool>) {
    let mut today = None;
    while !*stop.borrow() {
        let date = desk.clock.today();
        if today != Some(date) {
            daily::new_day(&desk, date).await;
            today = Some(date);
        }
        tokio::select! {
            () = tokio::time::sleep(daily::LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}
