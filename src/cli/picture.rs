//! `guichet read --picture`: what was read, drawn on the pages it was read from.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;

use super::phrases::Phrases;
use crate::domain::document::Reading;
use crate::domain::field::{Absence, Extraction, Field, Gap, Place, Trust, Value};
use crate::extraction::PagePicture;
use crate::picture::{self, Cell, Ground, Note, Spot, Standing};
use crate::schemas::Forms;

/// Longest name of a picture, without its number.
const LONGEST_NAME: usize = 120;

/// Writes one PNG per page or sheet; gives their paths.
pub(super) fn write(
    folder: &Path,
    source: &str,
    reading: &Reading,
    pages: &[PagePicture],
    forms: &Forms,
) -> anyhow::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let phrases = Phrases::load(None, "words/fr.toml")?;
    let mut written = Vec::new();
    for page in pages {
        let notes = notes(reading, page, forms, &phrases);
        let (title, name) = names(source, page);
        let cells: Vec<Cell> = page
            .cells
            .iter()
            .map(|cell| Cell {
                name: cell.name.clone(),
                rows: cell.rows,
                columns: cell.columns,
                text: cell.text.clone(),
            })
            .collect();
        let ground = match (&page.pixels, &page.sheet) {
            (Some(pixels), _) => Ground::Page { size: page.size, pixels: pixels.dimensions(), tones: pixels.as_raw() },
            (None, Some(_)) => Ground::Sheet(&cells),
            (None, None) => Ground::Nothing { size: page.size, reason: "Cette page n'a pas pu être lue." },
        };
        let path = folder.join(name);
        std::fs::write(&path, picture::draw(&title, &ground, &notes)?)
            .with_context(|| format!("writing {}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

/// What stands above the list, and the name of the file.
fn names(source: &str, page: &PagePicture) -> (String, String) {
    let whole = match &page.member {
        Some(member) => format!("{source}/{member}"),
        None => source.to_owned(),
    };
    let short = whole.rsplit(['/', '\\']).next().unwrap_or_default();
    let title = match &page.sheet {
        Some(sheet) => format!("{short}, feuille « {sheet} »"),
        None => format!("{short}, page {}", page.page),
    };
    let safe = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let name: String = whole.trim_start_matches(['/', '.']).chars().map(safe).collect();
    let skipped = name.chars().count().saturating_sub(LONGEST_NAME);
    let name: String = name.chars().skip(skipped).collect();
    (title, format!("{name}.{:03}.png", page.page))
}

/// The fields that stand on this page, and on the first page of a form what is missing from it.
fn notes(reading: &Reading, page: &PagePicture, forms: &Forms, phrases: &Phrases) -> Vec<Note> {
    let mut notes = Vec::new();
    for extraction in reading.extractions.iter().filter(|extraction| extraction.member == page.member) {
        let order = |key: &str| {
            let fields = forms.of(extraction.kind).map_or(&[][..], |form| &form.fields);
            fields.iter().position(|spec| spec.key.as_str() == key).unwrap_or(usize::MAX)
        };
        let mut fields: Vec<&Field> = extraction.fields.values().collect();
        fields.sort_by_key(|field| order(field.key.as_str()));
        for field in fields {
            match &field.value {
                Value::Rows(rows) => notes.extend(cells_of(field, rows, page, phrases)),
                _ => notes.extend(note(field.key.to_string(), field, page, phrases)),
            }
        }
        notes.extend(extraction.gaps.iter().filter_map(|gap| missing(gap, extraction, page)));
    }
    notes
}

fn cells_of(field: &Field, rows: &[Vec<Field>], page: &PagePicture, phrases: &Phrases) -> Vec<Note> {
    let cells = rows.iter().zip(1..).flat_map(|(row, number)| row.iter().map(move |cell| (number, cell)));
    cells
        .filter_map(|(number, cell)| note(format!("{} {number} : {}", field.key, cell.key), cell, page, phrases))
        .collect()
}

fn note(key: String, field: &Field, page: &PagePicture, phrases: &Phrases) -> Option<Note> {
    let spot = spot(field.place.as_ref()?, page)?;
    let doubts = match &field.trust {
        Trust::Doubtful(doubts) => {
            let code = |doubt| json!(doubt).as_str().unwrap_or_default().to_owned();
            doubts.iter().map(|doubt| phrases.say("doubt", &code(doubt)).to_owned()).collect()
        }
        Trust::Trusted | Trust::Settled { .. } => Vec::new(),
    };
    let standing = if field.trust.is_firm() { Standing::Trusted } else { Standing::Doubtful };
    Some(Note { key, value: field.value.shown(), doubts, standing, spot: Some(spot) })
}

/// A gap is shown where its label stands; one without a label on the first page of its form.
fn missing(gap: &Gap, extraction: &Extraction, page: &PagePicture) -> Option<Note> {
    let standing = match gap.absence {
        Absence::LabelNotFound => Standing::NoLabel,
        Absence::Blank => Standing::Blank,
        Absence::Unreadable | Absence::Ambiguous => Standing::Doubtful,
    };
    let spot = match &gap.place {
        Some(place) => Some(spot(place, page)?),
        None if extraction.pages.first() == Some(&page.page) => None,
        None => return None,
    };
    let value = match gap.absence {
        Absence::Unreadable => "illisible",
        Absence::Ambiguous => "plusieurs valeurs possibles",
        Absence::Blank | Absence::LabelNotFound => "",
    };
    Some(Note { key: gap.key.to_string(), value: value.to_owned(), doubts: Vec::new(), standing, spot })
}

fn spot(place: &Place, page: &PagePicture) -> Option<Spot> {
    match place {
        Place::Page { page: number, bbox } if page.sheet.is_none() && *number == page.page => {
            Some(Spot::Box((*bbox).into()))
        }
        Place::Cell { sheet, cell } if page.sheet.as_ref() == Some(sheet) => Some(Spot::Cell(cell.clone())),
        Place::Page { .. } | Place::Cell { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_named_after_its_document_and_page() {
        let page = |member: Option<&str>| PagePicture {
            member: member.map(str::to_owned),
            page: 2,
            sheet: None,
            size: (1.0, 1.0),
            pixels: None,
            cells: Vec::new(),
        };
        assert_eq!(names("../S1/fiche é.pdf", &page(None)).1, "S1_fiche_é.pdf.002.png");
        let (title, name) = names("d.zip", &page(Some("a/../../etc/x.pdf")));
        assert_eq!(title, "x.pdf, page 2");
        assert!(!name.contains('/') && name.starts_with("d.zip_a_"), "{name}");
    }
}
