//! The grid as a PDF with form fields: it can be filled in on a screen, or printed and filled in by hand.

use super::layout::{LEFT, Pages, RIGHT, Signer, columns};
use super::{Case, Press, facts};
use crate::domain::notification::Language;
use crate::paper::{FieldValue, FormField, width};

const LANGUAGE: Language = Language::Fr;
/// Heading, sentence and the box to sign in, in points.
const STATEMENT: f32 = 150.0;
/// Widths of the columns, in proportion.
const WIDTHS: [f32; 10] = [32.0, 122.0, 62.0, 84.0, 84.0, 74.0, 72.0, 86.0, 76.0, 78.0];

pub(super) fn draw(press: &Press<'_>, case: &Case<'_>) -> Vec<u8> {
    let words = press.templates.words(LANGUAGE);
    let said = |code: &str| words.of("papers", code);
    let label = |key: &str| facts::label(press, key, LANGUAGE);
    let dossier = case.dossier;
    let reference = dossier.reference.to_string();
    let mut pages = Pages::new(&said("unprintable"));

    pages.title(&said("grid_title"), &reference);
    pages.explain(&said("grid_intro"));
    pages.explain(&said("grid_cards"));
    let mut lines = vec![
        (label("reference_dossier"), reference.clone()),
        (label("raison_sociale"), facts::merchant(dossier, true)),
    ];
    lines.extend(facts::facts(case).into_iter().map(|(code, value)| (said(code), value)));
    pages.y += 4.0;
    pages.facts(&lines);
    entries(press, &mut pages, &["debut_tests", "fin_tests", "version_module"]);

    // All that is asked stands on the first page: the engine knows the grid by it, and the rest are rows.
    entries(press, &mut pages, &["signataire", "date_declaration"]);

    pages.heading(&said("results"));
    let kept = facts::columns(press, WIDTHS);
    let table = columns(kept.iter().map(|(key, width)| (label(key), *width)).collect());
    pages.head(&table);
    let verdicts = press.grid.verdicts.printed(LANGUAGE.as_str());
    let mut networks = vec![String::new()];
    networks.extend(facts::networks(dossier));
    let mut choices = vec![String::new()];
    choices.extend(verdicts.iter().cloned());
    for scenario in facts::scenarios(press, dossier) {
        let printed = kept.iter().map(|(key, _)| facts::printed(scenario, key, LANGUAGE).unwrap_or_default());
        let printed: Vec<String> = printed.collect();
        let (top, bottom) = pages.row(&table, &printed, 24.0);
        let known = dossier.test(&scenario.code);
        for (column, (key, _)) in table.iter().zip(&kept) {
            let noted = known.and_then(|result| facts::noted(result, key)).unwrap_or_default();
            let value = match *key {
                "verdict" => {
                    let verdict = known.map(|result| facts::verdict(result, &verdicts)).unwrap_or_default();
                    FieldValue::Choice { options: choices.clone(), value: verdict }
                }
                "reseau" => FieldValue::Choice { options: networks.clone(), value: noted },
                "constate" | "remarque" => FieldValue::Lines(noted),
                _ if facts::printed(scenario, key, LANGUAGE).is_some() => continue,
                _ => FieldValue::Text(noted),
            };
            pages.paper.field(FormField {
                name: format!("{key}.{}", scenario.code),
                tooltip: format!("{} {}", column.heading, scenario.code),
                frame: [column.x0 + 1.5, top + 1.5, column.x1 - 1.5, bottom - 1.5],
                value,
            });
        }
    }

    // What is signed stands on the page of its signature.
    pages.room_for(STATEMENT);
    pages.heading(&said("statement_title"));
    pages.paragraph(&said("statement"), false);
    pages.signatures(&[Signer { heading: said("signature_merchant"), name: String::new() }], "");
    pages.finish(&format!("{} {reference}", said("grid_title")), &format!("{reference} · {}", said("grid_foot")))
}

/// `label : [field]` side by side.
fn entries(press: &Press<'_>, pages: &mut Pages, keys: &[&'static str]) {
    let keys = facts::known(press, keys);
    if keys.is_empty() {
        return;
    }
    pages.room_for(26.0);
    pages.y += 5.0;
    #[expect(clippy::cast_precision_loss, reason = "three at most")]
    let wide = (RIGHT - LEFT) / keys.len() as f32;
    let mut x = LEFT;
    for key in keys {
        let label = facts::label(press, key, LANGUAGE);
        let text = format!("{label} :");
        pages.paper.text(x, pages.y + 12.0, 9.0, false, &text);
        let frame = [x + width(&text, 9.0, false) + 5.0, pages.y, x + wide - 8.0, pages.y + 16.0];
        pages.paper.frame(frame);
        pages.paper.field(FormField {
            name: key.to_owned(),
            tooltip: label,
            frame,
            value: FieldValue::Text(String::new()),
        });
        x += wide;
    }
    pages.y += 20.0;
}
