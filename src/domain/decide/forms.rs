//! Steps 1 to 4: documents arrive, people settle doubts, and a complete dossier is sent.

use super::{Deciding, Refusal};
use crate::domain::declaration::FileType;
use crate::domain::document::Kind;
use crate::domain::dossier::{Held, Overridden};
use crate::domain::effect::{Answer, Effect};
use crate::domain::event::{Examined, Settlement};
use crate::domain::field::{Change, Doubt, Extraction, Field, FieldKey, Method, Trust, Value};
use crate::domain::finding::{Code, Finding, Severity};
use crate::domain::notification::{Recipient, Subject};
use crate::domain::outcome::Outcome;
use crate::domain::step::Step;

impl Deciding<'_> {
    pub(super) fn examined(&mut self, documents: &[Examined]) {
        let first = self.dossier.documents.is_empty();
        let mut news = false;
        let replaced: Vec<_> =
            self.dossier.documents.iter().filter(|held| held.superseded).map(|held| held.document).collect();
        for document in documents {
            // The same document again: its dossier has it already.
            if !self.dossier.documents.iter().any(|held| held.document == document.document) {
                news = true;
                self.hold(document);
            }
            self.answer(document.document);
        }
        if !news {
            return;
        }
        // What was answered before says something else now: its sibling has come, or a newer version.
        let others: Vec<_> = self.dossier.documents.iter().map(|held| held.document).collect();
        for other in others {
            if !replaced.contains(&other) && !documents.iter().any(|document| document.document == other) {
                self.answer(other);
            }
        }
        self.weigh();
        let occasion = documents.first().map(|document| document.document.to_string()).unwrap_or_default();
        if first {
            self.letter(Subject::DossierOpened, Recipient::Bank, "1");
        }
        if self.dossier.step != Step::Forms {
            self.declare_changes();
            return;
        }
        match self.dossier.outcome(self.terms) {
            Outcome::Complete => self.send(&occasion),
            Outcome::Rejected => self.ask_for_corrections(&occasion),
            Outcome::Incomplete if self.only_documents_lack() => {
                if !first {
                    self.letter(Subject::FormsReceived, Recipient::Bank, &occasion);
                }
                self.letter(Subject::FormsReceived, Recipient::Merchant, &occasion);
            }
            Outcome::Incomplete => self.ask_for_corrections(&occasion),
            Outcome::InDoubt => {
                if !first {
                    self.letter(Subject::FormsReceived, Recipient::Bank, &occasion);
                }
            }
        }
    }

    /// Takes a document in: the newest of a kind is in force, with what was noted about its file.
    pub(super) fn hold(&mut self, document: &Examined) {
        let kinds: Vec<Kind> = document.extractions.iter().map(|extraction| extraction.kind).collect();
        for held in &mut self.dossier.documents {
            // Blank and foreign documents are superseded by whatever comes next: they never counted.
            let replaced = held.kinds.iter().all(|kind| kinds.contains(kind));
            if !kinds.is_empty() && replaced {
                held.superseded = true;
            }
        }
        let superseded: Vec<_> =
            self.dossier.documents.iter().filter(|held| held.superseded).map(|held| held.document).collect();
        self.dossier.noted.retain(|(document, _)| !superseded.contains(document));
        for extraction in &document.extractions {
            match extraction.kind {
                Kind::Adhesion => put_in_force(&mut self.dossier.adhesion, extraction),
                Kind::FicheTechnique => put_in_force(&mut self.dossier.fiche, extraction),
                _ => {}
            }
        }
        self.dossier.noted.extend(document.findings.iter().map(|finding| (document.document, finding.clone())));
        self.dossier.documents.push(Held {
            document: document.document,
            name: document.name.clone(),
            sha256: Some(document.sha256),
            kinds,
            received: self.now,
            superseded: false,
        });
    }

    pub(super) fn settled(
        &mut self,
        key: &FieldKey,
        kind: Kind,
        settlement: &Settlement,
        by: &str,
    ) -> Result<(), Refusal> {
        let at = self.now.to_string();
        let form = match kind {
            Kind::Adhesion => self.dossier.adhesion.as_mut(),
            Kind::FicheTechnique => self.dossier.fiche.as_mut(),
            _ => None,
        };
        settle(form.ok_or("no_such_form")?, key, settlement, by, &at)?;
        self.touched_by(by);
        self.after_a_person();
        Ok(())
    }

    pub(super) fn overridden(
        &mut self,
        (code, field, kind): (&Code, Option<&FieldKey>, Option<Kind>),
        reason: &str,
        by: &str,
    ) -> Result<(), Refusal> {
        if reason.trim().is_empty() {
            return Err("reason_needed");
        }
        let matches = |finding: &&Finding| {
            finding.code == *code
                && (field.is_none() || finding.field.as_ref() == field)
                && (kind.is_none() || finding.kind.is_none() || finding.kind == kind)
        };
        // Another value is another finding: what was said of the one before does not cover it.
        let found: Vec<Finding> = self.dossier.standing().filter(matches).cloned().collect();
        if found.is_empty() {
            let overridden_already = self.dossier.findings.iter().any(|finding| matches(&finding));
            return if overridden_already { Ok(()) } else { Err("no_such_finding") };
        }
        // What is missing is given, what is in doubt is settled: only a judgement can be set aside.
        let is_judgement = |finding: &Finding| match finding.severity {
            Severity::Incomplete | Severity::Doubt => finding.code.as_str() == "other_bank",
            Severity::Reject | Severity::Warning | Severity::Info => true,
        };
        if !found.iter().all(is_judgement) {
            return Err("not_overridable");
        }
        self.dossier.overridden.extend(found.into_iter().map(|finding| Overridden {
            finding,
            reason: reason.to_owned(),
            by: by.to_owned(),
            at: self.now,
        }));
        self.touched_by(by);
        self.after_a_person();
        Ok(())
    }

    /// What the bank or the operator gives after the deposit: affiliation and terminal numbers, the merchant's language.
    pub(super) fn completed(&mut self, key: &FieldKey, value: &Value, by: &str) -> Result<(), Refusal> {
        if key.as_str() == "langue" {
            self.dossier.language = match value.as_text() {
                Some("fr") => crate::domain::notification::Language::Fr,
                Some("ar") => crate::domain::notification::Language::Ar,
                Some("en") => crate::domain::notification::Language::En,
                _ => return Err("unknown_language"),
            };
            return Ok(());
        }
        if !is_well_formed(key.as_str(), value)? {
            return Err("malformed_value");
        }
        if self.dossier.allocated.get(key.as_str()) == Some(value) {
            return Ok(());
        }
        self.dossier.allocated.insert(key.to_string(), value.clone());
        self.touched_by(by);
        self.after_a_person();
        Ok(())
    }

    /// A person has changed something: weigh again, go on where the way is now free, and answer anew.
    pub(super) fn after_a_person(&mut self) {
        self.weigh();
        let documents: Vec<_> =
            self.dossier.documents.iter().filter(|held| !held.superseded).map(|held| held.document).collect();
        for document in documents {
            self.answer(document);
        }
        if self.dossier.step != Step::Forms {
            self.declare_changes();
        } else if self.dossier.outcome(self.terms) == Outcome::Complete {
            self.send(&format!("settled-{}", self.now.as_millisecond()));
        }
    }

    /// Works the findings out anew from the forms in force.
    pub(super) fn weigh(&mut self) {
        let counsel = self.terms.counsel;
        let mut findings: Vec<Finding> = self.dossier.noted.iter().map(|(_, finding)| finding.clone()).collect();
        for form in [&self.dossier.adhesion, &self.dossier.fiche].into_iter().flatten() {
            findings.extend(counsel.examine(form, self.terms.today));
        }
        match (&self.dossier.adhesion, &self.dossier.fiche) {
            (Some(adhesion), Some(fiche)) => findings.extend(counsel.compare(adhesion, fiche)),
            (adhesion, _) => {
                let lacking = if adhesion.is_none() { Kind::Adhesion } else { Kind::FicheTechnique };
                findings.push(counsel.finding("missing_document").in_kind(lacking).with("document", lacking.as_str()));
            }
        }
        findings.extend(self.other_bank());
        // What the bank has given since stands above the form.
        let given = |finding: &Finding| {
            finding.field.as_ref().is_some_and(|key| self.dossier.allocated.contains_key(key.as_str()))
        };
        findings.retain(|finding| !given(finding));
        self.dossier.findings = findings;
    }

    /// The folder tells the sender; a form that names another bank is held and shown.
    fn other_bank(&self) -> Option<Finding> {
        let bank = self.terms.bank?;
        let form = self.dossier.adhesion.as_ref().or(self.dossier.fiche.as_ref())?;
        let named = self.terms.counsel.bank_named(form).filter(|code| *code != bank.code)?;
        let finding = self.terms.counsel.finding("other_bank").in_kind(form.kind);
        Some(finding.with("value", named).with("expected", bank.code.clone()))
    }

    /// Nothing that is known is to be corrected; what a person looks at first is not known yet.
    fn only_documents_lack(&self) -> bool {
        let mut known = self.dossier.standing().filter(|finding| finding.blocks() && !finding.is_unsure());
        known.all(|finding| finding.code.as_str() == "missing_document")
    }

    fn ask_for_corrections(&mut self, occasion: &str) {
        self.letter(Subject::FormsToCorrect, Recipient::Bank, occasion);
        if self.terms.bank.is_none_or(|bank| bank.merchant_copies) {
            self.letter(Subject::FormsToCorrect, Recipient::Merchant, occasion);
        }
    }

    /// Step 4, then 5: both forms are right; Monétique-Tunisie gets them and the test declaration.
    pub(super) fn send(&mut self, occasion: &str) {
        self.reach(Step::TestDeclaration);
        self.letter(Subject::DossierSent, Recipient::Bank, occasion);
        self.letter(Subject::DossierSent, Recipient::Merchant, occasion);
        self.declare_new(FileType::Dts);
    }

    pub(super) fn answer(&mut self, document: crate::domain::document::DocumentId) {
        let answer = Answer { document, folder: self.dossier.bank.clone() };
        self.effects.push(Effect::Answer(answer));
    }
}

/// As wide as the declaration format's zones: ten characters for the affiliation, eight for the terminal, twenty for the login, four
/// digits for the category. Other values are corrected on the forms.
fn is_well_formed(key: &str, value: &Value) -> Result<bool, Refusal> {
    let short = |most: usize| {
        let text = value.as_text().unwrap_or_default();
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    match key {
        "numero_affiliation" => Ok(short(10)),
        "numero_terminal" => Ok(short(8)),
        "identifiant_sps" => Ok(short(20)),
        "code_mcc" => {
            Ok(value.as_text().is_some_and(|text| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())))
        }
        "utilisateurs" => Ok(matches!(value, Value::Rows(rows) if !rows.is_empty())),
        _ => Err("not_givable"),
    }
}

/// A new version replaces the old one; what a person has confirmed stays confirmed where it says the same.
fn put_in_force(slot: &mut Option<Extraction>, new: &Extraction) {
    let mut new = new.clone();
    for (key, field) in &mut new.fields {
        let before = slot.as_ref().and_then(|old| old.fields.get(key));
        if let Some(before) = before.filter(|before| before.value == field.value)
            && matches!(before.trust, Trust::Settled { .. })
        {
            field.trust = before.trust.clone();
            field.changes.clone_from(&before.changes);
        }
    }
    *slot = Some(new);
}

/// A person's word on one field.
fn settle(form: &mut Extraction, key: &FieldKey, settlement: &Settlement, by: &str, at: &str) -> Result<(), Refusal> {
    let change = |before: Option<Value>| Change { by: by.to_owned(), at: at.to_owned(), before };
    match settlement {
        Settlement::Accept => {
            let field = form.fields.get_mut(key).ok_or("no_such_value")?;
            field.changes.push(change(Some(field.value.clone())));
            accept(field, by);
        }
        Settlement::Value(value) => {
            let before = form.fields.get(key);
            let mut changes = before.map(|field| field.changes.clone()).unwrap_or_default();
            changes.push(change(before.map(|field| field.value.clone())));
            let (label, place) = match before {
                Some(field) => (field.label.clone(), field.place.clone()),
                None => form
                    .gaps
                    .iter()
                    .find(|gap| gap.key == *key)
                    .map_or((None, None), |gap| (gap.label.clone(), gap.place.clone())),
            };
            let field = Field {
                key: key.clone(),
                raw: value.shown(),
                value: value.clone(),
                place,
                label,
                method: Method::Person,
                confidence: 1.0,
                trust: Trust::Settled { by: by.to_owned() },
                changes,
            };
            form.fields.insert(key.clone(), field);
            form.gaps.retain(|gap| gap.key != *key);
        }
        Settlement::Absent => {
            form.fields.remove(key);
            form.gaps.retain(|gap| gap.key != *key);
            form.gaps.push(crate::domain::field::Gap {
                key: key.clone(),
                absence: crate::domain::field::Absence::Blank,
                label: None,
                place: None,
            });
        }
    }
    Ok(())
}

fn accept(field: &mut Field, by: &str) {
    // Digits that a spreadsheet has lost are not brought back by saying yes.
    if matches!(&field.trust, Trust::Doubtful(doubts) if doubts.contains(&Doubt::PrecisionLost)) {
        return;
    }
    field.trust = Trust::Settled { by: by.to_owned() };
    if let Value::Rows(rows) = &mut field.value {
        for cell in rows.iter_mut().flatten() {
            cell.trust = Trust::Settled { by: by.to_owned() };
        }
    }
}
