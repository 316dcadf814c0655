//! What an uploaded file really is, and the same file without what it should not carry: places,
//! cameras, thumbnails, comments, and whatever hides behind its end.
//!
//! A picture is taken apart and only the parts that show it are kept; then the result is decoded
//! as a whole. What is stored is thus what was decoded, whatever else the upload was made to look
//! like. Pixels are encoded anew only where a picture has to be turned upright, because what said
//! so goes with the rest, and in GIFs, without loss.

use bytes::Bytes;
use gif::{ColorOutput, DecodeOptions, Encoder, Frame, MemoryLimit};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::codecs::webp::{WebPDecoder, WebPEncoder};
use image::metadata::Orientation;
use image::{AnimationDecoder, DynamicImage, Frames, ImageDecoder, ImageEncoder, ImageError};
use img_parts::ImageEXIF as _;
use img_parts::png::Png;
use img_parts::riff::RiffContent;
use img_parts::webp::WebP;
use menshen_domain::file::Media;
use menshen_domain::{Error, Kind, Result};
use std::io::Cursor;
use std::num::NonZeroU64;

/// How many pictures an animation may have.
const MAX_FRAMES: u64 = 1000;
/// How many times the largest picture's pixels all pictures of an animation may have together.
const ANIMATION: u64 = 4;
/// How many scans a JPEG may have. Each goes over the whole picture, however short it is; the
/// usual progressive ones have ten.
const MAX_SCANS: usize = 64;
/// The quality of a JPEG that had to be turned.
const QUALITY: u8 = 90;

/// What a file is by its content; neither its name nor what the client says of it counts.
///
/// # Errors
/// [`Kind::Unsupported`] for everything that is not taken.
pub(crate) fn sniff(content: &[u8]) -> Result<Media> {
    infer::get(content)
        .and_then(|kind| Media::from_mime(kind.mime_type()))
        .filter(|media| *media != Media::Pdf || is_pdf(content))
        .ok_or_else(unsupported)
}

/// A PDF begins as one (ISO 32000-1, 7.5.2). No more is asked of it: readers mend what is missing at
/// its end, and it is never shown within a page of ours.
fn is_pdf(content: &[u8]) -> bool {
    content.starts_with(b"%PDF-1.") || content.starts_with(b"%PDF-2.")
}

pub(crate) fn unsupported() -> Error {
    Error::new(
        Kind::Unsupported,
        "只接受完好的 PNG、JPEG、WebP、GIF 图片和 PDF 文件",
        "Only whole PNG, JPEG, WebP and GIF pictures and PDF documents are taken",
    )
}

/// Said where a picture is wanted and nothing else.
pub(crate) fn no_picture() -> Error {
    Error::new(
        Kind::Unsupported,
        "只接受 PNG、JPEG、WebP、GIF 图片",
        "Only PNG, JPEG, WebP and GIF pictures are taken",
    )
}

/// How large pictures may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The most pixels.
    pub(crate) pixels: u64,
}

impl Limits {
    fn too_large(self) -> Error {
        let millions = self.pixels / 1_000_000;
        Error::new(
            Kind::TooLarge,
            format!("图片的像素过多：至多 {millions} 百万像素"),
            format!("The picture has too many pixels: at most {millions} million are taken"),
        )
    }

    /// Asks before anything is decoded.
    fn check(self, decoder: &impl ImageDecoder) -> Result<()> {
        // Deep colours take as much memory as more pixels do.
        if pixels(decoder) > self.pixels || decoder.total_bytes() > self.pixels * 4 {
            return Err(self.too_large());
        }
        Ok(())
    }

    fn check_animation(self, pixels: u64, frames: u64) -> Result<()> {
        if frames > MAX_FRAMES || pixels > self.pixels * ANIMATION {
            return Err(Error::new(
                Kind::TooLarge,
                "动画过大",
                "The animation is too large",
            ));
        }
        Ok(())
    }

    fn of_png(self) -> image::Limits {
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(self.pixels * 8);
        limits
    }
}

fn pixels(decoder: &impl ImageDecoder) -> u64 {
    let (width, height) = decoder.dimensions();
    u64::from(width) * u64::from(height)
}

fn broken(error: ImageError, limits: Limits) -> Error {
    let mut told = match error {
        ImageError::Limits(_) => limits.too_large(),
        _ => unsupported(),
    };
    told.source = Some(Box::new(error));
    told
}

/// `content` as it may be kept.
///
/// # Errors
/// [`Kind::Unsupported`] when it is not what it seemed to be; [`Kind::TooLarge`] for too many
/// pixels.
pub(crate) fn clean(media: Media, content: &Bytes, limits: Limits) -> Result<Bytes> {
    match media {
        Media::Pdf => Ok(content.clone()),
        Media::Gif => gif(content, limits),
        Media::Jpeg => {
            let (plain, turned) = plain_jpeg(content).ok_or_else(unsupported)?;
            let plain = Bytes::from(plain);
            let decoder = JpegDecoder::new(Cursor::new(plain.clone()));
            let decoder = decoder.map_err(|e| broken(e, limits))?;
            settle(decoder, plain, turned, limits, encode_jpeg)
        }
        Media::Png => {
            let (plain, turned) = plain_png(content).ok_or_else(unsupported)?;
            let decoder = PngDecoder::with_limits(Cursor::new(plain.clone()), limits.of_png());
            let decoder = decoder.map_err(|e| broken(e, limits))?;
            limits.check(&decoder)?;
            if decoder.is_apng().map_err(|e| broken(e, limits))? {
                let pixels = pixels(&decoder);
                let frames = decoder.apng().map_err(|e| broken(e, limits))?;
                play(frames.into_frames(), pixels, limits)?;
                return Ok(plain);
            }
            settle(decoder, plain, turned, limits, encode_png)
        }
        Media::Webp => {
            let (plain, turned) = plain_webp(content).ok_or_else(unsupported)?;
            let decoder = WebPDecoder::new(Cursor::new(plain.clone()));
            let decoder = decoder.map_err(|e| broken(e, limits))?;
            limits.check(&decoder)?;
            if decoder.has_animation() {
                let pixels = pixels(&decoder);
                play(decoder.into_frames(), pixels, limits)?;
                return Ok(plain);
            }
            settle(decoder, plain, turned, limits, encode_webp)
        }
    }
}

/// A picture's own encoder, with its colour profile.
type Encode = fn(DynamicImage, Option<Vec<u8>>) -> image::ImageResult<Vec<u8>>;

/// Decodes a picture, and turns it upright if it has to be turned.
fn settle(
    mut decoder: impl ImageDecoder,
    plain: Bytes,
    turned: Orientation,
    limits: Limits,
    encode: Encode,
) -> Result<Bytes> {
    limits.check(&decoder)?;
    if turned == Orientation::NoTransforms {
        let length = usize::try_from(decoder.total_bytes()).map_err(|_| limits.too_large())?;
        let mut pixels = vec![0; length];
        decoder
            .read_image(&mut pixels)
            .map_err(|e| broken(e, limits))?;
        return Ok(plain);
    }
    let profile = decoder.icc_profile().ok().flatten();
    let picture = DynamicImage::from_decoder(decoder);
    let mut picture = picture.map_err(|e| broken(e, limits))?;
    picture.apply_orientation(turned);
    let upright = encode(picture, profile).map_err(Error::internal)?;
    Ok(upright.into())
}

/// Decodes every picture of an animation.
fn play(frames: Frames<'_>, pixels: u64, limits: Limits) -> Result<()> {
    let mut count = 0;
    for frame in frames {
        frame.map_err(|e| broken(e, limits))?;
        count += 1;
        limits.check_animation(pixels.saturating_mul(count), count)?;
    }
    if count == 0 {
        Err(unsupported())
    } else {
        Ok(())
    }
}

/// The profile, if it is one for these colours: a CMYK picture was decoded to RGB.
fn fitting(profile: Option<Vec<u8>>, picture: &DynamicImage) -> Option<Vec<u8>> {
    let space: &[u8] = if picture.color().has_color() {
        b"RGB "
    } else {
        b"GRAY"
    };
    profile.filter(|p| p.get(16..20) == Some(space))
}

fn written(
    picture: &DynamicImage,
    profile: Option<Vec<u8>>,
    mut encoder: impl ImageEncoder,
) -> image::ImageResult<()> {
    if let Some(profile) = fitting(profile, picture) {
        // All three formats hold one.
        encoder
            .set_icc_profile(profile)
            .map_err(ImageError::Unsupported)?;
    }
    picture.write_with_encoder(encoder)
}

fn encode_jpeg(picture: DynamicImage, profile: Option<Vec<u8>>) -> image::ImageResult<Vec<u8>> {
    let picture = match picture {
        grey @ DynamicImage::ImageLuma8(_) => grey,
        other => DynamicImage::ImageRgb8(other.into_rgb8()),
    };
    let mut out = Vec::new();
    written(
        &picture,
        profile,
        JpegEncoder::new_with_quality(&mut out, QUALITY),
    )?;
    Ok(out)
}

fn encode_png(picture: DynamicImage, profile: Option<Vec<u8>>) -> image::ImageResult<Vec<u8>> {
    let mut out = Vec::new();
    written(&picture, profile, PngEncoder::new(&mut out))?;
    Ok(out)
}

fn encode_webp(picture: DynamicImage, profile: Option<Vec<u8>>) -> image::ImageResult<Vec<u8>> {
    let mut out = Vec::new();
    written(&picture, profile, WebPEncoder::new_lossless(&mut out))?;
    Ok(out)
}

fn turned_by(exif: Option<&[u8]>) -> Orientation {
    exif.and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms)
}

/// The chunks of a PNG that have to do with how it looks (PNG 3, section 11), animation included.
const PNG_KEPT: [&[u8; 4]; 18] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"cICP", b"mDCV", b"cLLI", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

fn plain_png(content: &Bytes) -> Option<(Bytes, Orientation)> {
    let mut png = Png::from_bytes(content.clone()).ok()?;
    let turned = turned_by(png.exif().as_deref());
    png.chunks_mut().retain(|c| PNG_KEPT.contains(&&c.kind()));
    Some((png.encoder().bytes(), turned))
}

/// The chunks of a WebP that show it (RFC 9649, section 2.7).
const WEBP_KEPT: [&[u8; 4]; 7] = [
    b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L",
];
/// The flags of an extended WebP that stay true: colour profile, alpha, animation.
const WEBP_FLAGS: u8 = 0b0011_0010;

fn plain_webp(content: &Bytes) -> Option<(Bytes, Orientation)> {
    let mut webp = WebP::from_bytes(content.clone()).ok()?;
    let turned = turned_by(webp.exif().as_deref());
    webp.chunks_mut().retain(|c| WEBP_KEPT.contains(&&c.id()));
    for chunk in webp.chunks_mut() {
        if chunk.id() == *b"VP8X"
            && let RiffContent::Data(data) = chunk.content_mut()
        {
            let mut flags = data.to_vec();
            *flags.first_mut()? &= WEBP_FLAGS;
            *data = flags.into();
        }
    }
    Some((webp.encoder().bytes(), turned))
}

/// Decodes a GIF picture by picture and writes each again as it was.
fn gif(content: &[u8], limits: Limits) -> Result<Bytes> {
    let bad = |_| unsupported();
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    let most = NonZeroU64::new(limits.pixels).unwrap_or(NonZeroU64::MIN);
    options.set_memory_limit(MemoryLimit::Bytes(most));
    let mut decoder = options.read_info(content).map_err(bad)?;
    let (width, height) = (decoder.width(), decoder.height());
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(limits.too_large());
    }
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let mut encoder: Option<Encoder<Vec<u8>>> = None;
    let (mut pixels, mut count) = (0_u64, 0);
    while let Some(frame) = next(&mut decoder)? {
        count += 1;
        pixels += u64::from(frame.width) * u64::from(frame.height);
        limits.check_animation(pixels, count)?;
        if encoder.is_none() {
            let bad = |_| unsupported();
            let mut begun = Encoder::new(Vec::new(), width, height, &palette).map_err(bad)?;
            // How often it is repeated stands before the first picture.
            begun.set_repeat(decoder.repeat()).map_err(bad)?;
            encoder = Some(begun);
        }
        if let Some(encoder) = &mut encoder {
            encoder.write_frame(&frame).map_err(|_| unsupported())?;
        }
    }
    let encoder = encoder.ok_or_else(unsupported)?;
    Ok(encoder.into_inner().map_err(|_| unsupported())?.into())
}

fn next(decoder: &mut gif::Decoder<&[u8]>) -> Result<Option<Frame<'static>>> {
    let frame = decoder.read_next_frame().map_err(|_| unsupported())?;
    Ok(frame.cloned())
}

/// Markers of a JPEG (ITU T.81, annex B).
mod marker {
    pub(super) const TEM: u8 = 0x01;
    pub(super) const SOF0: u8 = 0xc0;
    pub(super) const SOF15: u8 = 0xcf;
    pub(super) const RST0: u8 = 0xd0;
    pub(super) const RST7: u8 = 0xd7;
    pub(super) const SOI: u8 = 0xd8;
    pub(super) const EOI: u8 = 0xd9;
    pub(super) const SOS: u8 = 0xda;
    pub(super) const DRI: u8 = 0xdd;
    pub(super) const APP0: u8 = 0xe0;
    pub(super) const APP1: u8 = 0xe1;
    pub(super) const APP2: u8 = 0xe2;
    pub(super) const APP14: u8 = 0xee;
}

/// A JPEG's tables and scans, its colour profile and nothing else, up to its end; and how it has
/// to be turned. `None` when it is no JPEG.
fn plain_jpeg(content: &[u8]) -> Option<(Vec<u8>, Orientation)> {
    let mut rest = content.strip_prefix(&[0xff, marker::SOI])?;
    let mut out = Vec::with_capacity(content.len());
    out.extend([0xff, marker::SOI]);
    let mut turned = Orientation::NoTransforms;
    let mut scans = 0;
    loop {
        let (kind, after) = next_marker(rest)?;
        match kind {
            marker::EOI => break,
            marker::TEM | marker::RST0..=marker::RST7 => {
                rest = after;
                continue;
            }
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let body = after.get(2..length)?;
        rest = &after[length..];
        if kind == marker::APP1
            && let Some(exif) = body.strip_prefix(b"Exif\0\0")
        {
            turned = turned_by(Some(exif));
        }
        keep_segment(&mut out, kind, body);
        if kind == marker::SOS {
            scans += 1;
            let end = scan_end(rest);
            out.extend_from_slice(&rest[..end]);
            rest = &rest[end..];
            if scans > MAX_SCANS {
                return None;
            }
            if rest.is_empty() {
                // Cut short; decoders make the best of it.
                break;
            }
        }
    }
    out.extend([0xff, marker::EOI]);
    (scans > 0).then_some((out, turned))
}

/// The next marker, past whatever stands before it, and what follows it.
fn next_marker(data: &[u8]) -> Option<(u8, &[u8])> {
    let is_kind = |w: &[u8]| w[0] == 0xff && !matches!(w[1], 0 | 0xff);
    let at = data.windows(2).position(is_kind)?;
    Some((data[at + 1], &data[at + 2..]))
}

/// Where the compressed data of a scan ends: at the next marker that is no restart.
fn scan_end(data: &[u8]) -> usize {
    let ends = |w: &[u8]| w[0] == 0xff && !matches!(w[1], 0 | 0xff | marker::RST0..=marker::RST7);
    data.windows(2).position(ends).unwrap_or(data.len())
}

fn keep_segment(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    let without_thumbnail;
    let body = match kind {
        marker::SOF0..=marker::SOF15 | marker::SOS..=marker::DRI => body,
        marker::APP2 if body.starts_with(b"ICC_PROFILE\0") => body,
        // Which colours the three or four components are.
        marker::APP14 if body.starts_with(b"Adobe") => body,
        marker::APP0 if body.starts_with(b"JFIF\0") && body.len() >= 14 => {
            without_thumbnail = [&body[..12], &[0, 0]].concat();
            &without_thumbnail
        }
        _ => return,
    };
    // It came out of a segment, whose length has two bytes.
    let length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
    out.extend([0xff, kind]);
    out.extend(length.to_be_bytes());
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests;
