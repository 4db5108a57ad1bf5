//! Lists and counts for people, and what the database finds wrong with itself.

use std::collections::BTreeMap;

use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Row};

use super::{journal, letters, rows};
use crate::domain::document::Sha256;
use crate::domain::dossier::DossierRef;
use crate::store::{AnswerLine, DeclarationLine, DossierLine, ErrandLine, LetterLine, Overview, StoreError};

pub(super) async fn overview(pool: &SqlitePool) -> Result<Overview, StoreError> {
    Ok(Overview {
        documents: counts(pool, "SELECT state AS name, COUNT(*) AS number FROM document GROUP BY state").await?,
        dossiers: counts(pool, "SELECT step AS name, COUNT(*) AS number FROM dossier GROUP BY step").await?,
        declarations: counts(pool, "SELECT state AS name, COUNT(*) AS number FROM (SELECT state FROM declaration
             UNION ALL SELECT state FROM waiting WHERE state IN ('held', 'batch')) AS all_of_them GROUP BY state").await?,
        letters: counts(pool, "SELECT state AS name, COUNT(*) AS number FROM letter GROUP BY state").await?,
        errands: counts(
            pool,
            "SELECT kind || ' ' || state AS name, COUNT(*) AS number FROM errand WHERE state <> 'done' GROUP BY kind, state",
        )
        .await?,
    })
}

async fn counts(pool: &SqlitePool, sql: &'static str) -> Result<BTreeMap<String, u64>, StoreError> {
    let rows = sqlx::query(sql).fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            let number: i64 = row.try_get("number")?;
            Ok((row.try_get("name")?, number.unsigned_abs()))
        })
        .collect()
}

pub(super) async fn dossiers(pool: &SqlitePool, most: usize) -> Result<Vec<DossierLine>, StoreError> {
    let rows =
        sqlx::query("SELECT reference, bank, step, since FROM dossier ORDER BY since DESC, reference DESC LIMIT $1")
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(pool)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(DossierLine {
                reference: rows::reference(row.try_get("reference")?)?,
                bank: row.try_get("bank")?,
                step: row.try_get("step")?,
                since: rows::at(row, "since")?,
            })
        })
        .collect()
}

pub(super) async fn errands(pool: &SqlitePool) -> Result<Vec<ErrandLine>, StoreError> {
    let rows =
        sqlx::query("SELECT * FROM errand WHERE state <> 'done' ORDER BY state, due, id").fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            Ok(ErrandLine {
                id: row.try_get("id")?,
                kind: row.try_get("kind")?,
                subject: row.try_get("subject")?,
                state: row.try_get("state")?,
                lent: row.try_get::<i64, _>("lent")? == 1,
                due: rows::at(row, "due")?,
                failures: rows::count(row, "failures")?,
                last_error: row.try_get("last_error")?,
            })
        })
        .collect()
}

/// Rows of one dossier, or of all.
async fn of_dossier(
    pool: &SqlitePool,
    table: &'static str,
    order: &'static str,
    dossier: Option<&DossierRef>,
) -> Result<Vec<SqliteRow>, StoreError> {
    // Two statements rather than `$1 = '' OR …`, which no index serves.
    let condition = if dossier.is_some() { "WHERE dossier = $1" } else { "WHERE $1 = ''" };
    let text = format!("SELECT * FROM {table} {condition} ORDER BY {order}");
    Ok(sqlx::query(AssertSqlSafe(text)).bind(dossier.map_or("", DossierRef::as_str)).fetch_all(pool).await?)
}

pub(super) async fn declarations(
    pool: &SqlitePool,
    dossier: Option<&DossierRef>,
) -> Result<Vec<DeclarationLine>, StoreError> {
    let reference = dossier.map_or("", DossierRef::as_str);
    let (rows, members) = if dossier.is_some() {
        (
            "SELECT * FROM declaration WHERE name IN (SELECT file FROM declared WHERE dossier = $1)
             ORDER BY file_type, bank_code, sequence",
            "SELECT file, dossier FROM declared WHERE file IN (SELECT file FROM declared WHERE dossier = $1)
             ORDER BY file, dossier",
        )
    } else {
        (
            "SELECT * FROM declaration WHERE $1 = '' ORDER BY file_type, bank_code, sequence",
            "SELECT file, dossier FROM declared WHERE $1 = '' ORDER BY file, dossier",
        )
    };
    let rows = sqlx::query(rows).bind(reference).fetch_all(pool).await?;
    let members = sqlx::query(members).bind(reference).fetch_all(pool).await?;
    let mut of_file: BTreeMap<String, Vec<DossierRef>> = BTreeMap::new();
    for row in &members {
        of_file.entry(row.try_get("file")?).or_default().push(rows::reference(row.try_get("dossier")?)?);
    }
    rows.iter()
        .map(|row| {
            let published: Option<i64> = row.try_get("published")?;
            let name: String = row.try_get("name")?;
            Ok(DeclarationLine {
                dossiers: of_file.remove(&name).unwrap_or_default(),
                name,
                file_type: row.try_get("file_type")?,
                bank_code: row.try_get("bank_code")?,
                sequence: row.try_get("sequence")?,
                outbox: row.try_get("outbox")?,
                sha256: row.try_get("sha256")?,
                state: rows::outgoing_state(row)?,
                decided: rows::at(row, "decided")?,
                published: published.map(rows::instant).transpose()?,
            })
        })
        .collect()
}

pub(super) async fn letters(pool: &SqlitePool, dossier: Option<&DossierRef>) -> Result<Vec<LetterLine>, StoreError> {
    let rows = of_dossier(pool, "letter", "written, message_id", dossier).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let sent: Option<i64> = row.try_get("sent")?;
        let message_id: String = row.try_get("message_id")?;
        let to: Vec<String> = serde_json::from_str(row.try_get("recipients")?)?;
        lines.push(LetterLine {
            recipients: letters::of(pool, &message_id, to.clone(), sent.is_some()).await?,
            message_id,
            dossier: rows::reference_or_none(row.try_get("dossier")?)?,
            subject: row.try_get("subject")?,
            to,
            state: row.try_get("state")?,
            written: rows::at(row, "written")?,
            sent: sent.map(rows::instant).transpose()?,
        });
    }
    Ok(lines)
}

pub(super) async fn answers(pool: &SqlitePool) -> Result<Vec<AnswerLine>, StoreError> {
    let rows = sqlx::query("SELECT * FROM answer ORDER BY written, id").fetch_all(pool).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let id: String = row.try_get("id")?;
        let files = sqlx::query_scalar("SELECT name FROM answer_file WHERE answer = $1 ORDER BY name")
            .bind(&id)
            .fetch_all(pool)
            .await?;
        lines.push(AnswerLine {
            id,
            document: rows::document_id(row.try_get("document")?)?,
            folder: row.try_get("folder")?,
            files,
            state: row.try_get("state")?,
            written: rows::at(row, "written")?,
        });
    }
    Ok(lines)
}

pub(super) async fn proofs(pool: &SqlitePool) -> Result<Vec<Sha256>, StoreError> {
    let kept: Vec<String> = sqlx::query_scalar("SELECT DISTINCT sha256 FROM proof").fetch_all(pool).await?;
    kept.iter().map(|text| rows::sha256(text)).collect()
}

pub(super) async fn verify(pool: &SqlitePool) -> Result<Vec<String>, StoreError> {
    let mut faults: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(pool).await?;
    faults.retain(|line| line != "ok");
    faults.extend(sequences(pool).await?);
    faults.extend(journal::verify(pool).await?);
    Ok(faults)
}

/// Numbers run from 1 to the counter without gap, per type and bank.
async fn sequences(pool: &SqlitePool) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "SELECT file_type, bank_code, COUNT(*) AS number, MIN(sequence) AS first, MAX(sequence) AS last,
         (SELECT value FROM counter WHERE name = 'declaration.' || file_type || '.' || bank_code) AS counted
         FROM declaration GROUP BY file_type, bank_code",
    )
    .fetch_all(pool)
    .await?;
    let mut faults = Vec::new();
    for row in &rows {
        let (number, first, last): (i64, i64, i64) =
            (row.try_get("number")?, row.try_get("first")?, row.try_get("last")?);
        let counted: Option<i64> = row.try_get("counted")?;
        if first != 1 || last != number || counted != Some(last) {
            let (file_type, bank): (&str, &str) = (row.try_get("file_type")?, row.try_get("bank_code")?);
            faults.push(format!(
                "declarations {file_type} of bank {bank}: {number} files numbered {first} to {last}, counter at {}",
                counted.unwrap_or(0)
            ));
        }
    }
    Ok(faults)
}
