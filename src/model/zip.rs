//! Zip archives (APPNOTE.TXT 6.3) of members that come and go as gzip streams (RFC 1952).
//!
//! Both hold what deflate made, its CRC-32 and its length, so whoever has gzip, as every browser does, has all that an archive needs; and a
//! member that is damaged is found by gzip's own check.

use crate::error::{Error, ErrorKind, Result};

const MEMBER: u32 = 0x0403_4b50;
const LISTED: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_BYTES: usize = 22;
const LISTED_BYTES: usize = 46;
const MEMBER_BYTES: usize = 30;
/// The version that deflate needs.
const VERSION: u16 = 20;
/// The name is UTF-8.
const UTF8: u16 = 1 << 11;
const ENCRYPTED: u16 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// The first of January 1980: the same files make the same archive.
const DATE: u16 = 0x21;
/// What stands for a count or a length that is elsewhere, in a larger record.
const ELSEWHERE: usize = 0xffff;
/// A gzip stream's header where it has neither name nor time: deflate, and any system.
const GZIP: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
const GZIP_END_BYTES: usize = 8;
/// The most that one block of deflate can hold as it is.
const BLOCK_BYTES: usize = 0xffff;

/// A member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path.
    pub path: String,
    /// How many bytes it has, as the archive says.
    pub bytes: usize,
    /// A gzip stream of it.
    pub gzip: Vec<u8>,
}

/// Makes an archive of paths and gzip streams, which have to be of one member and without flags, as `CompressionStream` makes them.
///
/// # Errors
///
/// [`ErrorKind::LimitExceeded`] for more than 65,534 members, a path over 64 KiB, or an archive of 4 GiB;
/// [`ErrorKind::Unavailable`] for streams of another kind.
pub fn write(members: &[(String, Vec<u8>)]) -> Result<Vec<u8>> {
    let mut archive = Vec::new();
    let mut listed = Vec::new();
    for (path, gzip) in members {
        let (deflated, checksum, length) = parts_of(gzip).ok_or_else(|| {
            Error::new(ErrorKind::Unavailable, "what the platform compresses is no plain gzip stream")
        })?;
        let path_length = u16::try_from(path.len()).map_err(|_| too_large("a path"))?;
        let offset = u32::try_from(archive.len()).map_err(|_| too_large("an archive"))?;
        let mut both = Vec::new();
        for number in [VERSION, UTF8, DEFLATED, 0, DATE] {
            both.extend(number.to_le_bytes());
        }
        both.extend(checksum);
        both.extend(u32::try_from(deflated.len()).map_err(|_| too_large("a member"))?.to_le_bytes());
        both.extend(length);
        both.extend(path_length.to_le_bytes());
        both.extend([0; 2]);
        archive.extend(MEMBER.to_le_bytes());
        archive.extend_from_slice(&both);
        archive.extend_from_slice(path.as_bytes());
        archive.extend_from_slice(deflated);
        listed.extend(LISTED.to_le_bytes());
        listed.extend(VERSION.to_le_bytes());
        listed.extend(both);
        listed.extend([0; 10]);
        listed.extend(offset.to_le_bytes());
        listed.extend_from_slice(path.as_bytes());
    }
    let count = u16::try_from(members.len()).ok().filter(|count| usize::from(*count) != ELSEWHERE);
    let count = count.ok_or_else(|| too_large("a list of members"))?;
    let offset = u32::try_from(archive.len()).map_err(|_| too_large("an archive"))?;
    let bytes = u32::try_from(listed.len()).map_err(|_| too_large("a list of members"))?;
    archive.extend(listed);
    archive.extend(END.to_le_bytes());
    archive.extend([0; 4]);
    archive.extend([count.to_le_bytes(); 2].as_flattened());
    archive.extend(bytes.to_le_bytes());
    archive.extend(offset.to_le_bytes());
    archive.extend([0; 2]);
    Ok(archive)
}

/// The members of an archive that `is_wanted`, in the order of its list. Folders are none.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`] where it is no archive, is damaged, or has what only other software reads: encrypted members, other
/// ways to compress, more than 65,534 members or 4 GiB. [`ErrorKind::LimitExceeded`] where what is wanted has more than `max_bytes`.
pub fn read(archive: &[u8], max_bytes: usize, is_wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Member>> {
    let (count, offset, end) =
        find_list(archive).ok_or_else(|| invalid("it is no zip archive, or its end is missing"))?;
    let mut members = Vec::new();
    let (mut total, mut total_packed) = (0_usize, 0_usize);
    let mut at = offset;
    for _ in 0..count {
        let listed = Listed::read(archive.get(at..end).unwrap_or_default());
        let listed = listed.ok_or_else(|| invalid("the list of its members is damaged"))?;
        at += listed.length;
        // Old software has names in whatever its system spoke.
        let path = String::from_utf8_lossy(listed.path);
        if path.ends_with('/') || !is_wanted(&path) {
            continue;
        }
        total = total.saturating_add(listed.bytes);
        total_packed = total_packed.saturating_add(listed.packed);
        if total > max_bytes {
            let message = format!("its files have more than {max_bytes} bytes; import fewer at a time");
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        let gzip = listed.gzip(archive.get(..offset).unwrap_or_default()).map_err(|error| error.at(&path))?;
        // Members that share their bytes would be an archive that is larger than it is.
        if total_packed > archive.len() {
            return Err(invalid("its members overlap"));
        }
        members.push(Member { path: path.into_owned(), bytes: listed.bytes, gzip });
    }
    Ok(members)
}

/// The paths of all members.
///
/// # Errors
///
/// As [`read`].
pub fn paths(archive: &[u8]) -> Result<Vec<String>> {
    let seen = std::cell::RefCell::new(Vec::new());
    read(archive, 0, &|path| {
        seen.borrow_mut().push(path.to_owned());
        false
    })?;
    Ok(seen.into_inner())
}

/// What deflate made, its checksum and its length, of a gzip stream.
fn parts_of(gzip: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (header, rest) = gzip.split_at_checked(GZIP.len())?;
    let [magic, other_magic, method, flags, ..] = header else { return None };
    if [*magic, *other_magic, *method, *flags] != [0x1f, 0x8b, 8, 0] {
        return None;
    }
    let (deflated, end) = rest.split_at_checked(rest.len().checked_sub(GZIP_END_BYTES)?)?;
    let (checksum, length) = end.split_at_checked(4)?;
    Some((deflated, checksum, length))
}

/// How many members there are, and where their list begins and ends.
fn find_list(archive: &[u8]) -> Option<(usize, usize, usize)> {
    let last = archive.len().checked_sub(END_BYTES)?;
    let is_end = |at: &usize| {
        let comment = u16_at(archive, at + 20);
        u32_at(archive, *at) == Some(END as usize)
            && comment.is_some_and(|comment| at + END_BYTES + comment == archive.len())
    };
    let at = (last.saturating_sub(ELSEWHERE)..=last).rev().find(is_end)?;
    let (count, bytes, offset) = (u16_at(archive, at + 10)?, u32_at(archive, at + 12)?, u32_at(archive, at + 16)?);
    let is_whole = u32_at(archive, at + 4)? == 0 && u16_at(archive, at + 8)? == count && count != ELSEWHERE;
    let end = offset.checked_add(bytes)?;
    (is_whole && end <= at).then_some((count, offset, end))
}

/// A member as the list has it.
struct Listed<'a> {
    /// Of its place in the list.
    length: usize,
    flags: u16,
    method: u16,
    checksum: [u8; 4],
    packed: usize,
    bytes: usize,
    offset: usize,
    path: &'a [u8],
}

impl<'a> Listed<'a> {
    fn read(list: &'a [u8]) -> Option<Self> {
        let (path, extra, comment) = (u16_at(list, 28)?, u16_at(list, 30)?, u16_at(list, 32)?);
        if u32_at(list, 0)? != LISTED as usize {
            return None;
        }
        let length = LISTED_BYTES + path + extra + comment;
        Some(Self {
            length: Some(length).filter(|length| *length <= list.len())?,
            flags: u16_at(list, 8)? as u16,
            method: u16_at(list, 10)? as u16,
            checksum: list.get(16..20)?.try_into().ok()?,
            packed: u32_at(list, 20)?,
            bytes: u32_at(list, 24)?,
            offset: u32_at(list, 42)?,
            path: list.get(LISTED_BYTES..LISTED_BYTES + path)?,
        })
    }

    /// A gzip stream of it. `members` is the part of the archive before the list.
    fn gzip(&self, members: &[u8]) -> Result<Vec<u8>> {
        if self.flags & ENCRYPTED != 0 {
            return Err(invalid("it is encrypted"));
        }
        let packed = self.data(members).ok_or_else(|| invalid("it is not where the list says"))?;
        let mut gzip = GZIP.to_vec();
        match self.method {
            DEFLATED => gzip.extend_from_slice(packed),
            STORED => {
                for block in packed.chunks(BLOCK_BYTES) {
                    let length = block.len() as u16;
                    gzip.push(0);
                    gzip.extend(length.to_le_bytes());
                    gzip.extend((!length).to_le_bytes());
                    gzip.extend_from_slice(block);
                }
                // An empty last block.
                gzip.extend([1, 0, 0, 0xff, 0xff]);
            }
            method => return Err(invalid(format!("it is compressed in another way than deflate: {method}"))),
        }
        gzip.extend(self.checksum);
        gzip.extend((self.bytes as u32).to_le_bytes());
        Ok(gzip)
    }

    fn data<'b>(&self, members: &'b [u8]) -> Option<&'b [u8]> {
        let member = members.get(self.offset..)?;
        if u32_at(member, 0)? != MEMBER as usize {
            return None;
        }
        let start = MEMBER_BYTES + u16_at(member, 26)? + u16_at(member, 28)?;
        member.get(start..start.checked_add(self.packed)?)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let number = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_le_bytes(number.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let number = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(number.try_into().ok()?)).ok()
}

fn too_large(what: &str) -> Error {
    Error::new(ErrorKind::LimitExceeded, format!("{what} is too large for a zip archive; export fewer conversations"))
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidDocument, message)
}
