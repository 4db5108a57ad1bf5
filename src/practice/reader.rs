//! Reads a declaration file as its receiver would: from the format's description alone.
//!
//! Shares nothing with the code that writes declarations, so that a fault there is seen here. Positions are those of the
//! format, counted from 1.

use crate::domain::declaration::FileType;

const LENGTH: usize = 500;

/// A declaration file that holds together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct File {
    pub file_type: FileType,
    pub sequence: u32,
    pub bank: String,
    pub total: u64,
    pub records: Vec<Record>,
}

/// One record of 500 characters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    text: String,
}

/// Why a file is refused as a whole: the reason code of the format and a sentence.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused {
    pub reason: &'static str,
    pub text: String,
}

impl Refused {
    fn new(reason: &'static str, text: impl Into<String>) -> Self {
        Self { reason, text: text.into() }
    }
}

impl Record {
    /// Characters `from` to `to`, counted from 1, both included, without the spaces around.
    pub(super) fn zone(&self, from: usize, to: usize) -> &str {
        self.text[from - 1..to].trim()
    }

    pub(super) fn code(&self) -> &str {
        &self.text[..2]
    }

    pub(super) fn number(&self) -> &str {
        &self.text[2..8]
    }

    /// `reference_dossier`.
    pub(super) fn reference(&self) -> &str {
        self.zone(34, 45)
    }
}

/// Reads and checks a whole file: lengths, end marks, numbering, counts, control total.
pub(super) fn read(bytes: &[u8]) -> Result<File, Refused> {
    if !bytes.is_ascii() {
        return Err(Refused::new("F001", "un caractère n'est pas de l'ASCII"));
    }
    let text = String::from_utf8_lossy(bytes);
    let mut records = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.len() != LENGTH || !line.ends_with('X') {
            return Err(Refused::new("F001", format!("enregistrement {} : {} caractères", at + 1, line.len())));
        }
        let record = Record { text: line.to_owned() };
        if record.number().parse() != Ok(at + 1) {
            return Err(Refused::new("F005", format!("enregistrement {} : numéro {}", at + 1, record.number())));
        }
        records.push(record);
    }
    let (Some(first), Some(last)) = (records.first(), records.last()) else {
        return Err(Refused::new("F002", "fichier vide"));
    };
    if first.code() != "01" || last.code() != "99" || records.len() < 3 {
        return Err(Refused::new("F002", "en-tête ou fin absents"));
    }
    let file_type = match first.zone(46, 48) {
        "DTS" => FileType::Dts,
        "DPR" => FileType::Dpr,
        "SPS" => FileType::Sps,
        "UTI" => FileType::Uti,
        other => return Err(Refused::new("F007", format!("type {other}"))),
    };
    let number =
        |text: &str| text.parse::<u64>().map_err(|_| Refused::new("F005", format!("nombre illisible : {text:?}")));
    if number(last.zone(46, 51))? != records.len() as u64 {
        return Err(Refused::new("F005", "nombre d'enregistrements faux"));
    }
    let counted = if file_type == FileType::Uti { "40" } else { "10" };
    let parties = records.iter().filter(|record| record.code() == counted).count();
    if number(last.zone(52, 57))? != parties as u64 {
        return Err(Refused::new("F005", "nombre de commerçants ou d'utilisateurs faux"));
    }
    let total = control_total(&records);
    if number(last.zone(58, 67))? != total {
        return Err(Refused::new("F006", format!("total de contrôle : {total} attendu")));
    }
    let sequence = number(first.zone(52, 57))?;
    let bank = first.zone(19, 23).to_owned();
    Ok(File { file_type, sequence: u32::try_from(sequence).unwrap_or(0), bank, total, records })
}

/// Sum of the tax numbers of records 10 (else of the account's digits) and of the order numbers of records 40, ten digits.
fn control_total(records: &[Record]) -> u64 {
    let part = |record: &Record| -> u64 {
        match record.code() {
            "10" => match record.zone(47, 53).parse() {
                Ok(serial) => serial,
                Err(_) => record.zone(366, 383).parse::<u64>().unwrap_or(0) % 10_000_000,
            },
            "40" => record.zone(46, 47).parse().unwrap_or(0),
            _ => 0,
        }
    };
    records.iter().map(part).sum::<u64>() % 10_000_000_000
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A record with texts at positions counted from 1.
    pub(crate) fn record(code: &str, number: usize, zones: &[(usize, &str)]) -> String {
        let mut line = format!("{code}{number:06}");
        line.push_str(&" ".repeat(LENGTH - 1 - line.len()));
        line.push('X');
        for (at, text) in zones {
            line.replace_range(at - 1..at - 1 + text.len(), text);
        }
        line
    }

    pub(crate) fn a_file() -> String {
        let records = [
            record("01", 1, &[(19, "00008"), (46, "DTS001000007")]),
            record("10", 2, &[(34, "D26-000001"), (47, "1224427TAM000")]),
            record("21", 3, &[(46, "01https://essai.tn")]),
            record("99", 4, &[(46, "000004000001"), (58, "0001224427")]),
        ];
        records.join("\r\n") + "\r\n"
    }

    #[test]
    fn a_whole_file_is_read() {
        let file = read(a_file().as_bytes()).unwrap();
        assert_eq!((file.file_type, file.sequence, file.bank.as_str()), (FileType::Dts, 7, "00008"));
        assert_eq!(file.records[1].reference(), "D26-000001");
    }

    #[test]
    fn each_fault_has_its_reason() {
        let reason = |text: String| read(text.as_bytes()).unwrap_err().reason;
        assert_eq!(reason(a_file().replace("000004000001", "000005000001")), "F005");
        assert_eq!(reason(a_file().replace("0001224427", "0001224428")), "F006");
        assert_eq!(reason(a_file().replace("DTS001", "ZZZ001")), "F007");
        assert_eq!(reason(a_file().replace("essai.tn ", "essai.tn")), "F001");
        assert_eq!(reason(String::new()), "F002");
    }
}
