//! Which documents of a deposit go into which dossier.
//!
//! The identifiers decide first, among the bank's dossiers and within the deposit; what is left of a deposit joins the one place that is
//! vacant in it, because what was dropped together belongs together. Where two places are vacant nothing is forced: it
//! opens a dossier of its own, which remembers the dossiers that it may belong to.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::Read;
use super::{Desk, Setback};
use crate::domain::bank::BankFolder;
use crate::domain::document::{DocumentId, Kind};
use crate::domain::dossier::{Dossier, DossierRef};
use crate::domain::event::Examined;
use crate::domain::field::Extraction;
use crate::domain::pairing::{self, LinkKey, Proposal};
use crate::store::{Filed, Mark, Stored};

/// Documents that go into one dossier.
pub(super) struct Case {
    /// `None` opens a dossier.
    pub(super) filed: Option<Filed>,
    pub(super) bank: Option<BankFolder>,
    pub(super) examined: Vec<Examined>,
    /// For a dossier that is opened: others that may be the same merchant's.
    pub(super) proposals: Vec<Proposal>,
}

/// A form of the deposit, by the position of its document.
#[derive(Clone)]
struct Form<'a> {
    at: usize,
    extraction: &'a Extraction,
    bank: Option<BankFolder>,
}

/// A dossier as it will be, with the forms of this deposit that go into it.
struct Group<'a> {
    dossier: Dossier,
    filed: Option<Filed>,
    forms: Vec<Form<'a>>,
}

pub(super) async fn pair(
    desk: &Desk,
    deposit: DocumentId,
    documents: &[Stored],
    readings: &[Read],
) -> Result<Vec<Case>, Setback> {
    let forms = forms(desk, documents, readings);
    let keys: BTreeSet<LinkKey> = forms.iter().flat_map(|form| pairing::link_keys(form.extraction)).collect();
    let marks: Vec<_> = keys.into_iter().map(mark).collect();
    let known = if forms.is_empty() { Vec::new() } else { desk.store.candidates(deposit, &marks).await? };
    let before: Vec<Dossier> = known.iter().map(|filed| filed.dossier.clone()).collect();
    let groups = group(forms, known, desk);
    let alone = groups.len() == 1;
    let mut cases = Vec::new();
    for Group { dossier, filed, forms } in groups {
        let mut by_document: BTreeMap<usize, Vec<Extraction>> = BTreeMap::new();
        for form in &forms {
            by_document.entry(form.at).or_default().push(form.extraction.clone());
        }
        // Blank and foreign documents go with the only dossier of their deposit.
        if alone {
            for (at, read) in readings.iter().enumerate() {
                if !read.set_aside && !super::grids::only_grids(read) {
                    by_document.entry(at).or_default();
                }
            }
        }
        let examined = by_document.into_iter().map(|(at, extractions)| Examined {
            document: documents[at].arrival.document,
            name: documents[at].arrival.name.clone(),
            sha256: documents[at].arrival.sha256,
            extractions,
            findings: readings[at].reading.findings.clone(),
        });
        let proposals = if filed.is_none() { proposals(&forms, &dossier, &before) } else { Vec::new() };
        cases.push(Case { bank: dossier.bank.clone(), filed, examined: examined.collect(), proposals });
    }
    Ok(cases)
}

/// Dossiers of the bank that may be those of a form that stays alone.
fn proposals(forms: &[Form<'_>], opened: &Dossier, known: &[Dossier]) -> Vec<Proposal> {
    match forms {
        [alone] => pairing::propose(alone.extraction, known.iter().filter(|dossier| dossier.bank == opened.bank)),
        _ => Vec::new(),
    }
}

/// Identifiers of a dossier as it now is.
pub(super) fn marks_of(dossier: &Dossier) -> Vec<Mark> {
    pairing::dossier_keys(dossier).into_iter().map(mark).collect()
}

fn mark((name, value): LinkKey) -> Mark {
    Mark { name: name.to_owned(), value }
}

fn forms<'a>(desk: &Desk, documents: &[Stored], readings: &'a [Read]) -> Vec<Form<'a>> {
    let mut forms = Vec::new();
    for (at, (document, read)) in documents.iter().zip(readings).enumerate() {
        if read.set_aside {
            continue;
        }
        for extraction in &read.reading.extractions {
            if matches!(extraction.kind, Kind::Adhesion | Kind::FicheTechnique) {
                let bank = document.arrival.bank.clone().or_else(|| named_bank(desk, extraction));
                forms.push(Form { at, extraction, bank });
            }
        }
    }
    forms
}

/// The bank that a form dropped in no bank's folder names itself.
fn named_bank(desk: &Desk, extraction: &Extraction) -> Option<BankFolder> {
    let code = extraction.text("code_banque").or_else(|| extraction.text("rib").and_then(|rib| rib.get(..2)))?;
    desk.config.bank.iter().find(|bank| bank.code == code).map(|bank| bank.folder.clone())
}

fn group<'a>(forms: Vec<Form<'a>>, known: Vec<Filed>, desk: &Desk) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = known
        .into_iter()
        .map(|filed| Group { dossier: filed.dossier.clone(), filed: Some(filed), forms: Vec::new() })
        .collect();
    let siblings: Vec<Option<&Extraction>> = forms.iter().map(|form| sibling(form, &forms)).collect();
    let mut left = Vec::new();
    for (form, sibling) in forms.into_iter().zip(siblings) {
        let of_bank = groups.iter().map(|group| &group.dossier).filter(|dossier| dossier.bank == form.bank);
        match pairing::choose(form.extraction, sibling, of_bank).cloned() {
            Some(reference) => {
                let group = groups.iter_mut().find(|group| group.dossier.reference == reference);
                group.expect("it was chosen among these").take(form);
            }
            // The first form of a merchant opens a dossier; its sibling may come later in the deposit.
            None if form.extraction.kind == Kind::Adhesion => groups.push(opened(form, groups.len(), desk)),
            None => left.push(form),
        }
    }
    for form in left {
        let of_bank = groups.iter().map(|group| &group.dossier).filter(|dossier| dossier.bank == form.bank);
        let chosen = pairing::choose(form.extraction, None, of_bank).cloned();
        let mut vacant = groups.iter_mut().filter(|group| match &chosen {
            Some(reference) => group.dossier.reference == *reference,
            None => group.has_room_for(&form),
        });
        if let (Some(group), None) = (vacant.next(), vacant.next()) {
            group.take(form);
        } else {
            // One form of adhesion dropped with the sheets of two sites serves both.
            let shared = groups.iter().find_map(|group| group.adhesion_for_another_site(&form));
            let mut group = opened(form, groups.len(), desk);
            if let Some(adhesion) = shared {
                group.take(adhesion);
            }
            groups.push(group);
        }
    }
    groups.retain(|group| !group.forms.is_empty());
    groups
}

/// The technical sheet that a form of adhesion came with: in the same document, else the only one of the deposit.
fn sibling<'a>(form: &Form<'a>, forms: &[Form<'a>]) -> Option<&'a Extraction> {
    if form.extraction.kind != Kind::Adhesion {
        return None;
    }
    let only = |wanted: &dyn Fn(&Form<'a>) -> bool| {
        let mut sheets = forms.iter().filter(|other| other.extraction.kind == Kind::FicheTechnique && wanted(other));
        sheets.next().filter(|_| sheets.next().is_none()).map(|sheet| sheet.extraction)
    };
    only(&|other| other.at == form.at).or_else(|| only(&|_| true))
}

/// A dossier that does not exist yet, under a reference no dossier has.
fn opened<'a>(form: Form<'a>, number: usize, desk: &Desk) -> Group<'a> {
    let provisional = DossierRef::new(0, u32::try_from(number).unwrap_or(u32::MAX));
    let dossier = Dossier::open(provisional, form.bank.clone(), desk.clock.now());
    let mut group = Group { dossier, filed: None, forms: Vec::new() };
    group.take(form);
    group
}

impl<'a> Group<'a> {
    fn take(&mut self, form: Form<'a>) {
        match form.extraction.kind {
            Kind::Adhesion => self.dossier.adhesion = Some(form.extraction.clone()),
            _ => self.dossier.fiche = Some(form.extraction.clone()),
        }
        self.forms.push(form);
    }

    /// The form of adhesion of this deposit, when the sheet is the same merchant's for another site.
    fn adhesion_for_another_site(&self, sheet: &Form<'_>) -> Option<Form<'a>> {
        let fiche = self.dossier.fiche.as_ref().filter(|_| self.dossier.bank == sheet.bank)?;
        let adhesion = self.forms.iter().find(|form| form.extraction.kind == Kind::Adhesion)?;
        pairing::two_sites(fiche, sheet.extraction).then(|| adhesion.clone())
    }

    /// Only forms of this deposit are siblings.
    fn has_room_for(&self, form: &Form<'_>) -> bool {
        let same_kind = |other: &Form<'_>| other.extraction.kind == form.extraction.kind;
        self.dossier.bank == form.bank && !self.forms.is_empty() && !self.forms.iter().any(same_kind)
    }
}
