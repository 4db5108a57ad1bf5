//! Step 4: what has been received leaves the inbox, into the archive.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::claim::Counter;
use super::gather::Claim;
use super::look::Looks;
use super::{Settings, Trouble, names};
use crate::seal::Seal;
use crate::{crash, durable};

/// Moves claims into `archive/<day>/`, under the same names.
pub(super) fn archive(
    looks: &mut Looks,
    settings: &Settings,
    counter: &Counter,
    claims: &[Claim],
    today: Date,
    seal: &Seal,
) -> Result<(), Trouble> {
    let fit = settings.archive.join(today.to_string());
    let unfit = counter.refused();
    for claim in claims {
        let target = if claim.unfit { &unfit } else { &fit };
        let at_fault = |source| Trouble::Folder { folder: target.clone(), source };
        durable::private_folder(target).map_err(at_fault)?;
        crash::point("archive.before");
        move_into(&claim.path, target, claim.unfit, seal).map_err(at_fault)?;
        looks.forget(&claim.path);
    }
    for folder in [&fit, &unfit, &settings.archive, &counter.claims()] {
        match durable::sync_folder(folder) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(Trouble::Folder { folder: folder.clone(), source }),
            Ok(()) => {}
        }
    }
    crash::point("archive.synced");
    Ok(())
}

/// Renames a claim, or copies it and removes it last. What cannot be copied, such as a link, is renamed in any case.
fn move_into(claim: &Path, folder: &Path, unfit: bool, seal: &Seal) -> io::Result<()> {
    let Some(name) = claim.file_name() else { return Ok(()) };
    let target = folder.join(name);
    if unfit || !seal.is_on() && !names_a_card(claim)? {
        match fs::rename(claim, &target) {
            // The inbox is a share, the archive a local disk: the copy is durable before the claim goes.
            Err(err) if err.kind() == io::ErrorKind::CrossesDevices => {}
            Err(err) => return Err(err),
            Ok(()) => {
                crash::point("archive.renamed");
                return Ok(());
            }
        }
    }
    copy(claim, &target, seal)?;
    crash::point("archive.copied");
    if claim.is_dir() { fs::remove_dir_all(claim) } else { fs::remove_file(claim) }
}

/// Does a name inside a folder hold a card number? That of the claim itself was crossed out when it was made. Renamed inside the
/// claim, the same file would be another document after a crash.
fn names_a_card(claim: &Path) -> io::Result<bool> {
    for entry in walkdir::WalkDir::new(claim).min_depth(1).follow_root_links(false) {
        if names::crossed_out(entry?.file_name()).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Copies a file, or a folder with all in it, sealed if there is a key, card numbers in names crossed out. Again over what an earlier copy left, each file
/// comes to lie where it lay.
fn copy(from: &Path, to: &Path, seal: &Seal) -> io::Result<()> {
    if !fs::symlink_metadata(from)?.is_dir() {
        let temporary = to.with_file_name(".copying");
        let mut from = fs::File::open(from)?;
        return durable::write_with("archive", &temporary, to, 0o600, |file| seal.shut(&mut from, file));
    }
    durable::private_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let place = match names::crossed_out(&name) {
            None => to.join(name),
            Some(name) if entry.file_type()?.is_dir() => to.join(name),
            Some(name) => free_place(to, &name, &entry.path(), seal)?,
        };
        copy(&entry.path(), &place, seal)?;
    }
    durable::sync_folder(to)
}

/// Two names may be the same once their numbers are crossed out: the first that is free, or that holds these very bytes.
fn free_place(folder: &Path, name: &OsStr, from: &Path, seal: &Seal) -> io::Result<PathBuf> {
    let bytes = durable::hash(from)?;
    for number in 1_u32.. {
        let mut place = folder.join(name).into_os_string();
        if number > 1 {
            place.push(format!(".{number}"));
        }
        let place = PathBuf::from(place);
        if !place.try_exists()? || seal.hashes(&place)?.contains(&bytes) {
            return Ok(place);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
