//! Room 5. A file that answers a declaration becomes facts: which declaration, which merchants, accepted or not, and why.
//!
//! Pure. Fixed width (records 01, 50, 60, 61, 99 of 500 characters), JSON and CSV with the same zone names, because
//! Monétique-Tunisie may answer from a screen or by e-mail. Nothing is guessed: a file that does not hold together is
//! refused whole, with the reason code of the format. What an unknown sequence means is not decided here.

mod fixed;
mod loose;

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::domain::card_number;
use crate::domain::event::Acknowledged;

/// Larger files are no acknowledgements.
const LARGEST: usize = 4 << 20;
/// Merchants one acknowledgement may speak of.
const MOST_RECORDS: usize = 20_000;

/// What an acknowledgement says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Acknowledgement {
    /// Name of the declaration it answers: `DTS00008.20261124.000001`.
    pub file: String,
    pub sequence: u32,
    /// The control total as its receiver computed it, where it is told.
    pub total: Option<u64>,
    /// `T` for test, `P` for production, where it is told.
    pub environment: Option<char>,
    /// The whole file was refused; then no merchant is spoken of.
    pub whole: Option<Acknowledged>,
    pub merchants: Vec<Answered>,
}

/// What is said of one record of the declaration.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answered {
    /// Number of the record in the declaration.
    pub record: u32,
    /// Dossier, where the answer names it.
    pub reference: Option<String>,
    pub outcome: Acknowledged,
}

/// Why a file is no acknowledgement: the reason code of the format, and what is wrong, for the journal and the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[error("{code} {text}")]
pub struct NotAnAcknowledgement {
    pub code: &'static str,
    pub text: String,
}

impl NotAnAcknowledgement {
    fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// Reads an acknowledgement, whatever its name.
pub fn read(bytes: &[u8]) -> Result<Acknowledgement, NotAnAcknowledgement> {
    if bytes.len() > LARGEST {
        return Err(NotAnAcknowledgement::new("F001", "fichier trop grand"));
    }
    let text = text(bytes)?;
    let acknowledgement = if text.trim_start().starts_with('{') {
        loose::json(text)?
    } else if text.starts_with("01") {
        fixed::read(text)?
    } else {
        loose::csv(text)?
    };
    if acknowledgement.merchants.len() > MOST_RECORDS {
        return Err(NotAnAcknowledgement::new("F005", "trop d'enregistrements"));
    }
    Ok(acknowledgement)
}

/// Plain text in UTF-8: what a screen or a workbook saves otherwise is named, so that its author knows what to do.
fn text(bytes: &[u8]) -> Result<&str, NotAnAcknowledgement> {
    let refused = |what: &str| NotAnAcknowledgement::new("F001", what);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(refused("texte en UTF-16 : enregistrez-le en UTF-8"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| refused("ce n'est pas du texte en UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    if text.chars().any(|c| c.is_control() && !matches!(c, '\r' | '\n' | '\t')) {
        return Err(refused("le fichier contient des caractères de contrôle"));
    }
    Ok(text)
}

/// Does the status of the file agree with those of its merchants, and does none of them stand twice?
fn check_status(status: &str, merchants: &[Answered]) -> Result<(), NotAnAcknowledgement> {
    let rejected = merchants.iter().filter(|one| matches!(one.outcome, Acknowledged::Rejected { .. })).count();
    let others = merchants.len() - rejected;
    let told = match status.trim() {
        "ACCP" => rejected == 0,
        "PART" => rejected > 0 && others > 0,
        "RJCT" => others == 0,
        _ => false,
    };
    if !told {
        let text = "le statut du fichier contredit ceux de ses commerçants";
        return Err(NotAnAcknowledgement::new("F007", text));
    }
    check_twice(merchants)
}

fn check_twice(merchants: &[Answered]) -> Result<(), NotAnAcknowledgement> {
    let mut seen = std::collections::BTreeSet::new();
    if merchants.iter().any(|one| !seen.insert((one.record, &one.reference))) {
        return Err(NotAnAcknowledgement::new("F005", "un même enregistrement est répondu deux fois"));
    }
    Ok(())
}

/// What one merchant's (or the file's) status amounts to.
fn outcome(
    status: &str,
    reasons: Vec<(String, String)>,
    numbers: [&str; 3],
) -> Result<Acknowledged, NotAnAcknowledgement> {
    let given = |text: &str, most: usize| {
        let text = text.trim();
        no_card(text)?;
        let plain = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        match text {
            "" => Ok(None),
            _ if plain => Ok(Some(text.to_owned())),
            _ => Err(NotAnAcknowledgement::new("F001", "un numéro attribué n'est pas lisible")),
        }
    };
    match status.trim() {
        "ACCP" => Ok(Acknowledged::Accepted {
            numero_affiliation: given(numbers[0], 10)?,
            numero_terminal: given(numbers[1], 8)?,
            identifiant_sps: given(numbers[2], 20)?,
        }),
        "PDNG" => {
            let reason =
                reasons.into_iter().map(|(code, label)| format!("{code} {label}")).collect::<Vec<_>>().join(", ");
            Ok(Acknowledged::Pending { reason })
        }
        "RJCT" if reasons.is_empty() => {
            Ok(Acknowledged::Rejected { reasons: vec![("X999".to_owned(), String::new())] })
        }
        "RJCT" => Ok(Acknowledged::Rejected { reasons }),
        other => Err(NotAnAcknowledgement::new("F007", format!("statut inconnu {:?}", shown(other)))),
    }
}

/// `DTS00008.20261124.000001`, and nothing that could be a path.
fn declaration_name(text: &str) -> Result<String, NotAnAcknowledgement> {
    let text = text.trim();
    let parts: Vec<&str> = text.split('.').collect();
    let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    let fits = matches!(parts.as_slice(), [head, date, number]
        if head.len() == 8 && head.is_ascii() && ["DTS", "DPR", "SPS", "UTI"].contains(&&head[..3])
            && digits(&head[3..], 5) && digits(date, 8) && digits(number, 6));
    if fits {
        Ok(text.to_owned())
    } else {
        Err(NotAnAcknowledgement::new("F007", format!("{:?} n'est pas le nom d'une déclaration", shown(text))))
    }
}

fn reason(code: &str, label: &str) -> Result<Option<(String, String)>, NotAnAcknowledgement> {
    no_card(code)?;
    no_card(label)?;
    let (code, label) = (shown(code), shown(label));
    Ok((!code.is_empty() || !label.is_empty()).then_some((code, label)))
}

/// An acknowledgement is kept for years, a card number never is. Looked for where words stand: side by side, two numbers of the
/// format may look like one.
fn no_card(text: &str) -> Result<(), NotAnAcknowledgement> {
    if card_number::find(text).is_empty() {
        return Ok(());
    }
    Err(NotAnAcknowledgement::new("X999", "un numéro de carte bancaire y figure"))
}

/// A short text of theirs as it may be kept and shown: no control characters, no runs of digits that could be a card's.
fn shown(text: &str) -> String {
    let clean: String = text.trim().chars().filter(|c| !c.is_control()).take(80).collect();
    let digits = clean.chars().filter(char::is_ascii_digit).count();
    if digits >= 13 { clean.chars().map(|c| if c.is_ascii_digit() { '*' } else { c }).collect() } else { clean }
}

/// The sequence told twice must be the same: in the name and beside it.
fn check_sequence(file: &str, sequence: u32) -> Result<(), NotAnAcknowledgement> {
    let named = file.rsplit('.').next().and_then(|number| number.parse::<u32>().ok());
    if named == Some(sequence) {
        Ok(())
    } else {
        Err(NotAnAcknowledgement::new("F003", "la séquence n'est pas celle du fichier d'origine"))
    }
}
