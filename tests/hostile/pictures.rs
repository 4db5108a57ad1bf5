//! Pictures larger than they are, pictures that never end, and files that are something else.

use super::Hostile;
use super::pdf::{deflate, deflated_zeros};

pub fn files() -> Vec<Hostile> {
    let mut files = png();
    files.extend(jpeg());
    files.extend(tiff());
    files.extend(others());
    files
}

fn png() -> Vec<Hostile> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(kind);
        sum.update(data);
        let length = u32::try_from(data.len()).expect("small").to_be_bytes();
        [&length[..], kind, data, &sum.sum().to_be_bytes()].concat()
    };
    let header = |width: u32, height: u32, depth: u8, colour: u8| {
        chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat())
    };
    let png = |name: &str, chunks: &[Vec<u8>]| {
        Hostile::new("pictures", name, [&b"\x89PNG\r\n\x1a\n"[..], &chunks.concat(), &chunk(b"IEND", b"")].concat())
    };
    let data = |bytes: &[u8]| chunk(b"IDAT", bytes);
    vec![
        png("PNG of 10^18 points", &[header(1_000_000_000, 1_000_000_000, 8, 2), data(&deflate(&[0; 64]))]),
        png("PNG of 30000 by 30000", &[header(30_000, 30_000, 8, 0), data(&deflated_zeros(859))]),
        png("PNG that inflates to a gigabyte", &[header(10, 10, 8, 0), data(&deflated_zeros(1024))]),
        png("PNG of no points", &[header(0, 0, 8, 0), data(&deflate(&[0; 4]))]),
        png("PNG of 77 bits", &[header(10, 10, 77, 9), data(&deflate(&[0; 64]))]),
        png("PNG without a head", &[data(&deflate(&[0; 64]))]),
        png("PNG cut", &[header(100, 100, 8, 0), data(&deflate(&[0; 64]))]),
        png(
            "PNG of a hundred thousand remarks",
            &[header(10, 10, 8, 0), chunk(b"tEXt", b"a\0b").repeat(100_000), data(&deflate(&[0; 110]))],
        ),
        png(
            "PNG with a remark of a gigabyte",
            &[
                header(10, 10, 8, 0),
                chunk(b"zTXt", &[&b"a\0\0"[..], &deflated_zeros(1024)].concat()),
                data(&deflate(&[0; 110])),
            ],
        ),
        Hostile::new(
            "pictures",
            "PNG of a chunk beyond the file",
            b"\x89PNG\r\n\x1a\n\x7f\xff\xff\xffIHDR\0\0".to_vec(),
        ),
    ]
}

fn jpeg() -> Vec<Hostile> {
    let frame = |kind: u8, height: u16, width: u16, parts: u8| {
        let mut bytes = vec![0xff, kind, 0, 8 + 3 * parts, 8];
        bytes.extend_from_slice(&height.to_be_bytes());
        bytes.extend_from_slice(&width.to_be_bytes());
        bytes.push(parts);
        bytes.extend((1..=parts).flat_map(|n| [n, 0x44, 0]));
        bytes
    };
    let jpeg = |name: &str, parts: &[Vec<u8>]| {
        Hostile::new("pictures", name, [&[0xff, 0xd8][..], &parts.concat(), &[0xff, 0xd9]].concat())
    };
    let scan = vec![0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3, 4];
    vec![
        jpeg("JPEG of 65535 by 65535", &[frame(0xc0, 65_535, 65_535, 3), scan.clone()]),
        jpeg("JPEG of 65535 by 65535 in passes", &[frame(0xc2, 65_535, 65_535, 3), scan.clone()]),
        jpeg("JPEG of a hundred thousand passes", &[frame(0xc2, 2000, 2000, 3), scan.repeat(100_000)]),
        jpeg("JPEG of no height", &[frame(0xc0, 0, 100, 1), scan.clone()]),
        jpeg("JPEG of 85 parts", &[frame(0xc0, 100, 100, 80), scan.clone()]),
        jpeg("JPEG without a frame", &[scan]),
        jpeg("JPEG of remarks", &[vec![0xff, 0xfe, 0xff, 0xff], vec![0; 65_533]]),
        Hostile::new("pictures", "JPEG of a head alone", vec![0xff, 0xd8, 0xff, 0xe0]),
    ]
}

fn tiff() -> Vec<Hostile> {
    // Little-endian; one directory at 8 with these entries, then `next`.
    let tiff = |name: &str, entries: &[(u16, u16, u32, u32)], next: u32| {
        let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
        bytes.extend_from_slice(&u16::try_from(entries.len()).expect("few").to_le_bytes());
        for (tag, kind, count, value) in entries {
            bytes.extend_from_slice(&tag.to_le_bytes());
            bytes.extend_from_slice(&kind.to_le_bytes());
            bytes.extend_from_slice(&count.to_le_bytes());
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(&next.to_le_bytes());
        bytes.extend_from_slice(&[0; 64]);
        Hostile::new("pictures", name, bytes)
    };
    let size = |width: u32, height: u32| {
        [
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, 8),
            (277, 3, 1, 1),
            (278, 4, 1, height),
            (279, 4, 1, 64),
        ]
    };
    let pages: Vec<u8> = {
        let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
        for page in 0..50_000u32 {
            let next = if page == 49_999 { 0 } else { 8 + (page + 1) * 18 };
            bytes.extend_from_slice(&[1, 0, 0, 1, 4, 0, 1, 0, 0, 0, 10, 0, 0, 0]);
            bytes.extend_from_slice(&next.to_le_bytes());
        }
        bytes
    };
    vec![
        tiff("TIFF whose second page is its first", &size(10, 10), 8),
        tiff("TIFF of 10^19 points", &size(4_000_000_000, 4_000_000_000), 0),
        tiff("TIFF of 50000 by 50000", &size(50_000, 50_000), 0),
        tiff(
            "TIFF of strips beyond the file",
            &[
                (256, 4, 1, 10),
                (257, 4, 1, 10),
                (273, 4, 1_000_000_000, 0x7fff_ffff),
                (279, 4, 1_000_000_000, 0x7fff_ffff),
            ],
            0,
        ),
        tiff("TIFF of a directory in itself", &[(330, 4, 1, 8), (34_665, 4, 1, 8)], 8),
        tiff("TIFF of no entries", &[], 0),
        Hostile::new("pictures", "TIFF of 50000 pages", pages),
        Hostile::new("pictures", "TIFF of a directory beyond the file", b"II\x2a\0\xff\xff\xff\x7f".to_vec()),
        Hostile::new("pictures", "TIFF of the other order, cut", b"MM\0\x2a\0\0\0\x08\0\xff".to_vec()),
    ]
}

fn others() -> Vec<Hostile> {
    let noise: Vec<u8> = (0..3_000_000u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let files: [(&str, Vec<u8>); 18] = [
        ("nothing", vec![]),
        ("one byte", vec![b'%']),
        ("sixty megabytes of zeros", vec![0; 60 << 20]),
        ("three megabytes of noise", noise),
        ("a text", "Raison sociale : Exemple\n".repeat(10).into()),
        ("a page", b"<html><script>fetch('http://127.0.0.1:9')</script></html>".to_vec()),
        (
            "a drawing of entities",
            b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>".to_vec(),
        ),
        ("a program", [&b"\x7fELF\x02\x01\x01\0"[..], &[0; 4096]].concat()),
        ("a program of Windows", [&b"MZ\x90\0"[..], &[0; 4096]].concat()),
        ("a shell script", b"#!/bin/sh\nrm -rf \"$HOME\"\n".to_vec()),
        ("a message", b"From: a@example.tn\nSubject: x\n\n%PDF-1.7".to_vec()),
        ("rich text", b"{\\rtf1\\object\\objdata 0105}".to_vec()),
        ("a 7z archive", b"7z\xbc\xaf\x27\x1c\0\x04".to_vec()),
        ("a RAR archive", b"Rar!\x1a\x07\x01\0".to_vec()),
        ("a gzip of a gigabyte", [&b"\x1f\x8b\x08\0\0\0\0\0\0\xff"[..], &deflated_zeros(64)].concat()),
        ("a GIF of 65535 by 65535", b"GIF89a\xff\xff\xff\xff\xf7\0\0".to_vec()),
        ("a WebP of nothing", b"RIFF\xff\xff\xff\xffWEBPVP8 ".to_vec()),
        ("a HEIC of nothing", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()),
    ];
    files.into_iter().map(|(name, bytes)| Hostile::new("other files", name, bytes)).collect()
}
