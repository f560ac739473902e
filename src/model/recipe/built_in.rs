//! The recipe of those who bring none.

use super::{Constraints, Context, Filesystem, GoDuration, Network, Recipe, Sandbox, Strategy, Tools, VERSION};

/// The tools, and when to use them.
const TOOLS: [(&str, &str); 9] = [
    ("list_directory", "Look around before opening anything: it shows which files and folders there are."),
    ("search_files", "Find files by their names when you know a part of one."),
    ("search_code", "Find the places where a name or a phrase is used. Cheaper than reading whole files."),
    ("read_file", "Read a file before you change it, and no more of it than you need."),
    ("edit_file", "Change a part of a file. Prefer this over writing the file anew."),
    ("write_file", "Write a new file, or replace one from beginning to end."),
    ("bash", "Build, test, and do what no other tool does. Keep commands short, and none that waits for input."),
    ("web_fetch", "Read a page whose address you know."),
    ("web_search", "Look for what is newer than your knowledge, or outside of this project."),
];

const SUMMARY: &str = "\
Sum up the conversation so far, so that the work can go on from your summary alone. Keep:

- what the user wants, and every rule they gave
- what was decided, and why
- which files were read, written or changed, by their paths
- commands that matter and what they showed, errors in their own words
- what is done, what is open, and what comes next

Leave out greetings, repetitions and long outputs. Do not add anything that was not said.";

const MAX_HISTORY_TURNS: u64 = 20;
const COMPACT_THRESHOLD: f64 = 0.8;
/// Five minutes.
const TIMEOUT_NANOS: i64 = 300_000_000_000;
/// Two minutes.
const BASH_TIMEOUT_NANOS: i64 = 120_000_000_000;

impl Recipe {
    /// The recipe of those who bring none: all files, all of the network, nine tools with guidance, runs of five minutes and any number
    /// of steps, and a history that is summed up on its own. Its markdown keeps all of it.
    #[must_use]
    pub fn built_in() -> Self {
        let tool = |(name, guidance): (&str, &str)| (name.to_owned(), guidance.to_owned());
        Self {
            version: VERSION,
            name: "Errata Default".to_owned(),
            tools: Some(Tools {
                allowlist: TOOLS.iter().map(|(name, _)| (*name).to_owned()).collect(),
                bash_prefixes: Vec::new(),
                guidance: TOOLS.into_iter().map(tool).collect(),
            }),
            constraints: Constraints {
                max_steps: 0,
                timeout: GoDuration::from_nanos(TIMEOUT_NANOS),
                bash_timeout: GoDuration::from_nanos(BASH_TIMEOUT_NANOS),
            },
            context: Context {
                max_history_turns: MAX_HISTORY_TURNS,
                strategy: Some(Strategy::AutoCompact),
                compact_threshold: COMPACT_THRESHOLD,
                task_mode: None,
            },
            sandbox: Sandbox {
                filesystem: Some(Filesystem::Unrestricted),
                network: Some(Network::Full),
                allow_local_fetch: false,
            },
            summarization_prompt: SUMMARY.to_owned(),
            ..Self::default()
        }
    }
}
