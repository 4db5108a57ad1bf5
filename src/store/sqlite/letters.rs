//! What became of letters, recipient by recipient.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::SqlitePool;
use sqlx::{Row, SqliteConnection};

use super::{journal, millis, rows};
use crate::store::{Delivery, Recipient, StoreError};

pub(super) async fn recipients(pool: &SqlitePool, message_id: &str) -> Result<Vec<Recipient>, StoreError> {
    let Some(row) = sqlx::query("SELECT recipients, sent FROM letter WHERE message_id = $1")
        .bind(message_id)
        .fetch_optional(pool)
        .await?
    else {
        return Ok(Vec::new());
    };
    let addresses: Vec<String> = serde_json::from_str(row.try_get("recipients")?)?;
    let sent: Option<i64> = row.try_get("sent")?;
    of(pool, message_id, addresses, sent.is_some()).await
}

/// The recipients of a letter in their order. Of whom nothing is noted, it was sent when the letter was, else it waits.
pub(super) async fn of(
    pool: &SqlitePool,
    message_id: &str,
    addresses: Vec<String>,
    sent: bool,
) -> Result<Vec<Recipient>, StoreError> {
    let known = sqlx::query("SELECT * FROM recipient WHERE letter = $1").bind(message_id).fetch_all(pool).await?;
    let mut recipients = Vec::with_capacity(addresses.len());
    for address in addresses {
        let delivery = if sent { Delivery::Sent } else { Delivery::Queued };
        let mut recipient = Recipient { address, delivery, detail: String::new() };
        for row in &known {
            if row.try_get::<&str, _>("address")? == recipient.address {
                recipient.delivery = rows::word(row.try_get("delivery")?)?;
                recipient.detail = row.try_get("detail")?;
            }
        }
        recipients.push(recipient);
    }
    Ok(recipients)
}

pub(super) async fn delivered(
    tx: &mut SqliteConnection,
    message_id: &str,
    recipients: &[Recipient],
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT dossier FROM letter WHERE message_id = $1")
        .bind(message_id)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| StoreError::Unreadable(format!("letter {message_id} is not there")))?;
    let dossier: String = row.try_get("dossier")?;
    let mut refused = Vec::new();
    for Recipient { address, delivery, detail } in recipients {
        sqlx::query(
            "INSERT INTO recipient (letter, address, delivery, detail, changed) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (letter, address) DO UPDATE SET delivery = excluded.delivery, detail = excluded.detail,
                 changed = excluded.changed",
        )
        .bind(message_id)
        .bind(address)
        .bind(json!(delivery).as_str())
        .bind(detail)
        .bind(millis(now))
        .execute(&mut *tx)
        .await?;
        if *delivery == Delivery::Refused {
            refused.push(detail);
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    // Addresses are personal: the journal says how many and why.
    let line = journal::Line {
        at: now,
        who: "guichet",
        event: "letter_refused",
        dossier: &dossier,
        document: String::new(),
        detail: json!({ "message_id": message_id, "recipients": refused.len(), "reasons": refused }),
    };
    journal::append(tx, &[line]).await
}
