//! EDGE. Passwords: hashed with Argon2id, never kept, never shown; who someone is, once a password has shown it.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use jiff::Timestamp;

use crate::domain::release::User;
use crate::store::{Account, Store, StoreError};

/// Fewer characters than this are refused.
const SHORTEST: usize = 10;

/// Why a password cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("un mot de passe a au moins {SHORTEST} caractères")]
    TooShort,
    #[error("le mot de passe ne peut être haché : {0}")]
    NotHashed(String),
}

/// The hash of a new password, as a PHC string with its own salt.
pub fn hash(password: &str) -> Result<String, Unfit> {
    if password.chars().count() < SHORTEST {
        return Err(Unfit::TooShort);
    }
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|err| Unfit::NotHashed(err.to_string()))
}

/// Is this the password behind the hash? A hash that cannot be read belongs to no password.
#[must_use]
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Wrong passwords before one must wait.
const FREE: u32 = 3;
/// Shortest and longest wait after a wrong password: each further one doubles it.
const WAIT: i64 = 30;
const LONGEST_WAIT: i64 = 900;

/// Why someone is not let in.
#[derive(Debug, thiserror::Error)]
pub enum NotLetIn {
    /// Nobody has that name, or the password is wrong: which of the two is not told.
    #[error("nom inconnu ou mot de passe faux")]
    Unknown,
    #[error("too many wrong passwords; wait until {0}")]
    Wait(Timestamp),
    #[error("ce compte est fermé")]
    Closed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who someone is, once the password has shown it. An unknown name costs the same time as a wrong password; wrong ones are
/// journalled, and from the fourth in a row each makes the next wait longer.
pub async fn sign_in(store: &dyn Store, name: &str, password: &str, now: Timestamp) -> Result<User, NotLetIn> {
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$x0A1Nn0gFO3sGoFvqz1p5s6XKqf2W1T5QWtv6mI8oXU";
    let account = store.account(name).await?;
    if let Some(until) = account.as_ref().and_then(waits_until).filter(|until| now < *until) {
        return Err(NotLetIn::Wait(until));
    }
    let (given, known) = (password.to_owned(), account.as_ref().map_or(NOBODY.to_owned(), |it| it.password.clone()));
    // Hashing takes its time on purpose: not on the threads that serve others.
    let right = tokio::task::spawn_blocking(move || verify(&given, &known)).await.unwrap_or(false);
    store.signed(name, right && account.is_some(), now).await?;
    let account = account.filter(|_| right).ok_or(NotLetIn::Unknown)?;
    if account.disabled { Err(NotLetIn::Closed) } else { Ok(account.user) }
}

fn waits_until(account: &Account) -> Option<Timestamp> {
    let over = account.failures.checked_sub(FREE)?;
    let seconds = WAIT.saturating_mul(1 << over.min(20)).min(LONGEST_WAIT);
    Some(account.failed? + jiff::SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_passwords_wait_longer_and_longer() {
        let failed: Timestamp = "2026-11-24T11:00:00Z".parse().unwrap();
        let wait = |failures| {
            let user = User { name: "A".to_owned(), roles: [].into() };
            let account = Account { user, password: String::new(), disabled: false, failures, failed: Some(failed) };
            waits_until(&account).map(|until| until.duration_since(failed).as_secs())
        };
        let waits = [1, 2, 3, 4, 5, 8, 40].map(wait);
        assert_eq!(waits, [None, None, Some(30), Some(60), Some(120), Some(900), Some(900)]);
    }

    #[test]
    fn a_password_is_known_again_and_never_stored() {
        let hashed = hash("une phrase assez longue").unwrap();
        assert!(hashed.starts_with("$argon2id$") && !hashed.contains("phrase"));
        assert!(verify("une phrase assez longue", &hashed));
        assert!(!verify("une phrase assez longuE", &hashed));
        assert_ne!(hashed, hash("une phrase assez longue").unwrap(), "each hash has its own salt");
        assert!(!verify("", "nonsense"));
        assert_eq!(hash("court"), Err(Unfit::TooShort));
    }
}
