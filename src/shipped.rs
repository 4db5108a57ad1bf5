//! EDGE. Schemas and templates that the program carries in itself, as they lie in an installation over the versions of both.
//!
//! An administrator changes some, a new version of the program brings others. Beside them lies [`RECORD`]: what was laid out, by its
//! hash, in the format of `sha256sum`. By it three things are told apart: a file as it was laid out, which a newer one may replace; one
//! changed here, which stays; and one changed on both sides, where the program's is laid beside as `NAME.new` for a person to compare.
//! Nothing that was changed here is ever overwritten. What nobody changed is the program's, whatever lies there: a new version works
//! with its own words from the start, and laying out again only makes them visible.
//!
//! Crash argument (`laid.`): each file is whole or as before, and the record is written last. Killed before that, files that were
//! replaced are as carried, whatever the record says of them, and what was laid beside is laid there once more.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::domain::document::Sha256;
use crate::durable;

/// What was laid out; `sha256sum --check --quiet .laid` names what was changed since.
pub const RECORD: &str = ".laid";

/// Contents by name, as the program carries them.
pub type Carried<'a> = BTreeMap<String, &'a [u8]>;

/// How a file of an installation stands to the one the program carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    AsCarried,
    /// Changed here; the program's is the one it was changed from.
    ChangedHere,
    /// As an earlier version of the program laid it out.
    Earlier,
    /// Changed here and in the program.
    BothChanged,
    /// Another than the program's, and nobody noted what was laid out.
    Unrecorded,
    Missing,
    /// Laid out by an earlier version; this one has none of the name.
    NoLonger,
}

impl Standing {
    /// The program has something newer, or may have.
    #[must_use]
    pub fn is_old(self) -> bool {
        matches!(self, Self::Earlier | Self::BothChanged | Self::Unrecorded | Self::Missing)
    }
}

/// One file, and whether the program's lies beside it, to be compared.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub name: String,
    pub standing: Standing,
    pub beside: bool,
}

/// What was done to an installation.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Laid {
    pub made: Vec<PathBuf>,
    /// Of an earlier version and not changed here: the program's now.
    pub replaced: Vec<PathBuf>,
    /// The program's beside one that was changed here.
    pub beside: Vec<PathBuf>,
}

/// The files of a folder that was compiled in.
#[must_use]
pub fn carried<'a>(dir: &'a include_dir::Dir<'a>) -> Carried<'a> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        let named = folder.files().filter_map(|file| Some((file.path().to_str()?.to_owned(), file.contents())));
        found.extend(named);
    }
    found
}

/// The files of an installation as they are in force.
pub struct InForce<'a> {
    carried: &'a include_dir::Dir<'a>,
    folder: &'a Path,
    record: BTreeMap<String, Sha256>,
}

impl<'a> InForce<'a> {
    /// A record that cannot be read is none: what lies there then counts as changed.
    #[must_use]
    pub fn of(carried: &'a include_dir::Dir<'a>, folder: &'a Path) -> Self {
        Self { carried, folder, record: read_record(folder).unwrap_or_default() }
    }

    /// What a file says: the program's, unless it was changed here. `None` for one that neither has.
    pub fn text(&self, name: &str) -> io::Result<Option<String>> {
        let carried = self.carried.get_file(name).map(include_dir::File::contents);
        let here = match fs::read(self.folder.join(name)) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => None,
            read => Some(read?),
        };
        let changed = |here: &Vec<u8>| self.record.get(name) != Some(&Sha256::of(here));
        let bytes = match (here, carried) {
            (Some(here), None) => here,
            (Some(here), Some(carried)) if here != carried && changed(&here) => here,
            (_, Some(carried)) => carried.to_vec(),
            (None, None) => return Ok(None),
        };
        String::from_utf8(bytes).map(Some).map_err(|err| io::Error::new(io::ErrorKind::InvalidData, err))
    }
}

/// How each file stands, the program's and what earlier ones laid out.
pub fn survey(carried: &Carried<'_>, folder: &Path) -> io::Result<Vec<Piece>> {
    let record = read_record(folder)?;
    let gone = record.keys().filter(|name| !carried.contains_key(*name) && !is_beside(name, carried));
    let mut pieces = Vec::new();
    for name in carried.keys().chain(gone) {
        let here = here(&folder.join(name))?;
        let ours = carried.get(name).map(|bytes| Sha256::of(bytes));
        let laid = record.get(name).copied();
        let standing = match (here, ours) {
            (None, None) => continue,
            (Some(_), None) => Standing::NoLonger,
            (None, Some(_)) => Standing::Missing,
            (Some(here), Some(ours)) if here == ours => Standing::AsCarried,
            (Some(here), Some(ours)) => match laid {
                None => Standing::Unrecorded,
                Some(laid) if laid == here => Standing::Earlier,
                Some(laid) if laid == ours => Standing::ChangedHere,
                Some(_) => Standing::BothChanged,
            },
        };
        let beside = folder.join(beside(name)).exists();
        pieces.push(Piece { name: name.clone(), standing, beside });
    }
    Ok(pieces)
}

/// Lays out what is missing, replaces what is of an earlier version and was not changed here, and lays the program's beside what was
/// changed on both sides.
pub fn lay_out(carried: &Carried<'_>, folder: &Path, laid: &mut Laid) -> io::Result<()> {
    let mut record = read_record(folder)?;
    for piece in survey(carried, folder)? {
        let Some(bytes) = carried.get(&piece.name) else { continue };
        let path = folder.join(&piece.name);
        match piece.standing {
            Standing::AsCarried => {}
            Standing::ChangedHere | Standing::NoLonger => continue,
            Standing::Missing => {
                place(&path, bytes)?;
                laid.made.push(path);
            }
            Standing::Earlier => {
                place(&path, bytes)?;
                laid.replaced.push(path);
            }
            Standing::BothChanged | Standing::Unrecorded => {
                let name = beside(&piece.name);
                let path = folder.join(&name);
                let before = here(&path)?;
                // Somebody is at work on the one that lies there: it is offered again when that is done.
                if before.is_some() && before.as_ref() != record.get(&name) {
                    continue;
                }
                place(&path, bytes)?;
                record.insert(name, Sha256::of(bytes));
                laid.beside.push(path);
            }
        }
        record.insert(piece.name, Sha256::of(bytes));
    }
    record.retain(|name, _| !is_beside(name, carried) || folder.join(name).exists());
    let mut text = String::new();
    for (name, hash) in &record {
        let _ = writeln!(text, "{hash}  {name}");
    }
    place(&folder.join(RECORD), text.as_bytes())
}

fn beside(name: &str) -> String {
    format!("{name}.new")
}

fn is_beside(name: &str, carried: &Carried<'_>) -> bool {
    name.strip_suffix(".new").is_some_and(|of| carried.contains_key(of))
}

fn here(path: &Path) -> io::Result<Option<Sha256>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(Sha256::of(&bytes))),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) => Err(err),
    }
}

/// A line that cannot be read records nothing: the file it was about counts as changed.
fn read_record(folder: &Path) -> io::Result<BTreeMap<String, Sha256>> {
    let text = match fs::read_to_string(folder.join(RECORD)) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let line = |line: &str| {
        let (hash, name) = line.split_once("  ")?;
        Some((name.to_owned(), Sha256::parse(hash)?))
    };
    Ok(text.lines().filter_map(line).collect())
}

/// Writes a file with the rights of the one it replaces; laid out by root, it belongs to whom its folder belongs to.
fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays one: what it leads to is written.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let parent = path.parent().unwrap_or(Path::new("."));
    make_folder(parent)?;
    let before = fs::metadata(path).or_else(|_| fs::metadata(parent))?;
    let mode = if before.is_dir() { 0o600 } else { before.permissions().mode() & 0o777 };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    durable::write("laid", &parent.join(format!(".{name}.tmp")), path, bytes, mode)?;
    give(path, &before)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return durable::private_folder(folder);
    };
    make_folder(parent)?;
    durable::private_folder(folder)?;
    give(folder, &fs::metadata(parent)?)
}

/// Only root can make anything that is not its own.
fn give(path: &Path, like: &fs::Metadata) -> io::Result<()> {
    let made = fs::metadata(path)?;
    if (made.uid(), made.gid()) != (like.uid(), like.gid()) && rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(path, Some(like.uid()), Some(like.gid()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: [(&str, &[u8]); 4] =
        [("a.toml", b"a1"), ("below/b.tera", b"b1"), ("c.json", b"c1"), ("gone.json", b"g1")];
    const SECOND: [(&str, &[u8]); 4] =
        [("a.toml", b"a2"), ("below/b.tera", b"b2"), ("c.json", b"c1"), ("fresh.json", b"f2")];

    fn program(files: [(&str, &'static [u8]); 4]) -> Carried<'static> {
        files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
    }

    fn laid(program: &Carried<'_>, folder: &Path) -> Laid {
        let mut laid = Laid::default();
        lay_out(program, folder, &mut laid).unwrap();
        laid
    }

    fn standings(program: &Carried<'_>, folder: &Path) -> Vec<(String, Standing, bool)> {
        let pieces = survey(program, folder).unwrap();
        pieces.into_iter().map(|piece| (piece.name, piece.standing, piece.beside)).collect()
    }

    #[test]
    fn a_new_version_replaces_what_nobody_changed_and_nothing_else() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path();
        let (first, second) = (program(FIRST), program(SECOND));
        assert_eq!(laid(&first, folder).made.len(), 4);
        assert_eq!(laid(&first, folder), Laid::default());
        let written = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        fs::write(folder.join("below/b.tera"), "ours").unwrap();
        fs::write(folder.join("c.json"), "ours too").unwrap();

        let of = |name: &str, standing, beside| (name.to_owned(), standing, beside);
        let expected = [
            of("a.toml", Standing::Earlier, false),
            of("below/b.tera", Standing::BothChanged, false),
            of("c.json", Standing::ChangedHere, false),
            of("fresh.json", Standing::Missing, false),
            of("gone.json", Standing::NoLonger, false),
        ];
        assert_eq!(standings(&second, folder), expected);

        let done = laid(&second, folder);
        assert_eq!(done.made, [folder.join("fresh.json")]);
        assert_eq!(done.replaced, [folder.join("a.toml")]);
        assert_eq!(done.beside, [folder.join("below/b.tera.new")]);
        let now = ["a.toml", "below/b.tera", "below/b.tera.new", "c.json", "gone.json"].map(written);
        assert_eq!(now, ["a2", "ours", "b2", "ours too", "g1"]);
        // The program's lies beside until somebody has looked; then the change here is known to be one.
        assert_eq!(standings(&second, folder)[1], of("below/b.tera", Standing::ChangedHere, true));
        assert_eq!(laid(&second, folder), Laid::default());
        fs::remove_file(folder.join("below/b.tera.new")).unwrap();
        assert_eq!(standings(&second, folder)[1], of("below/b.tera", Standing::ChangedHere, false));
    }

    #[test]
    fn without_a_record_nothing_is_replaced_and_work_on_what_lies_beside_is_kept() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path();
        laid(&program(FIRST), folder);
        fs::remove_file(folder.join(RECORD)).unwrap();
        let second = program(SECOND);
        assert_eq!(standings(&second, folder)[0].1, Standing::Unrecorded);
        let done = laid(&second, folder);
        assert_eq!((done.replaced.len(), done.beside.len()), (0, 2), "{done:?}");
        assert_eq!(fs::read_to_string(folder.join("a.toml")).unwrap(), "a1");

        fs::write(folder.join("a.toml"), "merged half").unwrap();
        fs::write(folder.join("a.toml.new"), "being merged").unwrap();
        let third: Carried<'_> = [("a.toml".to_owned(), b"a3".as_slice())].into();
        assert_eq!(laid(&third, folder), Laid::default());
        assert_eq!(fs::read_to_string(folder.join("a.toml.new")).unwrap(), "being merged");
        assert_eq!(standings(&third, folder)[0].1, Standing::BothChanged, "offered again when that is done");
    }

    #[test]
    fn rights_and_links_stay() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("templates");
        fs::create_dir(&folder).unwrap();
        laid(&program(FIRST), &folder);
        let elsewhere = scratch.path().join("a.toml");
        fs::rename(folder.join("a.toml"), &elsewhere).unwrap();
        fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.join("a.toml")).unwrap();
        assert_eq!(laid(&program(SECOND), &folder).replaced.len(), 2);
        assert_eq!(fs::read(&elsewhere).unwrap(), b"a2");
        assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(folder.join("a.toml").is_symlink());
    }
}
