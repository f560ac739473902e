//! Zip archives against another implementation, both ways, and against damage.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::ErrorKind;
use agent_datastore::model::chat::files;
use agent_datastore::model::zip::{self, Member};
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use zip_crate::CompressionMethod;
use zip_crate::write::SimpleFileOptions;

const MANY: usize = 1 << 30;

fn gzip(text: &str) -> Vec<u8> {
    let mut stream = Vec::new();
    GzEncoder::new(text.as_bytes(), Compression::fast()).read_to_end(&mut stream).unwrap();
    stream
}

fn gunzip(member: &Member) -> std::io::Result<String> {
    let mut text = String::new();
    GzDecoder::new(member.gzip.as_slice()).read_to_string(&mut text)?;
    Ok(text)
}

fn ours(files: &[(&str, &str)]) -> Vec<u8> {
    let members: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), gzip(text))).collect();
    zip::write(&members).unwrap()
}

/// An archive as others make it. With a stream the lengths come only after each member, and the list has them.
fn theirs(files: &[(&str, &str)], method: CompressionMethod, is_stream: bool, comment: &str) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(method);
    let mut bytes = Cursor::new(Vec::new());
    let fill = |writer: &mut dyn FnMut(&str, &str)| files.iter().for_each(|(path, text)| writer(path, text));
    if is_stream {
        let mut writer = zip_crate::ZipWriter::new_stream(&mut bytes);
        fill(&mut |path, text| {
            writer.start_file(path, options).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        });
        writer.set_comment(comment).unwrap();
        let _ = writer.finish().unwrap();
    } else {
        let mut writer = zip_crate::ZipWriter::new(&mut bytes);
        fill(&mut |path, text| {
            writer.start_file(path, options).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        });
        writer.set_comment(comment).unwrap();
        writer.finish().unwrap();
    }
    bytes.into_inner()
}

fn read_by_us(archive: &[u8]) -> BTreeMap<String, String> {
    let members = zip::read(archive, MANY, &|_| true).unwrap();
    members.iter().map(|member| (member.path.clone(), gunzip(member).unwrap())).collect()
}

fn map_of(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn refused(archive: &[u8]) -> (ErrorKind, String) {
    let error = zip::read(archive, MANY, &|_| true).unwrap_err();
    (error.kind(), error.message().to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn others_read_what_is_written_and_what_they_write_is_read(
        files in prop::collection::btree_map("[a-zé😀 ._-]{1,12}", "(.|\n){0,300}", 0..6),
        long in 0_usize..200_000, is_stream: bool, comment in "[ -~]{0,40}",
    ) {
        let long = "wide ".repeat(long / 5);
        let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        files.push(("folder/long", &long));
        let mut archive = zip_crate::ZipArchive::new(Cursor::new(ours(&files))).unwrap();
        prop_assert_eq!(archive.len(), files.len());
        for (path, text) in &files {
            let mut found = String::new();
            archive.by_name(path).unwrap().read_to_string(&mut found).unwrap();
            prop_assert_eq!(&found, text);
        }
        prop_assert_eq!(read_by_us(&ours(&files)), map_of(&files));
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            prop_assert_eq!(read_by_us(&theirs(&files, method, is_stream, &comment)), map_of(&files));
        }
    }

    #[test]
    fn damage_is_an_error_or_changes_nothing(place: prop::sample::Index, bit in 0_u32..8, keep: prop::sample::Index) {
        let files = [("a.json", "the first of them"), ("b.json", "the second, second, second of them")];
        let archive = ours(&files);
        let mut damaged = archive.clone();
        let place = place.index(damaged.len());
        damaged[place] ^= 1 << bit;
        for damaged in [&damaged[..], &archive[..keep.index(archive.len())]] {
            let Ok(members) = zip::read(damaged, MANY, &|_| true) else { continue };
            for member in members {
                // Names are not secured by a checksum, texts are.
                if let Ok(text) = gunzip(&member) {
                    prop_assert!(files.iter().any(|(_, known)| *known == text), "{member:?}");
                }
            }
        }
    }

    #[test]
    fn bytes_that_are_no_archive_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), end: bool) {
        if end {
            bytes.extend(&ours(&[])[..]);
        }
        let _ = zip::read(&bytes, MANY, &|_| true);
        let _ = zip::paths(&bytes);
    }
}

#[test]
fn what_no_import_can_read_says_so() {
    let files = [("a.json", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), ("b.json", "b")];
    let archive = ours(&files);
    assert_eq!(refused(b""), (ErrorKind::InvalidDocument, "it is no zip archive, or its end is missing".to_owned()));
    let (kind, message) = refused(&archive[..archive.len() - 1]);
    assert!(kind == ErrorKind::InvalidDocument && message.contains("its end is missing"), "{message}");

    let list = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let changed = |at: usize, byte: u8| {
        let mut archive = archive.clone();
        archive[list + at] = byte;
        refused(&archive).1
    };
    assert_eq!(changed(8, 1), "a.json: it is encrypted");
    assert_eq!(changed(10, 14), "a.json: it is compressed in another way than deflate: 14");
    assert_eq!(changed(42, 1), "a.json: it is not where the list says");
    assert_eq!(changed(0, 1), "the list of its members is damaged");
    let mut odd = archive.clone();
    odd[list + 46] = 0xff;
    assert_eq!(zip::paths(&odd).unwrap(), ["\u{fffd}.json", "b.json"], "a name of another time");

    let error = zip::read(&archive, 39, &|_| true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    assert_eq!(zip::read(&archive, 1, &|path| path == "b.json").unwrap().len(), 1, "only what is wanted counts");
}

#[test]
fn members_that_share_their_bytes_are_refused() {
    let noise: String =
        (0..4_000_u32).map(|number| char::from(b' ' + (number.wrapping_mul(2_654_435_761) >> 25) as u8 % 90)).collect();
    let archive = ours(&[("a", &noise)]);
    let list = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let (members, rest) = archive.split_at(list);
    let (listed, end) = rest.split_at(rest.len() - 22);
    let mut bomb = [members, &listed.repeat(1_000)].concat();
    let mut end = end.to_vec();
    end[8..12].copy_from_slice(&[0xe8, 3, 0xe8, 3]);
    end[12..16].copy_from_slice(&u32::to_le_bytes(listed.len() as u32 * 1_000));
    bomb.extend(end);
    assert_eq!(zip::paths(&bomb).unwrap().len(), 1_000);
    assert_eq!(refused(&bomb), (ErrorKind::InvalidDocument, "its members overlap".to_owned()));
}

#[test]
fn too_many_members_are_refused_and_so_is_what_is_no_gzip_stream() {
    let stream = gzip("");
    let members = |count: usize| (0..count).map(|number| (number.to_string(), stream.clone())).collect::<Vec<_>>();
    let archive = zip::write(&members(65_534)).unwrap();
    assert_eq!(zip::paths(&archive).unwrap().len(), 65_534);
    assert_eq!(zip::write(&members(65_535)).unwrap_err().kind(), ErrorKind::LimitExceeded);
    for stream in [&b""[..], b"\x1f\x8b\x08\x08 and a name", b"plain text that is long enough"] {
        let error = zip::write(&[("a".to_owned(), stream.to_vec())]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{stream:?}");
    }
}

#[test]
fn the_files_are_found_in_whatever_folder_they_are() {
    let root = |paths: &[&'static str]| files::root_among(paths.iter().copied());
    assert_eq!(root(&["message_store.json", "conversations/a.json", "old/message_store.json"]), "");
    assert_eq!(root(&["__MACOSX/data/conversations/._a.json", "data/", "data/message_store.json"]), "data/");
    assert_eq!(root(&["a/b/conversations/x.json", "a/readme.txt"]), "a/b/");
    assert_eq!(root(&["my_conversations/x.json", "conversations/y/z.json", "xmessage_store.json"]), "");
    assert!(files::is_one("message_store.json") && files::is_one("conversations/é.json"));
    assert!(
        !files::is_one("conversations/a/b.json") && !files::is_one("conversations/a.tmp") && !files::is_one("a.json")
    );
}
