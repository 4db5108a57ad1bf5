//! The sheet for the bank's officer, who types production declarations and users into a screen: one line per zone, in the
//! order of the file, fit to print.
//!
//! Every cell is text, so that no value is taken for a formula or a number: `=…` stays what a form said. What begins like a
//! formula is marked as a quotation besides, so that it stays text when somebody edits or copies the cell.

use jiff::civil::DateTime;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::check::Record;
use super::json::Summary;
use crate::domain::declaration::Declaration;
use crate::layouts::{Layouts, Zone};
use crate::templates::{Words, folded};

pub(super) fn print(
    layouts: &Layouts,
    words: &Words,
    summary: &Summary<'_>,
    records: &[Record<'_>],
) -> Result<Vec<u8>, String> {
    draw(layouts, words, summary, records).map_err(|err| err.to_string())
}

fn draw(layouts: &Layouts, words: &Words, summary: &Summary<'_>, records: &[Record<'_>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_title(summary.name).set_creation_datetime(&instant(summary.at)?));
    let page = book.add_worksheet();
    page.set_name("A saisir")?;
    page.set_paper_size(9).set_print_fit_to_pages(1, 0).set_screen_gridlines(false).set_print_gridlines(false);
    page.set_footer(format!("&L{}&RPage &P / &N", summary.name.replace('&', "&&")));
    page.set_column_width(0, 44)?.set_column_width(1, 62)?;
    let mut pen = Pen { page, row: 0 };

    let declaration = summary.declaration;
    let sheet = |code: &str| words.of("sheet", code);
    pen.title(&sheet("title").replace("{file}", &words.of("file", declaration.file_type.as_str())))?;
    pen.note(&sheet("intro").replace("{name}", summary.name))?;
    for (code, value) in [
        ("file", summary.name.to_owned()),
        ("dossier", each(summary, |one| one.dossier.to_string())),
        ("merchant", each(summary, merchant)),
        ("operation", each(summary, |one| words.of("operation", one.operation.as_str()))),
    ] {
        pen.line(&sheet(code), &value)?;
    }
    pen.fine_print(&sheet("hash"), &summary.sha256.to_string())?;
    for record in records.iter().filter(|record| !matches!(record.code, "01" | "99")) {
        let of_whom = if summary.declared.len() > 1 {
            format!(" – {}", record.zone("reference_dossier"))
        } else {
            String::new()
        };
        pen.heading(&(capitalised(layouts.title(record.code)) + &of_whom))?;
        for (zone, text) in &record.zones {
            let Some(label) = zone.label.as_deref().filter(|_| is_own(layouts, record, zone)) else { continue };
            pen.line(label, &zone.shown(text))?;
        }
    }
    book.save_to_buffer()
}

/// As the form names it: a file of users says no name of its own.
fn merchant(declaration: &Declaration) -> String {
    let name = declaration.adhesion.get("raison_sociale").and_then(serde_json::Value::as_str);
    name.map(folded).unwrap_or_default()
}

/// What is told of each merchant, once where they agree.
fn each(summary: &Summary<'_>, of: impl Fn(&Declaration) -> String) -> String {
    let mut told: Vec<String> = summary.declared.iter().map(of).collect();
    told.dedup();
    told.join(", ")
}

/// Zones that every record starts with are told once, at the top.
fn is_own(layouts: &Layouts, record: &Record<'_>, zone: &Zone) -> bool {
    zone.name == "numero_affiliation" || layouts.own_zones(record.code).iter().any(|own| own.name == zone.name)
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn instant(at: DateTime) -> Result<ExcelDateTime, XlsxError> {
    let part = |number: i8| u8::try_from(number).unwrap_or(0);
    ExcelDateTime::from_ymd(u16::try_from(at.year()).unwrap_or(1900), part(at.month()), part(at.day()))?.and_hms(
        u16::from(part(at.hour())),
        part(at.minute()),
        part(at.second()),
    )
}

/// Writes one row after the other.
struct Pen<'a> {
    page: &'a mut Worksheet,
    row: u32,
}

impl Pen<'_> {
    fn title(&mut self, text: &str) -> Result<(), XlsxError> {
        self.page.write_string_with_format(self.row, 0, text, &plain().set_bold().set_font_size(16))?;
        self.page.set_row_height(self.row, 26)?;
        self.row += 1;
        Ok(())
    }

    fn note(&mut self, text: &str) -> Result<(), XlsxError> {
        let format = plain().set_text_wrap().set_font_color(Color::RGB(0x0055_5555));
        self.page.merge_range(self.row, 0, self.row, 1, text, &format)?;
        self.page.set_row_height(self.row, 32)?;
        self.row += 2;
        Ok(())
    }

    fn heading(&mut self, text: &str) -> Result<(), XlsxError> {
        self.row += 1;
        let format = plain().set_bold().set_font_size(12).set_background_color(Color::RGB(0x00E8_EEF5));
        self.page.write_string_with_format(self.row, 0, text, &format)?;
        self.page.write_string_with_format(self.row, 1, "", &format)?;
        self.row += 1;
        Ok(())
    }

    fn line(&mut self, label: &str, value: &str) -> Result<(), XlsxError> {
        self.entry(label, value, plain().set_bold().set_text_wrap())
    }

    /// A value to compare rather than to type: small enough to stand on one line.
    fn fine_print(&mut self, label: &str, value: &str) -> Result<(), XlsxError> {
        self.entry(label, value, plain().set_font_size(9))
    }

    fn entry(&mut self, label: &str, value: &str, format: Format) -> Result<(), XlsxError> {
        let label_format = plain().set_border_bottom(FormatBorder::Hair);
        self.page.write_string_with_format(self.row, 0, label, &label_format)?;
        let format = format.set_border_bottom(FormatBorder::Hair);
        let format = if begins_like_a_formula(value) { format.set_quote_prefix() } else { format };
        self.page.write_string_with_format(self.row, 1, value, &format)?;
        self.row += 1;
        Ok(())
    }
}

/// What spreadsheet programs compute, or once did, when it is typed or pasted into a cell.
fn begins_like_a_formula(text: &str) -> bool {
    let wide = ['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
        || text.trim_start().starts_with(['=', '+', '-', '@'])
        || text.starts_with(wide)
}

/// Text, whatever it looks like.
fn plain() -> Format {
    Format::new().set_num_format("@").set_align(FormatAlign::Top).set_align(FormatAlign::Left)
}
