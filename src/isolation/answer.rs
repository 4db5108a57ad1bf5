//! What a child answers is as hostile as the document it has read: understood strictly, measured, and never believed
//! about what only a person or the daemon can know.

use serde_json::Value as Json;

use super::shown::{Announced, Shown};
use crate::domain::card_number;
use crate::domain::document::Reading;
use crate::domain::field::{Field, Method, Place, Rect, Trust, Value};
use crate::domain::finding::Finding;

/// Ceilings of an answer; some ten times what the largest honest form gives.
const EXTRACTIONS: usize = 64;
const FIELDS: usize = 1000;
const FINDINGS: usize = 5000;
const TEXT: usize = 64 << 10;
const ROWS: usize = 500;
const COLUMNS: usize = 40;
const PAGES: u32 = 100_000;
const NAME: usize = 80;
const PICTURES: usize = 2000;
/// All pictures together: what a person looks at is held in memory at once.
const PIXELS: u64 = 1 << 30;
const CELLS: usize = 200_000;
/// Of a page, in points.
const LONGEST_SIDE: f32 = 1e6;

/// The answer is not one an honest reader gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    #[error("not the JSON of a reading")]
    NotAReading,
    #[error("too many or too long parts")]
    TooMuch,
    #[error("a place, a name or a certainty that cannot be")]
    Impossible,
    #[error("claims to speak for a person")]
    Forged,
}

/// Understands the answer to *read*; whatever card number slipped through is masked here once more.
pub fn reading(answer: &[u8]) -> Result<Reading, BadAnswer> {
    sound(serde_json::from_slice(answer).map_err(|_| BadAnswer::NotAReading)?)
}

fn sound(mut reading: Reading) -> Result<Reading, BadAnswer> {
    check(&reading)?;
    let mut longest = 0;
    reading.visit_texts(&mut |text| longest = longest.max(text.len()));
    ensure(longest <= TEXT, BadAnswer::TooMuch)?;
    card_number::guard(&mut reading);
    Ok(reading)
}

/// Understands the answer to *show*: a reading, and pages whose pixels will follow. Where pages show a card number is the child's to
/// black out; what they say in words is masked here.
pub fn pages(answer: &[u8]) -> Result<(Reading, Vec<Announced>), BadAnswer> {
    let Shown { reading, mut pages } = serde_json::from_slice(answer).map_err(|_| BadAnswer::NotAReading)?;
    let reading = sound(reading)?;
    ensure(pages.len() <= PICTURES, BadAnswer::TooMuch)?;
    let (mut pixels, mut cells) = (0, 0);
    for page in &mut pages {
        let sides = [page.size.0, page.size.1];
        ensure(
            sides.iter().all(|side| side.is_finite() && (0.0..=LONGEST_SIDE).contains(side)),
            BadAnswer::Impossible,
        )?;
        pixels += page.pixels.map_or(0, |(width, height)| u64::from(width) * u64::from(height));
        cells += page.cells.len();
        let texts = page.cells.iter_mut().flat_map(|cell| [&mut cell.name, &mut cell.text]);
        for text in texts.chain(&mut page.member).chain(&mut page.sheet) {
            ensure(text.len() <= TEXT, BadAnswer::TooMuch)?;
            if let Some(masked) = card_number::masked(text) {
                *text = masked;
            }
        }
    }
    ensure(pixels <= PIXELS && cells <= CELLS, BadAnswer::TooMuch)?;
    Ok((reading, pages))
}

/// Understands the answer to *inspect*: any JSON, for a person's eyes, its card numbers masked.
pub fn inspection(answer: &[u8]) -> Result<Json, BadAnswer> {
    let mut seen: Json = serde_json::from_slice(answer).map_err(|_| BadAnswer::NotAReading)?;
    mask(&mut seen);
    Ok(seen)
}

fn mask(json: &mut Json) {
    match json {
        Json::String(text) => {
            if let Some(masked) = card_number::masked(text) {
                *text = masked;
            }
        }
        Json::Array(items) => items.iter_mut().for_each(mask),
        Json::Object(members) => members.values_mut().for_each(mask),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn check(reading: &Reading) -> Result<(), BadAnswer> {
    ensure(reading.extractions.len() <= EXTRACTIONS && reading.findings.len() <= FINDINGS, BadAnswer::TooMuch)?;
    for extraction in &reading.extractions {
        let gaps = extraction.gaps.len();
        ensure(extraction.fields.len() <= FIELDS && gaps <= FIELDS, BadAnswer::TooMuch)?;
        ensure(extraction.pages.len() <= FIELDS, BadAnswer::TooMuch)?;
        for (key, field) in &extraction.fields {
            ensure(*key == field.key, BadAnswer::Impossible)?;
            check_field(field, true)?;
        }
        for gap in &extraction.gaps {
            check_name(gap.key.as_str())?;
            check_place(gap.place.as_ref())?;
        }
    }
    reading.findings.iter().try_for_each(check_finding)
}

fn check_field(field: &Field, may_hold_rows: bool) -> Result<(), BadAnswer> {
    check_name(field.key.as_str())?;
    check_place(field.place.as_ref())?;
    ensure((0.0..=1.0).contains(&field.confidence), BadAnswer::Impossible)?;
    let settled = matches!(field.trust, Trust::Settled { .. });
    ensure(!settled && field.method != Method::Person && field.changes.is_empty(), BadAnswer::Forged)?;
    match &field.value {
        Value::Flag(_) | Value::Text(_) => Ok(()),
        Value::List(items) => ensure(items.len() <= FIELDS, BadAnswer::TooMuch),
        Value::Rows(rows) => {
            ensure(may_hold_rows, BadAnswer::Impossible)?;
            ensure(rows.len() <= ROWS && rows.iter().all(|row| row.len() <= COLUMNS), BadAnswer::TooMuch)?;
            rows.iter().flatten().try_for_each(|cell| check_field(cell, false))
        }
    }
}

fn check_finding(finding: &Finding) -> Result<(), BadAnswer> {
    check_name(finding.code.as_str())?;
    finding.field.iter().try_for_each(|field| check_name(field.as_str()))?;
    check_place(finding.place.as_ref())?;
    ensure(finding.details.len() <= COLUMNS, BadAnswer::TooMuch)?;
    finding.details.keys().try_for_each(|name| check_name(name))
}

/// Keys and codes are ours: lower-case letters, digits, underscores, and dots between parts.
fn check_name(name: &str) -> Result<(), BadAnswer> {
    let ours = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.';
    ensure((1..=NAME).contains(&name.len()) && name.bytes().all(ours), BadAnswer::Impossible)
}

fn check_place(place: Option<&Place>) -> Result<(), BadAnswer> {
    match place {
        Some(Place::Page { page, bbox }) => {
            let Rect { x0, y0, x1, y1 } = bbox;
            let finite = [x0, y0, x1, y1].into_iter().all(|edge| edge.is_finite());
            ensure((1..=PAGES).contains(page) && finite, BadAnswer::Impossible)
        }
        Some(Place::Cell { .. }) | None => Ok(()),
    }
}

fn ensure(holds: bool, otherwise: BadAnswer) -> Result<(), BadAnswer> {
    if holds { Ok(()) } else { Err(otherwise) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn honest() -> Json {
        json!({
            "format": "pdf", "kind": "adhesion",
            "extractions": [{
                "kind": "adhesion", "pages": [1], "gaps": [],
                "fields": { "ville": {
                    "key": "ville", "value": "Sfax", "raw": "SFAX", "label": "Ville", "method": "text",
                    "place": { "in": "page", "page": 1, "bbox": [10.0, 20.0, 90.0, 32.0] },
                    "confidence": 0.98, "trust": "trusted",
                }},
            }],
            "findings": [{ "code": "hidden_sheet", "severity": "info" }],
        })
    }

    fn outcome(bend: impl FnOnce(&mut Json)) -> Result<Reading, BadAnswer> {
        let mut answer = honest();
        bend(&mut answer);
        reading(answer.to_string().as_bytes())
    }

    #[test]
    fn an_honest_answer_is_taken() {
        let reading = outcome(|_| {}).unwrap();
        assert_eq!(reading.extractions[0].text("ville"), Some("Sfax"));
    }

    #[test]
    fn unknown_members_and_broken_json_are_refused() {
        assert_eq!(outcome(|a| a["order"] = json!("publish")), Err(BadAnswer::NotAReading));
        assert_eq!(outcome(|a| a["extractions"][0]["fields"]["ville"]["x"] = json!(1)), Err(BadAnswer::NotAReading));
        assert_eq!(outcome(|a| a["findings"][0]["severity"] = json!("none")), Err(BadAnswer::NotAReading));
        assert_eq!(reading(b"{"), Err(BadAnswer::NotAReading));
        let deep = "[".repeat(100_000);
        assert_eq!(reading(deep.as_bytes()), Err(BadAnswer::NotAReading));
    }

    #[test]
    fn a_child_cannot_speak_for_a_person() {
        let field = "/extractions/0/fields/ville";
        for (member, value) in [
            ("trust", json!({ "settled": { "by": "Amel" } })),
            ("method", json!("person")),
            ("changes", json!([{ "by": "Amel", "at": "2026-01-01", "before": null }])),
        ] {
            assert_eq!(outcome(|a| a.pointer_mut(field).unwrap()[member] = value), Err(BadAnswer::Forged), "{member}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let field = "/extractions/0/fields/ville";
        for (member, value) in [
            ("confidence", json!(1.5)),
            ("key", json!("other")),
            ("place", json!({ "in": "page", "page": 0, "bbox": [0, 0, 1, 1] })),
            (
                "value",
                json!([[{
                    "key": "nom", "raw": "", "method": "text", "confidence": 1.0, "trust": "trusted",
                    "value": [[]],
                }]]),
            ),
        ] {
            let refused = outcome(|a| a.pointer_mut(field).unwrap()[member] = value);
            assert!(matches!(refused, Err(BadAnswer::Impossible) | Ok(_)), "{member}: {refused:?}");
        }
        assert_eq!(outcome(|a| a["findings"][0]["code"] = json!("../etc")), Err(BadAnswer::Impossible));
    }

    #[test]
    fn too_much_is_refused() {
        let many: Vec<Json> = vec![json!({ "code": "hidden_sheet", "severity": "info" }); FINDINGS + 1];
        assert_eq!(outcome(|a| a["findings"] = json!(many)), Err(BadAnswer::TooMuch));
        assert_eq!(
            outcome(|a| a["extractions"][0]["fields"]["ville"]["raw"] = json!("x".repeat(TEXT + 1))),
            Err(BadAnswer::TooMuch)
        );
    }
}
