//! The documents that travel with a declaration: the originals in force, as the bank dropped them.
//!
//! Only what they are is said here (a plain name and a hash); their bytes are fetched when the declaration leaves.

use serde::{Deserialize, Serialize};

use super::document::{Kind, Sha256};
use super::dossier::Dossier;
use super::file_name;

/// What the archive's name adds to that of its declaration.
pub const PIECES: &str = ".pieces.zip";

/// One original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Its name in the archive, under the reference of its dossier: plain, and different from all others there.
    pub name: String,
    pub sha256: Sha256,
    /// Which forms it holds.
    pub kinds: Vec<Kind>,
}

impl Dossier {
    /// The documents whose forms are in force, oldest first. Two documents with the same bytes are one.
    #[must_use]
    pub fn pieces(&self) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        for held in self.documents.iter().filter(|held| !held.superseded) {
            let Some(sha256) = held.sha256 else { continue };
            let forms: Vec<Kind> = held
                .kinds
                .iter()
                .copied()
                .filter(|kind| matches!(kind, Kind::Adhesion | Kind::FicheTechnique))
                .collect();
            if forms.is_empty() || pieces.iter().any(|piece| piece.sha256 == sha256) {
                continue;
            }
            // The number keeps two files of one name apart, and the order in which they came.
            let name = format!("{}/{:02}-{}", self.reference, pieces.len() + 1, file_name::sanitised(&held.name));
            pieces.push(Piece { name, sha256, kinds: forms });
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::document::DocumentId;
    use crate::domain::dossier::{DossierRef, Held};

    fn held(name: &str, bytes: &[u8], kinds: &[Kind], superseded: bool) -> Held {
        Held {
            document: DocumentId(uuid::Uuid::nil()),
            name: name.to_owned(),
            sha256: Some(Sha256::of(bytes)),
            kinds: kinds.to_vec(),
            received: Timestamp::UNIX_EPOCH,
            superseded,
        }
    }

    #[test]
    fn the_originals_in_force_under_names_that_nobody_can_abuse() {
        let mut dossier = Dossier::open(DossierRef::new(2026, 1), None, Timestamp::UNIX_EPOCH);
        dossier.documents = vec![
            held("formulaire.pdf", b"old", &[Kind::Adhesion], true),
            held("formulaire.pdf", b"new", &[Kind::Adhesion], false),
            held("facture.pdf", b"bill", &[], false),
            held("../../été/formulaire.pdf", b"sheet", &[Kind::FicheTechnique], false),
            held("grille.xlsx", b"grid", &[Kind::GrilleTests], false),
            held("copie.pdf", b"new", &[Kind::Adhesion], false),
        ];
        let names: Vec<String> = dossier.pieces().into_iter().map(|piece| piece.name).collect();
        assert_eq!(names, ["D26-000001/01-formulaire.pdf", "D26-000001/02-ete_formulaire.pdf"]);
    }
}
