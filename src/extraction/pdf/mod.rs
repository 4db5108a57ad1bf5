//! PDF: words with boxes, rules, boxes to tick, ink and form fields of every page.
//!
//! Two witnesses are kept apart: what a form field stores, and what its appearance draws. Nothing is read in part: a
//! document past a limit is refused.

mod ahead;
mod allowance;
mod appearances;
mod canvas;
mod cover;
mod direction;
mod draft;
mod fonts;
mod form;
mod ground;
mod inks;
mod marks;
mod paint;
mod parts;
mod rulings;
mod second_reader;
mod segments;
mod shapes;
mod streams;
mod strikes;
mod strings;
mod symbols;
#[cfg(test)]
mod tests;
mod turn;
mod typed;
mod weight;
mod words;
mod xfa;

use hayro_interpret::hayro_syntax::page::Page as PdfPage;
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo::Rect as KurboRect;
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, RenderContent, TransformExt, interpret_page};

use super::limits::Limits;
use super::page::{Page, Source, Widget};
use super::refusal::Refusal;
use super::ticks::Signs;
pub(super) use direction::{line, plain};
pub(super) use strings::decode as plain_text;

use crate::domain::finding::{Finding, Severity};
use allowance::Allowance;
use canvas::Canvas;
use draft::Draft;
use fonts::Unexplained;
use form::AcroForm;

/// A picture over more of a page than this is the page.
const MOSTLY_PICTURE: f32 = 0.5;

/// Reads every page. Findings say that something of the file is missing, or that a page holds text nobody sees.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<(Vec<Page>, Vec<Finding>), Refusal> {
    ahead::measure(bytes, limits)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(refusal)?;
    let pages = pdf.pages();
    if pages.len() > limits.pages {
        return Err(Refusal::TooLarge(format!("{} pages", pages.len())));
    }
    let mut unexplained = Unexplained::default();
    let whole = streams::are_whole(&pdf, bytes, limits, &mut unexplained)? & parts::are_there(&pdf, limits);
    let mut form = AcroForm::of(&pdf, bytes, limits)?;
    let cache = InterpreterCache::new();
    let mut allowance = Allowance::new(limits);
    let mut drafts = Vec::with_capacity(pages.len());
    for (page, number) in pages.iter().zip(1..) {
        let widgets = form.widgets_of(page)?;
        let draft = read_page(page, number, widgets, &cache, &unexplained, &mut allowance);
        drafts.push(draft.ok_or_else(|| Refusal::TooLarge(format!("page {number} draws too much")))?);
    }
    let signs = Signs::of(drafts.iter().flat_map(Draft::texts));
    let mut read: Vec<Page> = drafts.into_iter().map(|draft| draft.into_page(signs)).collect();
    if form.has_xfa && is_only_a_notice(&read) {
        return Err(Refusal::XfaOnly);
    }
    if let Some(first) = read.first_mut() {
        first.widgets.extend(form.unplaced());
    }
    let mut findings = Vec::new();
    if !whole {
        findings.push(Finding::new("truncated_stream", Severity::Incomplete));
    }
    findings.extend(
        read.iter()
            .filter(|page| hides_text(page))
            .map(|page| Finding::new("hidden_text", Severity::Info).with("page", page.number.to_string())),
    );
    findings.extend(
        read.iter()
            .filter(|page| !page.struck.is_empty())
            .map(|page| Finding::new("struck_words", Severity::Info).with("page", page.number.to_string())),
    );
    Ok((read, findings))
}

/// Text that nobody sees. Over a picture of the page it is a scanner's own reading, and nothing to speak of.
fn hides_text(page: &Page) -> bool {
    page.image_share < MOSTLY_PICTURE && page.segments.iter().any(|segment| segment.source == Source::HiddenLayer)
}

fn refusal(error: LoadPdfError) -> Refusal {
    match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Refusal::Password,
        LoadPdfError::Decryption(_) => Refusal::damaged("its encryption cannot be undone"),
        LoadPdfError::Invalid => Refusal::damaged("no pages can be found in it"),
    }
}

/// A dynamic XFA form has no fields of its own, and one page that asks for another program.
fn is_only_a_notice(pages: &[Page]) -> bool {
    let words: usize = pages.iter().flat_map(|page| &page.segments).map(|segment| segment.words.len()).sum();
    pages.iter().all(|page| page.widgets.is_empty()) && words < 200
}

fn read_page<'a>(
    page: &PdfPage<'a>,
    number: u32,
    widgets: Vec<Widget>,
    cache: &InterpreterCache<'a>,
    unexplained: &Unexplained,
    allowance: &mut Allowance,
) -> Option<Draft> {
    let (width, height) = page.render_dimensions();
    let mut canvas = Canvas::new(width, height, unexplained, allowance);
    let whole = allowance::draw_within(|| {
        draw(page, RenderContent::PAGE, cache, &mut canvas);
        canvas.annotations();
        draw(page, RenderContent::ANNOTATIONS, cache, &mut canvas);
    });
    if !whole {
        return None;
    }
    canvas.finish();
    Some(Draft::new(canvas, number, (width, height), widgets))
}

fn draw<'a>(page: &PdfPage<'a>, part: RenderContent, cache: &InterpreterCache<'a>, canvas: &mut Canvas<'_>) {
    let (width, height) = page.render_dimensions();
    let settings = InterpreterSettings { render_content: part, ..InterpreterSettings::default() };
    let bounds = KurboRect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut context = Context::new(page.initial_transform(true).to_kurbo(), bounds, cache, page.xref(), settings);
    interpret_page(page, &mut context, canvas);
}
