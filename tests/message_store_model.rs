//! The message store against a simple model: random calls through two databases on one storage, each of which knows of the other's commits only
//! what it has heard.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failing test may panic")]

use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::backend::paged::{BlobSpace, Paged, PagedOptions};
use agent_datastore::model::Timestamp;
use agent_datastore::model::chat::content::Content;
use agent_datastore::model::chat::message::State;
use agent_datastore::model::chat::usage::Usage;
use agent_datastore::model::data_record::Metadata;
use agent_datastore::model::import::Existing;
use agent_datastore::store::chat::{
    Added, ConversationChange, Ending, NewAction, NewConversation, Place, SearchOptions,
};
use agent_datastore::store::{Database, DatabaseOptions, ManualClock, MessageStore, MessageStoreOptions};
use agent_datastore::{ErrorKind, Json, Result};
use plain::Plain;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

#[path = "plain/tree.rs"]
mod plain;

/// Names that a naive encoding would confuse.
const CHATS: [&str; 3] = ["a", "a/b", "\0😀"];
const WORDS: [&str; 3] = ["apple", "banana", "日本語"];

/// One of the messages that there are, or one that is not there.
type Pick = usize;

#[derive(Debug, Clone)]
enum Where {
    End,
    Top,
    Below(Pick),
    Beside(Pick),
}

#[derive(Debug, Clone)]
enum Action {
    Create { overwrite: bool },
    Add { place: Where, given: Option<u8>, create: bool },
    AddMany(usize),
    Edit(Pick),
    Update(Pick, u8),
    Switch(Pick),
    Remove(Pick, bool),
    Change { title: Option<bool>, archived: Option<bool>, metadata: Option<u8> },
    Delete,
    Act,
    Stream { pieces: usize, how: u8 },
    Index,
    Reopen,
    OutAndIn { lines: bool },
}

#[derive(Debug, Clone)]
struct Call {
    database: usize,
    chat: usize,
    action: Action,
}

fn place() -> impl Strategy<Value = Where> {
    prop_oneof![
        4 => Just(Where::End),
        1 => Just(Where::Top),
        2 => any::<usize>().prop_map(Where::Below),
        2 => any::<usize>().prop_map(Where::Beside),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        2 => any::<bool>().prop_map(|overwrite| Action::Create { overwrite }),
        8 => (place(), prop::option::weighted(0.2, 0..6_u8), any::<bool>())
            .prop_map(|(place, given, create)| Action::Add { place, given, create }),
        2 => (0..5_usize).prop_map(Action::AddMany),
        2 => any::<usize>().prop_map(Action::Edit),
        2 => (any::<usize>(), any::<u8>()).prop_map(|(pick, cost)| Action::Update(pick, cost)),
        3 => any::<usize>().prop_map(Action::Switch),
        3 => (any::<usize>(), any::<bool>()).prop_map(|(pick, all)| Action::Remove(pick, all)),
        1 => (any::<Option<bool>>(), any::<Option<bool>>(), any::<Option<u8>>())
            .prop_map(|(title, archived, metadata)| Action::Change { title, archived, metadata }),
        1 => Just(Action::Delete),
        1 => Just(Action::Act),
        2 => (0..4_usize, 0..4_u8).prop_map(|(pieces, how)| Action::Stream { pieces, how }),
        1 => Just(Action::Index),
        1 => Just(Action::Reopen),
        1 => any::<bool>().prop_map(|lines| Action::OutAndIn { lines }),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    (0..2_usize, 0..CHATS.len(), action()).prop_map(|(database, chat, action)| Call { database, chat, action })
}

#[derive(Debug, Clone, PartialEq)]
struct Said {
    id: String,
    text: String,
    role: &'static str,
    state: State,
    cost: u64,
    metadata: BTreeMap<String, u64>,
}

/// What the model knows of a conversation. The messages are those of the tree, by number from 1, with those that are gone.
#[derive(Debug, Clone, Default)]
struct Chat {
    title: String,
    archived: bool,
    metadata: BTreeMap<String, u64>,
    tree: Plain,
    said: Vec<Said>,
    acts: Vec<u64>,
    active_at: i64,
}

impl Chat {
    fn new(id: &str, at: i64) -> Self {
        let start: String = id.chars().take(8).collect();
        Self { title: format!("Conversation {start}"), active_at: at, ..Self::default() }
    }

    fn there(&self) -> Vec<u64> {
        (1..=self.said.len() as u64).filter(|number| self.tree.has(*number)).collect()
    }

    fn message(&self, number: u64) -> &Said {
        &self.said[number as usize - 1]
    }

    /// The number of a message, or of one that is not there.
    fn pick(&self, pick: Pick) -> Option<u64> {
        let there = self.there();
        if there.is_empty() || pick.is_multiple_of(13) { None } else { Some(there[pick % there.len()]) }
    }

    fn id_of(&self, number: Option<u64>) -> String {
        number.map_or_else(|| "nobody".to_owned(), |number| self.message(number).id.clone())
    }

    fn has_id(&self, id: &str) -> bool {
        self.there().into_iter().any(|number| self.message(number).id == id)
    }

    fn add(&mut self, parent: u64, said: Said, at: i64) {
        self.tree.add(parent);
        self.said.push(said);
        self.active_at = at;
    }

    fn path(&self) -> Vec<u64> {
        if self.tree.leaf() == 0 { Vec::new() } else { self.tree.path_to(self.tree.leaf()) }
    }

    /// As an import numbers it.
    fn compacted(&self) -> Self {
        let there = self.there();
        let number = |old: u64| there.iter().position(|one| *one == old).map_or(0, |place| place as u64 + 1);
        let parents = there.iter().map(|old| Some(number(self.tree.parents[*old as usize - 1].unwrap()))).collect();
        let mut tree = Plain { parents, ..Plain::default() };
        for old in std::iter::once(0).chain(there.iter().copied()) {
            if let Some(active) = self.tree.active_child(old) {
                tree.active.insert(if old == 0 { 0 } else { number(old) }, number(active));
            }
        }
        let said = there.iter().map(|number| self.message(*number).clone()).collect();
        Self { tree, said, ..self.clone() }
    }
}

struct World {
    stores: Vec<MessageStore>,
    databases: Vec<Database>,
    clock: Rc<ManualClock>,
    open: Box<dyn Fn() -> Box<dyn agent_datastore::backend::Backend>>,
    seconds: i64,
    chats: BTreeMap<usize, Chat>,
    created: Vec<usize>,
    texts: u64,
}

fn metadata(members: &BTreeMap<String, u64>) -> Metadata {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
    Metadata::new(Json::parse(&format!("{{{}}}", members.join(","))).unwrap()).unwrap()
}

fn members(metadata: &Metadata) -> BTreeMap<String, u64> {
    serde_json::from_str(metadata.as_json().as_str()).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_770_301_320 + seconds) * 1_000_000).unwrap()
}

/// Whether a call ended as it had to.
fn ended<T>(result: Result<T>, expected: std::result::Result<(), ErrorKind>) -> Option<T> {
    match (result, expected) {
        (Ok(value), Ok(())) => Some(value),
        (Err(error), Err(kind)) if error.kind() == kind => None,
        (Err(error), expected) => panic!("{error}, and not {expected:?}"),
        (Ok(_), Err(kind)) => panic!("it succeeded, and not {kind:?}"),
    }
}

impl World {
    fn new(open: impl Fn() -> Box<dyn agent_datastore::backend::Backend> + 'static) -> Self {
        let clock = Rc::new(ManualClock::new(at(0)));
        let mut world = Self {
            stores: Vec::new(),
            databases: Vec::new(),
            clock,
            open: Box::new(open),
            seconds: 0,
            chats: BTreeMap::new(),
            created: Vec::new(),
            texts: 0,
        };
        for _ in 0..2 {
            let database = world.database();
            world.stores.push(database.message_store(MessageStoreOptions { user: "u".to_owned() }));
            world.databases.push(database);
        }
        world
    }

    fn database(&self) -> Database {
        let options = DatabaseOptions { clock: self.clock.clone(), ..DatabaseOptions::default() };
        Database::new((self.open)(), options)
    }

    fn text(&mut self) -> String {
        self.texts += 1;
        format!("{} number{}", WORDS[self.texts as usize % WORDS.len()], self.texts)
    }

    fn said(&mut self, id: String, role: &'static str) -> Said {
        Said { id, text: self.text(), role, state: State::Complete, cost: 0, metadata: BTreeMap::new() }
    }

    async fn call(&mut self, Call { database, chat, action }: Call) {
        self.seconds += 1;
        self.clock.set(at(self.seconds));
        let (now, name) = (self.seconds, CHATS[chat]);
        let store = self.stores[database].clone();
        let known = self.chats.get(&chat).cloned();
        let there = || if known.is_some() { Ok(()) } else { Err(ErrorKind::NotFound) };
        let has = |number: Option<u64>| if number.is_some() { Ok(()) } else { Err(ErrorKind::NotFound) };
        match action {
            Action::Create { overwrite } => {
                let expected = if known.is_some() && !overwrite { Err(ErrorKind::AlreadyExists) } else { Ok(()) };
                let new = NewConversation { id: Some(name.to_owned()), overwrite, ..NewConversation::default() };
                if ended(store.create_conversation(new).await, expected).is_some() {
                    self.insert(chat, Chat::new(name, now));
                }
            }
            Action::Add { place, given, create } => {
                let model = known.clone().unwrap_or_else(|| Chat::new(name, now));
                let (wanted, parent) = match place {
                    Where::End => (Place::End, Some(model.tree.leaf())),
                    Where::Top => (Place::Top, Some(0)),
                    Where::Below(pick) => (Place::Below(model.id_of(model.pick(pick))), model.pick(pick)),
                    Where::Beside(pick) => {
                        let beside = model.pick(pick);
                        let parent = beside.and_then(|number| model.tree.parents[number as usize - 1]);
                        (Place::Beside(model.id_of(beside)), parent)
                    }
                };
                let given = given.map(|given| format!("given {given}"));
                let begins = create && matches!(place, Where::End | Where::Top);
                let expected = if given.as_ref().is_some_and(|id| model.has_id(id)) {
                    Err(ErrorKind::AlreadyExists)
                } else if known.is_none() && !begins {
                    Err(ErrorKind::NotFound)
                } else {
                    has(parent)
                };
                let mut said = self.said(String::new(), "user");
                let added = Added { id: given, ..Added::new("user", Content::text(&said.text)) };
                if let Some(placed) = ended(store.add_message(name, added, wanted, create).await, expected) {
                    said.id = placed.message.id;
                    let mut model = model;
                    model.add(parent.unwrap(), said, now);
                    self.insert(chat, model);
                }
            }
            Action::AddMany(count) => {
                let texts: Vec<Said> = (0..count).map(|_| self.said(String::new(), "tool")).collect();
                let added = texts.iter().map(|said| Added::new("tool", Content::text(&said.text))).collect();
                let placed = store.add_messages(name, added, true).await.unwrap();
                assert_eq!(placed.len(), count);
                if count > 0 {
                    let mut model = known.unwrap_or_else(|| Chat::new(name, now));
                    for (said, placed) in texts.into_iter().zip(placed) {
                        let leaf = model.tree.leaf();
                        model.add(leaf, Said { id: placed.message.id, ..said }, now);
                    }
                    self.insert(chat, model);
                }
            }
            Action::Edit(pick) => {
                let number = known.as_ref().and_then(|known| known.pick(pick));
                let id = known.as_ref().map_or_else(|| "nobody".to_owned(), |known| known.id_of(number));
                let text = self.text();
                let done = store.edit_message(name, &id, Content::text(&text), None).await;
                if let Some(placed) = ended(done, has(number)) {
                    let mut model = known.unwrap();
                    let before = model.message(number.unwrap()).clone();
                    let parent = model.tree.parents[number.unwrap() as usize - 1].unwrap();
                    let said = Said {
                        id: placed.message.id,
                        text,
                        cost: 0,
                        state: State::Complete,
                        metadata: BTreeMap::new(),
                        ..before
                    };
                    model.add(parent, said, now);
                    self.insert(chat, model);
                }
            }
            Action::Update(pick, cost) => {
                let number = known.as_ref().and_then(|known| known.pick(pick));
                let id = known.as_ref().map_or_else(|| "nobody".to_owned(), |known| known.id_of(number));
                let member = BTreeMap::from([(format!("m{}", cost % 3), u64::from(cost))]);
                let usage = Usage { cost_nanos: u64::from(cost), ..Usage::default() };
                let done = store.update_message(name, &id, Some(&metadata(&member)), Some(usage)).await;
                if ended(done, has(number)).is_some() {
                    let mut model = known.unwrap();
                    let said = &mut model.said[number.unwrap() as usize - 1];
                    said.metadata.extend(member);
                    said.cost = u64::from(cost);
                    self.insert(chat, model);
                }
            }
            Action::Switch(pick) => {
                let number = known.as_ref().and_then(|known| known.pick(pick));
                let id = known.as_ref().map_or_else(|| "nobody".to_owned(), |known| known.id_of(number));
                if ended(store.switch_branch(name, &id).await, has(number)).is_some() {
                    let mut model = known.unwrap();
                    model.tree.activate(number.unwrap());
                    self.insert(chat, model);
                }
            }
            Action::Remove(pick, with_descendants) => {
                let number = known.as_ref().and_then(|known| known.pick(pick));
                let id = known.as_ref().map_or_else(|| "nobody".to_owned(), |known| known.id_of(number));
                if let Some(gone) = ended(store.delete_message(name, &id, with_descendants).await, has(number)) {
                    let mut model = known.unwrap();
                    let before = model.there().len();
                    if with_descendants {
                        model.tree.remove_branch(number.unwrap());
                    } else {
                        model.tree.remove(number.unwrap());
                    }
                    assert_eq!(gone as usize, before - model.there().len());
                    self.insert(chat, model);
                }
            }
            Action::Change { title, archived, metadata: value } => {
                let title = title.map(|is_text| if is_text { format!("title {now}") } else { String::new() });
                let member: BTreeMap<String, u64> =
                    value.into_iter().map(|value| ("c".to_owned(), u64::from(value))).collect();
                let merged = value.map(|_| metadata(&member));
                let change = ConversationChange { title: title.clone(), archived, metadata: merged };
                if ended(store.update_conversation(name, change).await, there()).is_some() {
                    let mut model = known.unwrap();
                    match title {
                        Some(title) if title.is_empty() => model.title = Chat::new(name, now).title,
                        Some(title) => model.title = title,
                        None => {}
                    }
                    model.archived = archived.unwrap_or(model.archived);
                    model.metadata.extend(member);
                    self.insert(chat, model);
                }
            }
            Action::Delete => {
                assert_eq!(store.delete_conversation(name).await.unwrap(), known.is_some());
                self.chats.remove(&chat);
                self.created.retain(|one| *one != chat);
            }
            Action::Act => {
                let data = metadata(&BTreeMap::from([("n".to_owned(), now as u64)]));
                let new = NewAction {
                    action_type: "act".to_owned(),
                    data,
                    metadata: Metadata::empty(),
                    create_if_missing: true,
                };
                store.add_action(name, new).await.unwrap();
                let mut model = known.unwrap_or_else(|| Chat::new(name, now));
                model.acts.push(now as u64);
                model.active_at = now;
                self.insert(chat, model);
            }
            Action::Stream { pieces, how } => {
                let begun =
                    store.begin_message(name, Added::new("assistant", Content::text("")), Place::End, false).await;
                let Some(stream) = ended(begun, there()) else { return };
                let mut said = self.said(stream.message().message.id.clone(), "assistant");
                said.text = String::new();
                for _ in 0..pieces {
                    let piece = format!("{} ", self.text());
                    stream.append(Json::parse(&format!("{piece:?}")).unwrap()).unwrap();
                    said.text.push_str(&piece);
                    if how % 2 == 0 {
                        stream.flush().await.unwrap();
                    }
                }
                let state = match how {
                    0 => stream.finish(Ending::default()).await.map(|_| State::Complete),
                    1 => stream.fail("lost", Ending::default()).await.map(|_| State::Failed("lost".to_owned())),
                    2 => stream.abort(Ending::default()).await.map(|_| State::Aborted),
                    // The writer goes away without a word; what it has flushed stays.
                    _ => {
                        stream.flush().await.unwrap();
                        drop(stream);
                        Ok(State::Interrupted)
                    }
                };
                said.state = state.unwrap();
                let mut model = known.unwrap();
                let leaf = model.tree.leaf();
                model.add(leaf, said, now);
                self.insert(chat, model);
            }
            Action::Index => drop(store.index_messages().await.unwrap()),
            Action::Reopen => {
                self.databases[database].close().await.unwrap();
                self.databases[database] = self.database();
                self.stores[database] =
                    self.databases[database].message_store(MessageStoreOptions { user: "u".to_owned() });
            }
            Action::OutAndIn { lines } => {
                let Some(model) = known else { return };
                let ids = Some(vec![name.to_owned()]);
                self.databases[database].refresh().await.unwrap();
                let other = &self.stores[1 - database];
                let done = if lines {
                    let export = store.export_lines(ids).await.unwrap();
                    let mut text = String::new();
                    while let Some(piece) = export.next().await.unwrap() {
                        text.push_str(&piece);
                    }
                    other.import_lines(&text, Existing::Replace).await
                } else {
                    let files = store.export_files(ids).await.unwrap();
                    other.import_files(&files, Existing::Replace).await
                };
                assert_eq!(done.unwrap().imported, 1);
                let compacted = model.compacted();
                self.insert(chat, compacted);
            }
        }
    }

    fn insert(&mut self, chat: usize, model: Chat) {
        if self.chats.insert(chat, model).is_none() {
            self.created.push(chat);
        }
    }

    /// Holds what a database reads against the model.
    async fn check(&self, database: usize) {
        self.databases[database].refresh().await.unwrap();
        let store = &self.stores[database];
        let mut wanted: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for (chat, name) in CHATS.iter().enumerate() {
            let Some(model) = self.chats.get(&chat) else {
                assert!(store.get_conversation(name).await.unwrap().is_none());
                assert!(store.get_conversation_messages(name).await.unwrap().is_empty());
                continue;
            };
            let found = store.get_conversation(name).await.unwrap().unwrap();
            assert_eq!(
                (&found.title, found.archived, &members(&found.metadata)),
                (&model.title, model.archived, &model.metadata)
            );
            assert_eq!((found.messages, found.actions), (model.there().len() as u64, model.acts.len() as u64));
            let cost: u64 = model.there().iter().map(|number| model.message(*number).cost).sum();
            assert_eq!(found.usage.cost_nanos, cost);
            assert_eq!(
                found.last.as_ref().map(|last| &last.id),
                model.path().last().map(|leaf| &model.message(*leaf).id)
            );
            let acts = store.get_conversation_actions(name).await.unwrap();
            assert_eq!(
                acts.iter().map(|act| act.created_at.at).collect::<Vec<_>>(),
                model.acts.iter().map(|second| at(*second as i64)).collect::<Vec<_>>()
            );

            let path = store.get_conversation_messages(name).await.unwrap();
            assert_eq!(path.iter().map(|placed| placed.message.number).collect::<Vec<_>>(), model.path());
            for number in model.there() {
                let said = model.message(number);
                let placed = store.get_message(name, &said.id).await.unwrap().unwrap();
                let seen = Said {
                    id: placed.message.id.clone(),
                    text: placed.message.content.words(),
                    role: said.role,
                    state: placed.message.state.clone(),
                    cost: placed.message.usage.map_or(0, |usage| usage.cost_nanos),
                    metadata: said.metadata.clone(),
                };
                assert_eq!(&seen, said);
                assert_eq!(
                    (placed.message.role.as_str(), &members(&placed.message.metadata)),
                    (said.role, &said.metadata)
                );
                let parent = model.tree.parents[number as usize - 1].filter(|parent| *parent > 0);
                assert_eq!(placed.parent, parent.map(|parent| model.message(parent).id.clone()));
                let siblings = model.tree.children(parent.unwrap_or(0));
                assert_eq!((placed.siblings, siblings[placed.place]), (siblings.len(), number));
                if said.state != State::Interrupted {
                    for word in WORDS.iter().filter(|word| said.text.contains(**word)) {
                        wanted.entry(word).or_default().insert((name, &said.id));
                    }
                }
            }
        }
        for word in WORDS {
            let options = SearchOptions { limit: 10_000, ..SearchOptions::default() };
            let hits = store.search(word, &options).await.unwrap();
            let found: BTreeSet<(&str, &str)> =
                hits.iter().map(|hit| (hit.conversation.as_str(), hit.message.id.as_str())).collect();
            assert_eq!(found.len(), hits.len());
            // Of one that was imported after it had been interrupted, nothing is being written any more.
            let wanted = wanted.remove(word).unwrap_or_default();
            assert!(found.is_superset(&wanted), "{word}: {found:?} and not {wanted:?}");
            assert!(
                found.difference(&wanted).all(|(name, id)| self.is_interrupted(name, id)),
                "{word}: {found:?}, {wanted:?}"
            );
        }
        let names = |all: &[usize]| all.iter().map(|chat| CHATS[*chat].to_owned()).collect::<Vec<_>>();
        let all = store.get_all_conversations().await.unwrap();
        assert_eq!(all.into_iter().map(|found| found.id).collect::<Vec<_>>(), names(&self.created));
        for archived in [false, true] {
            let page = store.list_conversations(archived, None, 10).await.unwrap();
            let mut listed: Vec<usize> =
                self.created.iter().copied().filter(|chat| self.chats[chat].archived == archived).collect();
            listed.sort_by_key(|chat| -self.chats[chat].active_at);
            assert_eq!(page.conversations.into_iter().map(|found| found.id).collect::<Vec<_>>(), names(&listed));
        }
    }

    fn is_interrupted(&self, name: &str, id: &str) -> bool {
        let chat = CHATS.iter().position(|chat| *chat == name).unwrap();
        self.chats[&chat].said.iter().any(|said| said.id == id && said.state == State::Interrupted)
    }
}

fn run(mut world: World, calls: Vec<Call>) {
    pollster::block_on(async {
        for (place, call) in calls.into_iter().enumerate() {
            let checked = call.database;
            world.call(call).await;
            // The other one stays behind as long as nothing makes it look.
            if place % 5 == 4 {
                world.check(1 - checked).await;
            }
        }
        world.check(0).await;
        world.check(1).await;
    });
}

/// `PROPTEST_CASES` for more.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig::with_cases(cases.unwrap_or(64))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_store_acts_as_the_model(calls in prop::collection::vec(call(), 1..60)) {
        let space = Space::default();
        run(World::new(move || Box::new(Memory::on(&space))), calls);
    }

    #[test]
    fn the_store_acts_as_the_model_on_the_paged_engine(calls in prop::collection::vec(call(), 1..60), tiny: bool) {
        let space = BlobSpace::default();
        let options = if tiny { PagedOptions { cache_bytes: 0, checkpoint_bytes: 0 } } else { PagedOptions::default() };
        run(
            World::new(move || {
                let (blobs, neighbours) = (Rc::new(space.clone()), Rc::new(space.clone()));
                Box::new(pollster::block_on(Paged::open(blobs, neighbours, options)).unwrap())
            }),
            calls,
        );
    }
}
