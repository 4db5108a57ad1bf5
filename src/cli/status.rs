//! `guichet status`: everything at a glance, and what waits.

use clap::Args;
use serde_json::json;

use super::at::At;
use super::table::{shown, table};
use super::{NO, OK};
use crate::app;
use crate::clock::in_tunis;
use crate::domain::requirement::{Actor, State, requirements};

/// Dossiers shown when there are more.
const MOST: usize = 200;

/// Shows counts, dossiers with what they wait for and of whom, and errands that stopped.
///
/// Exit code 1 when something stopped and waits for a person, or when something stands in the daemon's way.
#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    at: At,
    #[arg(long)]
    json: bool,
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
                let (outcome, asked) = desk.with_terms(&filed.dossier, desk.clock.now(), |terms| {
                    (filed.dossier.outcome(terms), requirements(&filed.dossier, terms))
                });
                dossiers.push((line, outcome, asked));
            }
            if self.json {
                let dossiers: Vec<_> = dossiers
                    .iter()
                    .map(|(line, outcome, asked)| json!({ "dossier": line, "outcome": outcome, "requirements": asked }))
                    .collect();
                let all = json!({ "overview": overview, "dossiers": dossiers, "errands": errands,
                    "daemon": condition, "to_erase": expired });
                println!("{}", serde_json::to_string_pretty(&all)?);
            } else {
                let mut rows = table(&["Dossier", "Banque", "Étape", "Depuis", "État", "Attend"]);
                for (line, outcome, asked) in &dossiers {
                    let since = in_tunis(line.since).strftime("%d/%m %H:%M").to_string();
                    let first = asked.first().map_or_else(String::new, |next| {
                        let more = if asked.len() > 1 { format!(" (+{})", asked.len() - 1) } else { String::new() };
                        format!("{} : {}{more}", actor(next.actor), next.finding.code)
                    });
                    rows.add_row([
                        line.reference.to_string(),
                        shown(&line.bank),
                        line.step.clone(),
                        since,
                        outcome.as_str().to_owned(),
                        first,
                    ]);
                }
                println!("{rows}");
                tell(condition.as_ref());
                for (what, counts) in [
                    ("Documents", &overview.documents),
                    ("Déclarations", &overview.declarations),
                    ("Lettres", &overview.letters),
                ] {
                    let counts: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
                    println!("{what} : {}", if counts.is_empty() { "–".to_owned() } else { counts.join(", ") });
                }
                if !expired.is_empty() {
                    let count = expired.documents.len() + expired.dossiers.len() + expired.letters.len();
                    println!("Arrivé au terme de sa conservation : {count} élément(s) (guichet purge --dry-run)");
                }
                for errand in errands.iter().filter(|errand| errand.state == "live" && errand.failures > 0) {
                    let why = errand.last_error.as_deref().unwrap_or_default();
                    let due = in_tunis(errand.due).strftime("%d/%m %H:%M");
                    println!("Réessayé le {due} : {} {} – {}", errand.kind, shown(&errand.subject), shown(why));
                }
                for errand in &stopped {
                    let why = errand.last_error.as_deref().unwrap_or_default();
                    println!(
                        "Arrêté : {} {} – {} (guichet retry {})",
                        errand.kind,
                        shown(&errand.subject),
                        shown(why),
                        errand.id
                    );
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

/// Who must act, in French.
pub(super) fn actor(actor: Actor) -> &'static str {
    match actor {
        Actor::Merchant => "commerçant",
        Actor::Bank => "banque",
        Actor::Monetique => "Monétique-Tunisie",
        Actor::Operator => "opérateur",
    }
}

/// State of a requirement, in French.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::InError => "en erreur",
        State::Late => "en retard",
        State::Due => "à fournir",
        State::BeingChecked => "en vérification",
    }
}
