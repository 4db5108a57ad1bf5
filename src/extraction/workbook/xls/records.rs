//! The records that a BIFF8 stream is made of (MS-XLS), and the strings in them.
//!
//! Lengths are what the file says they are: everything is looked up, nothing is indexed.

/// One record with those that continue it.
pub(super) struct Record<'a> {
    pub(super) kind: u16,
    pub(super) data: &'a [u8],
    pub(super) more: Vec<&'a [u8]>,
}

/// Continues the record before it.
const CONTINUE: u16 = 0x003C;

/// Walks through records from a place in a stream.
pub(super) struct Records<'a> {
    rest: &'a [u8],
    /// The stream breaks off within a record.
    pub(super) cut: bool,
}

impl<'a> Records<'a> {
    pub(super) fn from(stream: &'a [u8], place: usize) -> Self {
        Self { rest: stream.get(place..).unwrap_or_default(), cut: false }
    }

    fn one(&mut self) -> Option<(u16, &'a [u8])> {
        let (kind, length) = (u16_at(self.rest, 0)?, usize::from(u16_at(self.rest, 2)?));
        let Some(data) = self.rest.get(4..4 + length) else {
            self.cut = true;
            return None;
        };
        self.rest = &self.rest[4 + length..];
        Some((kind, data))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let (kind, data) = self.one()?;
        let mut more = Vec::new();
        while u16_at(self.rest, 0) == Some(CONTINUE) {
            let Some((_, data)) = self.one() else { break };
            more.push(data);
        }
        Some(Record { kind, data, more })
    }
}

pub(super) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?))
}

pub(super) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

pub(super) fn f64_at(data: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(data.get(at..at + 8)?.try_into().ok()?))
}

/// Reads strings that may run on into continuing records.
pub(super) struct Text<'a> {
    parts: Vec<&'a [u8]>,
    part: usize,
    at: usize,
}

impl<'a> Text<'a> {
    pub(super) fn of(record: &Record<'a>) -> Self {
        let parts = std::iter::once(record.data).chain(record.more.iter().copied()).collect();
        Self { parts, part: 0, at: 0 }
    }

    pub(super) fn within(data: &'a [u8]) -> Self {
        Self { parts: vec![data], part: 0, at: 0 }
    }

    fn byte(&mut self) -> Option<u8> {
        loop {
            let part = self.parts.get(self.part)?;
            if let Some(byte) = part.get(self.at) {
                self.at += 1;
                return Some(*byte);
            }
            (self.part, self.at) = (self.part + 1, 0);
        }
    }

    pub(super) fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    pub(super) fn long(&mut self) -> Option<u32> {
        Some(u32::from(self.short()?) | u32::from(self.short()?) << 16)
    }

    pub(super) fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            let left = self.parts.get(self.part)?.len() - self.at;
            if left >= count {
                self.at += count;
                return Some(());
            }
            count -= left;
            (self.part, self.at) = (self.part + 1, 0);
        }
        Some(())
    }

    /// A string with a length of two bytes: flags, characters, what is told of their type and sound.
    pub(super) fn string(&mut self) -> Option<String> {
        let length = usize::from(self.short()?);
        self.characters(length)
    }

    /// A string with a length of one byte.
    pub(super) fn short_string(&mut self) -> Option<String> {
        let length = usize::from(self.byte()?);
        self.characters(length)
    }

    fn characters(&mut self, length: usize) -> Option<String> {
        const RICH: u8 = 8;
        const EXTENDED: u8 = 4;
        let flags = self.byte()?;
        let runs = if flags & RICH != 0 { usize::from(self.short()?) } else { 0 };
        let extension = if flags & EXTENDED != 0 { usize::try_from(self.long()?).ok()? } else { 0 };
        let text = self.units(length, flags)?;
        self.skip(runs * 4)?;
        self.skip(extension)?;
        Some(text)
    }

    /// Characters whose width is told first, and nothing else.
    pub(super) fn plain(&mut self, length: usize) -> Option<String> {
        let flags = self.byte()?;
        self.units(length, flags)
    }

    /// What has not been read of the part at hand.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.parts.get(self.part).and_then(|part| part.get(self.at..)).unwrap_or_default()
    }

    /// Characters of one or two bytes; where a record continues within them, their width is told anew.
    fn units(&mut self, length: usize, flags: u8) -> Option<String> {
        let mut wide = flags & 1 != 0;
        let mut units: Vec<u16> = Vec::with_capacity(length.min(4096));
        while units.len() < length {
            if self.at >= self.parts.get(self.part)?.len() {
                (self.part, self.at) = (self.part + 1, 0);
                wide = self.byte()? & 1 != 0;
                continue;
            }
            units.push(if wide { self.short()? } else { u16::from(self.byte()?) });
        }
        Some(String::from_utf16_lossy(&units))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_run_on_into_the_next_record() {
        let record = Record { kind: 0, data: b"\x04\x00\x00Sf", more: vec![b"\x01a\x00x\x00\x02\x00\x00OK"] };
        let mut text = Text::of(&record);
        assert_eq!(text.string().as_deref(), Some("Sfax"));
        assert_eq!(text.string().as_deref(), Some("OK"));
        assert_eq!(text.string(), None);
    }

    #[test]
    fn a_record_that_breaks_off_is_known() {
        let stream = [0x09, 0x08, 2, 0, 0, 6, 0x3C, 0, 1, 0, 7, 0x0A, 0, 9, 0];
        let mut records = Records::from(&stream, 0);
        let first = records.next().unwrap();
        assert_eq!((first.kind, first.data, first.more), (0x0809, &[0, 6][..], vec![&[7][..]]));
        assert!(records.next().is_none() && records.cut);
    }
}
