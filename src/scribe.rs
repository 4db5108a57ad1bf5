//! Effects become bytes: the one place that knows which room writes what. Called within the transaction that saves a
//! decision, so that the number printed in a file is the number stored; what cannot be written comes back as a sentence.

use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;

use crate::clock::in_tunis;
use crate::config::{Config, LineEnd};
use crate::counsel::Advice;
use crate::declaration::{self, Issuer, Press};
use crate::domain::bank::Bank;
use crate::domain::declaration::{Declaration, Sequence};
use crate::domain::dossier::{Dossier, Terms};
use crate::domain::effect::Answer;
use crate::domain::notification::{Language, Notification, Subject};
use crate::domain::requirement::requirements;
use crate::layouts::Layouts;
use crate::letter::{Attached, Attachment};
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::store::{Laid, Page, Scribe, Treated, Unwritable, Written};
use crate::templates::Templates;
use crate::{acceptance, answer, letter};

/// Everything that writing needs, read once.
pub struct Pen {
    config: Config,
    forms: Arc<Forms>,
    rules: Arc<Rules>,
    layouts: Arc<Layouts>,
    templates: Templates,
    issuer: Issuer,
    sender: letter::Sender,
}

/// The scribe of an installation, with its templates: those of its folder, else those the program carries in itself.
pub fn open(config: &Config, forms: Arc<Forms>, rules: Arc<Rules>, layouts: Arc<Layouts>) -> anyhow::Result<Pen> {
    let folder = config.templates();
    let templates = if folder.is_dir() {
        Templates::load(&folder).with_context(|| format!("templates in {}", folder.display()))?
    } else {
        Templates::built_in()
    };
    let declarations = &config.declarations;
    let issuer = Issuer {
        code: declarations.code_emetteur.clone(),
        faconnier: declarations.code_faconnier.clone(),
        name: declarations.nom_emetteur.clone(),
        line_end: match declarations.line_end {
            LineEnd::Crlf => "\r\n",
            LineEnd::Lf => "\n",
        },
    };
    let post = &config.post;
    let sender_domain = || post.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain.trim_end_matches('>'));
    let sender = letter::Sender {
        from: post.from.clone(),
        reply_to: post.reply_to.clone(),
        domain: post.domain.clone().unwrap_or_else(|| sender_domain().to_owned()),
    };
    Ok(Pen { config: config.clone(), forms, rules, layouts, templates, issuer, sender })
}

impl Pen {
    /// Every letter in every language with invented matters: pages by file name, and an index.
    pub fn letters(&self) -> Result<Vec<(String, String)>, Unwritable> {
        letter::preview(&self.letter_desk())
            .map_err(|faults| Unwritable(faults.iter().map(|fault| sentence(fault)).collect::<Vec<_>>().join("; ")))
    }

    /// Writes every letter, answer and declaration with invented matters; says how many, or everything that cannot be written.
    pub fn rehearse(&self) -> Result<usize, Vec<String>> {
        let mut faults = Vec::new();
        let mut written = 0;
        let mut count = |done: Result<usize, Vec<String>>| match done {
            Ok(number) => written += number,
            Err(found) => faults.extend(found),
        };
        let all = |faults: Vec<letter::Unwritten>| {
            let mut told: Vec<String> = faults.iter().map(|fault| sentence(fault)).collect();
            // One fault of a part that all letters share is one fault.
            told.sort();
            told.dedup();
            told
        };
        count(letter::preview(&self.letter_desk()).map(|pages| pages.len()).map_err(all));
        let press =
            Press { issuer: &self.issuer, layouts: &self.layouts, forms: &self.forms, templates: &self.templates };
        count(declaration::trial(&press));
        let answers = answer::trial(&self.forms, &self.templates);
        count(answers.map(|pages| pages.len()).map_err(|err| vec![sentence(&err)]));
        if faults.is_empty() { Ok(written) } else { Err(faults) }
    }

    /// An answer page for each verdict, about an invented merchant: file names with their pages.
    pub fn answers(&self) -> Result<Vec<(String, String)>, Unwritable> {
        answer::trial(&self.forms, &self.templates).map_err(|err| unwritable(&err))
    }

    /// A trial letter about an invented merchant.
    pub fn trial(&self, address: &str, at: Timestamp) -> Result<Written, Unwritable> {
        let letter = letter::trial(&self.letter_desk(), address, at).map_err(|err| unwritable(&err))?;
        Ok(Written { message_id: letter.message_id, to: letter.to, message: letter.message })
    }

    /// The papers of the test phase, for the letters that are about it.
    fn attachments(
        &self,
        notification: &Notification,
        dossier: &Dossier,
        at: Timestamp,
    ) -> Result<Vec<Attachment>, Unwritable> {
        let papers = self.papers(dossier, notification.language, at);
        let attached = |(name, kind, bytes)| Attachment { name, kind, bytes };
        Ok(match notification.subject {
            Subject::TestsStart | Subject::TestsReminder => {
                vec![attached(papers.workbook()?), attached(papers.form())]
            }
            Subject::TestsFailed => vec![attached(papers.report()), attached(papers.workbook()?)],
            Subject::TestsComplete | Subject::TestsPassed => vec![attached(papers.report())],
            _ => Vec::new(),
        })
    }

    /// The grid and the report of a dossier.
    #[must_use]
    pub fn papers<'a>(&'a self, dossier: &'a Dossier, language: Language, at: Timestamp) -> Papers<'a> {
        let press = acceptance::Press { grid: &self.rules.grid, forms: &self.forms, templates: &self.templates };
        let bank = self.bank(dossier).map(|bank| bank.name.as_str());
        Papers { press, case: acceptance::Case { dossier, bank, today: in_tunis(at).date() }, language }
    }

    fn letter_desk(&self) -> letter::Desk<'_> {
        letter::Desk {
            sender: &self.sender,
            forms: &self.forms,
            layouts: &self.layouts,
            grid: &self.rules.grid,
            templates: &self.templates,
        }
    }

    fn bank(&self, dossier: &Dossier) -> Option<&Bank> {
        dossier.bank.as_ref().and_then(|folder| self.config.bank(folder))
    }

    /// Uses the terms that the procedure decides by, so that what is told is what was decided.
    fn with_terms<T>(&self, dossier: &Dossier, at: Timestamp, use_them: impl FnOnce(&Terms<'_>) -> T) -> T {
        use_them(&Terms {
            bank: self.bank(dossier),
            departures: self.config.departures(self.bank(dossier)),
            pieces: self.config.declarations.pieces,
            carried: &self.layouts.carried,
            monetique: &self.config.monetique.mailboxes,
            operations: &self.config.monetique.operations,
            delays: &self.rules.delays,
            grid: &self.rules.grid,
            counsel: &Advice { forms: &self.forms, rules: &self.rules },
            today: in_tunis(at).date(),
        })
    }
}

/// The papers of a dossier's test phase: file name, kind, bytes.
pub struct Papers<'a> {
    press: acceptance::Press<'a>,
    case: acceptance::Case<'a>,
    language: Language,
}

type Paper = (String, Attached, Vec<u8>);

impl Papers<'_> {
    /// The grid to fill in as a workbook.
    pub fn workbook(&self) -> Result<Paper, Unwritable> {
        let bytes = acceptance::workbook(&self.press, &self.case, self.language).map_err(|err| unwritable(&err))?;
        Ok((format!("grille-{}.xlsx", self.case.dossier.reference), Attached::Xlsx, bytes))
    }

    /// The grid to fill in as a PDF.
    #[must_use]
    pub fn form(&self) -> Paper {
        let bytes = acceptance::form(&self.press, &self.case);
        (format!("grille-{}.pdf", self.case.dossier.reference), Attached::Pdf, bytes)
    }

    /// The report in force, else the draft of the next one.
    #[must_use]
    pub fn report(&self) -> Paper {
        let dossier = self.case.dossier;
        let report = dossier.report_in_force();
        let which = match (report, dossier.reports.len()) {
            (None, _) => "-projet".to_owned(),
            (Some(_), 1) => String::new(),
            (Some(_), number) => format!("-{number}"),
        };
        let bytes = acceptance::report(&self.press, &self.case, report);
        (format!("proces-verbal-{}{which}.pdf", dossier.reference), Attached::Pdf, bytes)
    }
}

impl Scribe for Pen {
    fn declarations(&self, declared: &[Declaration], sequence: Sequence, at: Timestamp) -> Result<Laid, Unwritable> {
        let press =
            Press { issuer: &self.issuer, layouts: &self.layouts, forms: &self.forms, templates: &self.templates };
        let file = declaration::lay_out(&press, declared, sequence, in_tunis(at).datetime())
            .map_err(|err| unwritable(&err))?;
        Ok(Laid { name: file.name, bytes: file.bytes, beside: file.beside })
    }

    fn letter(
        &self,
        notification: &Notification,
        dossier: Option<&Dossier>,
        at: Timestamp,
    ) -> Result<Written, Unwritable> {
        let asked = dossier
            .map(|dossier| self.with_terms(dossier, at, |terms| requirements(dossier, terms)))
            .unwrap_or_default();
        let bank = dossier.and_then(|dossier| self.bank(dossier)).map(|bank| bank.name.as_str());
        let attachments = match dossier {
            Some(dossier) => self.attachments(notification, dossier, at)?,
            None => Vec::new(),
        };
        let matter = letter::Matter { dossier, requirements: &asked, bank, attachments: &attachments, at };
        let letter = letter::write(&self.letter_desk(), notification, &matter).map_err(|err| unwritable(&err))?;
        Ok(Written { message_id: letter.message_id, to: letter.to, message: letter.message })
    }

    fn answer(&self, answer: &Answer, dossier: Option<&Dossier>, document: &Treated) -> Result<Page, Unwritable> {
        let arrival = &document.arrival;
        let dropped = answer::Dropped {
            document: answer.document,
            name: &arrival.name,
            received: in_tunis(arrival.received).datetime(),
            sha256: arrival.sha256,
            reading: &document.reading,
            refusal: arrival.refusal.as_ref(),
        };
        let write = |standing: Option<&answer::Standing<'_>>| {
            answer::write(&dropped, standing, &self.forms, &self.templates).map_err(|err| unwritable(&err))
        };
        let files = match dossier {
            None => write(None)?,
            Some(dossier) => {
                let at = dossier.since.max(arrival.received);
                let (outcome, asked) =
                    self.with_terms(dossier, at, |terms| (dossier.outcome(terms), requirements(dossier, terms)));
                let bank = self.bank(dossier).map(|bank| bank.name.as_str());
                write(Some(&answer::Standing { dossier, outcome, requirements: &asked, bank }))?
            }
        };
        Ok(Page { files })
    }
}

/// The whole chain of reasons, in one sentence for the operator.
fn unwritable(err: &dyn std::error::Error) -> Unwritable {
    Unwritable(sentence(err))
}

fn sentence(err: &dyn std::error::Error) -> String {
    let mut sentence = err.to_string();
    let mut source = err.source();
    while let Some(cause) = source {
        // Some errors say their reason themselves.
        let reason = cause.to_string();
        if !sentence.ends_with(&reason) {
            sentence = format!("{sentence} : {reason}");
        }
        source = cause.source();
    }
    sentence
}
