//! The frames that pass between the daemon and a child: a head of twelve bytes, then as many bytes as the head says.
//!
//! Why frames and not lines or end of file: each side knows, before it takes a byte, how much the other may send, and a
//! cut answer is never mistaken for a short one.

use std::io::{self, Read, Write};

/// `GCHT`, version, kind, two zero bytes, length in four bytes, least significant first.
pub const HEAD: usize = 12;
const MAGIC: [u8; 4] = *b"GCHT";
const VERSION: u8 = 1;

/// What a frame carries, and by that how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Child to daemon: the walls that stand, as JSON. Sent once they do, before anything is read.
    Ready,
    /// Daemon to child: the schemas of the forms, as JSON: pairs of name and text.
    Forms,
    /// Daemon to child: what to do with the document, as JSON.
    Task,
    /// Daemon to child: the document, as it came.
    Document,
    /// Child to daemon: the result, as JSON.
    Answer,
    /// Child to daemon, after an answer that announces it: the pixels of one page, a byte each.
    Picture,
}

impl Kind {
    /// Most bytes a frame of this kind may announce.
    #[must_use]
    pub fn ceiling(self) -> usize {
        match self {
            Self::Ready | Self::Task => 16 << 10,
            Self::Forms => 8 << 20,
            Self::Document => 256 << 20,
            Self::Answer => 16 << 20,
            Self::Picture => 64 << 20,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Ready),
            2 => Some(Self::Forms),
            3 => Some(Self::Task),
            4 => Some(Self::Document),
            5 => Some(Self::Answer),
            6 => Some(Self::Picture),
            _ => None,
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Ready => 1,
            Self::Forms => 2,
            Self::Task => 3,
            Self::Document => 4,
            Self::Answer => 5,
            Self::Picture => 6,
        }
    }
}

/// The first twelve bytes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub kind: Kind,
    pub length: usize,
}

/// What a side sent is no frame, or not the one expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("no frame: wrong magic, version or kind")]
    NoFrame,
    #[error("a frame of another kind was due")]
    OtherKind,
    #[error("the frame is longer than its kind allows")]
    TooLong,
    #[error("the frame does not carry what was announced")]
    OtherLength,
}

impl Head {
    /// The head of a frame that will carry `length` bytes.
    pub fn announce(kind: Kind, length: usize) -> Result<[u8; HEAD], Malformed> {
        let announced =
            u32::try_from(length).ok().filter(|_| length <= kind.ceiling()).ok_or(Malformed::TooLong)?.to_le_bytes();
        let mut head = [0; HEAD];
        head[..4].copy_from_slice(&MAGIC);
        head[4] = VERSION;
        head[5] = kind.byte();
        head[8..].copy_from_slice(&announced);
        Ok(head)
    }

    /// Understands a head, and refuses any but the kind that is due.
    pub fn parse(bytes: &[u8; HEAD], due: Kind) -> Result<Self, Malformed> {
        if bytes[..4] != MAGIC || bytes[4] != VERSION || bytes[6..8] != [0, 0] {
            return Err(Malformed::NoFrame);
        }
        let kind = Kind::from_byte(bytes[5]).ok_or(Malformed::NoFrame)?;
        if kind != due {
            return Err(Malformed::OtherKind);
        }
        let [.., a, b, c, d] = *bytes;
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).map_err(|_| Malformed::TooLong)?;
        if length > kind.ceiling() { Err(Malformed::TooLong) } else { Ok(Self { kind, length }) }
    }
}

/// Writes one frame.
pub fn write(to: &mut impl Write, kind: Kind, body: &[u8]) -> io::Result<()> {
    let head = Head::announce(kind, body.len()).map_err(io::Error::other)?;
    to.write_all(&head)?;
    to.write_all(body)?;
    to.flush()
}

/// Reads the frame that is due. Memory is asked for as bytes arrive, not as the head announces.
pub fn read(from: &mut impl Read, due: Kind) -> io::Result<Vec<u8>> {
    let mut head = [0; HEAD];
    from.read_exact(&mut head)?;
    let head = Head::parse(&head, due).map_err(io::Error::other)?;
    let mut body = Vec::new();
    let announced = u64::try_from(head.length).map_err(io::Error::other)?;
    from.take(announced).read_to_end(&mut body)?;
    if body.len() == head.length { Ok(body) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_was_sent() {
        let mut pipe = Vec::new();
        write(&mut pipe, Kind::Task, b"{}").unwrap();
        write(&mut pipe, Kind::Document, b"%PDF").unwrap();
        let mut pipe = pipe.as_slice();
        assert_eq!(read(&mut pipe, Kind::Task).unwrap(), b"{}");
        assert_eq!(read(&mut pipe, Kind::Document).unwrap(), b"%PDF");
        assert!(pipe.is_empty());
    }

    #[test]
    fn a_cut_frame_is_no_frame() {
        let mut pipe = Vec::new();
        write(&mut pipe, Kind::Answer, b"0123456789").unwrap();
        for end in 0..pipe.len() {
            assert!(read(&mut &pipe[..end], Kind::Answer).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn another_kind_version_or_magic_is_refused() {
        let head = Head::announce(Kind::Answer, 5).unwrap();
        assert_eq!(Head::parse(&head, Kind::Ready), Err(Malformed::OtherKind));
        for position in [0, 3, 4, 5, 6, 7] {
            let mut bent = head;
            bent[position] ^= 0x80;
            assert_eq!(Head::parse(&bent, Kind::Answer), Err(Malformed::NoFrame), "byte {position}");
        }
    }

    #[test]
    fn a_length_over_the_ceiling_is_refused_before_a_byte_is_taken() {
        assert_eq!(Head::announce(Kind::Ready, Kind::Ready.ceiling() + 1), Err(Malformed::TooLong));
        let mut head = Head::announce(Kind::Answer, 0).unwrap();
        head[8..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(Head::parse(&head, Kind::Answer), Err(Malformed::TooLong));
    }
}
