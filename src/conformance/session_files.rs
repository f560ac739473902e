//! The files that the database keeps for sessions, and what a step of the way back has of files (`stores.md`, D.10).

use super::Place;
use super::data_store::texts;
use super::session_setup::{Disk, deletion, given_up, state, was, whole_run, write};
use super::sessions::{kind, session_of, sessions_of};
use crate::error::{ErrorKind, Result};
use crate::model::session::{FileSnapshot, RewindEntry};
use crate::store::SessionStore;
use crate::store::{Database, DatabaseOptions};
use futures_util::future::join_all;

async fn text(session: &SessionStore, path: &str) -> Option<String> {
    session.read_file(path).await.unwrap()
}

async fn snapshots(session: &SessionStore) -> Vec<Option<Vec<FileSnapshot>>> {
    session.rewind_entries().await.unwrap().into_iter().map(|step| step.file_snapshots).collect()
}

pub async fn a_file_is_written_read_listed_and_removed(place: &dyn Place) {
    let session = session_of(place).await;
    assert_eq!(text(&session, "a").await, None);
    assert!(session.list_files("").await.unwrap().is_empty());
    assert!(!session.remove_file("a").await.unwrap());
    assert!(sessions_of(place).await.list().await.unwrap().is_empty(), "nothing of this stores anything");
    let odd = "\u{0}日本 \"q\".txt";
    for (path, content) in [("src//./b.rs", "b"), ("/src/x/../a.rs", ""), ("srcs", "s"), (odd, "<\u{2028}>\n")] {
        session.write_file(path, content).await.unwrap();
    }
    let large = "a\u{0}é".repeat(100_000);
    session.write_file("large", &large).await.unwrap();
    let again = session_of(place).await;
    assert_eq!(text(&again, "/src/b.rs").await.as_deref(), Some("b"));
    assert_eq!(text(&again, "./src/a.rs").await.as_deref(), Some(""));
    assert_eq!(text(&again, odd).await.as_deref(), Some("<\u{2028}>\n"));
    assert_eq!(text(&again, "large").await, Some(large));
    let all = [format!("/{odd}").as_str(), "/large", "/src/a.rs", "/src/b.rs", "/srcs"].map(str::to_owned);
    assert_eq!(again.list_files("").await.unwrap(), all, "in the order of their bytes");
    assert_eq!(again.list_files("/").await.unwrap(), all);
    assert_eq!(again.list_files("/src/").await.unwrap(), ["/src/a.rs", "/src/b.rs"]);
    assert_eq!(again.list_files("/src/b.rs").await.unwrap(), ["/src/b.rs"]);
    assert!(again.list_files("src").await.unwrap().is_empty(), "paths begin with a slash");
    session.write_file("srcs", "anew").await.unwrap();
    assert!(session.remove_file("src/./a.rs").await.unwrap());
    assert!(!session.remove_file("src/a.rs").await.unwrap());
    assert_eq!(session.list_files("/src").await.unwrap(), ["/src/b.rs", "/srcs"]);
    let database = Database::new(place.open().await, DatabaseOptions::default());
    database.refresh().await.unwrap();
    assert_eq!(text(&database.sessions("ada").open("ses_x"), "srcs").await.as_deref(), Some("anew"));
    assert_eq!(database.sessions("ada").list().await.unwrap().len(), 1, "a file makes a session");
}

pub async fn a_path_that_leaves_the_top_is_refused(place: &dyn Place) {
    let session = session_of(place).await;
    for path in ["", "/", ".", "..", "../a", "/../a", "a/../..", "a/../../b", "//", "a/.."] {
        assert_eq!(kind(session.read_file(path).await), ErrorKind::InvalidArgument, "{path:?}");
        assert_eq!(kind(session.write_file(path, "x").await), ErrorKind::InvalidArgument);
        assert_eq!(kind(session.remove_file(path).await), ErrorKind::InvalidArgument);
        let writes = [write("good", "x"), write(path, "x")];
        assert_eq!(kind(session.apply_writes(&writes).await), ErrorKind::InvalidArgument);
        assert_eq!(kind(session.snapshot_files(&writes, "/", None).await), ErrorKind::InvalidArgument);
    }
    assert!(sessions_of(place).await.list().await.unwrap().is_empty(), "nothing was written");
    // What only looks so is a name as any other.
    for path in ["...", "..a", "a..", "~", "C:\\x", "%2e%2e/x", "__proto__"] {
        session.write_file(path, path).await.unwrap();
        assert_eq!(text(&session, path).await.as_deref(), Some(path));
    }
    assert_eq!(session.list_files("").await.unwrap().len(), 7);
}

pub async fn writes_are_made_and_kept_with_the_newest_step(place: &dyn Place) {
    let session = session_of(place).await;
    session.write_file("old", "0").await.unwrap();
    session.write_file("gone", "g").await.unwrap();
    // Without a step they are made all the same.
    assert_eq!(session.apply_writes(&[write("old", "1")]).await.unwrap(), [was("/old", Some("0"))]);
    whole_run(&session, "first", "t", 0).await;
    whole_run(&session, "second", "t", 1).await;
    let writes = [write("old", "2"), write("./new", "n"), deletion("gone"), deletion("nowhere")];
    let before = [was("/old", Some("1")), was("/new", None), was("/gone", Some("g"))];
    assert_eq!(session.apply_writes(&writes).await.unwrap(), before);
    assert_eq!(snapshots(&session).await, [None, Some(before.to_vec())]);
    assert_eq!(session.list_files("").await.unwrap(), ["/new", "/old"]);
    // Once more: of what the step has already the first state stays.
    let more = [write("/old", "3"), deletion("new"), write("gone", "again"), write("other", "o")];
    let seen = [was("/old", Some("2")), was("/new", Some("n")), was("/gone", None), was("/other", None)];
    assert_eq!(session.apply_writes(&more).await.unwrap(), seen);
    let kept = [before.to_vec(), vec![was("/other", None)]].concat();
    assert_eq!(snapshots(&session_of(place).await).await, [None, Some(kept)]);
    assert_eq!(text(&session, "old").await.as_deref(), Some("3"));
    let state_before = state(place, "ses_x").await;
    assert!(session.apply_writes(&[deletion("nowhere")]).await.unwrap().is_empty());
    assert_eq!(state(place, "ses_x").await, state_before);
    session.rewind(None).await.unwrap();
    let session = session_of(place).await;
    assert_eq!(session.list_files("").await.unwrap(), ["/gone", "/old"]);
    assert_eq!(
        (text(&session, "gone").await.as_deref(), text(&session, "old").await.as_deref()),
        (Some("g"), Some("1"))
    );
}

pub async fn writes_of_one_file_are_made_in_their_order(place: &dyn Place) {
    let session = session_of(place).await;
    session.write_file("a", "0").await.unwrap();
    session.push_rewind_entry(&RewindEntry::default()).await.unwrap();
    let writes = [
        deletion("a"),
        write("a", "1"),
        write("/a", "2"),
        write("b", "1"),
        deletion("b"),
        deletion("c"),
        write("c", "1"),
    ];
    session.apply_writes(&writes).await.unwrap();
    assert_eq!(session.list_files("").await.unwrap(), ["/a", "/c"]);
    assert_eq!(text(&session, "a").await.as_deref(), Some("2"));
    assert_eq!(snapshots(&session).await, [Some(vec![was("/a", Some("0")), was("/b", None), was("/c", None)])]);
    session.rewind(None).await.unwrap();
    assert_eq!(session.list_files("").await.unwrap(), ["/a"]);
    assert_eq!(text(&session, "a").await.as_deref(), Some("0"));
}

pub async fn the_first_state_of_a_file_stays_whatever_its_path_is_written_like(place: &dyn Place) {
    let session = session_of(place).await;
    session.write_file("a", "1").await.unwrap();
    session.push_rewind_entry(&RewindEntry::default()).await.unwrap();
    session.push_file_snapshots(Some(&[was("./a", Some("0"))])).await.unwrap();
    session.apply_writes(&[write("a", "2")]).await.unwrap();
    session.rewind(None).await.unwrap();
    assert_eq!(text(&session, "a").await.as_deref(), Some("0"));
    session.redo(None).await.unwrap();
    assert_eq!(text(&session, "a").await.as_deref(), Some("2"));
}

pub async fn a_rewind_puts_back_what_has_a_path_and_says_what_has_none(place: &dyn Place) {
    let session = session_of(place).await;
    session.write_file("a", "after").await.unwrap();
    whole_run(&session, "p", "t", 0).await;
    let files = [was("../x", Some("out")), was("b", Some("b")), was("/", None), was("a", Some("before"))];
    session.push_file_snapshots(Some(&files)).await.unwrap();
    let before = state(place, "ses_x").await;
    let result = session.rewind(None).await.unwrap();
    assert!(
        result.file_msg.starts_with(" (file restore warning: ") && result.file_msg.contains("../x"),
        "{}",
        result.file_msg
    );
    assert_eq!(session.list_files("").await.unwrap(), ["/a", "/b"]);
    assert_eq!(text(&session, "a").await.as_deref(), Some("before"));
    assert_eq!(session.histories().await.unwrap(), None);
    session.redo(None).await.unwrap();
    assert_eq!(state(place, "ses_x").await, before);
}

pub async fn snapshots_tell_how_files_are_before_writes(place: &dyn Place) {
    let session = session_of(place).await;
    session.write_file("/work/a", "own").await.unwrap();
    let disk = Disk { unreadable: texts(&["/work/secret"]), ..Disk::with(&[("/work/a", "disk"), ("/a", "top")]) };
    let writes = [write("a", "1"), write("sub/../new", "1"), deletion("/work/nowhere"), deletion("/work//a")];
    for (files, content) in [(None, "own"), (Some(&disk as &dyn crate::store::session::SessionFiles), "disk")] {
        let found = session.snapshot_files(&writes, "/work", files).await.unwrap();
        assert_eq!(found, [was("/work/a", Some(content)), was("/work/new", None), was("/work/a", Some(content))]);
        for path in ["../a", "/a", "/works/a", "", "/work", "sub/../../a"] {
            let writes = [write("a", "1"), write(path, "1")];
            assert_eq!(
                kind(session.snapshot_files(&writes, "/work", files).await),
                ErrorKind::InvalidArgument,
                "{path:?}"
            );
        }
        assert!(session.snapshot_files(&[], "/work", files).await.unwrap().is_empty());
    }
    // What cannot be read ends it.
    assert_eq!(kind(session.snapshot_files(&[write("secret", "1")], "/work", Some(&disk)).await), ErrorKind::Storage);
    assert!(disk.log.borrow().is_empty(), "nothing is written");
    assert_eq!(text(&session, "work/a").await.as_deref(), Some("own"));
}

pub async fn files_of_sessions_and_users_are_apart(place: &dyn Place) {
    let database = Database::new(place.open().await, DatabaseOptions::default());
    let (ada, bob) = (database.sessions("ada"), database.sessions("bob"));
    // Ids and paths that a key without bounds would confuse.
    let sessions = [ada.open("s"), ada.open("s/a"), bob.open("s"), ada.open("s\u{0}"), ada.open(" ")];
    for (n, session) in sessions.iter().enumerate() {
        session.write_file("a", &n.to_string()).await.unwrap();
    }
    for (n, session) in sessions.iter().enumerate() {
        assert_eq!(session.list_files("").await.unwrap(), ["/a"]);
        assert_eq!(text(session, "a").await, Some(n.to_string()));
    }
    assert!(ada.delete("s").await.unwrap());
    assert_eq!(text(&sessions[0], "a").await, None);
    assert_eq!(text(&sessions[1], "a").await.as_deref(), Some("1"));
    sessions[0].save_initial_meta().await.unwrap();
    assert!(ada.open("s").list_files("").await.unwrap().is_empty(), "a new session of the id has none");
}

pub async fn two_tabs_write_files_and_lose_none(place: &dyn Place) {
    let (one, other) = (session_of(place).await, session_of(place).await);
    one.push_rewind_entry(&RewindEntry::default()).await.unwrap();
    let both = [&one, &other];
    let writes = join_all((0..16).map(|n| async move {
        let path = format!("f{}", n / 2);
        match n % 4 {
            0 => both[n % 2].write_file(&format!("own{n}"), "x").await,
            _ => {
                both[n % 2].apply_writes(&[write(&path, &n.to_string()), write("all", &n.to_string())]).await.map(drop)
            }
        }
    }));
    writes.await.into_iter().for_each(Result::unwrap);
    let session = session_of(place).await;
    assert_eq!(session.list_files("/own").await.unwrap().len(), 4);
    assert_eq!(session.list_files("/f").await.unwrap().len(), 8);
    let kept = snapshots(&session).await.pop().flatten().unwrap();
    assert_eq!(kept.len(), 9, "each file once");
    assert!(kept.iter().all(|file| file.did_not_exist));
    session.rewind(None).await.unwrap();
    assert_eq!(session_of(place).await.list_files("").await.unwrap().len(), 4);
    assert_eq!(session.list_files("/own").await.unwrap().len(), 4);
}

pub async fn writes_that_end_anywhere_are_made_or_not(place: &dyn Place) {
    let session = session_of(place).await;
    session.push_rewind_entry(&RewindEntry::default()).await.unwrap();
    session.write_file("a", "0").await.unwrap();
    let before = state(place, "ses_x").await;
    for steps in 0..25 {
        let writes = [write("a", "1"), write("b", "1"), deletion("c")];
        let is_done = given_up(steps, session_of(place).await.apply_writes(&writes)).await.is_some();
        let again = session_of(place).await;
        let is_made = text(&again, "a").await.as_deref() == Some("1");
        assert!(is_made || !is_done);
        if is_made {
            assert_eq!(text(&again, "b").await.as_deref(), Some("1"));
            assert_eq!(snapshots(&again).await, [Some(vec![was("/a", Some("0")), was("/b", None)])]);
            again.rewind(None).await.unwrap();
            again.clear_rewind_stack().await.unwrap();
            again.push_rewind_entry(&RewindEntry::default()).await.unwrap();
            assert_eq!(again.list_files("").await.unwrap(), ["/a"]);
        } else if again.metadata().await.unwrap().runs.is_none() {
            assert_eq!(state(place, "ses_x").await, before);
        }
    }
}

pub async fn many_writes_take_the_time_of_many(place: &dyn Place) {
    let session = session_of(place).await;
    session.push_rewind_entry(&RewindEntry::default()).await.unwrap();
    let writes: Vec<_> = (0..2_000).map(|n| write(&format!("f{n}"), "x")).collect();
    assert_eq!(session.apply_writes(&writes).await.unwrap().len(), 2_000);
    assert_eq!(session.list_files("").await.unwrap().len(), 2_000);
    session.rewind(None).await.unwrap();
    assert!(session.list_files("").await.unwrap().is_empty());
    session.redo(None).await.unwrap();
    assert_eq!(session_of(place).await.list_files("").await.unwrap().len(), 2_000);
}
