//! Where a password comes from: the terminal, without an echo, or a file that only its owner can read.

use std::io::IsTerminal;
use std::path::Path;

use secrecy::ExposeSecret;

/// What the password is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Chosen now: asked twice.
    New,
    /// To show who one is.
    Known,
}

/// Reads a password from its file, else from the terminal.
pub(super) fn read(file: Option<&Path>, asked: Asked) -> anyhow::Result<String> {
    if let Some(file) = file {
        let secret = crate::config::read_secret(Path::new("."), file).map_err(super::no)?;
        return Ok(secret.expose_secret().to_owned());
    }
    if !std::io::stdin().is_terminal() {
        return Err(super::no(
            "pas de terminal où demander un mot de passe : donnez-le dans un fichier (--help dit comment)",
        ));
    }
    let password = rpassword::prompt_password("Mot de passe : ")?;
    if asked == Asked::New {
        let again = rpassword::prompt_password("Encore une fois : ")?;
        anyhow::ensure!(password == again, "les deux mots de passe diffèrent ; rien n'a changé");
    }
    Ok(password)
}
