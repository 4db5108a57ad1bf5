//! ZIP files that inflate without end, nest, overlap, climb out of their folder or lie in their directory.

use super::Hostile;
use super::pdf::{drawing, text};
use super::zip::{Member, overlapping, zip, zip_with};

pub fn files() -> Vec<Hostile> {
    let mut files = bombs();
    files.extend(lies());
    files.extend(names());
    files
}

fn hostile(name: &str, bytes: Vec<u8>) -> Hostile {
    Hostile::new("archives", name, bytes)
}

fn form() -> Vec<u8> {
    drawing(text("Raison sociale : Exemple"), "").finish("")
}

fn bombs() -> Vec<Hostile> {
    let nested = |depth: usize, width: usize| {
        (0..depth).fold(zip(&[Member::new("formulaire.pdf", form())]), |inner, level| {
            let members: Vec<Member> = (0..width).map(|n| Member::new(format!("{level}-{n}.zip"), &inner)).collect();
            zip(&members)
        })
    };
    let heavy = zip(&[Member::blanks("0.pdf", 200)]);
    let heavies: Vec<Member> = (0..100).map(|n| Member::new(format!("{n}.zip"), &heavy)).collect();
    let many: Vec<Member> = (0..65_000).map(|n| Member::new(format!("{n}.pdf"), b"")).collect();
    let forms: Vec<Member> = (0..900).map(|n| Member::new(format!("{n}.pdf"), form())).collect();
    vec![
        hostile("a gigabyte of blanks", zip(&[Member::blanks("formulaire.pdf", 1024)])),
        hostile("twenty members of 200 megabytes", zip(&vec![Member::blanks("formulaire.pdf", 200); 20])),
        hostile("a ZIP in a ZIP, fifty deep", nested(50, 1)),
        hostile("ten ZIPs in each of ten, four deep", nested(4, 10)),
        hostile("a hundred ZIPs of 200 megabytes", zip(&heavies)),
        hostile("65000 members", zip(&many)),
        hostile("900 forms", zip(&forms)),
        hostile("one member named 5000 times", overlapping(&Member::blanks("formulaire.pdf", 60), 5000)),
        hostile("one form named 60000 times", overlapping(&Member::new("formulaire.pdf", form()), 60_000)),
    ]
}

fn lies() -> Vec<Hostile> {
    let member = Member::new("formulaire.pdf", form());
    let whole = zip(std::slice::from_ref(&member));
    let with = |name: &str, change: &dyn Fn(&mut Member)| {
        let mut changed = member.clone();
        change(&mut changed);
        hostile(name, zip(&[changed]))
    };
    let mut files = vec![
        with("a wrong sum", &|m| m.sum ^= 1),
        with("a declared size of nothing", &|m| m.size = 0),
        with("a declared size of four gigabytes", &|m| m.size = u32::MAX - 1),
        with("a packed size of four gigabytes", &|m| m.packed = u32::MAX - 1),
        with("sizes said to be elsewhere", &|m| (m.size, m.packed) = (u32::MAX, u32::MAX)),
        with("an unknown method", &|m| m.method = 99),
        with("stored, though deflated", &|m| m.method = 0),
        with("encrypted", &|m| m.flags = 1),
        with("data that is noise", &|m| {
            m.data.iter_mut().for_each(|byte| *byte = byte.wrapping_mul(77).wrapping_add(13));
        }),
        with("data cut in its middle", &|m| m.data.truncate(m.data.len() / 2)),
        with("a symbolic link", &|m| (m.attributes, m.data, m.method) = (0o120_777 << 16, b"/etc/passwd".to_vec(), 0)),
        with("a device", &|m| m.attributes = 0o060_666 << 16),
        hostile("a directory of 60000 for one member", zip_with(std::slice::from_ref(&member), |_, _| 60_000)),
        hostile("a directory of none for one member", zip_with(std::slice::from_ref(&member), |_, _| 0)),
        hostile("an empty ZIP", zip(&[])),
        hostile("folders only", zip(&[Member::new("a/", b""), Member::new("a/b/", b"")])),
        hostile("an end and nothing before it", whole[whole.len() - 22..].to_vec()),
        hostile("the same name twice", zip(&[member.clone(), member.clone()])),
        hostile("a ZIP after a megabyte of dirt", [vec![0u8; 1 << 20], whole.clone()].concat()),
        hostile("a ZIP that says it is split", [&b"PK\x07\x08"[..], &whole].concat()),
    ];
    files.extend(
        (1..=8).map(|part| hostile(&format!("a ZIP cut at {part}/9"), whole[..whole.len() * part / 9].to_vec())),
    );
    files
}

fn names() -> Vec<Hostile> {
    let names: [(&str, Vec<u8>); 14] = [
        ("a name that climbs", b"../../../../tmp/guichet-slip.pdf".to_vec()),
        ("a name from the root", b"/etc/cron.d/x.pdf".to_vec()),
        ("a name of Windows", b"..\\..\\C:\\Windows\\x.pdf".to_vec()),
        ("a name with a zero", b"formulaire.pdf\0.exe".to_vec()),
        ("a name that is no text", b"\xff\xfe\xc3\x28.pdf".to_vec()),
        ("a name with line ends", b"a\nb\r\n: c.pdf".to_vec()),
        ("a name that runs backwards", "formulaire\u{202e}fdp.exe".as_bytes().to_vec()),
        ("a name of 65535 bytes", vec![b'n'; 65_535]),
        ("a name of nothing", Vec::new()),
        ("a name that is an option", b"-rf --no-preserve-root.pdf".to_vec()),
        ("a name that is a device", b"CON.pdf".to_vec()),
        ("a name that is a page", b"<script>alert(1)</script>.pdf".to_vec()),
        ("a name that is a formula", b"=HYPERLINK(\"http://127.0.0.1\").pdf".to_vec()),
        ("a name of ten thousand folders", b"a/".repeat(10_000)),
    ];
    names.into_iter().map(|(says, name)| hostile(says, zip(&[Member::new(name, form())]))).collect()
}
