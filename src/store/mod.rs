//! EDGE. What guichet remembers: documents, dossiers, declarations, errands, journal. One trait, one contract suite.
//!
//! Every method that writes is one transaction. Methods are named after the procedure, not after tables.
//!
//! Crash argument: a decision, the number of its declaration, the bytes of its file, letters and answers, the errands that carry
//! them out and the journal's lines are one transaction. Killed before its commit (`commit.number_taken`, `commit.in_transaction`),
//! nothing of it happened and the number was never used; after it (`commit.committed`), all of it will be done, because the errands are
//! there. A loan (`errand.lent`) that its borrower does not outlive ends at the next start, which holds the installation alone
//! (`start.recovered`).

#[cfg(test)]
mod contract;
mod expiry;
mod records;
mod sqlite;
mod views;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::declaration::{FileType, Sequence};
use crate::domain::document::{DocumentId, Sha256};
use crate::domain::dossier::DossierRef;

pub use expiry::{
    Class, ErrandCut, Expired, ExpiredAcknowledgement, ExpiredAnswer, ExpiredDeclaration, ExpiredDocument,
    ExpiredDossier, ExpiredProof, Expiry, Fate, JournalCut,
};
pub use records::{
    Account, Arrival, Batch, Cause, Decided, Delivery, DocumentState, Envelope, Errand, ErrandKind, Examination, Filed,
    Laid, Loan, Mark, Minute, Outgoing, OutgoingState, Page, Received, Recipient, Reply, Scribe, Stored, Treated,
    Unwritable, Waiting, WaitingState, Written,
};
pub use sqlite::SqliteStore;
pub use views::{AnswerLine, DeclarationLine, DossierLine, ErrandLine, JournalLine, LetterLine, Overview};

/// How long an errand that meets only setbacks is tried before a person must look.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_hours(72);
/// A deposit lent so many times without a report kills its borrower: it is parked. Other errands carry bytes of our own and are
/// innocent of the deaths they meet; a parked declaration would hold up all that follow it.
pub const MOST_LOANS: u32 = 5;

/// Memory that outlives the process.
#[async_trait]
pub trait Store: Send + Sync {
    /// Takes claimed files in, in their order, many in one transaction: each gets its row, each deposit its errand. The same
    /// claim again changes nothing.
    async fn receive(&self, arrivals: &[Arrival]) -> Result<Vec<Received>, StoreError>;

    /// All documents of a deposit, in the order they were received.
    async fn deposit(&self, deposit: DocumentId) -> Result<Vec<Stored>, StoreError>;

    /// One document.
    async fn document(&self, document: DocumentId) -> Result<Option<Stored>, StoreError>;

    /// Dossiers that hold a document of this deposit or share one of these marks; most recently moved first, at most 50.
    async fn candidates(&self, deposit: DocumentId, marks: &[Mark]) -> Result<Vec<Filed>, StoreError>;

    /// One dossier.
    async fn dossier(&self, reference: &DossierRef) -> Result<Option<Filed>, StoreError>;

    /// The reference for a new dossier. A reference taken and not used is never seen.
    async fn next_reference(&self, year: i16) -> Result<DossierRef, StoreError>;

    /// Writes a minute: closes the cause, saves readings and dossiers, turns effects into bytes and errands, adds to the
    /// journal. Refuses if a dossier moved since it was read or the loan was lost.
    async fn commit(&self, minute: Minute, scribe: &dyn Scribe) -> Result<(), StoreError>;

    /// Ends all loans: at start, when no borrower can be alive.
    async fn end_loans(&self) -> Result<u64, StoreError>;

    /// Lends due errands of a kind until `until`, lapsed loans first. An errand that keeps killing its borrower is parked
    /// instead.
    async fn lend(
        &self,
        kind: ErrandKind,
        most: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Errand>, StoreError>;

    /// Prolongs a loan; `false` when it is lost and the work must stop.
    async fn renew(&self, loan: &Loan, until: Timestamp) -> Result<bool, StoreError>;

    /// Takes an errand back to be tried again at `due`, or parks it when that is past its patience. `why` is shown.
    async fn postpone(&self, loan: &Loan, due: Timestamp, why: &str) -> Result<(), StoreError>;

    /// Takes an errand back until a person sends it round again. `why` is shown.
    async fn park(&self, loan: &Loan, why: &str) -> Result<(), StoreError>;

    /// Sends parked errands (one, or all) round again; says how many.
    async fn retry(&self, errand: Option<&str>, by: &str, now: Timestamp) -> Result<u64, StoreError>;

    /// Is any errand live, whether due or not? And when is the next one due?
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Is any errand in a worker's hands, or due by then?
    async fn is_busy(&self, by: Timestamp) -> Result<bool, StoreError>;

    /// A declaration with its bytes.
    async fn outgoing(&self, name: &str) -> Result<Option<Outgoing>, StoreError>;

    /// Declarations that have not left, of one dossier or all, oldest first.
    async fn waiting(&self, dossier: Option<&DossierRef>) -> Result<Vec<Waiting>, StoreError>;

    /// The number that the next file of a type and bank will have; someone else may take it first.
    async fn next_number(&self, file_type: FileType, bank_code: &str) -> Result<Sequence, StoreError>;

    /// The declaration lies whole on its stage: from now on it is never written again.
    async fn staged(&self, name: &str) -> Result<(), StoreError>;

    async fn envelope(&self, message_id: &str) -> Result<Option<Envelope>, StoreError>;

    /// The recipients of a letter, copies included, and what became of it for each.
    async fn recipients(&self, message_id: &str) -> Result<Vec<Recipient>, StoreError>;

    /// Writes down what became of a letter for these recipients. Refusals are journalled.
    async fn delivered(&self, message_id: &str, recipients: &[Recipient], now: Timestamp) -> Result<(), StoreError>;

    /// Sends letters that the trial mode kept (of one dossier, or all) round to those they were kept from; says how many.
    async fn send_kept(&self, dossier: Option<&DossierRef>, by: &str, now: Timestamp) -> Result<u64, StoreError>;

    async fn reply(&self, id: &str) -> Result<Option<Reply>, StoreError>;

    async fn overview(&self) -> Result<Overview, StoreError>;

    /// Dossiers, most recently moved first.
    async fn dossiers(&self, most: usize) -> Result<Vec<DossierLine>, StoreError>;

    /// Journal lines of a dossier (or all), oldest first.
    async fn journal(&self, dossier: Option<&DossierRef>) -> Result<Vec<JournalLine>, StoreError>;

    /// So many lines of the journal from a number on, oldest first.
    async fn journal_page(&self, from: i64, most: i64) -> Result<Vec<JournalLine>, StoreError>;

    /// Number and hash of the journal's last line.
    async fn journal_head(&self) -> Result<Option<(i64, String)>, StoreError>;

    /// Errands that are not done.
    async fn errands(&self) -> Result<Vec<ErrandLine>, StoreError>;

    async fn declarations(&self, dossier: Option<&DossierRef>) -> Result<Vec<DeclarationLine>, StoreError>;

    async fn letters(&self, dossier: Option<&DossierRef>) -> Result<Vec<LetterLine>, StoreError>;

    async fn answers(&self) -> Result<Vec<AnswerLine>, StoreError>;

    /// Every document, oldest first.
    async fn documents(&self) -> Result<Vec<Stored>, StoreError>;

    /// Hashes of everything that proves an event.
    async fn proofs(&self) -> Result<Vec<Sha256>, StoreError>;

    /// Writes a person's account as it now is. `event` says in the journal what was done to it: `user_enrolled`, `user_closed`, ….
    async fn enrol(&self, account: &Account, event: &'static str, by: &str, now: Timestamp) -> Result<(), StoreError>;

    /// A password was given for this name: right or wrong. Wrong ones are journalled and counted, a right one ends the count.
    async fn signed(&self, name: &str, right: bool, now: Timestamp) -> Result<(), StoreError>;

    /// A person by name; case and spaces between the words do not matter.
    async fn account(&self, name: &str) -> Result<Option<Account>, StoreError>;

    /// Everyone, by name.
    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;

    /// Faults the database finds in itself, and in the journal's chain.
    async fn verify(&self) -> Result<Vec<String>, StoreError>;

    /// Parks every declaration that is on its way and gives their names: only its consumer knows whether it arrived.
    async fn distrust_outgoing(&self, why: &str) -> Result<Vec<String>, StoreError>;

    /// All that rows know of and that lies before these instants.
    async fn expired(&self, expiry: &Expiry) -> Result<Expired, StoreError>;

    /// Takes it out of the rows, in one transaction with the journal's line that names the list and its hash; then out of the
    /// pages and the log it stood on.
    async fn erase(&self, expired: &Expired, list: &str, hash: &str, by: &str, at: Timestamp)
    -> Result<(), StoreError>;

    /// What the journal tells of every purge: name and hash of its list, counts.
    async fn purges(&self) -> Result<Vec<serde_json::Value>, StoreError>;

    /// Of these bytes, is any document still to be kept?
    async fn keeps(&self, sha256: &Sha256) -> Result<bool, StoreError>;

    /// Folders that copies of this installation were made in.
    async fn copies(&self) -> Result<Vec<String>, StoreError>;

    /// Number of the journal's first row: greater than 1 once its beginning had its time.
    async fn journal_first(&self) -> Result<Option<i64>, StoreError>;

    /// The hash of a row of the journal.
    async fn journal_hash(&self, number: i64) -> Result<Option<String>, StoreError>;

    /// A consistent copy of the database in a new file, while others write.
    async fn copy_to(&self, file: &std::path::Path) -> Result<(), StoreError>;
}

/// Why the store could not.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("le dossier {0} a changé entre-temps")]
    Moved(DossierRef),
    #[error("la tâche est passée en d'autres mains")]
    LoanLost,
    #[error("{0} n'est plus ce qui a été montré avant la validation")]
    SeenDiffers(String),
    #[error("SQLite {0} peut abîmer son journal ; il faut au moins 3.51.3")]
    TooOld(String),
    #[error("une ligne de la base ne peut être lue : {0}")]
    Unreadable(String),
    #[error("la base de données ne peut être utilisée")]
    Database(#[source] sqlx::Error),
    #[error("les tables de la base ne peuvent être mises à jour")]
    Migration(#[source] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(err: sqlx::Error) -> Self {
        // SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC: what was written may be lost although a retry would say otherwise.
        let code = err.as_database_error().and_then(|err| err.code().map(std::borrow::Cow::into_owned));
        if matches!(code.as_deref(), Some("1034" | "1290")) {
            tracing::error!(
                "The disk could not keep what the database wrote ({err}); stopping rather than trusting it"
            );
            std::process::exit(crate::durable::DISK_FAILED);
        }
        Self::Database(err)
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(err: serde_json::Error) -> Self {
        Self::Unreadable(err.to_string())
    }
}
