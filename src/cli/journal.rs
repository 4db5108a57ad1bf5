//! `guichet journal`: what happened, when, and who did it. Most lines are about a dossier and `guichet show` has them too; people
//! enrolled, releases turned away, acknowledgements set aside and erasures are about none, and stand only here.

use std::collections::VecDeque;
use std::fmt::Write as _;

use clap::Args;
use jiff::civil::Date;
use serde_json::Value as Json;

use super::OK;
use super::at::At;
use super::phrases::Phrases;
use super::table::{shown, table};
use crate::clock::in_tunis;
use crate::domain::release::folded;
use crate::store::JournalLine;

/// Lines read at once: a journal of years is never held whole.
const PAGE: i64 = 1000;

/// Shows the journal, the newest line last.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  guichet journal                                   the last lines
  guichet journal --since 2026-11-24 --who \"Olfa Mansour\"
  guichet journal --event release_turned_away --last 500 --json")]
pub(super) struct Journal {
    /// From this day on, YYYY-MM-DD (Tunis)
    #[arg(long, value_name = "DAY")]
    since: Option<Date>,
    /// Done by this person, bank or program
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// Of this kind, by its name in --json
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    /// At most so many, the newest
    #[arg(long, value_name = "NUMBER", default_value_t = 40)]
    last: usize,
    /// The same for programs, as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: At,
}

impl Journal {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        self.at.with_desk(|desk| async move {
            let mut kept: VecDeque<JournalLine> = VecDeque::new();
            let (mut from, mut all) = (0, 0);
            loop {
                let page = desk.store.journal_page(from, PAGE).await?;
                let Some(last) = page.last() else { break };
                from = last.number + 1;
                kept.extend(page.into_iter().filter(|line| self.wants(line)).inspect(|_| all += 1));
                kept.drain(..kept.len().saturating_sub(self.last));
            }
            let kept: Vec<JournalLine> = kept.into();
            if self.json {
                println!("{}", serde_json::to_string_pretty(&kept)?);
                return Ok(OK);
            }
            let phrases = Phrases::load(Some(&desk.config), "procedure/fr.toml")?;
            let mut rows = table(&["N°", "Quand", "Dossier", "Étape", "Événement", "Qui", "Précision"]);
            for line in &kept {
                let [when, step, event, who, precision] = told(line, &phrases);
                rows.add_row([line.number.to_string(), when, shown(&line.dossier), step, event, who, precision]);
            }
            if kept.is_empty() {
                println!("Aucune ligne.");
                return Ok(OK);
            }
            println!("{rows}");
            if kept.len() < all {
                println!("Les {} dernières lignes sur {all} ; --last NOMBRE en montre davantage.", kept.len());
            }
            Ok(OK)
        })
    }

    fn wants(&self, line: &JournalLine) -> bool {
        self.since.is_none_or(|day| in_tunis(line.at).date() >= day)
            && self.who.as_ref().is_none_or(|who| folded(who) == folded(&line.who))
            && self.event.as_ref().is_none_or(|event| *event == line.event)
    }
}

/// A line in words: when, at which step, what, who, and about what.
pub(super) fn told(line: &JournalLine, phrases: &Phrases) -> [String; 5] {
    let own = phrases.say("journal", &line.event);
    let event = if own == line.event { phrases.say("event", &line.event) } else { own };
    let step = line.detail["step"].as_str().map(|step| phrases.say("step", step)).unwrap_or_default();
    [
        in_tunis(line.at).strftime("%d/%m/%Y %H:%M:%S").to_string(),
        step.to_owned(),
        event.to_owned(),
        shown(&line.who),
        shown(&precision(&line.detail, phrases)),
    ]
}

/// What a line is about, without the ids that only machines follow.
fn precision(detail: &Json, phrases: &Phrases) -> String {
    let mut told = String::new();
    let mut tell = |text: &str| {
        let _ = write!(told, "{}{text}", if told.is_empty() { "" } else { " · " });
    };
    for of in [detail, &detail["detail"]] {
        if let Some(subject) = of["subject"].as_str() {
            let to = of["to"].as_str().map(|to| phrases.say("to", to)).unwrap_or_default();
            tell(format!("{} {to}", phrases.say("letter", subject)).trim_end());
        }
        // Of a document, or of an errand.
        if let Some(kind) = of["kind"].as_str() {
            tell(phrases.say("kind", phrases.say("errand", kind)));
        }
        for key in [
            "file",
            "field",
            "code",
            "reason",
            "from",
            "into",
            "with",
            "reference",
            "held_as",
            "user",
            "dossier",
            "gate",
        ] {
            if let Some(text) = of[key].as_str() {
                tell(text);
            }
        }
        match &of["status"] {
            Json::String(status) => tell(phrases.say("answered", status)),
            Json::Object(status) => {
                for (status, codes) in status {
                    let codes: Vec<&str> = codes.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
                    tell(format!("{} {}", phrases.say("answered", status), codes.join(", ")).trim());
                }
            }
            _ => {}
        }
        if let Some(favourable) = of["favourable"].as_bool() {
            tell(phrases.say("report", if favourable { "favourable" } else { "unfavourable" }));
        }
        // What a file is instead of a form; what is wrong with a form is told where the form is.
        let found = of["findings"].as_array().into_iter().flatten().filter_map(Json::as_str);
        let found: Vec<&str> = found
            .map(|code| (code, phrases.say("found", code)))
            .filter(|(code, said)| code != said)
            .map(|(_, said)| said)
            .collect();
        if !found.is_empty() {
            tell(&found.join(", "));
        }
        for key in ["files", "tests", "roles"] {
            let texts: Vec<&str> = of[key].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
            if !texts.is_empty() {
                tell(&texts.join(", "));
            }
        }
    }
    told
}
