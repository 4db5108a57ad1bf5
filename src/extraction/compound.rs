//! Compound files (MS-CFB): the little file system in which old office programs keep their streams.
//!
//! Sizes and chains are what a hostile file says they are: every chain ends after as many sectors as the file has.

/// A compound file and its directory.
pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    chains: Vec<u32>,
    short_chains: Vec<u32>,
    /// The stream that holds the short streams.
    short: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    start: u32,
    size: u64,
    is_stream: bool,
}

/// No compound file, or one that contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("broken compound file")]
pub(super) struct Broken;

const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const LARGEST_SECTOR: u32 = 0xFFFF_FFFA;
const SHORT_SECTOR: usize = 64;
/// Streams below this size lie in short sectors.
const SHORT_BELOW: u64 = 4096;
const HEADER: usize = 512;
const ENTRY: usize = 128;

impl<'a> Compound<'a> {
    pub(super) const SIGNATURE: &'static [u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    /// Reads the directory.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Broken> {
        if !bytes.starts_with(Self::SIGNATURE) || bytes.len() < HEADER {
            return Err(Broken);
        }
        let sector = match u16_at(bytes, 30) {
            9 => 512,
            12 => 4096,
            _ => return Err(Broken),
        };
        let mut file = Self {
            bytes,
            sector,
            chains: Vec::new(),
            short_chains: Vec::new(),
            short: Vec::new(),
            entries: Vec::new(),
        };
        file.chains = file.allocation()?;
        let directory = file.chain(u32_at(bytes, 48));
        file.entries = directory.chunks_exact(ENTRY).filter_map(Entry::read).collect();
        file.short_chains = words(&file.chain(u32_at(bytes, 60)));
        // The root entry comes first, and its stream is that of the short streams.
        let root = directory.get(..ENTRY).ok_or(Broken)?;
        file.short = file.chain(u32_at(root, 116));
        Ok(file)
    }

    /// The table of chains, whose own sectors are listed in the header and in a chain of lists.
    fn allocation(&self) -> Result<Vec<u32>, Broken> {
        let most = self.bytes.len() / self.sector;
        let mut places: Vec<u32> = words(&self.bytes[76..HEADER]);
        let mut next = u32_at(self.bytes, 68);
        let mut lists = 0;
        while next <= LARGEST_SECTOR && lists <= most {
            let list = words(self.sector_at(next).ok_or(Broken)?);
            let (last, rest) = list.split_last().ok_or(Broken)?;
            places.extend(rest);
            next = *last;
            lists += 1;
        }
        places.retain(|place| *place <= LARGEST_SECTOR);
        places.truncate(most);
        Ok(places.into_iter().filter_map(|place| self.sector_at(place)).flat_map(words).collect())
    }

    fn sector_at(&self, number: u32) -> Option<&'a [u8]> {
        let start = (usize::try_from(number).ok()? + 1).checked_mul(self.sector)?;
        let end = (start + self.sector).min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// All sectors of a chain; one that bends back ends where the file would.
    fn chain(&self, start: u32) -> Vec<u8> {
        let mut data = Vec::new();
        let mut next = start;
        while let Some(sector) = (next <= LARGEST_SECTOR).then(|| self.sector_at(next)).flatten() {
            if data.len() > self.bytes.len() {
                break;
            }
            data.extend_from_slice(sector);
            next = self.chains.get(next as usize).copied().unwrap_or(END_OF_CHAIN);
        }
        data
    }

    fn short_chain(&self, start: u32) -> Vec<u8> {
        let mut data = Vec::new();
        let mut next = start;
        while next <= LARGEST_SECTOR && data.len() <= self.short.len() {
            let from = next as usize * SHORT_SECTOR;
            let Some(sector) = self.short.get(from..(from + SHORT_SECTOR).min(self.short.len())) else { break };
            data.extend_from_slice(sector);
            next = self.short_chains.get(next as usize).copied().unwrap_or(END_OF_CHAIN);
        }
        data
    }

    /// Is there an entry of this name, in any folder?
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The bytes of a stream; `Broken` when fewer are there than the directory says.
    pub(super) fn stream(&self, name: &str) -> Option<Result<Vec<u8>, Broken>> {
        let entry = self.entries.iter().find(|entry| entry.is_stream && entry.name.eq_ignore_ascii_case(name))?;
        let mut data = if entry.size < SHORT_BELOW { self.short_chain(entry.start) } else { self.chain(entry.start) };
        let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
        if data.len() < size {
            return Some(Err(Broken));
        }
        data.truncate(size);
        Some(Ok(data))
    }
}

impl Entry {
    fn read(bytes: &[u8]) -> Option<Self> {
        let length = usize::from(u16_at(bytes, 64)).min(64);
        let units = bytes[..length].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let name: String =
            char::decode_utf16(units.take_while(|unit| *unit != 0)).map(|c| c.unwrap_or('\u{fffd}')).collect();
        let size = u64::from(u32_at(bytes, 120));
        (bytes[66] != 0).then(|| Self { name, start: u32_at(bytes, 116), size, is_stream: bytes[66] == 2 })
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A compound file of 512-byte sectors holding one stream of at least 4096 bytes.
    pub(in crate::extraction) fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
        let mut stream = stream.to_vec();
        let size = u32::try_from(stream.len().max(4096)).unwrap();
        stream.resize((size as usize).next_multiple_of(512), 0);
        let sectors = stream.len() / 512;
        let tables = (sectors + 2).div_ceil(127);
        let mut header = vec![0u8; 512];
        header[..8].copy_from_slice(Compound::SIGNATURE);
        let put = |bytes: &mut [u8], at: usize, value: u32| bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        header[30] = 9;
        put(&mut header, 44, u32::try_from(tables).unwrap());
        put(&mut header, 48, u32::try_from(tables).unwrap());
        put(&mut header, 60, END_OF_CHAIN);
        put(&mut header, 68, END_OF_CHAIN);
        for n in 0..109 {
            let place = if n < tables { u32::try_from(n).unwrap() } else { u32::MAX };
            put(&mut header, 76 + 4 * n, place);
        }
        // The table: its own sectors, the directory, the stream.
        let mut table = vec![0xFFu8; tables * 512];
        for n in 0..tables {
            put(&mut table, 4 * n, 0xFFFF_FFFD);
        }
        put(&mut table, 4 * tables, END_OF_CHAIN);
        for n in 0..sectors {
            let at = tables + 1 + n;
            let next = if n + 1 < sectors { u32::try_from(at + 1).unwrap() } else { END_OF_CHAIN };
            put(&mut table, 4 * at, next);
        }
        let mut directory = vec![0u8; 512];
        let mut entry = |n: usize, name: &str, kind: u8, start: u32, size: u32| {
            let at = n * ENTRY;
            let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            directory[at..at + units.len()].copy_from_slice(&units);
            directory[at + 64..at + 66].copy_from_slice(&u16::try_from(units.len() + 2).unwrap().to_le_bytes());
            directory[at + 66] = kind;
            put(&mut directory, at + 116, start);
            put(&mut directory, at + 120, size);
        };
        entry(0, "Root Entry", 5, END_OF_CHAIN, 0);
        entry(1, name, 2, u32::try_from(tables + 1).unwrap(), size);
        [header, table, directory, stream].concat()
    }

    #[test]
    fn a_stream_is_read_whole_or_not_at_all() {
        let data: Vec<u8> = (0..100_000u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let bytes = compound("Workbook", &data);
        let file = Compound::open(&bytes).unwrap();
        assert!(file.has("workbook") && !file.has("WordDocument"));
        assert_eq!(file.stream("Workbook").unwrap().unwrap(), data);
        assert!(file.stream("Book").is_none());
        let cut = &bytes[..bytes.len() - 5000];
        assert_eq!(Compound::open(cut).unwrap().stream("Workbook"), Some(Err(Broken)));
    }

    #[test]
    fn chains_that_bend_back_end() {
        let mut bytes = compound("Workbook", &[7; 8192]);
        // The stream's last sector points to its first.
        let last = 512 + 4 * (2 + 15);
        bytes[last..last + 4].copy_from_slice(&2u32.to_le_bytes());
        assert_eq!(Compound::open(&bytes).unwrap().stream("Workbook").unwrap().unwrap(), [7; 8192]);
        assert!(Compound::open(&[0; 600]).is_err());
        assert!(Compound::open(Compound::SIGNATURE).is_err());
    }
}
