//! The embedded store: one SQLite file, write-ahead log, every commit forced to the disk.
//!
//! Why one writer: SQLite has one anyway, and asking for the write lock at the start (`BEGIN IMMEDIATE`) is the only way to wait for
//! it; a transaction that reads first and writes later is refused at once when another has written meanwhile.
//! Readers have connections of their own and never wait.

mod accounts;
mod commit;
mod errands;
mod expire;
mod journal;
mod letters;
mod open;
mod receive;
mod rows;
mod show;
mod waiting;
mod way_out;

use std::path::Path;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::sqlite::SqlitePool;
use sqlx::{Row, Sqlite, Transaction};

use super::{
    Account, AnswerLine, Arrival, DeclarationLine, DossierLine, Envelope, Errand, ErrandKind, ErrandLine, Expired,
    Expiry, Filed, JournalLine, LetterLine, Loan, Mark, Minute, Outgoing, Overview, Received, Recipient, Reply, Scribe,
    Store, StoreError, Stored, Waiting,
};
use crate::domain::declaration::{FileType, Sequence};
use crate::domain::document::{DocumentId, Sha256};
use crate::domain::dossier::DossierRef;

/// The store in one SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Closes every connection, leaving no log behind.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        match self.writer.begin_with("BEGIN IMMEDIATE").await {
            // A commit that a full disk cut off leaves the connection in the belief that it is still in a transaction, for ever: a
            // new one knows better.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await?.close().await?;
                Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            begun => Ok(begun?),
        }
    }
}

fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

#[async_trait]
impl Store for SqliteStore {
    async fn receive(&self, arrivals: &[Arrival]) -> Result<Vec<Received>, StoreError> {
        let mut tx = self.write().await?;
        let received = receive::receive(&mut tx, arrivals).await?;
        crate::crash::point("receive.in_transaction");
        tx.commit().await?;
        crate::crash::point("receive.committed");
        Ok(received)
    }

    async fn deposit(&self, deposit: DocumentId) -> Result<Vec<Stored>, StoreError> {
        receive::documents(&self.readers, "WHERE deposit = $1 ORDER BY received, id", &[&deposit.to_string()]).await
    }

    async fn document(&self, document: DocumentId) -> Result<Option<Stored>, StoreError> {
        let found = receive::documents(&self.readers, "WHERE id = $1", &[&document.to_string()]).await?;
        Ok(found.into_iter().next())
    }

    async fn documents(&self) -> Result<Vec<Stored>, StoreError> {
        receive::documents(&self.readers, "ORDER BY received, id", &[]).await
    }

    async fn candidates(&self, deposit: DocumentId, marks: &[Mark]) -> Result<Vec<Filed>, StoreError> {
        commit::candidates(&self.readers, deposit, marks).await
    }

    async fn dossier(&self, reference: &DossierRef) -> Result<Option<Filed>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        commit::dossier(&mut connection, reference.as_str()).await
    }

    async fn next_reference(&self, year: i16) -> Result<DossierRef, StoreError> {
        let mut tx = self.write().await?;
        let number = commit::count(&mut tx, &format!("dossier.{year}")).await?;
        tx.commit().await?;
        let number = u32::try_from(number).map_err(|_| StoreError::Unreadable("counter of dossiers".to_owned()))?;
        Ok(DossierRef::new(year, number))
    }

    async fn commit(&self, minute: Minute, scribe: &dyn Scribe) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        commit::commit(&mut tx, minute, scribe).await?;
        crate::crash::point("commit.in_transaction");
        tx.commit().await?;
        crate::crash::point("commit.committed");
        Ok(())
    }

    async fn end_loans(&self) -> Result<u64, StoreError> {
        let ended = sqlx::query("UPDATE errand SET lent = 0, due = 0 WHERE state = 'live' AND lent = 1")
            .execute(&self.writer)
            .await?;
        Ok(ended.rows_affected())
    }

    async fn lend(
        &self,
        kind: ErrandKind,
        most: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Errand>, StoreError> {
        // Looking costs no write lock: most looks find nothing.
        if !errands::any_due(&self.readers, kind, now).await? {
            return Ok(Vec::new());
        }
        let mut tx = self.write().await?;
        let errands = errands::lend(&mut tx, kind, most, now, until).await?;
        tx.commit().await?;
        crate::crash::point("errand.lent");
        Ok(errands)
    }

    async fn renew(&self, loan: &Loan, until: Timestamp) -> Result<bool, StoreError> {
        errands::renew(&self.writer, loan, until).await
    }

    async fn postpone(&self, loan: &Loan, due: Timestamp, why: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        errands::postpone(&mut tx, loan, due, why).await?;
        Ok(tx.commit().await?)
    }

    async fn park(&self, loan: &Loan, why: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        errands::park(&mut tx, loan, why).await?;
        Ok(tx.commit().await?)
    }

    async fn retry(&self, errand: Option<&str>, by: &str, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let count = errands::retry(&mut tx, errand, by, now).await?;
        tx.commit().await?;
        Ok(count)
    }

    async fn proofs(&self) -> Result<Vec<Sha256>, StoreError> {
        show::proofs(&self.readers).await
    }

    async fn enrol(&self, account: &Account, event: &'static str, by: &str, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        accounts::enrol(&mut tx, account, event, by, now).await?;
        Ok(tx.commit().await?)
    }

    async fn signed(&self, name: &str, right: bool, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        accounts::signed(&mut tx, name, right, now).await?;
        Ok(tx.commit().await?)
    }

    async fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        accounts::find(&self.readers, name).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        accounts::all(&self.readers).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> =
            sqlx::query("SELECT MIN(due) AS due FROM errand WHERE state = 'live' AND state <> 'done'")
                .fetch_one(&self.readers)
                .await?
                .try_get("due")?;
        due.map(rows::instant).transpose()
    }

    async fn is_busy(&self, by: Timestamp) -> Result<bool, StoreError> {
        let found = sqlx::query(
            "SELECT 1 FROM errand WHERE state = 'live' AND state <> 'done' AND (lent = 1 OR due <= $1) LIMIT 1",
        )
        .bind(millis(by))
        .fetch_optional(&self.readers)
        .await?;
        Ok(found.is_some())
    }

    async fn outgoing(&self, name: &str) -> Result<Option<Outgoing>, StoreError> {
        way_out::outgoing(&self.readers, name).await
    }

    async fn waiting(&self, dossier: Option<&DossierRef>) -> Result<Vec<Waiting>, StoreError> {
        waiting::list(&self.readers, dossier).await
    }

    async fn next_number(&self, file_type: FileType, bank_code: &str) -> Result<Sequence, StoreError> {
        waiting::next_number(&self.readers, file_type, bank_code).await
    }

    async fn staged(&self, name: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query("UPDATE declaration SET state = 'staged' WHERE name = $1 AND state = 'new'")
            .bind(name)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        crate::crash::point("publish.marked_staged");
        Ok(())
    }

    async fn envelope(&self, message_id: &str) -> Result<Option<Envelope>, StoreError> {
        way_out::envelope(&self.readers, message_id).await
    }

    async fn recipients(&self, message_id: &str) -> Result<Vec<Recipient>, StoreError> {
        letters::recipients(&self.readers, message_id).await
    }

    async fn delivered(&self, message_id: &str, recipients: &[Recipient], now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        letters::delivered(&mut tx, message_id, recipients, now).await?;
        Ok(tx.commit().await?)
    }

    async fn send_kept(&self, dossier: Option<&DossierRef>, by: &str, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let count = letters::send_kept(&mut tx, dossier, by, now).await?;
        tx.commit().await?;
        Ok(count)
    }

    async fn reply(&self, id: &str) -> Result<Option<Reply>, StoreError> {
        way_out::reply(&self.readers, id).await
    }

    async fn overview(&self) -> Result<Overview, StoreError> {
        show::overview(&self.readers).await
    }

    async fn dossiers(&self, most: usize) -> Result<Vec<DossierLine>, StoreError> {
        show::dossiers(&self.readers, most).await
    }

    async fn journal(&self, dossier: Option<&DossierRef>) -> Result<Vec<JournalLine>, StoreError> {
        journal::lines(&self.readers, dossier).await
    }

    async fn journal_page(&self, from: i64, most: i64) -> Result<Vec<JournalLine>, StoreError> {
        journal::page(&self.readers, from, most).await
    }

    async fn journal_head(&self) -> Result<Option<(i64, String)>, StoreError> {
        journal::head(&self.readers).await
    }

    async fn errands(&self) -> Result<Vec<ErrandLine>, StoreError> {
        show::errands(&self.readers).await
    }

    async fn declarations(&self, dossier: Option<&DossierRef>) -> Result<Vec<DeclarationLine>, StoreError> {
        show::declarations(&self.readers, dossier).await
    }

    async fn letters(&self, dossier: Option<&DossierRef>) -> Result<Vec<LetterLine>, StoreError> {
        show::letters(&self.readers, dossier).await
    }

    async fn answers(&self) -> Result<Vec<AnswerLine>, StoreError> {
        show::answers(&self.readers).await
    }

    async fn verify(&self) -> Result<Vec<String>, StoreError> {
        show::verify(&self.readers).await
    }

    async fn distrust_outgoing(&self, why: &str) -> Result<Vec<String>, StoreError> {
        let parked = sqlx::query_scalar(
            "UPDATE errand SET state = 'parked', lent = 0, last_error = $1 WHERE kind = 'publish' AND state = 'live'
             RETURNING subject",
        )
        .bind(why)
        .fetch_all(&self.writer)
        .await?;
        Ok(parked)
    }

    async fn expired(&self, expiry: &Expiry) -> Result<Expired, StoreError> {
        expire::expired(&self.readers, expiry).await
    }

    async fn erase(
        &self,
        expired: &Expired,
        list: &str,
        hash: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        expire::erase(&mut tx, expired, list, hash, by, at).await?;
        crate::crash::point("purge.in_transaction");
        tx.commit().await?;
        crate::crash::point("purge.committed");
        // A reader in the middle of something keeps the log: it is cut at the next occasion then.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        Ok(())
    }

    async fn purges(&self) -> Result<Vec<serde_json::Value>, StoreError> {
        journal::details(&self.readers, journal::PURGED).await
    }

    async fn keeps(&self, sha256: &Sha256) -> Result<bool, StoreError> {
        expire::keeps(&self.readers, sha256).await
    }

    async fn copies(&self) -> Result<Vec<String>, StoreError> {
        expire::copies(&self.readers).await
    }

    async fn journal_first(&self) -> Result<Option<i64>, StoreError> {
        journal::first(&self.readers).await
    }

    async fn journal_hash(&self, number: i64) -> Result<Option<String>, StoreError> {
        journal::hash_of(&self.readers, number).await
    }

    async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let file = file.to_str().ok_or_else(|| StoreError::Unreadable("the copy's path is not UTF-8".to_owned()))?;
        sqlx::query("VACUUM INTO $1").bind(file).execute(&self.writer).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_contract_holds() {
        super::super::contract::holds_for(|| async {
            let folder = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(&folder.path().join("g.db")).await.unwrap();
            (store, folder)
        })
        .await;
    }
}
