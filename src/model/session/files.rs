//! The files of the original (`stores.md`, D.1). What it does not keep of a session is in one more file of it, which it passes over.

use super::checkpoint::Checkpoint;
use super::paths::resolved;
use super::prompt_lines::{read_lines, write_line};
use super::recipe_snapshot::{RecipeBook, book_file};
use super::record::{Value, fields, from_file, to_file};
use super::saved::Saved;
use super::usage::is_day;
use crate::error::{Error, ErrorKind, Result};
use crate::model::file_stem::{id_of, stem_of};
use crate::model::limits::MAX_VALUES;
use crate::model::recipe::{parse_markdown, to_markdown};
use crate::model::repeats::{repeated, sorted};

const FOLDER: &str = "data/";
const PROMPTS: &str = "prompt_history.jsonl";
const RECIPES: &str = "configs.json";
/// The folder of the sessions.
pub const SESSIONS: &str = "data/sessions";
/// The folder of recipes, which only has a name.
pub const RECIPE_FILES: &str = "data/recipes";
const METADATA: &str = "session_metadata.json";
const CONTENT: &str = "session_content.json";
const CHECKPOINT: &str = "checkpoint.json";
const RECIPE: &str = "recipe.md";
const MORE: &str = "agent_datastore.json";

/// Where the files of a session are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionPaths {
    /// Their folder.
    pub dir: String,
    /// What the session is.
    pub metadata_path: String,
    /// What was said.
    pub content_path: String,
    /// The run that was cut short.
    pub checkpoint_path: String,
    /// The recipe.
    pub recipe_path: String,
}

fields!(SessionPaths { keep dir, keep metadata_path, keep content_path, keep checkpoint_path, keep recipe_path });

impl SessionPaths {
    /// Those of a session's files. What no folder can be called in an id is written as in a URL.
    ///
    /// ```
    /// use agent_datastore::model::session::files::SessionPaths;
    ///
    /// assert_eq!(SessionPaths::of("ses_1").recipe_path, "data/sessions/ses_1/recipe.md");
    /// assert_eq!(SessionPaths::of("../x").dir, "data/sessions/%2E.%2Fx");
    /// ```
    #[must_use]
    pub fn of(id: &str) -> Self {
        let dir = [SESSIONS, "/", &stem_of(id)].concat();
        let file = |name: &str| [&dir, "/", name].concat();
        Self {
            metadata_path: file(METADATA),
            content_path: file(CONTENT),
            checkpoint_path: file(CHECKPOINT),
            recipe_path: file(RECIPE),
            dir,
        }
    }
}

/// What is in files.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Archive {
    /// The sessions.
    pub sessions: Vec<Saved>,
    /// The prompts of the user, the newest first.
    pub prompts: Vec<String>,
    /// The recipes that runs were made with.
    pub recipes: RecipeBook,
}

/// The files of one session: paths and texts.
#[must_use]
pub fn files_of(saved: &Saved) -> Vec<(String, String)> {
    let paths = SessionPaths::of(&saved.metadata.id);
    let mut files = vec![
        (paths.metadata_path, to_file(&saved.metadata)),
        (paths.content_path, to_file(&saved.content)),
        ([&paths.dir, "/", MORE].concat(), to_file(&saved.more)),
    ];
    if let Some(checkpoint) = &saved.checkpoint {
        files.push((paths.checkpoint_path, to_file(checkpoint)));
    }
    if let Some(recipe) = saved.more.session_recipe.as_ref().or(saved.more.base_recipe.as_ref()) {
        files.push((paths.recipe_path, to_markdown(recipe)));
    }
    files
}

/// The files that all sessions share: of the prompts, the newest first, and of the recipes.
#[must_use]
pub fn shared_files(prompts: &[String], recipes: &RecipeBook) -> Vec<(String, String)> {
    let mut files = Vec::new();
    if !prompts.is_empty() {
        files.push(([FOLDER, PROMPTS].concat(), prompts.iter().rev().map(|prompt| write_line(prompt)).collect()));
    }
    if !recipes.is_empty() {
        files.push(([FOLDER, RECIPES].concat(), book_file(recipes)));
    }
    files
}

/// A path below the folder of the data, which may be left out, or lie in another one; empty where it is in none. The last names tell, for a session may be
/// called as a folder is.
fn below_data(path: &str) -> &str {
    let is_shared = [PROMPTS, RECIPES].contains(&path.rsplit('/').next().unwrap_or_default());
    let slash = path.rmatch_indices('/').nth(if is_shared { 0 } else { 2 });
    let (before, found) = path.split_at(slash.map_or(0, |(place, _)| place + 1));
    let is_data = before.strip_suffix(FOLDER).is_some_and(|before| before.is_empty() || before.ends_with('/'));
    if before.is_empty() || is_data { found } else { "" }
}

/// A file in the folder of a session: its name, its path and its text.
type SessionFile<'a> = (&'a str, &'a str, &'a str);

/// What a path is of.
enum Place<'a> {
    Prompts,
    Recipes,
    Session { folder: &'a str, file: &'a str },
}

fn place_of(path: &str) -> Option<Place<'_>> {
    match below_data(path) {
        PROMPTS => Some(Place::Prompts),
        RECIPES => Some(Place::Recipes),
        path => {
            let (folder, file) = path.strip_prefix("sessions/")?.split_once('/')?;
            let is_known = [METADATA, CONTENT, CHECKPOINT, RECIPE, MORE].contains(&file);
            is_known.then_some(Place::Session { folder, file })
        }
    }
}

/// Whether the file of this path is one of the store's.
#[must_use]
pub fn is_one(path: &str) -> bool {
    place_of(path).is_some()
}

/// The sessions, prompts and recipes in files, given as paths and texts; others are passed over, and so are folders without metadata, as the original does. A
/// session's id is the name of its folder.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`], naming the file, where one is not what it has to be.
pub fn read(files: &[(String, String)]) -> Result<Archive> {
    let paths = sorted(files.iter().map(|(path, _)| path.as_bytes()));
    let places = sorted(files.iter().filter(|(path, _)| is_one(path)).map(|(path, _)| below_data(path).as_bytes()));
    if let Some(path) = repeated(&paths).or_else(|| repeated(&places)) {
        let message = format!("there are two files {:?}", String::from_utf8_lossy(path));
        return Err(Error::new(ErrorKind::InvalidDocument, message));
    }
    // Each value but the first of a list or an object has a comma before it.
    let commas = |text: &String| text.bytes().filter(|byte| *byte == b',').count();
    if files.iter().filter(|(path, _)| is_one(path)).map(|(_, text)| commas(text)).sum::<usize>() > 2 * MAX_VALUES {
        return Err(Error::new(ErrorKind::LimitExceeded, "the files have more values than there is memory for"));
    }
    let mut archive = Archive::default();
    let mut folders: Vec<(&str, Vec<SessionFile<'_>>)> = Vec::new();
    for (path, text) in files {
        match place_of(path) {
            Some(Place::Prompts) => archive.prompts = read_lines(text.as_bytes()),
            Some(Place::Recipes) => archive.recipes = read_one(path, text)?,
            Some(Place::Session { folder, file }) => folders.push((folder, vec![(file, path, text)])),
            None => {}
        }
    }
    folders.sort_by_key(|(folder, _)| *folder);
    folders.dedup_by(|(folder, files), (kept, known)| {
        let is_same = folder == kept;
        if is_same {
            known.append(files);
        }
        is_same
    });
    for (folder, files) in &folders {
        archive.sessions.extend(read_session(folder, files)?);
    }
    // Two folders may stand for one id.
    if let Some(id) = repeated(&sorted(archive.sessions.iter().map(|saved| saved.metadata.id.as_bytes()))) {
        let message = format!("there are two sessions {:?}", String::from_utf8_lossy(id));
        return Err(Error::new(ErrorKind::InvalidDocument, message));
    }
    Ok(archive)
}

fn read_one<V: Value + Default>(path: &str, text: &str) -> Result<V> {
    from_file(text.as_bytes()).map_err(|error| error.at(path))
}

fn read_session(folder: &str, files: &[SessionFile<'_>]) -> Result<Option<Saved>> {
    let mut saved = Saved::default();
    let mut markdown = None;
    for (file, path, text) in files {
        match *file {
            METADATA => saved.metadata = read_one(path, text)?,
            CONTENT => saved.content = read_one(path, text)?,
            CHECKPOINT => saved.checkpoint = read_one::<Option<Checkpoint>>(path, text)?,
            MORE => saved.more = read_one(path, text)?,
            _ => markdown = Some((path, text)),
        }
    }
    if !files.iter().any(|(file, _, _)| *file == METADATA) {
        return Ok(None);
    }
    // As the original goes on with a session: its recipe is what it begins with.
    if saved.more.base_recipe.is_none() && saved.more.session_recipe.is_none() {
        let recipe = |(path, text): (&&str, &&str)| Ok(parse_markdown(text).map_err(|error| error.at(path))?.recipe);
        saved.more.base_recipe = markdown.map(recipe).transpose()?;
    }
    let id = id_of(folder, Some(&saved.metadata.id));
    if id.is_empty() {
        return Err(Error::new(ErrorKind::InvalidDocument, "a session has to have an id"));
    }
    saved.metadata.id = id;
    check(&saved).map_err(|error| error.at(SessionPaths::of(&saved.metadata.id).dir))?;
    Ok(Some(saved))
}

/// Makes sure that counts can go on, and that runs, days and files can be named so; costs are numbers, JSON has no others.
fn check(saved: &Saved) -> Result<()> {
    let refused = |what: String| Err(Error::new(ErrorKind::InvalidDocument, what));
    let has_room = |count: i64| count < i64::MAX / 2;
    if !has_room(saved.metadata.prompt_count) || !has_room(saved.more.usage.total.runs) {
        return refused("it says more prompts than there can be".to_owned());
    }
    if let Some(used) = saved.more.usage_by_run.iter().find(|used| used.run < 0) {
        return refused(format!("{} is no place of a run", used.run));
    }
    if let Some(used) = saved.more.usage_by_day.iter().find(|used| !is_day(&used.day)) {
        return refused(format!("{:?} is no day", used.day));
    }
    let is_path = |path: &str| resolved("/", path).is_ok_and(|resolved| resolved == path);
    match saved.more.files.iter().find(|(path, _)| !is_path(path)) {
        Some((path, _)) => refused(format!("{path:?} is no path of a file")),
        None => Ok(()),
    }
}
