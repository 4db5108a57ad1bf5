//! Hostile files of our own making, each read in a child as the daemon would: none may crash, hang or flood anything, each
//! must be answered with data or a reason.
//!
//! `make hostile` prints the figures. `HOSTILE_KEEP=FOLDER` also writes the files there, to be looked at.

mod archives;
mod cards;
mod inbox;
mod pdf;
mod pdf_content;
mod pdf_streams;
mod pdf_tables;
mod pdf_trees;
mod pictures;
mod workbooks;
mod zip;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet::domain::card_number;
use guichet::domain::document::{Kind, Reading};
use guichet::domain::file_name;
use guichet::isolation::{Isolation, Settings, Unavailable};
use guichet::schemas::Forms;

/// No file may take longer, by the clock on the wall.
const LONGEST: Duration = Duration::from_secs(20);
/// No child may hold more.
const MOST_MEMORY: u64 = 512 << 20;
/// Fewer files would prove less than is said.
const FEWEST: usize = 200;

/// One file of the set.
pub struct Hostile {
    class: &'static str,
    says: String,
    bytes: Vec<u8>,
}

impl Hostile {
    pub fn new(class: &'static str, says: &str, bytes: Vec<u8>) -> Self {
        Self { class, says: says.to_owned(), bytes }
    }
}

/// Every class of the set.
const CLASSES: [fn() -> Vec<Hostile>; 8] = [
    pdf_trees::files,
    pdf_streams::files,
    pdf_tables::files,
    pdf_content::files,
    archives::files,
    workbooks::files,
    pictures::files,
    cards::files,
];

/// What one file came to.
struct Outcome {
    class: &'static str,
    says: String,
    time: Duration,
    code: String,
    fault: Option<String>,
}

/// Names under which files are dropped, one after the other.
const NAMES: [&[u8]; 8] = [
    b"formulaire.pdf",
    b"../../../etc/passwd",
    b"\xff\xfe\x00\x01.pdf",
    b"a\nb\r\nSubject: x.pdf",
    b"fdp.\xe2\x80\xaeexe",
    b"-rf",
    b"<script>alert(1)</script>.xlsx",
    &[b'n'; 255],
];

#[tokio::test]
#[ignore = "takes minutes: `make hostile`"]
async fn every_hostile_file_is_answered_and_harms_nothing() {
    let outcomes = run(1).await;
    assert!(outcomes >= FEWEST, "{outcomes} files");
}

#[tokio::test]
async fn some_hostile_files_are_answered_and_harm_nothing() {
    run(12).await;
}

/// Reads every file, or one in so many; how many were read.
async fn run(one_in: usize) -> usize {
    let settings = Settings { program: PathBuf::from(env!("CARGO_BIN_EXE_guichet")), ..Settings::default() };
    let isolation = Isolation::new(settings, &Forms::built_in()).expect("the schemas are sound");
    let mut outcomes = Vec::new();
    // A class at a time: together they would fill the machine's memory before a single one is read.
    for files in CLASSES {
        outcomes.extend(read_all(&isolation, files().into_iter().step_by(one_in).collect()).await);
    }
    let [worst, pictures] = isolation.worst();
    print(&outcomes, worst.memory);
    println!("largest child that recognised characters {} MB", pictures.memory >> 20);
    let faults: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| Some(format!("{} / {}: {}", outcome.class, outcome.says, outcome.fault.as_ref()?)))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(worst.time <= LONGEST + Duration::from_secs(1), "the longest child took {:?}", worst.time);
    assert!(worst.memory <= MOST_MEMORY, "the largest child held {} MB", worst.memory >> 20);
    // Pictures of pages have time and memory of their own.
    let allowed = Settings::default().pictures;
    assert!(pictures.time <= allowed.time + Duration::from_secs(1), "a picture took {:?}", pictures.time);
    assert!(pictures.memory <= allowed.memory, "a picture took {} MB", pictures.memory >> 20);
    outcomes.len()
}

async fn read_all(isolation: &Isolation, files: Vec<Hostile>) -> Vec<Outcome> {
    let mut readings = tokio::task::JoinSet::new();
    for (at, file) in files.into_iter().enumerate() {
        keep(&file);
        let isolation = isolation.clone();
        readings.spawn(async move {
            let name = file_name::shown(NAMES[at % NAMES.len()]);
            let bytes: Arc<[u8]> = Arc::from(file.bytes);
            let begun = Instant::now();
            let mut reading = isolation.read(&name, Arc::clone(&bytes)).await;
            // A machine too busy to say is asked again, as the daemon would later.
            for _ in 0..3 {
                if matches!(reading, Err(Unavailable::Overloaded)) {
                    reading = isolation.read(&name, Arc::clone(&bytes)).await;
                }
            }
            let time = begun.elapsed();
            let seen = isolation.inspect(&name, bytes).await;
            let (code, fault) = match (&reading, &seen) {
                (Ok(reading), Ok(seen)) => judge(file.class, reading, &seen.to_string()),
                (Ok(reading), Err(Unavailable::Overloaded)) => judge(file.class, reading, ""),
                (Err(err), _) | (_, Err(err)) => (String::new(), Some(format!("not answered: {err}"))),
            };
            Outcome { class: file.class, says: file.says, time, code, fault }
        });
    }
    readings.join_all().await
}

/// The code of the answer, and what is wrong with it.
fn judge(class: &str, reading: &Reading, seen: &str) -> (String, Option<String>) {
    let code = reading.findings.first().map_or("read", |finding| finding.code.as_str()).to_owned();
    let shown = serde_json::to_string(reading).unwrap_or_default();
    let number = cards::number();
    let fault = if serde_json::from_str::<Reading>(&shown).is_err() {
        Some("its answer is no JSON that can be read again".to_owned())
    } else if reading.extractions.is_empty() && reading.findings.is_empty() && reading.kind != Kind::Other {
        // Of kind `other` it is no form of ours, which is a reason.
        Some("no data and no reason".to_owned())
    } else if let Some(died) =
        // The second reading, behind wide walls, adds its end to what the first one found.
        reading.findings.iter().find(|finding| matches!(finding.code.as_str(), "crashed" | "bad_answer"))
    {
        Some(format!("{}: {:?}", died.code, died.details))
    } else if class == "card numbers" && reading.findings.iter().all(|f| f.code.as_str() != card_number::FOUND) {
        Some("its card number was not found".to_owned())
    } else if shown.contains(&number) || seen.contains(&number) {
        Some("a card number is shown".to_owned())
    } else {
        None
    };
    (code, fault)
}

fn print(outcomes: &[Outcome], memory: u64) {
    let mut times: Vec<Duration> = outcomes.iter().map(|outcome| outcome.time).collect();
    times.sort();
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes {
        *classes.entry(outcome.class).or_default() += 1;
        *codes.entry(&outcome.code).or_default() += 1;
    }
    println!("{} hostile files", outcomes.len());
    println!("classes: {classes:?}");
    println!("answers: {codes:?}");
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("queued and read: p50 {:.2?}, p99 {:.2?}; largest child {} MB", at(50), at(99), memory >> 20);
    let mut slowest: Vec<&Outcome> = outcomes.iter().collect();
    slowest.sort_by_key(|outcome| std::cmp::Reverse(outcome.time));
    if std::env::var_os("HOSTILE_VERBOSE").is_some() {
        for outcome in slowest {
            println!("{:8.2?}  {:16} {} / {}", outcome.time, outcome.code, outcome.class, outcome.says);
        }
    }
}

fn keep(file: &Hostile) {
    let Some(folder) = std::env::var_os("HOSTILE_KEEP").map(PathBuf::from) else { return };
    let path = folder.join(file_name::sanitised(&format!("{} {}", file.class, file.says)));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(path, &file.bytes))
        .expect("the folder can be written");
}
