//! A rehearsal of the whole procedure: invented merchants through a real daemon, with everyone else played, and every end compared with
//! what was written before.
//!
//! Forms are printed PDF dropped into the inbox and read behind the walls, as a bank's are; nothing is fed past the door. What
//! operators and releasers do is done as they do it, through the events of the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Serialize;
use tokio::sync::watch;

use super::table::table;
use crate::clock::in_tunis;
use crate::config::Config;
use crate::demo;
use crate::domain::declaration::FileType;
use crate::domain::dossier::{DeclaredState, Dossier, DossierRef};
use crate::domain::event::Event;
use crate::domain::release::{Role, User};
use crate::domain::step::Step;
use crate::practice::{Done, Fate, Habits, Practice, end, fate};
use crate::procedure::{Desk, close_batches, happen, shown_for_release};
use crate::schemas::Forms;
use crate::store::WaitingState;

/// Between two rounds of those who are played.
const PAUSE: Duration = Duration::from_millis(100);
/// Nothing moved for so long: the rehearsal is over, whatever was expected.
const STUCK: Duration = Duration::from_secs(60);
/// Merchants on their way at once: a bank does not drop a thousand forms at a time.
const ON_THE_WAY: u32 = 60;

pub(super) struct Rehearsal {
    pub root: PathBuf,
    pub merchants: u32,
    pub habits: Habits,
    pub batch: bool,
    /// No progress on the terminal.
    pub quiet: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    installation: PathBuf,
    merchants: u32,
    /// Where dossiers ended: by step, how many were expected there and how many are.
    ends: BTreeMap<String, (usize, usize)>,
    /// Files by type: how many were expected and how many were taken.
    files: BTreeMap<String, (usize, usize)>,
    letters: usize,
    seconds: f64,
    dossiers_per_second: f64,
    pub faults: Vec<String>,
}

impl Outcome {
    pub(super) fn print(&self) {
        let mut rows = table(&["Fin", "Attendus", "Trouvés"]);
        for (step, (expected, found)) in &self.ends {
            rows.add_row([step.clone(), expected.to_string(), found.to_string()]);
        }
        println!("{rows}");
        let files: Vec<String> =
            self.files.iter().map(|(kind, (expected, taken))| format!("{kind} {taken}/{expected}")).collect();
        println!(
            "Fichiers pris (sur attendus) : {} ; numéros sans trou, chaque fichier offert une fois",
            files.join(", ")
        );
        println!("Lettres : {}, aucune deux fois", self.letters);
        println!(
            "{} dossiers en {:.1} s : {:.1} dossiers par seconde",
            self.merchants, self.seconds, self.dossiers_per_second
        );
        println!("Installation : {}", self.installation.display());
        for fault in &self.faults {
            println!("FAUTE  {fault}");
        }
    }
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
            dropped: 0,
            ended: 0,
        };
        let started = Instant::now();
        let mut moved = started;
        let mut finished = started;
        while play.ended < self.merchants && moved.elapsed() < STUCK {
            anyhow::ensure!(!daemon.is_finished(), "the daemon of the rehearsal has stopped");
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

    /// Compares what is with what was written before.
    async fn judge(&self, play: &Play, seconds: f64) -> anyhow::Result<Outcome> {
        let store = &play.desk.store;
        let mut ends: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let mut expected_files = [0; 4];
        let mut faults = play.wrong.clone();
        let lines = store.dossiers(usize::MAX).await?;
        for line in &lines {
            let (step, files) = end(&self.habits, line.reference.as_str());
            ends.entry(step.to_string()).or_default().0 += 1;
            ends.entry(line.step.clone()).or_default().1 += 1;
            for (expected, files) in expected_files.iter_mut().zip(files) {
                *expected += files;
            }
            if line.step != step.as_str() {
                faults.push(format!("{} ends at {}, not at {step}", line.reference, line.step));
            }
        }
        if lines.len() != self.merchants as usize {
            faults.push(format!("{} dossiers for {} merchants", lines.len(), self.merchants));
        }
        let taken = play.counterparty.taken();
        let mut files = BTreeMap::new();
        for (file_type, expected) in FileType::ALL.into_iter().zip(expected_files) {
            let taken = taken.get(file_type.as_str()).copied().unwrap_or(0);
            files.insert(file_type.to_string(), (expected, taken));
            // A batch holds several merchants.
            if taken != expected && !(self.batch && file_type == FileType::Dts) {
                faults.push(format!("{taken} {file_type} files taken, {expected} expected"));
            }
        }
        faults.extend(play.counterparty.gaps());
        faults.extend(store.verify().await?);
        let parked = store.errands().await?.into_iter().filter(|errand| errand.state == "parked");
        faults
            .extend(parked.map(|errand| {
                format!("{} {}: {}", errand.kind, errand.subject, errand.last_error.unwrap_or_default())
            }));
        let letters = message_ids(&self.root.join("var/letters"))?;
        let different: BTreeSet<&String> = letters.iter().collect();
        if different.len() != letters.len() {
            faults.push(format!("{} letters, {} of them different", letters.len(), different.len()));
        }
        Ok(Outcome {
            installation: self.root.clone(),
            merchants: self.merchants,
            ends,
            files,
            letters: letters.len(),
            seconds,
            dossiers_per_second: f64::from(self.merchants) / seconds.max(0.001),
            faults,
        })
    }
}

/// Those who are played, and what they remember.
struct Play {
    desk: Arc<Desk>,
    forms: Arc<Forms>,
    root: PathBuf,
    counterparty: Practice,
    habits: Habits,
    /// Rejected once, to be sent again when the dossier knows.
    to_reissue: BTreeSet<(DossierRef, FileType)>,
    wrong: Vec<String>,
    dropped: u32,
    ended: u32,
}

impl Play {
    /// Everyone does what there is to do; says whether anything moved.
    async fn round(&mut self, merchants: u32) -> anyhow::Result<bool> {
        let mut moved = self.drop_forms(merchants)?;
        let now = in_tunis(self.desk.clock.now()).datetime();
        for act in self.counterparty.visit(&self.root.join("outbox"), now)? {
            moved = true;
            if let Done::Refused(why) = &act.done {
                self.wrong.push(format!("{}: {why}", act.file));
            }
            let Some(file_type) = FileType::of_name(&act.file) else { continue };
            for reference in &act.rejected {
                if fate(&self.habits, reference, file_type) == Fate::RejectedOnce {
                    self.to_reissue.insert((DossierRef::parse(reference)?, file_type));
                }
            }
        }
        moved |= self.reissue().await?;
        moved |= self.release().await?;
        let closed = close_batches(&self.desk, None, self.desk.clock.now(), "operateur").await;
        moved |= closed.is_ok_and(|left| left > 0);
        let mut ended = 0;
        for line in self.desk.store.dossiers(usize::MAX).await? {
            let (last, _) = end(&self.habits, line.reference.as_str());
            if line.step == Step::Tests.as_str() {
                moved |= self.report(&line.reference).await?;
            } else if line.step == last.as_str() && (last == Step::Live || self.is_rejected(&line.reference).await?) {
                ended += 1;
            }
        }
        moved |= ended != self.ended;
        self.ended = ended;
        Ok(moved)
    }

    /// A bank drops the next forms, as long as not too many are on their way.
    fn drop_forms(&mut self, merchants: u32) -> anyhow::Result<bool> {
        let inbox = self.root.join("inbox/biat");
        let before = self.dropped;
        while self.dropped < merchants && self.dropped < self.ended + ON_THE_WAY {
            self.dropped += 1;
            let bytes = demo::one_of_many(&self.forms, self.dropped)?;
            let part = inbox.join(format!(".comptoir-{}.part", self.dropped));
            fs::write(&part, bytes)?;
            fs::rename(part, inbox.join(format!("comptoir-{}.pdf", self.dropped)))?;
        }
        Ok(self.dropped > before)
    }

    /// The operator records a favourable report.
    async fn report(&self, reference: &DossierRef) -> anyhow::Result<bool> {
        let report = Event::TestsReported {
            favourable: true,
            reference: reference.as_str().replace('D', "PV"),
            date: self.desk.clock.today(),
            failing: vec![],
            by: "operateur".to_owned(),
        };
        Ok(happen(&self.desk, reference, &report, "operateur").await.is_ok())
    }

    /// The second person releases what waits for one.
    async fn release(&self) -> anyhow::Result<bool> {
        let by = User { name: "valideur".to_owned(), roles: [Role::Releaser].into() };
        let mut moved = false;
        for held in self.desk.store.waiting(None).await?.into_iter().filter(|one| one.state == WaitingState::Held) {
            let (_, seen) = shown_for_release(&self.desk, &held).await?;
            let event = Event::Released { file: held.name.clone(), seen, by: by.clone() };
            // Another file took the number meanwhile: what was seen is no longer what would leave. It is shown again at the next round.
            moved |= happen(&self.desk, &held.declaration.dossier, &event, &by.name).await.is_ok();
        }
        Ok(moved)
    }

    /// The operator sends again what was rejected once, as soon as its dossier knows.
    async fn reissue(&mut self) -> anyhow::Result<bool> {
        let mut moved = false;
        for (reference, file_type) in self.to_reissue.clone() {
            let event = Event::Reissued { file_type, by: "operateur".to_owned() };
            let rejected = self.dossier(&reference).await?.is_some_and(|dossier| last_is_rejected(&dossier, file_type));
            if rejected && happen(&self.desk, &reference, &event, "operateur").await.is_ok() {
                self.to_reissue.remove(&(reference, file_type));
                moved = true;
            }
        }
        Ok(moved)
    }

    async fn is_rejected(&self, reference: &DossierRef) -> anyhow::Result<bool> {
        let Some(dossier) = self.dossier(reference).await? else { return Ok(false) };
        Ok(dossier.declared.last().is_some_and(|last| last_is_rejected(&dossier, last.file_type)))
    }

    async fn dossier(&self, reference: &DossierRef) -> anyhow::Result<Option<Dossier>> {
        Ok(self.desk.store.dossier(reference).await?.map(|filed| filed.dossier))
    }
}

fn last_is_rejected(dossier: &Dossier, file_type: FileType) -> bool {
    let last = dossier.declared.iter().rev().find(|declared| declared.file_type == file_type);
    last.is_some_and(|last| matches!(last.state, DeclaredState::Rejected { .. }))
}

/// The Message-ID of every letter in a folder.
fn message_ids(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder)?.flatten().filter(|entry| entry.path().extension().is_some_and(|it| it == "eml"))
    {
        let letter = fs::read_to_string(entry.path())?;
        let id = letter.lines().find_map(|line| line.strip_prefix("Message-ID:"));
        ids.push(id.with_context(|| format!("{} has no Message-ID", entry.path().display()))?.trim().to_owned());
    }
    Ok(ids)
}
