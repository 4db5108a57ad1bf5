//! The other reader of form fields.

use super::super::second_reader::SecondReader;
use super::{page_with, read_whole};
use crate::extraction::limits::Limits;
use crate::extraction::page::{Widget, WidgetKind};

fn widget(name: &str, value: Option<&str>) -> Widget {
    Widget { name: name.to_owned(), value: value.map(str::to_owned), kind: WidgetKind::Text, ..Widget::default() }
}

fn form() -> Vec<u8> {
    let field = "<< /Type /Annot /Subtype /Widget /Rect [20 100 180 120] /F 4";
    page_with(
        "",
        "/Fields [5 0 R 7 0 R]",
        "6 0 R 7 0 R",
        &[
            "<< /T (commercant) /FT /Tx /Kids [6 0 R] >>",
            &format!("{field} /T (rib) /V (0800 6012\\r\\n345) /Parent 5 0 R >>"),
            &format!("{field} /T (ville) /FT /Tx /V <FEFF0053006600610078> >>"),
        ],
    )
}

#[test]
fn another_value_under_the_same_name_is_a_contradiction() {
    let other = SecondReader::of(&form(), &Limits::default());
    assert!(!other.contradicts(&widget("commercant.rib", Some("0800 6012\n345"))));
    assert!(!other.contradicts(&widget("ville", Some(" Sfax "))));
    assert!(other.contradicts(&widget("commercant.rib", Some("0800 6012 346"))));
    assert!(other.contradicts(&widget("ville", None)), "only the other reader sees a value");
    assert!(!other.contradicts(&widget("pays", Some("Tunisie"))), "nobody else knows that field");
}

#[test]
fn readers_that_agree_leave_nothing_in_dispute() {
    let page = read_whole(&form());
    assert_eq!(page.widgets.len(), 2);
    assert!(page.widgets.iter().all(|widget| !widget.disputed), "{:?}", page.widgets);
}

#[test]
fn what_the_other_reader_cannot_open_it_says_nothing_about() {
    let other = SecondReader::of(b"%PDF-1.7 nothing", &Limits::default());
    assert!(!other.contradicts(&widget("ville", Some("Sfax"))));
    // A tree that bites its own tail ends.
    let loops = page_with("", "/Fields [5 0 R]", "", &["<< /T (a) /FT /Tx /Kids [5 0 R] >>"]);
    assert!(!SecondReader::of(&loops, &Limits::default()).contradicts(&widget("a", Some("b"))));
}
