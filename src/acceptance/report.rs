//! The report on the tests: what was tested, what was seen, what was waived, and the conclusion, to be signed.

use std::collections::BTreeMap;

use super::layout::{Pages, columns};
use super::{Case, Press, facts};
use crate::domain::card_number;
use crate::domain::dossier::{Dossier, Report};
use crate::domain::event::{TestResult, Verdict};
use crate::domain::notification::Language;
use crate::templates::folded;

const LANGUAGE: Language = Language::Fr;
/// Heading, conclusion and the boxes to sign in, in points: a signature stands under what it signs.
const CONCLUSION: f32 = 150.0;

pub(super) fn draw(press: &Press<'_>, case: &Case<'_>, report: Option<&Report>) -> Vec<u8> {
    let words = press.templates.words(LANGUAGE);
    let said = |code: &str| words.of("papers", code);
    let label = |key: &str| facts::label(press, key, LANGUAGE);
    let dossier = case.dossier;
    let results = report.map_or(&dossier.tests, |report| &report.results);
    let reference = report.map_or_else(|| said("draft"), |report| folded(&report.reference));
    let mut pages = Pages::new(&said("unprintable"));

    pages.title(&said("report_title"), &pages.printable(&reference));
    if report.is_none() {
        pages.explain(&said("draft_intro"));
    }
    pages.y += 4.0;
    let mut lines = vec![
        (said("report_reference"), reference.clone()),
        (said("report_date"), facts::day(report.map_or(case.today, |report| report.date))),
        (label("reference_dossier"), dossier.reference.to_string()),
        (said("merchant"), facts::merchant(dossier, true)),
    ];
    lines.extend(facts::facts(case).into_iter().map(|(code, value)| (said(code), value)));
    if let Some(version) = facts::of_the_grid(dossier, "version_module") {
        lines.push((label("version_module"), version));
    }
    lines.push((said("environment"), said("environment_test")));
    if let Some(period) = written_period(dossier).or_else(|| period(dossier.history.as_slice(), dossier.tested)) {
        lines.push((said("period"), period));
    }
    pages.facts(&lines);

    pages.heading(&said("results"));
    let table = columns(vec![
        (label("code"), 34.0),
        (label("scenario"), 138.0),
        (label("attendu"), 88.0),
        (label("verdict"), 62.0),
        (label("reseau"), 58.0),
        (label("autorisation"), 76.0),
        (label("remarque"), 106.0),
    ]);
    pages.head(&table);
    let verdicts = press.grid.verdicts.printed(LANGUAGE.as_str());
    let language = LANGUAGE.as_str();
    for scenario in facts::scenarios(press, dossier) {
        let result = results.get(&scenario.code);
        let text = |text: Option<String>| without_card_numbers(&text.unwrap_or_default());
        let verdict = result.map_or_else(|| said("not_recorded"), |result| facts::verdict(result, &verdicts));
        let row = [
            scenario.code.clone(),
            scenario.title_in(language).to_owned(),
            scenario.expected_in(language).to_owned(),
            verdict,
            text(result.and_then(|result| result.network.clone())),
            text(result.and_then(|result| result.authorisation.clone())),
            text(result.map(facts::remark)),
        ];
        pages.row(&table, &row, 16.0);
    }
    deviations(&mut pages, &said, results, &verdicts);

    pages.room_for(CONCLUSION);
    pages.heading(&said("conclusion"));
    match report {
        Some(report) => {
            pages.paragraph(&said(conclusion(report)), true);
            if !report.failing.is_empty() {
                pages.paragraph(&format!("{} {}", said("to_run_again"), report.failing.join(", ")), false);
            }
        }
        None => pages.paragraph(&said("conclusion_open"), false),
    }
    let signers = [said("signature_merchant"), said("signature_smt"), said("signature_bank")];
    pages.signatures(&signers, &said("signature_hint"));
    let title = format!("{} {reference}", said("report_title"));
    pages.finish(&title, &format!("{} · {}", dossier.reference, said("report_foot")))
}

/// What was not as expected, and what was waived and why.
fn deviations(
    pages: &mut Pages,
    said: &impl Fn(&str) -> String,
    results: &BTreeMap<String, TestResult>,
    verdicts: &[String; 3],
) {
    let deviating: Vec<&TestResult> = results.values().filter(|result| result.verdict != Verdict::Conforme).collect();
    pages.heading(&said("deviations"));
    if deviating.is_empty() {
        pages.paragraph(&said("no_deviation"), false);
    }
    for result in deviating {
        let remark = without_card_numbers(&facts::remark(result));
        let colon = if remark.is_empty() { String::new() } else { format!(" : {}", pages.printable(&remark)) };
        pages.paragraph(&format!("{} – {}{colon}", result.code, facts::verdict(result, verdicts)), false);
    }
}

fn conclusion(report: &Report) -> &'static str {
    let waived = report.results.values().any(|result| matches!(result.verdict, Verdict::Derogation { .. }));
    match (report.favourable, waived) {
        (true, false) => "favourable",
        (true, true) => "favourable_with_reserves",
        (false, _) => "unfavourable",
    }
}

/// As the merchant wrote it on the grid.
fn written_period(dossier: &Dossier) -> Option<String> {
    let day = |key| {
        let written = facts::of_the_grid(dossier, key)?;
        Some(written.parse().map_or(written, facts::day))
    };
    Some(format!("{} – {}", day("debut_tests")?, day("fin_tests")?))
}

/// From the opening of the tests to the last result.
fn period(history: &[crate::domain::dossier::Reached], tested: Option<jiff::Timestamp>) -> Option<String> {
    let tunis = jiff::tz::TimeZone::fixed(jiff::tz::offset(1));
    let day = |at: jiff::Timestamp| facts::day(at.to_zoned(tunis.clone()).date());
    let opened = history.iter().rev().find(|reached| reached.step == crate::domain::step::Step::Tests)?;
    Some(match tested {
        Some(last) if last > opened.at => format!("{} – {}", day(opened.at), day(last)),
        _ => day(opened.at),
    })
}

/// Results with a card number are refused before; nothing is printed on trust.
fn without_card_numbers(text: &str) -> String {
    card_number::masked(text).unwrap_or_else(|| text.to_owned())
}
