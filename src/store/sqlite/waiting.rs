//! Declarations that have not left: held for a second person, or waiting for the batch of the day.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Row, SqliteConnection};

use super::way_out::{self, Written};
use super::{journal, millis, rows};
use crate::domain::declaration::{Declaration, Departure, FileType, Seen, Sequence};
use crate::domain::document::Sha256;
use crate::domain::dossier::DossierRef;
use crate::store::{Batch, Scribe, StoreError, Waiting, WaitingState};

/// Keeps what does not leave yet.
pub(super) async fn keep(
    tx: &mut SqliteConnection,
    declaration: &Declaration,
    outbox: &str,
    state: WaitingState,
    at: Timestamp,
) -> Result<Written, StoreError> {
    let Declaration { file_type, bank_code, dossier, .. } = declaration;
    let name = format!("{file_type}{bank_code:0>5}.{dossier}");
    sqlx::query(
        "INSERT INTO waiting (id, name, file_type, bank_code, dossier, outbox, content, state, decided)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(uuid::Uuid::now_v7().simple().to_string())
    .bind(&name)
    .bind(file_type.as_str())
    .bind(bank_code)
    .bind(dossier.as_str())
    .bind(outbox)
    .bind(serde_json::to_string(declaration)?)
    .bind(json!(state).as_str())
    .bind(millis(at))
    .execute(tx)
    .await?;
    Ok(Written::Line("kept_waiting", json!({ "file": name, "state": state })))
}

/// What waits, of one dossier or of all, oldest first.
pub(super) async fn list(pool: &SqlitePool, dossier: Option<&DossierRef>) -> Result<Vec<Waiting>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM waiting WHERE state IN ('held', 'batch') AND ($1 = '' OR dossier = $1) ORDER BY decided, id",
    )
    .bind(dossier.map_or("", DossierRef::as_str))
    .fetch_all(pool)
    .await?;
    rows.iter().map(waiting).collect()
}

/// The number the next file of this type and bank will have, as far as one can see from outside.
pub(super) async fn next_number(pool: &SqlitePool, file_type: FileType, bank: &str) -> Result<Sequence, StoreError> {
    way_out::next_sequence(&mut *pool.acquire().await?, file_type, bank).await
}

/// A second person has released what a dossier holds of a type: it leaves as it was seen, or waits for the batch.
pub(super) async fn release(
    tx: &mut SqliteConnection,
    dossier: &str,
    file_type: FileType,
    seen: Seen,
    leaves: Departure,
    scribe: &dyn Scribe,
    at: Timestamp,
) -> Result<Written, StoreError> {
    let row = sqlx::query("SELECT * FROM waiting WHERE dossier = $1 AND file_type = $2 AND state = 'held'")
        .bind(dossier)
        .bind(file_type.as_str())
        .fetch_optional(&mut *tx)
        .await?;
    let Some(held) = row.as_ref().map(waiting).transpose()? else {
        return Err(StoreError::SeenDiffers(format!("{file_type} of {dossier}")));
    };
    // A batch numbers its file when it is closed.
    let sequence = match leaves {
        Departure::Batch => Sequence(0),
        _ => way_out::next_sequence(tx, file_type, &held.declaration.bank_code).await?,
    };
    let declared = std::slice::from_ref(&held.declaration);
    let laid = scribe
        .declarations(declared, sequence, seen.at)
        .map_err(|why| StoreError::Unreadable(format!("{}: {why}", held.name)))?;
    let same_day = crate::clock::in_tunis(at).date() == crate::clock::in_tunis(seen.at).date();
    if Sha256::of(&laid.bytes) != seen.sha256 || !same_day {
        return Err(StoreError::SeenDiffers(held.name));
    }
    if leaves == Departure::Batch {
        set(tx, &held.id, WaitingState::Batch, None).await?;
        Ok(Written::Line("kept_waiting", json!({ "file": held.name, "state": WaitingState::Batch })))
    } else {
        let written = way_out::number(tx, declared, sequence, &laid, &held.outbox, at).await?;
        set(tx, &held.id, WaitingState::Left, Some(&laid.name)).await?;
        Ok(written)
    }
}

/// Drops what a dossier has waiting of a type. It had no number.
pub(super) async fn recall(
    tx: &mut SqliteConnection,
    dossier: &str,
    file_type: FileType,
) -> Result<Written, StoreError> {
    let recalled: Vec<String> = sqlx::query_scalar(
        "UPDATE waiting SET state = 'recalled' WHERE dossier = $1 AND file_type = $2 AND state IN ('held', 'batch')
         RETURNING name",
    )
    .bind(dossier)
    .bind(file_type.as_str())
    .fetch_all(tx)
    .await?;
    if recalled.is_empty() { Ok(Written::Nothing) } else { Ok(Written::Line("recalled", json!({ "files": recalled }))) }
}

/// Puts what the batch's dossiers have waiting into one file, under the next number.
pub(super) async fn close(
    tx: &mut SqliteConnection,
    batch: &Batch,
    scribe: &dyn Scribe,
    at: Timestamp,
    by: &str,
) -> Result<(), StoreError> {
    let mut waiting_here = Vec::with_capacity(batch.dossiers.len());
    for dossier in &batch.dossiers {
        let row = sqlx::query(
            "SELECT * FROM waiting WHERE dossier = $1 AND file_type = $2 AND bank_code = $3 AND state = 'batch'",
        )
        .bind(dossier.as_str())
        .bind(batch.file_type.as_str())
        .bind(&batch.bank_code)
        .fetch_one(&mut *tx)
        .await?;
        waiting_here.push(waiting(&row)?);
    }
    let Some(outbox) = waiting_here.first().map(|first| first.outbox.clone()) else { return Ok(()) };
    let declared: Vec<Declaration> = waiting_here.iter().map(|one| one.declaration.clone()).collect();
    let sequence = way_out::next_sequence(tx, batch.file_type, &batch.bank_code).await?;
    let laid = scribe
        .declarations(&declared, sequence, at)
        .map_err(|why| StoreError::Unreadable(format!("batch of {} files: {why}", declared.len())))?;
    way_out::number(tx, &declared, sequence, &laid, &outbox, at).await?;
    for one in &waiting_here {
        set(tx, &one.id, WaitingState::Left, Some(&laid.name)).await?;
        let detail = json!({ "file": laid.name, "with": declared.len() });
        let dossier = one.declaration.dossier.as_str();
        let line = journal::Line { at, who: by, event: "numbered", dossier, document: String::new(), detail };
        journal::append(tx, &[line]).await?;
    }
    Ok(())
}

async fn set(tx: &mut SqliteConnection, id: &str, state: WaitingState, file: Option<&str>) -> Result<(), StoreError> {
    sqlx::query("UPDATE waiting SET state = $2, file = $3 WHERE id = $1")
        .bind(id)
        .bind(json!(state).as_str())
        .bind(file)
        .execute(tx)
        .await?;
    Ok(())
}

fn waiting(row: &SqliteRow) -> Result<Waiting, StoreError> {
    Ok(Waiting {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        outbox: row.try_get("outbox")?,
        state: rows::word(row.try_get("state")?)?,
        decided: rows::at(row, "decided")?,
        declaration: serde_json::from_str(row.try_get("content")?)?,
    })
}
