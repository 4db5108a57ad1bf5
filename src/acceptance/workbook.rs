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

/// Columns of the table, by key and width in characters.
const COLUMNS: [(&str, f64); 7] = [
    ("code", 8.0),
    ("scenario", 44.0),
    ("attendu", 30.0),
    ("verdict", 17.0),
    ("reseau", 15.0),
    ("autorisation", 20.0),
    ("remarque", 40.0),
];
const LAST: u16 = 6;

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
    // Arabic is laid from right to left by its columns and not by the view: what reads workbooks cell by cell sees it too.
    let at = move |column: u16| if rtl { LAST - column } else { column };
    for (column, (_, wide)) in (0..).zip(COLUMNS) {
        page.set_column_width(at(column), wide)?;
    }
    let mut pen = Pen { page, row: 0, rtl };

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
    for key in ["debut_tests", "fin_tests", "version_module"] {
        pen.entry(&label(key), &said(&format!("note_{key}")))?;
    }

    pen.row += 1;
    pen.across(&said("results"), &pen.band(), 20)?;
    let head = pen.row;
    for (column, (key, _)) in (0..).zip(COLUMNS) {
        let format = pen.text().set_bold().set_border(FormatBorder::Thin).set_background_color(BLUE).set_text_wrap();
        pen.page.write_string_with_format(head, at(column), label(key), &format)?;
        if matches!(key, "verdict" | "autorisation" | "remarque") {
            let note = Note::new(said(&format!("note_{key}"))).add_author_prefix(false).set_width(260).set_height(90);
            pen.page.insert_note(head, at(column), &note)?;
        }
    }
    pen.page.set_repeat_rows(head, head)?;
    pen.row += 1;
    let verdicts = press.grid.verdicts.printed(language.as_str());
    let first = pen.row;
    for scenario in facts::scenarios(press, dossier) {
        let known = dossier.tests.get(&scenario.code);
        let printed = [&scenario.code, scenario.title_in(language.as_str()), scenario.expected_in(language.as_str())];
        let locked = pen.text().set_border(FormatBorder::Thin).set_text_wrap();
        for (column, text) in (0..).zip(printed) {
            pen.page.write_string_with_format(pen.row, at(column), text, &locked)?;
        }
        let filled = [
            known.map(|result| facts::verdict(result, &verdicts)),
            known.and_then(|result| result.network.clone()),
            known.and_then(|result| result.authorisation.clone()),
            known.and_then(|result| result.remark.clone()),
        ];
        let open = pen.open().set_border(FormatBorder::Thin).set_text_wrap();
        for (column, text) in (3..).zip(filled) {
            pen.page.write_string_with_format(pen.row, at(column), text.unwrap_or_default(), &open)?;
        }
        pen.page.set_row_height(pen.row, 30)?;
        pen.row += 1;
    }
    if pen.row > first {
        pen.page.add_data_validation(first, at(3), pen.row - 1, at(3), &choice(&verdicts, &said("wrong_verdict"))?)?;
        let networks = facts::networks(dossier);
        if !networks.is_empty() {
            // A hint: another network is no mistake.
            let networks = choice(&networks, "")?.set_error_style(DataValidationErrorStyle::Information);
            pen.page.add_data_validation(first, at(4), pen.row - 1, at(4), &networks)?;
        }
    }

    pen.row += 1;
    pen.across(&said("statement_title"), &pen.band(), 20)?;
    pen.across(&said("statement"), &pen.text().set_text_wrap(), 20)?;
    pen.entry(&label("signataire"), &said("note_signataire"))?;
    pen.entry(&said("date"), &said("note_date"))?;
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
    rtl: bool,
}

impl Pen<'_> {
    /// Text, whatever it looks like, locked.
    fn text(&self) -> Format {
        let side = if self.rtl { FormatAlign::Right } else { FormatAlign::Left };
        Format::new().set_num_format("@").set_quote_prefix().set_align(FormatAlign::VerticalCenter).set_align(side)
    }

    /// The same, to be filled in.
    fn open(&self) -> Format {
        let side = if self.rtl { FormatAlign::Right } else { FormatAlign::Left };
        let format = Format::new().set_num_format("@").set_align(FormatAlign::VerticalCenter).set_align(side);
        format.set_unlocked().set_background_color(YELLOW)
    }

    fn band(&self) -> Format {
        self.text().set_bold().set_font_size(12).set_background_color(BLUE)
    }

    fn across(&mut self, text: &str, format: &Format, height: u32) -> Result<(), XlsxError> {
        self.page.merge_range(self.row, 0, self.row, LAST, text, format)?;
        self.page.set_row_height(self.row, height)?;
        self.row += 1;
        Ok(())
    }

    fn label(&mut self, label: &str) -> Result<(), XlsxError> {
        let (from, to) = if self.rtl { (LAST - 1, LAST) } else { (0, 1) };
        self.page.merge_range(self.row, from, self.row, to, label, &self.text())?;
        Ok(())
    }

    fn fact(&mut self, label: &str, value: &str) -> Result<(), XlsxError> {
        self.label(label)?;
        self.page.merge_range(self.row, 2, self.row, 4, value, &self.text().set_bold())?;
        self.row += 1;
        Ok(())
    }

    /// A value that the merchant gives.
    fn entry(&mut self, label: &str, note: &str) -> Result<(), XlsxError> {
        self.label(label)?;
        let open = self.open().set_border(FormatBorder::Thin);
        self.page.merge_range(self.row, 2, self.row, 4, "", &open)?;
        let note = Note::new(note).add_author_prefix(false).set_width(220).set_height(60);
        self.page.insert_note(self.row, 2, &note)?;
        self.row += 1;
        Ok(())
    }
}
