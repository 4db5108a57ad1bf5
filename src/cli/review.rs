//! `guichet review`: a person settles what the machine doubted.

use clap::Args;
use serde_json::json;

use super::OK;
use super::at::{At, templates};
use super::by::By;
use super::phrases::{self, Phrases};
use super::read::place;
use super::show::doubted;
use super::step::not_allowed;
use super::table::{shown, table};
use crate::domain::document::Kind;
use crate::domain::dossier::DossierRef;
use crate::domain::event::{Event, Settlement};
use crate::domain::field::{Extraction, Field, FieldKey, Trust, Value};
use crate::domain::finding::Code;
use crate::domain::notification::Language;
use crate::domain::requirement::requirements;
use crate::domain::values::{ValueType, canonical};
use crate::procedure::Desk;

const EXAMPLES: &str = "\
Examples:
  guichet review                                            what waits, in all dossiers
  guichet review D26-000123                                 what waits in one
  guichet review D26-000123 adresse --accept --by \"A. Ben Salah\"
  guichet review D26-000123 rib --value \"08 006 0123456789012 31\" --by \"A. Ben Salah\"
  guichet review D26-000123 fiche.url_cgv --absent --by \"A. Ben Salah\"
  guichet review D26-000123 matricule_fiscal --override mf_letter --reason \"extrait RNE vu\" --by \"…\"";

/// Lists the values that wait for a person, or settles one.
///
/// Without REF: every dossier. With REF: its values. With REF and FIELD, one of --accept, --value, --absent or --override.
/// Before and after are written into the journal with the name given. Exit code 1 when the dossier refuses.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Review {
    /// Reference, such as D26-000123
    reference: Option<String>,
    /// Key of the field, as listed; `fiche.KEY` for one of the technical sheet
    #[arg(requires = "settle")]
    field: Option<String>,
    #[command(flatten)]
    settlement: Settle,
    /// Why it is overridden
    #[arg(long, value_name = "TEXT", requires = "overridden")]
    reason: Option<String>,
    #[command(flatten)]
    by: By,
    #[command(flatten)]
    at: At,
    /// The same for programs, as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[group(id = "settle", multiple = false)]
struct Settle {
    /// The value read is right
    #[arg(long)]
    accept: bool,
    /// The right value; several separated by `;` for a list
    #[arg(long, value_name = "VALUE")]
    value: Option<String>,
    /// Nothing stands on the paper
    #[arg(long)]
    absent: bool,
    /// Override a rejecting finding (its code) with a reason: --override `rib_key` --reason "…"
    #[arg(long = "override", value_name = "CODE", requires = "reason")]
    overridden: Option<String>,
}

impl Review {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.at.with_desk(|desk| async move {
            match (&self.reference, &self.field) {
                (Some(reference), Some(field)) => self.settle(&desk, &DossierRef::parse(reference)?, field).await,
                (Some(reference), None) => self.list(&desk, vec![DossierRef::parse(reference)?]).await,
                (None, _) => {
                    let all = desk.store.dossiers(10_000).await?;
                    self.list(&desk, all.into_iter().map(|line| line.reference).collect()).await
                }
            }
        })
    }

    async fn settle(&self, desk: &Desk, reference: &DossierRef, name: &str) -> anyhow::Result<u8> {
        let user = self.by.person(desk).await?.map_err(super::no)?;
        let by = user.name.clone();
        let Some(filed) = desk.store.dossier(reference).await? else {
            refuse!("{reference} : ce dossier n'est pas connu ; « guichet review » montre ce qui attend");
        };
        let (named, key) = match name.split_once('.') {
            Some(("fiche", key)) => (Some(Kind::FicheTechnique), key),
            Some(("adhesion", key)) => (Some(Kind::Adhesion), key),
            _ => (None, name),
        };
        let kind = named.map_or_else(|| home_of(name, desk, &filed.dossier), Ok)?;
        let field = FieldKey::from(key);
        let event = if let Some(code) = &self.settlement.overridden {
            let reason = self.reason.clone().unwrap_or_default();
            Event::Overridden {
                code: Code::from(code.as_str()),
                field: Some(field),
                kind: named,
                reason,
                by: by.clone(),
            }
        } else {
            let settlement = match &self.settlement.value {
                Some(text) => Settlement::Value(value_of(desk, kind, &field, text)?),
                None if self.settlement.accept => Settlement::Accept,
                None => Settlement::Absent,
            };
            Event::Settled { field, kind, settlement, by: by.clone() }
        };
        if let Some(gate) = not_allowed(&user, &filed.dossier, [event.name()]) {
            return phrases::said_no(&desk.config, gate);
        }
        if let Err(why) = crate::procedure::happen(desk, reference, &event, &by).await {
            return phrases::refused(&desk.config, why);
        }
        let Some(after) = desk.store.dossier(reference).await? else { return Ok(OK) };
        let dossier = after.dossier;
        let (outcome, asked) = desk.with_terms(&dossier, desk.clock.now(), |terms| {
            (dossier.outcome(terms), requirements(&dossier, terms).len())
        });
        if self.json {
            println!("{}", json!({ "dossier": reference, "step": dossier.step, "outcome": outcome, "asked": asked }));
            return Ok(OK);
        }
        let words = templates(&desk.config)?;
        let step = words.words(Language::Fr).of("step", dossier.step.as_str());
        println!("{reference} : {key} réglé par {} ; étape {}/10, {step}", shown(&by), dossier.step.number());
        match asked {
            0 => println!("Rien d'autre n'est attendu."),
            asked => println!("Reste attendu : {asked} point(s) ; « guichet show {reference} » les montre."),
        }
        Ok(OK)
    }

    async fn list(&self, desk: &Desk, references: Vec<DossierRef>) -> anyhow::Result<u8> {
        let mut waiting: Vec<serde_json::Value> = Vec::new();
        let phrases = Phrases::load(Some(&desk.config), "procedure/fr.toml")?;
        let words = templates(&desk.config)?;
        for reference in references {
            let Some(filed) = desk.store.dossier(&reference).await? else {
                refuse!("{reference} : ce dossier n'est pas connu ; « guichet status » les montre");
            };
            let dossier = filed.dossier;
            if dossier.step.is_closed() {
                continue;
            }
            for form in [&dossier.adhesion, &dossier.fiche].into_iter().flatten() {
                for field in form.fields.values().filter(|field| !dossier.is_firm(form.kind, field)) {
                    waiting.push(line(&reference, form, field, desk.carried.contains(&field.key), &phrases));
                }
            }
            // What was not found or not readable can be given by whoever has the paper before them.
            for finding in dossier.standing().filter(|finding| finding.blocks()) {
                if let (Some(key), Some(kind)) = (&finding.field, finding.kind) {
                    let field = prefixed(kind, key);
                    if !waiting.iter().any(|line| line["dossier"] == json!(reference) && line["field"] == json!(field))
                    {
                        let why = words.say(finding, Language::Fr).text;
                        let place = place(finding.place.as_ref());
                        waiting.push(json!({
                            "dossier": reference, "field": field, "value": "", "raw": "", "why": why, "place": place,
                            "code": finding.code, "carried": true,
                        }));
                    }
                }
            }
        }
        // What stands in the way of a declaration comes first.
        waiting.sort_by_key(|line| !line["carried"].as_bool().unwrap_or(false));
        if self.json {
            println!("{}", serde_json::to_string_pretty(&waiting)?);
            return Ok(OK);
        }
        if waiting.is_empty() {
            println!("Rien n'attend.");
            return Ok(OK);
        }
        let mut rows = table(&["Dossier", "Champ", "Lu", "Écrit", "Pourquoi", "Où", "Bloque"]);
        for line in &waiting {
            let text = |key: &str| shown(line[key].as_str().unwrap_or_default());
            let blocks = if line["carried"].as_bool().unwrap_or(false) { "oui" } else { "non" };
            rows.add_row([
                text("dossier"),
                text("field"),
                text("value"),
                text("raw"),
                text("why"),
                text("place"),
                blocks.to_owned(),
            ]);
        }
        println!("{rows}");
        println!("guichet review DOSSIER CHAMP --accept | --value VALEUR | --absent --by NOM");
        Ok(OK)
    }
}

fn line(
    reference: &DossierRef,
    form: &Extraction,
    field: &Field,
    carried: bool,
    phrases: &Phrases,
) -> serde_json::Value {
    let (why, doubts) = match &field.trust {
        Trust::Doubtful(doubts) => (doubted(phrases, doubts), json!(doubts)),
        _ => (phrases.say("doubt", "cells").to_owned(), json!(["cells"])),
    };
    json!({
        "dossier": reference, "field": prefixed(form.kind, &field.key), "value": field.value.shown(), "raw": field.raw,
        "why": why, "doubts": doubts, "place": place(field.place.as_ref()), "carried": carried,
    })
}

/// As `guichet review` takes it back.
fn prefixed(kind: Kind, key: &FieldKey) -> String {
    let prefix = if kind == Kind::FicheTechnique { "fiche." } else { "" };
    format!("{prefix}{key}")
}

/// The form a key belongs to: where it stands in doubt, else where the schema knows it.
fn home_of(key: &str, desk: &Desk, dossier: &crate::domain::dossier::Dossier) -> anyhow::Result<Kind> {
    let key = FieldKey::from(key);
    let doubtful = [&dossier.adhesion, &dossier.fiche]
        .into_iter()
        .flatten()
        .find(|form| form.fields.get(&key).is_some_and(|field| !field.trust.is_firm()));
    let known = |kind| desk.forms.of(kind).is_some_and(|form| form.fields.iter().any(|spec| spec.key == key));
    match doubtful {
        Some(form) => Ok(form.kind),
        None if known(Kind::Adhesion) => Ok(Kind::Adhesion),
        None if known(Kind::FicheTechnique) => Ok(Kind::FicheTechnique),
        None => refuse!("aucun formulaire n'a de champ {key} ; « guichet review REF » montre ce qui attend"),
    }
}

/// What a person typed, in canonical form; refused when it fails its own check.
fn value_of(desk: &Desk, kind: Kind, key: &FieldKey, text: &str) -> anyhow::Result<Value> {
    let spec = desk.forms.of(kind).and_then(|form| form.fields.iter().find(|spec| spec.key == *key));
    let Some(spec) = spec else { refuse!("le formulaire n'a pas de champ {key}") };
    let value_type = spec.hints.value_type;
    let one = |value_type, text: &str| -> anyhow::Result<String> {
        let canonical = canonical(value_type, text);
        if !canonical.check.holds() {
            refuse!(
                "{text:?} ne passe pas son contrôle ; --override laisse passer la valeur du formulaire telle quelle"
            );
        }
        Ok(canonical.text)
    };
    Ok(match value_type {
        ValueType::Flag | ValueType::Ink => match text.trim().to_lowercase().as_str() {
            "oui" | "yes" | "true" => Value::Flag(true),
            "non" | "no" | "false" => Value::Flag(false),
            _ => refuse!("écrivez oui ou non"),
        },
        ValueType::Choices | ValueType::IpList => {
            let item_type = if value_type == ValueType::IpList { ValueType::Ip } else { ValueType::Text };
            let mut items = Vec::new();
            for item in text.split(';').map(str::trim).filter(|item| !item.is_empty()) {
                items.push(one(item_type, item)?);
            }
            let unknown =
                items.iter().find(|item| !spec.hints.choices.is_empty() && !spec.hints.choices.contains_key(*item));
            if let Some(unknown) = unknown {
                let known: Vec<&str> = spec.hints.choices.keys().map(String::as_str).collect();
                refuse!("{unknown:?} n'est aucun de : {}", known.join(", "));
            }
            items.sort();
            items.dedup();
            Value::List(items)
        }
        ValueType::Choice if !spec.hints.choices.contains_key(text.trim()) => {
            let known: Vec<&str> = spec.hints.choices.keys().map(String::as_str).collect();
            refuse!("{text:?} n'est aucun de : {}", known.join(", "))
        }
        ValueType::Rows => refuse!("un tableau s'accepte tel qu'il est lu, ou se corrige sur le formulaire même"),
        other => Value::Text(one(other, text)?),
    })
}
