//! The directory layout of the original (`stores.md`, A.2): a directory for each scope, a file of JSON for each snapshot. Where names do not
//! tell the keys that they stand for, one more file does, which the original passes over.

use super::names::{key_of, names_of, sanitize};
use crate::error::{Error, ErrorKind, Result};
use crate::model::json::{Json, ObjectWriter, Parts, string};
use crate::model::limits::MAX_DEPTH;
use crate::model::py_json;
use crate::model::repeats::{place_of, repeated, sorted};

/// The keys of files whose names do not tell them: an object of a list of texts, the scopes and the key, by path.
const KEYS: &str = ".keys.json";
const SUFFIX: &str = ".json";

/// A value, and where it is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The scopes, from the top.
    pub path: Vec<String>,
    /// The key.
    pub key: String,
    /// The value.
    pub value: Json,
}

impl Saved {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.path.iter().map(String::as_str).chain([self.key.as_str()])
    }
}

/// The paths and texts of the files of snapshots, which have to be in the order of the database: those of one scope together, its own ones before
/// those of the scopes below.
#[must_use]
pub fn write(snapshots: &[Saved]) -> Vec<(String, String)> {
    let mut files = Vec::with_capacity(snapshots.len());
    let mut keys = ObjectWriter::default();
    // A hierarchy may be deeper than the stack.
    let mut scopes = vec![(snapshots, 0, String::new())];
    while let Some((snapshots, depth, directory)) = scopes.pop() {
        let (own, below) = snapshots.split_at(snapshots.partition_point(|saved| saved.path.len() == depth));
        for (saved, name) in own.iter().zip(names_of(own.iter().map(|saved| saved.key.as_str()))) {
            let path = [&directory, &name, SUFFIX].concat();
            if !path.strip_suffix(SUFFIX).is_some_and(|path| path.split('/').map(key_of).eq(saved.names())) {
                let names: Vec<String> = saved.names().map(string).collect();
                keys.raw(&path, &format!("[{}]", names.join(",")));
            }
            files.push((path, py_json::write(&saved.value)));
        }
        let scope = |saved: &Saved| saved.path.get(depth).cloned().unwrap_or_default();
        let groups: Vec<&[Saved]> = below.chunk_by(|one, next| scope(one) == scope(next)).collect();
        let first = groups.iter().filter_map(|group| group.first()?.path.get(depth)).map(String::as_str);
        for (group, name) in groups.iter().zip(names_of(first)).rev() {
            scopes.push((group, depth + 1, [&directory, &name, "/"].concat()));
        }
    }
    if !keys.is_empty() {
        files.push((KEYS.to_owned(), py_json::write(&keys.finish())));
    }
    files
}

/// Whether a file at this path is one of a store. None of them has a hidden name, but that of the keys.
#[must_use]
pub fn is_one(path: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains('\\');
    path == KEYS || path.ends_with(SUFFIX) && path.split('/').all(is_name)
}

/// Reads files: what [`write()`] made, or the original. A name stands for the key of `known` that is sanitised to it, where there is one, and else
/// for itself. Files that are not of JSON by their names are passed over.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`], naming the file: one that is not JSON, or is nested deeper than [`MAX_DEPTH`]; two of the same key.
pub fn read(files: &[(String, String)], known: &[String]) -> Result<Vec<Saved>> {
    let told = read_keys(files)?;
    let told_paths = sorted(told.iter().map(|(path, _)| path.as_bytes()));
    let known_names: Vec<String> = known.iter().map(|key| sanitize(key)).collect();
    let known_names = sorted(known_names.iter().map(String::as_bytes));
    let key_of = |name: &str| match place_of(&known_names, name).and_then(|place| known.get(place)) {
        Some(key) => key.clone(),
        None => key_of(name),
    };
    let mut found = Vec::with_capacity(files.len());
    for (path, text) in files.iter().filter(|(path, _)| path != KEYS && is_one(path)) {
        let mut names = match place_of(&told_paths, path).and_then(|place| told.get(place)) {
            Some((_, names)) => names.clone(),
            None => path.strip_suffix(SUFFIX).unwrap_or(path).split('/').map(key_of).collect(),
        };
        let value = py_json::read(text, MAX_DEPTH, false).map_err(|error| error.at(path))?;
        let key = names.pop().unwrap_or_default();
        found.push(Saved { path: names, key, value });
    }
    // What lists of texts have to tell them apart.
    let places: Vec<String> = found.iter().map(|saved| saved.names().map(string).collect()).collect();
    let places = sorted(places.iter().map(String::as_bytes));
    match repeated(&places) {
        None => Ok(found),
        Some(place) => Err(invalid(format!("there are two files of {}", String::from_utf8_lossy(place)))),
    }
}

/// The scopes and the key of each path that the file of keys has.
fn read_keys(files: &[(String, String)]) -> Result<Vec<(String, Vec<String>)>> {
    let paths = sorted(files.iter().map(|(path, _)| path.as_bytes()));
    if let Some(path) = repeated(&paths) {
        return Err(invalid(format!("there are two files {:?}", String::from_utf8_lossy(path))));
    }
    let Some((_, text)) = place_of(&paths, KEYS).and_then(|place| files.get(place)) else { return Ok(Vec::new()) };
    let wrong = || invalid(format!("{KEYS} has to be an object of lists of texts"));
    let text = py_json::read(text, MAX_DEPTH, false).map_err(|error| error.at(KEYS))?;
    let mut keys = Vec::new();
    for (path, names) in Parts::of(text.as_str()).object().ok_or_else(wrong)?.iter() {
        let names = Parts::of(names).list().ok_or_else(wrong)?.into_iter().map(|name| match Parts::of(name) {
            Parts::Text(name) if !name.is_empty() => Ok(name),
            _ => Err(wrong()),
        });
        let names = names.collect::<Result<Vec<_>>>()?;
        if names.is_empty() {
            return Err(wrong());
        }
        keys.push((path.to_owned(), names));
    }
    Ok(keys)
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidDocument, message)
}
