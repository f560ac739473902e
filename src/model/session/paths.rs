//! Paths of the files that a session's models write.

use crate::error::{Error, ErrorKind, Result};

/// The longest path, in bytes: what a key has room for beside a user and a session.
const MAX_PATH_BYTES: usize = 16 * 1024;

/// An absolute path without `.`, `..` and superfluous slashes. One that is not absolute is below `folder`, which neither may leave.
///
/// # Errors
///
/// [`ErrorKind::InvalidArgument`] where it leaves the folder, or is that; [`ErrorKind::LimitExceeded`] where it is longer than 16 KiB.
///
/// ```
/// use agent_datastore::model::session::resolved;
///
/// assert_eq!(resolved("/work", "src/./a/../b.rs")?, "/work/src/b.rs");
/// assert_eq!(resolved("/work", "/work//b.rs")?, "/work/b.rs");
/// assert!(resolved("/work", "../b.rs").is_err());
/// assert!(resolved("/work", "/works/b.rs").is_err());
/// # Ok::<(), agent_datastore::Error>(())
/// ```
pub fn resolved(folder: &str, path: &str) -> Result<String> {
    let refused = || Error::new(ErrorKind::InvalidArgument, format!("the path {path:?} is not below {folder:?}"));
    if folder.len() + path.len() > MAX_PATH_BYTES {
        let message = format!("a path is over the limit of {MAX_PATH_BYTES} bytes");
        return Err(Error::new(ErrorKind::LimitExceeded, message));
    }
    let root = parts(&[folder]).ok_or_else(refused)?;
    let found = if path.starts_with('/') { parts(&[path]) } else { parts(&[folder, path]) };
    let found = found.filter(|found| found.len() > root.len() && found.starts_with(&root)).ok_or_else(refused)?;
    Ok(found.iter().flat_map(|part| ["/", part]).collect())
}

/// The names that paths behind each other go through; `None` where they go above the top.
fn parts<'a>(paths: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut found = Vec::new();
    for part in paths.iter().flat_map(|path| path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(found.pop()?),
            part => found.push(part),
        }
    }
    Some(found)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_their_folder() {
        for (folder, path, expected) in [
            ("/", "a", Some("/a")),
            ("", "a/b", Some("/a/b")),
            ("/", "/a/", Some("/a")),
            ("/w/", "./x", Some("/w/x")),
            ("/w", "a/../../w/x", Some("/w/x")),
            ("/w", "..", None),
            ("/w", "", None),
            ("/w", "/w", None),
            ("/", "..", None),
            ("/", "/../x", None),
            ("/w", "/x", None),
            ("/w", "a/../../x", None),
            ("../w", "x", None),
            ("/", "日本/\u{0}", Some("/日本/\u{0}")),
        ] {
            assert_eq!(resolved(folder, path).ok().as_deref(), expected, "{folder:?} {path:?}");
        }
        assert_eq!(resolved("/", &"x".repeat(MAX_PATH_BYTES)).unwrap_err().kind(), ErrorKind::LimitExceeded);
    }
}
