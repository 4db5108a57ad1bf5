//! What the page says, as data: the context of the template and the JSON twin are one and the same.

use serde::Serialize;

use super::verdict::{Verdict, verdict};
use super::{Dropped, Standing};
use crate::domain::document::Kind;
use crate::domain::field::{Extraction, Field, FieldKey};
use crate::domain::finding::{Finding, Severity};
use crate::domain::notification::Language;
use crate::domain::outcome::is_firm;
use crate::domain::requirement::{Actor, State};
use crate::schemas::{Form, Forms};
use crate::shown;
use crate::templates::{Templates, Words, folded};

/// The answer to one file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    pub(super) document: Document,
    verdict: Told,
    /// What a file that holds no form has to say for itself, or what the file as such has; never blocking ones of a dossier.
    notes: Vec<Line>,
    /// What is still asked, of whom: the dossier's one list.
    requirements: Vec<Line>,
    dossier: Option<Case>,
    forms: Vec<Read>,
    /// The other documents of the dossier, oldest first.
    other_documents: Vec<Document>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Document {
    name: String,
    received: String,
    /// Empty until it has been read.
    kinds: Vec<String>,
    reference: String,
    sha256: Option<String>,
    superseded: bool,
}

/// The verdict in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Told {
    code: &'static str,
    tone: &'static str,
    title: String,
    /// What it means.
    text: String,
    /// What to do next, and who.
    next: String,
    who: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Case {
    reference: String,
    merchant: Option<String>,
    bank: Option<String>,
    step: u8,
    of: u8,
    step_name: String,
    opened: String,
}

/// A finding or a requirement.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    code: String,
    severity: Severity,
    severity_name: String,
    state: Option<State>,
    state_name: Option<String>,
    actor: Option<Actor>,
    actor_name: Option<String>,
    /// The form it stands on.
    form: Option<String>,
    field: Option<FieldKey>,
    label: Option<String>,
    place: Option<String>,
    value: Option<String>,
    text: String,
    remedy: String,
}

/// A form as it was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Read {
    kind: Kind,
    title: String,
    member: Option<String>,
    sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Section {
    title: String,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Row {
    field: FieldKey,
    label: String,
    value: String,
    /// Of a table its rows, without their empty cells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rows: Vec<Vec<shown::Cell>>,
    place: Option<String>,
    /// `read`, `settled`, `being_checked` or `wrong`.
    state: &'static str,
}

impl Page {
    pub(super) fn reference(&self) -> &str {
        self.dossier.as_ref().map_or(&self.document.reference, |case| &case.reference)
    }
}

pub(super) fn page(
    dropped: &Dropped<'_>,
    standing: Option<&Standing<'_>>,
    forms: &Forms,
    templates: &Templates,
) -> Page {
    let scribe = Scribe { forms, templates, words: templates.words(Language::Fr) };
    let verdict = verdict(dropped, standing);
    // A file that is put aside says why; what else was read in it is nobody's business.
    let aside = matches!(verdict, Verdict::CardNumber | Verdict::NotTaken);
    Page {
        document: scribe.document(dropped),
        verdict: scribe.told(verdict, dropped, standing),
        notes: scribe.notes(dropped, standing, aside),
        requirements: standing.into_iter().flat_map(|standing| scribe.requirements(standing)).collect(),
        dossier: standing.map(|standing| scribe.case(standing)),
        forms: if aside { Vec::new() } else { scribe.read(dropped, standing) },
        other_documents: standing.into_iter().flat_map(|standing| scribe.others(dropped, standing)).collect(),
    }
}

struct Scribe<'a> {
    forms: &'a Forms,
    templates: &'a Templates,
    words: &'a Words,
}

impl Scribe<'_> {
    fn document(&self, dropped: &Dropped<'_>) -> Document {
        let kinds = match dropped.reading.extractions.as_slice() {
            [] => vec![self.words.of("kind", dropped.reading.kind.as_str())],
            extractions => extractions.iter().map(|form| self.words.of("kind", form.kind.as_str())).collect(),
        };
        Document {
            name: folded(dropped.name),
            received: dropped.received.strftime("%d/%m/%Y à %H:%M").to_string(),
            kinds,
            reference: dropped.document.to_string(),
            sha256: dropped.refusal.is_none().then(|| dropped.sha256.to_string()),
            superseded: false,
        }
    }

    fn told(&self, verdict: Verdict, dropped: &Dropped<'_>, standing: Option<&Standing<'_>>) -> Told {
        let code = verdict.code();
        let step = standing.map(|standing| standing.dossier.step.as_str());
        // Once the forms are right, what comes next is the step's.
        let (next, who) = match (verdict, step) {
            // A grid is one of several: what is left of the tests, and for whom, is the first thing asked.
            (Verdict::GridRecorded, Some(step)) => match standing.and_then(|standing| standing.requirements.first()) {
                Some(first) => {
                    let remedy = self.templates.say(&first.finding, Language::Fr).remedy;
                    (remedy, self.words.of("actor", &code_of(&first.actor)))
                }
                None => (self.words.of("next", step), self.words.of("who", step)),
            },
            (Verdict::Complete | Verdict::Closed, Some(step)) => {
                (self.words.of("next", step), self.words.of("who", step))
            }
            (Verdict::Joined, _) => {
                let joined = standing.and_then(|standing| standing.dossier.joined.as_ref());
                let dossier = joined.map(ToString::to_string).unwrap_or_default();
                (self.words.of("verdict_next", code).replace("{dossier}", &dossier), self.words.of("verdict_who", code))
            }
            _ => (self.words.of("verdict_next", code), self.words.of("verdict_who", code)),
        };
        let title = self.words.of("verdict", code);
        let repeats = dropped.reading.findings.iter().find(|finding| finding.code.as_str() == "repeat");
        let text = match repeats.filter(|_| verdict == Verdict::Repeat) {
            Some(finding) => self.templates.say(finding, Language::Fr).text,
            None => self.words.of("verdict_text", code),
        };
        Told { code, tone: verdict.tone(), title, text, next, who }
    }

    fn case(&self, standing: &Standing<'_>) -> Case {
        let dossier = standing.dossier;
        let mut merchant = [&dossier.adhesion, &dossier.fiche].into_iter().flatten();
        let merchant = merchant.find_map(|form| form.text("raison_sociale"));
        Case {
            reference: dossier.reference.to_string(),
            merchant: merchant.map(folded),
            bank: standing.bank.map(folded),
            step: dossier.step.number(),
            of: 10,
            step_name: self.words.of("step", dossier.step.as_str()),
            opened: day(dossier.opened),
        }
    }

    fn requirements(&self, standing: &Standing<'_>) -> Vec<Line> {
        let lines = standing.requirements.iter().map(|requirement| {
            let asked = shown::asked(self.forms, self.templates, requirement, Language::Fr);
            Line {
                state: Some(requirement.state),
                state_name: Some(asked.state_name),
                actor: Some(requirement.actor),
                actor_name: Some(asked.actor_name),
                ..self.line(asked.told)
            }
        });
        lines.collect()
    }

    /// Findings that ask for nothing, or that belong to no dossier.
    fn notes(&self, dropped: &Dropped<'_>, standing: Option<&Standing<'_>>, aside: bool) -> Vec<Line> {
        let own: Vec<&Finding> = match standing {
            Some(standing) => standing.dossier.standing().filter(|finding| !finding.blocks()).collect(),
            None => dropped.reading.findings.iter().collect(),
        };
        // What the verdict says is not said again.
        let told_by_verdict = |finding: &&Finding| finding.code.as_str() != "repeat" && (!aside || finding.blocks());
        own.into_iter()
            .filter(told_by_verdict)
            .map(|finding| self.line(shown::told(self.forms, self.templates, finding, Language::Fr)))
            .collect()
    }

    fn line(&self, told: shown::Told) -> Line {
        let shown::Told { finding, label, form, place, value, text, remedy } = told;
        Line {
            code: finding.code.to_string(),
            severity: finding.severity,
            severity_name: self.words.of("severity", &code_of(&finding.severity)),
            state: None,
            state_name: None,
            actor: None,
            actor_name: None,
            form,
            field: finding.field,
            label,
            place,
            value,
            text,
            remedy,
        }
    }

    /// The forms of this document; as people have settled them where the dossier still holds this very document.
    fn read(&self, dropped: &Dropped<'_>, standing: Option<&Standing<'_>>) -> Vec<Read> {
        let held = standing.and_then(|standing| {
            let held = standing.dossier.documents.iter().find(|held| held.document == dropped.document);
            held.filter(|held| !held.superseded).map(|_| standing.dossier)
        });
        let in_force = |extraction: &Extraction| match (held, extraction.kind) {
            (Some(dossier), Kind::Adhesion) => dossier.adhesion.clone(),
            (Some(dossier), Kind::FicheTechnique) => dossier.fiche.clone(),
            _ => None,
        };
        let forms = dropped.reading.extractions.iter();
        forms
            .filter_map(|extraction| {
                let form = self.forms.of(extraction.kind)?;
                let extraction = in_force(extraction).unwrap_or_else(|| extraction.clone());
                Some(self.form(form, &extraction, dropped, standing))
            })
            .collect()
    }

    fn form(
        &self,
        form: &Form,
        extraction: &Extraction,
        dropped: &Dropped<'_>,
        standing: Option<&Standing<'_>>,
    ) -> Read {
        let blocking = |key: &FieldKey| match standing {
            Some(standing) => standing.dossier.standing().any(|finding| blames(finding, key, extraction.kind)),
            None => dropped.reading.findings.iter().any(|finding| blames(finding, key, extraction.kind)),
        };
        let firm = |field: &Field| match standing {
            Some(standing) => standing.dossier.is_firm(extraction.kind, field),
            None => is_firm(field),
        };
        let mut sections: Vec<Section> = Vec::new();
        let mut last = None;
        for spec in &form.fields {
            let Some(field) = extraction.fields.get(&spec.key) else { continue };
            let row = Row {
                field: spec.key.clone(),
                label: spec.title.clone(),
                value: folded(&shown::value(spec, &field.value)),
                rows: shown::rows(spec, &field.value).into_iter().map(tidy).collect(),
                place: field.place.as_ref().map(|place| self.words.place(place)),
                state: state_of(field, blocking(&spec.key), firm(field)),
            };
            if last != Some(&spec.hints.section) || sections.is_empty() {
                let heading = form.sections.iter().find(|section| Some(&section.id) == spec.hints.section.as_ref());
                let title = heading.and_then(|section| section.labels.first()).cloned().unwrap_or_default();
                sections.push(Section { title, rows: Vec::new() });
                last = Some(&spec.hints.section);
            }
            sections.last_mut().expect("a section was just begun when there was none").rows.push(row);
        }
        let member = extraction.member.as_deref().map(folded);
        Read { kind: form.kind, title: form.title.clone(), member, sections }
    }

    fn others(&self, dropped: &Dropped<'_>, standing: &Standing<'_>) -> Vec<Document> {
        let others = standing.dossier.documents.iter().filter(|held| held.document != dropped.document);
        others
            .map(|held| Document {
                name: folded(&held.name),
                received: day(held.received),
                kinds: held.kinds.iter().map(|kind| self.words.of("kind", kind.as_str())).collect(),
                reference: held.document.to_string(),
                sha256: None,
                superseded: held.superseded,
            })
            .collect()
    }
}

fn tidy(row: Vec<shown::Cell>) -> Vec<shown::Cell> {
    row.into_iter().map(|cell| shown::Cell { value: folded(&cell.value), ..cell }).collect()
}

fn blames(finding: &Finding, key: &FieldKey, kind: Kind) -> bool {
    finding.blocks()
        && finding.severity != Severity::Doubt
        && finding.field.as_ref() == Some(key)
        && finding.kind.is_none_or(|of| of == kind)
}

fn state_of(field: &Field, blamed: bool, firm: bool) -> &'static str {
    use crate::domain::field::Trust;
    match field.trust {
        _ if blamed => "wrong",
        Trust::Settled { .. } => "settled",
        _ if !firm => "being_checked",
        _ => "read",
    }
}

/// A day as people in Tunis read it; Tunisia keeps one hour ahead of UTC all year.
fn day(at: jiff::Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(1))).strftime("%d/%m/%Y").to_string()
}

/// The code under which a unit variant is written.
fn code_of(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|code| code.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}
