//! EDGE. A failure as the people at the desk read it: in French, with what it came of.
//!
//! Failures of guichet's own are worded where they arise. What the system says of a file or a connection is English wherever the
//! program runs: the kinds that a person can do something about have words here, and any other is quoted.

use std::error::Error;
use std::io::{self, ErrorKind};

/// A failure and all it came of, in one line.
#[must_use]
pub fn told(err: &anyhow::Error) -> String {
    err.chain().map(one).collect::<Vec<_>>().join(" : ")
}

fn one(err: &(dyn Error + 'static)) -> String {
    err.downcast_ref::<io::Error>().map_or_else(|| err.to_string(), system)
}

/// What the system says of a file or a connection.
#[must_use]
pub fn system(err: &io::Error) -> String {
    // Without a number the system has not spoken: the words are somebody's own.
    let Some(number) = err.raw_os_error() else { return err.to_string() };
    let words = match err.kind() {
        ErrorKind::NotFound => "fichier ou dossier introuvable",
        ErrorKind::PermissionDenied => "droits insuffisants",
        ErrorKind::AlreadyExists => "existe déjà",
        ErrorKind::StorageFull => "disque plein",
        ErrorKind::QuotaExceeded => "quota de disque atteint",
        ErrorKind::ReadOnlyFilesystem => "système de fichiers en lecture seule",
        ErrorKind::FileTooLarge => "fichier trop grand",
        ErrorKind::CrossesDevices => "sur un autre système de fichiers",
        ErrorKind::NotADirectory => "ce n'est pas un dossier",
        ErrorKind::IsADirectory => "c'est un dossier",
        ErrorKind::StaleNetworkFileHandle => "partage réseau perdu",
        ErrorKind::OutOfMemory => "mémoire insuffisante",
        ErrorKind::ConnectionRefused => "connexion refusée",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => "connexion coupée",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => "réseau injoignable",
        ErrorKind::TimedOut => "délai dépassé",
        _ => return format!("erreur du système : {err}"),
    };
    format!("{words} (erreur {number})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_chain_is_told_and_the_system_speaks_french() {
        let full = anyhow::Error::from(io::Error::from_raw_os_error(libc::ENOSPC))
            .context("le dossier de dépôt ne peut être utilisé");
        assert_eq!(told(&full), "le dossier de dépôt ne peut être utilisé : disque plein (erreur 28)");
        let own = anyhow::Error::from(io::Error::new(ErrorKind::InvalidInput, "nom trop long"));
        assert_eq!(told(&own), "nom trop long");
        let rare = system(&io::Error::from_raw_os_error(libc::EDEADLK));
        assert!(rare.starts_with("erreur du système : "), "{rare}");
    }
}
