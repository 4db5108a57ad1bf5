//! A document: a file received from a bank, known by the hash of its bytes and never by its name.
//!
//! Why a hash and not the name: merchants send `formulaire.pdf` every time.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::field::Extraction;
use super::finding::Finding;

/// Identity of a received document: the claim's id, born when the file was claimed from the inbox (UUID version 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub uuid::Uuid);

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.simple())
    }
}

/// What a document, or one part of it, turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Adhesion,
    FicheTechnique,
    /// Both forms in one file.
    Both,
    /// The filled grid of tests.
    GrilleTests,
    /// One of the forms, not filled in.
    Blank,
    /// No form of ours.
    Other,
}

impl Kind {
    /// Kinds that a schema describes; the others are what is made of these.
    pub const FORMS: [Self; 3] = [Self::Adhesion, Self::FicheTechnique, Self::GrilleTests];

    /// As schemas, reports and the store spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adhesion => "adhesion",
            Self::FicheTechnique => "fiche_technique",
            Self::Both => "both",
            Self::GrilleTests => "grille_tests",
            Self::Blank => "blank",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the bytes are, whatever the extension says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Pdf,
    Xlsx,
    Xlsb,
    Xls,
    Ods,
    Zip,
    Jpeg,
    Png,
    Tiff,
    Unknown,
}

/// SHA-256 of a document's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Hashes bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest;
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// Wraps a digest that was computed while streaming.
    #[must_use]
    pub fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Reads 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 64 {
            return None;
        }
        let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let mut digest = [0; 32];
        for (slot, pair) in digest.iter_mut().zip(bytes.chunks_exact(2)) {
            *slot = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(digest))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Sha256 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("64 hexadecimal digits expected"))
    }
}

/// What reading a document gave: the answer of the `extraction` room, and of the child process that holds it.
///
/// Never an error: a file that cannot be read has `kind` other, no extraction, and a finding that says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    pub format: Format,
    pub kind: Kind,
    /// One per form found; several for a merged PDF, a workbook or a ZIP holding both.
    pub extractions: Vec<Extraction>,
    /// What is wrong with the file as such: damaged, password, needs OCR, hidden sheet ignored, card number found, …
    pub findings: Vec<Finding>,
}
