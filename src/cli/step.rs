//! `guichet step REF …`: what people report by other ways than files: an answer by e-mail, a report, a change of mind.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use serde_json::json;

use super::at::At;
use super::by::By;
use super::phrases::{Phrases, gate};
use super::table::shown;
use super::{NO, OK};
use crate::domain::card_number;
use crate::domain::declaration::FileType;
use crate::domain::document::Sha256;
use crate::domain::dossier::{Dossier, DossierRef};
use crate::domain::event::{Acknowledged, Event, TestResult, Verdict};
use crate::domain::field::Value;
use crate::domain::release::{self, User};
use crate::domain::table::Party;
use crate::procedure::{Desk, Refused, happen_together};

const EXAMPLES: &str = "\
Examples:
  guichet step D26-000123 accepted DTS00008.20261124.000001 --affiliation 5000000001 --by \"A. Ben Salah\" --proof reponse.eml
  guichet step D26-000123 give code_mcc=5812 numero_terminal=70000001 --by \"A. Ben Salah\"
  guichet step D26-000123 report PV26-000123 --date 2026-11-24 --by \"A. Ben Salah\"
  guichet step D26-000123 suspend \"impayés\" --by \"A. Ben Salah\"";

/// Records an event of the procedure for a dossier. What does not fit its step is refused, and said why.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Step {
    /// Reference, such as D26-000123
    reference: String,
    #[command(subcommand)]
    order: Order,
    #[command(flatten)]
    by: By,
    /// What proves it (an e-mail, a scanned letter): kept by its hash, which the journal names
    #[arg(long, value_name = "FILE", global = true)]
    proof: Option<PathBuf>,
    /// The same for programs, as JSON
    #[arg(long, global = true)]
    json: bool,
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
    /// The result of one test scenario, or of several that went the same way
    Test {
        /// Codes in the grid, such as 0001 or C05,C06
        #[arg(required = true, value_name = "CODE", value_delimiter = ',')]
        codes: Vec<String>,
        /// conforme, non-conforme, or derogation with --reason
        #[arg(value_enum)]
        verdict: Seen,
        /// Why the test is waived
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Authorisation number of an accepted payment; never a card number
        #[arg(long, value_name = "NUMBER")]
        authorisation: Option<String>,
        /// Network of the card: CIB, Visa, Mastercard
        #[arg(long, value_name = "NAME")]
        network: Option<String>,
        /// What was seen, such as "Refusée, solde insuffisant"
        #[arg(long, value_name = "TEXT")]
        observed: Option<String>,
        /// Number of the order that was paid
        #[arg(long, value_name = "NUMBER")]
        order: Option<String>,
        /// Day and hour of the test, such as "24/11/2026 10:42"
        #[arg(long, value_name = "TEXT")]
        time: Option<String>,
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
        /// Who signs it for Monétique-Tunisie
        #[arg(long, value_name = "NAME")]
        signatory: Option<String>,
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

pub(super) fn file_type(text: &str) -> Result<FileType, String> {
    FileType::ALL
        .into_iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(text))
        .ok_or_else(|| "DTS, DPR, SPS or UTI".to_owned())
}

impl Step {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let reference = DossierRef::parse(&self.reference)?;
        self.at.with_desk(|desk| async move {
            let user = match self.by.person(&desk).await? {
                Ok(user) => user,
                Err(why) => return self.refuse(&why),
            };
            let by = user.name.as_str();
            let events = self.order.events(by)?;
            let Some(filed) = desk.store.dossier(&reference).await? else {
                return self.refuse(&format!("{reference} est inconnu. « guichet status » montre les dossiers."));
            };
            let names = events.iter().map(Event::name);
            if let Some(why) = not_allowed(&user, &filed.dossier, names) {
                return self.refuse(&format!("{reference} : {}", gate(&desk.config, why)?));
            }
            // No blob is swept until the row that names this one is there.
            let _hold = self.proof.is_some().then(|| desk.blobs.together()).transpose()?;
            let proof = match self.proof.as_deref().map(|file| keep(&desk, file)).transpose()? {
                Some(None) => return self.refuse(&gate(&desk.config, "card_number")?),
                kept => kept.flatten(),
            };
            let together: Vec<_> = events.into_iter().map(|event| (reference.clone(), event)).collect();
            match happen_together(&desk, &together, by, proof).await {
                Ok(()) => {}
                Err(Refused::OutOfOrder(out)) => {
                    let step = Phrases::load(None, "procedure/fr.toml")?;
                    let at = step.say("step", out.step.as_str());
                    return self.refuse(&format!("{reference} (étape {at}) : {}", gate(&desk.config, out.gate)?));
                }
                Err(err) => return Err(err.into()),
            }
            let Some(after) = desk.store.dossier(&reference).await? else { return Ok(OK) };
            let step = after.dossier.step;
            if self.json {
                let events: Vec<&str> = together.iter().map(|(_, event)| event.name()).collect();
                let done = json!({ "dossier": reference, "events": events, "by": by, "step": step,
                    "number": step.number(), "proof": proof });
                println!("{}", serde_json::to_string_pretty(&done)?);
                return Ok(OK);
            }
            if let Some(proof) = proof {
                println!("Preuve gardée : {proof}");
            }
            println!("{reference} : enregistré par {} ; étape {}/10", shown(by), step.number());
            println!("« guichet show {reference} » montre ce qui est attendu, et de qui.");
            Ok(OK)
        })
    }

    fn refuse(&self, why: &str) -> anyhow::Result<u8> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(&json!({ "refused": why }))?);
        } else {
            eprintln!("{why}");
        }
        Ok(NO)
    }
}

/// Why this person may not cause these events of a dossier, as a code with words of its own.
pub(super) fn not_allowed<'a>(
    user: &User,
    dossier: &Dossier,
    events: impl IntoIterator<Item = &'a str>,
) -> Option<&'static str> {
    let cause = |event: &str| dossier.step.on(event).map_or(Party::Bank, |row| row.by);
    events.into_iter().find_map(|event| release::may_cause(user, cause(event), dossier).err())
}

impl Order {
    fn events(&self, by: &str) -> anyhow::Result<Vec<Event>> {
        let by = by.to_owned();
        let answer = |file: &str, outcome| -> anyhow::Result<Vec<Event>> {
            let begins = file.get(..3).unwrap_or_default();
            let file_type = file_type(begins)
                .map_err(|_| anyhow::anyhow!("{} n'est pas une déclaration (DTS…, DPR…, SPS…, UTI…)", shown(file)))?;
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
            Self::Test { codes, verdict, reason, authorisation, network, observed, order, time, remark } => {
                let verdict = match verdict {
                    Seen::Conforme => Verdict::Conforme,
                    Seen::NonConforme => Verdict::NonConforme,
                    Seen::Derogation => {
                        Verdict::Derogation { reason: reason.clone().unwrap_or_default(), by: by.clone() }
                    }
                };
                let result = |code: &String| TestResult {
                    code: code.clone(),
                    verdict: verdict.clone(),
                    network: network.clone(),
                    observed: observed.clone(),
                    authorisation: authorisation.clone(),
                    order: order.clone(),
                    time: time.clone(),
                    remark: remark.clone(),
                };
                vec![Event::TestsRecorded { results: codes.iter().map(result).collect(), by, grid: None }]
            }
            Self::Report { number, date, failing, unfavourable, signatory } => vec![Event::TestsReported {
                favourable: failing.is_empty() && !unfavourable,
                reference: number.clone(),
                date: *date,
                failing: failing.clone(),
                signatory: signatory.clone(),
                by,
            }],
            Self::Give { values } => {
                let one = |pair: &String| {
                    let (key, value) =
                        pair.split_once('=').with_context(|| format!("{pair:?} : écrivez CLÉ=VALEUR"))?;
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

/// Keeps a proof with the other originals, by its hash, which the journal names; not one that shows a card number.
fn keep(desk: &Desk, proof: &Path) -> anyhow::Result<Option<Sha256>> {
    let bytes = std::fs::read(proof).with_context(|| format!("{}", proof.display()))?;
    anyhow::ensure!(!bytes.is_empty(), "{} : un fichier vide ne prouve rien", proof.display());
    if std::str::from_utf8(&bytes).is_ok_and(|text| card_number::first_masked(text).is_some()) {
        return Ok(None);
    }
    let hash = desk.blobs.keep(&bytes)?;
    desk.blobs.settle()?;
    Ok(Some(hash))
}
