//! Export and import of conversations whose trees grew at random, and of one that is as bad as a tree can be.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::backend::memory::Memory;
use agent_datastore::model::chat::content::Content;
use agent_datastore::model::import::Existing;
use agent_datastore::store::chat::{Added, MessageStore, NewConversation, Place};
use agent_datastore::store::{Database, MessageStoreOptions};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

fn store_of(database: &Database, user: &str) -> MessageStore {
    database.message_store(MessageStoreOptions { user: user.to_owned() })
}

async fn lines(store: &MessageStore) -> String {
    let export = store.export_lines(None).await.unwrap();
    let mut all = String::new();
    while let Some(text) = export.next().await.unwrap() {
        all.push_str(&text);
    }
    all
}

/// Adds, removes and activates messages, as the numbers say.
async fn grow(store: &MessageStore, steps: &[(u8, usize)]) {
    store
        .create_conversation(NewConversation { id: Some("c".to_owned()), ..NewConversation::default() })
        .await
        .unwrap();
    let mut ids: Vec<String> = Vec::new();
    for (place, (kind, chosen)) in steps.iter().enumerate() {
        let one = ids.get(chosen % ids.len().max(1)).cloned();
        let at = match (kind % 7, one) {
            (0, Some(one)) => Place::Below(one),
            (1, Some(one)) => Place::Beside(one),
            (2, _) => Place::Top,
            (3, Some(one)) => {
                store.delete_message("c", &one, *chosen % 3 == 0).await.unwrap();
                let mut left = Vec::new();
                for id in ids {
                    left.extend(store.get_message("c", &id).await.unwrap().map(|found| found.message.id));
                }
                ids = left;
                continue;
            }
            (4, Some(one)) => {
                store.switch_branch("c", &one).await.unwrap();
                continue;
            }
            _ => Place::End,
        };
        let added = Added { id: Some(format!("m{place}")), ..Added::new("user", Content::text("x")) };
        ids.push(store.add_message("c", added, at, false).await.unwrap().message.id);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_tree_comes_back(steps in prop::collection::vec((any::<u8>(), 0..50_usize), 0..40)) {
        pollster::block_on(async {
            let database = Database::new(Memory::new(), Default::default());
            let store = store_of(&database, "u");
            grow(&store, &steps).await;
            let (files, text) = (store.export_files(None).await.unwrap(), lines(&store).await);
            let path = store.get_conversation_messages("c").await.unwrap();
            for (user, is_lines) in [("files", false), ("lines", true)] {
                let other = store_of(&database, user);
                if is_lines {
                    other.import_lines(&text, Existing::Refuse).await.unwrap();
                } else {
                    other.import_files(&files, Existing::Refuse).await.unwrap();
                }
                prop_assert_eq!(&other.export_files(None).await.unwrap(), &files);
                prop_assert_eq!(&lines(&other).await, &text);
                let found = other.get_conversation_messages("c").await.unwrap();
                let seen = |placed: &[agent_datastore::model::chat::message::Placed]| {
                    placed.iter().map(|one| (one.message.id.clone(), one.parent.clone(), one.place, one.siblings)).collect::<Vec<_>>()
                };
                prop_assert_eq!(seen(&found), seen(&path));
            }
            Ok(())
        })?;
    }
}

#[test]
fn no_choice_of_parents_makes_an_import_slow() {
    let begun = Instant::now();
    let parents: [fn(u64) -> u64; 3] = [|number| number / 2 * 2, |_| 1, |number| number.saturating_sub(2)];
    for (which, parent) in parents.into_iter().enumerate() {
        let mut text = String::from(
            "{\"type\":\"conversation\",\"id\":\"c\"}\n{\"type\":\"message\",\"id\":\"1\",\"content\":\"\",\"parentId\":null}\n",
        );
        for number in 2..100_000_u64 {
            let parent = parent(number - 1).max(1);
            writeln!(text, "{{\"type\":\"message\",\"id\":\"{number}\",\"content\":\"\",\"parentId\":\"{parent}\"}}")
                .unwrap();
        }
        pollster::block_on(async {
            let store = store_of(&Database::new(Memory::new(), Default::default()), "u");
            store.import_lines(&text, Existing::Refuse).await.unwrap();
            assert_eq!(store.get_conversation("c").await.unwrap().unwrap().messages, 99_999, "{which}");
            assert_eq!(lines(&store).await.lines().count(), 100_000, "{which}");
        });
    }
    assert!(begun.elapsed() < Duration::from_secs(120), "{:?}", begun.elapsed());
}
