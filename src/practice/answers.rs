//! Writes an acknowledgement file (ACR) in fixed width, as Monétique-Tunisie or a bank would send it.

use jiff::civil::DateTime;

use super::reader::File;
use crate::domain::declaration::FileType;

/// What is answered about one merchant (or one user).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    Accepted { affiliation: String, terminal: String, login: String },
    Rejected { reason: &'static str, label: &'static str },
}

/// Name, number and date of an acknowledgement.
#[derive(Debug, Clone)]
pub(super) struct Stamp<'a> {
    pub sequence: u32,
    pub at: DateTime,
    /// Name of the file answered.
    pub answers: &'a str,
}

/// One line being filled; positions are counted from 1.
struct Line(Vec<u8>);

impl Line {
    fn new(code: &str, number: usize, file: &File, at: DateTime, reference: &str) -> Self {
        let mut line = Self(vec![b' '; 500]);
        line.0[499] = b'X';
        line.put(1, code);
        line.put(3, &format!("{number:06}"));
        line.put(9, "01");
        line.put(11, &at.strftime("%d%m%Y").to_string());
        line.put(19, &file.bank);
        line.put(34, reference);
        line
    }

    fn put(&mut self, at: usize, text: &str) {
        let text = text.as_bytes();
        self.0[at - 1..at - 1 + text.len()].copy_from_slice(text);
    }
}

/// The acknowledgement of a file, one verdict per record it is about (by record number).
pub(super) fn acknowledgement(file: &File, stamp: &Stamp<'_>, verdicts: &[(String, String, Verdict)]) -> Vec<u8> {
    let now = stamp.at.strftime("%d%m%Y%H%M%S").to_string();
    let rejected = verdicts.iter().filter(|(_, _, verdict)| matches!(verdict, Verdict::Rejected { .. })).count();
    let accepted = verdicts.len() - rejected;
    let status = match (accepted, rejected) {
        (_, 0) => "ACCP",
        (0, _) => "RJCT",
        _ => "PART",
    };
    let mut number = 0;
    let mut open = |code: &str, reference: &str| {
        number += 1;
        Line::new(code, number, file, stamp.at, reference)
    };

    let mut header = open("01", "");
    header.put(46, "ACR001");
    // The environment of the declaration: test, or production.
    let environment = if file.file_type == FileType::Dts { 'T' } else { 'P' };
    header.put(52, &format!("{:06}{now}00000222222{environment}", stamp.sequence));
    header.put(84, "MONETIQUE EXERCICE");
    let mut whole = open("50", "");
    whole.put(46, stamp.answers);
    whole.put(86, &format!("{:06}{status}    ", file.sequence));
    whole.put(100, &format!("{:06}{accepted:06}{rejected:06}{:010}", verdicts.len(), file.total));
    let mut all = vec![header, whole];
    for (answered, reference, verdict) in verdicts {
        let mut line = open("60", reference);
        line.put(46, answered);
        match verdict {
            Verdict::Accepted { affiliation, terminal, login } => {
                line.put(52, "ACCP");
                line.put(60, affiliation);
                line.put(70, terminal);
                line.put(78, login);
            }
            Verdict::Rejected { reason, label } => {
                line.put(52, "RJCT");
                line.put(56, reason);
                line.put(112, label);
            }
        }
        line.put(98, &now);
        all.push(line);
    }
    let mut end = open("99", "");
    end.put(46, &format!("{:06}{:06}{:010}", all.len() + 1, verdicts.len(), 0));
    all.push(end);
    let mut bytes = Vec::with_capacity(all.len() * 502);
    for line in all {
        bytes.extend_from_slice(&line.0);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}
