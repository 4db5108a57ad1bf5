//! The journal: rows appended, each chained to the one before.
//!
//! A row's hash covers the hash of the previous row and its own content, so that a row changed, dropped or slipped in later breaks the
//! chain at that place. Rows name identifiers, never people's data: they outlive the documents.

use jiff::Timestamp;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Row, SqliteConnection};

use super::{millis, rows};
use crate::domain::document::Sha256;
use crate::domain::dossier::DossierRef;
use crate::store::{JournalLine, StoreError};

/// A line to append.
pub(super) struct Line<'a> {
    pub(super) at: Timestamp,
    pub(super) who: &'a str,
    pub(super) event: &'a str,
    pub(super) dossier: &'a str,
    pub(super) document: String,
    pub(super) detail: serde_json::Value,
}

/// The event of a row that tells what was erased, and the key under which it tells where the journal was cut.
pub(super) const PURGED: &str = "purged";
pub(super) const CUT: &str = "journal";

/// Hash before the first row.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(super) async fn append(tx: &mut SqliteConnection, lines: &[Line<'_>]) -> Result<(), StoreError> {
    if lines.is_empty() {
        return Ok(());
    }
    let (mut number, mut previous) = match sqlx::query("SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1")
        .fetch_optional(&mut *tx)
        .await?
    {
        Some(row) => (row.try_get::<i64, _>("number")?, row.try_get::<String, _>("hash")?),
        None => (0, BEGINNING.to_owned()),
    };
    for line in lines {
        number += 1;
        let detail = line.detail.to_string();
        let content =
            [&millis(line.at).to_string(), line.who, line.event, line.dossier, line.document.as_str(), detail.as_str()];
        let hash = chained(&previous, number, &content);
        sqlx::query(
            "INSERT INTO journal (number, at, who, event, dossier, document, detail, previous, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(number)
        .bind(millis(line.at))
        .bind(line.who)
        .bind(line.event)
        .bind(line.dossier)
        .bind(&line.document)
        .bind(&detail)
        .bind(&previous)
        .bind(&hash)
        .execute(&mut *tx)
        .await?;
        previous = hash;
    }
    Ok(())
}

/// Lengths stand before the parts, so that no two rows can spell the same text.
fn chained(previous: &str, number: i64, content: &[&str]) -> String {
    let mut text = format!("{previous}\n{number}\n");
    for part in content {
        text.push_str(&format!("{}:{part}\n", part.len()));
    }
    Sha256::of(text.as_bytes()).to_string()
}

pub(super) async fn lines(pool: &SqlitePool, dossier: Option<&DossierRef>) -> Result<Vec<JournalLine>, StoreError> {
    let rows = match dossier {
        Some(dossier) => {
            sqlx::query("SELECT * FROM journal WHERE dossier = $1 ORDER BY number")
                .bind(dossier.as_str())
                .fetch_all(pool)
                .await?
        }
        None => sqlx::query("SELECT * FROM journal ORDER BY number").fetch_all(pool).await?,
    };
    rows.iter().map(line).collect()
}

pub(super) async fn page(pool: &SqlitePool, from: i64, most: i64) -> Result<Vec<JournalLine>, StoreError> {
    let sql = "SELECT * FROM journal WHERE number >= $1 ORDER BY number LIMIT $2";
    let rows = sqlx::query(sql).bind(from).bind(most).fetch_all(pool).await?;
    rows.iter().map(line).collect()
}

fn line(row: &SqliteRow) -> Result<JournalLine, StoreError> {
    Ok(JournalLine {
        number: row.try_get("number")?,
        at: rows::at(row, "at")?,
        who: row.try_get("who")?,
        event: row.try_get("event")?,
        dossier: row.try_get("dossier")?,
        document: row.try_get("document")?,
        detail: serde_json::from_str(row.try_get("detail")?)?,
        hash: row.try_get("hash")?,
    })
}

pub(super) async fn head(pool: &SqlitePool) -> Result<Option<(i64, String)>, StoreError> {
    let row = sqlx::query("SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1").fetch_optional(pool).await?;
    row.map(|row| Ok((row.try_get("number")?, row.try_get("hash")?))).transpose()
}

/// Every place where the chain is broken. A journal whose beginning was cut off at the end of its time starts at the anchor that a
/// later row of it names; another beginning is a break.
pub(super) async fn verify(pool: &SqlitePool) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    let (mut number, mut previous) = (0_i64, BEGINNING.to_owned());
    let mut missing: Option<(i64, String)> = None;
    loop {
        let rows = sqlx::query("SELECT * FROM journal WHERE number > $1 ORDER BY number LIMIT 1000")
            .bind(number)
            .fetch_all(pool)
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let found: i64 = row.try_get("number")?;
            let millis: i64 = row.try_get("at")?;
            let millis = millis.to_string();
            let content = [
                millis.as_str(),
                row.try_get("who")?,
                row.try_get("event")?,
                row.try_get("dossier")?,
                row.try_get("document")?,
                row.try_get("detail")?,
            ];
            let hash: String = row.try_get("hash")?;
            let before: String = row.try_get("previous")?;
            if number == 0 && found > 1 {
                missing = Some((found - 1, before.clone()));
                (number, previous) = (found - 1, before.clone());
            }
            if found != number + 1 || before != previous {
                faults.push(format!("journal: the chain is broken before row {found}"));
            } else if chained(&previous, found, &content) != hash {
                faults.push(format!("journal: row {found} was changed"));
            } else if let Some((through, anchor)) = &missing
                && content[2] == PURGED
                && cut_at(content[5]) == Some((*through, anchor.clone()))
            {
                missing = None;
            }
            (number, previous) = (found, hash);
        }
    }
    if let Some((through, _)) = missing {
        faults.push(format!("journal: rows 1 to {through} are missing and no row says why"));
    }
    Ok(faults)
}

fn cut_at(detail: &str) -> Option<(i64, String)> {
    let detail: serde_json::Value = serde_json::from_str(detail).ok()?;
    let cut = detail.get(CUT)?;
    Some((cut["through"].as_i64()?, cut["hash"].as_str()?.to_owned()))
}

/// Number and hash of one row.
pub(super) async fn hash_of(pool: &SqlitePool, number: i64) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar("SELECT hash FROM journal WHERE number = $1").bind(number).fetch_optional(pool).await?)
}

pub(super) async fn first(pool: &SqlitePool) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar("SELECT number FROM journal ORDER BY number LIMIT 1").fetch_optional(pool).await?)
}

/// What every row of one event tells, oldest first.
pub(super) async fn details(pool: &SqlitePool, event: &str) -> Result<Vec<serde_json::Value>, StoreError> {
    let found = sqlx::query_scalar::<_, String>("SELECT detail FROM journal WHERE event = $1 ORDER BY number")
        .bind(event)
        .fetch_all(pool)
        .await?;
    found.iter().map(|detail| Ok(serde_json::from_str(detail)?)).collect()
}
