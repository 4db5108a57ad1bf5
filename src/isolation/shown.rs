//! Pages as pictures, for a person who compares them with what was read: drawn in a child like everything else.
//!
//! The answer announces the pages, a frame of its own carries the pixels of each. Pixels are numbers of grey: nothing in them is
//! interpreted here, and each frame must be as long as was announced.

use std::io::{self, Write};
use std::sync::Arc;

use image::GrayImage;
use serde::{Deserialize, Serialize};

use super::answer::{self, BadAnswer};
use super::attempt::Refusal;
use super::child::Job;
use super::frame::{self, Kind, Malformed};
use super::talk::{Silence, Talk};
use super::terms::Terms;
use super::{Isolation, NEEDS_OCR, Unavailable, refused};
use crate::domain::document::Reading;
use crate::extraction::{self, PagePicture, SheetCell};
use crate::schemas::Forms;

/// What is said before the pixels.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    pub reading: Reading,
    pub pages: Vec<Announced>,
}

/// A page whose pixels, if it has any, will follow.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announced {
    pub member: Option<String>,
    pub page: u32,
    pub sheet: Option<String>,
    pub size: (f32, f32),
    /// Width and height.
    pub pixels: Option<(u32, u32)>,
    pub cells: Vec<SheetCell>,
}

/// A child's answer in full; `None` for the pages when another child is to be asked.
type Heard = Result<(Reading, Option<Vec<PagePicture>>), BadAnswer>;

/// The child's side: reads, announces, sends the pixels.
pub fn say(document: &[u8], name: &str, forms: &Forms, said: &mut impl Write) -> io::Result<()> {
    let (reading, pages) = extraction::read_and_show(document, name, forms, &extraction::Options::default());
    let mut pixels = Vec::new();
    let announce = |page: PagePicture| {
        let PagePicture { member, page, sheet, size, pixels: tones, cells } = page;
        let sides = tones.as_ref().map(GrayImage::dimensions);
        pixels.extend(tones);
        Announced { member, page, sheet, size, pixels: sides, cells }
    };
    let pages = pages.into_iter().map(announce).collect();
    frame::write(said, Kind::Answer, &serde_json::to_vec(&Shown { reading, pages })?)?;
    pixels.iter().try_for_each(|page| frame::write(said, Kind::Picture, page.as_raw()))
}

impl Isolation {
    /// Reads one document and gives its pages as pictures: behind narrow walls first, behind wide ones where pages are pictures
    /// that want recognising. Both may cost what recognising may: pictures take room.
    pub async fn show(&self, name: &str, bytes: Arc<[u8]>) -> Result<(Reading, Vec<PagePicture>), Unavailable> {
        let narrow = Terms { allowance: self.settings.pictures, ..Terms::narrow(&self.settings) };
        let first = self.show_behind(narrow, name, Arc::clone(&bytes), true).await?;
        let (reading, pages) = match first {
            (reading, Some(pages)) => return Ok((reading, pages)),
            (_, None) => self.show_behind(Terms::wide(&self.settings), name, bytes, false).await?,
        };
        Ok((reading, pages.unwrap_or_default()))
    }

    async fn show_behind(
        &self,
        terms: Terms,
        name: &str,
        bytes: Arc<[u8]>,
        first: bool,
    ) -> Result<(Reading, Option<Vec<PagePicture>>), Unavailable> {
        let listener = Box::new(move |talk: &mut Talk, answer: Vec<u8>| hear(talk, &answer, first));
        let heard = self.run_and_listen::<Heard>(terms, Job::Show, name, bytes, listener).await?;
        Ok(match heard {
            Ok(Ok(shown)) => shown,
            Ok(Err(bad)) => (refused(&Refusal::BadAnswer(bad.to_string())), Some(Vec::new())),
            Err(refusal) => (refused(&refusal), Some(Vec::new())),
        })
    }
}

/// Takes the pictures that an answer announces, one after the other.
fn hear(talk: &mut Talk, answer: &[u8], first: bool) -> Result<Heard, Silence> {
    let (reading, announced) = match answer::pages(answer) {
        Ok(heard) => heard,
        Err(bad) => return Ok(Err(bad)),
    };
    if first && reading.findings.iter().any(|finding| finding.code.as_str() == NEEDS_OCR) {
        return Ok(Ok((reading, None)));
    }
    let mut pages = Vec::with_capacity(announced.len());
    for Announced { member, page, sheet, size, pixels, cells } in announced {
        let pixels = match pixels {
            None => None,
            Some((width, height)) => {
                let tones = talk.exchange(&[], Kind::Picture)?;
                let exact = tones.len() as u64 == u64::from(width) * u64::from(height);
                let picture = exact.then(|| GrayImage::from_raw(width, height, tones)).flatten();
                Some(picture.ok_or(Malformed::OtherLength)?)
            }
        };
        pages.push(PagePicture { member, page, sheet, size, pixels, cells });
    }
    Ok(Ok((reading, Some(pages))))
}
