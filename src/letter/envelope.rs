//! The message around a letter: addresses, Message-ID, date, and two parts of which the reader's program shows one.

use jiff::Timestamp;
use lettre::Message;
use lettre::message::{Mailbox, MultiPart, SinglePart};

use super::{Letter, Sender, Told, Unwritten};
use crate::domain::document::Sha256;
use crate::domain::notification::Notification;

/// Longest address that may be written to (RFC 5321, 4.5.3.1.3).
const LONGEST_ADDRESS: usize = 254;

pub(super) fn seal(
    sender: &Sender,
    notification: &Notification,
    told: &Told,
    at: Timestamp,
) -> Result<Letter, Unwritten> {
    let message_id = message_id(notification, &sender.domain);
    let mut builder = Message::builder()
        .from(mailbox(&sender.from)?)
        .subject(told.subject.clone())
        .message_id(Some(message_id.clone()))
        .date(at.into());
    if let Some(reply_to) = &sender.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    let mut to = Vec::new();
    for address in &notification.addresses {
        builder = builder.to(mailbox(address)?);
        to.push(address.clone());
    }
    for address in &notification.copies {
        builder = builder.cc(mailbox(address)?);
        to.push(address.clone());
    }
    if notification.addresses.is_empty() {
        return Err(Unwritten::Nobody);
    }
    // A fixed boundary: the same letter has the same bytes.
    let boundary = Sha256::of(message_id.as_bytes()).to_string();
    let parts = MultiPart::alternative()
        .boundary(boundary)
        .singlepart(SinglePart::plain(told.text.clone()))
        .singlepart(SinglePart::html(told.html.clone()));
    let message = builder.multipart(parts).map_err(Unwritten::Message)?;
    Ok(Letter { message_id, to, message: message.formatted() })
}

/// Made from dossier, subject, recipient and occasion, so that a letter sent twice is recognised as one. The occasion may
/// hold a document's or a report's name, and is shown as its hash.
fn message_id(notification: &Notification, domain: &str) -> String {
    let to = serde_json::to_string(&notification.to).unwrap_or_default();
    let occasion = Sha256::of(format!("{to} {}", notification.occasion).as_bytes()).to_string();
    let subject = notification.subject.as_str().replace('_', "-");
    format!("<{}.{subject}.{}@{domain}>", notification.dossier, &occasion[..16])
}

/// Refuses what could end a header and begin another before the mail library is asked.
fn mailbox(address: &str) -> Result<Mailbox, Unwritten> {
    let refused = || Unwritten::Address(address.chars().take(80).collect());
    if address.len() > LONGEST_ADDRESS + 100 || address.chars().any(char::is_control) {
        return Err(refused());
    }
    address.parse().map_err(|_| refused())
}
