//! What became of letters, recipient by recipient.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::SqlitePool;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use super::{errands, journal, millis, rows};
use crate::domain::dossier::DossierRef;
use crate::store::{Delivery, ErrandKind, Recipient, StoreError};

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

/// Letters kept from some of their recipients: their errands are live again, for those recipients alone.
pub(super) async fn send_kept(
    tx: &mut SqliteConnection,
    dossier: Option<&DossierRef>,
    by: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let kept = sqlx::query(
        "SELECT DISTINCT letter.message_id, letter.dossier FROM recipient JOIN letter ON letter.message_id = recipient.letter
         WHERE recipient.delivery = 'held' AND ($1 = '' OR letter.dossier = $1) ORDER BY letter.written, letter.message_id",
    )
    .bind(dossier.map_or("", DossierRef::as_str))
    .fetch_all(&mut *tx)
    .await?;
    let mut sent = 0;
    for row in &kept {
        let (letter, dossier): (String, String) = (row.try_get("message_id")?, row.try_get("dossier")?);
        // A letter still on its way is looked at once it has come to rest.
        if !errands::reopen(tx, ErrandKind::Send, &letter, now).await? {
            continue;
        }
        sqlx::query("UPDATE recipient SET delivery = 'queued', changed = $2 WHERE letter = $1 AND delivery = 'held'")
            .bind(&letter)
            .bind(millis(now))
            .execute(&mut *tx)
            .await?;
        // A letter that nobody has got yet is as it was when it was written: it needs no note of each recipient.
        let unsent = "NOT EXISTS (SELECT 1 FROM recipient WHERE letter = $1 AND delivery <> 'queued')";
        for statement in
            ["UPDATE letter SET sent = NULL WHERE message_id = $1", "DELETE FROM recipient WHERE letter = $1"]
        {
            sqlx::query(AssertSqlSafe(format!("{statement} AND {unsent}"))).bind(&letter).execute(&mut *tx).await?;
        }
        let detail = json!({ "message_id": letter });
        let document = String::new();
        let line = journal::Line { at: now, who: by, event: "kept_letter_sent", dossier: &dossier, document, detail };
        journal::append(tx, &[line]).await?;
        sent += 1;
    }
    Ok(sent)
}
