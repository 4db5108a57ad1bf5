//! Every text a reading holds, visited in one place: what must be masked, bounded or searched has one list to go through.

use super::document::Reading;
use super::field::{Change, Extraction, Field, Gap, Place, Trust, Value};
use super::finding::Finding;

impl Reading {
    /// Visits every text that came from the document or from its name; keys and codes, which are ours, are left out.
    pub fn visit_texts(&mut self, visit: &mut dyn FnMut(&mut String)) {
        for extraction in &mut self.extractions {
            in_extraction(extraction, visit);
        }
        for finding in &mut self.findings {
            in_finding(finding, visit);
        }
    }
}

fn in_extraction(extraction: &mut Extraction, visit: &mut dyn FnMut(&mut String)) {
    let Extraction { kind: _, member, pages: _, fields, gaps } = extraction;
    member.iter_mut().for_each(&mut *visit);
    for field in fields.values_mut() {
        in_field(field, visit);
    }
    for Gap { key: _, absence: _, label, place } in gaps {
        label.iter_mut().for_each(&mut *visit);
        in_place(place, visit);
    }
}

fn in_field(field: &mut Field, visit: &mut dyn FnMut(&mut String)) {
    let Field { key: _, value, raw, place, label, method: _, confidence: _, trust, changes } = field;
    in_value(value, visit);
    visit(raw);
    in_place(place, visit);
    label.iter_mut().for_each(&mut *visit);
    if let Trust::Settled { by } = trust {
        visit(by);
    }
    for Change { by, at, before } in changes {
        visit(by);
        visit(at);
        if let Some(value) = before {
            in_value(value, visit);
        }
    }
}

fn in_value(value: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match value {
        Value::Flag(_) => {}
        Value::Text(text) => visit(text),
        Value::List(items) => items.iter_mut().for_each(visit),
        Value::Rows(rows) => {
            for cell in rows.iter_mut().flatten() {
                in_field(cell, visit);
            }
        }
    }
}

fn in_place(place: &mut Option<Place>, visit: &mut dyn FnMut(&mut String)) {
    if let Some(Place::Cell { sheet, cell }) = place {
        visit(sheet);
        visit(cell);
    }
}

fn in_finding(finding: &mut Finding, visit: &mut dyn FnMut(&mut String)) {
    let Finding { code: _, severity: _, kind: _, field: _, label, place, details } = finding;
    label.iter_mut().for_each(&mut *visit);
    in_place(place, visit);
    details.values_mut().for_each(visit);
}
