//! The tree of messages against one that says every link and every rule outright.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test may panic")]

use agent_datastore::ErrorKind;
use agent_datastore::model::chat::tree::{Link, LinkChange, NOWHERE, Run, Tree};
use plain::Plain;
use proptest::prelude::*;
use std::collections::BTreeSet;

#[path = "plain/tree.rs"]
mod plain;

#[derive(Debug, Clone)]
enum Step {
    Append,
    Add(usize),
    Activate(usize),
    Remove(usize),
    RemoveBranch(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Append),
        3 => any::<usize>().prop_map(Step::Add),
        2 => any::<usize>().prop_map(Step::Activate),
        1 => any::<usize>().prop_map(Step::Remove),
        1 => any::<usize>().prop_map(Step::RemoveBranch),
    ]
}

fn pick(tree: &Tree, from: usize) -> Option<u64> {
    let all: Vec<u64> = (1..tree.next()).filter(|message| tree.has(*message)).collect();
    (!all.is_empty()).then(|| all[from % all.len()])
}

fn listed(path: &[Run]) -> Vec<u64> {
    path.iter().flat_map(|run| run.first..=run.last).collect()
}

proptest! {
    #[test]
    fn few_links_say_what_all_of_them_would(steps in prop::collection::vec(step(), 0..60)) {
        let (mut plain, mut stored) = (Plain::default(), BTreeSet::new());
        let mut next = 1;
        for step in steps {
            // Read anew each time, so that what is not among the changes is lost.
            let mut tree = Tree::new(next, stored.iter().copied()).unwrap();
            match step {
                Step::Append => { let leaf = tree.leaf(); tree.add(leaf); plain.add(leaf); }
                Step::Add(from) => { let parent = pick(&tree, from).unwrap_or(0); let parent = if from % 7 == 0 { 0 } else { parent }; tree.add(parent); plain.add(parent); }
                Step::Activate(from) => if let Some(one) = pick(&tree, from) { tree.activate(one); plain.activate(one); },
                Step::Remove(from) => if let Some(one) = pick(&tree, from) { tree.remove(one); plain.remove(one); },
                Step::RemoveBranch(from) => if let Some(one) = pick(&tree, from) {
                    let gone = tree.remove_branch(one);
                    let before: Vec<u64> = (1..next).filter(|message| plain.has(*message)).collect();
                    plain.remove_branch(one);
                    prop_assert_eq!(gone, before.into_iter().filter(|message| !plain.has(*message)).collect::<Vec<_>>());
                },
            }
            next = tree.next();
            for change in tree.into_changes() {
                match change {
                    LinkChange::Put(link @ Link::Active { parent, .. }) => {
                        stored.retain(|other| !matches!(other, Link::Active { parent: known, .. } if *known == parent));
                        stored.insert(link);
                    }
                    LinkChange::Put(link) => drop(stored.insert(link)),
                    LinkChange::Delete(link) => prop_assert!(stored.remove(&link), "{link:?} was not there"),
                }
            }
            let tree = Tree::new(next, stored.iter().copied()).unwrap();
            prop_assert_eq!(tree.leaf(), plain.leaf());
            for message in 0..next {
                prop_assert_eq!(message > 0 && tree.has(message), plain.has(message));
                if message == 0 || plain.has(message) {
                    prop_assert_eq!(tree.children(message), plain.children(message), "children of {}", message);
                }
                if plain.has(message) {
                    prop_assert_eq!(listed(&tree.path_to(message)), plain.path_to(message));
                }
            }
        }
    }
}

#[test]
fn a_conversation_that_never_branched_has_no_links_and_one_run() {
    let mut tree = Tree::new(1, []).unwrap();
    for message in 0..1_000 {
        assert_eq!(tree.add(message), message + 1);
    }
    assert_eq!(tree.path_to(tree.leaf()), [Run { first: 1, last: 1_000 }]);
    assert!(tree.into_changes().is_empty());
}

#[test]
fn regenerating_the_last_answer_again_and_again_takes_one_link_each() {
    let mut tree = Tree::new(1, []).unwrap();
    tree.add(0);
    for _ in 0..10 {
        tree.add(1);
    }
    assert_eq!(tree.children(1).len(), 10);
    assert_eq!(tree.leaf(), 11);
    tree.activate(4);
    assert_eq!((tree.leaf(), listed(&tree.path_to(4))), (4, vec![1, 4]));
    assert!(tree.into_changes().len() <= 21);
}

#[test]
fn a_damaged_link_is_found_and_no_path_is_endless() {
    for link in [
        Link::Child { parent: 3, child: 2 },
        Link::Child { parent: 2, child: 2 },
        Link::Child { parent: 1, child: 5 },
        Link::Child { parent: NOWHERE - 1, child: 2 },
        Link::Child { parent: NOWHERE, child: 5 },
        Link::Active { parent: 4, child: 1 },
        Link::Active { parent: 0, child: 0 },
        Link::Active { parent: 0, child: 9 },
    ] {
        assert_eq!(Tree::new(5, [link]).unwrap_err().kind(), ErrorKind::Corrupt, "{link:?}");
    }
    let two = [Link::Child { parent: 0, child: 3 }, Link::Child { parent: 1, child: 3 }];
    assert_eq!(Tree::new(5, two).unwrap_err().kind(), ErrorKind::Corrupt);
    // The next one would follow a message that is gone.
    assert!(Tree::new(5, [Link::Child { parent: NOWHERE, child: 3 }]).is_err());
    let next = Link::Child { parent: 2, child: 4 };
    assert_eq!(Tree::new(5, [Link::Child { parent: NOWHERE, child: 3 }, next]).unwrap().leaf(), 4);
    assert!(!Tree::new(5, [Link::Child { parent: NOWHERE, child: 4 }]).unwrap().has(4));
}
