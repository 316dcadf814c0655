use super::*;
use image::codecs::gif::{GifDecoder, GifEncoder};
use image::{Delay, Rgb, RgbImage, Rgba, RgbaImage};
use img_parts::png::PngChunk;
use img_parts::riff::RiffChunk;
use proptest::prelude::*;

const LIMITS: Limits = Limits { pixels: 1_000_000 };
/// What must be in nothing that is kept.
const SECRET: &[u8] = b"31.2304N 121.4737E";

/// Left half red, right half blue, 64 × 32.
fn picture() -> RgbImage {
    RgbImage::from_fn(64, 32, |x, _| {
        if x < 32 {
            Rgb([250, 0, 0])
        } else {
            Rgb([0, 0, 250])
        }
    })
}

/// EXIF data with an orientation and a place.
fn exif(orientation: u8) -> Vec<u8> {
    let mut out = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    out.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    out.extend(SECRET);
    out
}

fn segment(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("short");
    let mut out = vec![0xff, kind];
    out.extend(length.to_be_bytes());
    out.extend(body);
    out
}

fn jpeg() -> Vec<u8> {
    let mut out = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut out, 95);
    picture().write_with_encoder(encoder).expect("encoded");
    out
}

/// A JPEG with everything in it that should not be kept, and something behind its end.
fn telling_jpeg(orientation: u8) -> Vec<u8> {
    let plain = jpeg();
    let mut out = plain[..2].to_vec();
    out.extend(segment(
        0xe1,
        &[b"Exif\0\0", &exif(orientation)[..]].concat(),
    ));
    out.extend(segment(
        0xe1,
        &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat(),
    ));
    out.extend(segment(0xed, &[b"Photoshop 3.0\0", SECRET].concat()));
    out.extend(segment(0xe2, &[b"MPF\0", SECRET].concat()));
    out.extend(segment(0xfe, SECRET));
    out.extend(&plain[2..]);
    // A second picture, or a film, as telephones put it there.
    out.extend(&plain);
    out.extend(SECRET);
    out
}

fn png_with(chunks: Vec<PngChunk>) -> Vec<u8> {
    let mut out = Vec::new();
    picture()
        .write_with_encoder(PngEncoder::new(&mut out))
        .expect("encoded");
    let mut png = Png::from_bytes(out.into()).expect("a PNG");
    for chunk in chunks {
        png.chunks_mut().insert(1, chunk);
    }
    png.encoder().bytes().to_vec()
}

fn telling_png(orientation: u8) -> Vec<u8> {
    let text = [b"Comment\0", SECRET].concat();
    let mut out = png_with(vec![
        PngChunk::new(*b"tEXt", text.clone().into()),
        PngChunk::new(*b"iTXt", text.into()),
        PngChunk::new(*b"eXIf", exif(orientation).into()),
        PngChunk::new(*b"tIME", Bytes::from_static(&[7, 0xea, 1, 1, 1, 1, 1])),
        PngChunk::new(*b"prVt", Bytes::from_static(SECRET)),
    ]);
    out.extend(SECRET);
    out
}

fn webp() -> Vec<u8> {
    let mut out = Vec::new();
    picture()
        .write_with_encoder(WebPEncoder::new_lossless(&mut out))
        .expect("encoded");
    out
}

fn telling_webp(orientation: u8) -> Vec<u8> {
    let mut webp = WebP::from_bytes(webp().into()).expect("a WebP");
    let data = |bytes: Vec<u8>| RiffContent::Data(bytes.into());
    let header = [0b0000_1100, 0, 0, 0, 63, 0, 0, 31, 0, 0];
    webp.chunks_mut()
        .insert(0, RiffChunk::new(*b"VP8X", data(header.to_vec())));
    for (id, content) in [
        (*b"EXIF", exif(orientation)),
        (*b"XMP ", SECRET.to_vec()),
        (*b"note", SECRET.to_vec()),
    ] {
        webp.chunks_mut().push(RiffChunk::new(id, data(content)));
    }
    let mut out = webp.encoder().bytes().to_vec();
    out.extend(SECRET);
    out
}

fn frames(count: u8) -> Vec<image::Frame> {
    (0..count)
        .map(|n| {
            let canvas = RgbaImage::from_pixel(20, 10, Rgba([n * 20, 0, 0, 255]));
            let delay = Delay::from_numer_denom_ms(u32::from(n) * 10 + 50, 1);
            image::Frame::from_parts(canvas, 0, 0, delay)
        })
        .collect()
}

fn telling_gif(count: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = GifEncoder::new(&mut out);
    encoder
        .set_repeat(image::codecs::gif::Repeat::Infinite)
        .expect("repeat");
    encoder.encode_frames(frames(count)).expect("encoded");
    drop(encoder);
    // A comment before the end, and something behind it.
    let end = out.pop();
    out.extend([0x21, 0xfe, 18]);
    out.extend(SECRET);
    out.push(0);
    out.extend(end);
    out.extend(SECRET);
    out
}

fn pdf() -> Vec<u8> {
    b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n".to_vec()
}

fn kept(content: &[u8]) -> Result<(Media, Bytes)> {
    let media = sniff(content)?;
    let out = clean(media, &Bytes::copy_from_slice(content), LIMITS)?;
    Ok((media, out))
}

fn decoded(content: &[u8]) -> RgbImage {
    image::load_from_memory(content)
        .expect("decodes")
        .into_rgb8()
}

#[track_caller]
fn tells_nothing(content: &[u8]) {
    assert!(content.windows(SECRET.len()).all(|w| w != SECRET));
    for word in [
        &b"Exif"[..],
        b"EXIF",
        b"eXIf",
        b"XMP ",
        b"tEXt",
        b"Photoshop",
    ] {
        assert!(content.windows(word.len()).all(|w| w != word), "{word:?}");
    }
}

#[track_caller]
fn is_refused(content: &[u8], kind: &Kind) {
    let error = kept(content).expect_err("refused");
    assert_eq!(&error.kind, kind, "{error}");
}

#[test]
fn req47_pictures_lose_everything_but_the_picture() {
    for content in [telling_jpeg(1), telling_png(1), telling_webp(1)] {
        let (media, out) = kept(&content).expect("taken");
        tells_nothing(&out);
        // Not a pixel is changed.
        assert_eq!(decoded(&out), decoded(&content), "{media:?}");
        assert_eq!(sniff(&out).expect("known"), media);
        let (_, again) = kept(&out).expect("taken");
        assert_eq!(again, out, "{media:?}");
    }
    let (_, out) = kept(&telling_jpeg(1)).expect("taken");
    assert_eq!(out[..], jpeg()[..], "what is left is the JPEG as it was");
}

#[test]
fn req47_pictures_stay_upright_without_what_said_so() {
    for content in [telling_jpeg(6), telling_png(6), telling_webp(6)] {
        let (media, out) = kept(&content).expect("taken");
        tells_nothing(&out);
        assert_eq!(sniff(&out).expect("known"), media);
        let upright = decoded(&out);
        // Turned by 90°: what was left is above.
        assert_eq!(upright.dimensions(), (32, 64), "{media:?}");
        assert!(upright.get_pixel(16, 8).0[0] > 200, "{media:?}");
        assert!(upright.get_pixel(16, 56).0[2] > 200, "{media:?}");
    }
}

#[test]
fn a_colour_profile_stays() {
    let mut profile = vec![0; 16];
    profile.extend(b"RGB XYZ ");
    profile.resize(200, 7);
    let marked = [b"ICC_PROFILE\0\x01\x01", &profile[..]].concat();
    for orientation in [1, 3] {
        let mut content = telling_jpeg(orientation);
        content.splice(2..2, segment(0xe2, &marked));
        let (_, out) = kept(&content).expect("taken");
        tells_nothing(&out);
        let mut decoder = JpegDecoder::new(Cursor::new(out)).expect("a JPEG");
        let found = decoder.icc_profile().expect("read");
        assert_eq!(found.as_deref(), Some(&profile[..]), "{orientation}");
    }
}

#[test]
fn req47_animations_go_on_moving() {
    let (_, out) = kept(&telling_gif(5)).expect("taken");
    tells_nothing(&out);
    let shown = |content: &[u8]| {
        let decoder = GifDecoder::new(Cursor::new(content.to_vec())).expect("a GIF");
        let all = decoder.into_frames().collect_frames().expect("frames");
        all.into_iter()
            .map(|f| (f.delay(), f.into_buffer()))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&out).len(), 5);
    assert_eq!(shown(&out), shown(&telling_gif(5)));
    let repeats = |content: &[u8]| content.windows(11).any(|w| w == b"NETSCAPE2.0");
    assert!(repeats(&out));
}

#[test]
fn req47_the_content_alone_says_what_it_is() {
    assert_eq!(sniff(&jpeg()).expect("known"), Media::Jpeg);
    assert_eq!(sniff(&telling_png(1)).expect("known"), Media::Png);
    assert_eq!(sniff(&webp()).expect("known"), Media::Webp);
    assert_eq!(sniff(&telling_gif(1)).expect("known"), Media::Gif);
    for pdf in [pdf(), b"%PDF-1.4\n%%EOF".to_vec(), b"%PDF-2.0\n".to_vec()] {
        assert_eq!(kept(&pdf).expect("taken"), (Media::Pdf, pdf.clone().into()));
    }
}

#[test]
fn req47_what_is_not_taken_is_refused() {
    let html_pdf = [b"<html><script>alert(1)</script>", &pdf()[..]].concat();
    let cut = |content: Vec<u8>| content[..content.len() / 2].to_vec();
    for content in [
        b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec(),
        b"<?xml version=\"1.0\"?><svg/>".to_vec(),
        b"<!DOCTYPE html><script>alert(1)</script>".to_vec(),
        b"\xef\xbb\xbf<html></html>".to_vec(),
        b"hello".to_vec(),
        b"#!/bin/sh\nrm -rf /\n".to_vec(),
        b"MZ\x90\0\x03".to_vec(),
        b"PK\x03\x04zip".to_vec(),
        b"II*\0tiff".to_vec(),
        b"BM bitmap".to_vec(),
        // What begins as one thing and is another.
        b"GIF89a\x01\0\x01\0\0\0\0<script>alert(1)</script>".to_vec(),
        b"GIF89a".to_vec(),
        b"\xff\xd8\xff<script>alert(1)</script>".to_vec(),
        b"\xff\xd8\xff\xd9".to_vec(),
        b"\x89PNG\r\n\x1a\n<html>".to_vec(),
        b"RIFF\x10\0\0\0WEBPVP8 <svg".to_vec(),
        html_pdf,
        b"%PDF-9.9 startxref %%EOF".to_vec(),
        cut(telling_png(1)),
        cut(webp()),
        cut(telling_gif(3)),
    ] {
        is_refused(&content, &Kind::Unsupported);
    }
}

#[test]
fn req47_too_many_pixels_are_told_from_the_header() {
    // 60000 × 60000, of which nothing follows.
    let mut header = b"\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0".to_vec();
    let png = Png::from_bytes(png_with(Vec::new()).into()).expect("a PNG");
    let mut bomb = png.clone();
    bomb.chunks_mut()[0] = PngChunk::new(*b"IHDR", header.clone().into());
    is_refused(&bomb.encoder().bytes(), &Kind::TooLarge);
    // Few enough pixels, but sixteen bits of each of four colours.
    header[..10].copy_from_slice(b"\0\0\x03\x20\0\0\x03\x20\x10\x06");
    let mut deep = png;
    deep.chunks_mut()[0] = PngChunk::new(*b"IHDR", header.into());
    is_refused(&deep.encoder().bytes(), &Kind::TooLarge);

    let mut large = jpeg();
    let frame = large
        .windows(2)
        .position(|w| w == [0xff, 0xc0])
        .expect("a frame");
    large[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    is_refused(&large, &Kind::TooLarge);

    let mut large = telling_gif(1);
    large[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    is_refused(&large, &Kind::TooLarge);

    let tight = Limits { pixels: 2047 };
    for content in [jpeg(), telling_png(1), webp()] {
        let media = sniff(&content).expect("known");
        let error = clean(media, &content.into(), tight).expect_err("too large");
        assert_eq!(error.kind, Kind::TooLarge, "{media:?}");
    }
}

#[test]
fn req47_animations_and_scans_are_counted() {
    let tight = Limits { pixels: 200 };
    let few = clean(Media::Gif, &telling_gif(4).into(), tight);
    few.expect("four times the pixels");
    let many = clean(Media::Gif, &telling_gif(5).into(), tight);
    assert_eq!(many.expect_err("five times").kind, Kind::TooLarge);

    let plain = jpeg();
    let scan = plain
        .windows(2)
        .position(|w| w == [0xff, 0xda])
        .expect("a scan");
    let mut long = plain[..plain.len() - 2].to_vec();
    for _ in 0..MAX_SCANS {
        long.extend(&plain[scan..plain.len() - 2]);
    }
    long.extend([0xff, 0xd9]);
    is_refused(&long, &Kind::Unsupported);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn req47_no_file_panics(which in 0..5_usize, at in 0.0..1.0_f64, bytes in proptest::collection::vec(any::<u8>(), 1..8)) {
        let mut content = [telling_jpeg(6), telling_png(6), telling_webp(6), telling_gif(2), pdf()][which].clone();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "any place will do")]
        let at = (content.len() as f64 * at) as usize;
        let end = (at + bytes.len()).min(content.len());
        content.splice(at..end, bytes);
        if let Ok((_, out)) = kept(&content) {
            // Whatever is taken can be taken again.
            prop_assert!(kept(&out).is_ok());
        }
    }

    #[test]
    fn req47_no_bytes_panic(start in prop::sample::select(vec![&b"\xff\xd8\xff"[..], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x20\0\0\0WEBP", b"%PDF-1."]), bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(kept(&[start, &bytes[..]].concat()));
    }
}
