//! Who is written to. The bank's addresses come from the configuration, the merchant's only from values that are firm.

use super::Deciding;
use crate::domain::dossier::{Dossier, Unreached};
use crate::domain::effect::Effect;
use crate::domain::field::Extraction;
use crate::domain::notification::{Language, Notification, Recipient, Subject};
use crate::domain::values::Email;

impl Deciding<'_> {
    /// One letter, unless nobody can be written to: then the requirement list says which address is wanting.
    pub(super) fn letter(&mut self, subject: Subject, to: Recipient, occasion: &str) {
        let dossier = &self.dossier;
        let bank = self.terms.bank;
        let mailboxes = || bank.map(|bank| bank.mailboxes.clone()).unwrap_or_default();
        let monetique = || bank.map(|bank| bank.monetique.clone()).unwrap_or_default();
        let merchant = || dossier.merchant_addresses();
        let contact = || firm_addresses(dossier.adhesion.as_ref(), &["contact_email"]);
        let webmaster = || dossier.webmaster_addresses();
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
            Recipient::User => (dossier.user_addresses(), merchant()),
        };
        let addresses = unique(addresses, &[]);
        if addresses.is_empty() {
            return;
        }
        let copies = unique(copies, &addresses);
        // A user is written to alone: the letter holds the login, and the others' addresses are nobody's business.
        if to == Recipient::User && addresses.len() > 1 {
            for (number, address) in addresses.into_iter().enumerate() {
                self.post(subject, to, &format!("user-{}-{occasion}", number + 1), vec![address], copies.clone());
            }
            return;
        }
        self.post(subject, to, occasion, addresses, copies);
    }

    fn post(&mut self, subject: Subject, to: Recipient, occasion: &str, addresses: Vec<String>, copies: Vec<String>) {
        let dossier = &self.dossier;
        let language = match to {
            Recipient::Merchant | Recipient::Webmaster | Recipient::User => dossier.language,
            _ => Language::Fr,
        };
        let notification = Notification {
            subject,
            dossier: Some(dossier.reference.clone()),
            to,
            addresses,
            copies,
            language,
            occasion: occasion.to_owned(),
            documents: Vec::new(),
        };
        self.effects.push(Effect::Send(Box::new(notification)));
    }
}

impl Deciding<'_> {
    /// Remembers which addresses letters do not reach; one that takes them again is forgotten.
    pub(super) fn posted(&mut self, delivered: &[String], refused: &[(String, String)]) {
        let now = self.now;
        self.dossier.unreached.retain(|known| !delivered.contains(&known.address));
        for (address, why) in refused {
            self.dossier.unreached.retain(|known| known.address != *address);
            self.dossier.unreached.push(Unreached { address: address.clone(), why: why.clone(), at: now });
        }
    }
}

impl Dossier {
    /// Where the merchant is written to: firm values only.
    pub(in crate::domain) fn merchant_addresses(&self) -> Vec<String> {
        firm_addresses(self.adhesion.as_ref(), &["email"])
    }

    pub(in crate::domain) fn webmaster_addresses(&self) -> Vec<String> {
        firm_addresses(self.fiche.as_ref(), &["contact_technique_email"])
    }

    /// The consultation users, as the bank gave them since, else as printed on the form.
    pub(in crate::domain) fn user_addresses(&self) -> Vec<String> {
        let cells = self.users().iter().flatten();
        cells
            .filter(|cell| cell.key.as_str().ends_with("email") && cell.trust.is_firm())
            .filter_map(|cell| Email::parse(cell.value.as_text()?).ok())
            .map(|email| email.to_string())
            .collect()
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
