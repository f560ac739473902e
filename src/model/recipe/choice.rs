//! Settings that are one of a few words.

/// A setting that is one of a few words.
pub trait Choice: Copy + PartialEq + 'static {
    /// Every word there is, with what it stands for.
    const WORDS: &'static [(&'static str, Self)];

    /// Its word, as recipes have it.
    #[must_use]
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, choice)| *choice == self).map_or("", |(word, _)| word)
    }

    /// What a word stands for; `None` where it is not known. Capital letters make it another word.
    #[must_use]
    fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, choice)| *choice)
    }
}

/// What happens to a history that becomes too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// It is summed up on its own.
    #[default]
    AutoCompact,
    /// It is summed up when the user asks for it.
    Manual,
    /// It is never summed up.
    Off,
}

impl Choice for Strategy {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto_compact", Self::AutoCompact), ("manual", Self::Manual), ("off", Self::Off)];
}

/// Whether the tasks of a recipe know of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TaskMode {
    /// Each begins anew.
    #[default]
    Independent,
    /// Each goes on where the one before it ended.
    Sequential,
}

impl Choice for TaskMode {
    const WORDS: &'static [(&'static str, Self)] =
        &[("independent", Self::Independent), ("sequential", Self::Sequential)];
}

/// What tools may do with files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filesystem {
    /// Everything.
    #[default]
    Unrestricted,
    /// Everything within the project.
    ProjectOnly,
    /// Nothing but read.
    ReadOnly,
}

impl Choice for Filesystem {
    const WORDS: &'static [(&'static str, Self)] =
        &[("unrestricted", Self::Unrestricted), ("project_only", Self::ProjectOnly), ("read_only", Self::ReadOnly)];
}

/// What tools may do with the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// Everything.
    #[default]
    Full,
    /// Nothing.
    None,
}

impl Choice for Network {
    const WORDS: &'static [(&'static str, Self)] = &[("full", Self::Full), ("none", Self::None)];
}

/// What is kept of a tool's output that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Truncation {
    /// The beginning.
    #[default]
    Head,
    /// The end.
    Tail,
    /// Both.
    HeadTail,
}

impl Choice for Truncation {
    const WORDS: &'static [(&'static str, Self)] =
        &[("head", Self::Head), ("tail", Self::Tail), ("head_tail", Self::HeadTail)];
}
