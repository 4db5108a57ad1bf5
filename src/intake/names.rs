//! Names as banks drop them: bytes, shown escaped, never used to build a path.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use uuid::Uuid;

use crate::domain::{card_number, file_name};

/// Longest name of a file on the file systems we know.
const LONGEST: usize = 255;

/// Files that programs leave beside the real ones, and our own.
pub(super) fn is_ignored(name: &OsStr) -> bool {
    let name = name.as_bytes().to_ascii_lowercase();
    let ends = |suffix: &str| name.ends_with(suffix.as_bytes());
    name.starts_with(b".")
        || name.starts_with(b"~$")
        || ends(".part")
        || ends(".partial")
        || ends(".tmp")
        || ends(".crdownload")
        || ends(".filepart")
        || matches!(name.as_slice(), b"thumbs.db" | b"desktop.ini" | b"reponses" | b"accuses")
}

/// Name of a claim: the id, then the name as dropped, cut if the two together would be too long. A card number in it is
/// crossed out: no name of ours shows one.
pub(super) fn claimed(id: Uuid, name: &OsStr) -> OsString {
    let crossed_out = crossed_out(name);
    let name = crossed_out.as_deref().unwrap_or(name);
    let mut bytes = format!("{}__", id.simple()).into_bytes();
    let room = LONGEST - bytes.len();
    let mut kept = name.as_bytes().get(..room).unwrap_or(name.as_bytes());
    if kept.len() < name.len() {
        // Not in the middle of a character, where the name is one of characters.
        while let Err(err) = std::str::from_utf8(kept) {
            if err.error_len().is_some() || err.valid_up_to() == kept.len() {
                break;
            }
            kept = &kept[..err.valid_up_to()];
        }
    }
    bytes.extend_from_slice(kept);
    OsString::from_vec(bytes)
}

/// The name without the card number in it; `None` when it holds none. Crosses, since stars may not be in the names of a share.
pub(super) fn crossed_out(name: &OsStr) -> Option<OsString> {
    card_number::masked(&name.to_string_lossy()).map(|masked| OsString::from(masked.replace('*', "x")))
}

/// Id and dropped name of a claim; `None` for a name that no claim of ours has.
pub(super) fn parse_claimed(name: &OsStr) -> Option<(Uuid, &OsStr)> {
    let bytes = name.as_bytes();
    let id = Uuid::try_parse(std::str::from_utf8(bytes.get(..32)?).ok()?).ok()?;
    let rest = bytes[32..].strip_prefix(b"__")?;
    Some((id, OsStr::from_bytes(rest)))
}

/// A name for people, escaped.
pub(super) fn shown(name: &OsStr) -> String {
    file_name::shown(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_files_and_our_own_folders_are_passed_over() {
        for name in [".x", "a.PART", "a.tmp", "~$fiche.xlsx", "a.crdownload", "Thumbs.db", "reponses", "accuses"] {
            assert!(is_ignored(OsStr::new(name)), "{name}");
        }
        for name in ["formulaire.pdf", "partial", "tmp", "-rf", "réponses.pdf"] {
            assert!(!is_ignored(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn a_claim_keeps_its_id_and_name_whatever_the_name() {
        let id = Uuid::from_u128(0x0193_5f00_0000_7000_8000_0000_0000_0001);
        for name in [&b"f.pdf"[..], b"\xff\n__x", b"-rf", &[b'a'; 255]] {
            let claim = claimed(id, OsStr::from_bytes(name));
            assert!(claim.len() <= LONGEST);
            let (found, rest) = parse_claimed(&claim).unwrap();
            assert_eq!(found, id);
            assert!(name.starts_with(rest.as_bytes()));
        }
        let accents = "é".repeat(127);
        assert!(parse_claimed(&claimed(id, OsStr::new(&accents))).unwrap().1.to_str().is_some());
        assert_eq!(parse_claimed(OsStr::new("formulaire.pdf")), None);
        assert_eq!(parse_claimed(OsStr::new("éééééééééééééééééé__x")), None);
    }
}
