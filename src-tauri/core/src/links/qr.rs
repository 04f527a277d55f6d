//! A link as a QR code: the modules for whoever draws them, a path for the page, a picture for a file. Kept nowhere.
//!
//! A code that phones can't read is worse than none, so long links get none.

use super::SignedUrl;
use crate::error::{Code, Error, Operation, Result};
use qrcode::{Color, EcLevel, QrCode, Version};
use std::fmt::Write;

/// 117 modules wide, 1,273 bytes: more a phone does not read from a screen. A session's link of 1,300 has none.
const LARGEST: i16 = 25;
/// Light modules on every side, as the standard wants.
const MARGIN: usize = 4;

/// The modules of a code. Whoever sees them has the link: draw them for the person who asked, and let go of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Qr {
    width: usize,
    dark: Vec<bool>,
}

impl std::fmt::Debug for Qr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Qr").field("width", &self.width).finish_non_exhaustive()
    }
}

impl Qr {
    /// The smallest code that holds a link.
    ///
    /// # Errors
    /// `LinkTooLongForQr` for one that a phone could hardly read.
    pub fn of(url: &SignedUrl) -> Result<Self> {
        let too_long = || Error::new(Code::LinkTooLongForQr, Operation::Link);
        // As little correction as there is: a screen has no dirt on it, and fewer modules are read from further away.
        let code = QrCode::with_error_correction_level(url.reveal(), EcLevel::L).map_err(|_| too_long())?;
        match code.version() {
            Version::Normal(version) if version <= LARGEST => {}
            _ => return Err(too_long()),
        }
        let width = code.width();
        Ok(Qr { width, dark: code.into_colors().into_iter().map(|color| color == Color::Dark).collect() })
    }

    /// Modules from side to side, the light margin included.
    pub fn width(&self) -> usize {
        self.width + 2 * MARGIN
    }

    /// Whether a module is dark, counted with the margin. What is outside is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(MARGIN).filter(|at| *at < self.width);
        let (Some(x), Some(y)) = (inside(x), inside(y)) else { return false };
        self.dark.get(y * self.width + x).copied().unwrap_or_default()
    }

    /// The dark modules as the `d` of an SVG path, one unit a module, in a box of [`Qr::width`].
    pub fn svg_path(&self) -> String {
        let mut path = String::new();
        for y in 0..self.width() {
            let mut x = 0;
            while x < self.width() {
                let run = (x..self.width()).take_while(|at| self.is_dark(*at, y)).count();
                if run > 0 {
                    let written = write!(path, "M{x} {y}h{run}v1h-{run}z");
                    debug_assert!(written.is_ok(), "writing to a string");
                }
                x += run.max(1);
            }
        }
        path
    }

    /// A picture, black on white, so many pixels a module.
    ///
    /// # Errors
    /// `Unknown` when there is no memory for it.
    pub fn png(&self, pixels: u32) -> Result<Vec<u8>> {
        let unwritten = |cause: png::EncodingError| Error::new(Code::Unknown, Operation::Save).because(cause);
        let each = usize::try_from(pixels.clamp(1, 32)).unwrap_or(1);
        let side = self.width() * each;
        let rows = (0..side).flat_map(|y| (0..side).map(move |x| (x / each, y / each)));
        let bytes: Vec<u8> = rows.map(|(x, y)| if self.is_dark(x, y) { 0 } else { 255 }).collect();
        let mut picture = Vec::new();
        let side = u32::try_from(side).unwrap_or(u32::MAX);
        let mut encoder = png::Encoder::new(&mut picture, side, side);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(unwritten)?;
        writer.write_image_data(&bytes).map_err(unwritten)?;
        writer.finish().map_err(unwritten)?;
        Ok(picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(letters: usize) -> SignedUrl {
        SignedUrl(format!("https://acme.example/{}", "x?".repeat(letters / 2)))
    }

    #[test]
    fn a_link_becomes_a_square_with_a_light_margin_and_its_three_corners() {
        let code = Qr::of(&link(400)).unwrap();
        let far = code.width() - MARGIN - 1;
        for (x, y) in [(MARGIN, MARGIN), (far, MARGIN), (MARGIN, far)] {
            assert!(code.is_dark(x, y), "{x} {y}");
        }
        let edge = (0..code.width()).flat_map(|at| [(at, 3), (3, at), (at, code.width() - 4), (code.width() - 4, at)]);
        assert!(edge.into_iter().all(|(x, y)| !code.is_dark(x, y)));
        assert!(!code.is_dark(usize::MAX, 0));
    }

    #[test]
    fn a_link_of_a_session_is_too_long() {
        assert!(Qr::of(&link(1_200)).is_ok());
        for letters in [1_300, 1_800, 5_000] {
            assert_eq!(Qr::of(&link(letters)).unwrap_err().code(), Code::LinkTooLongForQr, "{letters}");
        }
    }

    #[test]
    fn the_path_and_the_picture_have_every_dark_module() {
        let code = Qr::of(&link(300)).unwrap();
        let dark = (0..code.width()).flat_map(|y| (0..code.width()).map(move |x| (x, y)));
        let dark: Vec<_> = dark.filter(|(x, y)| code.is_dark(*x, *y)).collect();
        let path = code.svg_path();
        let runs: usize = path.split('h').skip(1).step_by(2).map(|run| digits(run)).sum();
        assert_eq!(runs, dark.len());
        let picture = code.png(3).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut bytes).unwrap();
        assert_eq!(frame.width as usize, code.width() * 3);
        assert_eq!(bytes.iter().filter(|byte| **byte == 0).count(), dark.len() * 9);
    }

    fn digits(text: &str) -> usize {
        text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    }

    #[test]
    fn a_printed_code_shows_nothing_of_its_link() {
        assert_eq!(format!("{:?}", Qr::of(&link(10)).unwrap()), "Qr { width: 33, .. }");
    }
}
