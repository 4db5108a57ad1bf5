//! Four eyes: who may let a held declaration go. One function decides, for every person and every role.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::bank::BankFolder;
use super::declaration::FileType;
use super::dossier::{DeclaredState, Dossier};
use super::table::Party;

/// Someone who works with guichet. Passwords are kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub name: String,
    pub roles: BTreeSet<Role>,
}

/// What a person may do; written `releaser`, `bank:biat`, …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Role {
    /// Officer of one bank: sees and moves that bank's dossiers only.
    Bank(BankFolder),
    /// Operator of Monétique-Tunisie.
    Monetique,
    /// Releases declarations made by others.
    Releaser,
    Administrator,
    /// Sees everything, moves nothing.
    Auditor,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no role: write monetique, releaser, administrator, auditor or bank:FOLDER")]
pub struct InvalidRole(String);

impl TryFrom<String> for Role {
    type Error = InvalidRole;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "monetique" => Ok(Self::Monetique),
            "releaser" => Ok(Self::Releaser),
            "administrator" => Ok(Self::Administrator),
            "auditor" => Ok(Self::Auditor),
            other => {
                let folder = other.strip_prefix("bank:").and_then(|folder| BankFolder::parse(folder).ok());
                folder.map(Self::Bank).ok_or(InvalidRole(text))
            }
        }
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.to_string()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bank(folder) => write!(f, "bank:{folder}"),
            Self::Monetique => f.write_str("monetique"),
            Self::Releaser => f.write_str("releaser"),
            Self::Administrator => f.write_str("administrator"),
            Self::Auditor => f.write_str("auditor"),
        }
    }
}

impl Role {
    /// The bank this role serves, if it serves one.
    #[must_use]
    pub fn bank(&self) -> Option<&BankFolder> {
        match self {
            Self::Bank(bank) => Some(bank),
            _ => None,
        }
    }
}

/// May this person cause an event of a dossier? Why not, as a code with words of its own. A release has its own, stricter
/// judgement: [`decide`].
pub fn may_cause(user: &User, by: Party, dossier: &Dossier) -> Result<(), &'static str> {
    let roles = &user.roles;
    let banks: Vec<&BankFolder> = roles.iter().filter_map(Role::bank).collect();
    if roles.iter().all(|role| *role == Role::Auditor) {
        return Err("auditor");
    }
    if !banks.is_empty() && !dossier.bank.as_ref().is_some_and(|bank| banks.contains(&bank)) {
        return Err(NotYours::OtherBank.gate());
    }
    let house = roles.contains(&Role::Monetique) || roles.contains(&Role::Administrator);
    let bank_side = !banks.is_empty() && matches!(by, Party::Bank | Party::Merchant);
    if house || bank_side { Ok(()) } else { Err("not_your_order") }
}

/// May this person do the work of the house that concerns no dossier of its own: send again, close a batch, erase?
pub fn keeps_house(user: &User) -> Result<(), &'static str> {
    let may = [Role::Monetique, Role::Administrator].iter().any(|role| user.roles.contains(role));
    if may { Ok(()) } else { Err("not_your_order") }
}

/// May this person say who works here?
pub fn administers(user: &User) -> Result<(), &'static str> {
    if user.roles.contains(&Role::Administrator) { Ok(()) } else { Err("not_your_order") }
}

/// How the journal names the account of the system a command runs under; its number follows.
pub const SYSTEM: &str = "système";

/// Would this name pass in the journal for the program, a counterparty or the system?
#[must_use]
pub fn is_reserved<'a>(name: &str, banks: impl IntoIterator<Item = &'a BankFolder>) -> bool {
    let name = folded(name);
    let first = name.split([' ', '(']).next().unwrap_or_default();
    let mut counterparties = banks.into_iter().map(|bank| folded(bank.as_str()));
    ["guichet", "monetique"].contains(&&*name) || first == SYSTEM || counterparties.any(|bank| bank == name)
}

/// Why someone may not release, or refuse to release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotYours {
    #[error("rien n'attend de validation")]
    NothingHeld,
    #[error("cette personne ne valide pas")]
    NoReleaser,
    #[error("cette personne sert une autre banque")]
    OtherBank,
    #[error("cette personne a fait ou changé ce qui est à valider")]
    SamePerson,
}

impl NotYours {
    /// Name of the gate, for its words.
    #[must_use]
    pub fn gate(self) -> &'static str {
        match self {
            Self::NothingHeld => "nothing_held",
            Self::NoReleaser => "no_releaser",
            Self::OtherBank => "other_bank",
            Self::SamePerson => "same_person",
        }
    }
}

/// May this person release (or refuse) the declaration of this type that waits?
///
/// A releaser, of this bank if of any, who neither brought the declaration about nor changed anything it is made of. There
/// is no exception: an administrator is a person like another.
pub fn decide(user: &User, dossier: &Dossier, file_type: FileType) -> Result<(), NotYours> {
    let last = dossier.declared.iter().rfind(|declared| declared.file_type == file_type);
    if last.is_none_or(|declared| declared.state != DeclaredState::Held) {
        return Err(NotYours::NothingHeld);
    }
    if !user.roles.contains(&Role::Releaser) {
        return Err(NotYours::NoReleaser);
    }
    let banks: Vec<&BankFolder> = user.roles.iter().filter_map(Role::bank).collect();
    if !banks.is_empty() && !dossier.bank.as_ref().is_some_and(|bank| banks.contains(&bank)) {
        return Err(NotYours::OtherBank);
    }
    let mine = folded(&user.name);
    if dossier.hands.iter().any(|hand| folded(hand) == mine) {
        return Err(NotYours::SamePerson);
    }
    Ok(())
}

/// `Amel Trabelsi` and `amel  trabelsi` are one person.
#[must_use]
pub fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_written_as_they_are_read() {
        for text in ["monetique", "releaser", "administrator", "auditor", "bank:biat"] {
            assert_eq!(Role::try_from(text.to_owned()).unwrap().to_string(), text);
        }
        assert!(Role::try_from("bank:../x".to_owned()).is_err());
        assert!(Role::try_from("root".to_owned()).is_err());
    }

    #[test]
    fn nobody_is_called_like_the_program_or_a_counterparty() {
        let banks = [BankFolder::parse("biat").unwrap()];
        for name in ["Guichet", " monetique ", "BIAT", "Système (uid 0)", "système"] {
            assert!(is_reserved(name, &banks), "{name}");
        }
        for name in ["Amel Trabelsi", "Biat Trabelsi", "Systèmes Réunis"] {
            assert!(!is_reserved(name, &banks), "{name}");
        }
    }

    #[test]
    fn the_house_is_kept_by_operators_and_people_are_enrolled_by_administrators() {
        let may = |roles: &[&str]| {
            let roles = roles.iter().map(|role| Role::try_from((*role).to_owned()).unwrap()).collect();
            let user = User { name: "Olfa Mansour".to_owned(), roles };
            (keeps_house(&user).is_ok(), administers(&user).is_ok())
        };
        assert_eq!(may(&["monetique"]), (true, false));
        assert_eq!(may(&["administrator", "auditor"]), (true, true));
        for role in ["releaser", "auditor", "bank:biat"] {
            assert_eq!(may(&[role]), (false, false), "{role}");
        }
    }
}
