//! A rehearsal of the whole procedure: invented merchants through a real daemon, with everyone else played, and every end compared with
//! what was written before.
//!
//! Forms are printed PDF dropped into the inbox and read behind the walls, as a bank's are; nothing is fed past the door. What
//! operators and releasers do is done as they do it, through the events of the command line.

mod outcome;
mod people;

use std::collections::BTreeSet;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::watch;

use crate::config::Config;
use crate::practice::{Habits, Practice};
use crate::schemas::Forms;
use outcome::Outcome;
use people::Play;

/// Between two rounds of those who are played.
const PAUSE: Duration = Duration::from_millis(100);
/// Nothing moved for so long: the rehearsal is over, whatever was expected.
const STUCK: Duration = Duration::from_mins(1);

pub(super) struct Rehearsal {
    pub root: PathBuf,
    pub merchants: u32,
    pub habits: Habits,
    pub batch: bool,
    /// No progress on the terminal.
    pub quiet: bool,
}

impl Rehearsal {
    pub(super) async fn play(&self) -> anyhow::Result<Outcome> {
        self.lay_out()?;
        let file = self.root.join(crate::config::FILE_NAME);
        let (stop, stopping) = watch::channel(false);
        let daemon = tokio::spawn({
            let file = file.clone();
            async move { crate::app::run(&file, stopping).await }
        });
        let mut play = Play {
            desk: crate::app::desk(Config::load(&file)?).await?,
            forms: Arc::new(Forms::built_in()),
            root: self.root.clone(),
            counterparty: Practice::new(self.habits),
            habits: self.habits,
            to_reissue: BTreeSet::new(),
            wrong: Vec::new(),
            settled: BTreeSet::new(),
            dropped: 0,
            ended: 0,
        };
        let started = Instant::now();
        let mut moved = started;
        let mut finished = started;
        while play.ended < self.merchants && moved.elapsed() < STUCK {
            if daemon.is_finished() {
                daemon.await?.context("the daemon of the rehearsal has stopped")?;
                anyhow::bail!("the daemon of the rehearsal has stopped before it was told to");
            }
            if play.round(self.merchants).await? {
                moved = Instant::now();
                finished = moved;
            }
            self.tell(play.ended, play.dropped, started);
            tokio::time::sleep(PAUSE).await;
        }
        // Letters and answers of the last minute leave before it is counted what left.
        while play.desk.store.errands().await?.iter().any(|errand| errand.state == "live") && moved.elapsed() < STUCK {
            tokio::time::sleep(PAUSE).await;
        }
        stop.send_replace(true);
        daemon.await??;
        if !self.quiet {
            eprintln!();
        }
        self.judge(&play, (finished - started).as_secs_f64()).await
    }

    /// One bank, a short quiet time, letters in a folder.
    fn lay_out(&self) -> anyhow::Result<()> {
        let root = &self.root;
        fs::create_dir_all(root).with_context(|| format!("{}", root.display()))?;
        let empty = fs::read_dir(root)?.next().is_none();
        anyhow::ensure!(empty, "{} is not empty: a rehearsal begins with a new folder", root.display());
        let batch = if self.batch { "[\"DTS\"]" } else { "[]" };
        let text = format!(
            "[inbox]\nquiet = \"100ms\"\nrescan = \"1s\"\n\n[log]\nlevel = \"error\"\n\n[monetique]\nmailboxes = [\"operateurs@monetique.example\"]\n\
             \n[declarations]\nbatch = {batch}\n\n[[bank]]\nfolder = \"biat\"\ncode = \"08\"\nname = \"Banque Internationale Arabe de Tunisie\"\n\
             mailboxes = [\"monetique@biat.example\"]\n\n[bank.conditions]\nplafond_transaction = 5000000\nplafond_jour = 50000000\n\
             commission_nationale = 1500\ncommission_internationale = 2900\n"
        );
        fs::write(root.join(crate::config::FILE_NAME), text)?;
        crate::app::init(root, &[])?;
        Ok(())
    }

    fn tell(&self, ended: u32, dropped: u32, started: Instant) {
        if self.quiet || !std::io::stderr().is_terminal() {
            return;
        }
        let seconds = started.elapsed().as_secs_f64();
        let rate = f64::from(ended) / seconds.max(0.1);
        eprint!(
            "\r{ended}/{} au bout, {dropped} déposés, {seconds:.0} s, {rate:.1} dossiers par seconde   ",
            self.merchants
        );
        let _ = std::io::stderr().flush();
    }
}
