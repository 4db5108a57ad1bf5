//! How the daemon is: what it cannot do at the moment and since when, in a file that `guichet status` shows.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

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
    /// Which of the daemon's looks met it.
    #[serde(default)]
    pub at: String,
    pub what: String,
    pub since: Timestamp,
}

impl Condition {
    /// As the daemon last wrote it; `None` when it never ran here.
    #[must_use]
    pub fn read(var: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(file(var)).ok()?).ok()
    }

    /// Takes the troubles of one look's round: new ones are logged once, those that are over are logged as over. What other looks
    /// have met stays.
    fn troubles(&mut self, at: &str, troubles: &[String], now: Timestamp) -> bool {
        let before = self.troubles.clone();
        self.troubles.retain(|lasting| lasting.at != at);
        let own: Vec<&Lasting> = before.iter().filter(|lasting| lasting.at == at).collect();
        for what in troubles {
            let known = own.iter().find(|lasting| lasting.what == *what);
            if known.is_none() {
                tracing::error!("{what}; waiting until it is over");
            }
            let since = known.map_or(now, |lasting| lasting.since);
            self.troubles.push(Lasting { at: at.to_owned(), what: what.clone(), since });
        }
        for lasting in own.iter().filter(|lasting| !troubles.contains(&lasting.what)) {
            tracing::info!("Over since {}: {}", lasting.since, lasting.what);
        }
        before != self.troubles
    }

    /// Not worth a forced write: a stale condition is replaced at the next start.
    fn write(&self, var: &Path) {
        let written = serde_json::to_vec_pretty(self)
            .map_err(std::io::Error::from)
            .and_then(|bytes| std::fs::write(file(var), bytes));
        if let Err(err) = written {
            tracing::debug!("The daemon's condition cannot be written down: {err}");
        }
    }
}

/// The condition as the looks of one daemon share it.
#[derive(Debug, Clone)]
pub(super) struct Health {
    var: PathBuf,
    condition: Arc<Mutex<Condition>>,
}

impl Health {
    /// Of a daemon that starts now.
    pub(super) fn of(var: PathBuf, started: Timestamp) -> Self {
        let condition = Condition { process: std::process::id(), started: Some(started), ..Condition::default() };
        condition.write(&var);
        Self { var, condition: Arc::new(Mutex::new(condition)) }
    }

    /// Folders are looked at from time to time only.
    pub(super) fn is_polling(&self) {
        let mut condition = self.condition.lock().expect("no look panics while it tells");
        condition.polling = true;
        condition.write(&self.var);
    }

    /// What one of the looks has met in its last round.
    pub(super) fn tell(&self, at: &str, troubles: &[String], now: Timestamp) {
        let mut condition = self.condition.lock().expect("no look panics while it tells");
        if condition.troubles(at, troubles, now) {
            condition.write(&self.var);
        }
    }
}

fn file(var: &Path) -> PathBuf {
    var.join("condition.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_look_tells_its_own_troubles_and_a_lasting_one_keeps_its_time() {
        let var = tempfile::tempdir().unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let health = Health::of(var.path().to_path_buf(), at(0));
        health.tell("inbox", &["partage perdu".to_owned()], at(1));
        health.tell("counters", &["droits insuffisants".to_owned()], at(2));
        health.tell("inbox", &["partage perdu".to_owned()], at(3));
        let told = || -> Vec<(String, i64)> {
            let read = Condition::read(var.path()).unwrap();
            let mut told: Vec<_> = read.troubles.into_iter().map(|it| (it.what, it.since.as_second())).collect();
            told.sort();
            told
        };
        assert_eq!(told(), [("droits insuffisants".to_owned(), 2), ("partage perdu".to_owned(), 1)]);
        health.tell("inbox", &[], at(4));
        assert_eq!(told(), [("droits insuffisants".to_owned(), 2)]);
    }
}
