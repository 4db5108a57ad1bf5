//! Prints a form of the schemas with its entries: as a PDF, as a PDF to fill, as a workbook.

use rust_xlsxwriter::{Format, Workbook};

use super::merchants::{Entries, Entry};
use crate::paper::{FieldValue, FormField, Paper, width};
use crate::schemas::{FieldSpec, Form, ValueType};

/// How a bank lays out its forms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    bank: &'static str,
    layout: Layout,
    /// Which of the label variants the bank prints.
    wording: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Layout {
    /// `Libellé : valeur` on a dotted line.
    Lines,
    /// A bordered table, label on the left.
    Table,
    /// The label small above a frame.
    Above,
}

impl Style {
    pub(super) const fn lines(bank: &'static str, wording: usize) -> Self {
        Self { bank, layout: Layout::Lines, wording }
    }

    pub(super) const fn table(bank: &'static str, wording: usize) -> Self {
        Self { bank, layout: Layout::Table, wording }
    }

    pub(super) const fn above(bank: &'static str, wording: usize) -> Self {
        Self { bank, layout: Layout::Above, wording }
    }

    /// One variant of a few wordings; the first where the bank's own choice does not exist.
    fn pick<'a>(&self, wordings: &'a [String], title: &'a str) -> &'a str {
        if self.wording == 0 { title } else { wordings.get(self.wording).map_or(title, String::as_str) }
    }
}

const LEFT: f32 = 45.0;
const RIGHT: f32 = 550.0;
const VALUES: f32 = 215.0;

/// Draws forms one after the other, each from a new page.
struct Printer {
    paper: Paper,
    style: Style,
    y: f32,
    /// Entries become form fields instead of text.
    fillable: bool,
    fields: usize,
}

pub(super) fn printed(forms: &[(&Form, &Entries)], style: Style) -> Vec<u8> {
    draw(forms, style, false)
}

pub(super) fn fillable(form: &Form, entries: &Entries, style: Style) -> Vec<u8> {
    draw(&[(form, entries)], style, true)
}

fn draw(forms: &[(&Form, &Entries)], style: Style, fillable: bool) -> Vec<u8> {
    let mut printer = Printer { paper: Paper::default(), style, y: 0.0, fillable, fields: 0 };
    for (form, entries) in forms {
        printer.form(form, entries);
    }
    printer.paper.finish(&forms[0].0.title)
}

impl Printer {
    fn form(&mut self, form: &Form, entries: &Entries) {
        self.paper.page();
        self.paper.text(LEFT, 40.0, 11.0, true, self.style.bank);
        self.paper.text((595.0 - width(&form.title, 15.0, true)) / 2.0, 66.0, 15.0, true, &form.title);
        self.y = 92.0;
        let mut number = 0;
        for section in &form.sections {
            let specs: Vec<&FieldSpec> = form
                .fields
                .iter()
                .filter(|spec| {
                    spec.hints.section.as_deref() == Some(&section.id) && entries.contains_key(spec.key.as_str())
                })
                .collect();
            if specs.is_empty() {
                continue;
            }
            // A heading never stands alone at the foot of a page.
            self.room(if specs[0].hints.value_type == ValueType::Rows { 90.0 } else { 44.0 });
            number += 1;
            self.paper.band([LEFT, self.y - 11.0, RIGHT, self.y + 4.0]);
            let heading = section.labels.get(self.style.wording).or(section.labels.first()).map_or("", String::as_str);
            self.paper.text(LEFT + 4.0, self.y, 10.5, true, &format!("{number}. {heading}"));
            self.y += 20.0;
            for spec in specs {
                self.entry(spec, &entries[spec.key.as_str()]);
            }
            self.y += 8.0;
        }
        if form.kind == crate::domain::document::Kind::Adhesion && !entries.contains_key("signature_presente") {
            self.room(70.0);
            self.paper.text(LEFT, self.y, 9.0, false, "Signature et cachet de l'affilié");
            self.paper.frame([VALUES, self.y - 8.0, VALUES + 160.0, self.y + 44.0]);
        }
    }

    /// Starts a new page when less than this much room is left.
    fn room(&mut self, height: f32) {
        if self.y + height > 800.0 {
            self.paper.page();
            self.y = 60.0;
        }
    }

    fn entry(&mut self, spec: &FieldSpec, entry: &Entry) {
        match entry {
            Entry::Text(value) => self.line(spec, value),
            Entry::Ticked(ticked) => self.options(spec, ticked),
            Entry::Rows(rows) => self.rows(spec, rows),
            Entry::Signature => {
                self.room(70.0);
                self.paper.text(LEFT, self.y, 9.0, false, "Signature et cachet de l'affilié");
                self.paper.frame([VALUES, self.y - 8.0, VALUES + 160.0, self.y + 44.0]);
                self.paper.signature(VALUES + 18.0, self.y - 3.0);
                self.y += 56.0;
            }
        }
    }

    /// Writes the label and leaves the pen where the value goes; the baseline of the value.
    fn label(&mut self, spec: &FieldSpec, height: f32) -> (f32, f32) {
        self.room(height + 14.0);
        let label = self.style.pick(&spec.hints.labels.fr, &spec.title).to_owned();
        match self.style.layout {
            Layout::Lines => {
                self.paper.text(LEFT, self.y, 9.0, false, &format!("{label} :"));
                (VALUES.max(LEFT + width(&label, 9.0, false) + 12.0), self.y)
            }
            Layout::Table => {
                self.paper.frame([LEFT, self.y - 10.0, VALUES - 6.0, self.y + height - 10.0]);
                self.paper.frame([VALUES - 6.0, self.y - 10.0, RIGHT, self.y + height - 10.0]);
                self.paper.text(LEFT + 3.0, self.y, 8.5, false, &label);
                (VALUES, self.y)
            }
            Layout::Above => {
                self.paper.text(LEFT, self.y - 3.0, 7.0, false, &label);
                self.paper.frame([LEFT, self.y, RIGHT, self.y + 14.0]);
                (LEFT + 4.0, self.y + 10.0)
            }
        }
    }

    fn advance(&mut self) {
        self.y += if self.style.layout == Layout::Above { 26.0 } else { 15.0 };
    }

    fn line(&mut self, spec: &FieldSpec, value: &str) {
        let (x, y) = self.label(spec, 15.0);
        if self.fillable {
            self.fields += 1;
            self.paper.field(FormField {
                name: format!("Texte{}", self.fields),
                tooltip: self.style.pick(&spec.hints.labels.fr, &spec.title).to_owned(),
                frame: [x, y - 9.0, RIGHT - 4.0, y + 4.0],
                value: FieldValue::Text(value.to_owned()),
            });
        } else {
            self.paper.text(x, y, 9.5, false, value);
            if self.style.layout == Layout::Lines {
                self.paper.rule((x, y + 3.0), (RIGHT, y + 3.0), 0.3);
            }
        }
        self.advance();
    }

    fn options(&mut self, spec: &FieldSpec, ticked: &[&str]) {
        let (mut x, y) = self.label(spec, 15.0);
        // Like a bank's own form, a sample lists what it has room for; what the merchant ticks is always there.
        let step = |shown: &str| 12.0 + width(shown, 8.0, false) + 12.0;
        let is_ticked = |canonical: &str| ticked.contains(&canonical);
        let taken: f32 = choices(spec).iter().filter(|(one, _)| is_ticked(one)).map(|(_, shown)| step(shown)).sum();
        let mut room = RIGHT - x - taken;
        for (canonical, shown) in choices(spec) {
            let on = is_ticked(&canonical);
            let step = step(&shown);
            if !on && step > room {
                continue;
            }
            room -= if on { 0.0 } else { step };
            if self.fillable {
                self.fields += 1;
                self.paper.field(FormField {
                    name: format!("Case{}", self.fields),
                    tooltip: format!("{} : {shown}", spec.title),
                    frame: [x, y - 7.0, x + 8.0, y + 1.0],
                    value: FieldValue::Ticked(on),
                });
            } else {
                self.paper.check_box(x, y - 7.0, on);
            }
            self.paper.text(x + 12.0, y, 8.0, false, &shown);
            x += step;
        }
        self.advance();
    }

    fn rows(&mut self, spec: &FieldSpec, rows: &[std::collections::BTreeMap<&'static str, String>]) {
        let columns = &spec.hints.columns;
        self.room(40.0 + 16.0 * f32::from(u8::try_from(rows.len()).unwrap_or(u8::MAX)));
        let edges = [LEFT, LEFT + 110.0, LEFT + 220.0, LEFT + 390.0, RIGHT];
        let mut line = |y: f32, bold: bool, cells: &dyn Fn(usize) -> String| {
            for (at, _) in columns.iter().enumerate().take(edges.len() - 1) {
                self.paper.frame([edges[at], y - 10.0, edges[at + 1], y + 5.0]);
                self.paper.text(edges[at] + 3.0, y, 8.5, bold, &cells(at));
            }
        };
        let mut y = self.y;
        line(y, true, &|at| columns[at].labels.fr.first().cloned().unwrap_or_default());
        for row in rows {
            y += 15.0;
            line(y, false, &|at| row.get(columns[at].key.as_str()).cloned().unwrap_or_default());
        }
        self.y = y + 20.0;
    }
}

/// Canonical choice and what is printed for it; a yes or no for flags.
fn choices(spec: &FieldSpec) -> Vec<(String, String)> {
    if spec.hints.value_type == ValueType::Flag {
        return vec![("oui".into(), "Oui".into()), ("non".into(), "Non".into())];
    }
    let shown = |wordings: &Vec<String>, canonical: &String| wordings.first().unwrap_or(canonical).clone();
    spec.hints.choices.iter().map(|(canonical, wordings)| (canonical.clone(), shown(wordings, canonical))).collect()
}

/// A workbook with one sheet per form: labels in column A, values in column B, as text so that no digit is lost.
pub(super) fn workbook(forms: &[(&Form, &Entries)], style: Style) -> std::io::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let (bold, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    for (form, entries) in forms {
        let sheet = book.add_worksheet();
        let mut put = |row: u32, column: u16, value: &str, format: &Format| {
            sheet.write_string_with_format(row, column, value, format).map(|_| ()).map_err(std::io::Error::other)
        };
        put(0, 0, style.bank, &bold)?;
        put(1, 0, &form.title, &bold)?;
        let mut row = 3;
        for section in &form.sections {
            let mut headed = false;
            for spec in form.fields.iter().filter(|spec| spec.hints.section.as_deref() == Some(&section.id)) {
                let Some(entry) = entries.get(spec.key.as_str()) else { continue };
                if !headed {
                    put(row, 0, section.labels.first().map_or("", String::as_str), &bold)?;
                    row += 1;
                    headed = true;
                }
                let label = style.pick(&spec.hints.labels.fr, &spec.title);
                match entry {
                    Entry::Rows(rows) => {
                        for (at, column) in spec.hints.columns.iter().enumerate() {
                            let column_at = u16::try_from(at).unwrap_or(u16::MAX);
                            put(row, column_at, column.labels.fr.first().map_or("", String::as_str), &bold)?;
                            for (below, cells) in (row + 1..).zip(rows) {
                                put(
                                    below,
                                    column_at,
                                    cells.get(column.key.as_str()).map_or("", String::as_str),
                                    &text,
                                )?;
                            }
                        }
                        row += u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(2);
                        continue;
                    }
                    Entry::Text(value) => put(row, 1, value, &text)?,
                    Entry::Ticked(ticked) => put(row, 1, &typed_boxes(spec, ticked), &text)?,
                    Entry::Signature => put(row, 1, "Lu et approuvé – signé", &text)?,
                }
                put(row, 0, label, &text)?;
                row += 1;
            }
            row += u32::from(headed);
        }
        sheet.set_column_width(0, 38).map_err(std::io::Error::other)?;
        sheet.set_column_width(1, 60).map_err(std::io::Error::other)?;
        sheet
            .set_name(if form.title.len() > 31 { form.kind.as_str() } else { &form.title })
            .map_err(std::io::Error::other)?;
    }
    book.save_to_buffer().map_err(std::io::Error::other)
}

/// `[x] TND   [ ] EUR`.
fn typed_boxes(spec: &FieldSpec, ticked: &[&str]) -> String {
    let boxes: Vec<String> = choices(spec)
        .into_iter()
        .map(|(canonical, shown)| format!("[{}] {shown}", if ticked.contains(&canonical.as_str()) { "x" } else { " " }))
        .collect();
    boxes.join("   ")
}

/// Something that is no form at all.
pub(super) fn invoice() -> Vec<u8> {
    let mut paper = Paper::default();
    paper.page();
    paper.text(LEFT, 60.0, 16.0, true, "Facture n° 2026-118");
    let lines = [
        "Imprimerie du Port, 4 rue des Artisans, 1001 Tunis",
        "Date : 12/10/2026",
        "Désignation : 500 cartes de visite, papier 350 g",
        "Montant hors taxes : 180,000 DT",
        "TVA 19 % : 34,200 DT",
        "Total à payer : 214,200 DT",
        "Payable sous trente jours. Merci de votre confiance.",
    ];
    for (y, line) in (96..).step_by(20).zip(lines) {
        paper.text(LEFT, f32::from(i16::try_from(y).unwrap_or(i16::MAX)), 10.0, false, line);
    }
    paper.finish("Facture")
}

#[cfg(test)]
mod tests {
    use crate::schemas::Forms;

    #[test]
    fn every_sample_is_a_whole_file() {
        let samples = super::super::samples(&Forms::built_in()).unwrap();
        assert!(samples.len() >= 12);
        for (name, bytes) in samples.iter().flat_map(|sample| &sample.files) {
            match name.rsplit('.').next() {
                Some("pdf") => {
                    let pdf = lopdf::Document::load_mem(bytes).unwrap();
                    assert!(!pdf.get_pages().is_empty(), "{name}");
                }
                _ => assert!(bytes.starts_with(b"PK"), "{name}"),
            }
        }
    }
}
