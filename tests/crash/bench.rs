//! An installation that is killed again and again, what was dropped into it and what was taken out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use guichet::demo;
use guichet::domain::document::Sha256;
use guichet::schemas::Forms;
use guichet::seal::Seal;
use secrecy::ExposeSecret;

use super::mailbox::{self, Letters};

pub const BANK: &str = "biat";

pub struct Bench {
    pub folder: tempfile::TempDir,
    /// The storage folder, on another file system than the inbox when there are two: claims are then copied into the archive.
    var: tempfile::TempDir,
    pub seal: Seal,
    name: String,
    forms: Forms,
    random: u64,
    /// Name and hash of every file dropped.
    pub dropped: BTreeMap<String, Sha256>,
    pub merchants: u32,
    /// Files taken from the outbox, in the order in which they were.
    pub taken: Vec<(String, Sha256)>,
    /// What the mail server took.
    pub letters: Letters,
    port: u16,
    pub killed: usize,
    pub runs: usize,
    pub naive: bool,
    /// How long an undisturbed run takes on this machine, as of late.
    usual: Duration,
    begun: Instant,
}

impl Bench {
    pub fn new(name: &str, salt: u64) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("crash-{name}-")).tempdir_in(scratch()).unwrap();
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_124_u64);
        println!("{name}: SEED={seed}");
        let (port, letters) = mailbox::start();
        fs::create_dir_all(folder.path().join("inbox").join(BANK)).unwrap();
        let place = if salt % 2 == 1 { std::env::temp_dir() } else { scratch() };
        let var = tempfile::Builder::new().prefix(&format!("crash-{name}-var-")).tempdir_in(place).unwrap();
        // The same layout seals its originals: what is sealed goes another way, too.
        let (key, _) = Seal::new_key();
        let seal = if salt % 2 == 1 { Seal::with(&key).unwrap() } else { Seal::default() };
        if seal.is_on() {
            put(folder.path(), "blobs.key", key.expose_secret().as_bytes());
            fs::set_permissions(folder.path().join("blobs.key"), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let bench = Self {
            folder,
            var,
            seal,
            name: name.to_owned(),
            forms: Forms::built_in(),
            // Never zero: xorshift would stay there.
            random: (seed ^ (salt << 40)) | 1,
            dropped: BTreeMap::new(),
            merchants: 0,
            taken: Vec::new(),
            letters,
            port,
            killed: 0,
            runs: 0,
            naive: false,
            usual: Duration::from_millis(300),
            begun: Instant::now(),
        };
        bench.keep_nothing(false);
        bench
    }

    /// Writes the configuration; with nothing kept, all that is in no dossier has had its time at once.
    pub fn keep_nothing(&self, nothing: bool) {
        let days = if nothing { 0 } else { 180 };
        let key = if self.seal.is_on() { "key_file = \"blobs.key\"\n" } else { "" };
        let config = format!(
            "[storage]\npath = \"{}\"\n{key}[inbox]\nquiet = \"0s\"\nanswers_days = {days}\n[log]\nlevel = \"error\"\n[retention]\nabandoned_days = {days}\n\
             [post.smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
             [[bank]]\nfolder = \"{BANK}\"\ncode = \"08\"\nname = \"B\"\nmailboxes = [\"agence@banque.example\"]\n",
            self.var().display(),
            self.port
        );
        fs::write(self.folder.path().join("guichet.toml"), config).unwrap();
    }

    pub fn var(&self) -> &Path {
        self.var.path()
    }

    /// Every point that undisturbed runs over every kind of deposit, and an acknowledgement, pass in a layout.
    pub fn points(layout: usize) -> Vec<String> {
        let mut bench = Self::new(&format!("discovery-{layout}"), layout as u64);
        bench.drop_form();
        bench.drop_folder();
        bench.drop_note();
        let log = bench.folder.path().join("points");
        for _ in 0..2 {
            let status = bench.command("scan").env("GUICHET_CRASH_LOG", &log).status().unwrap();
            assert!(status.success(), "an undisturbed run ended with {status}");
            bench.consume();
        }
        let mut points: Vec<String> = fs::read_to_string(log).unwrap().lines().map(str::to_owned).collect();
        points.sort();
        points.dedup();
        points
    }

    /// A number from 0 to `most - 1` (xorshift: the same seed, the same run).
    pub fn below(&mut self, most: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % most as u64).unwrap()
    }

    /// What makes a run pass a point: a merchant's forms where something must go out, else files that cost little to read.
    pub fn drop_for(&mut self, point: &str) {
        let room = point.split('.').next().unwrap_or_default();
        if room == "acknowledgement" {
            // An answer lies there only once a declaration was taken.
            self.drop_form();
            self.run_and_kill_at("none", 1);
            self.consume();
            return;
        }
        if ["stage", "publish", "letter"].contains(&room) || point == "commit.number_taken" {
            self.drop_form();
        } else if self.below(3) == 0 {
            self.drop_folder();
        } else {
            self.drop_note();
        }
    }

    /// One or two things: a merchant's forms now and then, else files that are no forms.
    pub fn drop_some(&mut self) {
        for _ in 0..=self.below(2) {
            match self.below(8) {
                0 => self.drop_form(),
                1 | 2 => self.drop_folder(),
                _ => self.drop_note(),
            }
        }
    }

    pub fn drop_form(&mut self) {
        self.merchants += 1;
        let bytes = demo::one_of_many(&self.forms, self.merchants).unwrap();
        self.lay(&format!("comptoir {}.pdf", self.merchants), &bytes);
    }

    pub fn drop_note(&mut self) {
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
        put(&self.inbox(), name, bytes);
        self.dropped.insert(name.to_owned(), Sha256::of(bytes));
    }

    pub fn inbox(&self) -> PathBuf {
        self.folder.path().join("inbox").join(BANK)
    }

    pub fn outbox(&self) -> PathBuf {
        self.folder.path().join("outbox/monetique")
    }

    pub fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command.args([subcommand, "--config"]).arg(self.folder.path()).stdout(Stdio::null());
        if self.naive {
            command.env("GUICHET_NAIVE_PUBLISH", "1");
        }
        command
    }

    /// True when the point was reached and the program died there.
    pub fn run_and_kill_at(&mut self, point: &str, passage: usize) -> bool {
        let begun = Instant::now();
        let status = self.command("scan").env("GUICHET_CRASH", format!("{point}:{passage}")).status().unwrap();
        let killed = self.count(status);
        if !killed {
            self.usual = begun.elapsed();
        }
        killed
    }

    /// One undisturbed run, to know within what time to kill.
    pub fn time_a_run(&mut self) {
        self.drop_some();
        self.drop_form();
        self.run_and_kill_at("none", 1);
        self.consume();
    }

    pub fn purge_and_kill_at(&mut self, point: &str, passage: usize) -> bool {
        let status = self.command("purge").env("GUICHET_CRASH", format!("{point}:{passage}")).status().unwrap();
        self.count(status)
    }

    /// The daemon one time in three, else one round of it; killed at a moment of what it usually takes.
    pub fn run_and_kill_after_a_while(&mut self) {
        let daemon = self.below(3) == 0;
        let mut child = self.command(if daemon { "run" } else { "scan" }).spawn().unwrap();
        let most = usize::try_from(self.usual.as_micros()).unwrap().clamp(20_000, 3_000_000);
        let moment = Duration::from_micros(self.below(most + most / 8) as u64);
        std::thread::sleep(moment);
        if daemon && self.below(2) == 0 {
            self.drop_note();
            std::thread::sleep(moment / 4);
        }
        let _ = child.kill();
        let status = child.wait().unwrap();
        if !self.count(status) {
            self.usual = self.usual.mul_f32(0.9);
        } else if moment >= self.usual {
            self.usual = self.usual.mul_f32(1.2);
        }
    }

    fn count(&mut self, status: ExitStatus) -> bool {
        use std::os::unix::process::ExitStatusExt;
        self.runs += 1;
        let killed = status.signal() == Some(9);
        // 1: something is left that waits, such as a deposit whose reader was killed too often.
        assert!(killed || matches!(status.code(), Some(0 | 1)), "{}: ended by itself with {status}", self.name);
        self.killed += usize::from(killed);
        killed
    }

    /// Takes what was published, as Monétique-Tunisie does, and answers each declaration once.
    pub fn consume(&mut self) {
        let Ok(entries) = fs::read_dir(self.outbox()) else { return };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
        paths.sort();
        let named = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let listed: BTreeSet<String> = paths.iter().map(named).collect();
        for path in paths {
            let name = named(&path);
            if name.starts_with('.') {
                continue;
            }
            self.taken.push((name.clone(), Sha256::of(&fs::read(&path).unwrap())));
            fs::remove_file(path).unwrap();
            if is_declaration(&name) {
                let archive = format!("{name}.pieces.zip");
                let came = listed.contains(&archive) || self.taken.iter().any(|(taken, _)| *taken == archive);
                assert!(came, "{name} lay in the outbox before its documents");
                let sequence: u32 = name.rsplit('.').next().unwrap().parse().unwrap();
                let answer =
                    format!("{{\"fichier_origine\":\"{name}\",\"sequence_origine\":{sequence},\"statut\":\"ACCP\"}}");
                let counter = self.outbox().join("accuses");
                put(&counter, &format!("ACR.{name}.json"), answer.as_bytes());
            }
        }
    }

    /// Runs undisturbed until nothing is left to do. A deposit whose reader was killed five times waits for a person: here the
    /// person sends it round again.
    pub fn settle(&mut self) {
        for _ in 0..3 {
            self.command("scan").status().unwrap();
            self.consume();
            self.command("retry").status().unwrap();
        }
        let status = self.command("scan").status().unwrap();
        assert!(status.success(), "{}: an undisturbed run ended with {status}", self.name);
        self.consume();
    }

    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

/// A declaration's own name; its companions carry an ending more.
pub fn is_declaration(name: &str) -> bool {
    name.starts_with("DTS") && name.matches('.').count() == 2
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let hidden = folder.join(".moving.part");
    fs::write(&hidden, bytes).unwrap();
    fs::rename(hidden, folder.join(name)).unwrap();
}

/// Memory where there is enough of it for a few installations, else the usual place.
fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let room = rustix::fs::statvfs(memory).map_or(0, |found| found.f_bavail.saturating_mul(found.f_frsize));
    if room > (512 << 20) && tempfile::tempdir_in(memory).is_ok() { memory.to_path_buf() } else { std::env::temp_dir() }
}
