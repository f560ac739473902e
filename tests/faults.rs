//! The stores over a backend that fails: nothing is lost, nothing is half done, and the next call works.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use agent_datastore::backend::feed::Feed;
use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::backend::{Backend, Report};
use agent_datastore::model::batch::{Batch, Committed, Entry, ReadRange, Version};
use agent_datastore::model::chat::content::Content;
use agent_datastore::model::chat::usage::Usage;
use agent_datastore::model::data_record::Metadata;
use agent_datastore::model::data_rules::{Existing, Item};
use agent_datastore::model::keyspace::KeySpan;
use agent_datastore::model::namespaces::NamespaceOptions;
use agent_datastore::model::session::{FileWrite, Map, ModelResponse, RewindEntry};
use agent_datastore::store::chat::{Added, ConversationChange, Ending, NewAction, NewConversation, Place as At};
use agent_datastore::store::{
    BytesOptions, DataStore, DataStoreOptions, Database, ListOptions, MessageStore, MessageStoreOptions, SessionStore,
    Sessions,
};
use agent_datastore::{Error, ErrorKind, Json, Result};
use async_trait::async_trait;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Which steps fail, counted from the next one, and how.
#[derive(Default)]
struct Plan {
    steps: Cell<usize>,
    failing: RefCell<Option<(usize, ErrorKind)>>,
    /// Commits that lose against another writer, who really writes.
    lost_races: Cell<usize>,
}

struct Faulty(Memory, Rc<Plan>);

impl Faulty {
    fn step(&self) -> Result<()> {
        let step = self.1.steps.get();
        self.1.steps.set(step + 1);
        match *self.1.failing.borrow() {
            Some((at, kind)) if at == step => Err(Error::new(kind, "injected")),
            _ => Ok(()),
        }
    }
}

#[async_trait(?Send)]
impl Backend for Faulty {
    async fn snapshot(&self, ranges: &[ReadRange]) -> Result<(Version, Vec<Vec<Entry>>)> {
        self.step()?;
        self.0.snapshot(ranges).await
    }

    async fn count(&self, range: &ReadRange) -> Result<u64> {
        self.step()?;
        self.0.count(range).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed> {
        self.step()?;
        if let Some(left) = self.1.lost_races.get().checked_sub(1) {
            self.1.lost_races.set(left);
            let mut other = Batch::default();
            for check in &batch.checks {
                let found = self.0.read(&[ReadRange::point(check.key.clone())]).await?;
                match found.first().and_then(|entries| entries.first()) {
                    Some(entry) => other.put(entry.key.clone(), entry.value.clone()),
                    None => return Err(Error::new(ErrorKind::Conflict, "injected")),
                }
            }
            self.0.commit(other).await?;
        }
        self.0.commit(batch).await
    }

    fn subscribe(&self, feed: &Rc<Feed>) {
        self.0.subscribe(feed);
    }

    async fn refresh(&self) -> Result<()> {
        self.0.refresh().await
    }

    async fn compact(&self) -> Result<()> {
        self.0.compact().await
    }

    async fn verify(&self) -> Result<Report> {
        self.0.verify().await
    }

    async fn close(&self) -> Result<()> {
        self.0.close().await
    }
}

struct Setup {
    space: Space,
    plan: Rc<Plan>,
    database: Database,
    store: DataStore,
}

fn setup() -> Setup {
    let (space, plan) = (Space::default(), Rc::new(Plan::default()));
    let database = Database::new(Faulty(Memory::on(&space), plan.clone()), Default::default());
    let store = database.data_store(DataStoreOptions { track_access: true, ..Default::default() });
    Setup { space, plan, database, store }
}

impl Setup {
    fn fail_at(&self, step: usize, kind: ErrorKind) {
        self.plan.steps.set(0);
        *self.plan.failing.borrow_mut() = Some((step, kind));
    }

    fn heal(&self) {
        *self.plan.failing.borrow_mut() = None;
    }

    async fn everything(&self) -> Vec<Entry> {
        let everything = ReadRange::extensions(agent_datastore::model::tuple::Key::new());
        Memory::on(&self.space).read(&[everything]).await.unwrap().remove(0)
    }
}

fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

fn items(names: &[&str]) -> Vec<Item> {
    names.iter().map(|name| Item { key: (*name).to_owned(), value: json("1") }).collect()
}

fn is_record(entry: &Entry) -> bool {
    agent_datastore::model::keyspace::record_name(entry).is_ok()
}

/// Runs one operation of the store; the same for every sweep.
async fn operation(setup: &Setup, which: usize) -> Result<()> {
    let store = &setup.store;
    match which {
        0 => store.set("a", json("2"), None).await,
        1 => store.set_many(items(&["a", "b", "new"]), None).await.map(drop),
        2 => store.delete("a").await.map(drop),
        3 => store.delete_many(vec!["a".to_owned(), "b".to_owned()]).await.map(drop),
        4 => store.clear().await.map(drop),
        5 => {
            let text = r#"[{"userId":"anonymous","key":"a","value":9},{"userId":"anonymous","key":"z","value":9}]"#;
            store.import_documents(text, Existing::Replace).await.map(drop)
        }
        6 => store.get("a").await.map(drop),
        7 => store.get_many(&["a".to_owned(), "b".to_owned()]).await.map(drop),
        8 => store.list_namespaces().await.map(drop),
        9 => store.list(&ListOptions { limit: 2, ..ListOptions::default() }).await.map(drop),
        10 => store.get_record("a").await.map(drop),
        11 => store.export_documents(true).await.map(drop),
        12 => store.count(&KeySpan::default()).await.map(drop),
        13 => store.namespace_details(&NamespaceOptions::default()).await.map(drop),
        _ => setup.database.flush().await,
    }
}

/// SQLite's anomaly loop: the n-th step fails, for every n, until a run has no failure.
#[test]
fn whichever_step_fails_nothing_is_half_done_and_the_next_call_works() {
    pollster::block_on(async {
        let mut failures = 0;
        for which in 0..=14 {
            for kind in [ErrorKind::Storage, ErrorKind::QuotaExceeded, ErrorKind::ConnectionLost] {
                for step in 0.. {
                    let setup = setup();
                    setup.store.set_many(items(&["a", "b", "c"]), None).await.unwrap();
                    if which >= 10 {
                        setup.store.get("a").await.unwrap();
                    }
                    let before = setup.everything().await;
                    setup.fail_at(step, kind);
                    let result = operation(&setup, which).await;
                    setup.heal();
                    if setup.plan.steps.get() <= step {
                        assert!(step > 0, "operation {which} never reached the backend");
                        break;
                    }
                    failures += 1;
                    match result {
                        Err(error) => assert_eq!(error.kind(), kind, "operation {which}, step {step}"),
                        // Reading a record or all of them does not fail because counted reads cannot be written.
                        Ok(()) => assert!(matches!(which, 10 | 11), "operation {which} hid the failure of step {step}"),
                    }
                    // Where counted reads are written first, they may be written and the rest fail.
                    let kept = |entries: Vec<Entry>| {
                        entries.into_iter().filter(|entry| which < 10 || is_record(entry)).collect::<Vec<_>>()
                    };
                    let after = kept(setup.everything().await);
                    assert_eq!(after, kept(before), "operation {which}, step {step}: something was written");
                    operation(&setup, which).await.unwrap();
                    setup.database.close().await.unwrap();
                }
            }
        }
        assert!(failures > 60, "only {failures} failures were injected");
    });
}

async fn set_bytes(store: &DataStore, key: &str, bytes: usize) -> Result<()> {
    let pieces = futures_util::stream::iter([Ok(vec![1; bytes])]);
    store.set_bytes(key, pieces, BytesOptions::default()).await.map(drop)
}

/// One change where there are bytes; the same for every sweep.
async fn change_of_bytes(setup: &Setup, which: usize, exported: &str) -> Result<()> {
    let store = &setup.store;
    match which {
        0 => set_bytes(store, "a", 10).await,
        1 => set_bytes(store, "a", 9 * 1024 * 1024).await,
        2 => set_bytes(store, "new", 300_000).await,
        3 => store.set("a", json("1"), None).await,
        4 => store.delete_many(vec!["a".to_owned(), "b".to_owned()]).await.map(drop),
        5 => store.delete_by_prefix("a").await.map(drop),
        6 => store.clear().await.map(drop),
        7 => store.import_documents(exported, Existing::Replace).await.map(drop),
        8 => setup.database.atomic().delete(store, "a").delete(store, "b").commit().await.map(drop),
        _ => store.read_bytes("a", 0, None).await?.unwrap().whole().await.map(drop),
    }
}

#[test]
fn whichever_step_of_a_change_of_bytes_fails_nothing_of_it_is_left() {
    pollster::block_on(async {
        let mut failures = 0;
        for which in 0..=9 {
            for step in 0.. {
                let setup = setup();
                set_bytes(&setup.store, "c", 100).await.unwrap();
                let exported =
                    setup.store.export_documents(false).await.unwrap().replace("\"key\":\"c\"", "\"key\":\"d\"");
                let exported = exported.replace("anonymous:default:Yw==", "anonymous:default:ZA==");
                setup.store.clear().await.unwrap();
                for key in ["a", "b"] {
                    set_bytes(&setup.store, key, 300_000).await.unwrap();
                }
                let before = setup.everything().await;
                setup.fail_at(step, ErrorKind::QuotaExceeded);
                let result = change_of_bytes(&setup, which, &exported).await;
                setup.heal();
                if setup.plan.steps.get() <= step {
                    result.unwrap();
                    assert!(step > 0, "change {which} never reached the backend");
                    assert_eq!(setup.everything().await == before, which == 9, "change {which} changes nothing");
                    break;
                }
                failures += 1;
                match result {
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::QuotaExceeded, "change {which}, step {step}");
                        let after = setup.everything().await;
                        assert!(after == before, "change {which}, step {step}: something was written");
                    }
                    // What was left is removed by the next one, where that fails; an atomic begins anew.
                    Ok(()) => assert!(matches!(which, 0..=2 | 8), "change {which} hid the failure of step {step}"),
                }
                change_of_bytes(&setup, which, &exported).await.unwrap();
            }
        }
        assert!(failures > 40, "only {failures} failures were injected");
    });
}

#[test]
fn counted_reads_that_could_not_be_written_are_written_later() {
    pollster::block_on(async {
        let setup = setup();
        setup.store.set("a", json("1"), None).await.unwrap();
        setup.store.get("a").await.unwrap();
        setup.fail_at(1, ErrorKind::Storage);
        assert_eq!(setup.database.flush_accesses().await.unwrap_err().kind(), ErrorKind::Storage);
        assert!(setup.database.has_unwritten_accesses());
        setup.heal();
        setup.store.get("a").await.unwrap();
        assert_eq!(setup.store.get_record("a").await.unwrap().unwrap().access.count, 2);
    });
}

#[test]
fn a_lost_race_is_run_again_and_an_endless_one_is_a_conflict() {
    pollster::block_on(async {
        let setup = setup();
        setup.store.set("a", json("1"), None).await.unwrap();
        setup.plan.lost_races.set(63);
        setup.store.set("a", json("2"), None).await.unwrap();
        assert_eq!(setup.plan.lost_races.get(), 0);
        assert_eq!(setup.store.get("a").await.unwrap(), Some(json("2")));

        setup.plan.lost_races.set(usize::MAX);
        let error = setup.store.set("a", json("3"), None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(error.kind().is_retryable());
        setup.plan.lost_races.set(0);
        assert_eq!(setup.store.get("a").await.unwrap(), Some(json("2")));
    });
}

#[test]
fn a_database_is_closed_even_where_the_counts_cannot_be_written() {
    pollster::block_on(async {
        let setup = setup();
        setup.store.set("a", json("1"), None).await.unwrap();
        setup.store.get("a").await.unwrap();
        setup.fail_at(0, ErrorKind::Storage);
        assert_eq!(setup.database.close().await.unwrap_err().kind(), ErrorKind::Storage);
        assert_eq!(setup.store.get("a").await.unwrap_err().kind(), ErrorKind::Closed);
    });
}

/// One change of a conversation `c` that has a question, an answer and a sibling of the answer; the same for every sweep.
async fn change_of_a_conversation(store: &MessageStore, which: usize) -> Result<()> {
    let said = |text: &str| Added::new("user", Content::text(text));
    let named = |id: &str| NewConversation { id: Some(id.to_owned()), overwrite: true, ..NewConversation::default() };
    match which {
        0 => store.create_conversation(named("c")).await.map(drop),
        1 => store.add_message("c", said("x"), At::End, false).await.map(drop),
        2 => store.add_message("c", said("x"), At::Beside("question".to_owned()), false).await.map(drop),
        3 => store.add_messages("new", vec![said("x"), said("y")], true).await.map(drop),
        4 => store.edit_message("c", "question", Content::text("x"), None).await.map(drop),
        5 => store.delete_message("c", "question", false).await.map(drop),
        6 => store.delete_message("c", "question", true).await.map(drop),
        7 => store.switch_branch("c", "answer").await.map(drop),
        8 => store
            .update_message("c", "answer", None, Some(Usage { input_tokens: 1, ..Usage::default() }))
            .await
            .map(drop),
        9 => store.delete_conversation("c").await.map(drop),
        10 => {
            let change = ConversationChange { archived: Some(true), ..ConversationChange::default() };
            store.update_conversation("c", change).await.map(drop)
        }
        _ => {
            let new = NewAction {
                action_type: "click".to_owned(),
                data: Metadata::empty(),
                metadata: Metadata::empty(),
                create_if_missing: false,
            };
            store.add_action("c", new).await.map(drop)
        }
    }
}

async fn conversation(setup: &Setup) -> MessageStore {
    let store = setup.database.message_store(MessageStoreOptions::default());
    let added = |id: &str| Added { id: Some(id.to_owned()), ..Added::new("user", Content::text(id)) };
    store.add_messages("c", vec![added("question"), added("answer")], true).await.unwrap();
    store.add_message("c", added("other"), At::Beside("answer".to_owned()), false).await.unwrap();
    store
}

#[test]
fn whichever_step_of_a_change_of_a_conversation_fails_nothing_of_it_is_written() {
    pollster::block_on(async {
        let mut failures = 0;
        for which in 0..=11 {
            for step in 0.. {
                let setup = setup();
                let store = conversation(&setup).await;
                let before = setup.everything().await;
                setup.fail_at(step, ErrorKind::Storage);
                let result = change_of_a_conversation(&store, which).await;
                setup.heal();
                if setup.plan.steps.get() <= step {
                    result.unwrap();
                    assert!(step > 0, "change {which} never reached the backend");
                    assert_ne!(setup.everything().await, before, "change {which} changes nothing");
                    break;
                }
                failures += 1;
                assert_eq!(result.unwrap_err().kind(), ErrorKind::Storage, "change {which}, step {step}");
                assert_eq!(setup.everything().await, before, "change {which}, step {step}: something was written");
                change_of_a_conversation(&store, which).await.unwrap();
            }
        }
        assert!(failures > 24, "only {failures} failures were injected");
    });
}

#[test]
fn pieces_that_could_not_be_written_are_written_with_the_next_ones() {
    pollster::block_on(async {
        let setup = setup();
        let store = conversation(&setup).await;
        let added = Added::new("assistant", Content::text(""));
        let stream = store.begin_message("c", added, At::End, false).await.unwrap();
        stream.append(json(r#""a""#)).unwrap();
        setup.fail_at(0, ErrorKind::QuotaExceeded);
        assert_eq!(stream.flush().await.unwrap_err().kind(), ErrorKind::QuotaExceeded);
        setup.heal();
        stream.append(json(r#""b""#)).unwrap();
        stream.flush().await.unwrap();
        let found = store.get_message("c", &stream.message().message.id).await.unwrap().unwrap();
        assert_eq!(found.message.content, Content::text("ab"));
        setup.fail_at(2, ErrorKind::Storage);
        assert_eq!(stream.finish(Ending::default()).await.unwrap_err().kind(), ErrorKind::Storage);
        setup.heal();
        assert_eq!(stream.finish(Ending::default()).await.unwrap().message.content, Content::text("ab"));
    });
}

async fn change_of_a_session(sessions: &Sessions, session: &SessionStore, which: usize) -> Result<()> {
    let answer = ModelResponse { model_id: "m".to_owned(), text: "t".to_owned(), ..ModelResponse::default() };
    let write = FileWrite { path: "f".to_owned(), content: "new".to_owned(), delete: false };
    match which {
        0 => session.append_histories(&["m".to_owned()], &[answer], "p").await.map(drop),
        1 => session.persist_run_state("p", &[answer], &Map::new(), None).await,
        2 => session.push_rewind_entry_of_last_run(&RewindEntry::default()).await,
        3 => session.apply_writes(&[write]).await.map(drop),
        4 => session.rewind(None).await.map(drop),
        5 => session.rewind_to(-1, None).await.map(drop),
        6 => session.redo(None).await.map(drop),
        7 => session.fork(None, None, "").await.map(drop),
        8 => sessions.set_aside("ses_x").await.map(drop),
        9 => sessions.delete("ses_x").await.map(drop),
        10 => session.record_prompt("p").await.map(drop),
        11 => session.set_histories(None).await,
        12 => session.recipe_hash().await.map(drop),
        _ => {
            let files = vec![("data/sessions/other/session_metadata.json".to_owned(), r#"{"runs":[{}]}"#.to_owned())];
            sessions.import_files(&files, agent_datastore::model::import::Existing::Refuse).await.map(drop)
        }
    }
}

#[test]
fn whichever_step_of_a_change_of_a_session_fails_nothing_of_it_is_written() {
    pollster::block_on(async {
        let mut failures = 0;
        for which in 0..=13 {
            for step in 0.. {
                let setup = setup();
                let sessions = setup.database.sessions("ada");
                let session = sessions.open("ses_x");
                // Three runs, of which the last one is taken back.
                for _ in 0..3 {
                    for change in 0..4 {
                        change_of_a_session(&sessions, &session, change).await.unwrap();
                    }
                }
                session.rewind(None).await.unwrap();
                let before = setup.everything().await;
                setup.fail_at(step, ErrorKind::QuotaExceeded);
                let result = change_of_a_session(&sessions, &session, which).await;
                setup.heal();
                if setup.plan.steps.get() <= step {
                    assert!(result.is_ok() && step > 0, "change {which}: {result:?}");
                    break;
                }
                failures += 1;
                assert_eq!(result.unwrap_err().kind(), ErrorKind::QuotaExceeded, "change {which}, step {step}");
                assert_eq!(setup.everything().await, before, "change {which}, step {step}: something was written");
                change_of_a_session(&sessions, &session, which).await.unwrap();
                setup.database.close().await.unwrap();
            }
        }
        assert!(failures > 40, "only {failures} failures were injected");
    });
}
