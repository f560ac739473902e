//! Which namespaces are listed, and what is told of each.

use super::json::{Json, ObjectWriter};
use super::timestamp::Timestamp;
use crate::error::{Error, ErrorKind, Result};

/// Which namespaces are listed, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamespaceOptions {
    /// Only namespaces that begin so.
    pub prefix: String,
    /// How they are put together; `None` for each alone.
    pub groups: Option<Groups>,
}

/// How namespaces are put together to groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// What separates the parts of a namespace; not empty.
    pub delimiter: String,
    /// After how many parts a namespace is cut, counted behind the prefix; at least 1. Those that are the same up to there are
    /// one group.
    pub depth: u32,
}

/// A namespace, or a group of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceName {
    /// The namespace; of a group, what its namespaces begin with, up to the delimiter and with it.
    pub name: String,
    /// Whether it is a group.
    pub is_group: bool,
}

/// A namespace, or a group of them, with what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceDetails {
    /// Which.
    pub namespace: NamespaceName,
    /// How many records there are.
    pub records: u64,
    /// How many bytes their keys have in UTF-8, and the records themselves in their stored form before compression: values and metadata
    /// as JSON text, times and agents.
    pub bytes: u64,
    /// When a record was last written.
    pub updated_at: Timestamp,
}

impl NamespaceOptions {
    /// Refuses what cannot be meant.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for an empty delimiter and a depth of 0.
    pub fn check(&self) -> Result<()> {
        match &self.groups {
            Some(Groups { delimiter, depth }) if delimiter.is_empty() || *depth == 0 => Err(Error::new(
                ErrorKind::InvalidArgument,
                "a delimiter must not be empty, and a depth has to be at least 1",
            )),
            _ => Ok(()),
        }
    }

    /// What a namespace that begins with the prefix is listed as.
    #[must_use]
    pub fn name_of(&self, namespace: &str) -> NamespaceName {
        let group = self.groups.as_ref().and_then(|Groups { delimiter, depth }| {
            let mut end = self.prefix.len();
            for _ in 0..*depth {
                end += namespace.get(end..)?.find(delimiter)? + delimiter.len();
            }
            namespace.get(..end)
        });
        NamespaceName { name: group.unwrap_or(namespace).to_owned(), is_group: group.is_some() }
    }
}

impl NamespaceDetails {
    /// Those of a namespace of which nothing was counted yet.
    #[must_use]
    pub const fn new(namespace: NamespaceName, updated_at: Timestamp) -> Self {
        Self { namespace, records: 0, bytes: 0, updated_at }
    }

    /// Counts a record.
    pub fn add(&mut self, bytes: usize, updated_at: Timestamp) {
        self.records += 1;
        self.bytes += bytes as u64;
        self.updated_at = self.updated_at.max(updated_at);
    }

    /// As JavaScript sees it.
    #[must_use]
    pub fn to_view(&self) -> Json {
        let mut object = ObjectWriter::default();
        object.text("namespace", &*self.namespace.name);
        object.raw("isGroup", if self.namespace.is_group { "true" } else { "false" });
        object.raw("records", &self.records.to_string());
        object.raw("bytes", &self.bytes.to_string());
        object.text("updatedAt", &*self.updated_at.to_iso());
        object.finish()
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn options(prefix: &str, delimiter: &str, depth: u32) -> NamespaceOptions {
        NamespaceOptions { prefix: prefix.to_owned(), groups: Some(Groups { delimiter: delimiter.to_owned(), depth }) }
    }

    #[test]
    fn a_namespace_is_cut_after_its_parts() {
        let cases = [
            (options("", ":", 1), "files", "files", false),
            (options("", ":", 1), "files:a", "files:", true),
            (options("", ":", 1), "files:", "files:", true),
            (options("", ":", 1), ":a", ":", true),
            (options("", ":", 1), "", "", false),
            (options("", ":", 2), "files:a", "files:a", false),
            (options("", ":", 2), "files:a:b:c", "files:a:", true),
            (options("files:", ":", 1), "files:a:b", "files:a:", true),
            (options("files:", ":", 1), "files:a", "files:a", false),
            (options("fi", "::", 1), "files::a:b", "files::", true),
            (options("", "日", 2), "a日b日c", "a日b日", true),
        ];
        for (options, namespace, name, is_group) in cases {
            let expected = NamespaceName { name: name.to_owned(), is_group };
            assert_eq!(options.name_of(namespace), expected, "{namespace:?} with {options:?}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for wrong in [options("", "", 1), options("", ":", 0)] {
            assert_eq!(wrong.check().unwrap_err().kind(), ErrorKind::InvalidArgument);
        }
        assert!(options("", ":", 1).check().is_ok() && NamespaceOptions::default().check().is_ok());
    }

    proptest! {
        /// So a group can never be taken for a namespace that is listed alone.
        #[test]
        fn groups_end_with_the_delimiter_and_others_have_fewer_of_it(parts in prop::collection::vec("[ab]{0,2}", 1..6), depth in 1..5_u32) {
            let namespace = parts.join(":");
            let listed = options("", ":", depth).name_of(&namespace);
            prop_assert!(namespace.starts_with(&listed.name));
            prop_assert_eq!(listed.is_group, parts.len() > depth as usize);
            let delimiters = listed.name.matches(':').count();
            let is_cut = delimiters == depth as usize && listed.name.ends_with(':');
            prop_assert!(is_cut == listed.is_group && (is_cut || delimiters < depth as usize));
        }
    }
}
