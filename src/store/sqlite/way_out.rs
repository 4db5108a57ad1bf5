//! What leaves: declarations, letters, answers, from their bytes to the word that they are out.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::SqlitePool;
use sqlx::{Row, SqliteConnection};

use super::{errands, journal, millis, rows};
use crate::domain::declaration::{Declaration, FileType, Sequence};
use crate::domain::document::{DocumentId, Sha256};
use crate::domain::dossier::{Dossier, DossierRef};
use crate::domain::notification::Notification;
use crate::store::{
    Envelope, ErrandKind, Laid, Outgoing, Page, Reply, StoreError, Treated, Unwritable, Written as Letter,
};

/// What became of an effect in the transaction: a journal line, nothing, or a reason why it could not be written.
pub(super) enum Written {
    Line(&'static str, serde_json::Value),
    Nothing,
    Not(Unwritable),
}

/// The number the next file of this type and bank will have. Within a transaction that writes, nobody else can take it.
pub(super) async fn next_sequence(
    tx: &mut SqliteConnection,
    file_type: FileType,
    bank_code: &str,
) -> Result<Sequence, StoreError> {
    let last: Option<i64> = sqlx::query("SELECT value FROM counter WHERE name = $1")
        .bind(counter(file_type, bank_code))
        .fetch_optional(tx)
        .await?
        .map(|row| row.try_get("value"))
        .transpose()?;
    let next = u32::try_from(last.unwrap_or(0) + 1).map_err(|err| StoreError::Unreadable(format!("counter: {err}")))?;
    crate::crash::point("commit.number_taken");
    Ok(Sequence(next))
}

fn counter(file_type: FileType, bank_code: &str) -> String {
    format!("declaration.{file_type}.{bank_code}")
}

/// Uses up the number, keeps the bytes and sends the file on its way. All that is declared in it has one type and one bank.
pub(super) async fn number(
    tx: &mut SqliteConnection,
    declared: &[Declaration],
    sequence: Sequence,
    laid: &Laid,
    outbox: &str,
    at: Timestamp,
) -> Result<Written, StoreError> {
    let first = declared.first().ok_or_else(|| StoreError::Unreadable("a file that declares nobody".to_owned()))?;
    super::commit::count(tx, &counter(first.file_type, &first.bank_code)).await?;
    let sha256 = Sha256::of(&laid.bytes);
    sqlx::query(
        "INSERT INTO declaration (file_type, bank_code, sequence, name, dossier, outbox, content, bytes, sha256, state, decided)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'new', $10)",
    )
    .bind(first.file_type.as_str())
    .bind(&first.bank_code)
    .bind(i64::from(sequence.0))
    .bind(&laid.name)
    .bind(first.dossier.as_str())
    .bind(outbox)
    .bind(serde_json::to_string(declared)?)
    .bind(&laid.bytes)
    .bind(sha256.to_string())
    .bind(millis(at))
    .execute(&mut *tx)
    .await?;
    for one in declared {
        sqlx::query("INSERT INTO declared (file, dossier) VALUES ($1, $2)")
            .bind(&laid.name)
            .bind(one.dossier.as_str())
            .execute(&mut *tx)
            .await?;
    }
    companions(tx, laid).await?;
    errands::add(tx, ErrandKind::Publish, &laid.name, "", at).await?;
    Ok(Written::Line("numbered", json!({ "file": laid.name, "sha256": sha256 })))
}

async fn companions(tx: &mut SqliteConnection, laid: &Laid) -> Result<(), StoreError> {
    for (suffix, bytes) in &laid.beside {
        sqlx::query("INSERT INTO companion (declaration, suffix, bytes) VALUES ($1, $2, $3)")
            .bind(&laid.name)
            .bind(suffix)
            .bind(bytes)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// The same Message-ID again is the same letter.
pub(super) async fn letter(
    tx: &mut SqliteConnection,
    notification: &Notification,
    letter: &Letter,
    at: Timestamp,
) -> Result<Written, StoreError> {
    let added = sqlx::query(
        "INSERT INTO letter (message_id, dossier, subject, recipients, message, state, written)
         VALUES ($1, $2, $3, $4, $5, 'new', $6) ON CONFLICT (message_id) DO NOTHING",
    )
    .bind(&letter.message_id)
    .bind(notification.dossier.as_ref().map_or("", |dossier| dossier.as_str()))
    .bind(notification.subject.as_str())
    .bind(serde_json::to_string(&letter.to)?)
    .bind(&letter.message)
    .bind(millis(at))
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(Written::Nothing);
    }
    errands::add(tx, ErrandKind::Send, &letter.message_id, "", at).await?;
    Ok(Written::Line(
        "letter_written",
        json!({ "subject": notification.subject, "to": notification.to, "message_id": letter.message_id }),
    ))
}

/// The answer goes to the folder its file was dropped in, whichever bank the dossier turned out to be of.
pub(super) async fn answer(
    tx: &mut SqliteConnection,
    document: &Treated,
    page: &Page,
    at: Timestamp,
) -> Result<Written, StoreError> {
    let id = uuid::Uuid::now_v7().simple().to_string();
    sqlx::query("INSERT INTO answer (id, document, folder, state, written) VALUES ($1, $2, $3, 'new', $4)")
        .bind(&id)
        .bind(document.arrival.document.to_string())
        .bind(document.arrival.bank.as_ref().map_or("", |folder| folder.as_str()))
        .bind(millis(at))
        .execute(&mut *tx)
        .await?;
    for (name, bytes) in &page.files {
        sqlx::query("INSERT INTO answer_file (answer, name, bytes) VALUES ($1, $2, $3)")
            .bind(&id)
            .bind(name)
            .bind(bytes)
            .execute(&mut *tx)
            .await?;
    }
    errands::add(tx, ErrandKind::Answer, &id, "", at).await?;
    Ok(Written::Line("answer_written", json!({ "answer": id })))
}

/// An errand has been done: what it was about is out.
pub(super) async fn done(
    tx: &mut SqliteConnection,
    kind: ErrandKind,
    subject: &str,
    at: Timestamp,
    by: &str,
) -> Result<(), StoreError> {
    let (sql, event, key) = match kind {
        ErrandKind::Publish => (
            "UPDATE declaration SET state = 'published', published = $2 WHERE name = $1 RETURNING dossier",
            "published",
            "file",
        ),
        ErrandKind::Send => (
            "UPDATE letter SET sent = $2, state = CASE
                 WHEN EXISTS (SELECT 1 FROM recipient WHERE letter = $1 AND delivery = 'sent') THEN 'sent'
                 WHEN EXISTS (SELECT 1 FROM recipient WHERE letter = $1 AND delivery = 'refused') THEN 'refused'
                 WHEN EXISTS (SELECT 1 FROM recipient WHERE letter = $1 AND delivery = 'held') THEN 'new'
                 ELSE 'sent' END
             WHERE message_id = $1 RETURNING dossier, subject",
            "letter_sent",
            "message_id",
        ),
        ErrandKind::Answer => (
            "UPDATE answer SET state = CASE WHEN $2 > 0 THEN 'left' ELSE state END WHERE id = $1 RETURNING '' AS dossier",
            "answer_left",
            "answer",
        ),
        ErrandKind::Examine | ErrandKind::Write => return Ok(()),
    };
    let row = sqlx::query(sql).bind(subject).bind(millis(at)).fetch_optional(&mut *tx).await?;
    let Some(row) = row else {
        return Err(StoreError::Unreadable(format!("{} {subject} is not there", kind.as_str())));
    };
    let dossier: String = row.try_get("dossier")?;
    let mut detail = json!({ key: subject });
    if kind == ErrandKind::Send {
        detail["subject"] = row.try_get::<String, _>("subject")?.into();
    }
    let line = journal::Line { at, who: by, event, dossier: &dossier, document: String::new(), detail };
    journal::append(tx, &[line]).await
}

/// A document that has been read, and the dossier it is in.
pub(super) async fn treated(
    tx: &mut SqliteConnection,
    document: DocumentId,
) -> Result<Option<(Treated, Option<Dossier>)>, StoreError> {
    let row =
        sqlx::query("SELECT * FROM document WHERE id = $1").bind(document.to_string()).fetch_optional(&mut *tx).await?;
    let Some(stored) = row.as_ref().map(rows::stored).transpose()? else { return Ok(None) };
    let Some(reading) = stored.reading else { return Ok(None) };
    let dossier = match &stored.dossier {
        Some(reference) => super::commit::dossier(tx, reference.as_str()).await?.map(|filed| filed.dossier),
        None => None,
    };
    Ok(Some((Treated { arrival: stored.arrival, reading }, dossier)))
}

pub(super) async fn outgoing(pool: &SqlitePool, name: &str) -> Result<Option<Outgoing>, StoreError> {
    let Some(row) = sqlx::query("SELECT * FROM declaration WHERE name = $1").bind(name).fetch_optional(pool).await?
    else {
        return Ok(None);
    };
    let beside = sqlx::query("SELECT suffix, bytes FROM companion WHERE declaration = $1 ORDER BY suffix")
        .bind(name)
        .fetch_all(pool)
        .await?;
    let earlier = sqlx::query(
        "SELECT 1 FROM declaration WHERE file_type = $1 AND bank_code = $2 AND sequence < $3 AND state IN ('new', 'staged')
         LIMIT 1",
    )
    .bind(row.try_get::<&str, _>("file_type")?)
    .bind(row.try_get::<&str, _>("bank_code")?)
    .bind(row.try_get::<i64, _>("sequence")?)
    .fetch_optional(pool)
    .await?;
    // Once its time is over it holds no content any more; whom it declared is still known.
    let content: &str = row.try_get("content")?;
    let declared = if content.is_empty() { Vec::new() } else { declared_in(content)? };
    let dossiers = if declared.is_empty() {
        dossiers_of(pool, name).await?
    } else {
        declared.iter().map(|one| one.dossier.clone()).collect()
    };
    Ok(Some(Outgoing {
        file_type: rows::file_type(row.try_get("file_type")?)?,
        name: row.try_get("name")?,
        outbox: row.try_get("outbox")?,
        dossiers,
        pieces: declared.into_iter().flat_map(|one| one.pieces).collect(),
        state: rows::outgoing_state(&row)?,
        bytes: row.try_get("bytes")?,
        sha256: rows::sha256(row.try_get("sha256")?)?,
        beside: beside
            .iter()
            .map(|row| Ok((row.try_get("suffix")?, row.try_get("bytes")?)))
            .collect::<Result<_, sqlx::Error>>()?,
        behind: earlier.is_some(),
    }))
}

async fn dossiers_of(pool: &SqlitePool, file: &str) -> Result<Vec<DossierRef>, StoreError> {
    let found: Vec<String> = sqlx::query_scalar("SELECT dossier FROM declared WHERE file = $1 ORDER BY dossier")
        .bind(file)
        .fetch_all(pool)
        .await?;
    found.iter().map(|reference| rows::reference(reference)).collect()
}

/// Whom a file declares, in their order; an early version kept a single declaration where there now is a list.
fn declared_in(content: &str) -> Result<Vec<Declaration>, StoreError> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Content {
        Several(Vec<Declaration>),
        One(Box<Declaration>),
    }
    Ok(match serde_json::from_str(content)? {
        Content::Several(declared) => declared,
        Content::One(declaration) => vec![*declaration],
    })
}

pub(super) async fn envelope(pool: &SqlitePool, message_id: &str) -> Result<Option<Envelope>, StoreError> {
    let row = sqlx::query("SELECT * FROM letter WHERE message_id = $1").bind(message_id).fetch_optional(pool).await?;
    row.map(|row| {
        Ok(Envelope {
            message_id: row.try_get("message_id")?,
            to: serde_json::from_str(row.try_get("recipients")?)?,
            message: row.try_get("message")?,
            dossier: rows::reference_or_none(row.try_get("dossier")?)?,
        })
    })
    .transpose()
}

pub(super) async fn reply(pool: &SqlitePool, id: &str) -> Result<Option<Reply>, StoreError> {
    let Some(row) = sqlx::query("SELECT * FROM answer WHERE id = $1").bind(id).fetch_optional(pool).await? else {
        return Ok(None);
    };
    let files = sqlx::query("SELECT name, bytes FROM answer_file WHERE answer = $1 ORDER BY name")
        .bind(id)
        .fetch_all(pool)
        .await?;
    Ok(Some(Reply {
        document: rows::document_id(row.try_get("document")?)?,
        folder: rows::bank(row.try_get("folder")?)?,
        files: files
            .iter()
            .map(|row| Ok((row.try_get("name")?, row.try_get("bytes")?)))
            .collect::<Result<_, sqlx::Error>>()?,
    }))
}
