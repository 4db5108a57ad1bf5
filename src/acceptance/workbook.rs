//! The grid as a workbook: what guichet prints is locked, verdicts are chosen from a list, notes say what goes where.
//!
//! Every cell is text with the mark of a quote, so that nothing a form said is ever taken for a formula, here or in what the
//! workbook is exported to.

use jiff::civil::Date;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Note, Workbook, Worksheet, XlsxError,
};

use super::{Case, Press, facts};
use crate::domain::notification::Language;

/// Widths of the columns, in characters.
const WIDTHS: [f64; 10] = [8.0, 44.0, 15.0, 30.0, 30.0, 18.0, 18.0, 18.0, 17.0, 40.0];
/// The first column of what stands beside a label, and how many it takes.
const VALUE: (u16, u16) = (2, 3);

pub(super) fn write(press: &Press<'_>, case: &Case<'_>, language: Language) -> Result<Vec<u8>, XlsxError> {
    let words = press.templates.words(language);
    let said = |code: &str| words.of("papers", code);
    let label = |key: &str| facts::label(press, key, language);
    let dossier = case.dossier;
    let mut book = Workbook::new();
    let title = format!("{} {}", said("grid_title"), dossier.reference);
    book.set_properties(&DocProperties::new().set_title(&title).set_creation_datetime(&midnight(case.today)?));
    let page = book.add_worksheet();
    page.set_name(said("sheet_name"))?;
    page.set_default_note_author("guichet");
    page.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0).set_screen_gridlines(false);
    page.set_footer(format!("&L{} · {}&R&P / &N", dossier.reference, said("grid_foot").replace('&', "&&")));
    let rtl = language == Language::Ar;
    let columns = facts::columns(press, WIDTHS);
    let last = u16::try_from(columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
    // Arabic is laid from right to left by its columns and not by the view: what reads workbooks cell by cell sees it too.
    let at = move |column: u16| if rtl { last - column } else { column };
    for (column, (_, wide)) in (0..).zip(&columns) {
        page.set_column_width(at(column), *wide)?;
    }
    let mut pen = Pen { page, row: 0, last, rtl };

    pen.across(&said("grid_title"), &pen.text().set_bold().set_font_size(17), 26)?;
    let quiet = pen.text().set_text_wrap().set_font_color(Color::RGB(0x0055_636F));
    pen.across(&said("grid_intro"), &quiet, 34)?;
    pen.across(&said("grid_cards"), &quiet.clone().set_bold(), 20)?;
    pen.row += 1;
    pen.fact(&label("reference_dossier"), &dossier.reference.to_string())?;
    pen.fact(&label("raison_sociale"), &facts::merchant(dossier, language != Language::Ar))?;
    for (code, value) in facts::facts(case) {
        pen.fact(&said(code), &value)?;
    }
    for key in facts::known(press, &["debut_tests", "fin_tests", "version_module"]) {
        pen.entry(&label(key), &said(&format!("note_{key}")))?;
    }

    pen.row += 1;
    pen.across(&said("results"), &pen.band(), 20)?;
    let head = pen.row;
    for (column, (key, _)) in (0..).zip(&columns) {
        let format = pen.text().set_bold().set_border(FormatBorder::Thin).set_background_color(BLUE).set_text_wrap();
        pen.page.write_string_with_format(head, at(column), label(key), &format)?;
        if !matches!(*key, "code" | "scenario" | "reseau" | "attendu") {
            let note = Note::new(said(&format!("note_{key}"))).add_author_prefix(false).set_width(260).set_height(90);
            pen.page.insert_note(head, at(column), &note)?;
        }
    }
    pen.page.set_repeat_rows(head, head)?;
    pen.row += 1;
    let verdicts = press.grid.verdicts.printed(language.as_str());
    let first = pen.row;
    for scenario in facts::scenarios(press, dossier) {
        let known = dossier.test(&scenario.code);
        let locked = pen.text().set_border(FormatBorder::Thin).set_text_wrap();
        let open = pen.open().set_border(FormatBorder::Thin).set_text_wrap();
        for (column, (key, _)) in (0..).zip(&columns) {
            let (text, format) = match (facts::printed(scenario, key, language), known) {
                (Some(printed), _) => (printed, &locked),
                (None, Some(result)) if *key == "verdict" => (facts::verdict(result, &verdicts), &open),
                (None, known) => (known.and_then(|result| facts::noted(result, key)).unwrap_or_default(), &open),
            };
            pen.page.write_string_with_format(pen.row, at(column), text, format)?;
        }
        pen.page.set_row_height(pen.row, 30)?;
        pen.row += 1;
    }
    if pen.row > first {
        let column = |key: &str| (0..).zip(&columns).find(|(_, (of, _))| *of == key).map(|(column, _)| at(column));
        if let Some(verdict) = column("verdict") {
            let one_of_three = choice(&verdicts, &said("wrong_verdict"))?;
            pen.page.add_data_validation(first, verdict, pen.row - 1, verdict, &one_of_three)?;
        }
        let networks = facts::networks(dossier);
        if let Some(network) = column("reseau").filter(|_| !networks.is_empty()) {
            // A hint: another network is no mistake.
            let networks = choice(&networks, "")?.set_error_style(DataValidationErrorStyle::Information);
            pen.page.add_data_validation(first, network, pen.row - 1, network, &networks)?;
        }
    }

    pen.row += 1;
    pen.across(&said("statement_title"), &pen.band(), 20)?;
    pen.across(&said("statement"), &pen.text().set_text_wrap(), 20)?;
    for key in facts::known(press, &["signataire", "date_declaration"]) {
        pen.entry(&label(key), &said(&format!("note_{key}")))?;
    }
    page_protection(pen.page);
    book.save_to_buffer()
}

/// Against slips, not against anyone: there is no password.
fn page_protection(page: &mut Worksheet) {
    page.protect();
}

fn choice(options: &[String], wrong: &str) -> Result<DataValidation, XlsxError> {
    let list = DataValidation::new().allow_list_strings(options)?;
    if wrong.is_empty() { Ok(list) } else { list.set_error_message(wrong) }
}

fn midnight(date: Date) -> Result<ExcelDateTime, XlsxError> {
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    ExcelDateTime::from_ymd(u16::try_from(date.year()).unwrap_or(1900), part(date.month()), part(date.day()))
}

const BLUE: Color = Color::RGB(0x00E8_EEF5);
/// Cells to fill in.
const YELLOW: Color = Color::RGB(0x00FF_FBE6);

/// Writes one row after the other.
struct Pen<'a> {
    page: &'a mut Worksheet,
    row: u32,
    /// The rightmost column.
    last: u16,
    rtl: bool,
}

impl Pen<'_> {
    /// Text, whatever it looks like, locked.
    fn text(&self) -> Format {
        self.plain().set_quote_prefix()
    }

    /// The same, to be filled in.
    fn open(&self) -> Format {
        self.plain().set_unlocked().set_background_color(YELLOW)
    }

    fn plain(&self) -> Format {
        let format = Format::new().set_num_format("@").set_align(FormatAlign::VerticalCenter);
        // Else the full stop of a sentence in Arabic stands before its first word.
        if self.rtl {
            format.set_align(FormatAlign::Right).set_reading_direction(2)
        } else {
            format.set_align(FormatAlign::Left).set_reading_direction(1)
        }
    }

    fn band(&self) -> Format {
        self.text().set_bold().set_font_size(12).set_background_color(BLUE)
    }

    fn across(&mut self, text: &str, format: &Format, height: u32) -> Result<(), XlsxError> {
        self.page.merge_range(self.row, 0, self.row, self.last, text, format)?;
        self.page.set_row_height(self.row, height)?;
        self.row += 1;
        Ok(())
    }

    fn label(&mut self, label: &str) -> Result<(), XlsxError> {
        let (from, to) = self.columns(0, VALUE.0);
        self.page.merge_range(self.row, from, self.row, to, label, &self.text())?;
        Ok(())
    }

    /// The leftmost and the rightmost of so many columns that begin with one.
    fn columns(&self, first: u16, count: u16) -> (u16, u16) {
        if self.rtl {
            ((self.last + 1).saturating_sub(first + count), self.last.saturating_sub(first))
        } else {
            (first, first + count - 1)
        }
    }

    fn fact(&mut self, label: &str, value: &str) -> Result<(), XlsxError> {
        self.label(label)?;
        let (from, to) = self.columns(VALUE.0, VALUE.1);
        self.page.merge_range(self.row, from, self.row, to, value, &self.text().set_bold())?;
        self.row += 1;
        Ok(())
    }

    /// A value that the merchant gives.
    fn entry(&mut self, label: &str, note: &str) -> Result<(), XlsxError> {
        self.label(label)?;
        let open = self.open().set_border(FormatBorder::Thin);
        let (from, to) = self.columns(VALUE.0, VALUE.1);
        self.page.merge_range(self.row, from, self.row, to, "", &open)?;
        let note = Note::new(note).add_author_prefix(false).set_width(220).set_height(60);
        self.page.insert_note(self.row, from, &note)?;
        self.row += 1;
        Ok(())
    }
}
