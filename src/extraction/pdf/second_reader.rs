//! What another reader finds in the same file's form: a witness that shares no parser with ours.
//!
//! A file saved over and over, damaged or forged holds several versions of a field; readers decide differently which of them
//! counts, and a bank's officer saw one of them. Where lopdf finds another value under a field's full name, the value is in
//! dispute and a person looks. Where it finds nothing it says nothing.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

use super::super::limits::Limits;
use super::super::page::{Widget, WidgetKind};
use super::strings;

/// Texts stored in the fields, by full name; several where fields share a name.
#[derive(Debug, Default)]
pub(super) struct SecondReader {
    values: HashMap<String, Vec<String>>,
}

impl SecondReader {
    /// Reads the form of a file. A file that the other reader cannot open gives a witness who knows nothing.
    pub(super) fn of(bytes: &[u8], limits: &Limits) -> Self {
        let most = usize::try_from(limits.inflated / 4).unwrap_or(usize::MAX);
        let options = LoadOptions { filter: Some(without_streams), ..LoadOptions::with_max_decompressed_size(most) };
        let Ok(document) = Document::load_mem_with_options(bytes, options) else { return Self::default() };
        let mut walk = Walk { document: &document, limits, seen: HashSet::new(), found: Self::default() };
        let fields = document.catalog().ok().and_then(|catalog| walk.get(catalog, b"AcroForm")).and_then(|form| {
            let form = form.as_dict().ok()?;
            walk.get(form, b"Fields")?.as_array().ok()
        });
        if let Some(fields) = fields {
            walk.fields(fields, &Above::default(), 0);
        }
        walk.found
    }

    /// The other reader knows this field and what it stores is something else.
    pub(super) fn contradicts(&self, widget: &Widget) -> bool {
        let ours = widget.value.as_deref().map(plain).unwrap_or_default();
        let is_text = matches!(widget.kind, WidgetKind::Text);
        is_text && self.values.get(&widget.name).is_some_and(|values| !values.contains(&ours))
    }
}

/// Contents and fonts are not looked at: only what is inside objects.
#[expect(clippy::unnecessary_wraps, reason = "lopdf asks for a filter of objects")]
fn without_streams(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    if let Object::Stream(stream) = object
        && stream.dict.get_type().is_ok_and(|kind| !matches!(kind, b"ObjStm" | b"XRef"))
    {
        stream.content = Vec::new();
    }
    // The object stands as it has been changed; what is given back only says that it is wanted.
    Some((id, Object::Null))
}

/// What a field inherits.
#[derive(Clone, Default)]
struct Above {
    name: String,
    is_text: bool,
    value: Option<String>,
}

struct Walk<'d> {
    document: &'d Document,
    limits: &'d Limits,
    seen: HashSet<ObjectId>,
    found: SecondReader,
}

impl<'d> Walk<'d> {
    fn get(&self, dictionary: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
        let (_, object) = self.document.dereference(dictionary.get(key).ok()?).ok()?;
        Some(object)
    }

    fn text(&self, dictionary: &'d Dictionary, key: &[u8]) -> Option<String> {
        match self.get(dictionary, key)? {
            Object::String(bytes, _) => Some(strings::decode(bytes)),
            _ => None,
        }
    }

    fn fields(&mut self, fields: &'d [Object], above: &Above, depth: usize) {
        if depth > self.limits.depth {
            return;
        }
        for field in fields {
            let Ok((id, object)) = self.document.dereference(field) else { continue };
            let again = id.is_some_and(|id| !self.seen.insert(id));
            let Some(dictionary) = object.as_dict().ok().filter(|_| !again) else { continue };
            let own = self.text(dictionary, b"T");
            let name = match (above.name.is_empty(), own) {
                (_, None) => above.name.clone(),
                (true, Some(own)) => own,
                (false, Some(own)) => format!("{}.{own}", above.name),
            };
            let kind = self.get(dictionary, b"FT").and_then(|kind| kind.as_name().ok());
            let field = Above {
                name,
                is_text: kind.map_or(above.is_text, |kind| kind == b"Tx"),
                value: self.text(dictionary, b"V").or_else(|| above.value.clone()),
            };
            match self.get(dictionary, b"Kids").and_then(|kids| kids.as_array().ok()).filter(|kids| !kids.is_empty()) {
                Some(kids) => self.fields(kids, &field, depth + 1),
                None => self.note(field),
            }
            if self.found.values.len() > self.limits.widgets {
                return;
            }
        }
    }

    fn note(&mut self, field: Above) {
        let Some(value) = field.value.map(|value| plain(&value)).filter(|value| !value.is_empty()) else { return };
        if field.is_text {
            self.found.values.entry(field.name).or_default().push(value);
        }
    }
}

/// Without what two readers may write differently: ends of lines, blanks around.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
