//! The session store against a simple model: random calls through two databases on one storage, which know of each other's commits only when
//! they ask.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test may panic")]

use agent_datastore::ErrorKind;
use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::import::Existing;
use agent_datastore::model::session::{FileSnapshot, FileWrite, Histories, Map, ModelResponse, RewindEntry, Turn};
use agent_datastore::store::{Database, DatabaseOptions, SessionStore};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Adapters, paths and sessions that begin alike.
const NAMES: [&str; 3] = ["a", "a/b", "\0é"];

#[derive(Debug, Clone)]
enum Action {
    Append(Vec<usize>),
    Run,
    /// A step that cuts to these lengths, beyond the end or below 0 too.
    Push(Vec<(usize, i64)>),
    /// What an application does: all three.
    WholeRun(Vec<usize>),
    Write(usize, u8),
    Remove(usize),
    Apply(Vec<(usize, Option<u8>)>),
    Snapshots(Vec<(usize, Option<u8>)>),
    Rewind,
    RewindTo(i64),
    Redo,
    Set(Vec<(usize, Option<u8>)>),
    Truncate(Vec<(usize, i64)>),
    Clear,
    ClearSteps,
    Note,
    Fork,
    OutAndIn,
    Delete,
    Reopen,
}

#[derive(Debug, Clone)]
struct Step {
    action: Action,
    session: usize,
    database: usize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = 0..NAMES.len();
    let names = prop::collection::vec(name.clone(), 0..3);
    let lengths = prop::collection::vec((name.clone(), -1..6_i64), 0..3);
    let contents = prop::collection::vec((name.clone(), prop::option::of(0..4_u8)), 0..3);
    let action = prop_oneof![
        2 => names.clone().prop_map(Action::Append),
        2 => Just(Action::Run),
        2 => lengths.clone().prop_map(Action::Push),
        6 => names.prop_map(Action::WholeRun),
        1 => (name.clone(), 0..4_u8).prop_map(|(name, content)| Action::Write(name, content)),
        1 => name.prop_map(Action::Remove),
        5 => contents.clone().prop_map(Action::Apply),
        1 => contents.clone().prop_map(Action::Snapshots),
        6 => Just(Action::Rewind),
        2 => (-1..8_i64).prop_map(Action::RewindTo),
        6 => Just(Action::Redo),
        1 => contents.prop_map(Action::Set),
        1 => lengths.prop_map(Action::Truncate),
        1 => Just(Action::Clear),
        1 => Just(Action::ClearSteps),
        2 => Just(Action::Note),
        1 => Just(Action::Fork),
        1 => Just(Action::OutAndIn),
        1 => Just(Action::Delete),
        1 => Just(Action::Reopen),
    ];
    let step =
        (action, 0..2_usize, 0..2_usize).prop_map(|(action, session, database)| Step { action, session, database });
    prop::collection::vec(step, 1..40)
}

type Snapshots = Vec<(String, Option<String>)>;

#[derive(Debug, Clone, Default)]
struct Entry {
    lengths: BTreeMap<String, i64>,
    index: i64,
    files: Option<Snapshots>,
}

/// What is restored by a redo: that is all of the state but what never goes back.
#[derive(Debug, Clone, Default)]
struct Session {
    /// By adapter; `None` is `null`.
    histories: BTreeMap<String, Option<Vec<String>>>,
    files: BTreeMap<String, String>,
    stack: Vec<Entry>,
    /// Notes, and whether it is a marker.
    runs: Vec<(String, bool)>,
    contents: usize,
    redos: Vec<Session>,
}

impl Session {
    fn length(&self, adapter: &str) -> usize {
        self.histories.get(adapter).and_then(Option::as_ref).map_or(0, Vec::len)
    }

    fn append(&mut self, panel: &[usize], text: &str) -> BTreeMap<String, i64> {
        self.redos.clear();
        let before = panel.iter().map(|name| (NAMES[*name].to_owned(), self.length(NAMES[*name]) as i64)).collect();
        for name in panel {
            let turns = self.histories.entry(NAMES[*name].to_owned()).or_default().get_or_insert_default();
            turns.extend(["p".to_owned(), text.to_owned()]);
        }
        before
    }

    fn run(&mut self) {
        self.redos.clear();
        self.runs.push((String::new(), false));
        self.contents += 1;
    }

    fn push(&mut self, lengths: BTreeMap<String, i64>) {
        self.redos.clear();
        self.stack.push(Entry { lengths, index: self.runs.len() as i64 - 1, files: None });
    }

    fn cut(&mut self, lengths: &BTreeMap<String, i64>) {
        for (adapter, length) in lengths {
            let Some(turns) = self.histories.get_mut(adapter) else { continue };
            let turns = turns.get_or_insert_default();
            turns.truncate(usize::try_from(*length).unwrap_or(0));
            if turns.is_empty() {
                self.histories.remove(adapter);
            }
        }
    }

    fn put(&mut self, path: &str, content: Option<&String>) {
        match content {
            Some(content) => drop(self.files.insert(path.to_owned(), content.clone())),
            None => drop(self.files.remove(path)),
        }
    }

    fn apply(&mut self, writes: &[(usize, Option<u8>)]) {
        if !writes.is_empty() || !self.stack.is_empty() {
            self.redos.clear();
        }
        let before = self.files.clone();
        for (name, content) in writes {
            let path = path(*name);
            let was = before.get(&path).cloned();
            if let Some(step) = self.stack.last_mut().filter(|_| content.is_some() || was.is_some()) {
                let files = step.files.get_or_insert_default();
                if files.iter().all(|(known, _)| *known != path) {
                    files.push((path.clone(), was));
                }
            }
            self.put(&path, content.map(|content| content.to_string()).as_ref());
        }
        if let Some(step) = self.stack.last_mut() {
            step.files.get_or_insert_default();
        }
    }

    fn rewind(&mut self) -> bool {
        let before = self.clone();
        let Some(step) = self.stack.pop() else { return false };
        for (path, content) in step.files.iter().flatten() {
            self.put(path, content.as_ref());
        }
        self.cut(&step.lengths);
        self.runs.push((String::new(), true));
        if let Some((note, _)) = usize::try_from(step.index).ok().and_then(|index| self.runs.get_mut(index)) {
            *note = format!("[rewound] {note}").trim_end().to_owned();
        }
        self.redos = before.redos.clone();
        self.redos.push(Self { redos: Vec::new(), ..before });
        true
    }

    fn redo(&mut self) -> bool {
        let Some(before) = self.redos.pop() else { return false };
        *self = Self { redos: std::mem::take(&mut self.redos), ..before };
        true
    }
}

fn path(name: usize) -> String {
    format!("/{}", NAMES[name])
}

fn lengths_of(pairs: &[(usize, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().map(|(name, length)| (NAMES[*name].to_owned(), *length)).collect()
}

fn map(lengths: BTreeMap<String, i64>) -> Map<i64> {
    lengths.into_iter().collect()
}

fn answers(panel: &[usize], text: &str) -> (Vec<String>, Vec<ModelResponse>) {
    let answer = |_: &usize| ModelResponse { text: text.to_owned(), ..ModelResponse::default() };
    (panel.iter().map(|name| NAMES[*name].to_owned()).collect(), panel.iter().map(answer).collect())
}

async fn check(database: &Database, models: &BTreeMap<String, Session>) {
    database.refresh().await.unwrap();
    let sessions = database.sessions("ada");
    let mut ids: Vec<String> = sessions.list().await.unwrap().into_iter().map(|info| info.id).collect();
    ids.sort();
    assert_eq!(ids.iter().collect::<Vec<_>>(), models.keys().collect::<Vec<_>>());
    for (id, model) in models {
        let session = sessions.open(id);
        let found = session.content().await.unwrap();
        let histories: BTreeMap<String, Option<Vec<String>>> = found
            .histories
            .iter()
            .flat_map(Histories::iter)
            .map(|(name, turns)| {
                let texts = |turns: &Vec<Turn>| turns.iter().map(|turn| turn.content.clone()).collect();
                (name.to_owned(), turns.as_ref().map(texts))
            })
            .collect();
        assert_eq!(histories, model.histories, "{id}");
        assert_eq!(found.runs.map_or(0, |runs| runs.len()), model.contents);
        let runs = session.metadata().await.unwrap().runs.unwrap_or_default();
        let runs: Vec<(String, bool)> = runs.into_iter().map(|run| (run.note, !run.kind.is_empty())).collect();
        assert_eq!(runs, model.runs);
        let mut files = BTreeMap::new();
        for path in session.list_files("").await.unwrap() {
            let content = session.read_file(&path).await.unwrap().unwrap();
            files.insert(path, content);
        }
        assert_eq!(files, model.files);
        let steps = session.rewind_entries().await.unwrap();
        assert_eq!(steps.len(), model.stack.len());
        for (step, expected) in steps.iter().zip(&model.stack) {
            assert_eq!((step.feed_index, &step.history_lengths), (expected.index, &map(expected.lengths.clone())));
            let of = |(path, content): &(String, Option<String>)| FileSnapshot::of(path, content.clone());
            assert_eq!(step.file_snapshots, expected.files.as_ref().map(|files| files.iter().map(of).collect()));
        }
        let lengths = (session.rewind_stack_len().await.unwrap(), session.redo_stack_len().await.unwrap());
        assert_eq!(lengths, (model.stack.len(), model.redos.len()));
    }
}

/// Makes one call in the store and in the model.
async fn call(session: &SessionStore, model: &mut Session, action: &Action, text: &str) {
    let run = async || session.persist_run_state("p", &[], &Map::new(), None).await.unwrap();
    let push = async |lengths: &BTreeMap<String, i64>, index: i64| {
        let step = RewindEntry { history_lengths: map(lengths.clone()), feed_index: index, ..RewindEntry::default() };
        session.push_rewind_entry(&step).await.unwrap();
    };
    let is_there = |result: agent_datastore::Result<()>| match result {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
            false
        }
    };
    match action {
        Action::Append(panel) => {
            let (ids, responses) = answers(panel, text);
            let before = session.append_histories(&ids, &responses, "p").await.unwrap();
            assert_eq!(before, map(model.append(panel, text)));
        }
        Action::Run => {
            run().await;
            model.run();
        }
        Action::Push(lengths) => {
            let lengths = lengths_of(lengths);
            push(&lengths, model.runs.len() as i64 - 1).await;
            model.push(lengths);
        }
        Action::WholeRun(panel) => {
            let (ids, responses) = answers(panel, text);
            session.append_histories(&ids, &responses, "p").await.unwrap();
            run().await;
            let lengths = model.append(panel, text);
            push(&lengths, model.runs.len() as i64).await;
            model.run();
            model.push(lengths);
        }
        Action::Write(name, content) => {
            session.write_file(NAMES[*name], &content.to_string()).await.unwrap();
            model.redos.clear();
            model.put(&path(*name), Some(&content.to_string()));
        }
        Action::Remove(name) => {
            let was_there = model.files.remove(&path(*name)).is_some();
            assert_eq!(session.remove_file(NAMES[*name]).await.unwrap(), was_there);
            if was_there {
                model.redos.clear();
            }
        }
        Action::Apply(writes) => {
            let writes_of = |(name, content): &(usize, Option<u8>)| FileWrite {
                path: NAMES[*name].to_owned(),
                content: content.map(|content| content.to_string()).unwrap_or_default(),
                delete: content.is_none(),
            };
            session.apply_writes(&writes.iter().map(writes_of).collect::<Vec<_>>()).await.unwrap();
            model.apply(writes);
        }
        Action::Snapshots(files) => {
            let files: Snapshots =
                files.iter().map(|(name, content)| (path(*name), content.map(|content| content.to_string()))).collect();
            let of = |(path, content): &(String, Option<String>)| FileSnapshot::of(path, content.clone());
            session.push_file_snapshots(Some(&files.iter().map(of).collect::<Vec<_>>())).await.unwrap();
            if let Some(step) = model.stack.last_mut() {
                step.files = Some(files);
                model.redos.clear();
            }
        }
        Action::Rewind => assert_eq!(is_there(session.rewind(None).await.map(drop)), model.rewind()),
        Action::RewindTo(run) => {
            let mut taken = 0;
            // Below 0 is all of them, those too that were pushed before any run.
            while model.stack.last().is_some_and(|step| *run < 0 || step.index > *run) {
                model.rewind();
                taken += 1;
            }
            match session.rewind_to(*run, None).await {
                Ok(results) => assert_eq!(results.len(), taken),
                Err(error) => assert_eq!((error.kind(), taken), (ErrorKind::NotFound, 0)),
            }
        }
        Action::Redo => assert_eq!(is_there(session.redo(None).await.map(drop)), model.redo()),
        Action::Set(histories) => {
            model.redos.clear();
            model.histories = histories
                .iter()
                .map(|(name, turns)| {
                    let turns = turns.map(|count| (0..count).map(|n| n.to_string()).collect());
                    (NAMES[*name].to_owned(), turns)
                })
                .collect();
            let turn = |content: &String| Turn { role: "user".to_owned(), content: content.clone() };
            let turns = |turns: &Vec<String>| turns.iter().map(turn).collect();
            let histories: Histories =
                model.histories.iter().map(|(name, list)| (name.clone(), list.as_ref().map(turns))).collect();
            session.set_histories(Some(&histories)).await.unwrap();
        }
        Action::Truncate(lengths) => {
            let lengths = lengths_of(lengths);
            model.redos.clear();
            model.cut(&lengths);
            session.truncate_histories(&map(lengths)).await.unwrap();
        }
        Action::Clear => {
            model.redos.clear();
            model.histories.clear();
            session.clear_histories().await.unwrap();
        }
        Action::ClearSteps => {
            model.redos.clear();
            model.stack.clear();
            session.clear_rewind_stack().await.unwrap();
        }
        Action::Note => {
            // A redo writes the run's note as it was, so only what is no newer state of one is written.
            if let Some((note, _)) = model.runs.last_mut().filter(|_| model.redos.is_empty()) {
                text.clone_into(note);
                session.update_last_run_note(text).await.unwrap();
            }
        }
        Action::Fork | Action::OutAndIn | Action::Delete | Action::Reopen => {}
    }
}

async fn run(steps: Vec<Step>, open: impl AsyncFn() -> Database) {
    let mut databases = [open().await, open().await];
    let mut models: BTreeMap<String, Session> = BTreeMap::new();
    for (at, Step { action, session, database }) in steps.into_iter().enumerate() {
        let id = NAMES[session].to_owned();
        let sessions = databases[database].sessions("ada");
        let store = sessions.open(&id);
        match &action {
            Action::Fork => {
                let fork = format!("fork {at}");
                match store.fork(None, Some(&fork), "").await {
                    Ok(_) => {
                        let model = Session { redos: Vec::new(), ..models[&id].clone() };
                        models.insert(fork, model);
                    }
                    Err(error) => assert!(error.kind() == ErrorKind::NotFound && !models.contains_key(&id), "{error}"),
                }
            }
            Action::OutAndIn => {
                databases[database].refresh().await.unwrap();
                let files = sessions.export_files(None).await.unwrap();
                for id in models.keys() {
                    assert!(sessions.delete(id).await.unwrap());
                }
                let done = sessions.import_files(&files, Existing::Refuse).await.unwrap();
                assert_eq!(done.imported, models.len());
            }
            Action::Delete => assert_eq!(sessions.delete(&id).await.unwrap(), models.remove(&id).is_some()),
            Action::Reopen => databases[database] = open().await,
            action => {
                store.save_initial_meta().await.unwrap();
                call(&store, models.entry(id).or_default(), action, &format!("text {at}")).await;
            }
        }
        check(&databases[database], &models).await;
    }
    for database in &databases {
        check(database, &models).await;
        assert!(database.verify().await.unwrap().damage.is_empty());
    }
}

/// Of steps that together are more than a commit can take, not all can be made again; going back does not fail for that.
#[test]
fn steps_of_any_size_are_taken_back_at_once() {
    pollster::block_on(async {
        let session = Database::new(Memory::new(), DatabaseOptions::default()).sessions("ada").open("s");
        for run in 0..5 {
            let (ids, responses) = answers(&[0, 1], &"x".repeat(15_000_000));
            let before = session.append_histories(&ids, &responses, "p").await.unwrap();
            let step = RewindEntry { history_lengths: before, feed_index: run, ..RewindEntry::default() };
            session.push_rewind_entry(&step).await.unwrap();
        }
        assert_eq!(session.rewind_to(-1, None).await.unwrap().len(), 5);
        assert_eq!(session.histories().await.unwrap(), None);
        assert_eq!(session.redo_stack_len().await.unwrap(), 0);
    });
}

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases.unwrap_or(64)) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn sessions_in_memory_are_as_in_the_model(steps in steps()) {
        let space = Space::default();
        pollster::block_on(run(steps, async || Database::new(Memory::on(&space), DatabaseOptions::default())));
    }

    #[test]
    fn sessions_in_pages_are_as_in_the_model(steps in steps(), tiny: bool) {
        let space = BlobSpace::default();
        let options = if tiny { PagedOptions { cache_bytes: 0, checkpoint_bytes: 0 } } else { PagedOptions::default() };
        pollster::block_on(run(steps, async || {
            let (blobs, neighbours) = (Rc::new(space.clone()), Rc::new(space.clone()));
            Database::new(Paged::open(blobs, neighbours, options).await.unwrap(), DatabaseOptions::default())
        }));
    }
}
