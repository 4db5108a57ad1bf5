//! A clock that is set back and forward, and what the calendar brings.

use std::fs;

use guichet::demo;
use guichet::schemas::Forms;

use super::daemon::{Installation, PDF};

const DAY: i64 = 24 * 3600;

/// A card number nobody has, made here: no document of the project holds one.
fn card_number() -> String {
    let mut digits: Vec<u32> = std::iter::once(4).chain((0..14).map(|at| (at * 7 + 3) % 10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
        .sum();
    digits.push((10 - sum % 10) % 10);
    digits.iter().map(u32::to_string).collect()
}

#[test]
fn a_clock_that_jumps_neither_hastens_nor_stops_anything() {
    let installation = Installation::new("");
    let mut daemon = installation.start();
    for (number, days) in [(1, 0), (2, 400), (3, -700), (4, 3), (5, -3)] {
        installation.shift_clock(days * DAY);
        installation.lay(&format!("comptoir {number}.pdf"), &demo::one_of_many(&Forms::built_in(), number).unwrap());
        installation.until("it is declared", |installation| {
            let Ok(entries) = fs::read_dir(installation.path("outbox/monetique")) else { return false };
            let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
            let count = names.filter(|name| name.starts_with("DTS") && name.matches('.').count() == 2).count();
            count == usize::try_from(number).unwrap()
        });
    }
    installation.shift_clock(0);
    assert!(daemon.is_alive());
    daemon.stop();
    assert_eq!(installation.run(&["scan"]).0, Some(0), "nothing is left waiting for a date that will not come");
    installation.is_sound();
}

#[test]
fn a_card_number_is_erased_everywhere_after_seven_days_and_not_before() {
    let installation = Installation::new("");
    let number = card_number();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write(0, 0, "Carte de test").unwrap();
    sheet.write(0, 1, &number).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    installation.lay("grille.xlsx", &bytes);
    installation.lay("note.pdf", PDF);
    let daemon = installation.start();
    installation.until("both are answered", |installation| installation.answers() == 2);
    let blob = installation.path(&format!("var/blobs/{}", guichet::domain::document::Sha256::of(&bytes)));
    assert!(blob.is_file());
    // One copy made before it was found, as a backup a moment earlier would be; one that leaves it out.
    let (early, late) = (installation.path("early"), installation.path("late"));
    assert_eq!(installation.run(&["backup", late.to_str().unwrap()]).0, Some(0));
    assert!(!late.join("blobs").join(blob.file_name().unwrap()).exists(), "a copy holds a card number");
    assert_eq!(installation.run(&["backup", early.to_str().unwrap()]).0, Some(0));
    let copied = early.join("blobs").join(blob.file_name().unwrap());
    fs::write(&copied, &bytes).unwrap();

    installation.shift_clock(6 * DAY);
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(!installation.run(&["purge", "--dry-run"]).1.contains("numéro de carte"), "a day too early");
    installation.shift_clock(8 * DAY);
    assert!(installation.run(&["purge", "--dry-run"]).1.contains("numéro de carte"));
    assert!(blob.is_file(), "a dry run changed something");
    installation.until("the daemon erases it by itself", |_| !blob.exists());
    installation.until("its list is finished", |installation| installation.run(&["verify"]).0 == Some(0));
    daemon.stop();
    assert!(!copied.exists(), "a copy still holds it");
    for entry in walkdir::WalkDir::new(installation.path("")).into_iter().flatten() {
        if entry.file_type().is_file() {
            let found = fs::read(entry.path()).unwrap();
            assert!(found != bytes, "{} is a copy", entry.path().display());
            let told = found.windows(number.len()).any(|window| window == number.as_bytes());
            assert!(!told, "{} holds the number", entry.path().display());
        }
    }
    assert_eq!(fs::read_dir(installation.path("var/purges")).unwrap().count(), 1);
    // A copy that left it out is put up as an installation that has erased it.
    let again = installation.path("again");
    let (code, said) = Installation::run_plain(&["restore", late.to_str().unwrap(), again.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = Installation::run_plain(&["verify", "--config", again.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn answers_go_after_their_days() {
    let installation = Installation::new("");
    installation.lay("note.pdf", PDF);
    let daemon = installation.start();
    installation.until("it is answered", |installation| installation.answers() == 1);
    installation.shift_clock(89 * DAY);
    installation.lay("autre.pdf", b"%PDF-1.4 autre %%EOF\n");
    installation.until("the second is answered", |installation| installation.answers() == 2);
    installation.shift_clock(92 * DAY);
    installation.until("the first answer is gone", |installation| installation.answers() == 1);
    let kept = fs::read_dir(installation.path("inbox/biat/reponses")).unwrap();
    assert!(kept.flatten().all(|entry| entry.file_name().to_string_lossy().starts_with("autre")));
    daemon.stop();
    installation.is_sound();
}
