//! Card numbers, dropped in every place one may stand: the document is set aside, the bank is told, and nothing guichet
//! writes shows the number. The numbers are made here; none is written down.

use std::fs;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{DocProperties, Note, Workbook};

use super::{guichet, text};

/// Puts a number somewhere into a workbook.
type Filling<'a> = Box<dyn Fn(&mut Workbook) + 'a>;

#[path = "../hostile/pdf.rs"]
#[expect(dead_code, reason = "the hostile set uses more of it")]
mod pdf;
#[path = "../hostile/zip.rs"]
#[expect(dead_code, reason = "the hostile set uses more of it")]
mod zip;

use pdf::{CATALOGUE, FONT, PAGES, Pdf, drawing, page};
use zip::Member;

/// A number of `length` digits that begins with `prefix` and whose Luhn sum holds.
fn card(prefix: &str, length: usize) -> String {
    let body: String =
        prefix.chars().chain((0u8..).map(|n| char::from(b'0' + (n * 7 + 3) % 10))).take(length - 1).collect();
    let holds = |number: &str| {
        let digits = number.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
        digits.map(|(at, d)| if at % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 }).sum::<u32>().is_multiple_of(10)
    };
    let check = (0..10).find(|check| holds(&format!("{body}{check}"))).expect("one of ten holds");
    format!("{body}{check}")
}

fn groups(number: &str, by: &str) -> String {
    let groups: Vec<&str> = (0..number.len()).step_by(4).map(|at| &number[at..number.len().min(at + 4)]).collect();
    groups.join(by)
}

fn arabic(number: &str) -> String {
    number.chars().map(|c| char::from_u32(u32::from(c) - u32::from('0') + 0x660).expect("an Arabic digit")).collect()
}

fn form(line: &str) -> Vec<u8> {
    drawing(pdf::text(line), "").finish("")
}

fn field(value: &str) -> Vec<u8> {
    Pdf::new()
        .object(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [10 0 R] /DA (/F1 0 Tf) >> >>")
        .object(2, PAGES)
        .object(3, page("").replace("/Contents", "/Annots [10 0 R] /Contents"))
        .stream(4, "", pdf::text("RIB :"))
        .object(5, FONT)
        .object(
            10,
            format!("<< /Type /Annot /Subtype /Widget /FT /Tx /T (rib) /V {value} /Rect [100 690 300 710] /P 3 0 R >>"),
        )
        .finish("")
}

/// A blank page with something beside it.
fn beside(catalogue: &str, page_entries: &str, object: &str, trailer: &str) -> Vec<u8> {
    Pdf::new()
        .object(1, CATALOGUE.replace(">>", &format!("{catalogue} >>")))
        .object(2, PAGES)
        .object(3, page("").replace("/Contents", &format!("{page_entries} /Contents")))
        .stream(4, "", pdf::text("Raison sociale : Exemple"))
        .object(5, FONT)
        .object(6, object)
        .finish(trailer)
}

fn workbook(write: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().write_string(0, 0, "Raison sociale").expect("a cell");
    write(&mut book);
    book.save_to_buffer().expect("a workbook")
}

fn first(book: &mut Workbook) -> &mut rust_xlsxwriter::Worksheet {
    book.worksheet_from_index(0).expect("the first sheet")
}

/// Name and bytes of every file dropped.
fn documents(number: &str) -> Vec<(String, Vec<u8>)> {
    let utf16: String = arabic(number).encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    let metadata = format!("<rdf:li>{number}</rdf:li>");
    let amount: f64 = number.parse().expect("digits");
    let mut documents = vec![
        ("texte.pdf".to_owned(), form(&format!("Carte {number}"))),
        ("espaces.pdf".to_owned(), form(&format!("Carte : {}", groups(number, " ")))),
        ("tirets.pdf".to_owned(), form(&format!("Carte : {}", groups(number, "-")))),
        ("amex.pdf".to_owned(), form(&format!("Carte {}", card("37", 15)))),
        ("longue.pdf".to_owned(), form(&format!("Carte {}", card("4", 19)))),
        ("champ.pdf".to_owned(), field(&format!("({number})"))),
        ("champ-arabe.pdf".to_owned(), field(&format!("<FEFF{utf16}>"))),
        ("titre.pdf".to_owned(), beside("", "", &format!("<< /Title (Carte {number}) >>"), "/Info 6 0 R")),
        (
            "note.pdf".to_owned(),
            beside(
                "",
                "/Annots [6 0 R]",
                &format!("<< /Type /Annot /Subtype /Text /Rect [9 9 20 20] /Contents ({}) >>", groups(number, " ")),
                "",
            ),
        ),
        ("metadonnees.pdf".to_owned(), {
            let stream = format!(
                "<< /Type /Metadata /Subtype /XML /Length {} >>\nstream\n{metadata}\nendstream",
                metadata.len()
            );
            beside("/Metadata 6 0 R", "", &stream, "")
        }),
        ("dossier.zip".to_owned(), zip::zip(&[Member::new("formulaire.pdf", form(number))])),
        ("membre.zip".to_owned(), zip::zip(&[Member::new(format!("carte {number}.pdf"), form("Raison sociale"))])),
        (format!("carte {number}.pdf"), form("Raison sociale : Exemple")),
        (format!("carte {}.pdf", groups(number, "-")), form("Raison sociale : Autre exemple")),
    ];
    let sheets: [(&str, Filling<'_>); 7] = [
        ("cellule", Box::new(|book| drop(first(book).write_string(1, 1, number)))),
        ("nombre", Box::new(move |book| drop(first(book).write_number(1, 1, amount)))),
        ("arabe", Box::new(|book| drop(first(book).write_string(1, 1, arabic(number))))),
        (
            "reparti",
            Box::new(|book| {
                for (column, group) in (1..).zip(groups(number, " ").split(' ')) {
                    drop(first(book).write_string(1, column, group));
                }
            }),
        ),
        ("commentaire", Box::new(|book| drop(first(book).insert_note(1, 1, &Note::new(number))))),
        ("cache", Box::new(|book| drop(book.add_worksheet().set_hidden(true).write_string(0, 0, number)))),
        (
            "proprietes",
            Box::new(|book| {
                book.set_properties(&DocProperties::new().set_subject(number));
            }),
        ),
    ];
    documents.extend(sheets.into_iter().map(|(name, write)| (format!("{name}.xlsx"), workbook(|book| write(book)))));
    documents
}

/// Every way these digits could have been written somewhere.
fn traces(number: &str) -> Vec<Vec<u8>> {
    let mut traces: Vec<String> = vec![number.to_owned(), arabic(number)];
    for by in [" ", "-", "_", "&nbsp;", "\u{a0}", "\", \"", "\",\""] {
        traces.push(groups(number, by));
    }
    let mut bytes: Vec<Vec<u8>> = traces.into_iter().map(String::into_bytes).collect();
    bytes.push(number.encode_utf16().flat_map(u16::to_le_bytes).collect());
    bytes.extend((0..3).map(|from| base64(&number.as_bytes()[from..from + 12]).into_bytes()));
    bytes
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sign = |triple: u32, shift: u32| char::from(SIGNS[(triple >> shift) as usize & 63]);
    let triples = bytes.chunks_exact(3).map(|three| three.iter().fold(0, |all, byte| all << 8 | u32::from(*byte)));
    triples.flat_map(|triple| [18, 12, 6, 0].map(|shift| sign(triple, shift))).collect()
}

/// Where a trace is found, in the contents of files or in their names. What is kept to be erased in its time is left out:
/// the bytes received, in the blobs and in the archive, and how files are called inside a folder received as a whole.
fn found_under(root: &Path, traces: &[Vec<u8>]) -> Vec<String> {
    let holds = |bytes: &[u8]| traces.iter().any(|trace| bytes.windows(trace.len()).any(|window| window == trace));
    let mut found = Vec::new();
    let mut looked_at = 0;
    for entry in walkdir::WalkDir::new(root).into_iter().flatten() {
        let path = entry.path();
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        let below_a_claim = name.starts_with("var/archive/") && name.split('/').count() > 4;
        if holds(name.as_bytes()) && !below_a_claim {
            found.push(format!("name {name}"));
        }
        if entry.file_type().is_file() && !["var/blobs/", "var/archive/"].iter().any(|kept| name.starts_with(kept)) {
            looked_at += 1;
            let bytes: Vec<u8> =
                fs::read(path).expect("a file of ours").into_iter().filter(|b| !b"\r\n".contains(b)).collect();
            if holds(&bytes) {
                found.push(name);
            }
        }
    }
    assert!(looked_at > 50, "{looked_at} files");
    found
}

fn answers(root: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(root.join("inbox")).into_iter().flatten().map(walkdir::DirEntry::into_path);
    files.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect()
}

#[test]
fn no_card_number_is_ever_shown_and_the_bank_is_told_of_each() {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("installation");
    assert!(guichet(&["init", text(&root), "--bank", "08"]).status.success());
    let toml = fs::read_to_string(root.join("guichet.toml")).unwrap();
    let toml = toml
        .replace("quiet = \"2s\"", "quiet = \"100ms\"")
        .replace("mailboxes = []", "mailboxes = [\"b@banque.example\"]");
    fs::write(root.join("guichet.toml"), toml.replace("operations = []", "operations = [\"o@smt.example\"]")).unwrap();
    let inbox = fs::read_dir(root.join("inbox")).unwrap().flatten().map(|entry| entry.path());
    let inbox = inbox.into_iter().find(|path| path.is_dir()).expect("the bank's folder");

    let number = card("4", 16);
    let dropped = documents(&number);
    for (name, bytes) in &dropped {
        fs::write(inbox.join(name), bytes).unwrap();
    }
    let folder = inbox.join(format!("dossier {number}"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(format!("{}.pdf", groups(&number, " "))), form("Raison sociale : Dernier exemple")).unwrap();

    let scan = std::process::Command::new(env!("CARGO_BIN_EXE_guichet"))
        .args(["scan", "--config", text(&root)])
        .env("GUICHET_LOG", "trace")
        .output()
        .expect("the program was built for this test");
    assert!(scan.status.success(), "{}", String::from_utf8_lossy(&scan.stderr));
    fs::write(root.join("var/scan.log"), [scan.stdout, scan.stderr].concat()).unwrap();
    for (command, name) in [("status", "status.json"), ("verify", "verify.json")] {
        let said = guichet(&[command, "--json", "--config", text(&root)]);
        fs::write(root.join("var").join(name), [said.stdout, said.stderr].concat()).unwrap();
    }
    // Beside the installation, to be looked at from the command line, whose own arguments are the caller's to see.
    let beside = scratch.path().join("beside");
    fs::create_dir(&beside).unwrap();
    for (at, (name, bytes)) in dropped.iter().enumerate() {
        let ending = Path::new(name).extension().unwrap_or_default().to_string_lossy();
        fs::write(beside.join(format!("{at}.{ending}")), bytes).unwrap();
    }
    let read = guichet(&["read", "--json", text(&beside)]);
    assert_eq!(read.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), dropped.len());
    fs::write(root.join("var/read.log"), [read.stdout, read.stderr].concat()).unwrap();
    for at in [0, 5, 10, 14, 15, 17] {
        let path = fs::read_dir(&beside).unwrap().flatten().map(|entry| entry.path());
        let path = path.into_iter().find(|path| path.file_stem().is_some_and(|stem| *stem == *at.to_string())).unwrap();
        let seen = guichet(&["inspect", "--json", text(&path)]);
        fs::write(root.join(format!("var/inspect.{at}")), [seen.stdout, seen.stderr].concat()).unwrap();
    }

    let told = answers(&root);
    assert_eq!(told.len(), dropped.len() + 1, "{told:#?}");
    for path in told {
        let answer: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(answer["verdict"]["code"], "card_number", "{}: {answer:#}", path.display());
    }
    for number in [number, card("37", 15), card("4", 19)] {
        let found = found_under(&root, &traces(&number));
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let number = card("4", 16);
    let letter = base64(format!("x{number}yz").as_bytes());
    for text in [format!("a {number} b"), groups(&number, " "), groups(&number, "-"), letter, arabic(&number)] {
        let found = traces(&number).iter().any(|trace| text.as_bytes().windows(trace.len()).any(|part| part == trace));
        assert!(found, "a trace is missed");
    }
}
