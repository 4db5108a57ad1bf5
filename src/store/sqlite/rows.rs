//! Columns back into types.

use std::str::FromStr;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use crate::domain::bank::BankFolder;
use crate::domain::declaration::FileType;
use crate::domain::document::{DocumentId, Sha256};
use crate::domain::dossier::DossierRef;
use crate::domain::finding::Code;
use crate::store::{Arrival, DocumentState, OutgoingState, StoreError, Stored};

pub(super) fn instant(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|err| StoreError::Unreadable(err.to_string()))
}

pub(super) fn at(row: &SqliteRow, column: &str) -> Result<Timestamp, StoreError> {
    instant(row.try_get(column)?)
}

pub(super) fn document_id(text: &str) -> Result<DocumentId, StoreError> {
    Uuid::from_str(text).map(DocumentId).map_err(|err| StoreError::Unreadable(format!("document {text:?}: {err}")))
}

pub(super) fn reference(text: &str) -> Result<DossierRef, StoreError> {
    DossierRef::parse(text).map_err(|err| StoreError::Unreadable(err.to_string()))
}

/// Empty stands for none.
pub(super) fn reference_or_none(text: &str) -> Result<Option<DossierRef>, StoreError> {
    if text.is_empty() { Ok(None) } else { reference(text).map(Some) }
}

pub(super) fn sha256(text: &str) -> Result<Sha256, StoreError> {
    Sha256::parse(text).ok_or_else(|| StoreError::Unreadable(format!("hash {text:?}")))
}

pub(super) fn bank(text: &str) -> Result<Option<BankFolder>, StoreError> {
    match text {
        "" => Ok(None),
        name => BankFolder::parse(name).map(Some).map_err(|err| StoreError::Unreadable(err.to_string())),
    }
}

/// A state as its `serde` name.
pub(super) fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    Ok(serde_json::from_value(serde_json::Value::String(text.to_owned()))?)
}

pub(super) fn file_type(text: &str) -> Result<FileType, StoreError> {
    FileType::of_name(text).ok_or_else(|| StoreError::Unreadable(format!("file type {text:?}")))
}

pub(super) fn outgoing_state(row: &SqliteRow) -> Result<OutgoingState, StoreError> {
    word(row.try_get("state")?)
}

pub(super) fn count(row: &SqliteRow, column: &str) -> Result<u32, StoreError> {
    u32::try_from(row.try_get::<i64, _>(column)?).map_err(|err| StoreError::Unreadable(format!("{column}: {err}")))
}

pub(super) fn stored(row: &SqliteRow) -> Result<Stored, StoreError> {
    let repeat_of: Option<String> = row.try_get("repeat_of")?;
    let dossier: Option<String> = row.try_get("dossier")?;
    let reading: Option<String> = row.try_get("reading")?;
    let size: i64 = row.try_get("size")?;
    Ok(Stored {
        arrival: Arrival {
            document: document_id(row.try_get("id")?)?,
            deposit: document_id(row.try_get("deposit")?)?,
            sha256: sha256(row.try_get("sha256")?)?,
            size: u64::try_from(size).map_err(|err| StoreError::Unreadable(format!("size: {err}")))?,
            name: row.try_get("name")?,
            bank: bank(row.try_get("bank")?)?,
            received: at(row, "received")?,
            refusal: row.try_get::<Option<String>, _>("refusal")?.map(Code::new),
        },
        repeat_of: repeat_of.as_deref().map(document_id).transpose()?,
        reading: reading.as_deref().map(serde_json::from_str).transpose()?,
        state: word::<DocumentState>(row.try_get("state")?)?,
        dossier: dossier.as_deref().map(reference).transpose()?,
    })
}
