//! The one reading engine: pages in, forms out, whatever the channel.
//!
//! The way of a page: it is cut into units (`units`, `ruling`, `comb`); labels are found in them by meaning (`questions`,
//! `lexicon`, `fold`); headings tell homonyms apart (`sections`); geometry proposes answers (`neighbours`, `answers`, `rows`,
//! `signature`); labels, answers and fields are matched all at once (`assign`, `shapes`); values take their canonical form
//! (`normalise`, `choices`) and their evidence is weighed (`trust`). `kind` says which form a document holds and
//! where one ends; `form` walks the way for one form.
//!
//! Invariants: no words serve two fields; what nobody proved is a doubt; no rule knows a bank, a layout or a file.

mod account;
mod answers;
mod assign;
mod chain;
mod choices;
mod columns;
mod comb;
mod contests;
mod examples;
mod form;
mod former;
mod glued;
mod habit;
mod kind;
mod leftovers;
mod listed;
mod merchants;
mod neighbours;
mod normalise;
mod offering;
mod questions;
mod repair;
mod rows;
mod ruling;
mod second;
mod sections;
mod sentences;
mod shapes;
mod signature;
mod trust;
mod units;
mod wrapped;

use crate::domain::document::Kind;
use crate::domain::field::Extraction;
use crate::domain::finding::Finding;
use crate::schemas::{Forms, fold, lexicon};

use super::page::Page;
use questions::Question;
use units::Unit;

/// Reads the forms of one document.
pub(super) fn read(pages: &[Page], forms: &Forms) -> Vec<Extraction> {
    let lexicon = &forms.lexicon;
    let mut units: Vec<Unit> = pages.iter().enumerate().flat_map(|(index, page)| units::of_page(page, index)).collect();
    former::put_aside(lexicon, pages, &mut units);
    examples::clear(lexicon, &mut units);
    examples::clear_columns(&mut units);
    glued::part(lexicon, &mut units);
    sentences::complete(&mut units);
    columns::part_answers(lexicon, &mut units);
    wrapped::join_labels(lexicon, &mut units);
    columns::join_wrapped(lexicon, pages, &mut units);
    wrapped::part_headings(lexicon, forms.forms.len(), &mut units);
    account::join(&mut units);
    let questions: Vec<Vec<Question>> =
        units.iter().enumerate().map(|(at, unit)| questions::of_unit(lexicon, at, unit)).collect();
    let parts = kind::parts(lexicon, forms.forms.len(), &units, &questions, pages);
    parts
        .into_iter()
        .map(|part| {
            let own: Vec<Unit> = part.units.iter().map(|at| units[*at].clone()).collect();
            let asked = part.units.iter().enumerate().map(|(position, at)| {
                questions[*at].iter().cloned().map(|question| Question { unit: position, ..question }).collect()
            });
            let reader = form::Reader { lexicon, forms, number: part.form, pages, units: &own };
            reader.read(asked.collect())
        })
        .collect()
}

/// What is wrong with the forms of one file taken together.
pub(super) fn together(extractions: &[Extraction]) -> Option<Finding> {
    merchants::several(extractions)
}

/// What the document is as a whole; an unfilled form beside a filled one does not count.
pub(super) fn kind_of(extractions: &[Extraction]) -> Kind {
    let mut kinds: Vec<Kind> =
        extractions.iter().map(|extraction| extraction.kind).filter(|kind| *kind != Kind::Blank).collect();
    kinds.sort_by_key(|kind| kind.as_str());
    kinds.dedup();
    match kinds.as_slice() {
        [] if extractions.is_empty() => Kind::Other,
        [] => Kind::Blank,
        [one] => *one,
        _ => Kind::Both,
    }
}

#[cfg(test)]
mod tests;
