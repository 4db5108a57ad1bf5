//! Who is written to. The bank's addresses come from the configuration, the merchant's only from values that are firm.

use super::Deciding;
use crate::domain::effect::Effect;
use crate::domain::field::{Extraction, Value};
use crate::domain::notification::{Language, Notification, Recipient, Subject};
use crate::domain::values::Email;

impl Deciding<'_> {
    /// One letter, unless nobody can be written to: then the requirement list says which address is wanting.
    pub(super) fn letter(&mut self, subject: Subject, to: Recipient, occasion: &str) {
        let dossier = &self.dossier;
        let bank = self.terms.bank;
        let mailboxes = || bank.map(|bank| bank.mailboxes.clone()).unwrap_or_default();
        let monetique = || bank.map(|bank| bank.monetique.clone()).unwrap_or_default();
        let merchant = || firm_addresses(dossier.adhesion.as_ref(), &["email"]);
        let contact = || firm_addresses(dossier.adhesion.as_ref(), &["contact_email"]);
        let webmaster = || firm_addresses(dossier.fiche.as_ref(), &["contact_technique_email"]);
        let (addresses, copies) = match to {
            Recipient::Merchant if matches!(subject, Subject::TestsFailed | Subject::TestsReminder) => {
                ([merchant(), webmaster()].concat(), mailboxes())
            }
            Recipient::Merchant if subject == Subject::ProductionDone => {
                (merchant(), [contact(), monetique()].concat())
            }
            Recipient::Merchant => (merchant(), contact()),
            Recipient::Bank if subject == Subject::TestsPassed => (mailboxes(), [monetique(), merchant()].concat()),
            Recipient::Bank => (mailboxes(), monetique()),
            Recipient::Webmaster => ([webmaster(), merchant()].concat(), mailboxes()),
            Recipient::Monetique => (self.terms.monetique.to_vec(), Vec::new()),
            Recipient::Operations => (self.terms.operations.to_vec(), Vec::new()),
            Recipient::User => (user_addresses(dossier.adhesion.as_ref()), merchant()),
        };
        let addresses = unique(addresses, &[]);
        if addresses.is_empty() {
            return;
        }
        let copies = unique(copies, &addresses);
        let language = match to {
            Recipient::Merchant | Recipient::Webmaster | Recipient::User => dossier.language,
            _ => Language::Fr,
        };
        let notification = Notification {
            subject,
            dossier: dossier.reference.clone(),
            to,
            addresses,
            copies,
            language,
            occasion: occasion.to_owned(),
        };
        self.effects.push(Effect::Send(Box::new(notification)));
    }
}

fn firm_addresses(form: Option<&Extraction>, keys: &[&str]) -> Vec<String> {
    let fields = keys.iter().filter_map(|key| form?.fields.get(&(*key).into()));
    fields
        .filter(|field| field.trust.is_firm())
        .filter_map(|field| Email::parse(field.value.as_text()?).ok())
        .map(|email| email.to_string())
        .collect()
}

fn user_addresses(form: Option<&Extraction>) -> Vec<String> {
    let Some(Value::Rows(rows)) = form.and_then(|form| form.value("utilisateurs")) else { return Vec::new() };
    rows.iter()
        .flatten()
        .filter(|cell| cell.key.as_str().ends_with("email") && cell.trust.is_firm())
        .filter_map(|cell| Email::parse(cell.value.as_text()?).ok())
        .map(|email| email.to_string())
        .collect()
}

/// Each address once, without those already written to.
fn unique(addresses: Vec<String>, without: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(addresses.len());
    for address in addresses {
        let known = |other: &String| other.eq_ignore_ascii_case(&address);
        if !kept.iter().any(known) && !without.iter().any(known) {
            kept.push(address);
        }
    }
    kept
}
