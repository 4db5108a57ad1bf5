//! Form fields, each named after what is odd in it.

use super::*;

const FIELD: &str = "/Type /Annot /Subtype /Widget /Rect [20 140 120 160]";

fn appearance(drawn: &str) -> String {
    format!(
        "<< /Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << {FONTS} >> /Length {} >>\nstream\n{drawn}\nendstream",
        drawn.len()
    )
}

fn one(field: &str, more: &[&str]) -> Widget {
    let field = format!("<< {FIELD} {field} >>");
    let objects: Vec<&str> = std::iter::once(field.as_str()).chain(more.iter().copied()).collect();
    let mut found = widgets("/Fields [5 0 R]", "5 0 R", &objects);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_field_that_only_shows_its_value_is_read_and_disputed() {
    let drawn = appearance("BT /F 8 Tf 2 12 Td (12, rue de Rome) Tj 0 -9 Td (Tunis) Tj ET");
    let widget = one("/FT /Tx /T (adresse) /AP << /N 6 0 R >>", &[&drawn]);
    assert_eq!((widget.value.as_deref(), widget.disputed), (Some("12, rue de Rome\nTunis"), true));
    let both = one("/FT /Tx /T (adresse) /V (Sfax) /AP << /N 6 0 R >>", &[&drawn]);
    assert_eq!((both.value.as_deref(), both.disputed), (Some("Sfax"), false), "the engine compares the two");
}

#[test]
fn a_list_that_shows_all_its_options_has_chosen_none() {
    let drawn = appearance("BT /F 8 Tf 2 12 Td (SARL) Tj 0 -9 Td (SUARL) Tj ET");
    let list = one("/FT /Ch /T (forme) /Opt [(SARL) (SUARL)] /AP << /N 6 0 R >>", &[&drawn]);
    assert_eq!((list.value, list.disputed), (None, false));
    let drawn = appearance("BT /F 8 Tf 2 12 Td (SUARL) Tj ET");
    let combo = one("/FT /Ch /Ff 131072 /T (forme) /Opt [(SARL) (SUARL)] /AP << /N 6 0 R >>", &[&drawn]);
    assert_eq!((combo.value.as_deref(), combo.disputed), (Some("SUARL"), true));
}

#[test]
fn several_options_come_one_per_line() {
    let list = one("/FT /Ch /T (cartes) /V [(V) (C)] /Opt [[(V) (Visa)] [(C) (CIB)] [(M) (Mastercard)]]", &[]);
    assert_eq!(list.value.as_deref(), Some("Visa\nCIB"));
    let by_place = one("/FT /Ch /T (cartes) /I [2] /Opt [[(V) (Visa)] [(C) (CIB)] [(M) (Mastercard)]]", &[]);
    assert_eq!(by_place.value.as_deref(), Some("Mastercard"));
}

/// What a box says that is stored and drawn so: ticked, disputed.
fn box_of(field: &str) -> (bool, bool) {
    let empty = "<< /Type /XObject /Subtype /Form /BBox [0 0 10 10] /Length 0 >>\nstream\n\nendstream";
    let widget = one(&format!("/FT /Btn /T (devise) {field}"), &[empty]);
    (widget.ticked(), widget.disputed)
}

#[test]
fn value_and_drawing_of_a_box_must_agree() {
    const STATES: &str = "/AP << /N << /Oui 6 0 R /Off 6 0 R >> >>";
    assert_eq!(box_of(&format!("/V /Oui /AS /Oui {STATES}")), (true, false));
    assert_eq!(box_of(&format!("/V /Off /AS /Off {STATES}")), (false, false));
    assert_eq!(box_of(&format!("/V /Oui {STATES}")), (true, false), "nothing is said of the drawing");
    assert_eq!(box_of(&format!("/AS /Oui {STATES}")), (true, false), "nothing is stored");
    assert_eq!(box_of(&format!("/V /Oui /AS /Off {STATES}")), (true, true));
    assert_eq!(box_of(&format!("/V /Off /AS /Oui {STATES}")), (false, true));
    assert_eq!(box_of(&format!("/V /Yes /AS /Oui {STATES}")), (true, false), "a lone box may have any word for yes");
    assert_eq!(box_of("/V /Yes"), (true, false), "no appearance at all");
    assert_eq!(box_of(&format!("/Ff 32768 /V /Non /AS /Oui {STATES}")), (false, true));
}

#[test]
fn lines_of_a_value_end_in_any_way() {
    let widget = one("/FT /Tx /Ff 4096 /T (adresse) /V (12, rue de Rome\\rTunis\\r\\nTunisie)", &[]);
    assert_eq!(widget.value.as_deref(), Some("12, rue de Rome\nTunis\nTunisie"));
}

#[test]
fn a_number_where_a_text_belongs_has_lost_its_zeros() {
    let widget = one("/FT /Tx /T (cin) /V 04567890", &[]);
    assert_eq!((widget.value.as_deref(), widget.disputed), (Some("4567890"), true));
}

#[test]
fn values_may_be_long_rich_or_without_their_mark() {
    assert_eq!(one("/FT /Tx /T (a) /V 6 0 R", &[&stream("Sfax")]).value.as_deref(), Some("Sfax"));
    let rich = "/FT /Tx /T (a) /RV (<body><p>Soci\\303\\251t\\303\\251 &amp; Fils</p></body>)";
    assert_eq!(one(rich, &[]).value.as_deref(), Some("Société & Fils"));
    assert_eq!(one("/FT /Tx /T (a) /V (Soci\\303\\251t\\303\\251)", &[]).value.as_deref(), Some("Société"));
}

#[test]
fn what_is_flagged_hidden_is_no_witness() {
    for flags in [2, 32] {
        let drawn = appearance("BT /F 8 Tf 2 12 Td (Sfax) Tj ET");
        let field = format!("<< {FIELD} /FT /Tx /T (ville) /V (Sfax) /F {flags} /AP << /N 6 0 R >> >>");
        let page = read_whole(&page_with("", "/Fields [5 0 R]", "5 0 R", &[&field, &drawn]));
        assert!(page.widgets[0].hidden, "{flags}");
        assert_eq!(texts(&page), [""; 0]);
    }
}

#[test]
fn static_xfa_gives_its_data_to_empty_fields() {
    let data =
        stream("<xfa:datasets xmlns:xfa=\"x\"><xfa:data><form1><ville>Sfax</ville></form1></xfa:data></xfa:datasets>");
    let field = format!("<< {FIELD} /FT /Tx /T (form1[0].#subform[0].ville[0]) >>");
    let found = widgets("/Fields [5 0 R] /XFA [(datasets) 6 0 R]", "5 0 R", &[&field, &data]);
    assert_eq!(found[0].value.as_deref(), Some("Sfax"));
}

#[test]
fn a_dynamic_form_may_name_its_root() {
    let bytes = page_with(
        &text(20.0, 150.0, "Please wait..."),
        "/Fields [5 0 R] /XFA 6 0 R",
        "",
        &["<< /T (form1[0]) /Kids [] >>", &stream("<xdp/>")],
    );
    assert_eq!(read(&bytes, &Limits::default()), Err(Refusal::XfaOnly));
}

/// A page of this shape with one field and the word it stands beside, both from the bottom left of the page's own space.
fn placed(page: &str) -> Page {
    let field = format!("<< {FIELD} /FT /Tx /T (ville) /V (Sfax) >>");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R {page} /Contents 4 0 R /Resources << {FONTS} >> /Annots [5 0 R] >>"),
        stream(&text(20.0, 120.0, "Ville")),
        field,
    ];
    read_whole(&pdf(&objects))
}

/// Corners of a box, rounded.
fn corners(rect: Rect) -> [i32; 4] {
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    [rect.x0, rect.y0, rect.x1, rect.y1].map(|edge| edge.round() as i32)
}

#[test]
fn places_are_those_of_the_page_as_shown() {
    let whole = placed("/MediaBox [0 0 400 200]");
    assert_eq!(corners(whole.widgets[0].rect), [20, 40, 120, 60]);
    // 78 points below the top, the word's baseline is at 120 from the bottom.
    assert_eq!(corners(whole.segments[0].bbox)[..2], [20, 72]);

    let cropped = placed("/MediaBox [-50 -50 500 400] /CropBox [10 100 300 200]");
    assert_eq!((cropped.width, cropped.height), (290.0, 100.0));
    assert_eq!(corners(cropped.widgets[0].rect), [10, 40, 110, 60]);
    assert_eq!(corners(cropped.segments[0].bbox)[..2], [10, 72]);

    let turned = placed("/MediaBox [0 0 400 200] /Rotate 90");
    assert_eq!((turned.width, turned.height), (200.0, 400.0));
    assert_eq!(corners(turned.widgets[0].rect), [140, 20, 160, 120]);

    let upside_down = placed("/MediaBox [0 0 400 200] /Rotate 180");
    assert_eq!(corners(upside_down.widgets[0].rect), [280, 140, 380, 160]);

    let left = placed("/MediaBox [0 0 400 200] /Rotate -90");
    assert_eq!(corners(left.widgets[0].rect), [40, 280, 60, 380]);

    // A unit of two points: pages are measured, and drawn, in their own units.
    let large = placed("/MediaBox [0 0 400 200] /UserUnit 2");
    assert_eq!((large.width, corners(large.widgets[0].rect)), (400.0, [20, 40, 120, 60]));
}

#[test]
fn a_page_turned_to_be_read_leads_back_to_the_page_as_shown() {
    // Shown turned by a quarter, so that its text runs downwards.
    let words = "Formulaire adhesion au paiement electronique";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Rotate 90 /Contents 4 0 R /Resources << {FONTS} >> >>"
        ),
        stream(&text(20.0, 150.0, words)),
    ];
    let page = read_whole(&pdf(&objects));
    assert_eq!((page.turn, page.width, page.height), (270, 400.0, 200.0));
    assert_eq!(corners(page.segments[0].bbox)[..2], [20, 42]);
    let shown = page.as_shown(page.segments[0].bbox);
    // As shown the page is 200 by 400, and the line begins 20 points from its top.
    assert!((shown.y0 - 20.0).abs() < 1.0 && shown.height() > 3.0 * shown.width(), "{shown:?}");
    assert!(shown.x0 > 140.0 && shown.x1 < 165.0, "{shown:?}");
}
