//! Room 6, answers. A dropped file gets a page in the bank's own folder: what was received, what it is worth, what is to be
//! done and by whom. An HTML page that opens by double-click and prints well, and the same content as JSON.
//!
//! Pure, and written for a person who has never heard of guichet: the verdict first, then what to do, then the evidence. The
//! page needs nothing but itself: no script, no picture, no font from elsewhere. Identifiers are masked; every text that came
//! from a file is escaped by the engine.

mod page;
mod trial;
mod verdict;

use jiff::civil::DateTime;

use crate::domain::document::{DocumentId, Reading, Sha256};
use crate::domain::dossier::Dossier;
use crate::domain::file_name;
use crate::domain::finding::Code;
use crate::domain::outcome::Outcome;
use crate::domain::requirement::Requirement;
use crate::schemas::Forms;
use crate::templates::{Family, Templates, Unrenderable};

pub use page::Page;

/// The file that is answered.
#[derive(Clone, Copy)]
pub struct Dropped<'a> {
    pub document: DocumentId,
    /// As dropped, escaped for showing.
    pub name: &'a str,
    /// When it was taken in, local time in Tunis.
    pub received: DateTime,
    pub sha256: Sha256,
    pub reading: &'a Reading,
    /// Why it was never opened.
    pub refusal: Option<&'a Code>,
}

/// The dossier it belongs to, as decided.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    pub dossier: &'a Dossier,
    pub outcome: Outcome,
    pub requirements: &'a [Requirement],
    pub bank: Option<&'a str>,
}

/// Writes the answer: file names with their bytes, the page first.
///
/// Names are `<sanitised name>.<reference>.html` and `.json`, the reference being the dossier's, else the document's.
pub fn write(
    dropped: &Dropped<'_>,
    standing: Option<&Standing<'_>>,
    forms: &Forms,
    templates: &Templates,
) -> Result<Vec<(String, Vec<u8>)>, Unrenderable> {
    let page = page::page(dropped, standing, forms, templates);
    let html = templates.render(Family::Pages, "answers/page.html", &page)?;
    let mut json = serde_json::to_vec_pretty(&page).map_err(|err| Unrenderable(err.to_string()))?;
    json.push(b'\n');
    let stem = format!("{}.{}", file_name::sanitised(dropped.name), page.reference());
    Ok(vec![(format!("{stem}.html"), html.into_bytes()), (format!("{stem}.json"), json)])
}

/// An answer of every kind about an invented merchant: pages by file name.
pub fn trial(forms: &Forms, templates: &Templates) -> Result<Vec<(String, String)>, Unrenderable> {
    trial::gallery(forms, templates)
}

#[cfg(test)]
mod tests;
