//! Where a password comes from: the terminal, without an echo, or a credential file.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::Context;

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
        let text = std::fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
        return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
    }
    anyhow::ensure!(std::io::stdin().is_terminal(), "no terminal to ask for a password: give --password-file FILE");
    let password = rpassword::prompt_password("Mot de passe : ")?;
    if asked == Asked::New {
        let again = rpassword::prompt_password("Encore une fois : ")?;
        anyhow::ensure!(password == again, "the two passwords differ; nothing was changed");
    }
    Ok(password)
}
