//! Taking runs of a session back (`stores.md`, D.10), and two tabs that change one session.

use super::Place;
use super::data_store::texts;
use super::session_setup::{Disk, given_up, was, whole_run};
use super::sessions::{file_of, kind, run, session_of};
use crate::error::{ErrorKind, Result};
use crate::model::session::{RewindEntry, metadata, prompt_hash};
use crate::store::{Database, DatabaseOptions};
use futures_util::future::join_all;

pub async fn a_rewind_takes_back_the_newest_run(place: &dyn Place) {
    let session = session_of(place).await;
    let disk = Disk::default();
    let error = session.rewind(Some(&disk)).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, "nothing to rewind"));
    whole_run(&session, "first", "1", 0).await;
    whole_run(&session, "second", "2", 1).await;
    session.update_last_run_note("Applied: foo.go").await.unwrap();
    assert_eq!(session.rewind_stack_len().await.unwrap(), 2);
    let result = session.rewind(Some(&disk)).await.unwrap();
    assert_eq!(
        (result.file_msg.as_str(), result.feed_index, result.note.as_str()),
        ("", 1, "[rewound] Applied: foo.go")
    );
    assert_eq!(session.histories().await.unwrap().unwrap().get("m1").unwrap().as_ref().unwrap().len(), 2);
    // The step and what it has survive a restart.
    let session = session_of(place).await;
    let result = session.rewind(Some(&disk)).await.unwrap();
    assert_eq!((result.feed_index, result.note.as_str()), (0, "[rewound]"));
    assert_eq!(session.histories().await.unwrap(), None);
    assert!(!session.can_rewind().await.unwrap());
    let found = session.metadata().await.unwrap();
    assert_eq!((found.prompt_count, found.last_prompt.as_str()), (2, "second"), "these are not taken back");
    let runs = found.runs.unwrap();
    assert_eq!(
        runs.iter().map(|run| run.kind.as_str()).collect::<Vec<_>>(),
        ["", "", metadata::REWIND, metadata::REWIND]
    );
    assert_eq!(
        runs.iter().map(|run| run.note.as_str()).collect::<Vec<_>>(),
        ["[rewound]", "[rewound] Applied: foo.go", "", ""]
    );
    assert_eq!(
        (runs[2].prompt_hash.clone(), runs[3].prompt_hash.clone()),
        (prompt_hash("second"), prompt_hash("first"))
    );
    assert!(runs[2].models.is_none() && runs[2].prompt_preview.as_str().is_empty());
    assert_eq!(session.content().await.unwrap().runs.unwrap().len(), 2);
}

pub async fn a_rewind_notes_what_its_index_names(place: &dyn Place) {
    let session = session_of(place).await;
    run(&session, "p", &[]).await;
    // The index of the marker itself, one behind it, and one below 0.
    for (feed_index, note) in [(1, "[rewound]"), (7, ""), (-1, ""), (0, "[rewound]"), (0, "[rewound] [rewound]")] {
        let step = RewindEntry { feed_index, prompt: "p".to_owned(), ..RewindEntry::default() };
        session.push_rewind_entry(&step).await.unwrap();
        let result = session.rewind(Some(&Disk::default())).await.unwrap();
        assert_eq!((result.feed_index, result.note.as_str()), (feed_index, note));
    }
    let notes: Vec<String> = session.metadata().await.unwrap().runs.unwrap().into_iter().map(|run| run.note).collect();
    assert_eq!(notes, ["[rewound] [rewound]", "[rewound]", "", "", "", ""]);
}

pub async fn a_rewind_puts_files_back_as_far_as_it_can(place: &dyn Place) {
    let session = session_of(place).await;
    whole_run(&session, "p", "t", 0).await;
    session.push_file_snapshots(Some(&[was("old.rs", Some("wrong"))])).await.unwrap();
    session.push_file_snapshots(None).await.unwrap();
    let files = [was("old.rs", Some("before")), was("broken", Some("x")), was("new.rs", None), was("worse", None)];
    session.push_file_snapshots(Some(&files)).await.unwrap();
    assert_eq!(session.rewind_stack_len().await.unwrap(), 1);
    let mut disk = Disk::with(&[("old.rs", "after"), ("new.rs", "after"), ("broken", "after")]);
    disk.broken = texts(&["broken", "worse"]);
    let result = session.rewind(Some(&disk)).await.unwrap();
    assert_eq!(result.file_msg, " (file restore warning: broken is read-only)");
    assert_eq!(result.note, "[rewound]");
    assert_eq!(*disk.log.borrow(), ["old.rs", "broken", "new.rs", "worse"]);
    assert_eq!((disk.text("old.rs").as_deref(), disk.text("new.rs")), (Some("before"), None));
}

pub async fn the_way_back_is_as_long_as_there_were_runs(place: &dyn Place) {
    let session = session_of(place).await;
    for n in 0..30 {
        whole_run(&session, &format!("prompt {n}"), "t", n).await;
    }
    for n in (10..30).rev() {
        assert_eq!(session.rewind(Some(&Disk::default())).await.unwrap().feed_index, n);
    }
    session.clear_rewind_stack().await.unwrap();
    assert_eq!(kind(session.rewind(Some(&Disk::default())).await), ErrorKind::NotFound);
    assert_eq!(session.histories().await.unwrap().unwrap().get("m2").unwrap().as_ref().unwrap().len(), 20);
}

pub async fn two_tabs_change_one_session_and_lose_nothing(place: &dyn Place) {
    let database = Database::new(place.open().await, DatabaseOptions::default());
    let (one, other) = (database.sessions("ada").open("ses_x"), session_of(place).await);
    let both = [&one, &other];
    join_all((0..20).map(|n| async move { whole_run(both[n % 2], &format!("p{n}"), "t", 0).await })).await;
    join_all((0..20).map(|n| both[n % 2].accumulate_cost("m", 0.5))).await.into_iter().for_each(Result::unwrap);
    database.refresh().await.unwrap();
    let found = one.metadata().await.unwrap();
    let mut hashes: Vec<String> = found.runs.unwrap().into_iter().map(|run| run.prompt_hash).collect();
    hashes.sort();
    let mut expected: Vec<String> = (0..20).map(|n| prompt_hash(&format!("p{n}"))).collect();
    expected.sort();
    assert_eq!(hashes, expected);
    assert_eq!(one.rewind_stack_len().await.unwrap(), 20);
    assert_eq!((one.total_cost().await.unwrap(), found.prompt_count), (10.0, 20));
    let rewinds = join_all((0..20).map(|n| async move { both[n % 2].rewind(Some(&Disk::default())).await })).await;
    assert!(rewinds.into_iter().all(|result| result.is_ok()));
    assert_eq!(kind(other.rewind(Some(&Disk::default())).await), ErrorKind::NotFound);
    let prompts = join_all((0..20).map(|n| both[n % 2].record_prompt(["x", "y"][n % 2]))).await;
    let added = prompts.into_iter().filter(|added| *added.as_ref().unwrap()).count();
    database.refresh().await.unwrap();
    let history = one.prompt_history().await.unwrap().unwrap();
    assert_eq!(history.len(), added);
    assert!(history.windows(2).all(|two| two[0] != two[1]));
}

/// A rewind is given up after so many steps, whichever they are.
pub async fn a_rewind_that_ends_anywhere_leaves_the_state_before_or_after(place: &dyn Place) {
    let session = session_of(place).await;
    for steps in 0..40 {
        session.set_histories(None).await.unwrap();
        session.clear_rewind_stack().await.unwrap();
        whole_run(&session, "p", "t", 0).await;
        session.push_file_snapshots(Some(&[was("f", Some("before"))])).await.unwrap();
        let (before, runs) = (file_of(&session).await, session.metadata().await.unwrap().runs.unwrap());
        let disk = Disk::with(&[("f", "after")]);
        let is_done = given_up(steps, session.rewind(Some(&disk))).await.is_some();
        // What was given up in the middle of a commit may be done or not.
        let again = session_of(place).await;
        let now = again.metadata().await.unwrap().runs.unwrap();
        if now.len() == runs.len() {
            assert!(!is_done);
            assert_eq!((now, file_of(&again).await, again.rewind_stack_len().await.unwrap()), (runs, before, 1));
            again.rewind(Some(&disk)).await.unwrap();
        }
        assert_eq!((again.histories().await.unwrap(), again.rewind_stack_len().await.unwrap()), (None, 0));
        assert_eq!(disk.text("f").as_deref(), Some("before"));
        assert_eq!(again.metadata().await.unwrap().runs.unwrap().last().unwrap().kind, metadata::REWIND);
        session.save_initial_meta().await.unwrap();
    }
}
