//! The message around a letter: addresses, Message-ID, date, and two parts of which the reader's program shows one.

use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Attachment as Part, Mailbox, MultiPart, SinglePart};

use super::{Attached, Letter, Matter, Sender, Told, Unwritten};
use crate::domain::document::Sha256;
use crate::domain::notification::Notification;

/// Longest address that may be written to (RFC 5321, 4.5.3.1.3).
const LONGEST_ADDRESS: usize = 254;

pub(super) fn seal(
    sender: &Sender,
    notification: &Notification,
    told: &Told,
    matter: &Matter<'_>,
) -> Result<Letter, Unwritten> {
    let message_id = message_id(notification, &sender.domain);
    let mut builder = Message::builder()
        .from(mailbox(&sender.from)?)
        .subject(told.subject.clone())
        .message_id(Some(message_id.clone()))
        .date(matter.at.into());
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
        .boundary(&boundary)
        .singlepart(SinglePart::plain(told.text.clone()))
        .singlepart(SinglePart::html(told.html.clone()));
    let parts = if matter.attachments.is_empty() {
        parts
    } else {
        let mixed = MultiPart::mixed().boundary(format!("{boundary}-m")).multipart(parts);
        matter.attachments.iter().fold(mixed, |mixed, attached| {
            let kind = match attached.kind {
                Attached::Pdf => "application/pdf",
                Attached::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            };
            let kind = ContentType::parse(kind).expect("both are content types");
            mixed.singlepart(Part::new(attached.name.clone()).body(attached.bytes.clone(), kind))
        })
    };
    let message = builder.multipart(parts).map_err(Unwritten::Message)?;
    Ok(Letter { message_id, to, message: message.formatted() })
}

/// Made from dossier, subject, recipient and occasion, so that a letter sent twice is recognised as one. The occasion may
/// hold a document's or a report's name, and is shown as its hash.
fn message_id(notification: &Notification, domain: &str) -> String {
    let to = serde_json::to_string(&notification.to).unwrap_or_default();
    let occasion = Sha256::of(format!("{to} {}", notification.occasion).as_bytes()).to_string();
    let subject = notification.subject.as_str().replace('_', "-");
    let about = notification.dossier.as_ref().map_or("guichet", |dossier| dossier.as_str());
    format!("<{about}.{subject}.{}@{domain}>", &occasion[..16])
}

/// Refuses what could end a header and begin another before the mail library is asked.
fn mailbox(address: &str) -> Result<Mailbox, Unwritten> {
    let refused = || Unwritten::Address(address.chars().take(80).collect());
    if address.len() > LONGEST_ADDRESS + 100 || address.chars().any(char::is_control) {
        return Err(refused());
    }
    address.parse().map_err(|_| refused())
}
