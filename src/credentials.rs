//! EDGE. Passwords: hashed with Argon2id, never kept, never shown.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// Fewer characters than this are refused.
const SHORTEST: usize = 10;

/// Why a password cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("a password has at least {SHORTEST} characters")]
    TooShort,
    #[error("the password cannot be hashed: {0}")]
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

#[cfg(test)]
mod tests {
    use super::*;

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
