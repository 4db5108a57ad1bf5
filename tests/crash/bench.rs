//! An installation that is killed again and again, what was dropped into it and what was taken out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use guichet::demo;
use guichet::domain::document::Sha256;
use guichet::schemas::Forms;
use guichet::store::{OutgoingState, SqliteStore, Store};

const BANK: &str = "biat";

pub struct Bench {
    folder: tempfile::TempDir,
    forms: Forms,
    random: u64,
    /// Name and hash of every file dropped.
    dropped: BTreeMap<String, Sha256>,
    merchants: u32,
    /// Declarations taken from the outbox, in the order in which they were.
    taken: Vec<(String, Sha256)>,
    pub killed: usize,
    runs: usize,
    pub naive: bool,
}

impl Bench {
    pub fn new(name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("crash-{name}-")).tempdir().unwrap();
        let config = format!(
            "[inbox]\nquiet = \"0s\"\n[log]\nlevel = \"error\"\n[[bank]]\nfolder = \"{BANK}\"\ncode = \"08\"\nname = \"B\"\nmailboxes = [\"agence@banque.example\"]\n"
        );
        fs::write(folder.path().join("guichet.toml"), config).unwrap();
        fs::create_dir_all(folder.path().join("inbox").join(BANK)).unwrap();
        let random = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_124);
        println!("{name}: SEED={random}");
        Self {
            folder,
            forms: Forms::built_in(),
            random,
            dropped: BTreeMap::new(),
            merchants: 0,
            taken: Vec::new(),
            killed: 0,
            runs: 0,
            naive: false,
        }
    }

    /// Every point that an undisturbed run over every kind of deposit passes.
    pub fn points() -> Vec<String> {
        let mut bench = Self::new("discovery");
        bench.drop_some();
        bench.drop_form();
        bench.drop_folder();
        let log = bench.folder.path().join("points");
        let status = bench.command().env("GUICHET_CRASH_LOG", &log).status().unwrap();
        assert!(status.success(), "an undisturbed run ended with {status}");
        let mut points: Vec<String> = fs::read_to_string(log).unwrap().lines().map(str::to_owned).collect();
        points.sort();
        points
    }

    /// A number from 0 to `most - 1` (xorshift: the same seed, the same run).
    pub fn below(&mut self, most: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % most as u64).unwrap()
    }

    /// One or two files: a merchant's forms now and then, else files that are no forms.
    pub fn drop_some(&mut self) {
        for _ in 0..=self.below(2) {
            match self.below(4) {
                0 => self.drop_form(),
                1 => self.drop_folder(),
                _ => self.drop_note(),
            }
        }
    }

    pub fn drop_form(&mut self) {
        self.merchants += 1;
        let bytes = demo::one_of_many(&self.forms, self.merchants).unwrap();
        self.lay(&format!("comptoir {}.pdf", self.merchants), &bytes);
    }

    fn drop_note(&mut self) {
        let number = self.dropped.len();
        self.lay(&format!("note {number}.pdf"), format!("%PDF-1.4 note {number} %%EOF\n").as_bytes());
    }

    pub fn drop_folder(&mut self) {
        let number = self.dropped.len();
        let (hidden, folder) = (self.inbox().join(".moving"), self.inbox().join(format!("dossier {number}")));
        fs::create_dir_all(hidden.join("annexes")).unwrap();
        for below in [format!("lettre {number}.txt"), format!("annexes/plan {number}.txt")] {
            let bytes = format!("annexe {below}").into_bytes();
            fs::write(hidden.join(&below), &bytes).unwrap();
            self.dropped.insert(below, Sha256::of(&bytes));
        }
        fs::rename(hidden, folder).unwrap();
    }

    /// As a careful sender does: under a name that is passed over, then renamed.
    fn lay(&mut self, name: &str, bytes: &[u8]) {
        let hidden = self.inbox().join(".moving.part");
        fs::write(&hidden, bytes).unwrap();
        fs::rename(hidden, self.inbox().join(name)).unwrap();
        self.dropped.insert(name.to_owned(), Sha256::of(bytes));
    }

    fn inbox(&self) -> PathBuf {
        self.folder.path().join("inbox").join(BANK)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command.args(["scan", "--config"]).arg(self.folder.path()).stdout(Stdio::null());
        if self.naive {
            command.env("GUICHET_NAIVE_PUBLISH", "1");
        }
        command
    }

    /// True when the point was reached and the program died there.
    pub fn run_and_kill_at(&mut self, point: &str, passage: usize) -> bool {
        let status = self.command().env("GUICHET_CRASH", format!("{point}:{passage}")).status().unwrap();
        self.count(status)
    }

    pub fn run_and_kill_after_a_while(&mut self) {
        let mut child = self.command().spawn().unwrap();
        let patience = Duration::from_millis(20 + self.below(600) as u64);
        std::thread::sleep(patience);
        let _ = child.kill();
        let status = child.wait().unwrap();
        self.count(status);
    }

    fn count(&mut self, status: ExitStatus) -> bool {
        use std::os::unix::process::ExitStatusExt;
        self.runs += 1;
        let killed = status.signal() == Some(9);
        // 1: something is left that waits, such as a deposit whose reader was killed too often.
        assert!(killed || matches!(status.code(), Some(0 | 1)), "ended by itself with {status}");
        self.killed += usize::from(killed);
        killed
    }

    /// Takes what was published, as Monétique-Tunisie does.
    pub fn consume(&mut self) {
        let Ok(entries) = fs::read_dir(self.folder.path().join("outbox/monetique")) else { return };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            if name.starts_with("DTS") && name.matches('.').count() == 2 {
                self.taken.push((name, Sha256::of(&fs::read(&path).unwrap())));
            }
            fs::remove_file(path).unwrap();
        }
    }

    /// Runs undisturbed until nothing is left to do. A deposit whose reader was killed five times waits for a person: here the
    /// person sends it round again.
    pub fn settle(&mut self) {
        for _ in 0..3 {
            self.command().status().unwrap();
            self.consume();
            let mut retry = Command::new(env!("CARGO_BIN_EXE_guichet"));
            retry.args(["retry", "--by", "harness", "--config"]).arg(self.folder.path());
            retry.stdout(Stdio::null()).status().unwrap();
        }
        let status = self.command().status().unwrap();
        assert!(status.success(), "an undisturbed run ended with {status}");
        self.consume();
    }

    /// All that must hold at the end; a fault, or a line of figures.
    pub fn check(&self) -> Result<String, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(self.check_rows())?;
        let verify = Command::new(env!("CARGO_BIN_EXE_guichet"))
            .args(["verify", "--config"])
            .arg(self.folder.path())
            .output()
            .unwrap();
        if !verify.status.success() {
            return Err(format!("guichet verify: {}", String::from_utf8_lossy(&verify.stdout)));
        }
        let left = files(&self.inbox(), &["reponses"]);
        if !left.is_empty() {
            return Err(format!("left in the inbox: {left:?}"));
        }
        Ok(format!(
            "{} runs, {} kills, {} files, {} declarations: lost 0, offered twice 0",
            self.runs,
            self.killed,
            self.dropped.len(),
            self.taken.len()
        ))
    }

    async fn check_rows(&self) -> Result<(), String> {
        let store = SqliteStore::open(&self.folder.path().join("var/guichet.db")).await.unwrap();
        let mut received: Vec<(String, Sha256)> = Vec::new();
        for stored in store.documents().await.unwrap() {
            received.push((stored.arrival.name, stored.arrival.sha256));
        }
        received.sort();
        let dropped: Vec<_> = self.dropped.iter().map(|(name, sha256)| (name.clone(), *sha256)).collect();
        if received != dropped {
            return Err(format!("{} files dropped, {} documents received", dropped.len(), received.len()));
        }
        let names: BTreeSet<&str> = self.taken.iter().map(|(name, _)| name.as_str()).collect();
        if names.len() != self.taken.len() {
            return Err(format!("{} declarations taken, {} names: offered twice", self.taken.len(), names.len()));
        }
        let declarations = store.declarations(None).await.unwrap();
        for (at, line) in declarations.iter().enumerate() {
            if line.sequence != i64::try_from(at).unwrap() + 1 || line.state != OutgoingState::Published {
                return Err(format!("{}: number {} {:?}", line.name, line.sequence, line.state));
            }
            if !self.taken.iter().any(|(name, sha256)| *name == line.name && sha256.to_string() == line.sha256) {
                return Err(format!("{}: lost, or not the bytes that were written", line.name));
            }
        }
        if declarations.len() != self.merchants as usize {
            return Err(format!("{} merchants, {} declarations", self.merchants, declarations.len()));
        }
        for letter in store.letters(None).await.unwrap() {
            if letter.state != "sent" {
                return Err(format!("letter {} was not sent", letter.message_id));
            }
        }
        let answered: BTreeSet<_> = store
            .answers()
            .await
            .unwrap()
            .into_iter()
            .filter(|answer| answer.state == "left" && answer.files.iter().all(|file| self.left(file)))
            .map(|answer| answer.document)
            .collect();
        if answered.len() != dropped.len() {
            return Err(format!("{} files dropped, {} answered", dropped.len(), answered.len()));
        }
        let waiting = store.errands().await.unwrap();
        if let Some(errand) = waiting.first() {
            return Err(format!("{} {} is {}: {:?}", errand.kind, errand.subject, errand.state, errand.last_error));
        }
        Ok(())
    }

    fn left(&self, answer: &str) -> bool {
        self.inbox().join("reponses").join(answer).is_file()
    }
}

/// Files under a folder, some of its folders passed over.
fn files(folder: &Path, passed_over: &[&str]) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_entry(|entry| !passed_over.iter().any(|name| entry.file_name() == *name))
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect()
}
