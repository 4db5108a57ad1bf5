//! The door of the room: bytes in, reading out. A ZIP is read member by member, and a ZIP inside it once.

use super::card_numbers;
use super::engine;
use super::format::sniff;
use super::limits::Limits;
use super::open::open;
use super::packed::{Packed, Purse};
use super::refusal::Refusal;
use crate::domain::card_number;
use crate::domain::document::{Format, Reading};
use crate::domain::field::Extraction;
use crate::domain::finding::{Finding, Severity};
use crate::schemas::Forms;

/// A ZIP inside a ZIP is opened, one inside that is not.
const DEEPEST_ZIP: usize = 2;

/// How to read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Ignore label wordings met only in this layout, to measure what an unseen layout gets.
    pub leave_out: Option<String>,
    /// What one document may cost.
    pub limits: Limits,
}

/// Reads one file as received: what it is, the forms it holds, and what is wrong with the file as such.
///
/// Never fails: a file that cannot be read is of kind `other`, with a finding that says why. `name` is only shown.
pub fn read(bytes: &[u8], name: &str, forms: &Forms, options: &Options) -> Reading {
    let format = sniff(bytes);
    let mut extractions = Vec::new();
    let mut findings = Vec::new();
    if format == Format::Zip {
        let purse = Purse::new(&options.limits);
        let read = read_zip(bytes, "", &purse, 1, forms, options, &mut extractions, &mut findings);
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
    match open(bytes, &options.limits) {
        Ok(opened) => {
            findings.extend(opened.findings.into_iter().map(named));
            findings.extend(card_numbers::find(&opened.pages).map(named));
            let found = engine::read(&opened.pages, forms, options.leave_out.as_deref());
            extractions.extend(
                found.into_iter().map(|extraction| Extraction { member: member.map(str::to_owned), ..extraction }),
            );
        }
        Err(refusal) => findings.push(named(refusal.into())),
    }
}

#[expect(clippy::too_many_arguments, reason = "one recursion; the two lists are what it fills")]
fn read_zip(
    bytes: &[u8],
    within: &str,
    purse: &Purse,
    depth: usize,
    forms: &Forms,
    options: &Options,
    extractions: &mut Vec<Extraction>,
    findings: &mut Vec<Finding>,
) -> Result<(), Refusal> {
    let mut zip = Packed::open(bytes, purse)?;
    for index in 0..zip.len() {
        let Some(member) = zip.name(index)? else { continue };
        let shown = format!("{within}{member}");
        if is_litter(&member) {
            continue;
        }
        let bytes = match zip.read(index) {
            Ok(bytes) => bytes,
            Err(refusal) => {
                findings.push(Finding::from(refusal).with("member", shown));
                continue;
            }
        };
        if sniff(&bytes) != Format::Zip {
            read_one(&bytes, Some(&shown), forms, options, extractions, findings);
        } else if depth < DEEPEST_ZIP {
            let inside = format!("{shown}/");
            if let Err(refusal) = read_zip(&bytes, &inside, purse, depth + 1, forms, options, extractions, findings) {
                findings.push(Finding::from(refusal).with("member", shown));
            }
        } else {
            findings.push(Finding::new("nested_zip", Severity::Warning).with("member", shown));
        }
    }
    Ok(())
}

/// What archivers and file managers leave behind.
fn is_litter(member: &str) -> bool {
    let name = member.rsplit('/').next().unwrap_or_default();
    member.starts_with("__MACOSX/")
        || matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini")
        || name.starts_with("._")
}
