//! `guichet run`, the daemon, and `guichet scan`, one round of it.

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::at::{At, block_on};
use super::{NO, OK};

/// The daemon: watches the inbox and carries dossiers to their end, until it is told to stop (SIGTERM, Ctrl-C).
///
/// SIGHUP reads the configuration again; a faulty one is refused and the old one kept.
#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    at: At,
}

impl Run {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let config = self.at.load()?;
        crate::telemetry::start(&config.log);
        block_on(async {
            let (stop, stopping) = watch::channel(false);
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            tokio::spawn(async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                stop.send_replace(true);
                // A second request does not wait for what is in hand: whatever is left is done after the next start.
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                std::process::exit(130);
            });
            crate::app::run(&self.at.config, stopping).await
        })?;
        Ok(OK)
    }
}

/// Treats what lies in the inbox and what waits to go out, then ends.
///
/// Exit code 1 when something is left that waits for a person or a server.
#[derive(Debug, Args)]
pub(super) struct Scan {
    #[command(flatten)]
    at: At,
    /// The result as JSON
    #[arg(long)]
    json: bool,
}

impl Scan {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let config = self.at.load()?;
        crate::telemetry::start(&config.log);
        let scanned = block_on(crate::app::scan(config))?;
        if self.json {
            println!("{}", serde_json::json!({ "taken": scanned.taken, "left": scanned.left }));
        } else {
            println!("{} document(s) pris, {} tâche(s) en attente", scanned.taken, scanned.left);
            if scanned.left > 0 {
                println!("« guichet status » dit ce qu'elles attendent.");
            }
        }
        Ok(if scanned.left == 0 { OK } else { NO })
    }
}
