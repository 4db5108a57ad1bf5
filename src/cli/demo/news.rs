//! What has appeared in the folders of the demonstration, as a person would find it there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::cli::table::shown;

/// Something guichet has left.
enum News {
    Answer { file: String, title: String, tone: String, dossier: Option<String> },
    Declaration { name: String, to: String, documents: bool },
    Letter { to: String },
}

/// Tells each thing once; letters are counted and told together.
pub(super) struct Teller {
    root: PathBuf,
    seen: BTreeSet<PathBuf>,
    started: Instant,
    colours: bool,
    letters: BTreeMap<&'static str, usize>,
}

impl Teller {
    pub(super) fn new(root: &Path) -> Self {
        let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            root: root.to_owned(),
            seen: BTreeSet::new(),
            started: Instant::now(),
            colours,
            letters: BTreeMap::new(),
        }
    }

    pub(super) fn heading(&self, text: &str) {
        println!("\n{}\n", self.painted("1", text));
    }

    pub(super) fn dropped(&self, number: usize, bank: &str, shows: &str, files: &[String]) {
        println!("{} {shows}", self.painted("1", &format!("{number:>2}  {bank} dépose")));
        println!("    {}", self.painted("2", &shown(&files.join(", "))));
    }

    /// One line under the running time.
    pub(super) fn say(&self, mark: &str, colour: &str, what: &str) {
        let time = format!("{:>6.1} s", self.started.elapsed().as_secs_f32());
        println!("  {}  {} {what}", self.painted("2", &time), self.painted(colour, mark));
    }

    /// Tells answers and declarations that have appeared, and remembers letters; true when there was anything.
    pub(super) fn tell(&mut self) -> bool {
        let mut any = false;
        for folder in ["inbox", "outbox", "var/letters"] {
            let files = walkdir::WalkDir::new(self.root.join(folder)).sort_by_file_name().into_iter().flatten();
            for entry in files.filter(|entry| entry.file_type().is_file()) {
                if self.seen.contains(entry.path()) {
                    continue;
                }
                if let Some(news) = read(entry.path()) {
                    self.seen.insert(entry.into_path());
                    any = true;
                    self.tell_one(news);
                }
            }
        }
        any
    }

    fn tell_one(&mut self, news: News) {
        match news {
            News::Answer { file, title, tone, dossier } => {
                let (mark, colour) = match tone.as_str() {
                    "good" => ("✔", "32"),
                    "bad" => ("✘", "31"),
                    "act" => ("!", "33"),
                    "wait" => ("…", "34"),
                    _ => ("·", "2"),
                };
                let title = self.painted(colour, &format!("{:<22}", shown(&title)));
                let dossier = dossier.map(|dossier| format!("  {}", self.painted("2", &dossier))).unwrap_or_default();
                self.say(mark, colour, &format!("{title}{}{dossier}", shown(&file)));
            }
            News::Declaration { name, to, documents } => {
                let to = if to == "monetique" { "Monétique-Tunisie".to_owned() } else { to.to_uppercase() };
                let along = if documents { ", avec les documents" } else { "" };
                self.say("→", "36", &format!("{:<22}{name} pour {to}{along}", "Déclaration"));
            }
            News::Letter { to } => {
                let party = match to.split_once('@') {
                    Some(("monetique", _)) => "à la banque",
                    Some(("operateurs" | "exploitation", _)) => "à Monétique-Tunisie",
                    _ => "au commerçant",
                };
                *self.letters.entry(party).or_default() += 1;
            }
        }
    }

    /// The letters since the last time, in one line.
    pub(super) fn tell_letters(&mut self) {
        let letters = std::mem::take(&mut self.letters);
        if letters.is_empty() {
            return;
        }
        let told: Vec<String> = letters.iter().map(|(party, number)| format!("{number} {party}")).collect();
        self.say("✉", "35", &format!("{:<22}{}", "Lettres", told.join(", ")));
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// What a file says; `None` for companions, what is on its way, and what is not guichet's.
#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "the names are our own")]
fn read(path: &Path) -> Option<News> {
    let name = path.file_name()?.to_str()?;
    let parent = path.parent()?.file_name()?.to_str()?;
    if path.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')) {
        return None;
    }
    if parent == "reponses" && name.ends_with(".json") {
        let answer: serde_json::Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        let text = |value: &serde_json::Value| value.as_str().map(ToOwned::to_owned);
        let (reference, merchant) = (text(&answer["dossier"]["reference"]), text(&answer["dossier"]["merchant"]));
        let dossier = reference.map(|reference| match merchant {
            Some(merchant) => format!("{reference} {}", shown(&merchant)),
            None => reference,
        });
        return Some(News::Answer {
            file: text(&answer["document"]["name"])?,
            title: text(&answer["verdict"]["title"])?,
            tone: text(&answer["verdict"]["tone"])?,
            dossier,
        });
    }
    if name.ends_with(".eml") {
        let letter = fs::read_to_string(path).ok()?;
        let to = letter.lines().find_map(|line| line.strip_prefix("To:"))?.trim().to_owned();
        return Some(News::Letter { to });
    }
    let declaration =
        ["DTS", "DPR", "SPS", "UTI"].iter().any(|kind| name.starts_with(kind)) && name.matches('.').count() == 2;
    declaration.then(|| News::Declaration {
        name: name.to_owned(),
        to: parent.to_owned(),
        documents: path.with_file_name(format!("{name}{}", crate::domain::pieces::PIECES)).is_file(),
    })
}
