//! A ZIP is several documents: its members in their order, those of a ZIP inside it included, once.

use super::format::sniff;
use super::limits::Limits;
use super::packed::{Packed, Purse};
use super::refusal::Refusal;
use crate::domain::document::Format;

/// A ZIP inside a ZIP is opened, one inside that is not.
const DEEPEST: usize = 2;

/// What is done with each document: its path, and its bytes or why they cannot be had.
type Taker<'t> = dyn FnMut(&str, Result<&[u8], Refusal>) + 't;

/// Hands every document of a ZIP to `take` with its path (`dossier.zip/fiche.pdf` inside a nested one), or why it cannot
/// be had; one bad member spoils no other. Folders and what systems leave beside files (`__MACOSX`, `Thumbs.db`, …) are no
/// members, and an archive without any is empty. Members are inflated one at a time, all from one purse.
pub(super) fn each(bytes: &[u8], limits: &Limits, take: &mut Taker<'_>) -> Result<(), Refusal> {
    let mut any = false;
    walk(bytes, "", &Purse::new(limits), 1, &mut |path, content| {
        any = true;
        take(path, content);
    })?;
    if any { Ok(()) } else { Err(Refusal::Empty) }
}

fn walk(bytes: &[u8], within: &str, purse: &Purse, depth: usize, take: &mut Taker<'_>) -> Result<(), Refusal> {
    let mut packed = Packed::open(bytes, purse)?;
    for index in 0..packed.len() {
        let Some(name) = packed.name(index)? else { continue };
        if is_left_behind(&name) {
            continue;
        }
        let path = format!("{within}{name}");
        match packed.read(index) {
            Ok(member) if sniff(&member) == Format::Zip => {
                let inside = if depth < DEEPEST {
                    walk(&member, &format!("{path}/"), purse, depth + 1, take)
                } else {
                    Err(Refusal::NestedZip)
                };
                if let Err(refusal) = inside {
                    take(&path, Err(refusal));
                }
            }
            Ok(member) => take(&path, Ok(&member)),
            Err(refusal) => take(&path, Err(refusal)),
        }
    }
    Ok(())
}

/// Files that no person put there.
fn is_left_behind(path: &str) -> bool {
    let mut parts = path.split(['/', '\\']);
    let name = parts.next_back().unwrap_or_default();
    parts.any(|folder| folder == "__MACOSX")
        || name.starts_with('.')
        || name.starts_with("~$")
        || ["thumbs.db", "desktop.ini"].contains(&name.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};

    fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// Paths with the content, or the code of the refusal.
    fn members(bytes: &[u8], limits: Limits) -> Result<Vec<String>, Refusal> {
        let mut members = Vec::new();
        each(bytes, &limits, &mut |path, content| {
            let content = content.map(|bytes| String::from_utf8_lossy(&bytes[..bytes.len().min(20)]).into_owned());
            members.push(format!("{path}: {}", content.unwrap_or_else(|refusal| refusal.code().to_owned())));
        })?;
        Ok(members)
    }

    #[test]
    fn members_come_in_order_without_what_systems_left() {
        let inner = zip_of(&[("fiche.pdf", b"%PDF-1.4 b")]);
        let zip = zip_of(&[
            ("dossier/z.pdf", b"%PDF-1.4 a"),
            ("__MACOSX/dossier/._z.pdf", b"x"),
            ("dossier/.DS_Store", b"x"),
            ("dossier/a.zip", &inner),
        ]);
        let found = members(&zip, Limits::default()).unwrap();
        assert_eq!(found, ["dossier/z.pdf: %PDF-1.4 a", "dossier/a.zip/fiche.pdf: %PDF-1.4 b"]);
    }

    #[test]
    fn a_third_zip_inside_stays_closed() {
        let third = zip_of(&[("c.pdf", b"%PDF-1.4")]);
        let second = zip_of(&[("b.zip", &third)]);
        let found = members(&zip_of(&[("a.zip", &second), ("d.pdf", b"%PDF-")]), Limits::default()).unwrap();
        assert_eq!(found, ["a.zip/b.zip: nested_zip", "d.pdf: %PDF-"]);
    }

    #[test]
    fn bombs_are_refused_while_inflating() {
        let bomb = zip_of(&[("a", &vec![0; 40 << 20]), ("b", b"whole")]);
        let found = members(&bomb, Limits { ratio: 100, ..Limits::default() }).unwrap();
        assert_eq!(found, ["a: too_large", "b: whole"]);
        let sum = zip_of(&[("a", &vec![b'a'; 2 << 20]), ("b", &vec![b'b'; 2 << 20])]);
        let found = members(&sum, Limits { inflated: 3 << 20, ratio: 10_000, ..Limits::default() }).unwrap();
        assert_eq!(found, ["a: aaaaaaaaaaaaaaaaaaaa", "b: too_large"]);
        let many: Vec<String> = (0..20).map(|n| format!("{n}.pdf")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
        assert!(matches!(
            members(&zip_of(&many), Limits { members: 10, ..Limits::default() }),
            Err(Refusal::TooLarge(_))
        ));
    }

    #[test]
    fn an_archive_of_nothing_is_empty() {
        let nothing = zip_of(&[("__MACOSX/._a", b"x"), (".DS_Store", b"x")]);
        assert_eq!(members(&nothing, Limits::default()), Err(Refusal::Empty));
        assert_eq!(members(&zip_of(&[]), Limits::default()), Err(Refusal::Empty));
    }

    #[test]
    fn a_cut_zip_is_damaged() {
        let zip = zip_of(&[("a.pdf", b"%PDF-1.4")]);
        assert!(matches!(members(&zip[..zip.len() - 10], Limits::default()), Err(Refusal::Damaged(_))));
    }
}
