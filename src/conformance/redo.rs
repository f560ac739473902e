//! Making again what was taken back, and going back to any run.

use super::Place;
use super::data_store::{setup, texts, time};
use super::session_setup::{Disk, deletion, given_up, state, turns_of, was, whole_run, write, writing_run};
use super::sessions::{answer, kind, lengths, run, session_of, sessions_of};
use crate::error::{ErrorKind, Result};
use crate::model::session::{Checkpoint, Histories, RewindEntry, SelectionParams, metadata};
use crate::store::SessionStore;
use futures_util::future::{join, join_all};

pub async fn a_redo_restores_what_a_rewind_took(place: &dyn Place) {
    let session = session_of(place).await;
    assert!(!session.can_redo().await.unwrap());
    let error = session.redo(None).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, "nothing to make again"));
    assert!(sessions_of(place).await.list().await.unwrap().is_empty(), "asking for it makes no session");
    session.write_file("kept", "as it is").await.unwrap();
    session.write_file("old", "before").await.unwrap();
    writing_run(&session, "first", "old").await;
    writing_run(&session, "second", "old").await;
    session.apply_writes(&[write("new", "n"), deletion("kept")]).await.unwrap();
    session.update_last_run_note("Applied: old").await.unwrap();
    let selection = SelectionParams { selected_model_id: "m1".to_owned(), ..SelectionParams::default() };
    session.record_selection(&selection).await.unwrap();
    session.accumulate_cost("m1", 0.5).await.unwrap();
    let before = state(place, "ses_x").await;
    let taken = session.rewind(None).await.unwrap();
    assert_eq!((taken.file_msg.as_str(), taken.feed_index, taken.note.as_str()), ("", 1, "[rewound] Applied: old"));
    assert_eq!(session.list_files("").await.unwrap(), ["/kept", "/old"]);
    assert_eq!(session.read_file("kept").await.unwrap().as_deref(), Some("as it is"));
    assert_eq!(session.read_file("old").await.unwrap().as_deref(), Some("first"));
    assert_ne!(state(place, "ses_x").await, before);
    assert_eq!((session.can_redo().await.unwrap(), session.rewind_stack_len().await.unwrap()), (true, 1));
    // What can be made again survives a restart.
    let session = session_of(place).await;
    assert_eq!(session.redo_stack_len().await.unwrap(), 1);
    let made = session.redo(None).await.unwrap();
    assert_eq!((made.file_msg.as_str(), made.feed_index, made.note.as_str()), ("", 1, "Applied: old"));
    assert_eq!(state(place, "ses_x").await, before, "to the letter");
    assert_eq!(kind(session.redo(None).await), ErrorKind::NotFound);
    assert_eq!(session.usage_by_run().await.unwrap().len(), 2);
    assert_eq!(session.metadata().await.unwrap().runs.unwrap().len(), 2, "the marker is gone");
}

pub async fn rewinds_and_redos_go_in_turn(place: &dyn Place) {
    let session = session_of(place).await;
    for (prompt, path) in [("a", "one"), ("b", "two"), ("c", "one"), ("d", "three")] {
        writing_run(&session, prompt, path).await;
    }
    let mut states = vec![state(place, "ses_x").await];
    // Down and up: each redo leads to the very state that the rewind left.
    for steps in [1, 3, 2, 4, 4] {
        for _ in 0..steps {
            session.rewind(None).await.unwrap();
            states.push(state(place, "ses_x").await);
        }
        assert_eq!(
            (session.rewind_stack_len().await.unwrap(), session.redo_stack_len().await.unwrap()),
            (4 - steps, steps)
        );
        for _ in 0..steps {
            states.pop();
            session.redo(None).await.unwrap();
            assert_eq!(states.last(), Some(&state(place, "ses_x").await));
        }
    }
    session.rewind(None).await.unwrap();
    session.rewind(None).await.unwrap();
    session.redo(None).await.unwrap();
    writing_run(&session, "other", "one").await;
    assert_eq!((session.rewind_stack_len().await.unwrap(), session.redo_stack_len().await.unwrap()), (4, 0));
    assert_eq!(turns_of(&session).await, [("m1".to_owned(), 8), ("m2".to_owned(), 8)]);
}

pub async fn going_back_to_a_run_takes_all_later_steps(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let (at_once, one_by_one) = (sessions.open("ses_x"), sessions.open("ses_y"));
    for session in [&at_once, &one_by_one] {
        session.write_file("one", "0").await.unwrap();
        for (prompt, path) in [("a", "one"), ("b", "two"), ("c", "one"), ("d", "one")] {
            writing_run(session, prompt, path).await;
        }
        session.update_last_run_note("noted").await.unwrap();
    }
    let before = state(place, "ses_x").await;
    for run in [3, 4, i64::MAX] {
        let error = at_once.rewind_to(run, None).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, "nothing to rewind"));
    }
    assert_eq!(state(place, "ses_x").await, before);
    let results = at_once.rewind_to(0, None).await.unwrap();
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.push(one_by_one.rewind(None).await.unwrap());
    }
    assert_eq!(results, expected);
    assert_eq!(results.iter().map(|result| result.feed_index).collect::<Vec<_>>(), [3, 2, 1], "the newest first");
    same(&at_once, &one_by_one).await;
    assert_eq!(at_once.read_file("one").await.unwrap().as_deref(), Some("a"));
    assert_eq!(at_once.rewind_stack_len().await.unwrap(), 1);
    let again = session_of(place).await;
    assert_eq!(again.rewind_to(-1, None).await.unwrap().len(), 1);
    assert_eq!(kind(again.rewind_to(i64::MIN, None).await), ErrorKind::NotFound);
    assert_eq!(again.read_file("one").await.unwrap().as_deref(), Some("0"));
    one_by_one.rewind(None).await.unwrap();
    // What went at once comes back step by step.
    for left in (0..4).rev() {
        assert_eq!(again.redo(None).await.unwrap(), one_by_one.redo(None).await.unwrap());
        assert_eq!(again.redo_stack_len().await.unwrap(), left);
        same(&again, &one_by_one).await;
    }
    assert_eq!(state(place, "ses_x").await, before);
}

/// Two sessions are alike but for their ids and times.
async fn same(one: &SessionStore, other: &SessionStore) {
    assert_eq!(one.content().await.unwrap(), other.content().await.unwrap());
    assert_eq!(one.rewind_entries().await.unwrap(), other.rewind_entries().await.unwrap());
    let mut all = Vec::new();
    for session in [one, other] {
        let mut files = Vec::new();
        for path in session.list_files("").await.unwrap() {
            files.push((session.read_file(&path).await.unwrap(), path));
        }
        let runs = session.metadata().await.unwrap().runs.unwrap_or_default();
        let runs = runs.into_iter().map(|run| (run.kind, run.prompt_hash, run.note)).collect::<Vec<_>>();
        all.push((files, runs, session.redo_stack_len().await.unwrap()));
    }
    assert_eq!(all[0], all[1]);
}

pub async fn what_changes_a_session_forgets_redos_and_what_does_not_keeps_them(place: &dyn Place) {
    let session = session_of(place).await;
    let taken = async |session: &SessionStore| {
        session.clear_rewind_stack().await.unwrap();
        writing_run(session, "a", "f").await;
        writing_run(session, "b", "f").await;
        session.rewind(None).await.unwrap();
        assert_eq!(session.redo_stack_len().await.unwrap(), 1);
    };
    let histories: Histories = [("m1".to_owned(), Some(Vec::new()))].into();
    let (models, step) = (texts(&["m1"]), RewindEntry::default());
    for change in 0..11 {
        taken(&session).await;
        match change {
            0 => run(&session, "p", &[]).await,
            1 => session.set_histories(Some(&histories)).await.unwrap(),
            2 => session.truncate_histories(&lengths(&[("m1", 0)])).await.unwrap(),
            3 => session.clear_histories().await.unwrap(),
            4 => drop(session.append_histories(&models, &[answer("m1", "t")], "p").await.unwrap()),
            5 => session.push_rewind_entry(&step).await.unwrap(),
            6 => session.clear_rewind_stack().await.unwrap(),
            7 => session.write_file("other", "x").await.unwrap(),
            8 => assert!(session.remove_file("f").await.unwrap()),
            9 => drop(session.apply_writes(&[write("f", "x")]).await.unwrap()),
            _ => session.push_file_snapshots(Some(&[was("f", None)])).await.unwrap(),
        }
        assert!(!session.can_redo().await.unwrap(), "change {change}");
        assert_eq!(kind(session_of(place).await.redo(None).await), ErrorKind::NotFound);
    }
    taken(&session).await;
    session.accumulate_cost("m1", 1.0).await.unwrap();
    session.update_last_run_note("on the marker").await.unwrap();
    session.record_selection(&SelectionParams::default()).await.unwrap();
    session.save_initial_meta().await.unwrap();
    session.set_last_active_tools(Some(&models)).await.unwrap();
    session.record_prompt("p").await.unwrap();
    session.save_checkpoint(&Checkpoint::default()).await.unwrap();
    session.clear_checkpoint().await.unwrap();
    session.set_session_recipe(None).await.unwrap();
    session.recipe_hash().await.unwrap();
    session.push_file_snapshots(None).await.unwrap();
    assert!(!session.remove_file("nowhere").await.unwrap());
    sessions_of(place).await.rename("ses_x", "Title").await.unwrap();
    for again in [&session, &session_of(place).await] {
        again.content().await.unwrap();
        again.list_files("").await.unwrap();
        assert_eq!(again.redo_stack_len().await.unwrap(), 1);
    }
    let made = session.redo(None).await.unwrap();
    assert_eq!(made.note, "");
    assert_eq!(session.read_file("f").await.unwrap().as_deref(), Some("b"));
    assert!(session.metadata().await.unwrap().runs.unwrap().iter().all(|run| run.note != "on the marker"));
}

pub async fn files_of_the_caller_are_put_back_and_forth(place: &dyn Place) {
    let session = session_of(place).await;
    whole_run(&session, "p", "t", 0).await;
    // One of them twice: the first state counts, and the newest one comes back.
    let files = [was("a", Some("0")), was("b", None), was("a", Some("00"))];
    session.push_file_snapshots(Some(&files)).await.unwrap();
    let disk = Disk::with(&[("a", "1"), ("b", "1")]);
    let before = state(place, "ses_x").await;
    session.rewind(Some(&disk)).await.unwrap();
    assert_eq!((disk.text("a").as_deref(), disk.text("b")), (Some("00"), None));
    session.redo(Some(&disk)).await.unwrap();
    assert_eq!((disk.text("a").as_deref(), disk.text("b").as_deref()), (Some("1"), Some("1")));
    assert_eq!(state(place, "ses_x").await, before);
    assert!(session.list_files("").await.unwrap().is_empty(), "the database's files are others");
    // What cannot be written is said, and stops nothing.
    let disk = Disk { broken: texts(&["b"]), ..Disk::with(&[("a", "1"), ("b", "1")]) };
    let taken = session.rewind(Some(&disk)).await.unwrap();
    assert_eq!(taken.file_msg, " (file restore warning: b is read-only)");
    let made = session.redo(Some(&disk)).await.unwrap();
    assert_eq!(made.file_msg, " (file restore warning: b is read-only)");
    assert_eq!(disk.text("a").as_deref(), Some("1"));
    assert_eq!(state(place, "ses_x").await, before);
    // What cannot be read cannot be made again, nor what was taken back before it; the rewind is done.
    session.rewind(Some(&disk)).await.unwrap();
    session.redo(Some(&disk)).await.unwrap();
    whole_run(&session, "q", "t", 1).await;
    session.rewind(Some(&disk)).await.unwrap();
    let disk = Disk { unreadable: texts(&["b"]), ..Disk::with(&[("a", "1"), ("b", "1")]) };
    let taken = session.rewind(Some(&disk)).await.unwrap();
    assert_eq!((taken.file_msg.as_str(), disk.text("a").as_deref(), disk.text("b")), ("", Some("00"), None));
    let again = session_of(place).await;
    assert_eq!((again.rewind_stack_len().await.unwrap(), again.redo_stack_len().await.unwrap()), (0, 0));
    assert_eq!(again.histories().await.unwrap(), None);
}

pub async fn going_back_with_files_that_cannot_be_read_keeps_what_can_be_made_again(place: &dyn Place) {
    let session = session_of(place).await;
    for (prompt, path) in [("a", "x"), ("b", "secret"), ("c", "y")] {
        whole_run(&session, prompt, "t", 0).await;
        session.push_file_snapshots(Some(&[was(path, Some("0"))])).await.unwrap();
    }
    let disk = Disk { unreadable: texts(&["secret"]), ..Disk::default() };
    assert_eq!(session.rewind_to(-1, Some(&disk)).await.unwrap().len(), 3);
    assert_eq!(*disk.log.borrow(), ["y", "secret", "x"]);
    assert_eq!(session.redo_stack_len().await.unwrap(), 1, "that of the first run");
    session.redo(Some(&disk)).await.unwrap();
    assert_eq!(disk.text("x"), None);
    assert_eq!(turns_of(&session).await, [("m1".to_owned(), 2), ("m2".to_owned(), 2)]);
    assert_eq!(session.rewind_entries().await.unwrap()[0].prompt, "a");
}

pub async fn histories_without_turns_come_back(place: &dyn Place) {
    let session = session_of(place).await;
    let histories: Histories =
        [("empty".to_owned(), Some(Vec::new())), ("none".to_owned(), None), ("stays".to_owned(), None)].into();
    session.set_histories(Some(&histories)).await.unwrap();
    session.append_histories(&texts(&["m"]), &[answer("m", "t")], "p").await.unwrap();
    // Lengths that are behind the end or below 0, and of what is not there.
    let cuts = lengths(&[("empty", 0), ("none", 5), ("nowhere", 0), ("m", -7)]);
    for step in [cuts, lengths(&[("m", 1)]), lengths(&[("m", i64::MAX)]), lengths(&[("m", i64::MIN), ("empty", 1)])] {
        let step = RewindEntry { history_lengths: step, feed_index: -1, ..RewindEntry::default() };
        session.push_rewind_entry(&step).await.unwrap();
    }
    let before = state(place, "ses_x").await;
    assert_eq!(session.rewind_to(-2, None).await.unwrap().len(), 4);
    assert_eq!(turns_of(&session).await, [("stays".to_owned(), 0)]);
    for _ in 0..4 {
        session.redo(None).await.unwrap();
    }
    assert_eq!(state(place, "ses_x").await, before);
    let file = before.iter().find(|(path, _)| path.ends_with("session_content.json")).unwrap();
    assert!(file.1.contains(r#""empty":[],"m":[{"#) && file.1.contains(r#""none":null,"stays":null"#), "{}", file.1);
}

pub async fn an_index_may_name_a_marker(place: &dyn Place) {
    let session = session_of(place).await;
    run(&session, "p", &[]).await;
    // Of the marker itself, of one behind it, of the marker before, and of the run twice.
    for feed_index in [0, 0, 3, 3, 5] {
        let step = RewindEntry { feed_index, prompt: "p".to_owned(), ..RewindEntry::default() };
        session.push_rewind_entry(&step).await.unwrap();
    }
    let mut states = vec![state(place, "ses_x").await];
    let mut notes = Vec::new();
    for _ in 0..5 {
        notes.push(session.rewind(None).await.unwrap().note);
        states.push(state(place, "ses_x").await);
    }
    assert_eq!(notes, ["", "", "[rewound]", "[rewound]", "[rewound] [rewound]"]);
    states.pop();
    while let Some(before) = states.pop() {
        session.redo(None).await.unwrap();
        assert_eq!(state(place, "ses_x").await, before);
    }
    // At once it is the same.
    let results = session.rewind_to(-1, None).await.unwrap();
    assert_eq!(results.into_iter().map(|result| result.note).collect::<Vec<_>>(), notes);
}

pub async fn two_tabs_rewind_and_redo_at_once(place: &dyn Place) {
    let (one, other) = (session_of(place).await, session_of(place).await);
    for n in 0..8 {
        writing_run(&one, &format!("p{n}"), ["x", "y"][n % 2]).await;
    }
    let before = state(place, "ses_x").await;
    let both = [&one, &other];
    let rewinds = join_all((0..8).map(|n| both[n % 2].rewind(None))).await;
    let mut taken: Vec<i64> = rewinds.into_iter().map(|result| result.unwrap().feed_index).collect();
    taken.sort_unstable();
    assert_eq!(taken, (0..8).collect::<Vec<_>>());
    assert!(session_of(place).await.list_files("").await.unwrap().is_empty());
    let redos = join_all((0..8).map(|n| both[n % 2].redo(None))).await;
    redos.into_iter().for_each(|result| drop(result.unwrap()));
    assert_eq!(state(place, "ses_x").await, before);
    // In any order each of them does something, or there is nothing for it.
    let calls = join_all((0..20).map(|n| async move {
        let session = both[n % 2];
        if n % 3 == 0 { session.redo(None).await } else { session.rewind(None).await }
    }));
    assert!(calls.await.into_iter().all(|result| result.is_ok() || kind(result) == ErrorKind::NotFound));
    let session = session_of(place).await;
    assert_eq!(session.rewind_stack_len().await.unwrap() + session.redo_stack_len().await.unwrap(), 8);
    let (first, second) = join(one.rewind_to(-1, None), other.rewind_to(3, None)).await;
    assert!([first, second].into_iter().all(|result| result.is_ok() || kind(result) == ErrorKind::NotFound));
    let session = session_of(place).await;
    assert_eq!((session.rewind_stack_len().await.unwrap(), session.redo_stack_len().await.unwrap()), (0, 8));
    for _ in 0..8 {
        session.redo(None).await.unwrap();
    }
    assert_eq!(state(place, "ses_x").await, before);
}

pub async fn a_redo_leaves_the_time_of_the_last_run(place: &dyn Place) {
    let setup = setup(place).await;
    let session = setup.database.sessions("ada").open("ses_x");
    writing_run(&session, "p", "f").await;
    let before = session.metadata().await.unwrap().last_active_at;
    setup.clock.set(time(60));
    session.rewind(None).await.unwrap();
    let runs = session.metadata().await.unwrap().runs.unwrap();
    assert_eq!(runs[1].timestamp.at(), time(60));
    setup.clock.set(time(120));
    session.redo(None).await.unwrap();
    assert_eq!(session.metadata().await.unwrap().last_active_at, before);
    assert_eq!(setup.database.sessions("ada").latest_id().await.unwrap(), "ses_x");
}

/// Calls are given up after so many steps, whichever they are: what is stored is as it was before or as it is to be.
pub async fn what_ends_anywhere_leaves_the_state_before_or_after(place: &dyn Place) {
    let session = session_of(place).await;
    for (prompt, path) in [("a", "x"), ("b", "y"), ("c", "x")] {
        writing_run(&session, prompt, path).await;
    }
    let full = state(place, "ses_x").await;
    for steps in 0..40 {
        let is_done = given_up(steps, session_of(place).await.rewind(None)).await.is_some();
        let again = session_of(place).await;
        if again.rewind_stack_len().await.unwrap() == 3 {
            assert!(!is_done);
            assert_eq!(state(place, "ses_x").await, full);
            again.rewind(None).await.unwrap();
        }
        let taken = state(place, "ses_x").await;
        assert_eq!(again.read_file("x").await.unwrap().as_deref(), Some("a"));
        assert_eq!(again.metadata().await.unwrap().runs.unwrap().last().unwrap().kind, metadata::REWIND);
        let is_done = given_up(steps, session_of(place).await.redo(None)).await.is_some();
        let again = session_of(place).await;
        if again.redo_stack_len().await.unwrap() == 1 {
            assert!(!is_done);
            assert_eq!(state(place, "ses_x").await, taken);
            again.redo(None).await.unwrap();
        }
        assert_eq!(state(place, "ses_x").await, full);
        let is_done = given_up(steps, session_of(place).await.rewind_to(-1, None)).await.is_some();
        let again = session_of(place).await;
        let left = again.rewind_stack_len().await.unwrap();
        assert!(left == 0 || left == 3 && !is_done && state(place, "ses_x").await == full, "{left} steps are left");
        for _ in left..3 {
            again.redo(None).await.unwrap();
        }
        assert_eq!(state(place, "ses_x").await, full);
    }
}

pub async fn a_redo_with_files_of_the_caller_that_ends_anywhere_can_be_made_again(place: &dyn Place) {
    let session = session_of(place).await;
    whole_run(&session, "p", "t", 0).await;
    session.push_file_snapshots(Some(&[was("a", Some("0")), was("b", None)])).await.unwrap();
    let full = state(place, "ses_x").await;
    for steps in 0..20 {
        let disk = Disk::with(&[("a", "1"), ("b", "1")]);
        session.rewind(Some(&disk)).await.unwrap();
        given_up(steps, session_of(place).await.redo(Some(&disk)))
            .await
            .into_iter()
            .for_each(|result: Result<_>| drop(result.unwrap()));
        let again = session_of(place).await;
        if again.can_redo().await.unwrap() {
            again.redo(Some(&disk)).await.unwrap();
        }
        assert_eq!((disk.text("a").as_deref(), disk.text("b").as_deref()), (Some("1"), Some("1")));
        assert_eq!(state(place, "ses_x").await, full);
    }
}
