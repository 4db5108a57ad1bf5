//! A reader of the declaration format of its own, written from the document and sharing nothing with what writes the files.
//!
//! Strict: what it does not refuse is exactly what the document describes.

/// A zone: first and last character counted from 1, and its type.
type Zone = (usize, usize, char);

const PREFIX: [Zone; 7] =
    [(1, 2, 'N'), (3, 8, 'N'), (9, 10, 'N'), (11, 18, 'D'), (19, 23, 'N'), (24, 33, 'A'), (34, 45, 'A')];

/// Zones after the prefix; the rest up to 499 is spaces.
fn zones(code: &str) -> Option<&'static [Zone]> {
    Some(match code {
        "01" => &[
            (46, 48, 'A'),
            (49, 51, 'N'),
            (52, 57, 'N'),
            (58, 71, 'N'),
            (72, 76, 'N'),
            (77, 82, 'N'),
            (83, 83, 'A'),
            (84, 123, 'A'),
        ],
        "10" => &[
            (46, 46, 'A'),
            (47, 59, 'A'),
            (60, 67, 'A'),
            (68, 107, 'A'),
            (108, 132, 'A'),
            (133, 136, 'A'),
            (137, 140, 'N'),
            (141, 148, 'A'),
            (149, 220, 'A'),
            (221, 224, 'N'),
            (225, 264, 'A'),
            (265, 266, 'N'),
            (267, 269, 'N'),
            (270, 285, 'A'),
            (286, 365, 'A'),
            (366, 385, 'N'),
            (386, 425, 'A'),
            (426, 440, 'A'),
            (441, 448, 'D'),
        ],
        "20" => &[
            (46, 48, 'A'),
            (49, 68, 'A'),
            (69, 69, 'A'),
            (70, 70, 'A'),
            (71, 74, 'A'),
            (75, 78, 'A'),
            (79, 96, 'N'),
            (97, 102, 'A'),
            (103, 182, 'A'),
            (183, 222, 'A'),
            (223, 302, 'A'),
            (303, 318, 'A'),
            (319, 474, 'A'),
        ],
        "21" => &[(46, 47, 'N'), (48, 302, 'A')],
        "30" => &[
            (46, 53, 'A'),
            (54, 57, 'N'),
            (58, 60, 'N'),
            (61, 80, 'N'),
            (81, 92, 'N'),
            (93, 104, 'N'),
            (105, 109, 'N'),
            (110, 114, 'N'),
            (115, 122, 'D'),
            (123, 130, 'D'),
            (131, 142, 'A'),
            (143, 143, 'A'),
        ],
        "40" => &[
            (46, 47, 'N'),
            (48, 49, 'A'),
            (50, 79, 'A'),
            (80, 109, 'A'),
            (110, 189, 'A'),
            (190, 205, 'A'),
            (206, 225, 'A'),
            (226, 227, 'A'),
            (228, 235, 'D'),
            (236, 243, 'D'),
        ],
        "99" => &[(46, 51, 'N'), (52, 57, 'N'), (58, 67, 'N')],
        _ => return None,
    })
}

/// One record as its receiver sees it: 500 characters, positions counted from 1.
#[derive(Debug, Clone)]
pub(crate) struct Record(String);

impl Record {
    /// A zone without the spaces that fill it.
    pub(crate) fn zone(&self, from: usize, to: usize) -> &str {
        self.0[from - 1..to].trim_end()
    }

    pub(crate) fn number(&self, from: usize, to: usize) -> u64 {
        self.0[from - 1..to].parse().unwrap_or_else(|_| panic!("{:?} is no number", &self.0[from - 1..to]))
    }

    pub(crate) fn code(&self) -> &str {
        &self.0[..2]
    }

    pub(crate) fn reference(&self) -> &str {
        self.zone(34, 45)
    }
}

/// Takes a file apart and checks all that the document asks of any file; the first fault, in words.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Vec<Record>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not text")?;
    let body = text.strip_suffix("\r\n").ok_or("the last record is not ended")?;
    let records: Vec<Record> = body.split("\r\n").map(|line| Record(line.to_owned())).collect();
    for (at, record) in records.iter().enumerate() {
        check_record(record).map_err(|fault| format!("record {}: {fault}", at + 1))?;
        if record.number(3, 8) != at as u64 + 1 {
            return Err(format!("record {}: numbered {}", at + 1, record.zone(3, 8)));
        }
    }
    let (first, last) = (&records[0], &records[records.len() - 1]);
    if (first.code(), last.code()) != ("01", "99") {
        return Err("no header or no end".into());
    }
    let date = first.zone(11, 18);
    let named = format!(
        "{}{}.{}{}{}.{}",
        first.zone(46, 48),
        first.zone(19, 23),
        &date[4..],
        &date[2..4],
        &date[..2],
        first.zone(52, 57)
    );
    if named != name {
        return Err(format!("the header is that of {named}"));
    }
    if first.zone(83, 83) != if first.zone(46, 48) == "DTS" { "T" } else { "P" } {
        return Err("wrong environment".into());
    }
    check_order(&records)?;
    check_totals(&records)?;
    Ok(records)
}

fn check_record(record: &Record) -> Result<(), String> {
    let text = &record.0;
    if text.len() != 500 || !text.bytes().all(|b| (b' '..=b'~').contains(&b)) || !text.ends_with('X') {
        return Err(format!("{} characters, or not US-ASCII, or no X at its end", text.chars().count()));
    }
    let own = zones(record.code()).ok_or("unknown code")?;
    let mut next = 1;
    for (from, to, kind) in PREFIX.iter().chain(own).copied() {
        if from != next {
            return Err(format!("the document leaves a hole before {from}"));
        }
        next = to + 1;
        let zone = &text[from - 1..to];
        let sound = match kind {
            'N' => zone.bytes().all(|b| b.is_ascii_digit()),
            'D' => zone == "00000000" || jiff::civil::Date::strptime("%d%m%Y", zone).is_ok(),
            // Left, filled with spaces: blank, or it begins with its first letter.
            _ => zone.trim().is_empty() || !zone.starts_with(' '),
        };
        if !sound {
            return Err(format!("zone {from}-{to} ({kind}) holds {zone:?}"));
        }
    }
    if text[next - 1..499].bytes().any(|b| b != b' ') {
        return Err(format!("the reserve from {next} is not blank"));
    }
    Ok(())
}

/// 01, then per merchant what its type asks for, then 99.
fn check_order(records: &[Record]) -> Result<(), String> {
    let file_type = records[0].zone(46, 48);
    let mut rest: &[Record] = &records[1..records.len() - 1];
    if rest.is_empty() {
        return Err("nobody is declared".into());
    }
    while let Some(first) = rest.first() {
        let whose = first.reference().to_owned();
        let mine = rest.iter().take_while(|record| record.reference() == whose).count();
        let codes: Vec<&str> = rest[..mine].iter().map(Record::code).collect();
        let urls = codes.len().saturating_sub(2);
        let fits = match file_type {
            "DTS" | "SPS" => {
                codes.starts_with(&["10", "20"]) && urls > 0 && codes[2..].iter().all(|code| *code == "21")
            }
            "DPR" => codes == ["10", "30"],
            "UTI" => codes.iter().all(|code| *code == "40"),
            other => return Err(format!("no such type: {other}")),
        };
        if !fits {
            return Err(format!("{whose}: records {codes:?} in a {file_type}"));
        }
        if rest[..mine].iter().any(|record| record.zone(9, 10) != first.zone(9, 10)) {
            return Err(format!("{whose}: two operations"));
        }
        rest = &rest[mine..];
        if rest.iter().any(|record| record.reference() == whose) {
            return Err(format!("{whose} stands twice"));
        }
    }
    Ok(())
}

fn check_totals(records: &[Record]) -> Result<(), String> {
    let last = &records[records.len() - 1];
    let of = |code: &str| records.iter().filter(|record| record.code() == code).collect::<Vec<_>>();
    let (merchants, users) = (of("10"), of("40"));
    let parties = (merchants.len() + users.len()) as u64;
    let serial = |record: &&Record| match record.zone(47, 53) {
        "" => record.number(366, 383) % 10_000_000,
        _ => record.number(47, 53),
    };
    let total = merchants.iter().map(serial).sum::<u64>() + users.iter().map(|user| user.number(46, 47)).sum::<u64>();
    let told = (last.number(46, 51), last.number(52, 57), last.number(58, 67));
    let found = (records.len() as u64, parties, total % 10_000_000_000);
    if told == found { Ok(()) } else { Err(format!("the end says {told:?}, the records {found:?}")) }
}
