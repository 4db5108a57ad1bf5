//! Form fields (AcroForm): each widget with its full name, tooltip, stored value and place.
//!
//! Fields are found from the form's tree and from the pages: a widget that the tree forgot is still on the paper, and
//! a field without a widget still has a value. One parser reads both the fields and the drawing, so that a file cannot
//! show one document to each; another one is asked whether it finds the same values.

use std::collections::{HashMap, HashSet};

use hayro_interpret::TransformExt;
use hayro_interpret::hayro_syntax::object::{
    Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Rect as PdfRect, Stream, String as PdfString,
};
use hayro_interpret::hayro_syntax::page::Page as PdfPage;
use hayro_interpret::hayro_syntax::{Pdf, xref::XRef};
use hayro_interpret::kurbo::Rect as KurboRect;

use super::super::limits::Limits;
use super::super::page::{Widget, WidgetKind};
use super::super::refusal::Refusal;
use super::canvas::narrow_rect;
use super::second_reader::SecondReader;
use super::{strings, xfa};
use crate::domain::field::Rect;

const RADIO: u32 = 1 << 15;
const PUSH_BUTTON: u32 = 1 << 16;
const COMB: u32 = 1 << 24;
const HIDDEN: u32 = 1 << 1;
const NO_VIEW: u32 = 1 << 5;

/// The form of one document.
pub(super) struct AcroForm<'a> {
    xref: &'a XRef,
    limits: Limits,
    /// Leaves of the field tree by object, with what they inherit.
    leaves: HashMap<ObjectIdentifier, Field<'a>>,
    /// In the order of the tree, for those no page shows.
    order: Vec<ObjectIdentifier>,
    shown: HashSet<ObjectIdentifier>,
    /// Values of the XFA data, by path.
    data: xfa::Data,
    /// There is an XFA form, static or dynamic.
    pub(super) has_xfa: bool,
    other: SecondReader,
}

impl<'a> AcroForm<'a> {
    /// Walks the field tree. A document without a form has an empty one.
    pub(super) fn of(pdf: &'a Pdf, bytes: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        let xref = pdf.xref();
        let mut form = Self {
            xref,
            limits: *limits,
            leaves: HashMap::new(),
            order: Vec::new(),
            shown: HashSet::new(),
            data: xfa::Data::default(),
            has_xfa: false,
            other: SecondReader::default(),
        };
        let Some(acro) = xref.get::<Dict<'a>>(xref.root_id()).and_then(|root| root.get::<Dict<'a>>("AcroForm")) else {
            return Ok(form);
        };
        if let Some(fields) = acro.get::<Array<'a>>("Fields") {
            let mut seen = HashSet::new();
            form.walk(&fields, &Field::default(), &mut seen, 0)?;
            if !form.leaves.is_empty() {
                form.other = SecondReader::of(bytes, limits);
            }
        }
        if let Some(xfa) = acro.get::<Object<'a>>("XFA").filter(|xfa| !matches!(xfa, Object::Null(_))) {
            form.has_xfa = true;
            form.data = xfa::Data::of(&xfa, limits);
        }
        Ok(form)
    }

    fn walk(
        &mut self,
        fields: &Array<'a>,
        above: &Field<'a>,
        seen: &mut HashSet<ObjectIdentifier>,
        depth: usize,
    ) -> Result<(), Refusal> {
        if depth > self.limits.depth {
            return Ok(());
        }
        for entry in fields.raw_iter() {
            let Some((id, dict)) = self.resolve(entry) else { continue };
            // Only indirect objects can come twice.
            if id.is_some_and(|id| !seen.insert(id)) {
                continue;
            }
            let field = above.below(&dict);
            match dict.get::<Array<'a>>("Kids").filter(|kids| kids.raw_iter().next().is_some()) {
                Some(kids) => self.walk(&kids, &field, seen, depth + 1)?,
                None => {
                    if let Some(id) = id {
                        self.order.push(id);
                        self.leaves.insert(id, field);
                    }
                }
            }
            if self.leaves.len() > self.limits.widgets {
                return Err(Refusal::TooLarge(format!("more than {} form fields", self.limits.widgets)));
            }
        }
        Ok(())
    }

    fn resolve(&self, entry: MaybeRef<Object<'a>>) -> Option<(Option<ObjectIdentifier>, Dict<'a>)> {
        match entry {
            MaybeRef::Ref(reference) => {
                let id = ObjectIdentifier::from(reference);
                Some((Some(id), self.xref.get::<Dict<'a>>(id)?))
            }
            MaybeRef::NotRef(object) => Some((None, object.into_dict()?)),
        }
    }

    /// The widgets of one page, in the order of its annotations.
    pub(super) fn widgets_of(&mut self, page: &PdfPage<'a>) -> Result<Vec<Widget>, Refusal> {
        let Some(annotations) = page.raw().get::<Array<'a>>("Annots") else { return Ok(Vec::new()) };
        let mut widgets = Vec::new();
        for entry in annotations.raw_iter() {
            let Some((id, dict)) = self.resolve(entry) else { continue };
            if dict.get::<Name<'a>>("Subtype").is_none_or(|kind| &*kind != b"Widget") {
                continue;
            }
            if widgets.len() >= self.limits.widgets {
                return Err(Refusal::TooLarge(format!("more than {} form fields", self.limits.widgets)));
            }
            let field = id.and_then(|id| self.leaves.get(&id).cloned()).unwrap_or_else(|| self.by_parents(&dict));
            self.shown.extend(id);
            widgets.push(self.widget(&field, &dict, placed(page, &dict)));
        }
        Ok(widgets)
    }

    /// Fields with a value that no page shows.
    pub(super) fn unplaced(&self) -> Vec<Widget> {
        let unseen = self.order.iter().filter(|id| !self.shown.contains(id));
        unseen
            .filter_map(|id| {
                let (field, dict) = (self.leaves.get(id)?, self.xref.get::<Dict<'a>>(*id)?);
                let widget = self.widget(field, &dict, Rect::default());
                (widget.kind != WidgetKind::Button).then_some(Widget { hidden: true, ..widget })
            })
            .collect()
    }

    /// A widget outside the tree: what it inherits is found by way of its parents.
    fn by_parents(&self, dict: &Dict<'a>) -> Field<'a> {
        let mut chain = vec![dict.clone()];
        let mut seen = HashSet::new();
        while chain.len() <= self.limits.depth {
            let last = &chain[chain.len() - 1];
            if last.get_ref("Parent").is_some_and(|parent| !seen.insert(ObjectIdentifier::from(parent))) {
                break;
            }
            let Some(parent) = last.get::<Dict<'a>>("Parent") else { break };
            chain.push(parent);
        }
        chain.iter().rev().fold(Field::default(), |field, dict| field.below(dict))
    }

    fn widget(&self, field: &Field<'a>, dict: &Dict<'a>, rect: Rect) -> Widget {
        let kind = field.kind();
        let flags = dict.get::<u32>("F").unwrap_or(0);
        let mut widget = Widget {
            name: field.name.clone(),
            tooltip: field.tooltip.clone().filter(|tooltip| !tooltip.trim().is_empty()),
            kind,
            rect,
            comb: field.flags & COMB != 0,
            hidden: flags & (HIDDEN | NO_VIEW) != 0 || rect.width() < 0.5 || rect.height() < 0.5,
            ..Widget::default()
        };
        match kind {
            WidgetKind::Check | WidgetKind::Radio => {
                (widget.export, widget.value, widget.disputed) = field.button(dict);
            }
            WidgetKind::Choice => {
                let options = field.choices();
                widget.value = field.chosen(&options);
                widget.options = options.into_iter().map(|(_, shown)| shown).collect();
            }
            WidgetKind::Signature => {
                let signed = field.value.clone().and_then(Object::into_dict);
                widget.value = signed.map(|dict| text_of(dict.get("Name")).unwrap_or_else(|| "signature".to_owned()));
            }
            WidgetKind::Text => {
                widget.value = field.text();
                // A number has lost the zeros before it, and digits past the fifteenth.
                widget.disputed = matches!(field.value, Some(Object::Number(_)));
            }
            WidgetKind::Button => {}
        }
        if widget.value.is_none() && matches!(kind, WidgetKind::Text | WidgetKind::Choice) {
            widget.value = self.data.value(&field.name).map(ToOwned::to_owned);
        }
        let lines = |value: String| value.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
        widget.value = widget.value.map(|value| lines(value).chars().take(self.limits.text).collect());
        widget.disputed |= self.other.contradicts(&widget);
        widget
    }
}

fn placed(page: &PdfPage<'_>, dict: &Dict<'_>) -> Rect {
    let Some(rect) = dict.get::<PdfRect>("Rect") else { return Rect::default() };
    let rect = KurboRect::new(rect.x0, rect.y0, rect.x1, rect.y1);
    let placed = page.initial_transform(true).to_kurbo().transform_rect_bbox(rect);
    if placed.is_finite() { narrow_rect(placed) } else { Rect::default() }
}

/// What a field has, its own or inherited.
#[derive(Clone, Default)]
struct Field<'a> {
    name: String,
    tooltip: Option<String>,
    kind: Option<Name<'a>>,
    flags: u32,
    value: Option<Object<'a>>,
    rich: Option<Object<'a>>,
    options: Option<Array<'a>>,
    indices: Option<Array<'a>>,
}

impl<'a> Field<'a> {
    fn below(&self, dict: &Dict<'a>) -> Self {
        let own = text_of(dict.get("T"));
        let name = match (self.name.is_empty(), own) {
            (_, None) => self.name.clone(),
            (true, Some(own)) => own,
            (false, Some(own)) => format!("{}.{own}", self.name),
        };
        let present = |object: &Object<'a>| !matches!(object, Object::Null(_));
        Self {
            name,
            tooltip: text_of(dict.get("TU")).or_else(|| self.tooltip.clone()),
            kind: dict.get("FT").or_else(|| self.kind.clone()),
            flags: dict.get("Ff").unwrap_or(self.flags),
            value: dict.get("V").filter(present).or_else(|| self.value.clone()),
            rich: dict.get("RV").filter(present).or_else(|| self.rich.clone()),
            options: dict.get("Opt").or_else(|| self.options.clone()),
            indices: dict.get("I").or_else(|| self.indices.clone()),
        }
    }

    fn kind(&self) -> WidgetKind {
        match self.kind.as_deref() {
            Some(b"Btn") if self.flags & PUSH_BUTTON != 0 => WidgetKind::Button,
            Some(b"Btn") if self.flags & RADIO != 0 => WidgetKind::Radio,
            Some(b"Btn") => WidgetKind::Check,
            Some(b"Ch") => WidgetKind::Choice,
            Some(b"Sig") => WidgetKind::Signature,
            _ => WidgetKind::Text,
        }
    }

    fn text(&self) -> Option<String> {
        let plain = self.value.clone().and_then(|value| written(value));
        // Rich text repeats the plain value; it counts where a producer wrote only that.
        plain.or_else(|| xfa::plain_text(&written(self.rich.clone()?)?)).filter(|text| !text.trim().is_empty())
    }

    /// The options of a choice: export value, shown text.
    fn choices(&self) -> Vec<(String, String)> {
        let Some(options) = &self.options else { return Vec::new() };
        let option = |entry: Object<'a>| match entry {
            Object::Array(pair) => {
                let mut pair = pair.iter::<Object<'a>>().filter_map(written);
                let export = pair.next()?;
                Some((export.clone(), pair.next().unwrap_or(export)))
            }
            single => written(single).map(|text| (text.clone(), text)),
        };
        options.iter::<Object<'a>>().filter_map(option).take(1000).collect()
    }

    /// The chosen options as shown, one per line; typed text of an editable choice as it is.
    fn chosen(&self, options: &[(String, String)]) -> Option<String> {
        let shown =
            |export: String| options.iter().find(|(e, _)| *e == export).map_or(export, |(_, shown)| shown.clone());
        let stored: Vec<String> = match self.value.clone() {
            Some(Object::Array(several)) => several.iter::<Object<'a>>().filter_map(written).map(shown).collect(),
            Some(one) => written(one).map(shown).into_iter().collect(),
            None => {
                let indices = self.indices.iter().flat_map(Array::iter::<u32>);
                indices.filter_map(|i| options.get(i as usize)).map(|(_, shown)| shown.clone()).collect()
            }
        };
        let chosen: Vec<String> = stored.into_iter().filter(|text| !text.trim().is_empty()).collect();
        (!chosen.is_empty()).then(|| chosen.join("\n"))
    }

    /// What a box stands for, which box of its group is ticked, and whether value and drawing contradict each other.
    fn button(&self, dict: &Dict<'a>) -> (Option<String>, Option<String>, bool) {
        let state = dict.get::<Name<'a>>("AS");
        let drawn = state.clone().filter(|state| !is_off(state)).map(|state| state.to_vec());
        let on = on_state(dict).map(|name| name.to_vec()).or_else(|| drawn.clone());
        let stored = match self.value.clone() {
            Some(Object::Name(name)) => Some((!is_off(&name)).then_some(name.to_vec())),
            Some(Object::String(text)) => Some((!text.is_empty()).then(|| text.to_vec())),
            _ => None,
        };
        let lone = self.kind() == WidgetKind::Check && self.options.is_none();
        // The group's value decides; where none is stored, the state in which the box is drawn.
        let ticked = match stored {
            // A lone box may store any word for yes.
            Some(Some(_)) if lone && drawn.is_some() => drawn.clone(),
            Some(stored) => stored,
            None => drawn.clone(),
        };
        let says = ticked.is_some() && (ticked == on || on.is_none() && lone);
        let shows = match (&state, &drawn) {
            (Some(_), drawn) => Some(drawn.is_some()),
            (None, _) => None,
        };
        let export = on.as_deref().map(|name| self.export_name(name)).or_else(|| {
            // Without an appearance a lone box that is ticked stands for its value.
            ticked.as_deref().filter(|_| self.kind() == WidgetKind::Check).map(|name| self.export_name(name))
        });
        (export, ticked.map(|name| self.export_name(&name)), shows.is_some_and(|shows| shows != says))
    }

    /// State names may be positions in `/Opt`, which then holds the real export values.
    fn export_name(&self, state: &[u8]) -> String {
        let name = match std::str::from_utf8(state) {
            Ok(name) => name.to_owned(),
            Err(_) => strings::decode(state),
        };
        let position = name.parse::<usize>().ok().filter(|_| self.options.is_some());
        position.and_then(|i| self.choices().into_iter().nth(i)).map_or(name, |(export, _)| export)
    }
}

fn is_off(state: &[u8]) -> bool {
    state == b"Off"
}

/// The name of the appearance that shows the box ticked.
fn on_state<'a>(dict: &Dict<'a>) -> Option<Name<'a>> {
    let appearances = dict.get::<Dict<'a>>("AP")?;
    ["N", "D"].iter().find_map(|kind| {
        let states = appearances.get::<Dict<'a>>(kind)?;
        states.keys().filter(|state| !is_off(state)).min_by(|a, b| (**a).cmp(&**b))
    })
}

fn text_of(text: Option<PdfString<'_>>) -> Option<String> {
    text.map(|text| strings::decode(text.as_bytes()))
}

/// Text of a string, a name or a stream.
fn written(object: Object<'_>) -> Option<String> {
    match object {
        Object::String(text) => Some(strings::decode(text.as_bytes())),
        Object::Name(name) => Some(String::from_utf8_lossy(&name).into_owned()),
        Object::Stream(stream) => long_text(&stream),
        Object::Number(number) => Some(number.as_f64().to_string()),
        _ => None,
    }
}

fn long_text(stream: &Stream<'_>) -> Option<String> {
    stream.decoded_data().ok().map(|bytes| strings::decode(&bytes))
}
