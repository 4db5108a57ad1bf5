//! Errands lent, prolonged, taken back. A loan is a due time in the future and a number: no reaper, no table of workers.

use jiff::Timestamp;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Row, SqliteConnection};

use super::{journal, millis, rows};
use crate::store::{Errand, ErrandKind, Loan, MOST_LOANS, PATIENCE, StoreError};

/// Due times further ahead than any pause we grant come from a clock that has been set back: they count as due.
const FURTHEST_DUE: i64 = 26 * 3600 * 1000;

// Statements say `state <> 'done'` beside `state = 'live'`: only then does the index of open errands serve, and the errands of
// years are not passed over at each look.

/// Adds an errand; the same subject again changes nothing.
pub(super) async fn add(
    tx: &mut SqliteConnection,
    kind: ErrandKind,
    subject: &str,
    payload: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "INSERT INTO errand (id, kind, subject, payload, state, due, give_up, failures, loans, lent, loan)
         VALUES ($1, $2, $3, $4, 'live', $5, $6, 0, 0, 0, 0) ON CONFLICT (kind, subject) DO NOTHING",
    )
    .bind(uuid::Uuid::now_v7().simple().to_string())
    .bind(kind.as_str())
    .bind(subject)
    .bind(payload)
    .bind(millis(now))
    .bind(millis(now) + patience())
    .execute(tx)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// An effect that could not be written: waits for a person from the start.
pub(super) async fn add_parked(
    tx: &mut SqliteConnection,
    subject: &str,
    payload: &str,
    why: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    add(tx, ErrandKind::Write, subject, payload, now).await?;
    sqlx::query("UPDATE errand SET state = 'parked', last_error = $3 WHERE kind = $1 AND subject = $2")
        .bind(ErrandKind::Write.as_str())
        .bind(subject)
        .bind(why)
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) async fn any_due(pool: &SqlitePool, kind: ErrandKind, now: Timestamp) -> Result<bool, StoreError> {
    let found = sqlx::query(
        "SELECT 1 FROM errand WHERE state = 'live' AND state <> 'done' AND kind = $1 AND (due <= $2 OR due > $3) LIMIT 1",
    )
    .bind(kind.as_str())
    .bind(millis(now))
    .bind(millis(now) + FURTHEST_DUE)
    .fetch_optional(pool)
    .await?;
    Ok(found.is_some())
}

/// Lapsed loans go before the backlog: else what a dead worker held would wait behind everything.
pub(super) async fn lend(
    tx: &mut SqliteConnection,
    kind: ErrandKind,
    most: usize,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<Errand>, StoreError> {
    let mut errands = Vec::new();
    for lent in [1_i64, 0] {
        let most = i64::try_from(most.saturating_sub(errands.len())).unwrap_or(i64::MAX);
        let lent = sqlx::query(
            "UPDATE errand SET lent = 1, loan = loan + 1, loans = loans + 1, due = $1 WHERE id IN (
                 SELECT id FROM errand WHERE state = 'live' AND state <> 'done' AND kind = $3 AND lent = $2
                     AND (due <= $4 OR due > $5)
                 ORDER BY due, id LIMIT $6)
             RETURNING id, kind, subject, payload, failures, loans, loan, give_up",
        )
        .bind(millis(until))
        .bind(lent)
        .bind(kind.as_str())
        .bind(millis(now))
        .bind(millis(now) + FURTHEST_DUE)
        .bind(most)
        .fetch_all(&mut *tx)
        .await?;
        for row in &lent {
            let errand = errand(row)?;
            if kind == ErrandKind::Examine && errand.loans > MOST_LOANS {
                let why = format!("{MOST_LOANS} times its worker ended without a report");
                park(tx, &errand.loan, &why).await?;
            } else {
                errands.push(errand);
            }
        }
    }
    // `RETURNING` promises no order; identifiers grow with time.
    errands.sort_by(|a, b| a.loan.errand.cmp(&b.loan.errand));
    Ok(errands)
}

pub(super) async fn renew(pool: &SqlitePool, loan: &Loan, until: Timestamp) -> Result<bool, StoreError> {
    let renewed = sqlx::query("UPDATE errand SET due = $1 WHERE id = $2 AND loan = $3 AND state = 'live' AND lent = 1")
        .bind(millis(until))
        .bind(&loan.errand)
        .bind(loan.number)
        .execute(pool)
        .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Closes a loan for good and says what the errand was about. What it carried is not kept: the row says only that it was done.
pub(super) async fn close(tx: &mut SqliteConnection, loan: &Loan) -> Result<(ErrandKind, String), StoreError> {
    let closed = sqlx::query(
        "UPDATE errand SET state = 'done', lent = 0, payload = '', last_error = NULL
         WHERE id = $1 AND loan = $2 AND state = 'live' AND lent = 1 RETURNING kind, subject",
    )
    .bind(&loan.errand)
    .bind(loan.number)
    .fetch_optional(tx)
    .await?
    .ok_or(StoreError::LoanLost)?;
    Ok((rows::word(closed.try_get("kind")?)?, closed.try_get("subject")?))
}

pub(super) async fn postpone(
    tx: &mut SqliteConnection,
    loan: &Loan,
    due: Timestamp,
    why: &str,
) -> Result<(), StoreError> {
    let back = sqlx::query(
        "UPDATE errand SET lent = 0, loans = 0, failures = failures + 1, last_error = $3, due = $4,
             state = CASE WHEN $4 > give_up THEN 'parked' ELSE 'live' END
         WHERE id = $1 AND loan = $2 AND state = 'live' AND lent = 1",
    )
    .bind(&loan.errand)
    .bind(loan.number)
    .bind(why)
    .bind(millis(due))
    .execute(tx)
    .await?;
    if back.rows_affected() == 1 { Ok(()) } else { Err(StoreError::LoanLost) }
}

pub(super) async fn park(tx: &mut SqliteConnection, loan: &Loan, why: &str) -> Result<(), StoreError> {
    let back = sqlx::query(
        "UPDATE errand SET lent = 0, loans = 0, last_error = $3, state = 'parked'
         WHERE id = $1 AND loan = $2 AND state = 'live' AND lent = 1",
    )
    .bind(&loan.errand)
    .bind(loan.number)
    .bind(why)
    .execute(tx)
    .await?;
    if back.rows_affected() == 1 { Ok(()) } else { Err(StoreError::LoanLost) }
}

/// Makes an errand that is done live again; `false` when it is not done.
pub(super) async fn reopen(
    tx: &mut SqliteConnection,
    kind: ErrandKind,
    subject: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let reopened = sqlx::query(
        "UPDATE errand SET state = 'live', failures = 0, loans = 0, due = $3, give_up = $4
         WHERE kind = $1 AND subject = $2 AND state = 'done'",
    )
    .bind(kind.as_str())
    .bind(subject)
    .bind(millis(now))
    .bind(millis(now) + patience())
    .execute(tx)
    .await?;
    Ok(reopened.rows_affected() == 1)
}

/// Sends parked errands round again, and says so in the journal.
pub(super) async fn retry(
    tx: &mut SqliteConnection,
    errand: Option<&str>,
    by: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let again = sqlx::query(
        "UPDATE errand SET state = 'live', failures = 0, loans = 0, due = $1, give_up = $2
         WHERE state = 'parked' AND ($3 = '' OR id = $3) RETURNING id, kind, subject",
    )
    .bind(millis(now))
    .bind(millis(now) + patience())
    .bind(errand.unwrap_or_default())
    .fetch_all(&mut *tx)
    .await?;
    let mut lines = Vec::new();
    for row in &again {
        if row.try_get::<&str, _>("kind")? == "send" {
            // Who refused the letter is written to again.
            sqlx::query("UPDATE recipient SET delivery = 'queued' WHERE letter = $1 AND delivery = 'refused'")
                .bind(row.try_get::<&str, _>("subject")?)
                .execute(&mut *tx)
                .await?;
        }
        lines.push(journal::Line {
            at: now,
            who: by,
            event: "retried",
            dossier: "",
            document: String::new(),
            detail: serde_json::json!({ "errand": row.try_get::<String, _>("id")?, "kind": row.try_get::<String, _>("kind")? }),
        });
    }
    journal::append(tx, &lines).await?;
    Ok(again.len() as u64)
}

fn errand(row: &SqliteRow) -> Result<Errand, StoreError> {
    Ok(Errand {
        loan: Loan { errand: row.try_get("id")?, number: row.try_get("loan")? },
        kind: rows::word(row.try_get("kind")?)?,
        subject: row.try_get("subject")?,
        payload: row.try_get("payload")?,
        failures: rows::count(row, "failures")?,
        loans: rows::count(row, "loans")?,
        give_up: rows::at(row, "give_up")?,
    })
}

fn patience() -> i64 {
    i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX)
}
