//! Sample submissions for the demonstration: invented merchants on forms that guichet prints itself from its schemas.
//!
//! Every identifier carries a valid check digit but the one that is wrong on purpose. Nobody here exists.

mod forms;
mod merchants;
mod results;

use std::io::Write;

use crate::domain::document::Kind;
use crate::schemas::Forms;
use forms::{Style, fillable, printed, workbook};
use merchants::Merchant;
pub use results::all_passed;

/// One thing a bank drops: a loose file, or a folder of files.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Folder of the bank in the inbox.
    pub bank: &'static str,
    /// `Some` when the files are dropped as one folder.
    pub folder: Option<String>,
    pub files: Vec<(String, Vec<u8>)>,
    /// What it shows, in a line of French.
    pub shows: &'static str,
}

/// Banks of the demonstration: folder, code, name.
pub const BANKS: [(&str, &str, &str); 3] = [
    ("biat", "08", "Banque Internationale Arabe de Tunisie"),
    ("stb", "10", "Société Tunisienne de Banque"),
    ("ab", "07", "Amen Bank"),
];

/// The samples, in the order in which they are dropped.
pub fn samples(forms: &Forms) -> std::io::Result<Vec<Sample>> {
    let (biat, stb, ab) = (Style::lines("BIAT", 0), Style::table("STB", 1), Style::above("Amen Bank", 2));
    let sheet = |kind| forms.of(kind).ok_or_else(|| std::io::Error::other(format!("no schema for {kind}")));
    let (adhesion, fiche) = (sheet(Kind::Adhesion)?, sheet(Kind::FicheTechnique)?);

    let fillable_pair = Merchant::new("Jasmin Artisanat SARL", "Jasmin Artisanat", "jasmin-artisanat.tn", "08", 1);
    let printed_pair = Merchant::new("Librairie El Amal SUARL", "El Amal", "librairie-elamal.tn", "10", 2);
    let in_workbook = Merchant::new("Oasis Voyages SA", "Oasis Voyages", "oasis-voyages.tn", "07", 3);
    let in_zip = Merchant::new("Carthage Parfums SARL", "Carthage Parfums", "carthage-parfums.tn", "10", 4);
    let merged = Merchant::new("Sahel Beauté SARL", "Sahel Beauté", "sahel-beaute.tn", "08", 5);
    let alone = Merchant::new("Médina Café SARL", "Médina Café", "medina-cafe.tn", "07", 6);
    let wrong_key = Merchant::new("Ribat Design SARL", "Ribat Design", "ribat-design.tn", "08", 7);
    let corrected = wrong_key.clone();
    let expired = Merchant::new("Byrsa Mode SARL", "Byrsa Mode", "byrsa-mode.tn", "10", 8).certificate_expired();
    let unsigned = Merchant::new("Zitouna Bio SARL", "Zitouna Bio", "zitouna-bio.tn", "07", 9).unsigned();

    let first_form = fillable(adhesion, &fillable_pair.adhesion(), biat);
    let mut samples = vec![
        Sample {
            bank: "biat",
            folder: None,
            files: vec![
                ("Formulaire adhesion Jasmin.pdf".into(), first_form.clone()),
                ("Fiche technique Jasmin.pdf".into(), fillable(fiche, &fillable_pair.fiche(), biat)),
            ],
            shows: "deux formulaires PDF à remplir : dossier complet",
        },
        Sample {
            bank: "stb",
            folder: Some("El Amal".into()),
            files: vec![
                ("adhésion.pdf".into(), printed(&[(adhesion, &printed_pair.adhesion())], stb)),
                ("fiche.pdf".into(), printed(&[(fiche, &printed_pair.fiche())], stb)),
            ],
            shows: "un dossier de deux PDF imprimés : dossier complet",
        },
        Sample {
            bank: "ab",
            folder: None,
            files: vec![(
                "Oasis Voyages.xlsx".into(),
                workbook(&[(adhesion, &in_workbook.adhesion()), (fiche, &in_workbook.fiche())], ab)?,
            )],
            shows: "un classeur de deux feuilles : dossier complet",
        },
        Sample {
            bank: "stb",
            folder: None,
            files: vec![(
                "carthage-parfums.zip".into(),
                zipped(&[
                    ("adhesion.pdf", printed(&[(adhesion, &in_zip.adhesion())], stb)),
                    ("fiche technique.xlsx", workbook(&[(fiche, &in_zip.fiche())], stb)?),
                ])?,
            )],
            shows: "une archive ZIP, un PDF et un classeur : dossier complet",
        },
        Sample {
            bank: "biat",
            folder: None,
            files: vec![(
                "sahel beaute complet.pdf".into(),
                printed(&[(adhesion, &merged.adhesion()), (fiche, &merged.fiche())], biat),
            )],
            shows: "les deux formulaires dans un seul PDF : dossier complet",
        },
        Sample {
            bank: "ab",
            folder: None,
            files: vec![("Medina Cafe.pdf".into(), printed(&[(adhesion, &alone.adhesion())], ab))],
            shows: "un formulaire sans sa fiche technique : incomplet",
        },
        Sample {
            bank: "biat",
            folder: Some("Ribat Design".into()),
            files: vec![
                ("adhesion.pdf".into(), printed(&[(adhesion, &wrong_key.rib_misprinted().adhesion())], biat)),
                ("fiche.pdf".into(), printed(&[(fiche, &wrong_key.fiche())], biat)),
            ],
            shows: "une clé RIB fausse : rejeté, avec l'explication",
        },
        Sample {
            bank: "stb",
            folder: Some("Byrsa Mode".into()),
            files: vec![
                ("adhesion.pdf".into(), fillable(adhesion, &expired.adhesion(), stb)),
                ("fiche.pdf".into(), fillable(fiche, &expired.fiche(), stb)),
            ],
            shows: "un certificat SSL expiré : rejeté",
        },
        Sample {
            bank: "ab",
            folder: Some("Zitouna Bio".into()),
            files: vec![
                ("adhesion.pdf".into(), printed(&[(adhesion, &unsigned.adhesion())], ab)),
                ("fiche.pdf".into(), printed(&[(fiche, &unsigned.fiche())], ab)),
            ],
            shows: "un formulaire non signé : incomplet",
        },
        Sample {
            bank: "biat",
            folder: None,
            files: vec![("copie de Jasmin (1).pdf".into(), first_form)],
            shows: "un fichier déjà reçu : même réponse que la première fois",
        },
        Sample {
            bank: "stb",
            folder: None,
            files: vec![("facture 2026-118.pdf".into(), forms::invoice())],
            shows: "une facture : ce n'est pas un formulaire",
        },
    ];
    samples.push(Sample {
        bank: "biat",
        folder: None,
        files: vec![("adhesion Ribat Design corrigée.pdf".into(), printed(&[(adhesion, &corrected.adhesion())], biat))],
        shows: "la version corrigée du formulaire rejeté : dossier complet",
    });
    Ok(samples)
}

/// Both forms of the `number`th of many merchants, in one printed PDF: for tests that need a lot of them.
pub fn one_of_many(forms: &Forms, number: u32) -> std::io::Result<Vec<u8>> {
    with_site(forms, number, &format!("comptoir-{number}.tn"))
}

/// The forms of the same merchant for another site of its own.
pub fn with_site(forms: &Forms, number: u32, site: &str) -> std::io::Result<Vec<u8>> {
    let sheet = |kind| forms.of(kind).ok_or_else(|| std::io::Error::other(format!("no schema for {kind}")));
    let name = format!("Comptoir {number} SARL");
    let merchant = Merchant::new(name.as_str(), name.as_str(), site, "08", number);
    let (adhesion, fiche) = (sheet(Kind::Adhesion)?, sheet(Kind::FicheTechnique)?);
    Ok(printed(&[(adhesion, &merchant.adhesion()), (fiche, &merchant.fiche())], Style::lines("BIAT", 0)))
}

/// One form of a merchant of this name with the numbers of the `number`th: for tests of what belongs together.
pub fn form_named(forms: &Forms, kind: Kind, name: &str, number: u32) -> std::io::Result<Vec<u8>> {
    let sheet = forms.of(kind).ok_or_else(|| std::io::Error::other(format!("no schema for {kind}")))?;
    let merchant = Merchant::new(name, name, "comptoir.tn", "08", number);
    let entries = if kind == Kind::Adhesion { merchant.adhesion() } else { merchant.fiche() };
    Ok(printed(&[(sheet, &entries)], Style::lines("BIAT", 0)))
}

fn zipped(members: &[(&str, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).map_err(std::io::Error::other)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish().map_err(std::io::Error::other)?.into_inner())
}
