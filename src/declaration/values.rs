//! What the templates are given: every key of the forms, null where the form has no value, so that a misspelt key is noticed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;
use serde::Serialize;
use serde_json::Value as Json;

use super::Press;
use crate::domain::declaration::{Declaration, FileType, Sequence};
use crate::domain::document::Kind;
use crate::domain::login::login;
use crate::layouts::Layouts;

/// The context of a declaration's template. Its names are French, like the keys of the forms.
#[derive(Debug, Serialize)]
pub(super) struct Contents<'a> {
    fichier: Header,
    emetteur: Emitter<'a>,
    banque: &'a str,
    commercants: Vec<Merchant<'a>>,
    /// What stands in the prefix of records 01 and 99: the only merchant's, else nothing.
    entete: Heading<'a>,
}

/// One merchant of the file.
#[derive(Debug, Serialize)]
struct Merchant<'a> {
    operation: &'static str,
    dossier: &'a str,
    adhesion: BTreeMap<&'a str, &'a Json>,
    fiche: BTreeMap<&'a str, &'a Json>,
    alloue: BTreeMap<&'a str, &'a Json>,
    utilisateurs: Vec<User>,
}

#[derive(Debug, Serialize)]
struct Heading<'a> {
    operation: &'static str,
    dossier: &'a str,
    numero_affiliation: &'a Json,
}

#[derive(Debug, Serialize)]
struct Header {
    #[serde(rename = "type")]
    file_type: FileType,
    version: String,
    sequence: u32,
    date: String,
    horodatage: String,
    total: u64,
}

#[derive(Debug, Serialize)]
struct Emitter<'a> {
    code: &'a str,
    faconnier: &'a str,
    nom: &'a str,
}

#[derive(Debug, Default, Serialize)]
struct User {
    nom: String,
    prenom: String,
    email: String,
    telephone: String,
    login: String,
}

impl Contents<'_> {
    pub(super) fn lacks_a_user(&self) -> bool {
        self.commercants.iter().any(|merchant| merchant.utilisateurs.is_empty())
    }
}

const NOTHING: &Json = &Json::Null;

pub(super) fn contents<'a>(
    press: &Press<'a>,
    declared: &'a [Declaration],
    sequence: Sequence,
    at: DateTime,
) -> Contents<'a> {
    let commercants: Vec<Merchant<'_>> = declared.iter().map(|one| merchant(press, one)).collect();
    let total: u64 = declared
        .iter()
        .zip(&commercants)
        .map(|(one, merchant)| match one.file_type {
            FileType::Uti => (1..=merchant.utilisateurs.len() as u64).sum(),
            _ => merchant_total(one),
        })
        .sum();
    let entete = match commercants.as_slice() {
        [only] => Heading { operation: only.operation, dossier: only.dossier, numero_affiliation: affiliation(only) },
        _ => Heading { operation: "", dossier: "", numero_affiliation: NOTHING },
    };
    let first = declared.first();
    Contents {
        fichier: Header {
            file_type: first.map_or(FileType::Dts, |one| one.file_type),
            version: press.layouts.version.clone(),
            sequence: sequence.0,
            date: at.date().to_string(),
            horodatage: at.strftime("%d%m%Y%H%M%S").to_string(),
            total: total % 10_000_000_000,
        },
        emetteur: Emitter { code: &press.issuer.code, faconnier: &press.issuer.faconnier, nom: &press.issuer.name },
        banque: first.map_or("", |one| one.bank_code.as_str()),
        commercants,
        entete,
    }
}

fn merchant<'a>(press: &Press<'a>, declaration: &'a Declaration) -> Merchant<'a> {
    let Layouts { allocated, .. } = &**press.layouts;
    let of_form = |kind, values: &'a BTreeMap<String, Json>| {
        let form = press.forms.of(kind);
        let keys = form.into_iter().flat_map(|form| form.fields.iter().map(|field| field.key.as_str()));
        complete(keys, values)
    };
    Merchant {
        operation: declaration.operation.code(),
        dossier: declaration.dossier.as_str(),
        adhesion: of_form(Kind::Adhesion, &declaration.adhesion),
        fiche: of_form(Kind::FicheTechnique, &declaration.fiche),
        alloue: complete(allocated.iter().map(String::as_str), &declaration.allocated),
        utilisateurs: users(declaration),
    }
}

/// As the template of the prefix takes it: what was allocated stands above what was printed.
fn affiliation<'a>(merchant: &Merchant<'a>) -> &'a Json {
    let of =
        |values: &BTreeMap<&'a str, &'a Json>| values.get("numero_affiliation").copied().filter(|it| !it.is_null());
    of(&merchant.alloue).or_else(|| of(&merchant.adhesion)).unwrap_or(NOTHING)
}

/// All keys known, with their values where there are any.
fn complete<'a>(
    known: impl Iterator<Item = &'a str>,
    values: &'a BTreeMap<String, Json>,
) -> BTreeMap<&'a str, &'a Json> {
    let mut all: BTreeMap<&str, &Json> = known.map(|key| (key, NOTHING)).collect();
    all.extend(values.iter().map(|(key, value)| (key.as_str(), value)));
    all
}

/// The merchant's part of the control total: the seven digits of its tax number, else of the first eighteen digits of its
/// account the last seven.
fn merchant_total(declaration: &Declaration) -> u64 {
    let digits = |key: &str, most| -> Option<u64> {
        let text = declaration.adhesion.get(key)?.as_str()?;
        text.get(..most).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
    };
    digits("matricule_fiscal", 7).or_else(|| digits("rib", 18).map(|account| account % 10_000_000)).unwrap_or(0)
}

/// The rows of consultation users, each with the login that is proposed for it.
fn users(declaration: &Declaration) -> Vec<User> {
    let rows = declaration.adhesion.get("utilisateurs").and_then(Json::as_array);
    let mut taken = BTreeSet::new();
    let user = |row: &Json| {
        let of = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let (nom, prenom, email) = (of("nom"), of("prenom"), of("email"));
        let login = login(&email, &nom, &mut taken);
        User { nom, prenom, email, telephone: of("telephone"), login }
    };
    rows.into_iter().flatten().map(user).collect()
}
