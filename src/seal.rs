//! EDGE. Originals sealed on the disk, so that whoever takes the disk without its key reads none of them.
//!
//! The format is age's (age-encryption.org/v1): blobs and the archive can be opened with the `age` program and the key, without
//! guichet. The first key of the file seals; all of them open, so that a key can be replaced. What was kept before there was a key
//! is read as it lies until [`Seal::over`] has sealed it.
//!
//! A blob stays named after the hash of what it says, not of how it lies: what is sealed is checked by opening it. The database
//! is not sealed, nor are letters, answers and declarations: what was read from the originals is what they are for, and it wants a disk that is
//! encrypted as a whole.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::Arc;

use age::x25519::Identity;
use secrecy::ExposeSecret;
use sha2::Digest;

use crate::config::Secret;
use crate::domain::document::Sha256;
use crate::durable;

/// How everything sealed begins.
const HEADER: &[u8] = b"age-encryption.org/v1\n";

/// How originals lie on the disk: sealed with the first of these keys, or as they are where there is none.
#[derive(Clone, Default)]
pub struct Seal(Option<Arc<[Identity]>>);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_on() { "Seal(***)" } else { "Seal(none)" })
    }
}

impl Seal {
    /// The keys of a file as `age-keygen` writes it: one a line, remarks behind `#`.
    pub fn with(keys: &Secret) -> Result<Self, String> {
        let lines = keys.expose_secret().lines().map(str::trim);
        let keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Vec<Identity> = keys
            .map(|line| line.parse().map_err(|why| format!("a line is no age key: {why}")))
            .collect::<Result<_, _>>()?;
        if keys.is_empty() { Err("no age key in it".to_owned()) } else { Ok(Self(Some(keys.into()))) }
    }

    /// A new key, as a file to keep, and the name by which it may be told.
    #[must_use]
    pub fn new_key() -> (Secret, String) {
        let key = Identity::generate();
        let name = key.to_public().to_string();
        let text = format!("# public key: {name}\n{}\n", key.to_string().expose_secret());
        (Secret::from(text), name)
    }

    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Writes to `to` all that `from` gives, sealed if there is a key.
    pub fn shut(&self, from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
        let Some(keys) = &self.0 else { return io::copy(from, to).map(|_| ()) };
        let name = keys[0].to_public();
        let sealing = age::Encryptor::with_recipients(std::iter::once(&name as &dyn age::Recipient));
        let mut sealed = sealing.map_err(io::Error::other)?.wrap_output(to)?;
        io::copy(from, &mut sealed)?;
        sealed.finish().map(|_| ())
    }

    /// What sealed bytes say; `None` where they are not sealed, or not for these keys.
    #[must_use]
    pub fn opened(&self, lying: &[u8]) -> Option<Vec<u8>> {
        let mut said = Vec::with_capacity(lying.len());
        self.open(lying)?.read_to_end(&mut said).ok()?;
        Some(said)
    }

    /// The hash of a file as it lies, and of what it says where it is sealed; however large it is. Both, because a document may
    /// have been an age file when it was dropped.
    pub fn hashes(&self, file: &Path) -> io::Result<Vec<Sha256>> {
        let mut hashes = vec![durable::hash(file)?];
        let mut hash = sha2::Sha256::new();
        let said = self.open(BufReader::new(File::open(file)?));
        if said.is_some_and(|mut said| io::copy(&mut said, &mut hash).is_ok()) {
            hashes.push(Sha256::from_digest(hash.finalize().into()));
        }
        Ok(hashes)
    }

    fn open<R: BufRead>(&self, mut lying: R) -> Option<impl Read + use<R>> {
        let keys = self.0.as_ref()?;
        if !is_sealed(lying.fill_buf().ok()?) {
            return None;
        }
        let sealed = age::Decryptor::new_buffered(lying).ok()?;
        sealed.decrypt(keys.iter().map(|key| key as &dyn age::Identity)).ok()
    }

    /// Seals what lies open in a folder and below it, each file by way of `temporary`; says how many there were. Hidden files are
    /// passed over: they are on their way.
    pub fn over(&self, folder: &Path, temporary: &Path) -> io::Result<usize> {
        let mut sealed = 0;
        if !self.is_on() {
            return Ok(sealed);
        }
        for entry in walkdir::WalkDir::new(folder) {
            let entry = entry?;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if hidden || !entry.file_type().is_file() {
                continue;
            }
            let mut file = BufReader::new(File::open(entry.path())?);
            if !is_sealed(file.fill_buf()?) {
                durable::write_with("seal", temporary, entry.path(), 0o600, |to| self.shut(&mut file, to))?;
                sealed += 1;
            }
        }
        Ok(sealed)
    }
}

/// Does it begin as everything sealed does?
#[must_use]
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(HEADER)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn seal() -> Seal {
        Seal::with(&Seal::new_key().0).unwrap()
    }

    fn shut(seal: &Seal, bytes: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        seal.shut(&mut &bytes[..], &mut sealed).unwrap();
        sealed
    }

    #[test]
    fn what_is_sealed_comes_back_and_shows_nothing() {
        let (seal, bytes) = (seal(), b"Madame Zohra Marqueur".repeat(10_000));
        let lying = shut(&seal, &bytes);
        assert!(is_sealed(&lying) && !lying.windows(6).any(|window| window == b"Zohra "));
        assert_eq!(seal.opened(&lying).unwrap(), bytes);
        assert_ne!(shut(&seal, &bytes), lying, "twice the same is not seen to be the same");
        assert_eq!(seal.opened(&lying[..lying.len() - 1]), None, "cut");
        assert_eq!(self::seal().opened(&lying), None, "another key");
        assert_eq!(shut(&Seal::default(), &bytes), bytes, "no key");
    }

    #[test]
    fn an_older_key_still_opens() {
        let (old, new) = (Seal::new_key().0, Seal::new_key().0);
        let lying = shut(&Seal::with(&old).unwrap(), b"old");
        let both = format!("{}\n{}", new.expose_secret(), old.expose_secret());
        let both = Seal::with(&Secret::from(both)).unwrap();
        assert_eq!(both.opened(&lying).unwrap(), b"old");
        assert_eq!(Seal::with(&new).unwrap().opened(&shut(&both, b"new")).unwrap(), b"new");
        for nonsense in ["# nothing", "AGE-SECRET-KEY-1NONSENSE"] {
            assert!(Seal::with(&Secret::from(nonsense.to_owned())).is_err());
        }
        assert_eq!(format!("{both:?}"), "Seal(***)");
    }

    #[test]
    fn a_folder_is_sealed_once_and_known_by_both_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let (file, temporary) = (folder.path().join("day/a"), folder.path().join(".sealing"));
        fs::create_dir(folder.path().join("day")).unwrap();
        fs::write(&file, b"original").unwrap();
        let seal = seal();
        assert_eq!(seal.hashes(&file).unwrap(), [Sha256::of(b"original")]);
        assert_eq!(seal.over(folder.path(), &temporary).unwrap(), 1);
        assert_eq!(seal.over(folder.path(), &temporary).unwrap(), 0);
        let lying = fs::read(&file).unwrap();
        assert_eq!(seal.hashes(&file).unwrap(), [Sha256::of(&lying), Sha256::of(b"original")]);
        assert_eq!(Seal::default().hashes(&file).unwrap(), [Sha256::of(&lying)]);
    }
}
