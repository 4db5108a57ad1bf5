//! The report on the tests: what was tested, what was seen, what was waived, and the conclusion, to be signed.

use super::layout::{Pages, Signer, columns};
use super::{Case, Press, facts};
use crate::domain::card_number;
use crate::domain::dossier::{Dossier, Report};
use crate::domain::event::{TestResult, Verdict};
use crate::domain::notification::Language;
use crate::templates::folded;

const LANGUAGE: Language = Language::Fr;
/// Heading, conclusion and the boxes to sign in, in points: a signature stands under what it signs.
const CONCLUSION: f32 = 150.0;
/// Widths of the columns, in proportion.
const WIDTHS: [f32; 10] = [32.0, 126.0, 56.0, 86.0, 86.0, 74.0, 72.0, 70.0, 64.0, 104.0];

pub(super) fn draw(press: &Press<'_>, case: &Case<'_>, report: Option<&Report>) -> Vec<u8> {
    let words = press.templates.words(LANGUAGE);
    let said = |code: &str| words.of("papers", code);
    let label = |key: &str| facts::label(press, key, LANGUAGE);
    let dossier = case.dossier;
    // A draft has nothing of tests that are to be run again.
    let results = report.map_or(&dossier.tests, |report| &report.results);
    let results: Vec<&TestResult> =
        results.values().filter(|result| report.is_some() || !dossier.to_run_again(&result.code)).collect();
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
    let kept = facts::columns(press, WIDTHS);
    let table = columns(kept.iter().map(|(key, width)| (label(key), *width)).collect());
    pages.head(&table);
    let verdicts = press.grid.verdicts.printed(LANGUAGE.as_str());
    for scenario in facts::scenarios(press, dossier) {
        let result = results.iter().copied().find(|result| result.code == scenario.code);
        let row = kept.iter().map(|(column, _)| match (result, *column) {
            (None, "verdict") => said("not_recorded"),
            (Some(result), "verdict") => facts::verdict(result, &verdicts),
            (Some(result), "remarque") => without_card_numbers(&facts::remark(result)),
            _ => facts::printed(scenario, column, LANGUAGE)
                .or_else(|| facts::noted(result?, column).map(|noted| without_card_numbers(&noted)))
                .unwrap_or_default(),
        });
        pages.row(&table, &row.collect::<Vec<_>>(), 16.0);
    }
    deviations(&mut pages, &said, &results, &verdicts);

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
    let merchant = [facts::of_the_grid(dossier, "signataire"), written_day(dossier, "date_declaration")];
    let monetique = report.and_then(|report| report.signatory.as_deref()).map(folded).unwrap_or_default();
    let signers = [
        ("signature_merchant", merchant.into_iter().flatten().collect::<Vec<_>>().join(", ")),
        ("signature_smt", monetique),
        ("signature_bank", String::new()),
    ];
    let signers = signers.map(|(heading, name)| Signer { heading: said(heading), name });
    pages.signatures(&signers, &said("signature_hint"));
    let title = format!("{} {reference}", said("report_title"));
    pages.finish(&title, &format!("{} · {}", dossier.reference, said("report_foot")))
}

/// What was not as expected, and what was waived and why.
fn deviations(pages: &mut Pages, said: &impl Fn(&str) -> String, results: &[&TestResult], verdicts: &[String; 3]) {
    let deviating: Vec<&TestResult> =
        results.iter().copied().filter(|result| result.verdict != Verdict::Conforme).collect();
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
    Some(format!("{} – {}", written_day(dossier, "debut_tests")?, written_day(dossier, "fin_tests")?))
}

fn written_day(dossier: &Dossier, key: &str) -> Option<String> {
    let written = facts::of_the_grid(dossier, key)?;
    Some(written.parse().map_or(written, facts::day))
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
