//! Opens the database: its connections, and its tables brought up to date.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{SqliteStore, StoreError};

/// How long a writer waits for another process that holds the database (a backup, the command line).
const PATIENCE: Duration = Duration::from_mins(1);

impl SqliteStore {
    /// Opens the database, making it when it is not there, and brings its tables up to date.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE)
            // What is deleted is overwritten: an erased form must not survive in a free page.
            .pragma("secure_delete", "ON")
            // Kibibytes per connection; the two megabytes by default do not hold the indexes of a year.
            .pragma("cache_size", "-8192");
        let writer = {
            // A command may open the database beside the daemon's first start. Neither the change to a write-ahead log (which waits
            // for nobody: SQLite answers "locked" at once) nor SQLite's migrator (which takes no lock) bears two at a time.
            let _turn = turn(file).await?;
            let writer = SqlitePoolOptions::new()
                .max_connections(1)
                .acquire_timeout(2 * PATIENCE)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_with(options.clone())
                .await?;
            let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&writer).await?;
            if !is_sound(&version) {
                return Err(StoreError::TooOld(version));
            }
            sqlx::migrate!("src/store/migrations").run(&writer).await.map_err(StoreError::Migration)?;
            writer
        };
        let readers = SqlitePoolOptions::new()
            .min_connections(0)
            .max_connections(4)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Self { writer, readers })
    }
}

/// Waits for the turn to bring the tables up to date; given back when the file is dropped.
async fn turn(database: &Path) -> Result<std::fs::File, StoreError> {
    let path = database.with_extension("opening");
    let locked = tokio::task::spawn_blocking(move || {
        let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    });
    locked.await.map_err(std::io::Error::other).and_then(|done| done).map_err(|err| StoreError::Database(err.into()))
}

/// Versions 3.7.0 to 3.51.2 can corrupt the log when two connections reset it at once.
fn is_sound(version: &str) -> bool {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next()) >= (3, 51, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_with_the_log_fault_are_refused() {
        for (version, sound) in
            [("3.7.0", false), ("3.51.2", false), ("3.51.3", true), ("3.60.0", true), ("4.0", true), ("", false)]
        {
            assert_eq!(is_sound(version), sound, "{version}");
        }
    }

    #[tokio::test]
    async fn every_commit_is_forced_to_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("g.db")).await.unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&store.writer).await.unwrap();
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&store.writer).await.unwrap();
        assert_eq!((synchronous, mode.as_str()), (2, "wal"));
    }

    /// A command that opens the database beside the daemon's first start.
    #[test]
    fn a_new_database_is_opened_by_several_at_once() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("g.db");
            let openers: Vec<_> = (0..4)
                .map(|_| {
                    let file = file.clone();
                    std::thread::spawn(move || {
                        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                        runtime.block_on(async { SqliteStore::open(&file).await.map(drop) })
                    })
                })
                .collect();
            for opener in openers {
                opener.join().unwrap().unwrap();
            }
        }
    }
}
