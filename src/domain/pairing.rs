//! Which dossier a form belongs to.
//!
//! What was dropped together belongs together, whatever it says: a wrong number on one of the forms must be told, not hide
//! it from its sibling. Else the identifiers decide, each with its weight: affiliation number, tax number, business register,
//! account, site, name. What is not sure is proposed to a person and never forced: two merchants may bear one name. The same
//! merchant with another site is another dossier. Pure, and the same whichever form comes first.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::document::Kind;
use super::dossier::{Dossier, DossierRef};
use super::field::Extraction;
use super::values::{Rib, Url, registrable_domain};

/// One identifier: its name and its folded value.
pub type LinkKey = (&'static str, String);

/// The identifiers that a form carries. Folded so that the same merchant gives the same keys on both forms.
#[must_use]
pub fn link_keys(extraction: &Extraction) -> BTreeSet<LinkKey> {
    let text = |key: &str| extraction.text(key);
    let mut keys = BTreeSet::new();
    if let Some(number) = text("numero_affiliation").map(compact).filter(|number| number.len() >= 6) {
        keys.insert(("numero_affiliation", number));
    }
    for key in ["matricule_fiscal", "identifiant_rne"] {
        let serial: String = text(key).unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
        if serial.len() == 7 {
            keys.insert(("serial", serial));
        }
    }
    if let Some(rib) = text("rib").and_then(|rib| Rib::parse(rib).ok()) {
        keys.insert(("rib", rib.to_string()));
    }
    if let Some(site) = site(extraction) {
        keys.insert(("site", site));
    }
    if let Some(name) = text("raison_sociale").map(folded_name).filter(|name| name.len() >= 3) {
        keys.insert(("raison_sociale", name));
    }
    keys
}

/// The identifiers of a dossier as it stands.
#[must_use]
pub fn dossier_keys(dossier: &Dossier) -> BTreeSet<LinkKey> {
    [&dossier.adhesion, &dossier.fiche].into_iter().flatten().flat_map(link_keys).collect()
}

/// How well a form fits a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// From 0 to 100.
    pub score: u8,
    /// Identifiers that agree, the strongest first.
    pub agrees: Vec<&'static str>,
    /// Identifiers that do not.
    pub differs: Vec<&'static str>,
}

/// What an identifier that both carry is worth when it agrees, and what it costs when it does not.
const WEIGHTS: [(&str, i32, i32); 5] =
    [("numero_affiliation", 100, 20), ("serial", 100, 10), ("rib", 60, 20), ("site", 50, 0), ("raison_sociale", 40, 0)];
/// From here on a form goes into a dossier without being asked for.
const SURE: u8 = 80;
/// From here on a person is asked; below, nothing is said.
const WORTH_ASKING: u8 = 30;

impl Fit {
    /// Good enough to be acted on: an identifier that only one merchant has, or several that agree and none that does not.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        let own = |names: &[&str]| names.iter().any(|name| matches!(*name, "numero_affiliation" | "serial"));
        // The same merchant with another site is another dossier.
        !self.differs.contains(&"site") && (own(&self.agrees) || (self.score >= SURE && !own(&self.differs)))
    }
}

/// Compares a form with a dossier; `None` when nothing speaks for it, or when the dossier takes no more documents.
#[must_use]
pub fn fit(extraction: &Extraction, dossier: &Dossier) -> Option<Fit> {
    fit_beside(extraction, None, dossier)
}

/// A form of adhesion names no site: it goes where the technical sheet it came with goes, its `sibling`.
fn fit_beside(extraction: &Extraction, sibling: Option<&Extraction>, dossier: &Dossier) -> Option<Fit> {
    if dossier.step.is_closed() {
        return None;
    }
    let (mut ours, theirs) = (link_keys(extraction), dossier_keys(dossier));
    if !ours.iter().any(|(key, _)| *key == "site") {
        ours.extend(sibling.map(link_keys).unwrap_or_default().into_iter().filter(|(key, _)| *key == "site"));
    }
    let of = |keys: &BTreeSet<LinkKey>, name: &str| -> BTreeSet<String> {
        keys.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.clone()).collect()
    };
    let mut fit = Fit { score: 0, agrees: Vec::new(), differs: Vec::new() };
    let mut score = 0;
    for (name, worth, cost) in WEIGHTS {
        let (ours, theirs) = (of(&ours, name), of(&theirs, name));
        if ours.is_empty() || theirs.is_empty() {
            continue;
        }
        if ours.is_disjoint(&theirs) {
            fit.differs.push(name);
            score -= cost;
        } else {
            fit.agrees.push(name);
            score += worth;
        }
    }
    fit.score = u8::try_from(score.clamp(0, 100)).expect("it was clamped");
    (!fit.agrees.is_empty()).then_some(fit)
}

/// The dossier a form surely belongs to, among those of its bank: the best fit, then a vacant place, then the oldest. `sibling` is the
/// technical sheet that a form of adhesion came with.
#[must_use]
pub fn choose<'a>(
    extraction: &Extraction,
    sibling: Option<&Extraction>,
    dossiers: impl IntoIterator<Item = &'a Dossier>,
) -> Option<&'a DossierRef> {
    dossiers
        .into_iter()
        .filter_map(|dossier| Some((fit_beside(extraction, sibling, dossier).filter(Fit::is_sure)?.score, dossier)))
        .max_by(|(a, x), (b, y)| {
            let vacant = |dossier| holds(dossier, extraction.kind).is_none();
            a.cmp(b).then(vacant(x).cmp(&vacant(y))).then(y.reference.cmp(&x.reference))
        })
        .map(|(_, dossier)| &dossier.reference)
}

/// Dossiers that may be this form's, to be put to a person, best first: they hold the other form, and either wait for this
/// one, or are of the same merchant with another site, whose other form may serve both.
#[must_use]
pub fn propose<'a>(extraction: &Extraction, dossiers: impl IntoIterator<Item = &'a Dossier>) -> Vec<Proposal> {
    let other = match extraction.kind {
        Kind::Adhesion => Kind::FicheTechnique,
        _ => Kind::Adhesion,
    };
    let mut proposals: Vec<Proposal> = dossiers
        .into_iter()
        .filter(|dossier| holds(dossier, other).is_some())
        .filter_map(|dossier| Some((fit(extraction, dossier)?, dossier)))
        .filter(|(fit, dossier)| {
            let waits = holds(dossier, extraction.kind).is_none() && !fit.differs.contains(&"site");
            let other_site = fit.differs.contains(&"site") && fit.agrees.contains(&"serial");
            fit.score >= WORTH_ASKING && (waits || other_site)
        })
        .map(|(fit, dossier)| Proposal {
            with: dossier.reference.clone(),
            score: fit.score,
            agrees: fit.agrees.into_iter().map(ToOwned::to_owned).collect(),
            differs: fit.differs.into_iter().map(ToOwned::to_owned).collect(),
            declined: false,
        })
        .collect();
    proposals.sort_by(|a, b| b.score.cmp(&a.score).then(a.with.cmp(&b.with)));
    proposals.truncate(MOST_PROPOSALS);
    proposals
}

/// More than a person would look at.
const MOST_PROPOSALS: usize = 5;

/// A dossier that may be the same merchant's: a person says whether it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub with: DossierRef,
    pub score: u8,
    /// Names of identifiers that agree, and of those that do not.
    pub agrees: Vec<String>,
    pub differs: Vec<String>,
    /// A person said no; kept, so that it is not asked again.
    pub declined: bool,
}

fn holds(dossier: &Dossier, kind: Kind) -> Option<&Extraction> {
    match kind {
        Kind::Adhesion => dossier.adhesion.as_ref(),
        _ => dossier.fiche.as_ref(),
    }
}

/// Forms of one merchant for two sites.
#[must_use]
pub fn two_sites(a: &Extraction, b: &Extraction) -> bool {
    let (a, b) = (link_keys(a), link_keys(b));
    let of = |keys: &BTreeSet<LinkKey>, name: &str| keys.iter().find(|(key, _)| *key == name).cloned();
    let (site_a, site_b) = (of(&a, "site"), of(&b, "site"));
    site_a.is_some() && site_b.is_some() && site_a != site_b && of(&a, "serial") == of(&b, "serial")
}

fn site(extraction: &Extraction) -> Option<String> {
    let url = Url::parse(extraction.text("url_site")?).ok()?;
    Some(registrable_domain(url.host()).unwrap_or(url.host()).to_owned())
}

fn compact(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Letters and digits of the telling words, sorted: word order and legal form do not matter.
pub(super) fn folded_name(name: &str) -> String {
    const GENERIC: [&str; 8] = ["societe", "ste", "sarl", "suarl", "sa", "sas", "snc", "ets"];
    let folded: String =
        name.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c) && *c != '.').flat_map(char::to_lowercase).collect();
    let mut words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !GENERIC.contains(word))
        .collect();
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::field::{Field, Method, Trust, Value};

    fn form(kind: Kind, values: &[(&str, &str)]) -> Extraction {
        let fields: BTreeMap<_, _> = values
            .iter()
            .map(|(key, value)| {
                let field = Field {
                    key: (*key).into(),
                    value: Value::Text((*value).to_owned()),
                    raw: (*value).to_owned(),
                    place: None,
                    label: None,
                    method: Method::Text,
                    confidence: 1.0,
                    trust: Trust::Trusted,
                    changes: Vec::new(),
                };
                (field.key.clone(), field)
            })
            .collect();
        Extraction { kind, member: None, pages: vec![1], fields, gaps: Vec::new() }
    }

    fn holding(number: u32, form: Extraction) -> Dossier {
        let mut dossier = Dossier::open(DossierRef::new(2026, number), None, Timestamp::UNIX_EPOCH);
        match form.kind {
            Kind::Adhesion => dossier.adhesion = Some(form),
            _ => dossier.fiche = Some(form),
        }
        dossier
    }

    #[test]
    fn identifiers_decide_and_names_help() {
        let adhesion =
            form(Kind::Adhesion, &[("raison_sociale", "Médina Café SARL"), ("matricule_fiscal", "1234567R/A/M/000")]);
        let same =
            form(Kind::FicheTechnique, &[("raison_sociale", "MEDINA CAFE"), ("matricule_fiscal", "1234567R/A/M/000")]);
        let slip =
            form(Kind::FicheTechnique, &[("raison_sociale", "MEDINA CAFE"), ("matricule_fiscal", "7654321X/A/M/000")]);
        let other = form(
            Kind::FicheTechnique,
            &[("raison_sociale", "Oasis Voyages"), ("matricule_fiscal", "7654321X/A/M/000")],
        );
        let dossier = holding(1, adhesion);
        let told = |form: &Extraction| fit(form, &dossier).map(|fit| (fit.score, fit.is_sure()));
        assert_eq!(told(&same), Some((100, true)));
        assert_eq!(told(&slip), Some((30, false)), "a slip of the pen, or two merchants of one name");
        assert_eq!(told(&other), None);
        assert_eq!(choose(&slip, None, [&dossier]), None, "never forced");
        let proposals = propose(&slip, [&dossier]);
        assert_eq!((proposals.len(), proposals[0].differs.as_slice()), (1, ["serial".to_owned()].as_slice()));
    }

    #[test]
    fn two_sites_are_two_dossiers() {
        let first =
            form(Kind::FicheTechnique, &[("matricule_fiscal", "1234567R/A/M/000"), ("url_site", "https://www.a.tn")]);
        let second =
            form(Kind::FicheTechnique, &[("matricule_fiscal", "1234567R/A/M/000"), ("url_site", "https://b.tn")]);
        let again =
            form(Kind::FicheTechnique, &[("matricule_fiscal", "1234567R/A/M/000"), ("url_site", "https://shop.a.tn")]);
        assert!(two_sites(&first, &second) && !two_sites(&first, &again));
        let mut dossier = holding(1, first);
        assert_eq!(choose(&second, None, [&dossier]), None);
        assert_eq!(choose(&again, None, [&dossier]), Some(&dossier.reference));
        // The form of adhesion names no site: it follows the sheet it came with.
        let adhesion = form(Kind::Adhesion, &[("matricule_fiscal", "1234567R/A/M/000")]);
        assert_eq!(choose(&adhesion, None, [&dossier]), Some(&dossier.reference));
        assert_eq!(choose(&adhesion, Some(&again), [&dossier]), Some(&dossier.reference));
        assert_eq!(choose(&adhesion, Some(&second), [&dossier]), None);
        assert!(propose(&second, [&dossier]).is_empty(), "there is nothing the other could lend");
        dossier.adhesion = Some(form(Kind::Adhesion, &[("matricule_fiscal", "1234567R/A/M/000")]));
        assert_eq!(propose(&second, [&dossier]).len(), 1, "its form of adhesion may serve both sites");
    }

    #[test]
    fn a_name_alone_is_asked_about_and_a_name_with_an_account_is_not() {
        let rib = "08006012345678901231";
        let dossier = holding(1, form(Kind::Adhesion, &[("raison_sociale", "Café de Paris"), ("rib", rib)]));
        let by_name = form(Kind::FicheTechnique, &[("raison_sociale", "CAFE DE PARIS")]);
        let by_both = form(Kind::FicheTechnique, &[("raison_sociale", "CAFE DE PARIS"), ("rib", rib)]);
        assert_eq!(choose(&by_name, None, [&dossier]), None);
        assert_eq!(propose(&by_name, [&dossier])[0].score, 40);
        assert_eq!(choose(&by_both, None, [&dossier]), Some(&dossier.reference));
    }

    proptest! {
        /// Whichever of two forms comes first, they pair or they do not.
        #[test]
        fn pairing_does_not_depend_on_who_comes_first(
            name_a in "[abc]{3,4}", name_b in "[abc]{3,4}", serial_a in 0_u32..3, serial_b in 0_u32..3, site in 0_u32..2,
        ) {
            let (serial_a, serial_b) = (format!("{serial_a:07}A/A/M/000"), format!("{serial_b:07}A/A/M/000"));
            let site = format!("https://s{site}.tn");
            let adhesion = form(Kind::Adhesion, &[("raison_sociale", &name_a), ("matricule_fiscal", &serial_a)]);
            let fiche = form(Kind::FicheTechnique, &[("raison_sociale", &name_b), ("matricule_fiscal", &serial_b), ("url_site", &site)]);
            let one = fit(&fiche, &holding(1, adhesion.clone()));
            let two = fit(&adhesion, &holding(2, fiche));
            prop_assert_eq!(one, two);
        }
    }
}
