//! The room's door with small documents written here, each named after what is odd in it.

mod damage;
mod fields;
mod second;
mod sight;

use std::fmt::Write as _;

use super::read;
use crate::domain::field::Rect;
use crate::domain::finding::Finding;
use crate::extraction::limits::Limits;
use crate::extraction::page::{Page, Source, Widget, WidgetKind};
use crate::extraction::refusal::Refusal;

/// A PDF of these objects, numbered from 1; the first is the catalogue.
fn pdf(objects: &[String]) -> Vec<u8> {
    let mut file = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        places.push(file.len());
        write!(file, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let start = file.len();
    write!(file, "xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).unwrap();
    for place in &places {
        writeln!(file, "{place:010} 00000 n ").unwrap();
    }
    write!(file, "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", places.len() + 1).unwrap();
    file.into_bytes()
}

fn stream(content: &str) -> String {
    format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len())
}

const FONTS: &str = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> \
                     /Z << /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >> >>";

/// One page of 400 by 200 points with this content, and form fields from object 5 on.
fn page_with(content: &str, acro_form: &str, annotations: &str, more: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R /AcroForm << {acro_form} >> >>"),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << {FONTS} >> \
             /Annots [{annotations}] >>"
        ),
        stream(content),
    ];
    objects.extend(more.iter().map(|object| (*object).to_owned()));
    pdf(&objects)
}

fn page(content: &str) -> Page {
    read_whole(&page_with(content, "", "", &[]))
}

fn read_whole(bytes: &[u8]) -> Page {
    let (mut pages, mut findings) = read(bytes, &Limits::default()).unwrap();
    findings.retain(|finding| !matches!(finding.code.as_str(), "hidden_text" | "struck_words"));
    assert_eq!(findings, []);
    pages.remove(0)
}

/// Text at a place from the bottom left.
fn text(x: f32, y: f32, words: &str) -> String {
    format!("BT /F 10 Tf {x} {y} Td ({words}) Tj ET\n")
}

fn texts(page: &Page) -> Vec<String> {
    page.segments.iter().map(super::super::page::Segment::text).collect()
}

fn ticks(page: &Page) -> Vec<Option<bool>> {
    page.marks.iter().map(|mark| mark.ticked).collect()
}

#[test]
fn words_of_a_line_are_parted_by_wide_gaps_and_by_rules() {
    let drawn = [
        text(20.0, 150.0, "Raison sociale :"),
        text(120.0, 150.0, "Ste Oueslati"),
        // One word that a rule parts, whatever the gap.
        text(20.0, 100.0, "Nom"),
        text(41.0, 100.0, "Ben Ali"),
        "40.5 90 m 40.5 120 l S\n".to_owned(),
    ];
    assert_eq!(texts(&page(&drawn.concat())), ["Raison sociale :", "Ste Oueslati", "Nom", "Ben Ali"]);
}

#[test]
fn boxes_are_in_points_from_the_top_left() {
    let page = page(&text(20.0, 150.0, "RIB"));
    let bbox = page.segments[0].bbox;
    assert!((bbox.x0 - 20.0).abs() < 0.01 && (bbox.y1 - 52.2).abs() < 0.01, "{bbox:?}");
    assert_eq!((page.width, page.height), (400.0, 200.0));
}

#[test]
fn fake_bold_is_read_once() {
    let twice = text(20.0, 150.0, "Banque") + &text(20.4, 150.0, "Banque");
    assert_eq!(texts(&page(&twice)), ["Banque"]);
}

#[test]
fn one_character_per_cell_stays_together() {
    let mut content = String::new();
    for (x, digit) in [(20.0, "0"), (34.0, "7"), (48.0, "1"), (62.0, "2")] {
        writeln!(content, "{x} 145 14 16 re S").unwrap();
        content += &text(x + 4.0, 150.0, digit);
    }
    let page = page(&content);
    assert_eq!(texts(&page), ["0 7 1 2"]);
    assert_eq!(ticks(&page), [], "cells to write in are no boxes to tick");
    assert_eq!(texts(&self::page(&text(20.0, 150.0, "|0|7|1|2|"))), ["0 7 1 2"]);
}

#[test]
fn invisible_text_is_a_layer_of_its_own() {
    let page = page(&format!("{}3 Tr {}", text(20.0, 150.0, "vu"), text(20.0, 100.0, "cache")));
    let sources: Vec<(String, Source)> = page.segments.iter().map(|s| (s.text(), s.source)).collect();
    assert_eq!(sources, [("vu".to_owned(), Source::Text), ("cache".to_owned(), Source::HiddenLayer)]);
}

#[test]
fn text_outside_its_clip_is_not_seen() {
    let clipped = format!("q 10 140 100 30 re W n {} {} Q", text(20.0, 150.0, "dedans"), text(20.0, 60.0, "dehors"));
    assert_eq!(texts(&page(&clipped)), ["dedans"]);
}

#[test]
fn a_page_printed_sideways_is_turned() {
    let content = "BT /F 10 Tf 0 1 -1 0 100 20 Tm (Formulaire adhesion au paiement) Tj ET";
    let page = page(content);
    assert_eq!(texts(&page), ["Formulaire adhesion au paiement"]);
    assert_eq!((page.turn, page.width, page.height), (90, 200.0, 400.0));
}

#[test]
fn drawn_boxes_are_ticked_by_strokes_letters_and_ink() {
    let boxes = [
        "20 150 10 10 re S",                                         // empty
        "60 150 10 10 re S 61 151 m 69 159 l S 61 159 m 69 151 l S", // crossed
        "100 150 10 10 re S 102 152 6 6 re f",                       // filled inside
        "140 150 10 10 re f 1 g 141 151 8 8 re f 0 g",               // an empty frame painted in two
        "180 150 10 10 re S BT /Z 9 Tf 181 152 Td (4) Tj ET",        // a tick of a symbol font
        "220 150 10 10 re S BT /F 9 Tf 222 152 Td (X) Tj ET",
        "260 150 10 10 re S BT /F 9 Tf 262 152 Td (7) Tj ET", // a digit: a cell to write in
    ];
    let page = page(&boxes.join("\n"));
    assert_eq!(ticks(&page), [Some(false), Some(true), Some(true), Some(false), Some(true), Some(true)]);
    assert_eq!(texts(&page), ["7"]);
}

#[test]
fn typed_boxes_leave_the_text() {
    let page = page(&text(20.0, 150.0, "[x] SARL [ ] SUARL"));
    assert_eq!(texts(&page), ["SARL", "SUARL"]);
    assert_eq!(ticks(&page), [Some(true), Some(false)]);
}

#[test]
fn a_signature_is_ink() {
    let stroke = |n| format!("{} 40 m {} {} l S\n", 250 + 6 * n, 256 + 6 * n, 40 + 20 * (n % 2));
    let strokes = (0..12).map(stroke).collect::<Vec<_>>().concat();
    let page = page(&strokes);
    assert_eq!(page.inks.len(), 1);
    let bbox = page.inks[0].bbox;
    assert!(bbox.width() > 60.0 && bbox.contains((280.0, 150.0)), "{bbox:?}");
}

fn widgets(acro_form: &str, annotations: &str, more: &[&str]) -> Vec<Widget> {
    read_whole(&page_with("", acro_form, annotations, more)).widgets
}

#[test]
fn fields_inherit_from_their_parents() {
    let found = widgets(
        "/Fields [5 0 R]",
        "6 0 R",
        &[
            "<< /T (societe) /FT /Tx /V (Ste Oueslati) /TU (Raison sociale) /Kids [6 0 R] >>",
            "<< /Type /Annot /Subtype /Widget /Parent 5 0 R /T (nom) /Rect [20 140 120 160] >>",
        ],
    );
    let [widget] = &found[..] else { panic!("{found:?}") };
    assert_eq!((widget.name.as_str(), widget.value.as_deref()), ("societe.nom", Some("Ste Oueslati")));
    assert_eq!(widget.tooltip.as_deref(), Some("Raison sociale"));
    assert_eq!(widget.rect, Rect { x0: 20.0, y0: 40.0, x1: 120.0, y1: 60.0 });
}

#[test]
fn radio_buttons_take_their_names_from_opt() {
    let button = |state: &str, on: &str| {
        format!(
            "<< /Type /Annot /Subtype /Widget /Parent 5 0 R /Rect [20 140 30 150] /AS /{state} \
             /AP << /N << /{on} 8 0 R /Off 8 0 R >> >> >>"
        )
    };
    let (first, second) = (button("Off", "0"), button("1", "1"));
    let found = widgets(
        "/Fields [5 0 R]",
        "6 0 R 7 0 R",
        &[
            "<< /T (forme) /FT /Btn /Ff 32768 /V /1 /Opt [(SARL) (SUARL)] /Kids [6 0 R 7 0 R] >>",
            &first,
            &second,
            "<< /Type /XObject /Subtype /Form /BBox [0 0 10 10] /Length 0 >>\nstream\n\nendstream",
        ],
    );
    let seen: Vec<_> = found.iter().map(|w| (w.kind, w.export.as_deref(), w.ticked())).collect();
    assert_eq!(seen, [(WidgetKind::Radio, Some("SARL"), false), (WidgetKind::Radio, Some("SUARL"), true)]);
}

#[test]
fn choices_are_shown_not_exported() {
    let found = widgets(
        "/Fields [5 0 R]",
        "5 0 R",
        &["<< /Type /Annot /Subtype /Widget /FT /Ch /T (pays) /V (TN) /Opt [[(TN) (Tunisie)] [(FR) (France)]] \
           /Rect [20 140 120 160] >>"],
    );
    assert_eq!(found[0].value.as_deref(), Some("Tunisie"));
    assert_eq!(found[0].options, ["Tunisie", "France"]);
}

#[test]
fn a_widget_that_the_form_forgot_is_read_and_so_is_a_field_on_no_page() {
    let found = widgets(
        "/Fields [5 0 R]",
        "6 0 R",
        &[
            "<< /FT /Tx /T (invisible) /V (a) >>",
            "<< /Type /Annot /Subtype /Widget /FT /Tx /T (orphelin) /V <FEFF0073006F0075006B> /Rect [20 140 120 160] >>",
        ],
    );
    let seen: Vec<_> = found.iter().map(|w| (w.name.as_str(), w.value.as_deref(), w.hidden)).collect();
    assert_eq!(seen, [("orphelin", Some("souk"), false), ("invisible", Some("a"), true)]);
}

#[test]
fn rings_of_parents_and_children_end() {
    let found = widgets(
        "/Fields [5 0 R]",
        "6 0 R",
        &[
            "<< /T (a) /FT /Tx /Kids [5 0 R 6 0 R] >>",
            "<< /Type /Annot /Subtype /Widget /Parent 6 0 R /T (b) /Rect [20 140 120 160] >>",
        ],
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn what_a_field_stores_and_what_it_draws_are_two_witnesses() {
    let drawn = "BT /F 10 Tf 2 5 Td (Sfax) Tj ET";
    let appearance = format!(
        "<< /Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << {FONTS} >> /Length {} >>\nstream\n{drawn}\nendstream",
        drawn.len()
    );
    let bytes = page_with(
        &text(20.0, 180.0, "Ville"),
        "/Fields [5 0 R]",
        "5 0 R",
        &[
            "<< /Type /Annot /Subtype /Widget /FT /Tx /T (ville) /V (Tunis) /Rect [20 140 120 160] /AP << /N 6 0 R >> >>",
            &appearance,
        ],
    );
    let page = read_whole(&bytes);
    assert_eq!(page.widgets[0].value.as_deref(), Some("Tunis"));
    let sources: Vec<(String, Source)> = page.segments.iter().map(|s| (s.text(), s.source)).collect();
    assert_eq!(sources, [("Ville".to_owned(), Source::Text), ("Sfax".to_owned(), Source::Appearance)]);
}

#[test]
fn a_text_box_laid_over_the_page_is_text_of_the_page() {
    let drawn = "BT /F 10 Tf 2 5 Td (Sfax) Tj ET";
    let appearance = format!(
        "<< /Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << {FONTS} >> /Length {} >>\nstream\n{drawn}\nendstream",
        drawn.len()
    );
    let note = "<< /Type /Annot /Subtype /FreeText /Rect [20 140 120 160] /AP << /N 6 0 R >> >>";
    let page = read_whole(&page_with("", "", "5 0 R", &[note, &appearance]));
    assert_eq!(page.segments[0].source, Source::Text);
}

#[test]
fn a_form_that_only_adobe_draws_is_refused_in_its_own_words() {
    let bytes = page_with(&text(20.0, 150.0, "Please wait..."), "/Fields [] /XFA 5 0 R", "", &[&stream("<xdp/>")]);
    assert_eq!(read(&bytes, &Limits::default()), Err(Refusal::XfaOnly));
}

#[test]
fn a_lost_cross_reference_table_is_rebuilt() {
    let bytes = page_with(&text(20.0, 150.0, "Banque"), "", "", &[]);
    let cut = bytes.windows(4).rposition(|window| window == b"xref").unwrap() - 5;
    let start = bytes.windows(5).position(|window| window == b"xref\n").unwrap();
    let mut broken = bytes[..start].to_vec();
    broken.extend_from_slice(b"trailer << /Root 1 0 R >>\nstartxref\n999999\n%%EOF\n");
    assert!(cut > 0);
    assert_eq!(texts(&read_whole(&broken)), ["Banque"]);
}

#[test]
fn a_file_without_its_end_says_so() {
    let bytes = page_with(&text(20.0, 150.0, "Banque"), "", "", &[]);
    let start = bytes.windows(5).position(|window| window == b"xref\n").unwrap();
    let (_, findings) = read(&bytes[..start], &Limits::default()).unwrap();
    assert_eq!(findings.iter().map(Finding::blocks).collect::<Vec<_>>(), [true]);
    assert_eq!(findings[0].code.as_str(), "truncated_stream");
}

#[test]
fn nothing_of_a_pdf_is_damaged() {
    assert!(matches!(read(b"%PDF-1.7\nrien", &Limits::default()), Err(Refusal::Damaged(_))));
}

#[test]
fn limits_are_refusals_never_parts() {
    let bytes = page_with(&text(20.0, 150.0, "Banque de Tunisie"), "", "", &[]);
    let refused = |limits: Limits| matches!(read(&bytes, &limits), Err(Refusal::TooLarge(_)));
    assert!(refused(Limits { glyphs: 5, ..Limits::default() }));
    assert!(refused(Limits { pages: 0, ..Limits::default() }));
    assert!(!refused(Limits::default()));
}
