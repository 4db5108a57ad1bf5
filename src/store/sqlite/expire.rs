//! What has had its time: found, and taken out of the rows.
//!
//! Rows stay where a number, a hash or a reference is evidence; what people wrote goes. The pages it stood on are overwritten
//! (`secure_delete`), and the log that still holds them is cut after the transaction.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Row, SqliteConnection};

use super::{journal, millis, rows};
use crate::domain::document::Sha256;
use crate::store::{
    Class, ErrandCut, Expired, ExpiredAnswer, ExpiredDeclaration, ExpiredDocument, ExpiredDossier, ExpiredProof,
    Expiry, JournalCut, StoreError,
};

/// Documents, by the reason why they go; a document that holds a card number takes every other one of the same bytes with it.
const DOCUMENTS: &str = "
    SELECT document.id AS id, document.deposit AS deposit, document.sha256 AS sha256, document.dossier AS dossier,
        CASE WHEN document.sha256 IN (SELECT sha256 FROM document WHERE state = 'quarantined' AND received < $1)
                  AND document.refusal IS NULL THEN 'card_number'
             WHEN dossier.step = 'live' AND dossier.since < $2 THEN 'completed'
             WHEN dossier.step IN ('refused', 'withdrawn', 'struck_off') AND dossier.since < $3 THEN 'abandoned'
             WHEN document.dossier IS NULL AND document.received < $3 THEN 'apart'
             ELSE '' END AS class
    FROM document LEFT JOIN dossier ON dossier.reference = document.dossier
    WHERE document.state IN ('examined', 'quarantined') AND class <> ''
    ORDER BY document.received, document.id";

const DOSSIERS: &str = "
    SELECT reference, CASE WHEN step = 'live' THEN 'completed' ELSE 'abandoned' END AS class FROM dossier
    WHERE (step = 'live' AND since < $1) OR (step IN ('refused', 'withdrawn', 'struck_off') AND since < $2)
    ORDER BY reference";

/// Originals beside the files that declare a dossier, once no other dossier of the same file has documents left.
const PIECES: &str = "
    DELETE FROM companion WHERE suffix = '.pieces.zip'
        AND declaration IN (SELECT declared.file FROM declared JOIN declaration ON declaration.name = declared.file
            WHERE declared.dossier = $1 AND declaration.state IN ('published', 'recalled'))
        AND NOT EXISTS (SELECT 1 FROM declared JOIN document ON document.dossier = declared.dossier
            WHERE declared.file = companion.declaration AND document.state <> 'erased')";

/// All that is kept of a dossier under its reference. What still waits in it can never leave, what could not be written never be.
const OF_DOSSIER: [&str; 4] = [
    "DELETE FROM mark WHERE dossier = $1",
    "UPDATE waiting SET content = '', state = CASE WHEN state = 'left' THEN 'left' ELSE 'recalled' END WHERE dossier = $1",
    "UPDATE errand SET state = 'done', lent = 0, payload = '', last_error = NULL
         WHERE kind = 'write' AND state <> 'done' AND payload LIKE '{\"dossier\":\"' || $1 || '\"%'",
    "DELETE FROM dossier WHERE reference = $1",
];

pub(super) async fn expired(pool: &SqlitePool, expiry: &Expiry) -> Result<Expired, StoreError> {
    let documents = sqlx::query(DOCUMENTS)
        .bind(millis(expiry.quarantine))
        .bind(millis(expiry.completed))
        .bind(millis(expiry.abandoned))
        .fetch_all(pool)
        .await?;
    let dossiers =
        sqlx::query(DOSSIERS).bind(millis(expiry.extracts)).bind(millis(expiry.abandoned)).fetch_all(pool).await?;
    let declarations = sqlx::query(
        "SELECT name, sha256 FROM declaration WHERE state IN ('published', 'recalled') AND decided < $1 AND length(bytes) > 0
         ORDER BY name",
    )
    .bind(millis(expiry.declarations))
    .fetch_all(pool)
    .await?;
    let proofs = sqlx::query("SELECT sha256, dossier FROM proof WHERE kept < $1 ORDER BY kept, sha256")
        .bind(millis(expiry.declarations))
        .fetch_all(pool)
        .await?;
    let letters = sqlx::query_scalar(
        "SELECT message_id FROM letter WHERE written < $1 AND length(message) > 0 AND (state <> 'new' OR NOT EXISTS
             (SELECT 1 FROM errand WHERE kind = 'send' AND subject = letter.message_id AND state <> 'done'))
         ORDER BY message_id",
    )
    .bind(millis(expiry.letters))
    .fetch_all(pool)
    .await?;
    Ok(Expired {
        documents: documents.iter().map(document).collect::<Result<_, _>>()?,
        dossiers: dossiers
            .iter()
            .map(|row| {
                Ok(ExpiredDossier {
                    reference: rows::reference(row.try_get("reference")?)?,
                    class: rows::word(row.try_get("class")?)?,
                })
            })
            .collect::<Result<_, StoreError>>()?,
        declarations: declarations
            .iter()
            .map(|row| {
                Ok(ExpiredDeclaration { name: row.try_get("name")?, sha256: rows::sha256(row.try_get("sha256")?)? })
            })
            .collect::<Result<_, StoreError>>()?,
        proofs: proofs
            .iter()
            .map(|row| {
                Ok(ExpiredProof {
                    sha256: rows::sha256(row.try_get("sha256")?)?,
                    dossier: rows::reference(row.try_get("dossier")?)?,
                })
            })
            .collect::<Result<_, StoreError>>()?,
        letters,
        answers: answers(pool, expiry.answers).await?,
        acknowledgements: Vec::new(),
        errands: errands(pool, expiry.errands).await?,
        journal: cut(pool, expiry.journal).await?,
    })
}

fn document(row: &SqliteRow) -> Result<ExpiredDocument, StoreError> {
    let dossier: Option<&str> = row.try_get("dossier")?;
    Ok(ExpiredDocument {
        document: rows::document_id(row.try_get("id")?)?,
        deposit: rows::document_id(row.try_get("deposit")?)?,
        sha256: rows::sha256(row.try_get("sha256")?)?,
        class: rows::word::<Class>(row.try_get("class")?)?,
        dossier: dossier.map(rows::reference).transpose()?,
    })
}

/// Old answers, without the files that a younger answer has written anew under the same name.
async fn answers(pool: &SqlitePool, before: Timestamp) -> Result<Vec<ExpiredAnswer>, StoreError> {
    let found = sqlx::query("SELECT id, folder FROM answer WHERE state = 'left' AND written < $1 ORDER BY id")
        .bind(millis(before))
        .fetch_all(pool)
        .await?;
    let mut answers = Vec::with_capacity(found.len());
    for row in &found {
        let (id, folder): (String, String) = (row.try_get("id")?, row.try_get("folder")?);
        let files = sqlx::query_scalar(
            "SELECT name FROM answer_file WHERE answer = $1 AND name NOT IN (
                 SELECT young.name FROM answer_file AS young JOIN answer AS later ON later.id = young.answer
                 WHERE young.name = answer_file.name AND later.folder = $2 AND later.written >= $3)
             ORDER BY name",
        )
        .bind(&id)
        .bind(&folder)
        .bind(millis(before))
        .fetch_all(pool)
        .await?;
        answers.push(ExpiredAnswer { id, folder, files });
    }
    Ok(answers)
}

async fn errands(pool: &SqlitePool, before: Timestamp) -> Result<Option<ErrandCut>, StoreError> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM errand WHERE state = 'done' AND due < $1")
        .bind(millis(before))
        .fetch_one(pool)
        .await?;
    Ok(u64::try_from(count).ok().filter(|count| *count > 0).map(|count| ErrandCut { before, count }))
}

/// The last row before the first young one.
async fn cut(pool: &SqlitePool, before: Timestamp) -> Result<Option<JournalCut>, StoreError> {
    let row = sqlx::query(
        "SELECT number, hash FROM journal WHERE at < $1
             AND number < COALESCE((SELECT MIN(number) FROM journal WHERE at >= $1), (SELECT MAX(number) FROM journal))
         ORDER BY number DESC LIMIT 1",
    )
    .bind(millis(before))
    .fetch_optional(pool)
    .await?;
    row.map(|row| Ok(JournalCut { through: row.try_get("number")?, hash: row.try_get("hash")? })).transpose()
}

/// Takes it out of the rows, and says so in the journal under the list's name and hash.
pub(super) async fn erase(
    tx: &mut SqliteConnection,
    expired: &Expired,
    list: &str,
    hash: &str,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Expired {
        documents,
        dossiers,
        proofs,
        declarations,
        letters,
        answers,
        acknowledgements,
        errands,
        journal: cut,
    } = expired;
    for document in documents {
        run(
            tx,
            "UPDATE document SET state = 'erased', reading = NULL, name = '' WHERE id = $1",
            &document.document.to_string(),
        )
        .await?;
        // The originals travelled with the declaration: that copy goes when all that are in it have gone.
        if let Some(dossier) = &document.dossier {
            run(tx, PIECES, dossier.as_str()).await?;
        }
    }
    for dossier in dossiers {
        for sql in OF_DOSSIER {
            run(tx, sql, dossier.reference.as_str()).await?;
        }
    }
    for proof in proofs {
        sqlx::query("DELETE FROM proof WHERE sha256 = $1 AND dossier = $2")
            .bind(proof.sha256.to_string())
            .bind(proof.dossier.as_str())
            .execute(&mut *tx)
            .await?;
    }
    for declaration in declarations {
        run(tx, "DELETE FROM companion WHERE declaration = $1", &declaration.name).await?;
        run(tx, "UPDATE waiting SET content = '' WHERE file = $1", &declaration.name).await?;
        run(tx, "UPDATE declaration SET content = '', bytes = x'' WHERE name = $1", &declaration.name).await?;
    }
    for letter in letters {
        run(tx, "DELETE FROM recipient WHERE letter = $1", letter).await?;
        run(tx, "UPDATE letter SET message = x'', recipients = '[]' WHERE message_id = $1", letter).await?;
    }
    for answer in answers {
        run(tx, "DELETE FROM answer_file WHERE answer = $1", &answer.id).await?;
        run(tx, "UPDATE answer SET state = 'removed' WHERE id = $1", &answer.id).await?;
    }
    if let Some(cut) = errands {
        sqlx::query("DELETE FROM errand WHERE state = 'done' AND due < $1")
            .bind(millis(cut.before))
            .execute(&mut *tx)
            .await?;
    }
    let mut detail = json!({ "list": list, "sha256": hash, "documents": documents.len(), "dossiers": dossiers.len(),
        "declarations": declarations.len(), "proofs": proofs.len(), "letters": letters.len(), "answers": answers.len(),
        "acknowledgements": acknowledgements.len(), "errands": errands.as_ref().map_or(0, |cut| cut.count) });
    if let Some(cut) = cut {
        sqlx::query("DELETE FROM journal WHERE number <= $1").bind(cut.through).execute(&mut *tx).await?;
        detail[journal::CUT] = json!({ "through": cut.through, "hash": cut.hash });
    }
    let line = journal::Line { at, who: by, event: journal::PURGED, dossier: "", document: String::new(), detail };
    journal::append(tx, &[line]).await
}

async fn run(tx: &mut SqliteConnection, sql: &'static str, subject: &str) -> Result<(), StoreError> {
    sqlx::query(sql).bind(subject).execute(tx).await?;
    Ok(())
}

/// Folders that copies of the installation were made in, as the journal knows them.
pub(super) async fn copies(pool: &SqlitePool) -> Result<Vec<String>, StoreError> {
    let found = journal::details(pool, "backed_up").await?;
    let mut folders: Vec<String> =
        found.iter().filter_map(|detail| detail["folder"].as_str().map(str::to_owned)).collect();
    folders.sort();
    folders.dedup();
    Ok(folders)
}

/// Does any document that is not erased have these bytes, or do they prove an event?
pub(super) async fn keeps(pool: &SqlitePool, sha256: &Sha256) -> Result<bool, StoreError> {
    let found = sqlx::query(
        "SELECT 1 FROM document WHERE sha256 = $1 AND state <> 'erased' AND refusal IS NULL
         UNION ALL SELECT 1 FROM proof WHERE sha256 = $1 LIMIT 1",
    )
    .bind(sha256.to_string())
    .fetch_optional(pool)
    .await?;
    Ok(found.is_some())
}
