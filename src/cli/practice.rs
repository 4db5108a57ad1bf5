//! `guichet practice`: rehearse the procedure against a counterparty that plays Monétique-Tunisie and the banks.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;

use super::at::{At, block_on};
use super::rehearsal::Rehearsal;
use super::{NO, OK};
use crate::clock::{Clock, SystemClock, in_tunis};
use crate::practice::{Done, Habits, Practice as Counterparty};

/// Between two visits to the outboxes.
const PAUSE: Duration = Duration::from_millis(200);

const EXAMPLES: &str = "\
Examples:
  guichet practice --merchants 100                   a hundred invented merchants, from drop to live, in a scratch installation
  guichet practice --merchants 1000 --reject 10 --duplicate 5 --late 5 --seed 1
  guichet practice --config /srv/essai --reject 10   answers what an installation on trial declares, until it is idle";

/// Plays Monétique-Tunisie and the banks: takes declarations from the outboxes, judges them with a reader of its own, and drops
/// acknowledgements.
///
/// With --merchants it makes a scratch installation, drops forms of invented merchants into its inbox, does what operators and releasers
/// do, and checks that every dossier ends where its script says. Without, it answers what an installation declares: never run it where
/// real counterparties fetch.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Practice {
    /// Rehearse with so many invented merchants in a scratch installation
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=5000))]
    merchants: Option<u32>,
    /// Folder of the scratch installation; a new temporary one when absent
    #[arg(long, value_name = "DIR", requires = "merchants")]
    dir: Option<PathBuf>,
    /// Test declarations leave in batches instead of one by one
    #[arg(long, requires = "merchants")]
    batch: bool,
    /// The same seed plays the same way
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Share of the declarations rejected, in percent; most of them once, some for good
    #[arg(long, alias = "rejected", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100), value_name = "PERCENT")]
    reject: u8,
    /// Share of the files acknowledged twice, in percent
    #[arg(long, alias = "duplicated", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100), value_name = "PERCENT")]
    duplicate: u8,
    /// Share of the files acknowledged late, in percent
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100), value_name = "PERCENT")]
    late: u8,
    /// End after so many seconds without a new file
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    idle: u64,
    /// JSON: one line per file, or the outcome of the rehearsal
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: At,
}

impl Practice {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let habits = Habits {
            seed: self.seed,
            rejected: self.reject,
            duplicated: self.duplicate,
            late: self.late,
            visits: if self.merchants.is_some() { 15 } else { 1 },
        };
        match self.merchants {
            None => self.answer(habits),
            Some(merchants) => {
                let root = self
                    .dir
                    .clone()
                    .unwrap_or_else(|| std::env::temp_dir().join(format!("guichet-practice-{}", std::process::id())));
                let rehearsal = Rehearsal { root, merchants, habits, batch: self.batch, quiet: self.json };
                let outcome = block_on(rehearsal.play())?;
                if self.json {
                    println!("{}", serde_json::to_string_pretty(&outcome)?);
                } else {
                    outcome.print();
                }
                Ok(if outcome.faults.is_empty() { OK } else { NO })
            }
        }
    }

    /// Answers what an installation declares, until nothing comes any more.
    fn answer(&self, habits: Habits) -> anyhow::Result<u8> {
        let config = self.at.load()?;
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
                let rejected = act.rejected.join(", ");
                match &act.done {
                    _ if self.json => println!("{}", serde_json::to_string(act)?),
                    Done::Refused(why) => println!("{} : {word} ({why})", act.file),
                    _ if rejected.is_empty() => println!("{} : {word}", act.file),
                    _ => println!("{} : {word}, rejeté : {rejected}", act.file),
                }
            }
            std::thread::sleep(PAUSE);
        }
        let gaps = counterparty.gaps();
        if !self.json {
            let told: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
            println!("{} en {:.1} s", told.join(", "), (busy - started).as_secs_f32());
            for gap in &gaps {
                println!("Numéros manquants : {gap}");
            }
        }
        Ok(if gaps.is_empty() { OK } else { NO })
    }
}

fn word(done: &Done) -> &'static str {
    match done {
        Done::Answered => "répondu",
        Done::AnsweredTwice => "répondu deux fois",
        Done::Postponed => "réponse différée",
        Done::Refused(_) => "fichier refusé",
    }
}
