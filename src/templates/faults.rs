//! What is wrong with templates, in one line each: file, line, what.

use super::Unrenderable;

/// Everything wrong with the templates, each line with its file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct TemplateFaults(pub Vec<String>);

/// An engine's error, one line per fault. Faults found together come as reports with the file, line and column in the middle:
/// `error: what … --> file:line:column | source`.
pub(super) fn lines(err: &tera::Error) -> Vec<String> {
    match err.kind() {
        tera::ErrorKind::SyntaxError(report) | tera::ErrorKind::RenderingError(report) => {
            vec![format!("{}:{}: {}", report.filename(), report.span().start_line, report.message())]
        }
        _ => reports(&err.to_string()),
    }
}

fn reports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for report in text.split("\n\n") {
        let mut lines = report.lines();
        let what = lines.next().unwrap_or_default().trim_start_matches("error: ");
        let place = lines.find_map(|line| line.trim_start().strip_prefix("--> "));
        match place.and_then(|place| place.rsplit_once(':')) {
            Some((file_and_line, _column)) => found.push(format!("{file_and_line}: {what}")),
            None => found.push(what.to_owned()),
        }
    }
    found
}

pub(super) fn unrenderable(err: &tera::Error) -> Unrenderable {
    use std::error::Error as _;
    let mut text = lines(err).join("; ");
    if let Some(source) = err.source() {
        text = format!("{text}: {source}");
    }
    Unrenderable(text)
}
