//! Are all parts there that the pages are made of? A reader takes a page that the file has lost for no page, and its content
//! for a blank: a shorter document without a word.

use std::collections::HashSet;

use hayro_interpret::hayro_syntax::object::{Array, Dict, MaybeRef, Object, ObjectIdentifier, Stream};
use hayro_interpret::hayro_syntax::xref::XRef;
use hayro_interpret::hayro_syntax::{Pdf, page::Page as PdfPage};

use super::super::limits::Limits;

/// Pictures and forms looked after on one page.
const MOST_OBJECTS: usize = 5000;

/// Does the file have every page of its tree, and every page its content?
pub(super) fn are_there(pdf: &Pdf, limits: &Limits) -> bool {
    has_pages(pdf.xref(), limits) && pdf.pages().iter().all(|page| has_content(page, pdf.xref()))
}

/// Each node and each leaf of the page tree.
fn has_pages(xref: &XRef, limits: &Limits) -> bool {
    let tree = xref.get::<Dict<'_>>(xref.root_id()).and_then(|root| root.get::<Dict<'_>>("Pages"));
    let Some(kids) = tree.and_then(|tree| tree.get::<Array<'_>>("Kids")) else { return false };
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let mut open = vec![kids];
    // Nodes are not many more than pages.
    let mut left = limits.pages.saturating_mul(4);
    while let Some(kids) = open.pop() {
        for kid in kids.raw_iter() {
            left = left.saturating_sub(1);
            if left == 0 {
                return true;
            }
            let MaybeRef::Ref(reference) = kid else { continue };
            let id = ObjectIdentifier::from(reference);
            if !seen.insert(id) {
                continue;
            }
            let Some(node) = xref.get::<Dict<'_>>(id) else { return false };
            open.extend(node.get::<Array<'_>>("Kids"));
        }
    }
    true
}

/// Its content streams, and the forms and pictures they may draw.
fn has_content(page: &PdfPage<'_>, xref: &XRef) -> bool {
    let dict = page.raw();
    let is_stream = |entry: MaybeRef<Object<'_>>| match entry {
        MaybeRef::Ref(reference) => xref.get::<Stream<'_>>(reference.into()).is_some(),
        MaybeRef::NotRef(_) => true,
    };
    let content = match dict.get_ref("Contents") {
        Some(reference) => match xref.get::<Object<'_>>(reference.into()) {
            Some(Object::Array(parts)) => parts.raw_iter().take(MOST_OBJECTS).all(is_stream),
            Some(Object::Stream(_)) => true,
            _ => false,
        },
        None => {
            dict.get::<Array<'_>>("Contents").is_none_or(|parts| parts.raw_iter().take(MOST_OBJECTS).all(is_stream))
        }
    };
    let objects = dict.get::<Dict<'_>>("Resources").and_then(|resources| resources.get::<Dict<'_>>("XObject"));
    let drawn = objects.is_none_or(|objects| {
        let mut names = objects.keys().take(MOST_OBJECTS);
        names.all(|name| {
            objects.get_ref(name.clone()).is_none_or(|reference| xref.get::<Stream<'_>>(reference.into()).is_some())
        })
    });
    content && drawn
}
