//! The three things that XML parts of documents are made of, without names of namespaces: an element opens, text, it closes.
//!
//! Entities are the five of XML and character references; a document that declares its own gets them dropped, so that
//! nothing expands.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// The XML ends before its last element, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("broken XML")]
pub(super) struct Broken;

/// One step through an XML part. Empty elements open and close.
#[derive(Debug)]
pub(super) enum Node<'a> {
    Open(Element<'a>),
    Text(Cow<'a, str>),
    Close(String),
}

/// An element with its attributes.
#[derive(Debug)]
pub(super) struct Element<'a>(BytesStart<'a>);

impl Element<'_> {
    /// The name without its prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The value of an attribute by its name without prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let found = self.0.attributes().with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name)?;
        found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
    }
}

/// Walks one XML part.
pub(super) struct Xml<'a> {
    reader: quick_xml::Reader<&'a [u8]>,
}

/// The characters of an XML part: UTF-8, or UTF-16 with its mark.
pub(super) fn characters(bytes: &[u8]) -> Cow<'_, str> {
    let units = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match bytes {
        [0xFE, 0xFF, ..] => units(u16::from_be_bytes),
        [0xFF, 0xFE, ..] => units(u16::from_le_bytes),
        _ => String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)),
    }
}

impl<'a> Xml<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = quick_xml::Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        // Drawings of old programs hold HTML that is not closed.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        Self { reader }
    }

    /// The next step; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Node<'a>>, Broken> {
        loop {
            return Ok(Some(match self.reader.read_event().map_err(|_| Broken)? {
                Event::Start(start) => Node::Open(Element(start)),
                Event::End(end) => Node::Close(end.local_name().into_inner().to_owned()),
                Event::Text(text) => Node::Text(text.xml10_content().into_owned().into()),
                Event::CData(text) => Node::Text(text.into_inner()),
                Event::GeneralRef(entity) => {
                    let text = match entity.resolve_char_ref() {
                        Ok(Some(c)) => c.to_string(),
                        _ => resolve_predefined_entity(&entity.into_inner()).unwrap_or_default().to_owned(),
                    };
                    Node::Text(text.into())
                }
                Event::Eof => return Ok(None),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_texts_and_ends() {
        let mut xml = Xml::new("<a:b c:d='1 &amp; 2'/><e>&#233;&lt;<![CDATA[<x>]]></e>");
        let mut seen = String::new();
        while let Some(node) = xml.next().unwrap() {
            match node {
                Node::Open(e) => seen.extend(["(", e.name(), &e.attribute("d").unwrap_or_default(), ")"]),
                Node::Text(text) => seen += &text,
                Node::Close(name) => seen.extend(["/", &name]),
            }
        }
        assert_eq!(seen, "(b1 & 2)/b(e)é<<x>/e");
    }

    #[test]
    fn declared_entities_expand_to_nothing() {
        let mut xml = Xml::new("<!DOCTYPE a [<!ENTITY b 'long'>]><a>&b;</a>");
        let mut text = String::new();
        while let Some(node) = xml.next().unwrap() {
            if let Node::Text(part) = node {
                text += &part;
            }
        }
        assert_eq!(text, "");
    }
}
