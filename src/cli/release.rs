//! `guichet release` and `guichet refuse`: the second pair of eyes.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::at::At;
use super::by::let_in;
use super::phrases::{Phrases, gate};
use super::table::{shown, table};
use super::{NO, OK};
use crate::clock::in_tunis;
use crate::domain::declaration::Seen;
use crate::domain::dossier::{Dossier, DossierRef};
use crate::domain::event::Event;
use crate::domain::release::{self, User};
use crate::layouts::Layouts;
use crate::procedure::{Desk, Refused, shown_for_release};
use crate::store::{Cause, Laid, Minute, Waiting, WaitingState};

const EXAMPLES: &str = "\
Examples:
  guichet release                                      what waits for a second person
  guichet release D26-000123 --as \"Amel Trabelsi\"     shows it, asks the password, asks for a yes
  guichet refuse D26-000123 --as \"Amel Trabelsi\" --reason \"plafond à revoir\"";

/// Lets a declaration go that waits for a second person: shows it with its hash, asks who you are, and asks for a yes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Release {
    #[command(flatten)]
    what: What,
}

/// Refuses to let a declaration go that waits for a second person; its dossier is then corrected and declared anew.
#[derive(Debug, Args)]
pub(super) struct Refuse {
    #[command(flatten)]
    what: What,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
struct What {
    /// Reference of the dossier, or name of the declaration; without it, what waits is listed
    #[arg(value_name = "REF|FILE", requires = "name")]
    what: Option<String>,
    /// Who you are: a user with the role `releaser` who had no hand in the dossier
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// File that holds your password; asked on the terminal when absent
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Do not ask for a yes
    #[arg(long)]
    yes: bool,
    /// Show the records as they stand in the file instead of their values by name
    #[arg(long)]
    records: bool,
    /// The same for programs, as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: At,
}

impl Release {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.what.judge("Libérer cette déclaration ?", |file, seen, by| Event::Released {
            file,
            seen,
            by: by.clone(),
        })
    }
}

impl Refuse {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.what.judge("Refuser cette déclaration ?", |file, _, by| Event::ReleaseRefused {
            file,
            reason: self.reason.clone(),
            by: by.clone(),
        })
    }
}

impl What {
    fn judge(&self, question: &str, event: impl Fn(String, Seen, &User) -> Event) -> anyhow::Result<u8> {
        let (Some(what), Some(name)) = (&self.what, &self.name) else { return list(&self.at, self.json) };
        self.at.with_desk(|desk| async move {
            let (dossier, held) = match self.held(&desk, what).await? {
                Ok(found) => found,
                Err(why) => return self.answer_no(&why),
            };
            let user = match let_in(&desk, name, self.password_file.as_deref()).await? {
                Ok(user) => user,
                Err(why) => return self.answer_no(&why),
            };
            if let Err(why) = release::decide(&user, &dossier, held.declaration.file_type) {
                journal_refusal(&desk, &held, &user, why.gate()).await?;
                return self.answer_no(&gate(&desk.config, why.gate())?);
            }
            let (laid, seen) = shown_for_release(&desk, &held).await?;
            if !self.json
                && let Err(err) = show(&desk, &held, &laid, &seen, self.records)
            {
                // Nobody releases what nobody could see, and a closed pipe is no consent.
                return match err.downcast_ref::<std::io::Error>() {
                    Some(_) => self.answer_no("Ce qui attend n'a pas pu être montré en entier : rien n'a été changé."),
                    None => Err(err),
                };
            }
            if !self.yes && !confirmed(question)? {
                return self.answer_no("Rien n'a été changé.");
            }
            let event = event(held.name.clone(), seen, &user);
            match crate::procedure::happen(&desk, &dossier.reference, &event, &user.name).await {
                Ok(()) => {
                    if self.json {
                        let done = json!({ "declaration": held.name, "dossier": dossier.reference, "event": event.name(),
                            "sha256": seen.sha256, "by": user.name });
                        println!("{}", serde_json::to_string_pretty(&done)?);
                    } else {
                        let done = match event {
                            Event::ReleaseRefused { .. } => "libération refusée",
                            _ => "libérée",
                        };
                        println!("{} : {done} par {}", held.name, shown(&user.name));
                        println!("« guichet show {} » montre la suite.", dossier.reference);
                    }
                    Ok(OK)
                }
                Err(Refused::OutOfOrder(out)) => self.answer_no(&gate(&desk.config, out.gate)?),
                Err(Refused::SeenDiffers) => self.answer_no(&gate(&desk.config, "seen_differs")?),
                Err(err) => Err(err.into()),
            }
        })
    }

    fn answer_no(&self, why: &str) -> anyhow::Result<u8> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(&json!({ "refused": why }))?);
        } else {
            eprintln!("{why}");
        }
        Ok(NO)
    }

    /// The declaration that waits, by its dossier or by its name; else why there is none, in words.
    async fn held(&self, desk: &Desk, what: &str) -> anyhow::Result<Result<(Dossier, Waiting), String>> {
        let reference = DossierRef::parse(what).ok();
        let of_dossier = desk.store.waiting(reference.as_ref()).await?;
        let mut held: Vec<Waiting> = of_dossier
            .into_iter()
            .filter(|one| one.state == WaitingState::Held && (reference.is_some() || one.name == what.trim()))
            .collect();
        let what = shown(what);
        if held.len() > 1 {
            let names: Vec<&str> = held.iter().map(|one| one.name.as_str()).collect();
            return Ok(Err(format!(
                "Plusieurs déclarations de {what} attendent ; nommez-en une : {}",
                names.join(", ")
            )));
        }
        let Some(held) = held.pop() else {
            let text = "n'attend pas d'être libéré. « guichet release » sans nom montre ce qui attend.";
            return Ok(Err(format!("{what} {text}")));
        };
        let filed = desk.store.dossier(&held.declaration.dossier).await?;
        Ok(filed.map(|filed| (filed.dossier, held)).ok_or_else(|| format!("{what} : dossier inconnu.")))
    }
}

/// A person turned away at this door is written into the journal: someone tried.
async fn journal_refusal(desk: &Desk, held: &Waiting, user: &User, gate: &'static str) -> anyhow::Result<()> {
    let mut minute = Minute::new(Cause::Event, desk.clock.now());
    user.name.clone_into(&mut minute.by);
    let detail = json!({ "file": held.name, "dossier": held.declaration.dossier, "gate": gate });
    minute.notes.push(("release_turned_away", detail));
    Ok(desk.store.commit(minute, &*desk.scribe).await?)
}

/// What is to be released, as it will leave: every zone that says something by its label, or the records themselves, and the hash.
fn show(desk: &Desk, held: &Waiting, laid: &Laid, seen: &Seen, records: bool) -> anyhow::Result<()> {
    let declaration = &held.declaration;
    let phrases = Phrases::load(Some(&desk.config), "words/fr.toml")?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{}, {}, pour {}",
        phrases.say("file", declaration.file_type.as_str()),
        phrases.say("operation", declaration.operation.as_str()),
        held.outbox
    )?;
    writeln!(out, "Dossier   {}", declaration.dossier)?;
    let batched = desk.config.declarations.batch.contains(&declaration.file_type);
    let leaves = if batched { "avec l'envoi groupé du jour" } else { laid.name.as_str() };
    writeln!(out, "Part      {leaves}")?;
    writeln!(out, "SHA-256   {}", seen.sha256)?;
    let text = String::from_utf8_lossy(&laid.bytes);
    if records {
        for line in text.lines() {
            writeln!(out, "  {}", shown(line.strip_suffix('X').unwrap_or(line).trim_end()))?;
        }
        return Ok(());
    }
    let schemas = desk.config.schemas();
    let layouts = if schemas.is_dir() { Layouts::load(&schemas)? } else { Layouts::built_in() };
    for line in text.lines().filter(|line| line.is_ascii() && line.len() == layouts.length) {
        let code = &line[..2];
        // What stands empty is told too: a ceiling that is missing is what a second pair of eyes is for.
        let told = layouts.zones(code).filter_map(|zone| {
            let value = zone.shown(&line[zone.at - 1..zone.at - 1 + zone.length]);
            Some((zone.label.as_deref()?, if value.is_empty() { "–".to_owned() } else { value }))
        });
        // The first and the last record say nothing of the merchant.
        if matches!(code, "01" | "99") {
            continue;
        }
        writeln!(out, "\n  {} (enregistrement {code})", layouts.title(code))?;
        for (label, value) in told {
            writeln!(out, "    {label:<44} {}", shown(&value))?;
        }
    }
    writeln!(out)?;
    Ok(())
}

fn confirmed(question: &str) -> anyhow::Result<bool> {
    anyhow::ensure!(std::io::stdin().is_terminal(), "pas de terminal où demander un oui : donnez --yes");
    eprint!("{question} [oui/non] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "oui" | "o" | "yes" | "y"))
}

/// Everything that waits for a second person.
fn list(at: &At, as_json: bool) -> anyhow::Result<u8> {
    at.with_desk(|desk| async move {
        let mut held = desk.store.waiting(None).await?;
        held.retain(|one| one.state == WaitingState::Held);
        if as_json {
            let lines: Vec<_> = held
                .iter()
                .map(|one| {
                    json!({ "declaration": one.name, "dossier": one.declaration.dossier, "operation": one.declaration.operation,
                        "to": one.outbox, "since": one.decided })
                })
                .collect();
            println!("{}", serde_json::to_string_pretty(&lines)?);
            return Ok(OK);
        }
        if held.is_empty() {
            println!("Rien n'attend d'être libéré.");
            return Ok(OK);
        }
        let phrases = Phrases::load(Some(&desk.config), "words/fr.toml")?;
        let mut rows = table(&["Déclaration", "Quoi", "Dossier", "Opération", "Pour", "Depuis"]);
        for one in &held {
            rows.add_row([
                one.name.clone(),
                phrases.say("file", one.declaration.file_type.as_str()).to_owned(),
                one.declaration.dossier.to_string(),
                phrases.say("operation", one.declaration.operation.as_str()).to_owned(),
                one.outbox.clone(),
                in_tunis(one.decided).strftime("%d/%m/%Y %H:%M").to_string(),
            ]);
        }
        println!("{rows}\nLibérer : guichet release DOSSIER --as NOM");
        Ok(OK)
    })
}
