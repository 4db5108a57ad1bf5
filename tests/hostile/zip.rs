//! A ZIP writer that believes everything it is told.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// One member; what is declared need not be what is there.
#[derive(Clone)]
pub struct Member {
    pub name: Vec<u8>,
    pub data: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub sum: u32,
    pub packed: u32,
    pub size: u32,
    /// Upper half: Unix mode.
    pub attributes: u32,
}

impl Member {
    /// An honest, deflated member.
    pub fn new(name: impl Into<Vec<u8>>, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref();
        let mut sum = flate2::Crc::new();
        sum.update(content);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).expect("memory takes it");
        let data = encoder.finish().expect("memory takes it");
        Self {
            name: name.into(),
            packed: length(&data),
            size: length(content),
            sum: sum.sum(),
            data,
            method: 8,
            flags: 0,
            attributes: 0o100_644 << 16,
        }
    }

    /// Blanks, never held whole.
    pub fn blanks(name: &str, megabytes: usize) -> Self {
        let chunk = vec![b' '; 1 << 20];
        let mut sum = flate2::Crc::new();
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        for _ in 0..megabytes {
            sum.update(&chunk);
            encoder.write_all(&chunk).expect("memory takes it");
        }
        let data = encoder.finish().expect("memory takes it");
        let size = u32::try_from(megabytes << 20).unwrap_or(u32::MAX);
        Self {
            name: name.into(),
            packed: length(&data),
            size,
            sum: sum.sum(),
            data,
            method: 8,
            flags: 0,
            attributes: 0,
        }
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("test files are small")
}

pub fn zip(members: &[Member]) -> Vec<u8> {
    zip_with(members, |entries, _| entries)
}

/// A ZIP whose directory may name `entries` members beginning at `offset`, whatever is there.
pub fn zip_with(members: &[Member], entries: impl Fn(u16, u32) -> u16) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let offset = length(&out);
        out.extend_from_slice(b"PK\x03\x04\x14\0");
        out.extend(common(member));
        out.extend(name_lengths(member));
        out.extend_from_slice(&member.name);
        out.extend_from_slice(&member.data);
        directory.extend(entry(member, offset));
    }
    let start = length(&out);
    let count = u16::try_from(members.len()).unwrap_or(u16::MAX);
    end(out, &directory, entries(count, start), start)
}

/// Every entry of the directory points at the one member there is.
pub fn overlapping(member: &Member, times: u16) -> Vec<u8> {
    let mut out = b"PK\x03\x04\x14\0".to_vec();
    out.extend(common(member));
    out.extend(name_lengths(member));
    out.extend_from_slice(&member.name);
    out.extend_from_slice(&member.data);
    let directory: Vec<u8> = (0..times).flat_map(|_| entry(member, 0)).collect();
    let start = length(&out);
    end(out, &directory, times, start)
}

fn common(member: &Member) -> Vec<u8> {
    let mut bytes = Vec::new();
    for half in [member.flags, member.method, 0, 0x5a21] {
        bytes.extend_from_slice(&half.to_le_bytes());
    }
    for word in [member.sum, member.packed, member.size] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes
}

fn name_lengths(member: &Member) -> [u8; 4] {
    let [low, high] = u16::try_from(member.name.len()).unwrap_or(u16::MAX).to_le_bytes();
    [low, high, 0, 0]
}

fn entry(member: &Member, offset: u32) -> Vec<u8> {
    let mut bytes = b"PK\x01\x02\x14\x03\x14\0".to_vec();
    bytes.extend(common(member));
    bytes.extend(name_lengths(member));
    bytes.extend_from_slice(&[0; 6]);
    bytes.extend_from_slice(&member.attributes.to_le_bytes());
    bytes.extend_from_slice(&offset.to_le_bytes());
    bytes.extend_from_slice(&member.name);
    bytes
}

fn end(mut out: Vec<u8>, directory: &[u8], entries: u16, start: u32) -> Vec<u8> {
    out.extend_from_slice(directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&entries.to_le_bytes());
    out.extend_from_slice(&entries.to_le_bytes());
    out.extend_from_slice(&length(directory).to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}
