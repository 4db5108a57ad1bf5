//! Which dossier a form belongs to.
//!
//! What was dropped together belongs together, whatever it says: a wrong number on one of the forms must be told, not hide
//! it from its sibling. Else the identifiers decide: affiliation number, tax number, business register, account, site.
//! The same merchant with another site is another dossier. Pure, and the same whichever form comes first.

use std::collections::BTreeSet;

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

/// How strongly a form belongs to a dossier; `None`: not at all.
#[must_use]
pub fn affinity(extraction: &Extraction, dossier: &Dossier) -> Option<Affinity> {
    if dossier.step.is_closed() {
        return None;
    }
    let (ours, theirs) = (link_keys(extraction), dossier_keys(dossier));
    let value = |keys: &BTreeSet<LinkKey>, name: &str| -> BTreeSet<String> {
        keys.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.clone()).collect()
    };
    let shares = |name: &str| !value(&ours, name).is_disjoint(&value(&theirs, name));
    let differs = |name: &str| {
        let (ours, theirs) = (value(&ours, name), value(&theirs, name));
        !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(&theirs)
    };
    // Two sites of one merchant are two dossiers.
    if differs("site") {
        return None;
    }
    if shares("numero_affiliation") || shares("serial") {
        return Some(Affinity::Certain);
    }
    let vacant = match extraction.kind {
        Kind::Adhesion => dossier.adhesion.is_none(),
        Kind::FicheTechnique => dossier.fiche.is_none(),
        _ => false,
    };
    if shares("raison_sociale") && (shares("rib") || shares("site") || (vacant && !differs("rib"))) {
        // Another tax number under the same name is a slip of the pen when the place beside it is vacant.
        return Some(if differs("serial") { Affinity::Name } else { Affinity::Likely });
    }
    None
}

/// Weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Affinity {
    /// The same name beside a vacant place, though the numbers differ.
    Name,
    /// The same name, and nothing against it.
    Likely,
    /// The same identifier.
    Certain,
}

/// The dossier a form belongs to, among those of its bank: the strongest affinity, then a vacant place, then the oldest.
#[must_use]
pub fn choose<'a>(extraction: &Extraction, dossiers: impl IntoIterator<Item = &'a Dossier>) -> Option<&'a DossierRef> {
    let vacant = |dossier: &Dossier| match extraction.kind {
        Kind::Adhesion => dossier.adhesion.is_none(),
        _ => dossier.fiche.is_none(),
    };
    dossiers
        .into_iter()
        .filter_map(|dossier| affinity(extraction, dossier).map(|affinity| (affinity, dossier)))
        .max_by(|(a, x), (b, y)| a.cmp(b).then(vacant(x).cmp(&vacant(y))).then(y.reference.cmp(&x.reference)))
        .map(|(_, dossier)| &dossier.reference)
}

/// Do two forms dropped together make one dossier? They do unless both say another site.
#[must_use]
pub fn siblings(a: &Extraction, b: &Extraction) -> bool {
    a.kind != b.kind || link_keys(a) == link_keys(b)
}

fn site(extraction: &Extraction) -> Option<String> {
    let url = Url::parse(extraction.text("url_site")?).ok()?;
    Some(registrable_domain(url.host()).unwrap_or(url.host()).to_owned())
}

fn compact(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Letters and digits of the telling words, sorted: word order and legal form do not matter.
fn folded_name(name: &str) -> String {
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
        assert_eq!(affinity(&same, &dossier), Some(Affinity::Certain));
        assert_eq!(affinity(&slip, &dossier), Some(Affinity::Name));
        assert_eq!(affinity(&other, &dossier), None);
    }

    #[test]
    fn two_sites_are_two_dossiers() {
        let first =
            form(Kind::FicheTechnique, &[("matricule_fiscal", "1234567R/A/M/000"), ("url_site", "https://www.a.tn")]);
        let second =
            form(Kind::FicheTechnique, &[("matricule_fiscal", "1234567R/A/M/000"), ("url_site", "https://b.tn")]);
        let again =
            form(Kind::FicheTechnique, &[("matricule_fiscal", "1234567R/A/M/000"), ("url_site", "https://shop.a.tn")]);
        let dossier = holding(1, first);
        assert_eq!(affinity(&second, &dossier), None);
        assert_eq!(affinity(&again, &dossier), Some(Affinity::Certain));
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
            let one = affinity(&fiche, &holding(1, adhesion.clone()));
            let two = affinity(&adhesion, &holding(2, fiche));
            prop_assert_eq!(one, two);
        }
    }
}
