//! Step 4: what has been received leaves the inbox, into the archive.

use std::fs;
use std::io;
use std::path::Path;

use jiff::civil::Date;

use super::claim::Counter;
use super::gather::Claim;
use super::look::Looks;
use super::{Settings, Trouble};
use crate::{crash, durable};

/// Moves claims into `archive/<day>/`, under the same names.
pub(super) fn archive(
    looks: &mut Looks,
    settings: &Settings,
    counter: &Counter,
    claims: &[Claim],
    today: Date,
) -> Result<(), Trouble> {
    let fit = settings.archive.join(today.to_string());
    let unfit = counter.refused();
    for claim in claims {
        let target = if claim.unfit { &unfit } else { &fit };
        let at_fault = |source| Trouble::Folder { folder: target.clone(), source };
        durable::private_folder(target).map_err(at_fault)?;
        crash::point("archive.before");
        move_into(&claim.path, target).map_err(at_fault)?;
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

fn move_into(claim: &Path, folder: &Path) -> io::Result<()> {
    let Some(name) = claim.file_name() else { return Ok(()) };
    let target = folder.join(name);
    match fs::rename(claim, &target) {
        // The inbox is a share, the archive a local disk: the copy is durable before the claim goes.
        Err(err) if err.kind() == io::ErrorKind::CrossesDevices => {
            copy(claim, &target)?;
            crash::point("archive.copied");
            if claim.is_dir() { fs::remove_dir_all(claim) } else { fs::remove_file(claim) }
        }
        Err(err) => Err(err),
        Ok(()) => {
            crash::point("archive.renamed");
            Ok(())
        }
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(from)?.is_dir() {
        let temporary = to.with_file_name(".copying");
        return durable::write("archive", &temporary, to, &fs::read(from)?, 0o600);
    }
    durable::private_folder(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    durable::sync_folder(to)
}
