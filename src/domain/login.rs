//! The login that is proposed for a consultation user: declared to the bank, and told to the user.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

const LONGEST: usize = 20;

/// What stands before the at sign of the user's e-mail, else the name: at most 20 of `a-z`, `0-9`, `.`, `-` and `_`, no two
/// alike among those `taken`.
pub fn login(email: &str, name: &str, taken: &mut BTreeSet<String>) -> String {
    let from = email.split_once('@').map_or(name, |(local, _)| local);
    let kept = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    let plain: String = from.nfd().flat_map(char::to_lowercase).filter(kept).collect();
    let plain = if plain.is_empty() { "utilisateur".to_owned() } else { plain };
    let mut login: String = plain.chars().take(LONGEST).collect();
    let mut number = 2;
    while !taken.insert(login.clone()) {
        let ending = number.to_string();
        login = plain.chars().take(LONGEST - ending.len()).collect::<String>() + &ending;
        number += 1;
    }
    login
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_users_never_share_a_login() {
        let mut taken = BTreeSet::new();
        assert_eq!(login("Amélie.Ben-Salah@x.example", "", &mut taken), "amelie.ben-salah");
        assert_eq!(login("amelie.ben-salah@y.example", "", &mut taken), "amelie.ben-salah2");
        assert_eq!(login("", "ليلى", &mut taken), "utilisateur");
        assert_eq!(login(&format!("{}@x.example", "a".repeat(30)), "", &mut taken).len(), 20);
    }
}
