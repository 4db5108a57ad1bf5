//! How the daemon is: what it cannot do at the moment and since when, in a file that `guichet status` shows.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The daemon's state of health.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    pub process: u32,
    /// Since when it runs.
    pub started: Option<Timestamp>,
    /// Folders are looked at from time to time only, because nothing is announced there.
    pub polling: bool,
    pub troubles: Vec<Lasting>,
}

/// A trouble that lasts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lasting {
    pub what: String,
    pub since: Timestamp,
}

impl Condition {
    /// As the daemon last wrote it; `None` when it never ran here.
    #[must_use]
    pub fn read(var: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(file(var)).ok()?).ok()
    }

    /// Takes the troubles of a round: new ones are logged once, those that are over are logged as over.
    pub(super) fn troubles(&mut self, var: &Path, troubles: &[String], now: Timestamp) {
        let before = std::mem::take(&mut self.troubles);
        for what in troubles {
            let known = before.iter().find(|lasting| lasting.what == *what);
            if known.is_none() {
                tracing::error!("{what}; waiting until it is over");
            }
            let since = known.map_or(now, |lasting| lasting.since);
            self.troubles.push(Lasting { what: what.clone(), since });
        }
        for lasting in before.iter().filter(|lasting| !troubles.contains(&lasting.what)) {
            tracing::info!("Over since {}: {}", lasting.since, lasting.what);
        }
        if before != self.troubles {
            self.write(var);
        }
    }

    /// Not worth a forced write: a stale condition is replaced at the next start.
    pub(super) fn write(&self, var: &Path) {
        let written = serde_json::to_vec_pretty(self)
            .map_err(std::io::Error::from)
            .and_then(|bytes| std::fs::write(file(var), bytes));
        if let Err(err) = written {
            tracing::debug!("The daemon's condition cannot be written down: {err}");
        }
    }
}

fn file(var: &Path) -> PathBuf {
    var.join("condition.json")
}
