//! `guichet status`: everything at a glance, and what waits.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use super::at::{At, templates};
use super::pair::merchant;
use super::phrases::Phrases;
use super::table::{shown, table};
use super::{NO, OK};
use crate::app;
use crate::clock::in_tunis;
use crate::domain::dossier::Dossier;
use crate::domain::notification::Language;
use crate::domain::outcome::Outcome;
use crate::domain::requirement::{Requirement, requirements};
use crate::domain::step::Step;
use crate::procedure::Desk;
use crate::store::{DossierLine, ErrandLine, Overview};

/// Dossiers shown when there are more.
const MOST: usize = 200;

const EXAMPLES: &str = "\
Examples:
  guichet status                                  what waits, and for whom
  guichet status --config /srv/guichet
  guichet status --json | jq '.dossiers[] | select(.outcome == \"rejected\")'";

/// Shows dossiers with what they wait for and of whom, counts, and errands that stopped.
///
/// Exit code 1 when something stopped and waits for a person, or when something stands in the daemon's way.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Status {
    #[command(flatten)]
    at: At,
    /// The same for programs, as JSON
    #[arg(long)]
    json: bool,
}

/// One dossier with what is asked.
struct Row {
    line: DossierLine,
    dossier: Dossier,
    outcome: Outcome,
    asked: Vec<Requirement>,
}

impl Status {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.at.with_desk(|desk| async move {
            let store = &desk.store;
            let overview = store.overview().await?;
            let errands = store.errands().await?;
            let var = desk.config.var();
            let condition = if app::is_held(&var) { app::Condition::read(&var) } else { None };
            let expired = app::expired(&desk).await?;
            let stopped: Vec<_> = errands.iter().filter(|errand| errand.state == "parked").collect();
            let mut dossiers = Vec::new();
            for line in store.dossiers(MOST).await? {
                let Some(filed) = store.dossier(&line.reference).await? else { continue };
                let dossier = filed.dossier;
                let (outcome, asked) = desk.with_terms(&dossier, desk.clock.now(), |terms| {
                    (dossier.outcome(terms), requirements(&dossier, terms))
                });
                dossiers.push(Row { line, dossier, outcome, asked });
            }
            if self.json {
                let dossiers: Vec<_> = dossiers
                    .iter()
                    .map(|it| json!({ "dossier": it.line, "outcome": it.outcome, "requirements": it.asked }))
                    .collect();
                let all = json!({ "overview": overview, "dossiers": dossiers, "errands": errands,
                    "daemon": condition, "to_erase": expired });
                println!("{}", serde_json::to_string_pretty(&all)?);
            } else {
                print(&desk, &dossiers, &overview, condition.as_ref(), &errands)?;
                if let Some(held) = overview.declarations.get("held") {
                    println!("{held} déclaration(s) attendent une seconde personne : guichet release");
                }
                if let Some(waiting) = overview.declarations.get("batch") {
                    println!("{waiting} déclaration(s) attendent l'envoi groupé du jour : guichet batch");
                }
                if !expired.is_empty() {
                    let count = expired.documents.len() + expired.dossiers.len() + expired.letters.len();
                    println!("Arrivé au terme de sa conservation : {count} élément(s) (guichet purge --dry-run)");
                }
            }
            let in_trouble = condition.is_some_and(|condition| !condition.troubles.is_empty());
            Ok(if stopped.is_empty() && !in_trouble { OK } else { NO })
        })
    }
}

/// Whether the daemon runs, and what stands in its way.
fn tell(condition: Option<&app::Condition>) {
    let Some(condition) = condition else {
        println!("Démon : arrêté");
        return;
    };
    let since =
        condition.started.map_or_else(String::new, |at| in_tunis(at).strftime(" depuis le %d/%m %H:%M").to_string());
    let polling = if condition.polling { ", dossiers relus à intervalles (partage réseau)" } else { "" };
    println!("Démon : en marche{since} (processus {}){polling}", condition.process);
    for trouble in &condition.troubles {
        let since = in_tunis(trouble.since).strftime("%d/%m %H:%M");
        println!("Empêchement depuis le {since} : {}", shown(&trouble.what));
    }
}

fn print(
    desk: &Desk,
    dossiers: &[Row],
    overview: &Overview,
    condition: Option<&app::Condition>,
    errands: &[ErrandLine],
) -> anyhow::Result<()> {
    let templates = templates(&desk.config)?;
    let phrases = Phrases::load(Some(&desk.config), "procedure/fr.toml")?;
    let words = templates.words(Language::Fr);
    if dossiers.is_empty() {
        println!("Aucun dossier. Les documents se déposent dans {}.", desk.config.inbox().display());
    } else {
        let mut rows = table(&["Dossier", "Commerçant", "Banque", "Étape", "Depuis", "État", "Attend"]);
        for Row { line, dossier, outcome, asked } in dossiers {
            let first = asked.first().map_or_else(String::new, |next| {
                let more = if asked.len() > 1 { format!(" (+{})", asked.len() - 1) } else { String::new() };
                let asked = crate::shown::asked(&desk.forms, &templates, next, Language::Fr);
                format!("{} : {}{more}", asked.actor_name, asked.told.text)
            });
            // Once the forms are right, the step says it all.
            let state = if dossier.step == Step::Forms { phrases.say("outcome", outcome.as_str()) } else { "" };
            rows.add_row([
                line.reference.to_string(),
                shown(merchant(dossier)),
                shown(&line.bank),
                format!("{} {}", dossier.step.number(), words.of("step", dossier.step.as_str())),
                in_tunis(line.since).strftime("%d/%m %H:%M").to_string(),
                state.to_owned(),
                shown(&first),
            ]);
        }
        println!("{rows}");
        let all: u64 = overview.dossiers.values().sum();
        if all > dossiers.len() as u64 {
            println!("{} dossiers sur {all}, les derniers qui ont bougé.", dossiers.len());
        }
    }
    tell(condition);
    for (what, section, counts) in [
        ("Documents", "document_state", &overview.documents),
        ("Déclarations", "declaration_count", &overview.declarations),
        ("Lettres", "letter_count", &overview.letters),
    ] {
        println!("{what} : {}", counted(&phrases, section, counts));
    }
    for errand in errands.iter().filter(|errand| errand.state == "live" && errand.failures > 0) {
        let (kind, why) = (phrases.say("errand", &errand.kind), errand.last_error.as_deref().unwrap_or_default());
        let due = in_tunis(errand.due).strftime("%d/%m %H:%M");
        println!("Réessayé le {due} : {kind} {} – {}", shown(&errand.subject), shown(why));
    }
    for errand in errands.iter().filter(|errand| errand.state == "parked") {
        let (kind, why) = (phrases.say("errand", &errand.kind), errand.last_error.as_deref().unwrap_or_default());
        println!("Arrêté : {kind} {} – {} (guichet retry {})", shown(&errand.subject), shown(why), errand.id);
    }
    Ok(())
}

fn counted(phrases: &Phrases, section: &str, counts: &BTreeMap<String, u64>) -> String {
    let counts: Vec<String> =
        counts.iter().map(|(state, count)| format!("{count} {}", phrases.say(section, state))).collect();
    if counts.is_empty() { "–".to_owned() } else { counts.join(", ") }
}
