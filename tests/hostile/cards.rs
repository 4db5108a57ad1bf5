//! Documents that hold a card number, in every place a number may hide. The numbers are made here; none is written down.

use super::Hostile;
use super::pdf::{CATALOGUE, FONT, PAGES, Pdf, drawing, page, text};
use super::zip::{Member, zip};

/// A number of sixteen digits with a card's prefix, whose Luhn sum holds.
pub fn number() -> String {
    let body: String = std::iter::once('4').chain((0..14).map(|n| char::from(b'0' + (n * 7 + 3) % 10))).collect();
    let sum = |number: &str| -> u32 {
        let digits = number.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
        digits.map(|(at, d)| if at % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 }).sum()
    };
    let last = (0..10).find(|last| sum(&format!("{body}{last}")).is_multiple_of(10)).expect("one of ten holds");
    format!("{body}{last}")
}

pub fn files() -> Vec<Hostile> {
    let number = number();
    let groups: Vec<&str> = (0..4).map(|group| &number[4 * group..4 * group + 4]).collect();
    let boxes: String =
        number.chars().enumerate().map(|(at, c)| format!("1 0 0 1 {} 700 Tm ({c}) Tj ", 72 + 14 * at)).collect();
    let apart: String =
        groups.iter().enumerate().map(|(at, g)| format!("1 0 0 1 {} 700 Tm ({g}) Tj ", 72 + 40 * at)).collect();
    let form = |line: &str| drawing(text(line), "").finish("");
    let field = Pdf::new()
        .object(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [10 0 R] /DA (/F1 0 Tf) >> >>")
        .object(2, PAGES)
        .object(3, page("").replace("/Contents", "/Annots [10 0 R] /Contents"))
        .stream(4, "", text("RIB :"))
        .object(5, FONT)
        .object(
            10,
            format!(
                "<< /Type /Annot /Subtype /Widget /FT /Tx /T (rib) /V ({number}) /Rect [100 690 300 710] /P 3 0 R >>"
            ),
        );
    let two_pages = Pdf::new()
        .object(1, CATALOGUE)
        .object(2, "<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 2 >>")
        .object(3, page(""))
        .stream(4, "", text("Raison sociale : Exemple"))
        .object(5, FONT)
        .object(6, page("").replace("4 0 R", "7 0 R"))
        .stream(7, "", text(&format!("Carte {}", groups.join("-"))));
    let files = [
        ("in a line of text", form(&format!("Carte {number}"))),
        ("in groups", form(&format!("Carte : {}", groups.join(" ")))),
        ("one digit a box", drawing(format!("BT /F1 12 Tf {boxes} ET"), "").finish("")),
        ("one group a box", drawing(format!("BT /F1 12 Tf {apart} ET"), "").finish("")),
        ("in a form field", field.finish("")),
        ("on the second page", two_pages.finish("")),
        ("in a ZIP", zip(&[Member::new("formulaire.pdf", form(&number))])),
        ("in the name of a member", zip(&[Member::new(format!("carte {number}.pdf"), form("Raison sociale"))])),
    ];
    files.into_iter().map(|(name, bytes)| Hostile::new("card numbers", name, bytes)).collect()
}
