//! Effects become bytes.

use std::sync::Arc;

use jiff::Timestamp;

use crate::clock::in_tunis;
use crate::config::Config;
use crate::domain::declaration::{Declaration, Sequence, file_name};
use crate::domain::dossier::Dossier;
use crate::domain::effect::Answer;
use crate::domain::file_name;
use crate::domain::notification::Notification;
use crate::store::{Laid, Page, Scribe, Treated, Unwritable, Written};

/// The scribe of an installation.
pub fn open(config: &Config) -> anyhow::Result<Arc<dyn Scribe>> {
    Ok(Arc::new(Plain { from: config.post.from.clone() }))
}

/// Writes everything as JSON and plain text.
struct Plain {
    from: String,
}

impl Scribe for Plain {
    fn declaration(&self, declaration: &Declaration, sequence: Sequence, at: Timestamp) -> Result<Laid, Unwritable> {
        let name = file_name(declaration.file_type, &declaration.bank_code, in_tunis(at).date(), sequence);
        let bytes = serde_json::to_vec_pretty(declaration).map_err(|err| Unwritable(err.to_string()))?;
        Ok(Laid { name, bytes, beside: vec![] })
    }

    fn letter(&self, notification: &Notification, dossier: &Dossier, _at: Timestamp) -> Result<Written, Unwritable> {
        let (subject, occasion) = (notification.subject.as_str(), &notification.occasion);
        let to = format!("{:?}", notification.to).to_lowercase();
        let message_id = format!("<{}.{subject}.{to}.{occasion}@guichet>", dossier.reference);
        let message = format!(
            "From: {}\r\nTo: {}\r\nMessage-ID: {message_id}\r\nSubject: {} {subject}\r\n\r\n{subject}\r\n",
            self.from,
            notification.addresses.join(", "),
            dossier.reference
        );
        let to = notification.addresses.iter().chain(&notification.copies).cloned().collect();
        Ok(Written { message_id, to, message: message.into_bytes() })
    }

    fn answer(&self, answer: &Answer, dossier: Option<&Dossier>, document: &Treated) -> Result<Page, Unwritable> {
        let reference = dossier.map_or_else(|| answer.document.to_string(), |dossier| dossier.reference.to_string());
        let findings = dossier.map_or(&document.reading.findings, |dossier| &dossier.findings);
        let twin = serde_json::json!({ "document": answer.document, "name": document.arrival.name,
            "kind": document.reading.kind, "dossier": dossier.map(|dossier| &dossier.reference), "findings": findings });
        let name = file_name::sanitised(&document.arrival.name);
        Ok(Page { files: vec![(format!("{name}.{reference}.json"), twin.to_string().into_bytes())] })
    }
}
