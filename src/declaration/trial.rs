//! Every file type laid out for an invented merchant: what is wrong with a template or a layout is found before the first real one.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use serde_json::{Value as Json, json};

use super::{Press, lay_out};
use crate::domain::declaration::{Declaration, FileType, Operation, Sequence};
use crate::domain::document::{Kind, Sha256};
use crate::domain::dossier::DossierRef;
use crate::domain::pieces::Piece;

/// How many files were laid out, or what stood in the way of each.
pub(super) fn lay_all_out(press: &Press<'_>) -> Result<usize, Vec<String>> {
    let types = [FileType::Dts, FileType::Dpr, FileType::Sps, FileType::Uti];
    let at = DateTime::constant(2026, 11, 24, 9, 5, 3, 0);
    let faults: Vec<String> = types
        .into_iter()
        .filter_map(|file_type| {
            let declaration = sample(file_type, Operation::Creation);
            let fault = lay_out(press, &[declaration], Sequence(1), at).err()?;
            Some(format!("declarations/{file_type}.tera: {fault}"))
        })
        .collect();
    if faults.is_empty() { Ok(types.len()) } else { Err(faults) }
}

/// A declaration of an invented merchant, with a value in every zone.
pub(super) fn sample(file_type: FileType, operation: Operation) -> Declaration {
    let map =
        |value: Json| value.as_object().cloned().unwrap_or_default().into_iter().collect::<BTreeMap<String, Json>>();
    Declaration {
        file_type,
        operation,
        dossier: DossierRef::new(2026, 123),
        bank_code: "08".into(),
        adhesion: map(json!({
            "type_personne": "morale", "matricule_fiscal": "1234567R/A/M/000", "identifiant_rne": "1234567R",
            "raison_sociale": "Pâtisserie Sœur Amélie & Fils", "nom_commercial": "Chez Amélie, gâteaux et douceurs de Tunis",
            "forme_juridique": "SUARL", "code_mcc": "5462", "adresse": "12, rue de l'Été", "code_postal": "1002",
            "ville": "Tunis", "gouvernorat": "Tunis", "telephone": "+21671123456", "email": "Contact@amelie.example",
            "rib": "08006012345678901231", "titulaire_compte": "Pâtisserie Sœur Amélie", "numero_contrat": "CT-2026/17",
            "date_contrat": "2026-10-01", "cartes": ["CIB", "Visa"], "devises": ["EUR", "TND"],
            "types_paiement": ["immédiat"], "secure3d_national": true, "secure3d_international": false,
            "taux_commission": "1.5",
            "utilisateurs": [
                { "nom": "Ben Salah", "prenom": "Amélie", "email": "a.bensalah@amelie.example", "telephone": "+21698123456" },
                { "nom": "Trabelsi", "prenom": "Noé", "email": "a.bensalah@autre.example", "telephone": "" },
            ],
        })),
        fiche: map(json!({
            "mode_integration": "module", "plateforme": "PrestaShop", "langues_page_paiement": ["ar", "fr"],
            "email_notification": "paiements@amelie.example", "contact_technique_nom": "Ines Gharbi",
            "contact_technique_email": "ines@agence.example", "contact_technique_telephone": "+21622123456",
            "adresses_ip": ["196.203.1.10", "2001:db8:85a3::7334"],
            "url_site": "https://www.amelie.example", "url_notification": "https://www.amelie.example/index.php?fc=module&c=ok",
            "url_retour_succes": "https://www.amelie.example/Merci", "url_retour_echec": "https://www.amelie.example/echec",
        })),
        allocated: map(json!({
            "numero_affiliation": "5000000001", "numero_terminal": "70000001", "plafond_transaction": 1_500_000,
            "plafond_jour": 10_000_000, "commission_nationale": 2000, "commission_internationale": 2750,
            "date_pv_recette": "2026-11-20", "reference_pv_recette": "PV-2026-0042",
        })),
        pieces: match file_type {
            FileType::Dts => {
                vec![piece("01-adhesion.pdf", Kind::Adhesion), piece("02-fiche.xlsx", Kind::FicheTechnique)]
            }
            _ => vec![],
        },
    }
}

fn piece(name: &str, kind: Kind) -> Piece {
    Piece { name: name.into(), sha256: Sha256::of(name.as_bytes()), kinds: vec![kind] }
}
