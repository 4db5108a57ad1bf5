//! The door of the room: bytes in, reading out. A ZIP is read member by member, and a ZIP inside it once.

use super::format::sniff;
use super::limits::Limits;
use super::open::{Opened, open};
use super::pictures::{self, PagePicture};
use super::{archive, card_numbers, engine};
use crate::domain::card_number;
use crate::domain::document::{Format, Reading};
use crate::domain::field::{Doubt, Extraction, Field, Method, Place, Rect, Trust, Value};
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
    read_with(bytes, name, forms, options, &mut |_, _, _| {})
}

/// Reads a file and shows its pages as well, for a person who wants to see where everything stands.
pub fn read_and_show(bytes: &[u8], name: &str, forms: &Forms, options: &Options) -> (Reading, Vec<PagePicture>) {
    let mut pictures = Vec::new();
    let reading = read_with(bytes, name, forms, options, &mut |member, bytes, opened| {
        pictures.extend(pictures::of(member, bytes, opened, &options.limits));
    });
    (reading, pictures)
}

/// What else is done with each document once it is open.
type Watcher<'w> = dyn FnMut(Option<&str>, &[u8], &Opened) + 'w;

fn read_with(bytes: &[u8], name: &str, forms: &Forms, options: &Options, watch: &mut Watcher<'_>) -> Reading {
    let format = sniff(bytes);
    let mut extractions = Vec::new();
    let mut findings: Vec<Finding> = card_numbers::in_name(name).into_iter().collect();
    if format == Format::Zip {
        let read = archive::each(bytes, &options.limits, &mut |member, content| match content {
            Ok(bytes) => {
                read_one(bytes, Some(member), forms, options, watch, &mut extractions, &mut findings);
            }
            Err(refusal) => findings.push(Finding::from(refusal).with("member", member)),
        });
        if let Err(refusal) = read {
            findings.push(Finding::from(refusal).with("member", name));
        }
    } else {
        read_one(bytes, None, forms, options, watch, &mut extractions, &mut findings);
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
    watch: &mut Watcher<'_>,
    extractions: &mut Vec<Extraction>,
    findings: &mut Vec<Finding>,
) {
    let named = |finding: Finding| match member {
        Some(member) => finding.with("member", member),
        None => finding,
    };
    findings.extend(member.and_then(card_numbers::in_name));
    match open(bytes, &options.limits) {
        Ok(mut opened) => {
            let found = read_twice(&mut opened, forms);
            watch(member, bytes, &opened);
            findings.extend(opened.findings.into_iter().map(named));
            findings.extend(engine::together(&found).map(named));
            let card = card_numbers::find(&opened.pages);
            let card = card.or_else(|| card_numbers::find_beside(bytes, &options.limits, true));
            findings.extend(card.map(named));
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

/// Reads the pages of a document; where pictures leave doubts that a second look may settle, once more after that look.
fn read_twice(opened: &mut Opened, forms: &Forms) -> Vec<Extraction> {
    let first = engine::read(&opened.pages, forms);
    let wanted = unsettled(&first);
    if !wanted.is_empty() && opened.kept.look_again(&mut opened.pages, &wanted) {
        return engine::read(&opened.pages, forms);
    }
    first
}

/// Where values stand that were read off a picture and that nothing proves: another witness may settle them, or deny them.
fn unsettled(extractions: &[Extraction]) -> Vec<(u32, Rect)> {
    let needs_a_witness = |field: &&Field| match &field.trust {
        Trust::Doubtful(doubts) => {
            field.method != Method::Ink
                && doubts.iter().all(|doubt| matches!(doubt, Doubt::WeakReading | Doubt::CheckFails))
        }
        Trust::Trusted | Trust::Settled { .. } => false,
    };
    let fields = extractions.iter().flat_map(|extraction| extraction.fields.values());
    let cells = fields.flat_map(|field| match &field.value {
        Value::Rows(rows) => rows.iter().flatten().collect(),
        _ => vec![field],
    });
    let place = |field: &Field| match field.place {
        Some(Place::Page { page, bbox }) => Some((page, bbox)),
        _ => None,
    };
    cells.filter(needs_a_witness).filter_map(place).collect()
}
