//! What the program sees in a file before any schema: pages, form fields, text, cells and words as JSON.

use serde_json::{Map, Value as Json, json};

use super::archive;
use super::format::sniff;
use super::limits::Limits;
use super::open::{Opened, open};
use super::page::{CellValue, Page, Source};
use super::pdf::line as line_of;
use super::refusal::Refusal;
use crate::domain::document::Format;

/// `{"pages": n, "fields": {…}, "text": …, "cells": {sheet: {"A1": …}}, "words": [{"page", "text", "bbox", "certainty"}],
/// "marks": [{"page", "bbox", "ticked"}], "inks": [{"page", "bbox", "share"}]}`, or `{"error": {"code", "reason"}}`.
///
/// `fields` has the full names of a PDF form's fields, with null where nothing is filled in.
///
/// A ZIP gives `{"format": "zip", "members": [{"name", …}]}`, each member as above.
pub fn inspect(bytes: &[u8], _name: &str) -> Json {
    let limits = Limits::default();
    if sniff(bytes) != Format::Zip {
        return one(bytes, &limits);
    }
    let mut members = Vec::new();
    let whole = archive::each(bytes, &limits, &mut |name, content| {
        let mut member = match content {
            Ok(bytes) => one(bytes, &limits),
            Err(refusal) => refused(&refusal),
        };
        member["name"] = name.into();
        members.push(member);
    });
    match whole {
        Ok(()) => json!({"format": Format::Zip, "members": members}),
        Err(refusal) => refused(&refusal),
    }
}

fn one(bytes: &[u8], limits: &Limits) -> Json {
    match open(bytes, limits) {
        Ok(opened) => seen(&opened),
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &Refusal) -> Json {
    json!({"error": {"code": refusal.code(), "reason": refusal.to_string()}})
}

fn seen(opened: &Opened) -> Json {
    let mut fields = Map::new();
    let mut cells = Map::new();
    let (mut words, mut marks, mut inks) = (Vec::new(), Vec::new(), Vec::new());
    for page in &opened.pages {
        for widget in &page.widgets {
            let value = fields.entry(widget.name.clone()).or_insert(Json::Null);
            if value.is_null() {
                *value = json!(widget.value);
            }
        }
        if let Some(sheet) = &page.sheet {
            cells.insert(sheet.clone(), cells_of(page));
        }
        for segment in &page.segments {
            for word in &segment.words {
                words.push(json!({
                    "page": page.number, "text": word.text, "bbox": page.as_shown(word.bbox), "source": segment.source,
                    "certainty": word.certainty,
                }));
            }
        }
        marks.extend(page.marks.iter().map(|mark| {
            json!({"page": page.number, "bbox": page.as_shown(mark.bbox), "ticked": mark.ticked, "source": mark.source})
        }));
        inks.extend(
            page.inks
                .iter()
                .map(|ink| json!({"page": page.number, "bbox": page.as_shown(ink.bbox), "share": ink.share})),
        );
    }
    json!({
        "format": opened.format,
        "pages": opened.pages.len(),
        "fields": fields,
        "text": text_of(&opened.pages),
        "cells": cells,
        "words": words,
        "marks": marks,
        "inks": inks,
        "findings": opened.findings,
    })
}

fn cells_of(page: &Page) -> Json {
    let shown = |value: &CellValue| match value {
        CellValue::Text(text) | CellValue::Date(text) | CellValue::Error(text) => json!(text),
        CellValue::Number { digits, .. } => json!(digits),
        CellValue::Flag(flag) => json!(flag),
    };
    page.cells.iter().map(|cell| (cell.name(), shown(&cell.value))).collect::<Map<_, _>>().into()
}

/// The visible text line by line; segments of one line are parted by tabs.
fn text_of(pages: &[Page]) -> String {
    let mut text = String::new();
    for page in pages {
        let mut segments: Vec<_> =
            page.segments.iter().filter(|s| !matches!(s.source, Source::HiddenLayer | Source::SecondOcr)).collect();
        segments.sort_by(|a, b| a.bbox.y1.total_cmp(&b.bbox.y1));
        let mut line: Vec<_> = Vec::new();
        let flush = |line: &mut Vec<&super::page::Segment>, text: &mut String| {
            line.sort_by(|a, b| a.bbox.x0.total_cmp(&b.bbox.x0));
            let parts: Vec<String> = line
                .drain(..)
                .map(|segment| line_of(&segment.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>()))
                .collect();
            text.push_str(&parts.join("\t"));
            text.push('\n');
        };
        for segment in segments {
            if line
                .last()
                .is_some_and(|last: &&super::page::Segment| segment.bbox.y1 - last.bbox.y1 > 0.4 * segment.size)
            {
                flush(&mut line, &mut text);
            }
            line.push(segment);
        }
        if !line.is_empty() {
            flush(&mut line, &mut text);
        }
        text.push('\n');
    }
    text
}
