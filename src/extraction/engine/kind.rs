//! Which form is this, and where does the next one begin.
//!
//! A document is cut into stretches at every page and at every printed title; each stretch is judged by its titles and
//! by the labels only one form has, and neighbours of one kind are joined. A few shared labels are not a form: an
//! invoice, a register's extract or a letter stays `other`.

use super::lexicon::Lexicon;
use super::questions::Question;
use super::sections;
use super::units::Unit;
use crate::extraction::page::{Page, SHEET_CELL};

/// Without a title, this many different fields of a form must be asked.
const LEAST_FIELDS_UNTITLED: usize = 9;
/// With a title, this many.
const LEAST_FIELDS_TITLED: usize = 4;
/// A title is at least this near one of the form's titles.
const SURE_TITLE: f32 = 0.8;
/// A label counts for a form when it is this near one of its wordings.
const SURE_FIELD: f32 = 0.8;
/// Under a title, wordings nobody has listed count too.
const LIKELY_FIELD: f32 = 0.65;
/// A title is set larger than most of the page by this.
const LARGER: f32 = 1.15;
/// On a sheet it stands among the first rows.
const FIRST_ROWS: f32 = 12.0;

/// A page that asks one in so many fields again still goes on with its form: `Nom` and `Date` are asked everywhere.
const AGAIN: usize = 3;

/// A part of the document that is one form.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// Position in `Forms::forms`.
    pub form: usize,
    pub units: Vec<usize>,
}

struct Stretch {
    units: Vec<usize>,
    /// Form named by a title.
    title: Option<usize>,
    fields: Asked,
    /// The same, with those whose wording is only near.
    likely: Asked,
}

/// Per form, the fields asked.
type Asked = Vec<Vec<usize>>;

/// The forms of a document, in order.
pub(super) fn parts(
    lexicon: &Lexicon,
    forms: usize,
    units: &[Unit],
    questions: &[Vec<Question>],
    pages: &[Page],
) -> Vec<Part> {
    let sizes: Vec<f32> = (0..pages.len()).map(|page| usual_size(units, page)).collect();
    let titles: Vec<Option<usize>> =
        units.iter().map(|unit| title_of(lexicon, forms, unit, pages, sizes[unit.page])).collect();
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut page = usize::MAX;
    for (at, unit) in units.iter().enumerate() {
        let opens = unit.page != page
            || titles[at].is_some_and(|form| {
                let current = stretches.last().expect("the first unit opened a stretch");
                current.fields.iter().map(Vec::len).max().unwrap_or(0) >= 3
                    || current.title.is_some_and(|title| title != form)
            });
        if opens {
            let none = vec![Vec::new(); forms];
            stretches.push(Stretch { units: Vec::new(), title: None, fields: none.clone(), likely: none });
            page = unit.page;
        }
        let stretch = stretches.last_mut().expect("opened above");
        stretch.units.push(at);
        stretch.title = stretch.title.or(titles[at]);
        // A form field may say itself what it asks, where the page prints nothing or prints it in a picture.
        let tip =
            unit.widget.and_then(|at| pages[unit.page].widgets.get(at)).map(|field| lexicon.meaning(field.says()));
        for meaning in questions[at].iter().map(|question| &question.meaning).chain(tip.as_ref()) {
            for (form, (asked, likely)) in stretch.fields.iter_mut().zip(&mut stretch.likely).enumerate() {
                for best in lexicon.fields(form, meaning, None).iter().take(1) {
                    if best.score >= SURE_FIELD && !asked.contains(&best.field) {
                        asked.push(best.field);
                    }
                    if best.score >= LIKELY_FIELD && !likely.contains(&best.field) {
                        likely.push(best.field);
                    }
                }
            }
        }
    }
    join(stretches, forms)
}

fn join(stretches: Vec<Stretch>, forms: usize) -> Vec<Part> {
    let mut parts: Vec<(Part, bool, [Asked; 2])> = Vec::new();
    for stretch in stretches {
        let form = stretch.title.or_else(|| distinct(&stretch.fields));
        let goes_on = match (parts.last(), form, stretch.title) {
            (Some((part, titled, fields)), Some(form), Some(_)) => {
                // The same title again opens a second form, unless the first was hardly more than its title, or what
                // follows goes on with it: pages of one form bear its title and ask other things.
                part.form == form
                    && (!titled || fields[0][form].len() < 3 || asks_anew(&fields[0][form], &stretch.fields[form]))
            }
            (Some((part, ..)), Some(form), None) => part.form == form,
            (Some(_), None, _) => true,
            (None, ..) => false,
        };
        if goes_on {
            let (part, titled, fields) = parts.last_mut().expect("there is one to go on with");
            part.units.extend(stretch.units);
            *titled |= stretch.title.is_some();
            for (all, more) in fields.iter_mut().zip([stretch.fields, stretch.likely]) {
                for (all, more) in all.iter_mut().zip(more) {
                    all.extend(more);
                }
            }
        } else {
            // A stretch that names no form waits for the next one: a cover page, an instruction sheet.
            let known = form.unwrap_or(usize::MAX);
            let fields = [stretch.fields, stretch.likely];
            parts.push((Part { form: known, units: stretch.units }, stretch.title.is_some(), fields));
        }
    }
    parts
        .into_iter()
        .filter_map(|(mut part, titled, [sure, likely])| {
            if part.form == usize::MAX {
                part.form = (0..forms).max_by_key(|form| sure[*form].len())?;
            }
            let mut asked = if titled { likely } else { sure }.swap_remove(part.form);
            asked.sort_unstable();
            asked.dedup();
            let least = if titled { LEAST_FIELDS_TITLED } else { LEAST_FIELDS_UNTITLED };
            (asked.len() >= least).then_some(part)
        })
        .collect()
}

/// Do fields go on with a form, instead of asking again what it has asked?
fn asks_anew(before: &[usize], fields: &[usize]) -> bool {
    let again = fields.iter().filter(|field| before.contains(field)).count();
    again * AGAIN < fields.len().max(1)
}

/// The form whose own labels these are.
fn distinct(fields: &[Vec<usize>]) -> Option<usize> {
    let best = (0..fields.len()).max_by_key(|form| fields[*form].len())?;
    let second = (0..fields.len()).filter(|form| *form != best).map(|form| fields[form].len()).max().unwrap_or(0);
    (fields[best].len() >= second + 2).then_some(best)
}

/// Half of a page is set no larger than this.
fn usual_size(units: &[Unit], page: usize) -> f32 {
    let own = units.iter().filter(|unit| unit.page == page && !unit.tokens.is_empty() && unit.widget.is_none());
    let mut sizes: Vec<f32> = own.map(|unit| unit.size).collect();
    sizes.sort_by(f32::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or_default()
}

/// The form a unit names, when it is set like a title: alone, short, and not in a running head or foot.
fn title_of(lexicon: &Lexicon, forms: usize, unit: &Unit, pages: &[Page], usual: f32) -> Option<usize> {
    if unit.widget.is_some()
        || unit.has_ticks()
        || unit.tokens.len() > 16
        || unit.tokens.last().is_some_and(|token| token.text.ends_with(':'))
    {
        return None;
    }
    let page = &pages[unit.page];
    let (top, bottom) = page.paper_at(unit.area.centre().1);
    let (from_top, height) = ((unit.area.y0 - top, unit.area.y1 - top), (bottom - top).max(1.0));
    if page.sheet.is_none() && (from_top.0 > 0.92 * height || from_top.1 < 0.045 * height) {
        return None;
    }
    let text = unit.text();
    let (text, _) = sections::without_number(&text);
    let meaning = lexicon.meaning(text);
    // Set as a title is, it may say more than any title we know: `Fiche technique de raccordement`.
    let stands_out = match page.sheet {
        Some(_) => unit.area.y0 < FIRST_ROWS * SHEET_CELL.1,
        None => unit.size > LARGER * usual,
    };
    let score = |form: usize| {
        let opens = stands_out && lexicon.opens_with_title(form, &meaning);
        if opens { lexicon.title(form, &meaning).max(SURE_TITLE) } else { lexicon.title(form, &meaning) }
    };
    (0..forms)
        .map(|form| (form, score(form)))
        .filter(|(_, score)| *score >= SURE_TITLE)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(form, _)| form)
}
