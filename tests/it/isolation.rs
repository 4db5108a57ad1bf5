//! Children that behave and children that do not: whatever a child does, its talk ends in time, with the right blame.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet::extraction::{self, Options};
use guichet::isolation::{Children, Isolation, Landlock, Settings, Unavailable, Verdict, sandbox_test};
use guichet::schemas::Forms;

fn guichet() -> Settings {
    Settings { program: PathBuf::from(env!("CARGO_BIN_EXE_guichet")), ..Settings::default() }
}

/// Settings whose child is a shell script that first says its walls stand, then does as written.
fn impostor(folder: &Path, script: &str) -> Settings {
    let layers = r#"{"no_new_privileges":true,"limits":true,"landlock":"full","seccomp":true,"bound_to_parent":true}"#;
    let text = format!("#!/bin/sh\n{}\n{script}\n", say(1, layers.len(), layers));
    let program = folder.join("child");
    write_program(&program, &text);
    let time = Duration::from_secs(2);
    Settings { program, time, processor: Duration::from_secs(1), children: Children::Started, ..Settings::default() }
}

fn write_program(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a new folder can be written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).expect("the file is ours");
}

/// A shell line that writes a frame which announces `length` bytes and carries `body`.
fn say(kind: u8, length: usize, body: &str) -> String {
    let length = u32::try_from(length).expect("a test's length").to_le_bytes();
    let head = [&b"GCHT"[..], &[1, kind, 0, 0], &length].concat();
    let head = head.iter().fold(String::new(), |mut octal, byte| {
        write!(octal, "\\{byte:03o}").expect("writing to a text cannot fail");
        octal
    });
    format!("printf '{head}'; printf '%s' '{body}'")
}

async fn code_of(settings: Settings) -> String {
    let isolation = Isolation::new(settings, &Forms::built_in()).expect("no schema can be at fault");
    for _ in 0..20 {
        match isolation.read("essai.pdf", Arc::from(&b"%PDF-1.7"[..])).await {
            Ok(reading) => {
                assert!(reading.extractions.is_empty());
                return reading.findings[0].code.to_string();
            }
            // A machine too busy to tell a slow child from a starved one.
            Err(Unavailable::Overloaded) => {}
            Err(err) => panic!("not our fault: {err}"),
        }
    }
    panic!("the machine is too busy for this test")
}

#[test]
fn every_wall_stands_and_every_escape_is_blocked() {
    let (layers, escapes) = sandbox_test(guichet(), &Forms::built_in()).unwrap();
    assert!(layers.complete(), "{layers}");
    assert_ne!(layers.landlock, Landlock::None);
    let open: Vec<_> = escapes.iter().filter(|escape| escape.verdict == Verdict::Open).collect();
    assert!(open.is_empty(), "{open:?}");
    for walls in ["narrow, started anew", "narrow, copied", "wide, copied"] {
        let proven =
            escapes.iter().filter(|escape| escape.walls == walls && escape.verdict == Verdict::Blocked).count();
        assert!(proven >= 12, "{walls}: {escapes:?}");
    }
}

#[tokio::test]
async fn walls_change_nothing_in_what_is_read() {
    let forms = Forms::built_in();
    let copied = Isolation::new(guichet(), &forms).unwrap();
    let started = Isolation::new(Settings { children: Children::Started, ..guichet() }, &forms).unwrap();
    let mut forms_found = 0;
    for (name, bytes) in guichet::demo::samples(&forms).unwrap().into_iter().flat_map(|sample| sample.files) {
        let inside = extraction::read(&bytes, &name, &forms, &Options::default());
        let bytes: Arc<[u8]> = bytes.into();
        for isolation in [&copied, &started] {
            let isolated = isolation.read(&name, Arc::clone(&bytes)).await.unwrap();
            assert_eq!(inside, isolated, "{name}");
        }
        forms_found += inside.extractions.len();
    }
    assert!(forms_found > 10, "{forms_found}");
}

/// Processes of ours that make copies of themselves.
fn zygotes() -> Vec<i32> {
    let ours = format!("PPid:\t{}\n", std::process::id());
    let is_zygote = |pid: &i32| {
        let read = |what| std::fs::read_to_string(format!("/proc/{pid}/{what}")).unwrap_or_default();
        read("status").contains(&ours) && read("cmdline").contains("\"stay\"")
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(is_zygote).collect()
}

#[tokio::test]
async fn a_zygote_makes_every_child_and_one_that_dies_is_replaced() {
    let isolation = Isolation::new(guichet(), &Forms::built_in()).unwrap();
    let read = || isolation.inspect("essai.pdf", Arc::from(&b"%PDF-1.7"[..]));
    let mut seen = Vec::new();
    for _ in 0..3 {
        for _ in 0..3 {
            assert_eq!(read().await.unwrap()["error"]["code"], "damaged");
        }
        let [alive] = zygotes()[..] else { panic!("{:?}", zygotes()) };
        assert!(!seen.contains(&alive), "it was killed");
        seen.push(alive);
        rustix::process::kill_process(rustix::process::Pid::from_raw(alive).unwrap(), rustix::process::Signal::KILL)
            .unwrap();
    }
    assert_eq!(read().await.unwrap()["error"]["code"], "damaged");
    drop(isolation);
    let begun = Instant::now();
    while !zygotes().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20), "a zygote outlives its daemon's use of it");
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn where_no_zygote_can_be_had_children_are_started() {
    let real = env!("CARGO_BIN_EXE_guichet");
    // One that ends at once, and two that name a process which is no child of ours.
    for lie in ["exit 1", r"printf '\001\000\000\000' >&0", r"printf '\377\377\377\377' >&0"] {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("guichet");
        let text = format!("#!/bin/sh\ncase \"$2\" in *stay*) {lie};; *) exec {real} \"$@\";; esac\n");
        write_program(&program, &text);
        let isolation = Isolation::new(Settings { program, ..guichet() }, &Forms::built_in()).unwrap();
        for _ in 0..4 {
            let seen = isolation.inspect("essai.pdf", Arc::from(&b"%PDF-1.7"[..])).await.unwrap();
            assert_eq!(seen["error"]["code"], "damaged", "{lie}");
        }
    }
}

#[tokio::test]
async fn a_child_says_which_walls_stand() {
    let isolation = Isolation::new(guichet(), &Forms::built_in()).unwrap();
    assert!(isolation.layers().unwrap().complete());
}

#[tokio::test]
async fn a_child_whose_walls_do_not_stand_is_shown_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bare = r#"{"no_new_privileges":true,"limits":true,"landlock":"none","seccomp":true,"bound_to_parent":true}"#;
    let program = folder.path().join("child");
    let seen = folder.path().join("seen");
    let answer = r#"{"format":"pdf","kind":"other","extractions":[],"findings":[]}"#;
    let text = format!(
        "#!/bin/sh\n{}\nhead -c 40 > {}\n{}\nsleep 5",
        say(1, bare.len(), bare),
        seen.display(),
        say(5, answer.len(), answer)
    );
    write_program(&program, &text);
    let settings = Settings { program, children: Children::Started, ..Settings::default() };
    let strict = Isolation::new(settings.clone(), &Forms::built_in()).unwrap();
    let refused = strict.read("essai.pdf", Arc::from(&b"%PDF-1.7"[..])).await;
    assert!(matches!(refused, Err(Unavailable::NotWhole(_))), "{refused:?}");
    assert_eq!(std::fs::read(&seen).unwrap_or_default(), b"");

    let lenient = Isolation::new(Settings { best_effort: true, ..settings }, &Forms::built_in()).unwrap();
    assert!(lenient.read("essai.pdf", Arc::from(&b"%PDF-1.7"[..])).await.is_ok());
}

#[tokio::test]
async fn a_program_that_is_not_there_is_our_fault() {
    let isolation =
        Isolation::new(Settings { program: "/nowhere/guichet".into(), ..guichet() }, &Forms::built_in()).unwrap();
    let outcome = isolation.read("essai.pdf", Arc::from(&b"%PDF-1.7"[..])).await;
    assert!(matches!(outcome, Err(Unavailable::NoProcess(_))), "{outcome:?}");
}

#[tokio::test]
async fn whatever_a_child_does_is_a_refusal_with_its_code() {
    let busy = "while :; do :; done";
    let cases = [
        ("exit 3", "crashed"),
        ("kill -SEGV $$", "crashed"),
        ("echo 'memory allocation of 1099511627776 bytes failed' >&2; kill -ABRT $$", "memory_limit"),
        (busy, "time_limit"),
        ("cat /dev/zero", "bad_answer"),
        ("printf 'reading: fine'", "bad_answer"),
        (&say(5, 2, "{}"), "bad_answer"),
        (&say(5, 40, "{"), "crashed"),
        (&say(5, 1 << 30, "{"), "bad_answer"),
        (&say(1, 2, "{}"), "bad_answer"),
        (&format!("exec >&-; {busy}"), "crashed"),
    ];
    for (script, code) in cases {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(code_of(impostor(folder.path(), script)).await, code, "{script}");
    }
}

#[tokio::test]
async fn a_child_that_never_stops_complaining_is_ended_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    assert_eq!(
        code_of(impostor(folder.path(), "while :; do echo encore et encore et encore >&2; done")).await,
        "time_limit"
    );
    // One second of processor time, which takes long on a busy machine.
    assert!(begun.elapsed() < Duration::from_mins(1));
}

#[tokio::test]
async fn a_child_that_sleeps_is_tried_again_later() {
    let folder = tempfile::tempdir().unwrap();
    let isolation = Isolation::new(impostor(folder.path(), "sleep 30"), &Forms::built_in()).unwrap();
    let outcome = isolation.read("essai.pdf", Arc::from(&b"%PDF-1.7"[..])).await;
    assert!(matches!(outcome, Err(Unavailable::Overloaded)), "{outcome:?}");
}

#[tokio::test]
async fn no_process_of_a_child_outlives_its_talk() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = format!("sleep 300 >/dev/null 2>&1 & echo $! > {}; kill -SEGV $$", pid.display());
    assert_eq!(code_of(impostor(folder.path(), &script)).await, "crashed");
    let stat = format!("/proc/{}/stat", std::fs::read_to_string(pid).unwrap().trim());
    let begun = Instant::now();
    // Gone, or dead and not yet swept up by whoever adopted it.
    while std::fs::read_to_string(&stat).is_ok_and(|state| !state.contains(") Z")) {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is still there");
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn dropping_the_future_ends_the_child() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = format!("echo $$ > {}; sleep 300", pid.display());
    let settings = Settings { time: Duration::from_mins(1), ..impostor(folder.path(), &script) };
    let isolation = Isolation::new(settings, &Forms::built_in()).unwrap();
    let reading = isolation.read("essai.pdf", Arc::from(&b"%PDF-1.7"[..]));
    let begun = Instant::now();
    let until_started = async {
        while std::fs::read_to_string(&pid).unwrap_or_default().trim().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        outcome = reading => panic!("{outcome:?}"),
        () = until_started => {}
    }
    let process = PathBuf::from(format!("/proc/{}", std::fs::read_to_string(&pid).unwrap().trim()));
    while process.exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the child is still there");
        tokio::task::yield_now().await;
    }
}

/// Runs a command as on a kernel that does not know Landlock: its calls say so, as an old kernel's would.
fn without_landlock(mut command: std::process::Command) -> std::process::Output {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};
    // A filter binds the thread that asks for it and what is started from there.
    std::thread::spawn(move || {
        let calls = [libc::SYS_landlock_create_ruleset, libc::SYS_landlock_restrict_self];
        let rules = calls.into_iter().map(|call| (call, vec![])).collect();
        let unknown = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
        let here = TargetArch::try_from(std::env::consts::ARCH).expect("an architecture filters are known for");
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, unknown, here).expect("a sound filter");
        let program: BpfProgram = filter.try_into().expect("a sound filter");
        seccompiler::apply_filter(&program).expect("this kernel filters");
        command.output().expect("the program was built for this test")
    })
    .join()
    .expect("the thread ends")
}

#[test]
fn on_a_kernel_that_lacks_a_wall_nothing_is_read_unless_the_configuration_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("inbox/biat")).unwrap();
    std::fs::write(folder.path().join("inbox/biat/note.pdf"), b"%PDF-1.4 note %%EOF\n").unwrap();
    let scan = |sandbox: &str| {
        let bank = "[[bank]]\nfolder = \"biat\"\ncode = \"08\"\nname = \"B\"\nmailboxes = []\n";
        let config = format!("[inbox]\nquiet = \"0s\"\n[limits]\nsandbox = {sandbox:?}\n{bank}");
        std::fs::write(folder.path().join("guichet.toml"), config).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_guichet"));
        command.args(["scan", "--config"]).arg(folder.path());
        let output = without_landlock(command);
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (went_on, said) = scan("required");
    assert!(!went_on && said.contains("Landlock: MISSING"), "{said}");
    assert!(folder.path().join("inbox/biat/note.pdf").exists(), "it was taken although nothing could be read");
    let (went_on, said) = scan("best-effort");
    assert!(went_on, "{said}");
    let warned = said.lines().find(|line| line.contains("WARN") && line.contains("best-effort"));
    assert!(
        warned.is_some_and(|line| line.contains("Landlock: MISSING") && line.contains("system calls: held")),
        "{said}"
    );
}

#[tokio::test]
async fn pages_are_shown_by_a_child_as_they_would_be_here() {
    let forms = Forms::built_in();
    let isolation = Isolation::new(guichet(), &forms).unwrap();
    let (mut drawn, mut sheets) = (0, 0);
    for (name, bytes) in guichet::demo::samples(&forms).unwrap().into_iter().flat_map(|sample| sample.files).take(6) {
        let (reading, pages) = extraction::read_and_show(&bytes, &name, &forms, &Options::default());
        let (read, shown) = isolation.show(&name, Arc::from(bytes)).await.unwrap();
        assert_eq!(read, reading, "{name}");
        assert_eq!(shown.len(), pages.len(), "{name}");
        for (there, here) in shown.iter().zip(&pages) {
            assert_eq!((&there.pixels, &there.cells, there.page), (&here.pixels, &here.cells, here.page), "{name}");
            drawn += usize::from(there.pixels.is_some());
            sheets += usize::from(there.sheet.is_some());
        }
    }
    assert!(drawn > 0 && sheets > 0, "{drawn} pages, {sheets} sheets");
}

#[tokio::test]
async fn pixels_that_are_not_what_was_announced_are_refused() {
    let answer = |width: u32, height: u32| {
        format!(
            r#"{{"reading":{{"format":"pdf","kind":"other","extractions":[],"findings":[]}},"pages":[{{"member":null,"page":1,"sheet":null,"size":[10.0,10.0],"pixels":[{width},{height}],"cells":[]}}]}}"#
        )
    };
    let script = |width, height, pixels: &str, length| {
        let answer = answer(width, height);
        format!("{}\n{}\nsleep 1", say(5, answer.len(), &answer), say(6, length, pixels))
    };
    for (script, code) in [
        (script(2, 2, "abcd", 4), None),
        (script(2, 2, "abc", 3), Some("bad_answer")),
        (script(2, 2, "abcde", 5), Some("bad_answer")),
        (script(2, 2, "", 1 << 30), Some("bad_answer")),
        (script(60_000, 60_000, "abcd", 4), Some("bad_answer")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let isolation = Isolation::new(impostor(folder.path(), &script), &Forms::built_in()).unwrap();
        let mut outcome = isolation.show("essai.pdf", Arc::from(&b"%PDF-1.7"[..])).await;
        for _ in 0..20 {
            if matches!(outcome, Err(Unavailable::Overloaded)) {
                outcome = isolation.show("essai.pdf", Arc::from(&b"%PDF-1.7"[..])).await;
            }
        }
        let (reading, pages) = outcome.unwrap();
        assert_eq!(reading.findings.first().map(|finding| finding.code.as_str()), code, "{script}");
        assert_eq!(pages.len(), usize::from(code.is_none()));
    }
}
