//! The package of an XLSX: its parts, and how they refer to one another.

use std::collections::HashMap;

use super::super::packed::{Packed, Purse};
use super::super::refusal::Refusal;
use super::super::xml::{Broken, Node, Xml, characters};

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Self {
        Self::damaged(broken)
    }
}

/// The parts of the file and how they refer to one another.
pub(super) struct Package<'a> {
    packed: Packed<'a>,
}

/// A relation of one part to another.
#[derive(Debug)]
pub(super) struct Relation {
    /// Last word of its type: `worksheet`, `comments`, `vmlDrawing`, `ctrlProp`.
    pub(super) kind: String,
    /// Path in the package.
    pub(super) target: String,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], purse: &'a Purse) -> Result<Self, Refusal> {
        Ok(Self { packed: Packed::open(bytes, purse)? })
    }

    pub(super) fn text(&mut self, path: &str) -> Result<Option<String>, Refusal> {
        Ok(self.bytes(path)?.map(text_of))
    }

    pub(super) fn bytes(&mut self, path: &str) -> Result<Option<Vec<u8>>, Refusal> {
        self.packed.part(path)
    }

    /// The part that lists the sheets; nearly every program puts it in the same place.
    pub(super) fn main(&mut self) -> Result<String, Refusal> {
        const USUAL: &str = "xl/workbook.xml";
        let relations = self.relations("")?;
        let named = relations.into_values().find(|relation| relation.kind == "officeDocument");
        Ok(named.map_or_else(|| USUAL.to_owned(), |relation| relation.target))
    }

    /// What a part refers to, by id.
    pub(super) fn relations(&mut self, part: &str) -> Result<HashMap<String, Relation>, Refusal> {
        let (folder, name) = part.rsplit_once('/').map_or(("", part), |(folder, name)| (folder, name));
        let beside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let Some(xml) = self.text(&format!("{beside}_rels/{name}.rels"))? else { return Ok(HashMap::new()) };
        let mut relations = HashMap::new();
        let mut xml = Xml::new(&xml);
        while let Some(node) = xml.next()? {
            let Node::Open(element) = node else { continue };
            let (Some(id), Some(kind), Some(target)) =
                (element.attribute("Id"), element.attribute("Type"), element.attribute("Target"))
            else {
                continue;
            };
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            relations.insert(id, Relation { kind, target: resolved(folder, &target) });
        }
        Ok(relations)
    }
}

/// The characters of a part, in the memory it lies in where that is UTF-8.
fn text_of(bytes: Vec<u8>) -> String {
    match bytes.first() {
        Some(b'<') => String::from_utf8(bytes).unwrap_or_else(|e| characters(e.as_bytes()).into_owned()),
        _ => characters(&bytes).into_owned(),
    }
}

/// A target relative to its part's folder, or absolute.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}
