//! A minute written down: readings, dossiers, numbers, bytes, errands and journal in one transaction.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::SqlitePool;
use sqlx::{Row, SqliteConnection};

use super::way_out::{self, Written};
use super::{errands, journal, millis, waiting};
use crate::domain::declaration::{Departure, Sequence};
use crate::domain::document::{DocumentId, Sha256};
use crate::domain::dossier::Dossier;
use crate::domain::effect::Effect;
use crate::store::{Cause, Decided, DocumentState, Examination, Filed, Mark, Minute, Scribe, StoreError, WaitingState};

pub(super) async fn commit(tx: &mut SqliteConnection, minute: Minute, scribe: &dyn Scribe) -> Result<(), StoreError> {
    let Minute { cause, at, by, readings, decisions, moves, effects, batches, proof, notes } = minute;
    if let Cause::Errand(loan) = &cause {
        let (kind, subject) = errands::close(tx, loan).await?;
        way_out::done(tx, kind, &subject, at, &by).await?;
    }
    for reading in &readings {
        examined(tx, reading, at, &by).await?;
    }
    for (document, dossier) in &moves {
        sqlx::query("UPDATE document SET dossier = $2 WHERE id = $1")
            .bind(document.to_string())
            .bind(dossier.as_str())
            .execute(&mut *tx)
            .await?;
    }
    for decided in &decisions {
        save(tx, decided).await?;
        let dossier = &decided.decision.dossier;
        journal::append(
            tx,
            &[journal::Line {
                at,
                who: &by,
                event: decided.event,
                dossier: dossier.reference.as_str(),
                document: decided.document.map(|document| document.to_string()).unwrap_or_default(),
                detail: told(decided, proof),
            }],
        )
        .await?;
        if let Some(proof) = proof {
            prove(tx, dossier, proof, at).await?;
        }
        for effect in &decided.decision.effects {
            write_out(tx, effect, Some(dossier), scribe, at).await?;
        }
    }
    for effect in &effects {
        write_out(tx, effect, None, scribe, at).await?;
    }
    for batch in &batches {
        waiting::close(tx, batch, scribe, at, &by).await?;
    }
    for (event, detail) in notes {
        let (dossier, document) = ("", String::new());
        journal::append(tx, &[journal::Line { at, who: &by, event, dossier, document, detail }]).await?;
    }
    Ok(())
}

async fn examined(
    tx: &mut SqliteConnection,
    examination: &Examination,
    at: Timestamp,
    by: &str,
) -> Result<(), StoreError> {
    let Examination { document, reading, dossier, quarantined } = examination;
    let state = if *quarantined { DocumentState::Quarantined } else { DocumentState::Examined };
    sqlx::query("UPDATE document SET state = $2, reading = $3, dossier = $4 WHERE id = $1")
        .bind(document.to_string())
        .bind(json!(state).as_str())
        .bind(serde_json::to_string(reading)?)
        .bind(dossier.as_ref().map(crate::domain::dossier::DossierRef::as_str))
        .execute(&mut *tx)
        .await?;
    let codes: Vec<_> = reading.findings.iter().map(|finding| &finding.code).collect();
    journal::append(
        tx,
        &[journal::Line {
            at,
            who: by,
            event: "read",
            dossier: dossier.as_ref().map_or("", |dossier| dossier.as_str()),
            document: document.to_string(),
            detail: json!({ "kind": reading.kind, "format": reading.format, "findings": codes, "state": state }),
        }],
    )
    .await
}

/// What the journal says of a decision.
fn told(decided: &Decided, proof: Option<Sha256>) -> serde_json::Value {
    let mut told = json!({ "step": decided.decision.dossier.step, "detail": decided.detail });
    if let Some(proof) = proof {
        told["proof"] = json!(proof);
    }
    told
}

async fn prove(tx: &mut SqliteConnection, dossier: &Dossier, proof: Sha256, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO proof (sha256, dossier, kept) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(proof.to_string())
        .bind(dossier.reference.as_str())
        .bind(millis(at))
        .execute(tx)
        .await?;
    Ok(())
}

/// Saves a dossier if it has not moved since it was read.
async fn save(tx: &mut SqliteConnection, decided: &Decided) -> Result<(), StoreError> {
    let dossier = &decided.decision.dossier;
    let reference = dossier.reference.as_str();
    let bank = dossier.bank.as_ref().map_or("", |bank| bank.as_str());
    let body = serde_json::to_string(dossier)?;
    let saved = match decided.before {
        None => {
            sqlx::query(
                "INSERT INTO dossier (reference, version, bank, step, opened, since, body) VALUES ($1, 1, $2, $3, $4, $5, $6)
                 ON CONFLICT (reference) DO NOTHING",
            )
            .bind(reference)
            .bind(bank)
            .bind(dossier.step.as_str())
            .bind(millis(dossier.opened))
            .bind(millis(dossier.since))
            .bind(&body)
            .execute(&mut *tx)
            .await?
        }
        Some(version) => {
            sqlx::query(
                "UPDATE dossier SET version = version + 1, bank = $3, step = $4, since = $5, body = $6
                 WHERE reference = $1 AND version = $2",
            )
            .bind(reference)
            .bind(version)
            .bind(bank)
            .bind(dossier.step.as_str())
            .bind(millis(dossier.since))
            .bind(&body)
            .execute(&mut *tx)
            .await?
        }
    };
    if saved.rows_affected() != 1 {
        return Err(StoreError::Moved(dossier.reference.clone()));
    }
    sqlx::query("DELETE FROM mark WHERE dossier = $1").bind(reference).execute(&mut *tx).await?;
    for mark in &decided.marks {
        sqlx::query("INSERT INTO mark (name, value, dossier) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(&mark.name)
            .bind(&mark.value)
            .bind(reference)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// Turns an effect into bytes and an errand; what cannot be written waits for a person and takes no number.
async fn write_out(
    tx: &mut SqliteConnection,
    effect: &Effect,
    dossier: Option<&Dossier>,
    scribe: &dyn Scribe,
    at: Timestamp,
) -> Result<(), StoreError> {
    let reference = dossier.map_or("", |dossier| dossier.reference.as_str());
    let written = match (effect, dossier) {
        (Effect::Publish { declaration, leaves }, _) => {
            let bank = dossier.and_then(|dossier| dossier.bank.as_ref());
            let outbox = match (declaration.file_type.to_bank(), bank) {
                (true, Some(bank)) => bank.as_str(),
                (true, None) => return Err(StoreError::Unreadable(format!("dossier {reference} has no bank"))),
                (false, _) => "monetique",
            };
            // What waits is laid out too, so that what does not fit is told today and not at its release.
            let sequence = match leaves {
                Departure::Now => way_out::next_sequence(tx, declaration.file_type, &declaration.bank_code).await?,
                _ => Sequence(0),
            };
            let declared = std::slice::from_ref(&**declaration);
            match (scribe.declarations(declared, sequence, at), leaves) {
                (Err(why), _) => Written::Not(why),
                (Ok(laid), Departure::Now) => way_out::number(tx, declared, sequence, &laid, outbox, at).await?,
                (Ok(_), Departure::Held) => waiting::keep(tx, declaration, outbox, WaitingState::Held, at).await?,
                (Ok(_), Departure::Batch) => waiting::keep(tx, declaration, outbox, WaitingState::Batch, at).await?,
            }
        }
        (Effect::Release { file_type, seen, leaves }, _) => {
            waiting::release(tx, reference, *file_type, *seen, *leaves, scribe, at).await?
        }
        (Effect::Send(notification), _) => match scribe.letter(notification, dossier, at) {
            Ok(letter) => way_out::letter(tx, notification, &letter, at).await?,
            Err(why) => Written::Not(why),
        },
        (Effect::Answer(answer), _) => match way_out::treated(tx, answer.document).await? {
            Some((document, of)) => match scribe.answer(answer, dossier.or(of.as_ref()), &document) {
                Ok(page) => way_out::answer(tx, &document, &page, at).await?,
                Err(why) => Written::Not(why),
            },
            None => return Err(StoreError::Unreadable(format!("document {} has no reading", answer.document))),
        },
        (Effect::Recall { file_type }, _) => waiting::recall(tx, reference, *file_type).await?,
    };
    let (event, detail) = match written {
        Written::Line(event, detail) => (event, detail),
        Written::Nothing => return Ok(()),
        Written::Not(why) => {
            let subject = uuid::Uuid::now_v7().simple().to_string();
            let payload = json!({ "dossier": reference, "effect": effect }).to_string();
            errands::add_parked(tx, &subject, &payload, &why.0, at).await?;
            tracing::error!(dossier.reference = reference, "An effect of dossier {reference} cannot be written: {why}");
            ("unwritable", json!({ "errand": subject }))
        }
    };
    let document = match effect {
        Effect::Answer(answer) => answer.document.to_string(),
        _ => String::new(),
    };
    journal::append(tx, &[journal::Line { at, who: "guichet", event, dossier: reference, document, detail }]).await
}

pub(super) async fn count(tx: &mut SqliteConnection, name: &str) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "INSERT INTO counter (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1
         RETURNING value",
    )
    .bind(name)
    .fetch_one(tx)
    .await?;
    Ok(row.try_get("value")?)
}

pub(super) async fn dossier(connection: &mut SqliteConnection, reference: &str) -> Result<Option<Filed>, StoreError> {
    let found = sqlx::query("SELECT version, body FROM dossier WHERE reference = $1")
        .bind(reference)
        .fetch_optional(connection)
        .await?;
    found
        .map(|row| Ok(Filed { dossier: serde_json::from_str(row.try_get("body")?)?, version: row.try_get("version")? }))
        .transpose()
}

/// Enough to find the right one; a mark shared by more is no identifier.
const MOST_CANDIDATES: i64 = 50;

pub(super) async fn candidates(
    pool: &SqlitePool,
    deposit: DocumentId,
    marks: &[Mark],
) -> Result<Vec<Filed>, StoreError> {
    let mut connection = pool.acquire().await?;
    let mut references = std::collections::BTreeSet::new();
    let of_deposit =
        sqlx::query("SELECT DISTINCT dossier FROM document WHERE deposit = $1 AND dossier IS NOT NULL LIMIT $2")
            .bind(deposit.to_string())
            .bind(MOST_CANDIDATES)
            .fetch_all(&mut *connection)
            .await?;
    for row in &of_deposit {
        references.insert(row.try_get::<String, _>("dossier")?);
    }
    for mark in marks {
        let sharing = sqlx::query(
            "SELECT mark.dossier AS dossier FROM mark JOIN dossier ON dossier.reference = mark.dossier
             WHERE mark.name = $1 AND mark.value = $2 ORDER BY dossier.since DESC LIMIT $3",
        )
        .bind(&mark.name)
        .bind(&mark.value)
        .bind(MOST_CANDIDATES)
        .fetch_all(&mut *connection)
        .await?;
        for row in &sharing {
            references.insert(row.try_get::<String, _>("dossier")?);
        }
    }
    let mut filed = Vec::new();
    for reference in &references {
        filed.extend(dossier(&mut connection, reference).await?);
    }
    filed.sort_by(|a, b| b.dossier.since.cmp(&a.dossier.since).then(b.dossier.reference.cmp(&a.dossier.reference)));
    filed.truncate(usize::try_from(MOST_CANDIDATES).expect("fifty fits"));
    Ok(filed)
}
