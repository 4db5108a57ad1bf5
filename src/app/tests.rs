//! The whole desk: sample submissions in, and a picture of all that came of them.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use super::*;
use crate::clock::HandClock;
use crate::demo;
use crate::domain::document::Kind;
use crate::domain::dossier::DossierRef;
use crate::procedure::{self, Joined, Refused};

/// An installation with a few banks, its clock at an autumn noon, its documents read in this process.
pub(super) struct Installation {
    pub(super) folder: tempfile::TempDir,
    pub(super) clock: Arc<HandClock>,
    /// More of the configuration.
    pub(super) extra: String,
}

impl Installation {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock::at("2026-11-24T11:00:00Z".parse().unwrap()));
        for (bank, ..) in demo::BANKS {
            fs::create_dir_all(folder.path().join("inbox").join(bank)).unwrap();
        }
        Self { folder, clock, extra: String::new() }
    }

    pub(super) async fn desk(&self) -> Arc<Desk> {
        let mut text = format!("[inbox]\nquiet = \"0s\"\n{}\n", self.extra);
        for (bank, code, name) in demo::BANKS {
            let mailbox = format!("{bank}@banque.example");
            write!(text, "[[bank]]\nfolder = {bank:?}\ncode = {code:?}\nname = {name:?}\nmailboxes = [{mailbox:?}]\n")
                .unwrap();
        }
        let config = Config::parse(&text, self.folder.path()).unwrap();
        let forms = Arc::new(Forms::built_in());
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        desk_with(config, clock, Arc::clone(&forms), Reader::Here(forms)).await.unwrap()
    }

    fn lay(&self, sample: &demo::Sample) {
        let mut folder = self.folder.path().join("inbox").join(sample.bank);
        if let Some(name) = &sample.folder {
            folder.push(name);
            fs::create_dir_all(&folder).unwrap();
        }
        for (name, bytes) in &sample.files {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }

    pub(super) fn files(&self, below: &str) -> Vec<String> {
        let mut names = Vec::new();
        let root: PathBuf = self.folder.path().join(below);
        for entry in walkdir::WalkDir::new(&root).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
            names.push(entry.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned());
        }
        names.sort();
        names
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_go_through_to_declarations_letters_and_answers() {
    let installation = Installation::new();
    let samples = demo::samples(&Forms::built_in()).unwrap();
    let dropped: usize = samples.iter().map(|sample| sample.files.len()).sum();
    for sample in &samples {
        installation.lay(sample);
        work::scan(installation.desk().await).await.unwrap();
    }
    let desk = installation.desk().await;
    assert_eq!(desk.store.documents().await.unwrap().len(), dropped);
    assert_eq!(installation.files("var/archive").len(), dropped);
    let answers = desk.store.answers().await.unwrap();
    assert!(answers.iter().all(|answer| answer.state == "left"));
    assert!(answers.len() >= dropped);
    assert_eq!(desk.store.verify().await.unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sites_and_two_banks_of_one_merchant_are_dossiers_of_their_own() {
    let installation = Installation::new();
    let forms = Forms::built_in();
    let lay = |bank: &str, name: &str, bytes: Vec<u8>| {
        fs::write(installation.folder.path().join("inbox").join(bank).join(name), bytes).unwrap();
    };
    lay("biat", "premier site.pdf", demo::one_of_many(&forms, 1).unwrap());
    lay("biat", "second site.pdf", demo::with_site(&forms, 1, "autre-comptoir.tn").unwrap());
    work::scan(installation.desk().await).await.unwrap();
    // The merchant changes bank, with the forms of the old one: the new bank's dossier is held until the form names it.
    lay("stb", "premier site.pdf", demo::one_of_many(&forms, 1).unwrap());
    let desk = installation.desk().await;
    work::scan(Arc::clone(&desk)).await.unwrap();

    let mut stand = Vec::new();
    for line in desk.store.dossiers(usize::MAX).await.unwrap() {
        let dossier = desk.store.dossier(&line.reference).await.unwrap().unwrap().dossier;
        let held = dossier.findings.iter().any(|finding| finding.code.as_str() == "other_bank");
        stand.push(format!("{} {} {}{}", line.reference, line.bank, line.step, if held { " other_bank" } else { "" }));
    }
    stand.sort();
    assert_eq!(
        stand,
        ["D26-000001 biat test_declaration", "D26-000002 biat test_declaration", "D26-000003 stb forms other_bank",]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_pair_is_proposed_and_a_person_joins_or_parts_it() {
    let installation = Installation::new();
    let forms = Forms::built_in();
    let drop = async |name: &str, kind, number| {
        let bytes = demo::form_named(&forms, kind, "Comptoir SARL", number).unwrap();
        fs::write(installation.folder.path().join("inbox/biat").join(name), bytes).unwrap();
        work::scan(installation.desk().await).await.unwrap();
    };
    drop("adhesion.pdf", Kind::Adhesion, 1).await;
    // The same name, another tax number: a slip of the pen, or another merchant.
    drop("fiche.pdf", Kind::FicheTechnique, 2).await;
    let desk = installation.desk().await;
    let (first, second) = (DossierRef::new(2026, 1), DossierRef::new(2026, 2));
    let of = async |reference: &DossierRef| desk.store.dossier(reference).await.unwrap().unwrap().dossier;
    let proposed = of(&second).await.proposals;
    assert_eq!(
        (proposed.len(), &proposed[0].with, proposed[0].differs.as_slice()),
        (1, &first, ["serial".into()].as_slice())
    );
    assert!(of(&first).await.fiche.is_none(), "never forced");

    assert_eq!(procedure::join(&desk, &first, &second, "Amel").await.unwrap(), Joined::Whole);
    let (joined, merged) = (of(&first).await, of(&second).await);
    let fiche = joined.documents.last().unwrap().document;
    assert!(joined.findings.iter().any(|finding| finding.code.as_str() == "mf_mismatch"), "the slip is told");
    assert_eq!((merged.step.is_closed(), merged.joined.as_ref()), (true, Some(&first)));
    assert_eq!(desk.store.document(fiche).await.unwrap().unwrap().dossier, Some(first.clone()));
    work::scan(installation.desk().await).await.unwrap();
    assert!(installation.files("inbox/biat/reponses").iter().any(|name| name == "fiche.pdf.D26-000001.html"));
    let again = procedure::join(&desk, &first, &second, "Amel").await;
    assert!(matches!(again, Err(Refused::OutOfOrder(why)) if why.gate == "nothing_to_take"));

    let third = procedure::part(&desk, &first, fiche, "Amel").await.unwrap();
    assert!(of(&first).await.fiche.is_none() && of(&third).await.fiche.is_some());
    assert_eq!(desk.store.document(fiche).await.unwrap().unwrap().dossier, Some(third));
    let only = of(&first).await.documents[0].document;
    let last = procedure::part(&desk, &first, only, "Amel").await;
    assert!(matches!(last, Err(Refused::OutOfOrder(why)) if why.gate == "last_document"));
    assert_eq!(desk.store.verify().await.unwrap(), [""; 0]);
}
