//! The order of the house: the core knows nothing of the world, and no room names another.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms hold one stage each; only the procedure, the command line and what wires them together may know several.
const ROOMS: [&str; 11] = [
    "intake",
    "extraction",
    "validation",
    "declaration",
    "acknowledgement",
    "acceptance",
    "letter",
    "answer",
    "post",
    "outbox",
    "retention",
];

/// Files that hold more than one thought and wait to be split; none may grow.
const TO_BE_SPLIT: [(&str, usize); 0] = [];

#[test]
fn the_domain_knows_nothing_of_the_world() {
    let mut breaches = absent_under(
        "src/domain",
        &[
            "std::fs",
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "UnixStream",
            "std::process",
            "std::env",
            "tokio",
            "sqlx",
            "Timestamp::now",
            "Zoned::now",
            "SystemTime",
        ],
    );
    breaches.extend(foreign_modules("src/domain", &["domain"]));
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn no_room_names_another() {
    let mut breaches = Vec::new();
    for room in ROOMS {
        let others: Vec<String> =
            ROOMS.iter().filter(|other| **other != room).map(|other| format!("crate::{other}")).collect();
        let mut forbidden: Vec<&str> = others.iter().map(String::as_str).collect();
        forbidden.push("crate::cli");
        forbidden.push("crate::app");
        if room != "outbox" {
            forbidden.push("crate::procedure");
        }
        breaches.extend(absent_under(&format!("src/{room}"), &forbidden));
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn rooms_that_read_and_judge_touch_neither_files_nor_network_nor_clock() {
    let mut breaches = Vec::new();
    for room in ["extraction", "validation", "declaration", "acknowledgement", "acceptance", "answer"] {
        breaches.extend(absent_under(
            &format!("src/{room}"),
            &[
                "TcpStream",
                "TcpListener",
                "UdpSocket",
                "UnixStream",
                "tokio",
                "sqlx",
                "Timestamp::now",
                "SystemTime::now",
            ],
        ));
    }
    for room in ["validation", "declaration", "acknowledgement", "acceptance", "answer"] {
        breaches.extend(absent_under(&format!("src/{room}"), &["std::fs", "std::process"]));
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn a_door_is_narrow() {
    for room in ROOMS {
        let door = PathBuf::from("src").join(room).join("mod.rs");
        let Ok(text) = fs::read_to_string(&door) else { continue };
        let doors =
            code(&text).lines().filter(|line| line.starts_with("pub fn ") || line.starts_with("pub async fn ")).count();
        assert!(doors <= 3, "{}: {doors} public functions, a door has at most three", door.display());
    }
}

#[test]
fn no_file_holds_more_than_one_thought() {
    let long: Vec<String> = sources(Path::new("src"))
        .into_iter()
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).ok()?.lines().count();
            let most = TO_BE_SPLIT.iter().find(|(file, _)| path == Path::new(file)).map_or(450, |(_, most)| *most);
            (lines > most).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "split by thought:\n{}", long.join("\n"));
}

/// A point at which the program is killed stands in the argument of a module's head: no step is torn without a word on why it may be.
#[test]
fn every_crash_point_stands_in_an_argument() {
    let (mut heads, mut named) = (String::new(), Vec::new());
    for path in sources(Path::new("src")) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        text.lines().filter(|line| line.starts_with("//!")).for_each(|line| heads.push_str(line));
        let text = code(&text);
        for (call, ending) in [
            ("crash::point(\"", ""),
            ("durable::write(\"", "."),
            ("durable::rename(\"", "."),
            ("durable::write_unsynced_folder(\"", "."),
        ] {
            let literals = text.split(call).skip(1).filter_map(|rest| rest.split('"').next());
            named.extend(literals.map(|name| format!("`{name}{ending}")));
        }
    }
    // The control that publishes in the usual way has no argument: it is wrong.
    named.retain(|name| name != "`naive.");
    assert!(named.len() > 30, "{named:?}");
    let silent: Vec<_> = named.iter().filter(|name| !heads.contains(name.as_str())).collect();
    assert!(silent.is_empty(), "in no module's head: {silent:?}");
}

/// Lines of the folder's sources that hold a forbidden word; an empty folder is a breach, so that a moved room is noticed.
fn absent_under(folder: &str, forbidden: &[&str]) -> Vec<String> {
    let files = sources(Path::new(folder));
    let mut breaches = Vec::new();
    if files.is_empty() {
        breaches.push(format!("{folder}: no source found there"));
    }
    for path in files {
        let text = fs::read_to_string(&path).unwrap_or_default();
        for (number, line) in code(&text).lines().enumerate() {
            for word in forbidden.iter().filter(|word| line.contains(**word)) {
                breaches.push(format!("{}:{}: names {word}", path.display(), number + 1));
            }
        }
    }
    breaches
}

/// Uses of `crate::x` where x is none of the allowed modules.
fn foreign_modules(folder: &str, allowed: &[&str]) -> Vec<String> {
    let mut breaches = Vec::new();
    for path in sources(Path::new(folder)) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        for (number, line) in code(&text).lines().enumerate() {
            for (at, _) in line.match_indices("crate::") {
                let module: String = line[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if !allowed.contains(&module.as_str()) {
                    breaches.push(format!("{}:{}: names crate::{module}", path.display(), number + 1));
                }
            }
        }
    }
    breaches
}

/// The text without comments and without its tests, line by line, so that line numbers stay true.
fn code(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        if line.starts_with("#[cfg(test)]") {
            break;
        }
        kept.push_str(line.split("//").next().unwrap_or_default());
        kept.push('\n');
    }
    kept
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs"))
        .collect();
    found.sort();
    found
}
