//! The search against reading everything, with thousands of messages, segments that were merged, and deletions.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::backend::Backend;
use agent_datastore::backend::memory::{Memory, Space};
use agent_datastore::model::batch::ReadRange;
use agent_datastore::model::chat::content::Content;
use agent_datastore::model::chat::query::Query;
use agent_datastore::model::chat::segment::Directory;
use agent_datastore::model::keyspace::ChatScope;
use agent_datastore::store::chat::{Added, SearchOptions};
use agent_datastore::store::{Database, MessageStore, MessageStoreOptions};
use std::collections::BTreeSet;

const WORDS: [&str; 24] = [
    "Apfel",
    "apple",
    "app",
    "banana",
    "BANANA",
    "birne",
    "日本語",
    "日本",
    "語学",
    "e\u{301}tude",
    "naïve",
    "x1",
    "x10",
    "x100",
    "don't",
    "über",
    "Straße",
    "straw",
    "stray",
    "ไทย",
    "κόσμος",
    "мир",
    "na\u{ef}vete",
    "42",
];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn text(&mut self) -> String {
        let words = 1 + self.below(6);
        (0..words).map(|_| WORDS[self.below(24) as usize]).collect::<Vec<_>>().join(" ")
    }
}

async fn everything(store: &MessageStore) -> Vec<(String, u64, String)> {
    let mut all = Vec::new();
    for conversation in store.get_all_conversations().await.unwrap() {
        for placed in store.get_conversation_messages(&conversation.id).await.unwrap() {
            all.push((conversation.id.clone(), placed.message.number, placed.message.content.words()));
        }
    }
    all
}

#[test]
fn the_index_finds_what_reading_everything_finds() {
    pollster::block_on(async {
        let space = Space::default();
        let database = Database::new(Memory::on(&space), Default::default());
        let store = database.message_store(MessageStoreOptions { user: "u".to_owned() });
        let mut random = Random(7);
        for round in 0..12 {
            for conversation in ["a", "b"] {
                let added = (0..480).map(|_| Added::new("user", Content::text(&random.text()))).collect();
                store.add_messages(conversation, added, true).await.unwrap();
            }
            if round % 2 == 0 {
                store.index_messages().await.unwrap();
            }
            for _ in 0..20 {
                let all = store.get_conversation_messages("a").await.unwrap();
                let gone = &all[random.below(all.len() as u64) as usize];
                store.delete_message("a", &gone.message.id, false).await.unwrap();
            }
        }
        let scope = ChatScope { user: "u".to_owned() };
        let entries = Memory::on(&space).read(&[ReadRange::point(scope.directory())]).await.unwrap();
        let directory = Directory::decode(&entries[0][0].value).unwrap();
        assert!(directory.segments.len() < 9, "{directory:?}");
        assert!(directory.segments.iter().any(|segment| segment.messages > 4_000), "{directory:?}");

        let all = everything(&store).await;
        assert_eq!(all.len(), 12 * 960 - 240);
        let mut hits = 0;
        for _ in 0..40 {
            let mut query = random.text();
            query.truncate(query.floor_char_boundary(random.below(20) as usize + 1));
            let parsed = Query::parse(&query);
            let wanted: BTreeSet<(String, u64)> = all
                .iter()
                .filter(|(_, _, text)| !parsed.terms.is_empty() && parsed.count(text).is_some())
                .map(|(conversation, number, _)| (conversation.clone(), *number))
                .collect();
            let options = SearchOptions { limit: usize::MAX, ..SearchOptions::default() };
            let found = store.search(&query, &options).await.unwrap();
            assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
            let distinct: BTreeSet<(String, u64)> =
                found.iter().map(|hit| (hit.conversation.clone(), hit.message.number)).collect();
            assert_eq!(found.len(), distinct.len(), "{query:?}");
            assert_eq!(distinct, wanted, "{query:?}");
            let within = SearchOptions { conversation: Some("b".to_owned()), ..options };
            let of_one: Vec<_> = store.search(&query, &within).await.unwrap();
            let listed: Vec<u64> = of_one.iter().map(|hit| hit.message.number).collect();
            let kept = found.iter().filter(|hit| hit.conversation == "b").map(|hit| hit.message.number);
            assert_eq!(listed, kept.collect::<Vec<_>>(), "{query:?}");
            hits += wanted.len();
        }
        assert!(hits > 500, "only {hits} were to be found");
    });
}
