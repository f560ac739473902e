//! What opening, reading, listing and committing cost does not grow with the data: counted in blobs and bytes, not in time.
//! 100,000 records; `SCALE_RECORDS=1000000 cargo test --release --test scale` takes a million.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::Result;
use agent_datastore::backend::Backend;
use agent_datastore::backend::paged::blob_store::{Area, Blob, BlobRange, BlobStore, Change, Write};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::batch::{Batch, Check, Expect, ReadRange};
use agent_datastore::model::chat::content::Content;
use agent_datastore::model::session::{FileWrite, Map, ModelResponse, RewindEntry};
use agent_datastore::model::tuple::Key;
use agent_datastore::store::chat::{Added, PageOptions, Place as At};
use agent_datastore::store::{Database, DatabaseOptions, MessageStoreOptions, SessionStore};
use async_trait::async_trait;
use std::cell::Cell;
use std::rc::Rc;

const VALUE_BYTES: usize = 500;
const PER_CHAT: usize = 500;
const CACHE_BYTES: usize = 4 * 1024 * 1024;

/// What was asked of a store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cost {
    reads: usize,
    blobs_read: usize,
    bytes_read: usize,
    bytes_written: usize,
}

/// Blobs in memory, with a count.
struct Counting {
    space: BlobSpace,
    cost: Cell<Cost>,
}

#[async_trait(?Send)]
impl BlobStore for Counting {
    async fn read(&self, ranges: &[BlobRange]) -> Result<Vec<Vec<Blob>>> {
        let read = self.space.read(ranges);
        let mut cost = self.cost.get();
        cost.reads += 1;
        cost.blobs_read += read.iter().map(Vec::len).sum::<usize>();
        cost.bytes_read += read.iter().flatten().map(|blob| blob.len()).sum::<usize>();
        self.cost.set(cost);
        Ok(read)
    }

    async fn numbers(&self, area: Area) -> Result<Vec<u64>> {
        Ok(self.space.numbers(area))
    }

    async fn write(&self, write: &Write) -> Result<()> {
        let bytes = |change: &Change| match change {
            Change::Add(_, _, blob) | Change::Put(_, _, blob) => blob.len(),
            Change::Delete(_) => 0,
        };
        let mut cost = self.cost.get();
        cost.bytes_written += write.changes.iter().map(bytes).sum::<usize>();
        self.cost.set(cost);
        self.space.write(write)
    }

    fn close(&self) {}
}

fn key(number: usize) -> Key {
    Key::new().number(1).text("user").text("chats").text(&format!("chat:{:05}/msg:{number:08}", number / PER_CHAT))
}

/// Text that compresses about as much as prose does, different for each record.
fn value(number: usize) -> Vec<u8> {
    let mut seed = number as u64 + 1;
    let mut word = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("w{:x} ", seed >> 52)
    };
    let mut text = String::new();
    while text.len() < VALUE_BYTES {
        text.push_str(&word());
    }
    text.truncate(VALUE_BYTES);
    text.into_bytes()
}

struct Place(BlobSpace);

impl Place {
    async fn open(&self) -> (Paged, Rc<Counting>) {
        let store = Rc::new(Counting { space: self.0.clone(), cost: Cell::default() });
        let options = PagedOptions { cache_bytes: CACHE_BYTES, ..PagedOptions::default() };
        let engine = Paged::open(store.clone(), Rc::new(self.0.clone()), options).await.unwrap();
        (engine, store)
    }
}

async fn fill(engine: &Paged, from: usize, to: usize) {
    for start in (from..to).step_by(2_500) {
        let mut batch = Batch::default();
        (start..to.min(start + 2_500)).for_each(|number| batch.put(key(number), value(number)));
        engine.commit(batch).await.unwrap();
    }
}

/// What opening, a point read, a listing of one chat, the last entries, a count, and a checked commit cost a new engine each.
async fn costs(place: &Place, records: usize) -> [Cost; 6] {
    let (engine, store) = place.open().await;
    let opened = store.cost.take();
    let wanted = records / 3;
    let found = engine.read(&[ReadRange::point(key(wanted))]).await.unwrap();
    assert_eq!(&*found[0][0].value, value(wanted));
    let read = store.cost.take();
    let chat = records / PER_CHAT / 2;
    let range = ReadRange::between(key(chat * PER_CHAT), key((chat + 1) * PER_CHAT)).keys_only();
    assert_eq!(engine.read(&[range]).await.unwrap()[0].len(), PER_CHAT);
    let listed = store.cost.take();
    let everything = ReadRange::between(key(0), key(records));
    let last = engine.read(&[everything.clone().limit(100).reversed()]).await.unwrap().remove(0);
    assert!(last.iter().map(|entry| entry.key.clone()).eq((records - 100..records).rev().map(key)));
    let last = store.cost.take();
    assert_eq!(engine.count(&everything).await.unwrap(), records as u64);
    let counted = store.cost.take();
    let mut batch = Batch::default();
    batch.check(Check { key: key(records - 1), expect: Expect::Present });
    batch.put(key(records - 1), value(records - 1));
    engine.commit(batch).await.unwrap();
    [opened, read, listed, last, counted, store.cost.take()]
}

#[test]
fn costs_stay_as_data_grows() {
    let records = std::env::var("SCALE_RECORDS").map_or(100_000, |number| number.parse().unwrap());
    pollster::block_on(async {
        let place = Place(BlobSpace::default());
        let (engine, _) = place.open().await;
        fill(&engine, 0, records / 10).await;
        engine.close().await.unwrap();
        drop(engine);
        let few = costs(&place, records / 10).await;

        let (engine, _) = place.open().await;
        fill(&engine, records / 10, records).await;
        let memory = engine.memory_bytes();
        assert!(memory < CACHE_BYTES + PagedOptions::default().checkpoint_bytes * 8, "{memory} bytes are in memory");
        engine.close().await.unwrap();
        drop(engine);
        let many = costs(&place, records).await;

        println!("with {:7} records: {few:?}\nwith {records:7} records: {many:?}", records / 10);
        println!("{records} records are {} bytes of blobs", place.0.bytes());
        let names = ["opening", "a read", "a listing", "the last entries", "a count", "a commit"];
        for (what, (few, many)) in names.iter().zip(few.iter().zip(many)) {
            if *what == "a count" {
                // It reads the pages above the leaves, and the leaves at both ends.
                assert!(many.blobs_read <= records / 5_000 && many.bytes_read <= records * 8, "{what}: {many:?}");
                continue;
            }
            // One more level of pages at the most.
            assert!(many.reads <= few.reads + 1, "{what}: {few:?}, then {many:?}");
            assert!(many.blobs_read <= few.blobs_read + 3, "{what}: {few:?}, then {many:?}");
            assert!(many.bytes_read <= few.bytes_read + 64 * 1024, "{what}: {few:?}, then {many:?}");
            assert!(many.bytes_written <= few.bytes_written + 1024, "{what}: {few:?}, then {many:?}");
        }
        let report = place.open().await.0.verify().await.unwrap();
        assert_eq!((report.entries, report.damage.len()), (records as u64, 0));
    });
}

#[test]
fn updates_all_over_leave_little_behind() {
    pollster::block_on(async {
        let place = Place(BlobSpace::default());
        let (engine, _) = place.open().await;
        fill(&engine, 0, 20_000).await;
        let before = place.0.bytes();
        for round in 0..40 {
            let mut batch = Batch::default();
            for step in 0..500 {
                let number = (round * 7_919 + step * 40) % 20_000;
                batch.put(key(number), value(number + 1_000_000));
            }
            engine.commit(batch).await.unwrap();
        }
        engine.checkpoint().await.unwrap();
        let (after, log) = (place.0.bytes(), place.0.numbers(Area::Log).len());
        assert!(after < before * 3 / 2, "{before} bytes became {after}");
        assert!(log < 10, "{log} blobs of the log are left");
    });
}

#[test]
fn a_message_costs_the_same_however_long_its_conversation_is() {
    pollster::block_on(async {
        let place = Place(BlobSpace::default());
        let mut costs = Vec::new();
        for (conversation, length) in [("short", 10), ("long", 50_000)] {
            let (engine, store) = place.open().await;
            let database = Database::new(engine.clone(), DatabaseOptions::default());
            let chats = database.message_store(MessageStoreOptions::default());
            let text = |number: usize| Content::text(&String::from_utf8(value(number)).unwrap());
            for start in (0..length).step_by(2_500) {
                let added = (start..length.min(start + 2_500)).map(|number| Added::new("user", text(number)));
                chats.add_messages(conversation, added.collect(), true).await.unwrap();
            }
            chats.add_message(conversation, Added::new("user", text(1)), At::End, false).await.unwrap();
            engine.checkpoint().await.unwrap();
            store.cost.take();
            for number in 0..20 {
                chats.add_message(conversation, Added::new("user", text(number)), At::End, false).await.unwrap();
            }
            let appended = store.cost.take();
            let newest = chats.get_messages(conversation, &PageOptions::default()).await.unwrap();
            assert_eq!(newest.messages.len(), 50.min(length + 21));
            costs.push((appended, store.cost.take()));
            database.close().await.unwrap();
        }
        println!("appending 20, and reading the newest: {costs:?}");
        let ((few, few_read), (many, many_read)) = (costs[0], costs[1]);
        // What was evicted is read once: the conversation's entry. Where a new id goes, which is anywhere, is not looked at.
        assert!(
            many.reads <= few.reads + 2 && many.bytes_written <= few.bytes_written + 2_048,
            "{few:?}, then {many:?}"
        );
        assert!(
            many_read.reads <= few_read.reads + 2 && many_read.blobs_read <= few_read.blobs_read + 6,
            "{few_read:?}, then {many_read:?}"
        );
    });
}

const MODELS: usize = 20;

/// One run as an application makes it, with the answers of all models and a file that is written.
async fn run(session: &SessionStore, number: usize) {
    let text = |seed: usize| String::from_utf8(value(seed)).unwrap();
    let panel: Vec<String> = (0..MODELS).map(|model| format!("model-{model:02}")).collect();
    let answer = |(place, model_id): (usize, &String)| ModelResponse {
        model_id: model_id.clone(),
        text: text(number * MODELS + place),
        output_tokens: 100,
        cost_usd: 0.001,
        ..ModelResponse::default()
    };
    let responses: Vec<ModelResponse> = panel.iter().enumerate().map(answer).collect();
    let prompt = text(1_000_000 + number);
    let history_lengths = session.append_histories(&panel, &responses, &prompt).await.unwrap();
    session.persist_run_state(&prompt, &responses, &Map::new(), None).await.unwrap();
    let step = RewindEntry { history_lengths, prompt, ..RewindEntry::default() };
    session.push_rewind_entry_of_last_run(&step).await.unwrap();
    let write = FileWrite { path: "src/main.rs".to_owned(), content: text(number), delete: false };
    session.apply_writes(&[write]).await.unwrap();
}

#[test]
fn a_run_and_a_rewind_cost_the_same_however_many_runs_there_were() {
    pollster::block_on(async {
        let mut costs = Vec::new();
        for runs in [10, 1_000] {
            let place = Place(BlobSpace::default());
            let (engine, store) = place.open().await;
            let database = Database::new(engine.clone(), DatabaseOptions::default());
            let session = database.sessions("ada").open("ses_x");
            for number in 0..runs {
                run(&session, number).await;
            }
            engine.checkpoint().await.unwrap();
            store.cost.take();
            run(&session, runs).await;
            let appended = store.cost.take();
            session.rewind(None).await.unwrap();
            let rewound = store.cost.take();
            session.redo(None).await.unwrap();
            let redone = store.cost.take();
            database.close().await.unwrap();

            let (engine, store) = place.open().await;
            let database = Database::new(engine, DatabaseOptions::default());
            let session = database.sessions("ada").open("ses_x");
            assert_eq!(session.rewind_stack_len().await.unwrap(), runs + 1);
            assert_eq!(session.usage().await.unwrap().total.runs, runs as i64 + 1);
            let reopened = store.cost.take();
            assert_eq!(session.metadata().await.unwrap().runs.unwrap().len(), runs + 1);
            costs.push([appended, rewound, redone, reopened, store.cost.take()]);
        }
        let names = ["a run", "a rewind", "a redo", "reopening", "listing all runs"];
        for (name, (few, many)) in names.iter().zip(costs[0].iter().zip(costs[1])) {
            println!("{name}: with 10 runs {few:?}, with 1,000 {many:?}");
            if *name == "listing all runs" {
                continue;
            }
            // What is touched is a row in each of twenty histories, which have pages of their own when they are long: each is read once, and written as a row.
            assert!(many.reads <= few.reads + 12, "{name}: {few:?}, then {many:?}");
            assert!(many.blobs_read <= few.blobs_read + 2 * MODELS + 12, "{name}: {few:?}, then {many:?}");
            assert!(many.bytes_written <= few.bytes_written + 2_048, "{name}: {few:?}, then {many:?}");
        }
    });
}
