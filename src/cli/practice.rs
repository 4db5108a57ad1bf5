//! `guichet practice`: rehearse the procedure against a counterparty that plays Monétique-Tunisie and the banks.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use clap::Args;

use super::OK;
use super::at::At;
use crate::clock::{Clock, SystemClock, in_tunis};
use crate::practice::{Done, Habits, Practice as Counterparty};

/// Between two visits to the outboxes.
const PAUSE: Duration = Duration::from_millis(200);

/// Plays Monétique-Tunisie and the banks: takes declarations from the outboxes of an installation, judges them with a reader of its
/// own, and drops acknowledgements. Never run it on an installation whose outboxes real counterparties fetch.
#[derive(Debug, Args)]
pub(super) struct Practice {
    /// The same seed plays the same way
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Share of the files rejected, in percent
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100), value_name = "PERCENT")]
    rejected: u8,
    /// Share of the files acknowledged twice, in percent
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100), value_name = "PERCENT")]
    duplicated: u8,
    /// Share of the files acknowledged late, in percent
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100), value_name = "PERCENT")]
    late: u8,
    /// End after so many seconds without a new file
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    idle: u64,
    /// One line of JSON per file
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: At,
}

impl Practice {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let config = self.at.load()?;
        let habits = Habits { seed: self.seed, rejected: self.rejected, duplicated: self.duplicated, late: self.late };
        let clock = SystemClock::start();
        let mut counterparty = Counterparty::new(habits);
        let started = Instant::now();
        let mut busy = started;
        let mut counts: BTreeMap<&'static str, u32> = BTreeMap::new();
        while busy.elapsed() < Duration::from_secs(self.idle) || !counterparty.is_settled() {
            let acts = counterparty.visit(&config.outbox(), in_tunis(clock.now()).datetime())?;
            for act in &acts {
                busy = Instant::now();
                let word = word(&act.done);
                *counts.entry(word).or_default() += 1;
                match &act.done {
                    _ if self.json => println!("{}", serde_json::to_string(act)?),
                    Done::Refused(why) => println!("{} : {word} ({why})", act.file),
                    _ => println!("{} : {word}", act.file),
                }
            }
            std::thread::sleep(PAUSE);
        }
        if !self.json {
            let told: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
            println!("{} en {:.1} s", told.join(", "), (busy - started).as_secs_f32());
        }
        Ok(OK)
    }
}

fn word(done: &Done) -> &'static str {
    match done {
        Done::Accepted => "acceptée",
        Done::Rejected => "rejetée",
        Done::AcceptedTwice => "acceptée deux fois",
        Done::Postponed => "réponse différée",
        Done::Refused(_) => "fichier refusé",
    }
}
