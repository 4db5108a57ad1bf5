//! A daemon under test: started on an installation of its own, watched from outside, stopped by a signal.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use guichet::store::{SqliteStore, Store};

pub(super) const PDF: &[u8] = b"%PDF-1.4 note %%EOF\n";
/// Long enough for a machine that does many other things; no test waits for it when all is well.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) struct Installation {
    folder: tempfile::TempDir,
}

impl Installation {
    /// One bank, files taken after a short rest; `more` is added to the configuration.
    pub(super) fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "{more}\n[inbox]\nquiet = \"300ms\"\nrescan = \"1s\"\n[[bank]]\nfolder = \"biat\"\ncode = \"08\"\nname = \"B\"\n\
             mailboxes = [\"agence@banque.example\"]\n"
        );
        fs::write(folder.path().join("guichet.toml"), config).unwrap();
        fs::create_dir_all(folder.path().join("inbox/biat")).unwrap();
        fs::create_dir_all(folder.path().join("var")).unwrap();
        Self { folder }
    }

    pub(super) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub(super) fn lay(&self, name: &str, bytes: &[u8]) {
        put(&self.path("inbox/biat"), name, bytes);
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
        command.args(arguments).arg("--config").arg(self.folder.path());
        command.env("GUICHET_CLOCK_SHIFT", self.path("shift"));
        command
    }

    /// Starts the daemon; it writes what it has to say into `log`.
    /// Enrols an operator of Monétique-Tunisie; gives the words with which an order is theirs.
    pub(super) fn operator(&self) -> [String; 4] {
        let secret = self.path("secret");
        fs::write(&secret, b"une phrase assez longue").unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        let secret = secret.to_str().unwrap();
        let add = ["user", "add", "Sami Gharbi", "--role", "monetique", "--new-password-file", secret];
        assert_eq!(self.run(&add).0, Some(0));
        ["--by", "Sami Gharbi", "--password-file", secret].map(str::to_owned)
    }

    pub(super) fn start(&self) -> Daemon {
        self.start_with(self.command(&["run"]))
    }

    pub(super) fn start_with(&self, mut command: Command) -> Daemon {
        let log = fs::OpenOptions::new().append(true).create(true).open(self.path("log")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Daemon { child }
    }

    /// Runs a command to its end; what it printed.
    pub(super) fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.command(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    /// As [`Self::run`], for commands that name no installation or another one.
    pub(super) fn run_plain(arguments: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_guichet")).args(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }

    pub(super) fn status(&self) -> String {
        self.run(&["status"]).1
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Names of the documents received, in order of their names.
    pub(super) fn documents(&self) -> Vec<String> {
        let mut names: Vec<String> = self.with_store(|store| async move {
            store.documents().await.unwrap().into_iter().map(|stored| stored.arrival.name).collect()
        });
        names.sort();
        names
    }

    pub(super) fn with_store<T, F: Future<Output = T>>(&self, work: impl FnOnce(SqliteStore) -> F) -> T {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let file = self.path("var/guichet.db");
        runtime.block_on(async { work(SqliteStore::open(&file).await.unwrap()).await })
    }

    pub(super) fn answers(&self) -> usize {
        let Ok(entries) = fs::read_dir(self.path("inbox/biat/reponses")) else { return 0 };
        entries.flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(".html")).count()
    }

    /// Sets the daemon's clock forward or back.
    pub(super) fn shift_clock(&self, seconds: i64) {
        let hidden = self.path(".shift");
        fs::write(&hidden, seconds.to_string()).unwrap();
        fs::rename(hidden, self.path("shift")).unwrap();
    }

    #[track_caller]
    pub(super) fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < PATIENCE, "not in time: {what}\n{}\n{}", self.log(), self.status());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    #[track_caller]
    pub(super) fn is_sound(&self) {
        let (code, said) = self.run(&["verify"]);
        assert_eq!(code, Some(0), "{said}");
    }
}

pub(super) struct Daemon {
    child: Child,
}

impl Daemon {
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Asks it to stop; says how long it took and how it ended.
    pub(super) fn stop(mut self) -> (Duration, ExitStatus) {
        let begun = Instant::now();
        self.signal(rustix::process::Signal::TERM);
        let status = self.child.wait().unwrap();
        (begun.elapsed(), status)
    }

    /// Waits until it ends by itself.
    pub(super) fn ended(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it goes on");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(super) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let hidden = folder.join(".moving.part");
    fs::write(&hidden, bytes).unwrap();
    fs::rename(hidden, folder.join(name)).unwrap();
}
