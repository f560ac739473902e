//! What imports of every store have in common.

/// What an import does with what exists, such as a conversation or a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// Nothing is imported.
    #[default]
    Refuse,
    /// The imported one takes its place: of a conversation also in the order of creation.
    Replace,
    /// The stored one stays.
    Skip,
}
