//! The door of the room: bytes in, reading out. A ZIP is read member by member, and a ZIP inside it once.

use super::format::sniff;
use super::limits::Limits;
use super::open::open;
use super::{archive, card_numbers, engine};
use crate::domain::card_number;
use crate::domain::document::{Format, Reading};
use crate::domain::field::Extraction;
use crate::domain::finding::Finding;
use crate::schemas::Forms;

/// How to read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What one document may cost.
    pub limits: Limits,
}

/// Reads one file as received: what it is, the forms it holds, and what is wrong with the file as such.
///
/// Never fails: a file that cannot be read is of kind `other`, with a finding that says why. `name` is only shown.
pub fn read(bytes: &[u8], name: &str, forms: &Forms, options: &Options) -> Reading {
    let format = sniff(bytes);
    let mut extractions = Vec::new();
    let mut findings: Vec<Finding> = card_numbers::in_name(name).into_iter().collect();
    if format == Format::Zip {
        let read = archive::each(bytes, &options.limits, &mut |member, content| match content {
            Ok(bytes) => read_one(bytes, Some(member), forms, options, &mut extractions, &mut findings),
            Err(refusal) => findings.push(Finding::from(refusal).with("member", member)),
        });
        if let Err(refusal) = read {
            findings.push(Finding::from(refusal).with("member", name));
        }
    } else {
        read_one(bytes, None, forms, options, &mut extractions, &mut findings);
    }
    let mut reading = Reading { format, kind: engine::kind_of(&extractions), extractions, findings };
    card_number::guard(&mut reading);
    reading
}

fn read_one(
    bytes: &[u8],
    member: Option<&str>,
    forms: &Forms,
    options: &Options,
    extractions: &mut Vec<Extraction>,
    findings: &mut Vec<Finding>,
) {
    let named = |finding: Finding| match member {
        Some(member) => finding.with("member", member),
        None => finding,
    };
    findings.extend(member.and_then(card_numbers::in_name));
    match open(bytes, &options.limits) {
        Ok(opened) => {
            findings.extend(opened.findings.into_iter().map(named));
            let card = card_numbers::find(&opened.pages);
            let card = card.or_else(|| card_numbers::find_beside(bytes, &options.limits, true));
            findings.extend(card.map(named));
            let found = engine::read(&opened.pages, forms);
            extractions.extend(
                found.into_iter().map(|extraction| Extraction { member: member.map(str::to_owned), ..extraction }),
            );
        }
        Err(refusal) => {
            findings.push(named(refusal.into()));
            findings.extend(card_numbers::find_beside(bytes, &options.limits, false).map(named));
        }
    }
}
