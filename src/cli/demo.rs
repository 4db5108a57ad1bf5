//! `guichet demo`: the main job on sample dossiers, live, in a scratch installation.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use tokio::sync::watch;

use super::OK;
use super::at::block_on;
use super::table::shown;
use crate::clock::in_tunis;
use crate::config::Config;
use crate::demo::{BANKS, Sample, samples};
use crate::domain::declaration::FileType;
use crate::domain::dossier::{DeclaredState, DossierRef};
use crate::domain::event::Event;
use crate::domain::release::{Role, User};
use crate::domain::step::Step;
use crate::practice::{Habits, Practice};
use crate::procedure::{Desk, happen, shown_for_release};
use crate::schemas::Forms;
use crate::store::WaitingState;

/// Nothing new for so long, and nothing left to do: the demonstration is over.
const STILL: Duration = Duration::from_secs(2);
/// Longest a demonstration that ends by itself may take.
const LONGEST: Duration = Duration::from_secs(240);

/// Makes a scratch installation, drops sample submissions of three banks and shows what becomes of each.
///
/// It keeps watching, so that you can drop a file of your own and see it treated; --once ends when all is done.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// End when everything has been treated
    #[arg(long)]
    once: bool,
    /// Folder of the scratch installation; a new temporary one when absent
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Only write the sample documents into this folder, one folder per bank
    #[arg(long, value_name = "DIR", conflicts_with_all = ["once", "dir"])]
    samples: Option<PathBuf>,
}

impl Demo {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        if let Some(folder) = &self.samples {
            return write_samples(folder);
        }
        let root = match &self.dir {
            Some(dir) => dir.clone(),
            None => std::env::temp_dir().join(format!("guichet-demo-{}", std::process::id())),
        };
        lay_out(&root)?;
        let samples = samples(&Forms::built_in())?;
        println!("Installation d'essai : {}\n", root.display());
        block_on(self.show(&root, &samples))?;
        where_to_look(&root);
        Ok(OK)
    }

    async fn show(&self, root: &Path, samples: &[Sample]) -> anyhow::Result<()> {
        let (stop, stopping) = watch::channel(false);
        let file = root.join(crate::config::FILE_NAME);
        let daemon = tokio::spawn({
            let file = file.clone();
            async move { crate::app::run(&file, stopping).await }
        });
        let mut play = Play {
            desk: crate::app::desk(Config::load(&file)?).await?,
            root: root.to_owned(),
            seen: BTreeSet::new(),
            practice: Practice::new(Habits { seed: 1, rejected: 0, duplicated: 0, late: 0, visits: 1 }),
            started: Instant::now(),
            last_news: Instant::now(),
        };
        for sample in samples {
            println!("▸ {} dépose : {}", sample.bank, sample.shows);
            drop_off(root, sample)?;
            // The corrected version comes after the answer to the faulty one, as it would in life.
            play.watch_until_still(Duration::from_millis(700)).await?;
        }
        play.watch_until_still(STILL).await?;
        println!("\nContrepartie d'exercice : Monétique-Tunisie et les banques répondent.\n");
        play.to_the_end().await?;
        if !self.once {
            println!(
                "\nDéposez un fichier dans {}/inbox/biat pour le voir traité ; Ctrl-C pour finir.",
                root.display()
            );
            play.watch_until_stopped().await?;
        }
        stop.send_replace(true);
        daemon.await?
    }
}

/// What the demonstration keeps in hand while it watches.
struct Play {
    desk: Arc<Desk>,
    root: PathBuf,
    seen: BTreeSet<PathBuf>,
    practice: Practice,
    started: Instant,
    last_news: Instant,
}

impl Play {
    /// Tells what appears until nothing has for a while and no errand is left to do.
    async fn watch_until_still(&mut self, still: Duration) -> anyhow::Result<()> {
        self.last_news = Instant::now();
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.tell_news()?;
            let idle = self.last_news.elapsed() >= still;
            if idle && !self.errands_left().await? {
                return Ok(());
            }
            anyhow::ensure!(self.started.elapsed() < LONGEST, "the demonstration did not come to its end in time");
        }
    }

    async fn watch_until_stopped(&mut self) -> anyhow::Result<()> {
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        loop {
            tokio::select! {
                done = &mut interrupted => return Ok(done?),
                () = tokio::time::sleep(Duration::from_millis(100)) => {
                    self.tell_news()?;
                    self.practice.visit(&self.root.join("outbox"), in_tunis(self.desk.clock.now()).datetime())?;
                }
            }
        }
    }

    async fn errands_left(&self) -> anyhow::Result<bool> {
        Ok(self.desk.store.errands().await?.iter().any(|errand| errand.state == "live"))
    }

    /// Plays the other side until every complete dossier is live: acknowledgements, reports of tests, releases.
    async fn to_the_end(&mut self) -> anyhow::Result<()> {
        for _ in 0..12 {
            let acts = self.practice.visit(&self.root.join("outbox"), in_tunis(self.desk.clock.now()).datetime())?;
            for act in &acts {
                self.say(&format!("accusé de réception de {}", act.file));
            }
            self.watch_until_still(Duration::from_millis(600)).await?;
            let moved = self.people_act().await?;
            self.watch_until_still(Duration::from_millis(600)).await?;
            if acts.is_empty() && !moved && self.practice.is_settled() {
                break;
            }
        }
        Ok(())
    }

    /// What people do between two files: report the tests, release what waits for a second person.
    async fn people_act(&mut self) -> anyhow::Result<bool> {
        let mut moved = false;
        for line in self.desk.store.dossiers(100).await? {
            let Some(filed) = self.desk.store.dossier(&line.reference).await? else { continue };
            let dossier = filed.dossier;
            if dossier.step == Step::Tests {
                // The declaration gives a report's reference twelve characters.
                let reference = dossier.reference.as_str().replace('D', "PV");
                self.say(&format!("{} : tests passés, rapport {reference}", dossier.reference));
                let report = Event::TestsReported {
                    favourable: true,
                    reference,
                    date: self.desk.clock.today(),
                    failing: vec![],
                    by: "operateur".to_owned(),
                };
                happen(&self.desk, &dossier.reference, &report, "operateur").await?;
                moved = true;
            }
            let held = dossier.declared.iter().rev().find(|declared| declared.state == DeclaredState::Held);
            if let Some(held) = held {
                moved |= self.release(&dossier.reference, held.file_type).await?;
            }
        }
        Ok(moved)
    }

    async fn release(&self, reference: &DossierRef, file_type: FileType) -> anyhow::Result<bool> {
        let waiting = self.desk.store.waiting(Some(reference)).await?;
        let held = waiting.iter().find(|one| one.state == WaitingState::Held && one.declaration.file_type == file_type);
        let Some(held) = held else { return Ok(false) };
        let (_, seen) = shown_for_release(&self.desk, held).await?;
        self.say(&format!("{reference} : {} contrôlé et libéré par une seconde personne", held.name));
        let by = User { name: "valideur".to_owned(), roles: [Role::Releaser].into() };
        let event = Event::Released { file: held.name.clone(), seen, by };
        happen(&self.desk, reference, &event, "valideur").await?;
        Ok(true)
    }

    fn say(&self, what: &str) {
        println!("  {:>6.1} s  {what}", self.started.elapsed().as_secs_f32());
    }

    /// Says each file that has appeared: answers, declarations, letters.
    fn tell_news(&mut self) -> anyhow::Result<()> {
        let mut news = Vec::new();
        for folder in ["inbox", "outbox", "var/letters"] {
            for entry in walkdir::WalkDir::new(self.root.join(folder)).sort_by_file_name().into_iter().flatten() {
                let path = entry.path();
                if entry.file_type().is_file()
                    && !self.seen.contains(path)
                    && let Some(what) = described(path)
                {
                    news.push((path.to_owned(), what));
                }
            }
        }
        for (path, what) in news {
            self.say(&what);
            self.seen.insert(path);
            self.last_news = Instant::now();
        }
        Ok(())
    }
}

/// One line about a file guichet has left; `None` for companions and files on their way.
fn described(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let parent = path.parent()?.file_name()?.to_str()?;
    if name.starts_with('.') || path.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')) {
        return None;
    }
    if parent == "reponses" && name.ends_with(".json") {
        let answer: serde_json::Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        let verdict = answer["verdict"]["title"].as_str().or(answer["verdict"].as_str()).unwrap_or_default();
        let mut line = format!("réponse   {} – {}", shown(name.trim_end_matches(".json")), shown(verdict));
        if let Some(reference) = answer["dossier"].as_str().or(answer["dossier"]["reference"].as_str()) {
            let _ = write!(line, " ({reference})");
        }
        return Some(line);
    }
    if name.ends_with(".eml") {
        let letter = fs::read_to_string(path).ok()?;
        let head = |key: &str| {
            let line = letter.lines().find(|line| line.to_lowercase().starts_with(key))?;
            line.split_once(':').map(|(_, value)| value.trim().to_owned())
        };
        return Some(format!("lettre    à {}", shown(&head("to:")?)));
    }
    let declaration =
        ["DTS", "DPR", "SPS", "UTI"].iter().any(|kind| name.starts_with(kind)) && name.matches('.').count() == 2;
    declaration.then(|| format!("déclaration {name} pour {parent}"))
}

/// Writes the samples for people who want to drop them by hand.
fn write_samples(folder: &Path) -> anyhow::Result<u8> {
    let mut written = 0;
    for sample in samples(&Forms::built_in())? {
        let folder = folder.join(sample.bank).join(sample.folder.as_deref().unwrap_or_default());
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        for (name, bytes) in &sample.files {
            fs::write(folder.join(name), bytes).with_context(|| format!("writing {name}"))?;
            written += 1;
        }
    }
    println!("{written} documents written to {}", folder.display());
    Ok(OK)
}

/// The configuration of the demonstration: three banks, a short quiet time, letters in a folder.
fn lay_out(root: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(root).with_context(|| format!("creating {}", root.display()))?;
    let file = root.join(crate::config::FILE_NAME);
    let mut text = String::from(
        "[inbox]\nquiet = \"200ms\"\nrescan = \"1s\"\n\n[log]\nlevel = \"error\"\n\n[monetique]\nmailboxes = [\"operateurs@monetique.example\"]\n",
    );
    for (folder, code, name) in BANKS {
        let _ = write!(
            text,
            "\n[[bank]]\nfolder = \"{folder}\"\ncode = \"{code}\"\nname = \"{name}\"\nmailboxes = [\"monetique@{folder}.example\"]\n\n[bank.conditions]\nplafond_transaction = 5000000\nplafond_jour = 50000000\ncommission_nationale = 1500\ncommission_internationale = 2900\n"
        );
    }
    fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    crate::app::init(root, &[])?;
    Ok(())
}

/// Drops a sample as a bank would: whole folders are moved in, loose files copied.
fn drop_off(root: &Path, sample: &Sample) -> anyhow::Result<()> {
    let inbox = root.join("inbox").join(sample.bank);
    match &sample.folder {
        Some(name) => {
            let aside = root.join(format!(".{name}"));
            fs::create_dir_all(&aside)?;
            for (file, bytes) in &sample.files {
                fs::write(aside.join(file), bytes)?;
            }
            fs::rename(aside, inbox.join(name))?;
        }
        None => {
            for (file, bytes) in &sample.files {
                fs::write(inbox.join(file), bytes)?;
            }
        }
    }
    Ok(())
}

fn where_to_look(root: &Path) {
    let root = root.display();
    println!("\nOù regarder :");
    println!("  {root}/inbox/*/reponses/   les réponses aux banques (pages à ouvrir dans un navigateur)");
    println!("  {root}/var/letters/        les lettres");
    println!("  guichet status --config {root}     les dossiers et ce qu'ils attendent");
    println!("  guichet show D26-000001 --config {root}");
}
