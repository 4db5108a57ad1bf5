//! People who work with guichet, and what they may do.

use jiff::Timestamp;
use serde_json::json;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Row, SqliteConnection};

use super::journal;
use crate::domain::release::{User, folded};
use crate::store::{Account, StoreError};

pub(super) async fn enrol(
    tx: &mut SqliteConnection,
    account: &Account,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let User { name, roles } = &account.user;
    sqlx::query(
        "INSERT INTO account (name, shown, roles, password) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET shown = excluded.shown, roles = excluded.roles, password = excluded.password",
    )
    .bind(folded(name))
    .bind(name)
    .bind(serde_json::to_string(roles)?)
    .bind(&account.password)
    .execute(&mut *tx)
    .await?;
    write_down(tx, "user_enrolled", json!({ "user": name, "roles": roles }), by, at).await
}

pub(super) async fn dismiss(
    tx: &mut SqliteConnection,
    name: &str,
    by: &str,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let gone = sqlx::query("DELETE FROM account WHERE name = $1").bind(folded(name)).execute(&mut *tx).await?;
    if gone.rows_affected() == 0 {
        return Ok(false);
    }
    write_down(tx, "user_dismissed", json!({ "user": name }), by, at).await?;
    Ok(true)
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
    Ok(Account { user: User { name: row.try_get("shown")?, roles }, password: row.try_get("password")? })
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
