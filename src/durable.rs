//! Files that are whole or absent, whatever happens to the machine.
//!
//! Crash argument of [`write()`]: the bytes go to a temporary name and are forced to the disk, then the file is renamed, then
//! the folder is forced to the disk. Killed before the rename, only a temporary file is left, which the next start
//! removes; after it, the file is there with all its bytes. The step names are the crash points.
//!
//! A forced write that fails with an input/output error ends the process: the kernel may have dropped the pages, and
//! asking again would be told that all is well (PostgreSQL learnt this in 2018). A full disk is not such an error: the file is
//! written anew when there is room.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::crash;
use crate::domain::document::Sha256;

/// Exit code after the disk has refused to keep what it was given (`EX_IOERR`).
pub const DISK_FAILED: i32 = 74;

/// Writes a file by way of `temporary`, which must be on the same file system. `thing` names the crash points.
pub fn write(thing: &'static str, temporary: &Path, target: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    write_with(thing, temporary, target, mode, |file| file.write_all(bytes))
}

/// As [`write()`], leaving it to the caller to force the folder to the disk once for many files.
pub fn write_unsynced_folder(
    thing: &'static str,
    temporary: &Path,
    target: &Path,
    bytes: &[u8],
    mode: u32,
) -> io::Result<()> {
    fill_unsynced_folder(thing, temporary, target, mode, |file| file.write_all(bytes))
}

/// As [`write()`], with what `fill` writes: it need not be in memory as a whole.
pub fn write_with(
    thing: &'static str,
    temporary: &Path,
    target: &Path,
    mode: u32,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    fill_unsynced_folder(thing, temporary, target, mode, fill)?;
    sync_folder(parent(target))?;
    crash::step(thing, "folder_synced");
    Ok(())
}

/// The hash of a file, however large.
pub fn hash(file: &Path) -> io::Result<Sha256> {
    use sha2::Digest;
    let mut hash = sha2::Sha256::new();
    io::copy(&mut File::open(file)?, &mut hash)?;
    Ok(Sha256::from_digest(hash.finalize().into()))
}

fn fill_unsynced_folder(
    thing: &'static str,
    temporary: &Path,
    target: &Path,
    mode: u32,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(mode).open(temporary)?;
    // The mode given at creation is cut by the umask: folders that a bank reads need the bits they were configured with.
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    crash::step(thing, "opened");
    let written = fill(&mut file).and_then(|()| sync(&file));
    if let Err(err) = written {
        drop(file);
        let _ = fs::remove_file(temporary);
        return Err(err);
    }
    crash::step(thing, "written");
    fs::rename(temporary, target)?;
    crash::step(thing, "renamed");
    Ok(())
}

/// Renames within one file system and forces both folders to the disk.
pub fn rename(thing: &'static str, from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    crash::step(thing, "renamed");
    sync_folder(parent(to))?;
    if parent(from) != parent(to) {
        sync_folder(parent(from))?;
    }
    crash::step(thing, "folder_synced");
    Ok(())
}

/// Forces a file's bytes to the disk.
pub fn sync(file: &File) -> io::Result<()> {
    settle(file.sync_all())
}

/// Forces a folder's names to the disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    settle(File::open(folder)?.sync_all())
}

/// Makes a folder that only we may enter, and its parents.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

fn settle(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(err) if err.raw_os_error() == Some(libc::EIO) => {
            tracing::error!("The disk could not keep what was written ({err}); stopping rather than trusting it");
            std::process::exit(DISK_FAILED);
        }
        // Some network file systems cannot force a folder to the disk and say so.
        Err(err) if matches!(err.raw_os_error(), Some(libc::EINVAL | libc::ENOTSUP)) => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_is_whole_and_leaves_no_temporary() {
        let folder = tempfile::tempdir().unwrap();
        let (tmp, target) = (folder.path().join("t"), folder.path().join("f"));
        write("test", &tmp, &target, b"first", 0o600).unwrap();
        write("test", &tmp, &target, b"second", 0o640).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"second");
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(!tmp.exists());
    }

    #[test]
    fn a_missing_folder_is_an_error_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("absent/f");
        assert!(write("test", &folder.path().join("t"), &target, b"x", 0o600).is_err());
    }
}
