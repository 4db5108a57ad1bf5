//! Days that pass at the whole desk: reminders, deadlines, certificates that run out.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use super::tests::Installation;
use super::*;
use crate::demo;
use crate::domain::dossier::DossierRef;
use crate::domain::values::parse_date;

const DAY: Duration = Duration::from_hours(24);

/// Letters of a dossier so far, by subject.
async fn letters(desk: &Desk, reference: &DossierRef) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for letter in desk.store.letters(Some(reference)).await.unwrap() {
        *count.entry(letter.subject).or_default() += 1;
    }
    count
}

/// A day of the daemon: what the calendar asks for, and all that follows from it.
async fn a_day(desk: &Arc<Desk>) {
    daily::new_day(desk, desk.clock.today()).await;
    work::scan(Arc::clone(desk)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_moves_brings_each_reminder_on_its_day_and_once() {
    let mut installation = Installation::new();
    installation.extra = "[monetique]\nmailboxes = [\"operateurs@monetique.example\"]\n".to_owned();
    let forms = Forms::built_in();
    let inbox = installation.folder.path().join("inbox");
    let alone =
        demo::samples(&forms).unwrap().into_iter().find(|sample| sample.shows.contains("sans sa fiche")).unwrap();
    fs::write(inbox.join(alone.bank).join(&alone.files[0].0), &alone.files[0].1).unwrap();
    work::scan(installation.desk().await).await.unwrap();
    let incomplete = installation.desk().await.store.dossiers(1).await.unwrap()[0].reference.clone();
    installation.clock.pass(Duration::from_secs(1));
    fs::write(inbox.join("biat/comptoir.pdf"), demo::one_of_many(&forms, 7).unwrap()).unwrap();
    let desk = installation.desk().await;
    work::scan(Arc::clone(&desk)).await.unwrap();
    let declared = desk.store.dossiers(1).await.unwrap()[0].reference.clone();
    assert_ne!(incomplete, declared);

    let (mut idle, mut late) = (Vec::new(), Vec::new());
    let mut today = 0;
    for day in [1, 2, 3, 4, 6, 7, 8, 14, 15, 29, 30, 40] {
        installation.clock.pass(DAY * (day - today));
        today = day;
        let count = |letters: &BTreeMap<String, usize>, subject: &str| letters.get(subject).copied().unwrap_or(0);
        let (asked, unanswered) = (letters(&desk, &incomplete).await, letters(&desk, &declared).await);
        a_day(&desk).await;
        let (now_asked, now_unanswered) = (letters(&desk, &incomplete).await, letters(&desk, &declared).await);
        let more = count(&now_asked, "forms_reminder") - count(&asked, "forms_reminder");
        idle.extend((more > 0).then_some((day, more)));
        let more = count(&now_unanswered, "acknowledgement_late") - count(&unanswered, "acknowledgement_late");
        late.extend((more > 0).then_some((day, more)));
    }
    assert_eq!(idle, [(7, 2), (15, 2), (30, 2)], "to the bank and to the merchant");
    assert_eq!(late.len(), 1, "{late:?}");

    // Thirty days before the certificate of the site runs out, once; a clock set back asks for nothing again.
    let fiche = desk.store.dossier(&declared).await.unwrap().unwrap().dossier.fiche.unwrap();
    let expiry = parse_date(fiche.text("expiration_ssl").unwrap()).unwrap();
    let noon = |days: i64| {
        let date = expiry.checked_sub(jiff::Span::new().days(days)).unwrap();
        date.at(12, 0, 0, 0).in_tz("Africa/Tunis").unwrap().timestamp()
    };
    let mut told = Vec::new();
    for days in [60, 31, 30, 45, 29] {
        installation.clock.jump_to(noon(days));
        a_day(&desk).await;
        told.push(letters(&desk, &declared).await.get("certificate_expiring").copied().unwrap_or(0));
    }
    assert_eq!(told, [0, 0, 2, 2, 2], "to the bank and to the merchant");
    assert_eq!(desk.store.verify().await.unwrap(), [""; 0]);
}
