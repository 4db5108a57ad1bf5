//! `guichet step REF …`: what people report by other ways than files: an answer by e-mail, a report, a change of mind.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::at::At;
use super::phrases::Phrases;
use super::table::shown;
use super::{NO, OK};
use crate::domain::declaration::FileType;
use crate::domain::document::Sha256;
use crate::domain::dossier::DossierRef;
use crate::domain::event::{Acknowledged, Event, TestResult, Verdict};
use crate::domain::field::Value;
use crate::procedure::Refused;

/// Records an event of the procedure for a dossier. What does not fit its step is refused, and said why.
#[derive(Debug, Args)]
pub(super) struct Step {
    /// Reference, such as D26-000123
    reference: String,
    #[command(subcommand)]
    order: Order,
    /// Who records it: written into the journal
    #[arg(long, value_name = "NAME", env = "GUICHET_BY", global = true)]
    by: Option<String>,
    /// What proves it (an e-mail, a scanned letter): kept by its hash
    #[arg(long, value_name = "FILE", global = true)]
    proof: Option<PathBuf>,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Subcommand)]
enum Order {
    /// A declaration was accepted; numbers given with it
    Accepted {
        /// Name of the declaration file
        file: String,
        #[arg(long, value_name = "NUMBER")]
        affiliation: Option<String>,
        #[arg(long, value_name = "NUMBER")]
        terminal: Option<String>,
        /// Login on the payment server
        #[arg(long, value_name = "LOGIN")]
        sps: Option<String>,
    },
    /// A declaration was rejected
    Rejected {
        file: String,
        /// Reason code and label: `M005 RIB invalide`; several are possible
        #[arg(long = "reason", required = true, value_name = "CODE LABEL")]
        reasons: Vec<String>,
    },
    /// The result of one test scenario
    Test {
        /// Code in the grid, such as 0001 or C05
        code: String,
        /// conforme, non-conforme, or derogation with --reason
        #[arg(value_enum)]
        verdict: Seen,
        /// Why the test is waived
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Authorisation number of an accepted payment; never a card number
        #[arg(long, value_name = "NUMBER")]
        authorisation: Option<String>,
        #[arg(long, value_name = "TEXT")]
        remark: Option<String>,
    },
    /// The report on the tests
    Report {
        /// Reference of the report
        number: String,
        /// Day of the report, YYYY-MM-DD
        #[arg(long)]
        date: Date,
        /// The tests failed; name each: --failing 0005
        #[arg(long = "failing", value_name = "TEST")]
        failing: Vec<String>,
        /// Unfavourable, whatever failed
        #[arg(long)]
        unfavourable: bool,
    },
    /// Values given after the deposit: `numero_affiliation=…`, `numero_terminal=…`, `code_mcc=…`, `langue=ar`
    Give {
        #[arg(required = true, value_name = "KEY=VALUE")]
        values: Vec<String>,
    },
    /// Send a rejected declaration again, under a new number
    Reissue {
        /// DTS, DPR, SPS or UTI
        #[arg(value_parser = file_type)]
        file_type: FileType,
    },
    /// The merchant or the bank gives up
    Withdraw { reason: String },
    /// The dossier is refused
    Refuse { reason: String },
    /// The merchant is suspended
    Suspend { reason: String },
    /// The suspension ends
    Resume,
    /// The merchant is struck off
    StrikeOff { reason: String },
    /// A withdrawn or refused dossier is taken up again
    Reopen,
}

/// What was seen of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Seen {
    Conforme,
    NonConforme,
    Derogation,
}

fn file_type(text: &str) -> Result<FileType, String> {
    [FileType::Dts, FileType::Dpr, FileType::Sps, FileType::Uti]
        .into_iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(text))
        .ok_or_else(|| "DTS, DPR, SPS or UTI".to_owned())
}

impl Step {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let reference = DossierRef::parse(&self.reference)?;
        let by = self.by.as_deref().map(str::trim).filter(|by| !by.is_empty());
        let by = by.ok_or_else(|| anyhow::anyhow!("say who records it: --by NAME"))?;
        let events = self.order.events(by)?;
        self.at.with_desk(|desk| async move {
            if let Some(proof) = &self.proof {
                let hash = keep(&desk.config.var(), &reference, proof)?;
                println!("Preuve gardée : {hash}");
            }
            for event in &events {
                match crate::procedure::happen(&desk, &reference, event, by).await {
                    Ok(()) => {}
                    Err(Refused::OutOfOrder(out)) => {
                        let phrases = Phrases::load(Some(&desk.config), "gates/fr.toml")?;
                        eprintln!("{reference} : {}", phrases.say("gate", out.gate));
                        return Ok(NO);
                    }
                    Err(err) => return Err(err.into()),
                }
            }
            if let Some(after) = desk.store.dossier(&reference).await? {
                println!("{reference} : enregistré par {} ; étape {}/10", shown(by), after.dossier.step.number());
            }
            Ok(OK)
        })
    }
}

impl Order {
    fn events(&self, by: &str) -> anyhow::Result<Vec<Event>> {
        let by = by.to_owned();
        let answer = |file: &str, outcome| -> anyhow::Result<Vec<Event>> {
            let begins = file.get(..3).unwrap_or_default();
            let file_type = file_type(begins)
                .map_err(|_| anyhow::anyhow!("{} is no declaration (DTS…, DPR…, SPS…, UTI…)", shown(file)))?;
            Ok(vec![Event::Acknowledged { file: file.to_owned(), file_type, outcome, by: by.clone() }])
        };
        Ok(match self {
            Self::Accepted { file, affiliation, terminal, sps } => {
                let outcome = Acknowledged::Accepted {
                    numero_affiliation: affiliation.clone(),
                    numero_terminal: terminal.clone(),
                    identifiant_sps: sps.clone(),
                };
                answer(file, outcome)?
            }
            Self::Rejected { file, reasons } => {
                let split = |reason: &String| match reason.trim().split_once(' ') {
                    Some((code, label)) => (code.to_owned(), label.trim().to_owned()),
                    None => (reason.trim().to_owned(), String::new()),
                };
                answer(file, Acknowledged::Rejected { reasons: reasons.iter().map(split).collect() })?
            }
            Self::Test { code, verdict, reason, authorisation, remark } => {
                let verdict = match verdict {
                    Seen::Conforme => Verdict::Conforme,
                    Seen::NonConforme => Verdict::NonConforme,
                    Seen::Derogation => {
                        Verdict::Derogation { reason: reason.clone().unwrap_or_default(), by: by.clone() }
                    }
                };
                let (authorisation, remark) = (authorisation.clone(), remark.clone());
                let result = TestResult { code: code.clone(), verdict, authorisation, remark };
                vec![Event::TestsRecorded { results: vec![result], by }]
            }
            Self::Report { number, date, failing, unfavourable } => vec![Event::TestsReported {
                favourable: failing.is_empty() && !unfavourable,
                reference: number.clone(),
                date: *date,
                failing: failing.clone(),
                by,
            }],
            Self::Give { values } => {
                let one = |pair: &String| {
                    let (key, value) = pair.split_once('=').with_context(|| format!("{pair:?}: write KEY=VALUE"))?;
                    let value = Value::Text(value.trim().to_owned());
                    Ok(Event::Completed { field: key.trim().into(), value, by: by.clone() })
                };
                values.iter().map(one).collect::<anyhow::Result<_>>()?
            }
            Self::Reissue { file_type } => vec![Event::Reissued { file_type: *file_type, by }],
            Self::Withdraw { reason } => vec![Event::Withdrawn { reason: reason.clone(), by }],
            Self::Refuse { reason } => vec![Event::Refused { reason: reason.clone(), by }],
            Self::Suspend { reason } => vec![Event::Suspended { reason: reason.clone(), by }],
            Self::Resume => vec![Event::Resumed { by }],
            Self::StrikeOff { reason } => vec![Event::StruckOff { reason: reason.clone(), by }],
            Self::Reopen => vec![Event::Reopened { by }],
        })
    }
}

/// Keeps a proof under `var/proofs/`, named by dossier and hash: the same file twice is kept once.
fn keep(var: &Path, reference: &DossierRef, proof: &Path) -> anyhow::Result<Sha256> {
    let bytes = std::fs::read(proof).with_context(|| format!("{}", proof.display()))?;
    let hash = Sha256::of(&bytes);
    let folder = var.join("proofs");
    crate::durable::private_folder(&folder)?;
    let name = format!("{reference}.{hash}");
    let part = folder.join(format!(".{name}.part"));
    crate::durable::write("proof", &part, &folder.join(name), &bytes, 0o600)?;
    Ok(hash)
}
