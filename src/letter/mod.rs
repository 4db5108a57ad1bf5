//! Room 6, letters. A notification becomes an e-mail: what to do and who, then what happened, then the facts.
//!
//! Pure. The words are in `templates/letters/<language>/`, one file per subject. A letter is written once, as text with a few
//! marks; the plain part and the HTML part are both made from it, so that they never say different things, and whatever a
//! form said is escaped because all of it is. Identifiers are masked; what is attached is made elsewhere and carries none. An
//! address or a header that is not plainly one is refused before the mail library sees it.

mod context;
mod envelope;
mod markup;
mod samples;

use jiff::Timestamp;

use crate::domain::dossier::Dossier;
use crate::domain::grid::Grid;
use crate::domain::notification::{Language, Notification};
use crate::domain::requirement::Requirement;
use crate::layouts::Layouts;
use crate::schemas::Forms;
use crate::templates::{Family, Templates, Unrenderable};

use context::Context;

/// Who letters come from.
#[derive(Debug, Clone)]
pub struct Sender {
    /// `Name <address>`.
    pub from: String,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<String>,
    /// Right-hand side of every Message-ID.
    pub domain: String,
}

/// What the room works with.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub sender: &'a Sender,
    pub forms: &'a Forms,
    pub layouts: &'a Layouts,
    pub grid: &'a Grid,
    pub templates: &'a Templates,
}

/// What a letter is about.
#[derive(Clone, Copy)]
pub struct Matter<'a> {
    /// `None` for a letter about documents that belong to no dossier.
    pub dossier: Option<&'a Dossier>,
    pub requirements: &'a [Requirement],
    pub bank: Option<&'a str>,
    pub attachments: &'a [Attachment],
    pub at: Timestamp,
}

/// A paper that goes with a letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// ASCII, ours.
    pub name: String,
    pub kind: Attached,
    pub bytes: Vec<u8>,
}

/// What is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    Pdf,
    Xlsx,
}

/// A letter ready to be handed over.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// With its angle brackets.
    pub message_id: String,
    /// Every recipient, copies included.
    pub to: Vec<String>,
    /// A whole RFC 5322 message.
    pub message: Vec<u8>,
}

/// Why a letter cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    #[error("le modèle du courrier ne peut être rempli : {0}")]
    Template(#[from] Unrenderable),
    #[error("{0:?} n'est pas une adresse e-mail : corrigez-la dans la configuration ou sur le dossier")]
    Address(String),
    #[error("le courrier n'a pas de destinataire")]
    Nobody,
    #[error("le courrier ne peut être mis en forme")]
    Message(#[source] lettre::error::Error),
}

/// Writes one letter. The same notification about the same dossier at the same instant gives the same bytes.
pub fn write(desk: &Desk<'_>, notification: &Notification, matter: &Matter<'_>) -> Result<Letter, Unwritten> {
    let context = Context::of(desk, notification, matter);
    let told = tell(desk.templates, notification, &context)?;
    envelope::seal(desk.sender, notification, &told, matter)
}

/// Every letter in every language, with invented matters that reach each branch of its template: file names with their pages,
/// and an index of them all; else what stands in the way of each.
pub fn preview(desk: &Desk<'_>) -> Result<Vec<(String, String)>, Vec<Unwritten>> {
    samples::gallery(desk)
}

/// A trial letter about an invented merchant, to see that letters arrive and how they look.
pub fn trial(desk: &Desk<'_>, address: &str, at: Timestamp) -> Result<Letter, Unwritten> {
    let (sample, notification) = samples::trial(address, at);
    write(desk, &notification, &Matter { at, ..sample.matter() })
}

/// A letter as it is read.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    subject: String,
    text: String,
    html: String,
}

/// Fills the parts of a letter in, and puts them together as text and as HTML.
fn tell(templates: &Templates, notification: &Notification, context: &Context) -> Result<Told, Unrenderable> {
    let language = notification.language;
    let name = format!("letters/{}/{}.tera", language.as_str(), notification.subject.as_str());
    let part = |block: &str| templates.render_block(Family::Letters(language), &name, block, context);
    let heading = part("subject")?.split_whitespace().collect::<Vec<_>>().join(" ");
    // A header is plain: some programs show marks of direction as boxes.
    let subject = crate::templates::folded(&heading);
    let next = markup::Marked::of(&part("next")?);
    let [greeting, body, closing, footer] =
        ["greeting", "body", "closing", "footer"].map(|block| part(block).map(|text| markup::Marked::of(&text)));
    let (greeting, body, closing, footer) = (greeting?, body?, closing?, footer?);
    let next_title = crate::templates::folded(&part("next_title")?);
    // Only French sets a colon apart.
    let colon = if language == Language::Fr { " :" } else { ":" };
    let [greeting_text, next_text, body_text, closing_text, footer_text] =
        [&greeting, &next, &body, &closing, &footer].map(|part| part.text(colon));
    let next_text = format!("{next_title}{colon}\n{next_text}");
    // Two dashes and a space begin a signature, which mail programs fold away.
    let text = format!("{greeting_text}{next_text}{body_text}{closing_text}-- \n{footer_text}");
    let text = format!("{}\n", text.trim_end());
    let bound = |text: String| if language == Language::Fr { markup::unbroken(&text) } else { text };
    let heading = bound(heading);
    let frame = context::Frame {
        language: language.as_str(),
        direction: if language == Language::Ar { "rtl" } else { "ltr" },
        subject: &heading,
        next_title: &next_title,
        greeting: bound(greeting.html()),
        next: bound(next.html()),
        body: bound(body.html()),
        closing: bound(closing.html()),
        footer: bound(footer.html()),
    };
    let html = templates.render(Family::Pages, "letters/frame.html", &frame)?;
    if !html.contains(&frame.body) {
        return Err(Unrenderable("letters/frame.html: the letter itself is not in it".to_owned()));
    }
    Ok(Told { subject, text, html })
}

#[cfg(test)]
mod tests;
