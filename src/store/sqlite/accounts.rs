//! People who work with guichet, and what they may do.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Row, SqliteConnection};

use super::{journal, millis, rows};
use crate::domain::release::{User, folded};
use crate::store::{Account, StoreError};

pub(super) async fn enrol(
    tx: &mut SqliteConnection,
    account: &Account,
    event: &'static str,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Account { user: User { name, roles }, password, disabled, failures, failed } = account;
    sqlx::query(
        "INSERT INTO account (name, shown, roles, password, disabled, failures, failed) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (name) DO UPDATE SET shown = excluded.shown, roles = excluded.roles, password = excluded.password,
             disabled = excluded.disabled, failures = excluded.failures, failed = excluded.failed",
    )
    .bind(folded(name))
    .bind(name)
    .bind(serde_json::to_string(roles)?)
    .bind(password)
    .bind(i64::from(*disabled))
    .bind(i64::from(*failures))
    .bind(failed.map(millis))
    .execute(&mut *tx)
    .await?;
    write_down(tx, event, json!({ "user": name, "roles": roles }), by, at).await
}

pub(super) async fn signed(
    tx: &mut SqliteConnection,
    name: &str,
    right: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = if right {
        "UPDATE account SET failures = 0, failed = NULL WHERE name = $1 AND ($2 >= 0)"
    } else {
        "UPDATE account SET failures = failures + 1, failed = $2 WHERE name = $1"
    };
    let known = sqlx::query(sql).bind(folded(name)).bind(millis(at)).execute(&mut *tx).await?.rows_affected() == 1;
    // A name nobody has may be a password typed into the wrong place: it is not written down.
    if right || !known {
        return Ok(());
    }
    write_down(tx, "password_wrong", json!({ "user": name }), "guichet", at).await
}

pub(super) async fn find(pool: &SqlitePool, name: &str) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query("SELECT * FROM account WHERE name = $1").bind(folded(name)).fetch_optional(pool).await?;
    row.as_ref().map(account).transpose()
}

pub(super) async fn all(pool: &SqlitePool) -> Result<Vec<Account>, StoreError> {
    let rows = sqlx::query("SELECT * FROM account ORDER BY name").fetch_all(pool).await?;
    rows.iter().map(account).collect()
}

fn account(row: &SqliteRow) -> Result<Account, StoreError> {
    let roles = serde_json::from_str(row.try_get("roles")?)?;
    let failed: Option<i64> = row.try_get("failed")?;
    Ok(Account {
        user: User { name: row.try_get("shown")?, roles },
        password: row.try_get("password")?,
        disabled: row.try_get::<i64, _>("disabled")? != 0,
        failures: rows::count(row, "failures")?,
        failed: failed.map(rows::instant).transpose()?,
    })
}

async fn write_down(
    tx: &mut SqliteConnection,
    event: &'static str,
    detail: serde_json::Value,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let line = journal::Line { at, who: by, event, dossier: "", document: String::new(), detail };
    journal::append(tx, &[line]).await
}
