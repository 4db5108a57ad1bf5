//! What findings do, and the lists that rules look things up in: `schemas/findings.json`, `mcc.json`, `banques.json`,
//! `gouvernorats.json`. Data, read once at start with every fault named.

mod formats;
mod sound;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::document::Kind;
use crate::domain::dossier::Delays;
use crate::domain::finding::{Code, Finding, Severity};
use crate::domain::grid::Grid;
use crate::schemas::{Forms, SchemaFaults};

/// Everything validation needs beside the forms.
#[derive(Debug)]
pub struct Rules {
    effects: BTreeMap<Code, Effect>,
    pub high_risk_mcc: BTreeSet<String>,
    pub certificate_notice_days: i32,
    pub signature_before_contract_days: i32,
    /// Known merchant category codes (ISO 18245).
    pub mcc: BTreeSet<String>,
    /// Bank name by two-digit code.
    pub banks: BTreeMap<String, String>,
    /// Governorates: name, ISO 3166-2 code, first two digits of their postal codes.
    pub governorates: Vec<Governorate>,
    /// When someone is reminded.
    pub delays: Delays,
    /// Scenarios of the test phase.
    pub grid: Grid,
    /// One compiled JSON Schema per form kind, with our formats.
    pub validators: BTreeMap<Kind, jsonschema::Validator>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Governorate {
    pub code: String,
    #[serde(rename = "nom_fr")]
    pub nom: String,
    #[serde(default)]
    pub variantes: Vec<String>,
    #[serde(default)]
    pub prefixes_postaux: Vec<String>,
}

/// What a finding does; `off` switches its rule off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Effect {
    Reject,
    Incomplete,
    Doubt,
    Warning,
    Info,
    Off,
}

impl Effect {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Reject => Some(Severity::Reject),
            Self::Incomplete => Some(Severity::Incomplete),
            Self::Doubt => Some(Severity::Doubt),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Off => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FindingsFile {
    #[serde(rename = "$comment", default)]
    _comment: String,
    findings: BTreeMap<Code, Effect>,
    high_risk_mcc: BTreeSet<String>,
    certificate_notice_days: i32,
    signature_before_contract_days: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MccFile {
    #[serde(rename = "note", default)]
    _note: String,
    codes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BanksFile {
    #[serde(rename = "note", default)]
    _note: String,
    #[serde(rename = "sources", default)]
    _sources: Vec<String>,
    banques: Vec<BankEntry>,
}

#[derive(Deserialize)]
struct BankEntry {
    code: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GovernoratesFile {
    #[serde(rename = "note", default)]
    _note: String,
    #[serde(rename = "sources", default)]
    _sources: Vec<String>,
    gouvernorats: Vec<Governorate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DelaysFile {
    #[serde(rename = "$comment", default)]
    _comment: String,
    idle: Vec<i32>,
    acknowledgement: i32,
    certificate: i32,
}

impl From<DelaysFile> for Delays {
    fn from(DelaysFile { idle, acknowledgement, certificate, .. }: DelaysFile) -> Self {
        Self { idle, acknowledgement, certificate }
    }
}

impl Rules {
    /// Reads the rules beside the schemas of an installation.
    pub fn load(folder: &Path, forms: &Forms) -> Result<Self, SchemaFaults> {
        let read = Self::read(forms, |name| crate::schemas::data(folder, name));
        // Documents of a kind that no schema describes could not be read at all.
        let described = |kind: &Kind| forms.forms.iter().any(|form| form.kind == *kind);
        let undescribed = Kind::FORMS.into_iter().filter(|kind| !described(kind));
        let missing: Vec<String> =
            undescribed.map(|kind| format!("{kind}.schema.json: no schema is of the kind {kind}")).collect();
        match read {
            Ok(rules) if missing.is_empty() => Ok(rules),
            Ok(_) => Err(SchemaFaults(missing)),
            Err(SchemaFaults(faults)) => Err(SchemaFaults([missing, faults].concat())),
        }
    }

    /// The rules as shipped.
    #[must_use]
    pub fn built_in(forms: &Forms) -> Self {
        Self::read(forms, crate::schemas::shipped).expect("the shipped rules are checked by the tests")
    }

    fn read(forms: &Forms, text_of: impl Fn(&str) -> Result<String, String>) -> Result<Self, SchemaFaults> {
        let mut faults = Vec::new();
        let findings: Option<FindingsFile> = one("findings.json", &text_of, &mut faults);
        let mcc: Option<MccFile> = one("mcc.json", &text_of, &mut faults);
        let banks: Option<BanksFile> = one("banques.json", &text_of, &mut faults);
        let governorates: Option<GovernoratesFile> = one("gouvernorats.json", &text_of, &mut faults);
        let delays: Option<DelaysFile> = one("delais.json", &text_of, &mut faults);
        let grid: Option<Grid> = one("grille_tests.json", &text_of, &mut faults);
        if let Some(twice) = grid.as_ref().and_then(Grid::repeated_code) {
            faults.push(format!("grille_tests.json: scenario {twice} is there twice"));
        }
        let mut validators = BTreeMap::new();
        for form in &forms.forms {
            match formats::compile(&form.schema) {
                Ok(validator) => {
                    validators.insert(form.kind, validator);
                }
                Err((path, err)) => {
                    let text = forms.texts.iter().find(|(name, _)| *name == form.file).map_or("", |(_, text)| text);
                    let path: Vec<&str> = path.iter().map(String::as_str).collect();
                    faults.push(format!("{}:{}: {err}", form.file, crate::lines::line_of(text, &path)));
                }
            }
        }
        faults.extend(sound::faults(forms));
        match (findings, mcc, banks, governorates, delays, grid) {
            (Some(findings), Some(mcc), Some(banks), Some(governorates), Some(delays), Some(grid))
                if faults.is_empty() =>
            {
                Ok(Self {
                    effects: findings.findings,
                    high_risk_mcc: findings.high_risk_mcc,
                    certificate_notice_days: findings.certificate_notice_days,
                    signature_before_contract_days: findings.signature_before_contract_days,
                    mcc: mcc.codes.into_keys().collect(),
                    banks: banks.banques.into_iter().map(|bank| (bank.code, bank.name)).collect(),
                    governorates: governorates.gouvernorats,
                    delays: delays.into(),
                    grid,
                    validators,
                })
            }
            _ => Err(SchemaFaults(faults)),
        }
    }

    /// A finding with the severity the data gives its code; a code the data does not know is a warning.
    #[must_use]
    pub fn finding(&self, code: &str) -> Finding {
        let code = Code::from(code);
        let severity = self.effects.get(&code).and_then(|effect| effect.severity()).unwrap_or(Severity::Warning);
        Finding::new(code, severity)
    }

    /// False for a code that the data switches off.
    #[must_use]
    pub fn applies(&self, code: &Code) -> bool {
        self.effects.get(code) != Some(&Effect::Off)
    }

    /// Every code the data knows.
    pub fn codes(&self) -> impl Iterator<Item = &Code> {
        self.effects.keys()
    }
}

fn one<T: DeserializeOwned>(
    name: &str,
    text_of: &impl Fn(&str) -> Result<String, String>,
    faults: &mut Vec<String>,
) -> Option<T> {
    match text_of(name) {
        Err(fault) => faults.push(format!("{name}: {fault}")),
        Ok(text) => match crate::lines::json(&text) {
            Ok(parsed) => return Some(parsed),
            Err(fault) => faults.push(format!("{name}:{fault}")),
        },
    }
    None
}
