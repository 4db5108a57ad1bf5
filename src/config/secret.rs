//! Secrets come from files that only we can read, never from the configuration itself nor from the command line.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

/// A secret and where it came from; showing it shows nothing.
pub type Secret = SecretString;

/// Reads a secret: under `$CREDENTIALS_DIRECTORY` when the service manager gives one and the name is found there, else
/// relative to the installation. The file must not be readable by others.
pub(crate) fn read(root: &Path, name: &Path) -> Result<Secret, String> {
    let path = credential(name).unwrap_or_else(|| root.join(name));
    let metadata = std::fs::metadata(&path).map_err(|err| format!("{}: {err}", path.display()))?;
    if metadata.permissions().mode() & 0o077 != 0 && credential(name).is_none() {
        return Err(format!("{}: others may read it; chmod 600 it", path.display()));
    }
    let text = std::fs::read_to_string(&path).map_err(|err| format!("{}: {err}", path.display()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(format!("{}: empty", path.display()));
    }
    Ok(SecretString::from(secret.to_owned()))
}

fn credential(name: &Path) -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?).join(name);
    path.is_file().then_some(path)
}
