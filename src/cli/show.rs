//! `guichet show REF`: one dossier, whole.

use std::fmt::Write as _;

use clap::Args;
use serde_json::json;

use super::OK;
use super::at::{At, templates};
use super::journal::told;
use super::pair::merchant;
use super::phrases::Phrases;
use super::read::place;
use super::table::{shown, table};
use crate::clock::in_tunis;
use crate::domain::dossier::{Declared, DeclaredState, Dossier, DossierRef};
use crate::domain::field::{Extraction, Field, Trust};
use crate::domain::notification::Language;
use crate::domain::outcome::Outcome;
use crate::domain::requirement::{Requirement, requirements};
use crate::domain::step::Step;
use crate::schemas::{FieldSpec, Form, Forms};
use crate::shown::{self as people, Asked};
use crate::store::{DeclarationLine, JournalLine, LetterLine, Waiting, WaitingState};
use crate::templates::Templates;

const EXAMPLES: &str = "\
Examples:
  guichet show D26-000123
  guichet show d26-000123 --config /srv/guichet
  guichet show D26-000123 --json | jq .requirements";

/// Shows a dossier: what is asked, its way so far, declarations and letters, its fields and where each was read.
///
/// Identifiers are masked; --json has them whole.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// Reference, such as D26-000123
    reference: String,
    #[command(flatten)]
    at: At,
    /// The same for programs, as JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let reference = DossierRef::parse(&self.reference)?;
        self.at.with_desk(|desk| async move {
            let Some(filed) = desk.store.dossier(&reference).await? else {
                refuse!("{reference} : ce dossier n'est pas connu ; « guichet status » les montre");
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
            let teller = Teller {
                templates: templates(&desk.config)?,
                phrases: Phrases::load(Some(&desk.config), "procedure/fr.toml")?,
            };
            teller.heading(&dossier, outcome);
            teller.asked(&desk.forms, &asked);
            teller.way(&journal);
            teller.declarations(&dossier, &declarations, &waiting);
            teller.letters(&letters);
            for form in [&dossier.adhesion, &dossier.fiche].into_iter().flatten() {
                if let Some(known) = desk.forms.of(form.kind) {
                    teller.fields(form, known);
                }
            }
            Ok(OK)
        })
    }
}

struct Teller {
    templates: Templates,
    phrases: Phrases,
}

impl Teller {
    fn heading(&self, dossier: &Dossier, outcome: Outcome) {
        let words = self.templates.words(Language::Fr);
        let bank = dossier.bank.as_ref().map_or("banque inconnue", |bank| bank.as_str());
        let state = match dossier.step {
            Step::Forms => format!(" · {}", self.phrases.say("outcome", outcome.as_str())),
            _ => String::new(),
        };
        let (number, step) = (dossier.step.number(), words.of("step", dossier.step.as_str()));
        println!("{} · {} · {bank}", dossier.reference, shown(merchant(dossier)));
        println!("Étape {number}/10 : {step}{state}");
        if let Some(joined) = &dossier.joined {
            println!("Ses documents sont passés dans {joined}.");
        }
        println!("Documents :");
        for held in &dossier.documents {
            let kinds: Vec<String> = held.kinds.iter().map(|kind| words.of("kind", kind.as_str())).collect();
            let kinds = if kinds.is_empty() { "sans formulaire".to_owned() } else { kinds.join(", ") };
            let superseded = if held.superseded { ", remplacé depuis" } else { "" };
            let received = in_tunis(held.received).strftime("%d/%m/%Y %H:%M");
            println!("  {} – {kinds}, reçu le {received}{superseded}", shown(&held.name));
        }
    }

    fn asked(&self, forms: &Forms, asked: &[Requirement]) {
        if asked.is_empty() {
            println!("\nRien n'est attendu.");
            return;
        }
        let mut rows = table(&["État", "Qui", "Champ", "Où", "Ce qui est attendu"]);
        for requirement in asked {
            let Asked { told, state_name, actor_name } =
                crate::shown::asked(forms, &self.templates, requirement, Language::Fr);
            let value = told.value.map(|value| format!(" Valeur : {value}.")).unwrap_or_default();
            rows.add_row([
                state_name,
                actor_name,
                shown(&told.label.unwrap_or_default()),
                shown(&[told.form, told.place].into_iter().flatten().collect::<Vec<_>>().join(", ")),
                shown(format!("{}{value} {}", told.text, told.remedy).trim()),
            ]);
        }
        println!("\nCe qui est attendu\n{rows}");
    }

    fn way(&self, journal: &[JournalLine]) {
        let mut rows = table(&["Quand", "Étape", "Événement", "Qui", "Précision"]);
        for line in journal {
            rows.add_row(told(line, &self.phrases));
        }
        println!("\nParcours\n{rows}");
    }

    /// In the order in which they were decided, each with what became of it.
    fn declarations(&self, dossier: &Dossier, declarations: &[DeclarationLine], waiting: &[Waiting]) {
        if declarations.is_empty() && waiting.is_empty() {
            return;
        }
        let words = self.templates.words(Language::Fr);
        let mut rows = table(&["Déclaration", "Quoi", "Opération", "Pour", "État", "Depuis"]);
        let mut declarations: Vec<&DeclarationLine> = declarations.iter().collect();
        declarations.sort_by_key(|line| line.decided);
        for line in declarations {
            let known = dossier.declared.iter().find(|declared| declared.file.as_ref() == Some(&line.name));
            rows.add_row([
                line.name.clone(),
                words.of("file", &line.file_type),
                known.map(|declared| words.of("operation", declared.operation.as_str())).unwrap_or_default(),
                line.outbox.clone(),
                self.state(line, known),
                in_tunis(line.published.unwrap_or(line.decided)).strftime("%d/%m/%Y %H:%M").to_string(),
            ]);
        }
        for one in waiting {
            let state = match one.state {
                WaitingState::Held => "held",
                _ => "batch",
            };
            rows.add_row([
                one.name.clone(),
                words.of("file", one.declaration.file_type.as_str()),
                words.of("operation", one.declaration.operation.as_str()),
                one.outbox.clone(),
                self.phrases.say("declaration_state", state).to_owned(),
                in_tunis(one.decided).strftime("%d/%m/%Y %H:%M").to_string(),
            ]);
        }
        println!("\nDéclarations\n{rows}");
    }

    /// What its receiver has said of it, else how far it has got.
    fn state(&self, line: &DeclarationLine, known: Option<&Declared>) -> String {
        let say = |state: &str| self.phrases.say("declaration_state", state).to_owned();
        match known.map(|declared| &declared.state) {
            Some(DeclaredState::Accepted) => say("accepted"),
            Some(DeclaredState::Rejected { reasons }) => {
                let told: Vec<String> =
                    reasons.iter().map(|(code, label)| format!("{code} {label}").trim().to_owned()).collect();
                shown(&format!("{} : {}", say("rejected"), told.join(", ")))
            }
            _ => say(json!(line.state).as_str().unwrap_or_default()),
        }
    }

    fn letters(&self, letters: &[LetterLine]) {
        if letters.is_empty() {
            return;
        }
        println!("\nLettres\n{}", super::letters::table_of(letters, &self.phrases));
    }

    fn fields(&self, extraction: &Extraction, form: &Form) {
        let mut rows = table(&["Champ", "Valeur", "Où", "Lu comme", "Confiance"]);
        for spec in &form.fields {
            let Some(field) = extraction.fields.get(&spec.key) else { continue };
            let method = json!(field.method);
            rows.add_row([
                spec.title.clone(),
                shown(&people::value(spec, &field.value)),
                place(field.place.as_ref()),
                self.phrases.say("method", method.as_str().unwrap_or_default()).to_owned(),
                self.trust(spec, field),
            ]);
        }
        println!("\n{}\n{rows}", form.title);
    }

    fn trust(&self, spec: &FieldSpec, field: &Field) -> String {
        let mut told = match &field.trust {
            Trust::Trusted => "sûr".to_owned(),
            Trust::Settled { by } => format!("réglé par {}", shown(by)),
            Trust::Doubtful(doubts) => format!("à vérifier : {}", doubted(&self.phrases, doubts)),
        };
        for change in &field.changes {
            let before = change.before.as_ref().filter(|before| **before != field.value);
            if let Some(before) = before {
                let _ = write!(told, " (avant : {})", shown(&people::value(spec, before)));
            }
        }
        told
    }
}

/// Why a value is doubted, in words.
pub(super) fn doubted(phrases: &Phrases, doubts: &[crate::domain::field::Doubt]) -> String {
    let told: Vec<String> = doubts
        .iter()
        .map(|doubt| {
            let code = json!(doubt);
            phrases.say("doubt", code.as_str().unwrap_or_default()).to_owned()
        })
        .collect();
    told.join(", ")
}
