//! Acknowledgements at the counter: what moves a dossier, and everything that must move nothing.

use std::fs;

use serde_json::Value as Json;

use super::*;
use crate::app::tests::Installation;
use crate::app::work;
use crate::demo;
use crate::domain::dossier::{DeclaredState, DossierRef};
use crate::domain::step::Step;
use crate::procedure::close_batches;
use crate::schemas::Forms;

/// Merchants of one bank whose test declarations lie in one file of the day, fetched by Monétique-Tunisie.
async fn declared(merchants: u32) -> (Installation, String) {
    let mut installation = Installation::new();
    installation.extra = "[declarations]\nbatch = [\"DTS\"]\nbatch_at = \"16:00\"".to_owned();
    let forms = Forms::built_in();
    for number in 1..=merchants {
        let form = demo::one_of_many(&forms, number).unwrap();
        fs::write(installation.folder.path().join(format!("inbox/biat/comptoir {number}.pdf")), form).unwrap();
    }
    let desk = installation.desk().await;
    work::scan(Arc::clone(&desk)).await.unwrap();
    assert_eq!(desk.store.waiting(None).await.unwrap().len(), merchants as usize);
    assert_eq!(installation.files("outbox"), [""; 0], "nothing leaves before the hour");
    let now = desk.clock.now() + Duration::from_secs(1);
    assert_eq!(close_batches(&desk, None, now, "operateur").await.unwrap(), merchants as usize);
    work::scan(Arc::clone(&desk)).await.unwrap();
    let lines = desk.store.declarations(None).await.unwrap();
    assert_eq!((lines.len(), lines[0].dossiers.len()), (1, merchants as usize));
    let name = lines[0].name.clone();
    let text = fs::read_to_string(installation.folder.path().join("outbox/monetique").join(&name)).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("10")).count(), merchants as usize);
    (installation, name)
}

fn lay(installation: &Installation, side: &str, name: &str, bytes: &[u8]) {
    let folder = installation.folder.path().join("outbox").join(side).join("accuses");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}

async fn scanned(installation: &Installation) -> Arc<Desk> {
    let desk = installation.desk().await;
    work::scan(Arc::clone(&desk)).await.unwrap();
    desk
}

fn reference(number: u32) -> DossierRef {
    DossierRef::new(2026, number)
}

async fn standing(desk: &Desk, number: u32) -> (Step, DeclaredState) {
    let dossier = desk.store.dossier(&reference(number)).await.unwrap().unwrap().dossier;
    (dossier.step, dossier.declared[0].state.clone())
}

/// An answer as CSV: one line per merchant.
fn csv(file: &str, lines: &[&str]) -> String {
    let sequence = file.rsplit('.').next().unwrap().parse::<u32>().unwrap();
    let mut text =
        "fichier_origine;sequence_origine;reference_dossier;statut;code_motif;numero_affiliation_attribue\n".to_owned();
    for line in lines {
        text.push_str(&format!("{file};{sequence};{line}\n"));
    }
    text
}

/// A whole acceptance in fixed width, with the control total that its author computed.
fn fixed(file: &str, total: u64) -> String {
    let sequence = &file[18..];
    let record = |text: String| format!("{text:499}X\r\n");
    let at_46 = |code: &str, number: u8, text: &str| record(format!("{:45}{text}", format!("{code}{number:06}")));
    let status = format!("{file:40}{sequence}ACCP{:22}{total:010}", "");
    at_46("01", 1, "ACR001") + &at_46("50", 2, &status) + &at_46("99", 3, "000003000000")
}

/// The same without a total, and as if the file had been for production.
fn in_production(file: &str) -> String {
    let mut answer = fixed(file, 0);
    answer.replace_range(82..83, "P");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partial_acceptance_moves_only_the_accepted_and_a_repeat_changes_nothing() {
    let (installation, file) = declared(3).await;
    let answer = csv(&file, &["D26-000001;ACCP;;5000000001", "D26-000002;RJCT;M005;"]);
    lay(&installation, "monetique", "ACR.csv", answer.as_bytes());
    let desk = scanned(&installation).await;
    assert_eq!(standing(&desk, 1).await, (Step::Tests, DeclaredState::Accepted));
    assert!(matches!(standing(&desk, 2).await, (Step::TestDeclaration, DeclaredState::Rejected { .. })));
    assert_eq!(standing(&desk, 3).await, (Step::TestDeclaration, DeclaredState::Published), "not answered yet");
    let first = desk.store.dossier(&reference(1)).await.unwrap().unwrap().dossier;
    assert_eq!(first.number("numero_affiliation").unwrap().as_text(), Some("5000000001"));
    let letters = desk.store.letters(None).await.unwrap().len();

    lay(&installation, "monetique", "ACR bis.csv", answer.as_bytes());
    let rest = csv(&file, &["D26-000003;ACCP;;5000000003"]);
    lay(&installation, "monetique", "suite.csv", rest.as_bytes());
    let desk = scanned(&installation).await;
    assert_eq!(standing(&desk, 3).await, (Step::Tests, DeclaredState::Accepted));
    let again = desk.store.letters(Some(&reference(1))).await.unwrap();
    assert_eq!(desk.store.letters(None).await.unwrap().len() - letters, again.len() - 3, "only the third is told");
    assert_eq!(installation.files("var/archive/accuses").len(), 3);
    assert_eq!(installation.files("var/quarantine"), [""; 0]);
    assert_eq!(desk.store.proofs().await.unwrap().len(), 2, "what proves an event is kept");
    assert_eq!(desk.store.verify().await.unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_refused_or_accepted_whole_speaks_of_all_its_merchants() {
    let (installation, file) = declared(2).await;
    let whole = format!(r#"{{"fichier_origine":"{file}","sequence_origine":1,"statut":"ACCP"}}"#);
    lay(&installation, "monetique", "ACR.json", whole.as_bytes());
    let desk = scanned(&installation).await;
    for number in [1, 2] {
        assert_eq!(standing(&desk, number).await.0, Step::Tests);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_hold_together_is_set_aside_answered_journalled_and_moves_nothing() {
    let (mut installation, file) = declared(2).await;
    installation.extra = "[monetique]\noperations = [\"ops@smt.example\"]".to_owned();
    let good = csv(&file, &["D26-000001;ACCP;;5000000001", "D26-000002;ACCP;;5000000002"]);
    lay(&installation, "monetique", "bon.csv", good.as_bytes());
    scanned(&installation).await;
    let before = scanned(&installation).await.store.dossier(&reference(1)).await.unwrap();

    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(good.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let card = ["4", &"1".repeat(15)].concat();
    let hostile: Vec<(&str, &str, Vec<u8>, &str)> = vec![
        ("monetique", "total.acr", fixed(&file, 1).into_bytes(), "F006"),
        ("monetique", "production.acr", in_production(&file).into_bytes(), "F008"),
        ("monetique", "carte.csv", csv(&file, &[&format!("D26-000001;RJCT;{card};")]).into_bytes(), "X999"),
        ("monetique", "tronque.acr", format!("01000001{}", "x".repeat(300)).into_bytes(), "F001"),
        ("monetique", "inconnue.csv", csv("DTS00008.20261124.000009", &["D26-000001;ACCP;;1"]).into_bytes(), "F003"),
        ("biat", "etranger.csv", good.clone().into_bytes(), "F010"),
        ("monetique", "contraire.csv", csv(&file, &["D26-000001;RJCT;M005;"]).into_bytes(), "F003"),
        // One of the two repeats what is known, the other contradicts it: neither moves.
        (
            "monetique",
            "autre-numero.csv",
            csv(&file, &["D26-000002;ACCP;;5000000002", "D26-000001;ACCP;;5999999999"]).into_bytes(),
            "F003",
        ),
        ("monetique", "autrui.csv", csv(&file, &["D26-000077;ACCP;;1"]).into_bytes(), "M001"),
        (
            "monetique",
            "deux-fois.csv",
            csv(&file, &["D26-000001;ACCP;;1", "D26-000001;RJCT;M005;"]).into_bytes(),
            "F005",
        ),
        ("monetique", "formule.csv", csv(&file, &["D26-000001;ACCP;=cmd|' /C calc'!A0;1"]).into_bytes(), "F001"),
        ("monetique", "nuls.csv", good.replace("ACCP", "AC\0P").into_bytes(), "F001"),
        ("monetique", "utf16.csv", utf16, "F001"),
        ("monetique", "latin1.csv", good.replace(";ACCP", ";refus\u{e9}").chars().map(|c| c as u8).collect(), "F001"),
        ("monetique", "enorme.csv", vec![b'9'; 5 << 20], "F001"),
        ("monetique", "vide.csv", Vec::new(), "F002"),
        ("monetique", "page.html", b"<html><script>alert(1)</script>".to_vec(), "F001"),
        ("monetique", "profond.json", "[".repeat(100_000).into_bytes(), "F001"),
        (
            "monetique",
            "chemin.csv",
            csv(&file, &["D26-000001;ACCP;;1"]).replace(&file, "../../../etc/passwd").into_bytes(),
            "F007",
        ),
    ];
    for (side, name, bytes, _) in &hostile {
        lay(&installation, side, name, bytes);
    }
    let monetique = installation.folder.path().join("outbox/monetique/accuses");
    std::os::unix::fs::symlink("/etc/passwd", monetique.join("lien.csv")).unwrap();
    let desk = scanned(&installation).await;

    for (side, name, _, code) in &hostile {
        let answer = installation.folder.path().join(format!("outbox/{side}/accuses/reponses/{name}.json"));
        let answer: Json =
            serde_json::from_slice(&fs::read(&answer).unwrap_or_else(|_| panic!("{name} has no answer"))).unwrap();
        assert_eq!(
            (answer["code_motif"].as_str(), answer["statut"].as_str()),
            (Some(*code), Some("RJCT")),
            "{name}: {answer}"
        );
        assert!(answer["que_faire"].as_str().is_some_and(|what| !what.is_empty()), "{name}");
    }
    assert!(monetique.join("reponses/lien.csv.json").is_file(), "a link is set aside as a link");
    assert_eq!(installation.files("var/quarantine").len(), hostile.len());
    let links = fs::read_dir(installation.folder.path().join("var/quarantine")).unwrap().flatten();
    assert_eq!(links.filter(|entry| entry.file_type().unwrap().is_symlink()).count(), 1);
    assert_eq!(desk.store.dossier(&reference(1)).await.unwrap(), before, "nothing moved");
    let set_aside = |line: &crate::store::JournalLine| line.event == "acknowledgement_set_aside";
    assert_eq!(
        desk.store.journal(None).await.unwrap().iter().filter(|line| set_aside(line)).count(),
        hostile.len() + 1
    );
    let letters = desk.store.letters(None).await.unwrap();
    let told: Vec<_> = letters.iter().filter(|letter| letter.subject == "acknowledgement_set_aside").collect();
    assert_eq!(told.len(), hostile.len() + 1, "whoever runs the installation is told of each");
    assert!(told.iter().all(|letter| letter.to == ["ops@smt.example"]), "{told:?}");
    lay(&installation, "monetique", "vide.csv", b"01 trop court");
    scanned(&installation).await;
    let answers = installation.files("outbox/monetique/accuses/reponses");
    let of_that_name: Vec<&String> = answers.iter().filter(|answer| answer.ends_with("vide.csv.json")).collect();
    assert_eq!(of_that_name.len(), 2, "an answer is not written over: {answers:?}");
    let left: Vec<String> = installation
        .files("outbox/monetique/accuses")
        .into_iter()
        .filter(|name| !name.starts_with("reponses"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_batch_of_the_day_leaves_at_its_hour_in_tunis() {
    let mut installation = Installation::new();
    installation.extra = "[declarations]\nbatch = [\"DTS\"]\nbatch_at = \"16:00\"".to_owned();
    let form = demo::one_of_many(&Forms::built_in(), 1).unwrap();
    fs::write(installation.folder.path().join("inbox/biat/comptoir.pdf"), form).unwrap();
    // Noon in Tunis; then a minute before four, and four.
    scanned(&installation).await;
    installation.clock.pass(Duration::from_mins(239));
    scanned(&installation).await;
    assert_eq!(installation.files("outbox"), [""; 0]);
    installation.clock.pass(Duration::from_mins(1));
    let desk = scanned(&installation).await;
    assert_eq!(desk.store.declarations(None).await.unwrap()[0].name, "DTS00008.20261124.000001");
    assert!(installation.files("outbox/monetique").contains(&"DTS00008.20261124.000001".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_cannot_be_used_is_told_and_the_others_go_on() {
    let (installation, name) = declared(1).await;
    // What was claimed before cannot be looked at.
    let broken = installation.folder.path().join("outbox/biat/accuses/.claimed");
    fs::create_dir_all(broken.parent().unwrap()).unwrap();
    fs::write(&broken, b"").unwrap();
    lay(&installation, "monetique", "ACR.csv", csv(&name, &["D26-000001;ACCP;;5000000001"]).as_bytes());
    let desk = installation.desk().await;
    let mut counter = Counter::new(Arc::clone(&desk));
    let round = counter.round().await;
    assert_eq!((round.treated, round.troubles.len()), (1, 1), "{round:?}");
    assert!(round.troubles[0].contains("accuses/.claimed ne peut être utilisé"), "{round:?}");
    assert_eq!(standing(&desk, 1).await, (Step::Tests, DeclaredState::Accepted));
    fs::remove_file(&broken).unwrap();
    assert_eq!(counter.round().await.troubles, [""; 0]);
}
