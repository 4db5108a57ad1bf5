//! EDGE. The bytes of every document received, kept under their SHA-256 and never changed.
//!
//! Crash argument: a blob is durable before the row that names it, because [`Blobs::settle`] is called before the
//! transaction. Killed before that, a blob without a row is left; it is swept at the turn of a day, when it is a day old. Writing the same bytes
//! again is harmless: the name is the content.
//!
//! Who keeps bytes holds [`Blobs::together`] until their row is there; who removes bytes that no row names holds
//! [`Blobs::alone`]. Both are the kernel's locks, so that commands beside the daemon keep to them and a killed holder lets go.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::document::Sha256;
use crate::seal::{self, Seal};
use crate::{crash, durable};

/// A folder of blobs on a local disk.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: PathBuf,
    temporary: PathBuf,
    seal: Seal,
}

impl Blobs {
    /// Opens the store under `var`, making its folders and removing what an interrupted write left.
    pub fn open(var: &Path) -> io::Result<Self> {
        let blobs = Self { folder: var.join("blobs"), temporary: var.join("tmp"), seal: Seal::default() };
        durable::private_folder(&blobs.folder)?;
        durable::private_folder(&blobs.temporary)?;
        Ok(blobs)
    }

    /// From now on originals are sealed so.
    #[must_use]
    pub fn sealed(self, seal: Seal) -> Self {
        Self { seal, ..self }
    }

    /// How originals lie here, and in the archive.
    #[must_use]
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Removes temporary files. Only the daemon does so, alone on its installation.
    pub fn clear_temporary(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.temporary)? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Keeps bytes. Durable only after [`Self::settle`].
    pub fn keep(&self, bytes: &[u8]) -> io::Result<Sha256> {
        let sha256 = Sha256::of(bytes);
        let target = self.path(&sha256);
        if self.is_there(&target, bytes.len())? {
            return Ok(sha256);
        }
        let temporary = self.temporary.join(sha256.to_string());
        let mut lying = Vec::new();
        let lying = if self.seal.is_on() {
            self.seal.shut(&mut &bytes[..], &mut lying)?;
            &lying
        } else {
            bytes
        };
        durable::write_unsynced_folder("blob", &temporary, &target, lying, 0o600)?;
        Ok(sha256)
    }

    /// A blob of the right size is the same blob: it was renamed into place only once it was whole. Sealed, it is longer.
    fn is_there(&self, target: &Path, length: usize) -> io::Result<bool> {
        let mut file = match fs::File::open(target) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        if !self.seal.is_on() {
            return Ok(file.metadata()?.len() == length as u64);
        }
        let mut beginning = [0; 32];
        let read = file.read(&mut beginning)?;
        Ok(seal::is_sealed(&beginning[..read]) && file.metadata()?.len() > length as u64)
    }

    /// Forces the names of all blobs kept so far to the disk.
    pub fn settle(&self) -> io::Result<()> {
        durable::sync_folder(&self.folder)?;
        crash::point("blob.settled");
        Ok(())
    }

    /// The bytes of a blob, checked against their name.
    pub fn read(&self, sha256: &Sha256) -> io::Result<Vec<u8>> {
        let lying = fs::read(self.path(sha256))?;
        if Sha256::of(&lying) == *sha256 {
            return Ok(lying);
        }
        let why = match self.seal.opened(&lying) {
            Some(bytes) if Sha256::of(&bytes) == *sha256 => return Ok(bytes),
            None if seal::is_sealed(&lying) => "is sealed, and no key here opens it",
            Some(_) | None => "does not hold the bytes of its name",
        };
        Err(io::Error::new(io::ErrorKind::InvalidData, format!("blob {sha256} {why}")))
    }

    /// A blob as it lies, sealed or not: what it says is not looked at, and wants no key.
    pub fn as_it_lies(&self, sha256: &Sha256) -> io::Result<Vec<u8>> {
        let lying = fs::read(self.path(sha256))?;
        if seal::is_sealed(&lying) || Sha256::of(&lying) == *sha256 {
            return Ok(lying);
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, format!("blob {sha256} does not hold the bytes of its name")))
    }

    /// Seals the blobs that were kept before there was a key; says how many there were.
    pub fn seal_over(&self) -> io::Result<usize> {
        self.seal.over(&self.folder, &self.temporary.join("sealing"))
    }

    /// Held from keeping bytes until their row is there: nothing is removed meanwhile.
    pub fn together(&self) -> io::Result<Held> {
        let file = self.turnstile()?;
        file.lock_shared()?;
        Ok(Held(file))
    }

    /// Held while blobs without a row are looked for and removed: nobody keeps new ones meanwhile.
    pub async fn alone(&self) -> io::Result<Held> {
        let file = self.turnstile()?;
        let locked = tokio::task::spawn_blocking(move || file.lock().map(|()| Held(file)));
        locked.await.map_err(io::Error::other)?
    }

    fn turnstile(&self) -> io::Result<fs::File> {
        use std::os::unix::fs::OpenOptionsExt;
        let path = self.folder.with_extension("lock");
        fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)
    }

    /// Erases a blob: at the end of its retention, or because it holds a card number.
    pub fn erase(&self, sha256: &Sha256) -> io::Result<()> {
        match fs::remove_file(self.path(sha256)) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(err) => Err(err),
            Ok(()) => durable::sync_folder(&self.folder),
        }
    }

    /// Every blob there is; files whose name is no hash are reported apart.
    pub fn list(&self) -> io::Result<(Vec<Sha256>, Vec<PathBuf>)> {
        let (mut blobs, mut strangers) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            match path.file_name().and_then(|name| name.to_str()).and_then(Sha256::parse) {
                Some(sha256) => blobs.push(sha256),
                None => strangers.push(path),
            }
        }
        blobs.sort();
        Ok((blobs, strangers))
    }

    /// How long ago a blob was written, by the file system's own reckoning.
    pub fn age(&self, sha256: &Sha256) -> io::Result<Duration> {
        Ok(fs::metadata(self.path(sha256))?.modified()?.elapsed().unwrap_or_default())
    }

    /// Where a blob lies.
    #[must_use]
    pub fn path(&self, sha256: &Sha256) -> PathBuf {
        self.folder.join(sha256.to_string())
    }
}

/// The right to keep, or to remove; given back when dropped.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "the lock lives as long as its file")] fs::File);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_under_their_hash_and_a_changed_blob_is_refused() {
        let var = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(var.path()).unwrap();
        let sha256 = blobs.keep(b"formulaire").unwrap();
        blobs.settle().unwrap();
        assert_eq!(blobs.keep(b"formulaire").unwrap(), sha256);
        assert_eq!(blobs.read(&sha256).unwrap(), b"formulaire");
        fs::write(blobs.path(&sha256), b"formulairE").unwrap();
        assert_eq!(blobs.read(&sha256).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(blobs.list().unwrap(), (vec![sha256], vec![]));
    }

    #[test]
    fn sealed_bytes_are_named_after_what_they_say_and_opened_only_with_the_key() {
        let var = tempfile::tempdir().unwrap();
        let plain = Blobs::open(var.path()).unwrap();
        let before = plain.keep(b"formulaire d'avant").unwrap();
        let blobs = plain.clone().sealed(Seal::with(&Seal::new_key().0).unwrap());
        let sha256 = blobs.keep(b"formulaire").unwrap();
        assert_eq!(sha256, Sha256::of(b"formulaire"));
        assert!(!fs::read(blobs.path(&sha256)).unwrap().windows(10).any(|window| window == b"formulaire"));
        assert_eq!(blobs.read(&sha256).unwrap(), b"formulaire");
        let lying = blobs.as_it_lies(&sha256).unwrap();
        assert_eq!(blobs.keep(b"formulaire").unwrap(), sha256);
        assert_eq!(blobs.as_it_lies(&sha256).unwrap(), lying, "what is there is not written again");
        assert!(plain.read(&sha256).unwrap_err().to_string().contains("no key here opens it"));
        // What was kept before there was a key.
        assert_eq!(blobs.read(&before).unwrap(), b"formulaire d'avant");
        assert_eq!(blobs.seal_over().unwrap(), 1);
        assert!(plain.read(&before).is_err());
        assert_eq!(blobs.read(&before).unwrap(), b"formulaire d'avant");
        // A document that was an age file when it came.
        let theirs = Sha256::of(&lying);
        plain.keep(&lying).unwrap();
        assert_eq!((plain.read(&theirs).unwrap(), blobs.read(&theirs).unwrap()), (lying.clone(), lying));
        for bytes in [&b"formulaire"[..], b"age-encryption.org/v1\n cut"] {
            fs::write(blobs.path(&sha256), bytes).unwrap();
            assert_eq!(blobs.read(&sha256).is_ok(), bytes == b"formulaire");
        }
        blobs.keep(b"formulaire").unwrap();
        assert_eq!(blobs.list().unwrap().0.len(), 3);
    }

    #[test]
    fn a_blob_cut_short_is_written_again() {
        let var = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(var.path()).unwrap();
        let sha256 = blobs.keep(b"formulaire").unwrap();
        fs::write(blobs.path(&sha256), b"form").unwrap();
        blobs.keep(b"formulaire").unwrap();
        assert_eq!(blobs.read(&sha256).unwrap(), b"formulaire");
    }
}
