//! Sessions that begin with what another one was.

use super::Place;
use super::data_store::{setup, texts, time};
use super::session_setup::{files_of, state, turns_of, whole_run, write, writing_run};
use super::sessions::{answer, kind, run, session_of, sessions_of};
use crate::error::{Error, ErrorKind, Result};
use crate::model::recipe::Recipe;
use crate::model::session::{Checkpoint, Histories, RewindEntry, UsageByModel};
use crate::store::SessionStore;
use futures_util::future::{join, join_all};

/// What a fork keeps of a session: all but what is of the session alone, such as its id, its times and its costs.
async fn kept(session: &SessionStore) -> (Vec<String>, String, Vec<RewindEntry>, Vec<(String, Option<String>)>) {
    let mut files = Vec::new();
    for path in session.list_files("").await.unwrap() {
        files.push((path.clone(), session.read_file(&path).await.unwrap()));
    }
    let runs = session.metadata().await.unwrap().runs.unwrap_or_default();
    let runs = runs.iter().map(|run| crate::model::session::record::to_file(run)).collect();
    (runs, super::sessions::file_of(session).await, session.rewind_entries().await.unwrap(), files)
}

async fn refused(session: &SessionStore, run: Option<i64>, id: Option<&str>) -> Error {
    session.fork(run, id, "").await.unwrap_err()
}

pub async fn a_fork_begins_as_the_session_is_now(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let session = sessions.open("ses_x");
    session.write_file("kept", "k").await.unwrap();
    writing_run(&session, "", "a").await;
    writing_run(&session, "q", "a").await;
    session.accumulate_cost("m1", 1.0).await.unwrap();
    session.update_last_run_note("noted").await.unwrap();
    session.save_checkpoint(&Checkpoint::default()).await.unwrap();
    sessions.rename("ses_x", "The first").await.unwrap();
    let before = state(place, "ses_x").await;
    let fork = session.fork(None, Some("ses_y"), "The second").await.unwrap();
    assert_eq!(fork.session_id(), "ses_y");
    assert_eq!(state(place, "ses_x").await, before, "it stays as it was");
    for fork in [fork, sessions_of(place).await.open("ses_y")] {
        assert_eq!(kept(&fork).await, kept(&session).await);
        let found = fork.metadata().await.unwrap();
        assert_eq!((found.id.as_str(), found.prompt_count), ("ses_y", 2));
        assert_eq!((found.first_prompt.as_str(), found.last_prompt.as_str()), ("q", "q"));
        assert_eq!(fork.load_checkpoint().await.unwrap(), None);
        assert_eq!((fork.total_cost().await.unwrap(), fork.cost_per_model().await.unwrap().len()), (0.0, 0));
        assert_eq!(fork.usage().await.unwrap(), UsageByModel::default());
        assert!(fork.usage_by_run().await.unwrap().is_empty());
    }
    let titles: Vec<_> = sessions.list().await.unwrap().into_iter().map(|info| (info.id, info.title)).collect();
    assert_eq!(
        titles,
        [("ses_y", "The second"), ("ses_x", "The first")].map(|(id, title)| (id.to_owned(), title.to_owned()))
    );
    assert_eq!(sessions.usage_by_day("", None).await.unwrap()[0].total.runs, 2, "nothing is counted twice");
    let drawn = session.fork(None, None, "").await.unwrap();
    assert!(drawn.session_id().starts_with("ses_") && drawn.session_id().len() > 30);
    assert_eq!(sessions.list().await.unwrap().len(), 3);
}

pub async fn a_fork_begins_as_the_session_was_after_a_run(place: &dyn Place) {
    let session = session_of(place).await;
    let mut then = Vec::new();
    session.write_file("a", "0").await.unwrap();
    for (prompt, path) in [("p", "a"), ("q", "b"), ("r", "a"), ("s", "c")] {
        writing_run(&session, prompt, path).await;
        then.push(kept(&session).await);
    }
    for (run, expected) in (0..).zip(&then) {
        let fork = session.fork(Some(run), None, "").await.unwrap();
        assert_eq!(&kept(&fork).await, expected, "after run {run}");
        let found = sessions_of(place).await.open(fork.session_id()).metadata().await.unwrap();
        assert_eq!((found.prompt_count, found.first_prompt.as_str()), (run + 1, "p"));
        assert_eq!(found.last_prompt, ["p", "q", "r", "s"][usize::try_from(run).unwrap()]);
    }
    // It goes on as the session would have, and neither knows of the other.
    let before = state(place, "ses_x").await;
    let fork = session.fork(Some(1), None, "").await.unwrap();
    let start = kept(&fork).await;
    writing_run(&fork, "other", "a").await;
    assert_eq!(fork.usage_by_run().await.unwrap()[0].run, 2);
    assert_eq!(fork.usage().await.unwrap().total.runs, 1);
    fork.rewind_to(1, None).await.unwrap();
    assert_eq!(kept(&fork).await.3, start.3);
    fork.rewind_to(-1, None).await.unwrap();
    assert_eq!((fork.read_file("a").await.unwrap().as_deref(), fork.histories().await.unwrap()), (Some("0"), None));
    fork.redo(None).await.unwrap();
    assert_eq!(state(place, "ses_x").await, before);
    session.rewind(None).await.unwrap();
    sessions_of(place).await.delete("ses_x").await.unwrap();
    assert_eq!(fork.read_file("a").await.unwrap().as_deref(), Some("p"));
    assert_eq!(turns_of(&fork).await, [("m1".to_owned(), 2), ("m2".to_owned(), 2)]);
}

pub async fn a_session_that_was_taken_back_is_forked_as_far_as_it_stands(place: &dyn Place) {
    let session = session_of(place).await;
    for prompt in ["p", "q", "r"] {
        writing_run(&session, prompt, "a").await;
    }
    let first = kept(&session.fork(Some(0), None, "").await.unwrap()).await;
    session.rewind(None).await.unwrap();
    // Places: 0 p, 1 q, 2 r, 3 marks r. After 3 it is as now.
    let now = kept(&session).await;
    assert_eq!(kept(&session.fork(Some(3), None, "").await.unwrap()).await, now);
    assert_eq!(kept(&session.fork(None, None, "").await.unwrap()).await, now);
    let error = refused(&session, Some(2), None).await;
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let earlier = session.fork(Some(1), None, "").await.unwrap();
    assert_eq!(kept(&earlier).await.0.len(), 2);
    assert_eq!(earlier.read_file("a").await.unwrap().as_deref(), Some("q"));
    writing_run(&session, "s", "b").await;
    // 4 s. What was taken back before it says no more about it.
    for (run, prompt) in [(1, "q"), (3, "q"), (4, "s")] {
        let fork = session.fork(Some(run), None, "").await.unwrap();
        let found = fork.metadata().await.unwrap();
        assert_eq!(found.runs.unwrap().len() as i64, run + 1);
        let turns = fork.histories().await.unwrap().unwrap();
        let last = turns.get("m1").unwrap().as_ref().unwrap().last().unwrap();
        assert_eq!(last.content, format!("answer to {prompt}"), "after run {run}");
        assert_eq!(fork.read_file("b").await.unwrap().is_some(), run == 4);
    }
    assert_eq!(kept(&session.fork(Some(0), None, "").await.unwrap()).await, first);
    session.rewind_to(-1, None).await.unwrap();
    for run in [0, 1, 4] {
        assert_eq!(refused(&session, Some(run), None).await.kind(), ErrorKind::InvalidArgument);
    }
    for _ in 0..3 {
        session.redo(None).await.unwrap();
    }
    assert_eq!(kept(&session.fork(Some(0), None, "").await.unwrap()).await, first, "made again it stands again");
}

pub async fn what_cannot_be_forked_is_refused_and_nothing_is_stored(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let session = sessions.open("ses_x");
    assert_eq!(refused(&session, None, None).await.kind(), ErrorKind::NotFound);
    session.save_initial_meta().await.unwrap();
    assert_eq!(refused(&session, Some(0), None).await.kind(), ErrorKind::NotFound);
    assert_eq!(session.fork(None, Some("ses_empty"), "").await.unwrap().metadata().await.unwrap().runs, None);
    whole_run(&session, "p", "t", 0).await;
    whole_run(&session, "q", "t", 1).await;
    for run in [2, -1, i64::MAX, i64::MIN] {
        assert_eq!(refused(&session, Some(run), None).await.kind(), ErrorKind::NotFound, "{run}");
    }
    for id in ["ses_x", "ses_empty"] {
        assert_eq!(refused(&session, None, Some(id)).await.kind(), ErrorKind::AlreadyExists);
        assert_eq!(refused(&session, Some(0), Some(id)).await.kind(), ErrorKind::AlreadyExists);
    }
    // Without its step nothing says how long the histories were; of the last run it need not be said.
    session.clear_rewind_stack().await.unwrap();
    assert_eq!(refused(&session, Some(0), None).await.kind(), ErrorKind::InvalidArgument);
    whole_run(&session, "r", "t", 2).await;
    assert_eq!(refused(&session, Some(0), None).await.kind(), ErrorKind::InvalidArgument);
    assert_eq!(turns_of(&session.fork(Some(1), Some("ses_y"), "").await.unwrap()).await[0].1, 4);
    assert_eq!(sessions.list().await.unwrap().len(), 3, "only those that were forked");
}

pub async fn steps_before_any_run_are_forked_too(place: &dyn Place) {
    let session = session_of(place).await;
    let before = session.append_histories(&texts(&["m1"]), &[answer("m1", "t")], "p").await.unwrap();
    session.push_rewind_entry(&RewindEntry { history_lengths: before, ..RewindEntry::default() }).await.unwrap();
    session.apply_writes(&[write("a", "1")]).await.unwrap();
    let now = kept(&session).await;
    let fork = session.fork(None, None, "").await.unwrap();
    assert_eq!(kept(&fork).await, now);
    fork.rewind(None).await.unwrap();
    assert_eq!((fork.histories().await.unwrap(), fork.list_files("").await.unwrap().len()), (None, 0));
    let histories: Histories = [("none".to_owned(), None), ("empty".to_owned(), Some(Vec::new()))].into();
    session.set_histories(Some(&histories)).await.unwrap();
    assert_eq!(session.fork(None, None, "").await.unwrap().histories().await.unwrap(), Some(histories));
}

pub async fn a_fork_has_the_recipes_of_its_session(place: &dyn Place) {
    let named = |name: &str| Recipe { version: 1, name: name.to_owned(), ..Recipe::default() };
    let sessions = sessions_of(place).await;
    let session = sessions.open("ses_x").with_recipe(named("base"));
    run(&session, "p", &[]).await;
    session.set_session_recipe(Some(&named("set"))).await.unwrap();
    session.set_last_active_tools(Some(&texts(&["bash"]))).await.unwrap();
    session.fork(Some(0), Some("ses_y"), "").await.unwrap();
    session.set_session_recipe(None).await.unwrap();
    let fork = sessions_of(place).await.open("ses_y");
    assert_eq!(fork.base_recipe().await.unwrap().unwrap().name, "base");
    assert_eq!(fork.session_recipe().await.unwrap().unwrap().name, "set");
    assert_eq!(fork.last_active_tools().await.unwrap(), Some(texts(&["bash"])));
    fork.set_session_recipe(None).await.unwrap();
    assert_eq!(fork.active_recipe().await.unwrap().unwrap().name, "base");
    // One that nobody stored yet is the one that the session begins with too.
    let plain = sessions.open("ses_p");
    run(&plain, "p", &[]).await;
    plain.with_recipe(named("later")).fork(None, Some("ses_q"), "").await.unwrap();
    assert_eq!(sessions.open("ses_q").base_recipe().await.unwrap().unwrap().name, "later");
}

pub async fn a_fork_is_a_new_session_with_times_of_its_own(place: &dyn Place) {
    let setup = setup(place).await;
    let sessions = setup.database.sessions("ada");
    let session = sessions.open("ses_x");
    whole_run(&session, "p", "t", 0).await;
    setup.clock.set(time(60));
    let fork = session.fork(None, None, "").await.unwrap().metadata().await.unwrap();
    assert_eq!(fork.created_at, fork.last_active_at);
    assert!(fork.created_at.at() >= time(60));
    assert_eq!(fork.runs.unwrap()[0].timestamp, session.metadata().await.unwrap().runs.unwrap()[0].timestamp);
    assert_eq!(sessions.latest_id().await.unwrap(), fork.id);
    // A deleted session's id is free, and its days are no part of what is forked to it.
    sessions.delete(&fork.id).await.unwrap();
    let again = session.fork(None, Some(&fork.id), "").await.unwrap();
    assert_eq!(again.usage().await.unwrap(), UsageByModel::default());
}

pub async fn forks_of_two_tabs_are_whole(place: &dyn Place) {
    let (one, other) = (sessions_of(place).await, sessions_of(place).await);
    let (session, writer) = (one.open("ses_x"), other.open("ses_x"));
    writing_run(&session, "p", "a").await;
    let forks = join(
        join_all((0..6).map(|n| {
            let (session, id) = ([&session, &writer][n % 2], format!("ses_f{}", n / 2));
            async move { session.fork(None, Some(&id), "").await.map(drop) }
        })),
        async {
            for n in 1..6 {
                writing_run(&writer, &n.to_string(), "a").await;
            }
        },
    );
    let (forks, ()) = forks.await;
    let done: Vec<Result<()>> = forks;
    assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 3, "each id is taken once");
    assert!(done.into_iter().all(|result| result.is_ok() || kind(result) == ErrorKind::AlreadyExists));
    let sessions = sessions_of(place).await;
    for id in ["ses_f0", "ses_f1", "ses_f2"] {
        let fork = sessions.open(id);
        let runs = fork.metadata().await.unwrap().runs.unwrap().len();
        let contents = fork.content().await.unwrap();
        assert_eq!(contents.runs.unwrap().len(), runs, "what belongs together");
        assert!(fork.rewind_stack_len().await.unwrap() >= runs - 1);
        assert!(files_of(&sessions, id).await.len() >= 3);
    }
    assert_eq!(sessions.open("ses_x").metadata().await.unwrap().runs.unwrap().len(), 6);
}
