//! `guichet show REF`: one dossier, whole.

use clap::Args;
use serde_json::json;

use super::OK;
use super::at::At;
use super::read::place;
use super::status::{actor, state};
use super::table::{shown, table};
use crate::clock::in_tunis;
use crate::domain::document::Kind;
use crate::domain::dossier::{Dossier, DossierRef};
use crate::domain::field::{Extraction, Trust};
use crate::domain::requirement::requirements;
use crate::schemas::Form;
use crate::store::WaitingState;

/// Shows a dossier: its way so far, what is asked, its fields and where each was read.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Reference, such as D26-000123
    reference: String,
    #[command(flatten)]
    at: At,
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let reference = DossierRef::parse(&self.reference)?;
        self.at.with_desk(|desk| async move {
            let Some(filed) = desk.store.dossier(&reference).await? else {
                anyhow::bail!("dossier {reference} is not known; `guichet status` lists them");
            };
            let dossier = filed.dossier;
            let (outcome, asked) = desk.with_terms(&dossier, desk.clock.now(), |terms| {
                (dossier.outcome(terms), requirements(&dossier, terms))
            });
            let journal = desk.store.journal(Some(&reference)).await?;
            let letters = desk.store.letters(Some(&reference)).await?;
            let declarations = desk.store.declarations(Some(&reference)).await?;
            let waiting = desk.store.waiting(Some(&reference)).await?;
            if self.json {
                let all = json!({
                    "dossier": dossier, "outcome": outcome, "requirements": asked, "journal": journal,
                    "letters": letters, "declarations": declarations,
                    "waiting": waiting.iter().map(|one| json!({ "name": one.name, "state": one.state, "since": one.decided,
                        "operation": one.declaration.operation })).collect::<Vec<_>>(),
                });
                println!("{}", serde_json::to_string_pretty(&all)?);
                return Ok(OK);
            }
            heading(&dossier, outcome.as_str());
            let mut rows = table(&["Quand", "Événement", "Qui", "Précision"]);
            for line in &journal {
                let detail = if line.detail.is_null() { String::new() } else { line.detail.to_string() };
                let at = in_tunis(line.at).strftime("%d/%m/%Y %H:%M:%S").to_string();
                rows.add_row([at, line.event.clone(), shown(&line.who), shown(&detail)]);
            }
            println!("\nParcours\n{rows}");
            if asked.is_empty() {
                println!("\nRien n'est attendu.");
            } else {
                let mut rows = table(&["État", "Qui", "Constat", "Champ", "Où"]);
                for requirement in &asked {
                    let finding = &requirement.finding;
                    let label = finding.label.clone().or_else(|| finding.field.as_ref().map(ToString::to_string));
                    rows.add_row([
                        state(requirement.state).to_owned(),
                        actor(requirement.actor).to_owned(),
                        finding.code.to_string(),
                        shown(&label.unwrap_or_default()),
                        place(finding.place.as_ref()),
                    ]);
                }
                println!("\nAttendu\n{rows}");
            }
            for declaration in &declarations {
                println!("Déclaration {} : {:?}", declaration.name, declaration.state);
            }
            for one in &waiting {
                let what = match one.state {
                    WaitingState::Held => "attend une seconde personne (guichet release)",
                    _ => "attend l'envoi groupé du jour (guichet batch)",
                };
                println!("Déclaration {} : {what}", one.name);
            }
            for letter in &letters {
                println!("Lettre {} à {} : {}", letter.subject, shown(&letter.to.join(", ")), letter.state);
            }
            for form in [&dossier.adhesion, &dossier.fiche].into_iter().flatten() {
                fields(form, desk.forms.of(form.kind));
            }
            Ok(OK)
        })
    }
}

fn heading(dossier: &Dossier, outcome: &str) {
    let bank = dossier.bank.as_ref().map_or("banque inconnue", |bank| bank.as_str());
    println!("{} · {bank} · étape {}/10 {} · {outcome}", dossier.reference, dossier.step.number(), dossier.step);
    for held in &dossier.documents {
        let kinds: Vec<&str> = held.kinds.iter().map(|kind: &Kind| kind.as_str()).collect();
        let superseded = if held.superseded { ", remplacé" } else { "" };
        println!("  {} ({}{superseded})", shown(&held.name), kinds.join(", "));
    }
}

fn fields(extraction: &Extraction, form: Option<&Form>) {
    let mut rows = table(&["Champ", "Valeur", "Lu", "Confiance"]);
    for spec in form.into_iter().flat_map(|form| &form.fields) {
        let Some(field) = extraction.fields.get(&spec.key) else { continue };
        let value = if spec.hints.masked {
            crate::domain::masking::masked(spec.hints.value_type, &field.value.shown())
        } else {
            field.value.shown()
        };
        let trust = match &field.trust {
            Trust::Trusted => "sûr".to_owned(),
            Trust::Settled { by } => format!("réglé par {}", shown(by)),
            Trust::Doubtful(_) => "à vérifier".to_owned(),
        };
        rows.add_row([spec.title.clone(), shown(&value), place(field.place.as_ref()), trust]);
    }
    println!("\n{}\n{rows}", form.map_or("", |form| form.title.as_str()));
}
