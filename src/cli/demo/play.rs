//! The two acts, and what is left to see afterwards.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::news::Teller;
use super::stage;
use crate::cli::at;
use crate::cli::letters::pen;
use crate::cli::pair::merchant;
use crate::cli::table::{shown, table};
use crate::clock::in_tunis;
use crate::config::Config;
use crate::demo::{self, BANKS, Sample};
use crate::domain::declaration::FileType;
use crate::domain::dossier::{DeclaredState, Dossier, DossierRef};
use crate::domain::event::Event;
use crate::domain::notification::Language;
use crate::domain::release::{Role, User};
use crate::domain::requirement::requirements;
use crate::domain::step::Step;
use crate::practice::{Done, Habits, Practice};
use crate::procedure::{Desk, happen, shown_for_release};
use crate::store::WaitingState;

/// Nothing new for so long, and nothing left to do: an act is over.
const STILL: Duration = Duration::from_millis(1500);
/// Between two drops: the corrected version comes after the answer to the faulty one, as it would in life.
const BREATH: Duration = Duration::from_millis(700);
/// Longest a demonstration that ends by itself may take.
const LONGEST: Duration = Duration::from_mins(4);

pub(super) async fn perform(root: &Path, samples: &[Sample], once: bool) -> anyhow::Result<()> {
    let (stop, stopping) = watch::channel(false);
    let file = root.join(crate::config::FILE_NAME);
    let daemon = tokio::spawn({
        let file = file.clone();
        async move { crate::app::run(&file, stopping).await }
    });
    let mut play = Play {
        desk: crate::app::desk(Config::load(&file)?).await?,
        root: root.to_owned(),
        teller: Teller::new(root),
        practice: Practice::new(Habits { seed: 1, rejected: 0, duplicated: 0, late: 0, visits: 1 }),
        tested: BTreeSet::new(),
        started: Instant::now(),
    };
    play.first_act(samples).await?;
    play.second_act().await?;
    play.curtain().await?;
    if !once {
        println!(
            "\nÀ vous : déposez un fichier, par exemple\n  cp \"{0}/{1}/Comptoir 101.pdf\" {0}/inbox/{2}/\net regardez ce qu'il devient, jusqu'au commerçant en service. Ctrl-C pour finir.\n",
            root.display(),
            stage::TO_DROP,
            BANKS[0].0
        );
        play.watch_until_stopped().await?;
    }
    stop.send_replace(true);
    daemon.await?
}

struct Play {
    desk: Arc<Desk>,
    root: PathBuf,
    teller: Teller,
    practice: Practice,
    /// Dossiers whose filled grid has been dropped.
    tested: BTreeSet<DossierRef>,
    started: Instant,
}

impl Play {
    async fn first_act(&mut self, samples: &[Sample]) -> anyhow::Result<()> {
        println!("guichet – démonstration dans {}", self.root.display());
        let banks: Vec<&str> = BANKS.iter().map(|(_, _, name)| *name).collect();
        self.teller
            .heading(&format!("Premier acte : {} déposent les formulaires de leurs commerçants", banks.join(", ")));
        for (number, sample) in samples.iter().enumerate() {
            let files: Vec<String> = sample.files.iter().map(|(name, _)| name.clone()).collect();
            self.teller.dropped(number + 1, &sample.bank.to_uppercase(), sample.shows, &files);
            stage::drop_off(&self.root, sample)?;
            self.watch_until_still(BREATH).await?;
        }
        self.watch_until_still(STILL).await
    }

    /// Plays the other side until every complete dossier is live: acknowledgements, reports of tests, releases.
    async fn second_act(&mut self) -> anyhow::Result<()> {
        self.teller.heading(
            "Second acte : Monétique-Tunisie et les banques répondent (jouées par la contrepartie d'exercice)",
        );
        for _ in 0..16 {
            let acted = self.others_act().await?;
            self.watch_until_still(BREATH).await?;
            if !acted && self.practice.is_settled() {
                break;
            }
        }
        Ok(())
    }

    /// One visit of the other side, and what people do between two files.
    async fn others_act(&mut self) -> anyhow::Result<bool> {
        stage::keep_copies(&self.root)?;
        let now = in_tunis(self.desk.clock.now()).datetime();
        let acts = self.practice.visit(&self.root.join("outbox"), now)?;
        for act in &acts {
            let said = match &act.done {
                Done::Answered | Done::AnsweredTwice if act.rejected.is_empty() => "accepté",
                Done::Answered | Done::AnsweredTwice => "rejeté",
                Done::Postponed => "pris, réponse plus tard",
                Done::Refused(why) => why.as_str(),
            };
            self.teller.say("←", "36", &format!("{:<22}{} : {}", "Accusé de réception", act.file, shown(said)));
        }
        if !acts.is_empty() {
            self.watch_until_still(BREATH).await?;
        }
        let moved = self.people_act().await?;
        Ok(moved || !acts.is_empty())
    }

    /// Tests are reported; what waits for a second person is released.
    async fn people_act(&mut self) -> anyhow::Result<bool> {
        let mut moved = false;
        for line in self.desk.store.dossiers(1000).await? {
            let Some(filed) = self.desk.store.dossier(&line.reference).await? else { continue };
            let dossier = filed.dossier;
            let who = format!("{} {}", dossier.reference, shown(merchant(&dossier)));
            if dossier.step == Step::Tests {
                moved |= self.test(&dossier, &who).await?;
            }
            let held = dossier.declared.iter().rev().find(|declared| declared.state == DeclaredState::Held);
            if let Some(held) = held {
                moved |= self.release(&dossier.reference, held.file_type, &who).await?;
            }
        }
        Ok(moved)
    }

    /// The merchant fills in the grid and its bank drops it; once every test is noted, Monétique-Tunisie draws up its report.
    async fn test(&mut self, dossier: &Dossier, who: &str) -> anyhow::Result<bool> {
        let results = demo::all_passed(&self.desk.rules.grid, dossier);
        if results.is_empty() {
            // The declaration gives a report's reference twelve characters.
            let reference = dossier.reference.as_str().replace('D', "PV");
            self.teller.say("✔", "32", &format!("{:<22}{who} : procès-verbal {reference}", "Tests passés"));
            let report = Event::TestsReported {
                favourable: true,
                reference,
                date: self.desk.clock.today(),
                failing: vec![],
                signatory: None,
                by: "operateur".to_owned(),
            };
            happen(&self.desk, &dossier.reference, &report, "operateur").await?;
            return Ok(true);
        }
        let Some(bank) = &dossier.bank else { return Ok(false) };
        if !self.tested.insert(dossier.reference.clone()) {
            return Ok(false);
        }
        let mut filled = dossier.clone();
        filled.tests.extend(results.into_iter().map(|result| (result.code.clone(), result)));
        let pen = pen(&self.desk.config)?;
        let (name, _, bytes) = pen.papers(&filled, filled.language, self.desk.clock.now()).workbook()?;
        self.teller.say("→", "36", &format!("{:<22}{who} : {name}", "Grille déposée"));
        fs::write(self.root.join("inbox").join(bank.as_str()).join(name), bytes)?;
        Ok(true)
    }

    async fn release(&self, reference: &DossierRef, file_type: FileType, who: &str) -> anyhow::Result<bool> {
        let waiting = self.desk.store.waiting(Some(reference)).await?;
        let held = waiting.iter().find(|one| one.state == WaitingState::Held && one.declaration.file_type == file_type);
        let Some(held) = held else { return Ok(false) };
        let (_, seen) = shown_for_release(&self.desk, held).await?;
        let what = format!("{:<22}{} contrôlé par une seconde personne ({who})", "Libéré", held.name);
        self.teller.say("✔", "32", &what);
        let by = User { name: "valideur".to_owned(), roles: [Role::Releaser].into() };
        let event = Event::Released { file: held.name.clone(), seen, by };
        happen(&self.desk, reference, &event, "valideur").await?;
        Ok(true)
    }

    /// Tells what appears until nothing has for a while and no errand is left to do.
    async fn watch_until_still(&mut self, still: Duration) -> anyhow::Result<()> {
        let mut last_news = Instant::now();
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if self.teller.tell() {
                last_news = Instant::now();
            }
            if last_news.elapsed() >= still && !self.errands_left().await? {
                self.teller.tell_letters();
                return Ok(());
            }
            anyhow::ensure!(self.started.elapsed() < LONGEST, "the demonstration did not come to its end in time");
        }
    }

    async fn errands_left(&self) -> anyhow::Result<bool> {
        Ok(self.desk.store.errands().await?.iter().any(|errand| errand.state == "live"))
    }

    async fn watch_until_stopped(&mut self) -> anyhow::Result<()> {
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        let mut quiet_since = Instant::now();
        loop {
            tokio::select! {
                done = &mut interrupted => return Ok(done?),
                () = tokio::time::sleep(Duration::from_millis(100)) => {
                    if self.teller.tell() {
                        quiet_since = Instant::now();
                    } else if quiet_since.elapsed() >= BREATH && !self.errands_left().await? {
                        self.teller.tell_letters();
                        self.started = Instant::now();
                        self.others_act().await?;
                        quiet_since = Instant::now();
                    }
                }
            }
        }
    }

    /// How every dossier stands, and where everything lies.
    async fn curtain(&self) -> anyhow::Result<()> {
        self.teller.heading("Où en sont les dossiers");
        let templates = at::templates(&self.desk.config)?;
        let words = templates.words(Language::Fr);
        let mut rows = table(&["Dossier", "Commerçant", "Banque", "Étape", "Attend"]);
        let mut lines = self.desk.store.dossiers(1000).await?;
        lines.sort_by(|a, b| a.reference.cmp(&b.reference));
        for line in &lines {
            let Some(filed) = self.desk.store.dossier(&line.reference).await? else { continue };
            let dossier = filed.dossier;
            let asked = self.desk.with_terms(&dossier, self.desk.clock.now(), |terms| requirements(&dossier, terms));
            let first = asked.first().map(|asked| templates.say(&asked.finding, Language::Fr).text);
            rows.add_row([
                dossier.reference.to_string(),
                shown(merchant(&dossier)),
                shown(&line.bank),
                format!("{}/10 {}", dossier.step.number(), words.of("step", dossier.step.as_str())),
                shown(&first.unwrap_or_default()),
            ]);
        }
        println!("{rows}");
        self.where_to_look(lines.first().map(|line| &line.reference));
        Ok(())
    }

    fn where_to_look(&self, first: Option<&DossierRef>) {
        let program = std::env::args_os().next().unwrap_or_else(|| "guichet".into());
        let program = Path::new(&program).display().to_string();
        let root = self.root.display();
        self.teller.heading("Où regarder");
        for (folder, _, name) in BANKS {
            println!("  {root}/inbox/{folder}/reponses/   les réponses à {name}, à ouvrir dans un navigateur");
        }
        println!(
            "  {root}/{}/monetique/   les déclarations que Monétique-Tunisie a emportées, et les documents",
            stage::TAKEN
        );
        println!("  {root}/var/letters/   les lettres, à ouvrir dans une messagerie");
        println!("  {program} status --config {root}");
        if let Some(first) = first {
            println!("  {program} show {first} --config {root}");
        }
    }
}
