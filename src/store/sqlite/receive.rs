//! Claimed files in.

use sqlx::sqlite::SqlitePool;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use super::{errands, journal, millis, rows};
use crate::domain::document::DocumentId;
use crate::store::{Arrival, ErrandKind, Received, StoreError, Stored};

pub(super) async fn receive(tx: &mut SqliteConnection, arrivals: &[Arrival]) -> Result<Vec<Received>, StoreError> {
    let mut received = Vec::with_capacity(arrivals.len());
    let mut lines = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        let first = match &arrival.refusal {
            // Nothing of it was read: it cannot repeat anything.
            Some(_) => None,
            None => first_of(tx, arrival).await?,
        };
        let bank = arrival.bank.as_ref().map_or("", |bank| bank.as_str());
        let size = i64::try_from(arrival.size).unwrap_or(i64::MAX);
        let inserted = sqlx::query(
            "INSERT INTO document (id, deposit, sha256, size, name, bank, received, refusal, repeat_of, state)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'received') ON CONFLICT (id) DO NOTHING",
        )
        .bind(arrival.document.to_string())
        .bind(arrival.deposit.to_string())
        .bind(arrival.sha256.to_string())
        .bind(size)
        .bind(&arrival.name)
        .bind(bank)
        .bind(millis(arrival.received))
        .bind(arrival.refusal.as_ref().map(crate::domain::finding::Code::as_str))
        .bind(first.map(|first| first.to_string()))
        .execute(&mut *tx)
        .await?;
        if inserted.rows_affected() == 0 {
            received.push(Received::Known);
            continue;
        }
        errands::add(tx, ErrandKind::Examine, &arrival.deposit.to_string(), "", arrival.received).await?;
        lines.push(journal::Line {
            at: arrival.received,
            who: "guichet",
            event: "received",
            dossier: "",
            document: arrival.document.to_string(),
            detail: serde_json::json!({ "sha256": arrival.sha256, "size": arrival.size, "bank": bank,
                "repeat_of": first, "refusal": arrival.refusal }),
        });
        received.push(first.map_or(Received::New, Received::Repeat));
    }
    journal::append(tx, &lines).await?;
    Ok(received)
}

/// The first document with these bytes from this bank.
async fn first_of(tx: &mut SqliteConnection, arrival: &Arrival) -> Result<Option<DocumentId>, StoreError> {
    let found = sqlx::query(
        "SELECT id FROM document WHERE sha256 = $1 AND bank = $2 AND id <> $3 AND repeat_of IS NULL AND refusal IS NULL
         AND state <> 'erased' ORDER BY received, id LIMIT 1",
    )
    .bind(arrival.sha256.to_string())
    .bind(arrival.bank.as_ref().map_or("", |bank| bank.as_str()))
    .bind(arrival.document.to_string())
    .fetch_optional(tx)
    .await?;
    found.map(|row| rows::document_id(row.try_get("id")?)).transpose()
}

/// Documents that a condition written here selects.
pub(super) async fn documents(
    pool: &SqlitePool,
    condition: &'static str,
    bound: &[&str],
) -> Result<Vec<Stored>, StoreError> {
    let text = format!("SELECT * FROM document {condition}");
    let mut query = sqlx::query(AssertSqlSafe(text));
    for value in bound {
        query = query.bind(*value);
    }
    query.fetch_all(pool).await?.iter().map(rows::stored).collect()
}
