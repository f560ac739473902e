//! What runs used: by run, by model, by session and by day.

use super::Place;
use super::data_store::{Setup, setup, time};
use super::session_setup::{files_of, whole_run};
use super::sessions::{answer, kind, run, session_of};
use crate::error::{ErrorKind, Result};
use crate::model::session::{ModelPrice, ModelResponse, Prices, RewindEntry, Usage, UsageByModel};
use crate::store::{Database, DatabaseOptions, SessionStore, Sessions};
use futures_util::future::join_all;

const DAY: i64 = 24 * 60 * 60;
/// The day of `time(0)`, and those after it.
const DAYS: [&str; 3] = ["2026-02-05", "2026-02-06", "2026-02-07"];

fn used(model: &str, input: i64, output: i64, cost: f64) -> ModelResponse {
    ModelResponse { input_tokens: input, output_tokens: output, cost_usd: cost, ..answer(model, "t") }
}

fn usage(runs: i64, input: i64, output: i64, cost: f64) -> Usage {
    Usage { runs, input_tokens: input, output_tokens: output, cost_usd: cost, ..Usage::default() }
}

fn by_model(total: Usage, models: &[(&str, Usage)]) -> UsageByModel {
    UsageByModel { total, models: models.iter().map(|(name, used)| ((*name).to_owned(), *used)).collect() }
}

/// The days from the first to the last one, with the runs and the costs of each.
async fn days(sessions: &Sessions, first: &str, last: Option<&str>) -> Vec<(String, i64, f64)> {
    let days = sessions.usage_by_day(first, last).await.unwrap();
    days.into_iter().map(|day| (day.day, day.total.runs, day.total.cost_usd)).collect()
}

fn day(day: &str, runs: i64, cost: f64) -> (String, i64, f64) {
    (day.to_owned(), runs, cost)
}

async fn reopened(place: &dyn Place) -> Sessions {
    let database = Database::new(place.open().await, DatabaseOptions::default());
    database.refresh().await.unwrap();
    database.sessions("ada")
}

pub async fn what_runs_used_is_summed_up(place: &dyn Place) {
    let Setup { database, clock } = setup(place).await;
    let session = database.sessions("ada").open("ses_x");
    assert_eq!(session.usage().await.unwrap(), UsageByModel::default());
    assert!(session.usage_by_run().await.unwrap().is_empty());
    assert!(database.sessions("ada").usage_by_day("", None).await.unwrap().is_empty());
    let more = ModelResponse { cached_tokens: 3, reasoning_tokens: 2, ..used("a", 10, 20, 0.5) };
    let failed = ModelResponse { error: "lost".to_owned(), text: String::new(), ..used("b", 1, 0, 0.25) };
    run(&session, "p", &[more, failed, used("a", 5, 5, 0.125)]).await;
    run(&session, "nobody", &[]).await;
    clock.set(time(DAY));
    run(&session, "q", &[used("b", 7, 7, 1.0)]).await;
    let a = Usage { cached_tokens: 3, reasoning_tokens: 2, ..usage(1, 15, 25, 0.625) };
    let first = by_model(
        Usage { cached_tokens: 3, reasoning_tokens: 2, ..usage(1, 16, 25, 0.875) },
        &[("a", a), ("b", usage(1, 1, 0, 0.25))],
    );
    let last = by_model(usage(1, 7, 7, 1.0), &[("b", usage(1, 7, 7, 1.0))]);
    let all = by_model(
        Usage { cached_tokens: 3, reasoning_tokens: 2, ..usage(3, 23, 32, 1.875) },
        &[("a", a), ("b", usage(2, 8, 7, 1.25))],
    );
    for sessions in [database.sessions("ada"), reopened(place).await] {
        let session = sessions.open("ses_x");
        assert_eq!(session.usage().await.unwrap(), all);
        let runs = session.usage_by_run().await.unwrap();
        assert_eq!(runs.iter().map(|run| run.run).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((runs[0].total, &runs[0].models), (first.total, &first.models));
        assert_eq!((runs[1].total, runs[1].models.len()), (usage(1, 0, 0, 0.0), 0), "a run without answers is one");
        assert_eq!((runs[2].total, &runs[2].models), (last.total, &last.models));
        let days = sessions.usage_by_day("", None).await.unwrap();
        assert_eq!(days.iter().map(|day| day.day.as_str()).collect::<Vec<_>>(), DAYS[..2]);
        assert_eq!((days[0].total.runs, &days[0].models), (2, &first.models));
        assert_eq!((days[1].total, &days[1].models), (last.total, &last.models));
        assert_eq!(sessions.list().await.unwrap()[0].usage, all.total, "a listed session says it");
        assert_eq!(session.total_cost().await.unwrap(), 0.0, "what is told of costs is apart");
    }
}

pub async fn prices_are_for_answers_that_say_no_cost(place: &dyn Place) {
    let database = Database::new(place.open().await, DatabaseOptions::default());
    let price = ModelPrice { input: 1.0, output: 10.0, cached_input: Some(0.5), reasoning: None };
    let prices: Prices = [("a".to_owned(), price)].into();
    let session = database.sessions("ada").with_prices(prices).open("ses_x");
    let cached = ModelResponse { cached_tokens: 1_000_000, ..used("a", 2_000_000, 1_000_000, 0.0) };
    run(&session, "p", &[cached, used("b", 1_000_000, 0, 0.0)]).await;
    run(&session, "p", &[used("a", 1_000_000, 0, 0.25)]).await;
    let costs: Vec<f64> = session.usage_by_run().await.unwrap().iter().map(|run| run.total.cost_usd).collect();
    assert_eq!(costs, [11.5, 0.25]);
    let runs = session.metadata().await.unwrap().runs.unwrap();
    assert_eq!((runs[0].costs_usd.get("a"), runs[0].costs_usd.get("b")), (Some(&11.5), Some(&0.0)));
    // Prices are no part of what is stored: who opens it without has none.
    let plain = session_of(place).await;
    run(&plain, "p", &[used("a", 1_000_000, 0, 0.0)]).await;
    assert_eq!(plain.usage().await.unwrap().total.cost_usd, 11.75);
    let bad: Prices = [("a".to_owned(), ModelPrice { output: f64::INFINITY, ..price })].into();
    let session = database.sessions("ada").with_prices(bad).open("ses_x");
    let result =
        session.persist_run_state("p", &[used("a", 0, 1, 0.0)], &crate::model::session::Map::new(), None).await;
    assert_eq!(kind(result), ErrorKind::InvalidValue);
    assert_eq!(session.usage().await.unwrap().total.runs, 3);
}

pub async fn runs_that_were_taken_back_still_count(place: &dyn Place) {
    let session = session_of(place).await;
    for (prompt, feed_index) in [("p", 0), ("q", 1)] {
        run(&session, prompt, &[used("a", 1, 1, 1.0)]).await;
        let step = RewindEntry { prompt: prompt.to_owned(), feed_index, ..RewindEntry::default() };
        session.push_rewind_entry(&step).await.unwrap();
    }
    let before = session.usage().await.unwrap();
    session.rewind_to(-1, None).await.unwrap();
    assert_eq!(session.usage().await.unwrap(), before);
    session.redo(None).await.unwrap();
    assert_eq!(session.usage().await.unwrap(), before, "and not twice");
    // Behind a marker a run has a later place; one in the place of a marker that went has that.
    run(&session, "r", &[used("a", 1, 1, 1.0)]).await;
    session
        .push_rewind_entry(&RewindEntry { prompt: "r".to_owned(), feed_index: 3, ..RewindEntry::default() })
        .await
        .unwrap();
    session.rewind(None).await.unwrap();
    session.redo(None).await.unwrap();
    run(&session, "s", &[used("b", 1, 1, 1.0)]).await;
    let again = session_of(place).await;
    let runs = again.metadata().await.unwrap().runs.unwrap();
    let normal: Vec<i64> = (0..).zip(&runs).filter(|(_, run)| run.kind.is_empty()).map(|(place, _)| place).collect();
    assert_eq!(normal, [0, 1, 3, 4]);
    assert_eq!(again.usage_by_run().await.unwrap().iter().map(|run| run.run).collect::<Vec<_>>(), normal);
    assert_eq!(again.usage().await.unwrap().total, usage(4, 4, 4, 4.0));
    assert_eq!(reopened(place).await.usage_by_day("", None).await.unwrap()[0].total, usage(4, 4, 4, 4.0));
}

pub async fn a_deleted_session_keeps_its_days(place: &dyn Place) {
    let Setup { database, clock } = setup(place).await;
    let sessions = database.sessions("ada");
    run(&sessions.open("ses_x"), "p", &[used("a", 1, 1, 1.0)]).await;
    run(&sessions.open("ses_y"), "p", &[used("a", 1, 1, 2.0)]).await;
    assert!(sessions.delete("ses_x").await.unwrap());
    assert_eq!(days(&sessions, "", None).await, [day(DAYS[0], 2, 3.0)]);
    // A new session of the id begins anew, and the day goes on.
    let again = sessions.open("ses_x");
    assert_eq!(again.usage().await.unwrap(), UsageByModel::default());
    assert!(again.usage_by_run().await.unwrap().is_empty());
    run(&again, "p", &[used("a", 1, 1, 4.0)]).await;
    assert_eq!(again.usage().await.unwrap().total.cost_usd, 4.0);
    assert_eq!(days(&sessions, "", None).await, [day(DAYS[0], 3, 7.0)]);
    clock.set(time(DAY));
    run(&again, "p", &[used("a", 1, 1, 8.0)]).await;
    assert!(sessions.delete("ses_x").await.unwrap() && sessions.delete("ses_y").await.unwrap());
    assert_eq!(days(&reopened(place).await, "", None).await, [day(DAYS[0], 3, 7.0), day(DAYS[1], 1, 8.0)]);
}

pub async fn a_session_that_is_imported_again_is_not_counted_twice(place: &dyn Place) {
    use crate::model::import::Existing;
    let Setup { database, clock } = setup(place).await;
    let sessions = database.sessions("ada");
    let session = sessions.open("ses_x");
    run(&session, "p", &[used("a", 1, 1, 1.0)]).await;
    clock.set(time(DAY));
    run(&session, "p", &[used("a", 1, 1, 2.0)]).await;
    let files = files_of(&sessions, "ses_x").await;
    let before = days(&sessions, "", None).await;
    sessions.import_files(&files, Existing::Replace).await.unwrap();
    assert_eq!(days(&sessions, "", None).await, before);
    sessions.delete("ses_x").await.unwrap();
    sessions.import_files(&files, Existing::Refuse).await.unwrap();
    assert_eq!(days(&sessions, "", None).await, before);
    assert_eq!(files_of(&sessions, "ses_x").await, files);
}

pub async fn days_are_of_utc_and_a_range_has_both_its_ends(place: &dyn Place) {
    let Setup { database, clock } = setup(place).await;
    let sessions = database.sessions("ada");
    let session = sessions.open("ses_x");
    // The last moment of a day, and the first one of the next; 14:22 is `time(0)`.
    let midnight = DAY - (14 * 60 + 22) * 60;
    for (n, at) in [midnight - 1, midnight, midnight + DAY].into_iter().enumerate() {
        clock.set(time(at));
        run(&session, "p", &[used("a", 1, 1, f64::from(1 << n))]).await;
    }
    let all = [day(DAYS[0], 1, 1.0), day(DAYS[1], 1, 2.0), day(DAYS[2], 1, 4.0)];
    for (first, last, expected) in [
        ("", None, &all[..]),
        (DAYS[0], Some(DAYS[2]), &all[..]),
        (DAYS[1], None, &all[1..]),
        ("", Some(DAYS[1]), &all[..2]),
        (DAYS[1], Some(DAYS[1]), &all[1..2]),
        (DAYS[2], Some(DAYS[0]), &[]),
        ("2026-02-08", None, &[]),
        ("2026-02-01", Some("2026-03-31"), &all[..]),
    ] {
        assert_eq!(days(&sessions, first, last).await, expected, "{first} {last:?}");
    }
    for (first, last) in [("2026-02", None), ("", Some("")), ("22.11.2026", None), ("", Some("2026-02-30"))] {
        let refused = sessions.usage_by_day(first, last).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument, "{first} {last:?}");
    }
}

pub async fn sessions_of_two_tabs_share_a_day(place: &dyn Place) {
    let (one, other) = (reopened(place).await, reopened(place).await);
    let both = [&one, &other];
    let at = |n: usize| both[n % 2].open(["ses_x", "ses_y", "ses_z"][n % 3]);
    join_all((0..18).map(|n| {
        let session: SessionStore = at(n);
        async move { run(&session, "p", &[used(["a", "b"][n % 2], 1, 2, 0.5)]).await }
    }))
    .await;
    let sessions = reopened(place).await;
    let found = sessions.usage_by_day("", None).await.unwrap();
    let (mut total, mut of_a) = (Usage::default(), Usage::default());
    for day in &found {
        total.runs += day.total.runs;
        total.cost_usd += day.total.cost_usd;
        total.output_tokens += day.total.output_tokens;
        of_a.runs += day.models.get("a").unwrap().runs;
    }
    assert_eq!((total.runs, total.cost_usd, total.output_tokens, of_a.runs), (18, 9.0, 36, 9));
    for id in ["ses_x", "ses_y", "ses_z"] {
        assert_eq!(sessions.open(id).usage().await.unwrap().total, usage(6, 6, 12, 3.0));
        assert_eq!(sessions.open(id).usage_by_run().await.unwrap().len(), 6);
    }
    let bob = Database::new(place.open().await, DatabaseOptions::default()).sessions("bob");
    assert!(bob.usage_by_day("", None).await.unwrap().is_empty(), "users are apart");
}

pub async fn costs_that_are_no_numbers_change_nothing(place: &dyn Place) {
    let sessions = reopened(place).await;
    let session = sessions.open("ses_x");
    let persist = async |session: &SessionStore, responses: &[ModelResponse]| -> Result<()> {
        session.persist_run_state("p", responses, &crate::model::session::Map::new(), None).await
    };
    let wrong = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    for cost in wrong {
        assert_eq!(
            kind(persist(&session, &[used("a", 1, 1, 1.0), used("b", 1, 1, cost)]).await),
            ErrorKind::InvalidValue
        );
    }
    assert!(sessions.list().await.unwrap().is_empty(), "no session was begun");
    assert!(sessions.recipes().list().await.unwrap().is_empty());
    whole_run(&session, "p", "t", 0).await;
    session.rewind(None).await.unwrap();
    persist(&sessions.open("ses_y"), &[used("a", 1, 1, f64::MAX)]).await.unwrap();
    let before = files_of(&sessions, "ses_x").await;
    for cost in wrong {
        assert_eq!(kind(persist(&session, &[used("b", 1, 1, cost)]).await), ErrorKind::InvalidValue);
        // Of the same model the last one counts in the run, but all do in the sum.
        assert_eq!(
            kind(persist(&session, &[used("a", 1, 1, cost), used("a", 1, 1, 1.0)]).await),
            ErrorKind::InvalidValue
        );
        assert_eq!(kind(session.accumulate_cost("a", cost).await), ErrorKind::InvalidValue);
    }
    let sum = [used("a", 1, 1, f64::MAX), used("a", 1, 1, f64::MAX)];
    assert_eq!(kind(persist(&session, &sum).await), ErrorKind::InvalidValue);
    assert_eq!(kind(persist(&sessions.open("ses_y"), &sum[..1]).await), ErrorKind::InvalidValue);
    assert_eq!(files_of(&reopened(place).await, "ses_x").await, before);
    assert_eq!(session.redo_stack_len().await.unwrap(), 1, "what can be made again is still there");
    // Two sessions may be as dear as one can be.
    persist(&session, &sum[..1]).await.unwrap();
    let days = sessions.usage_by_day("", None).await.unwrap();
    assert!(days.iter().all(|day| day.total.cost_usd.is_finite()), "{days:?}");
    let tokens = [used("a", i64::MAX, i64::MIN, -1.0), used("a", i64::MAX, i64::MIN, -1.0)];
    persist(&session, &tokens).await.unwrap();
    assert_eq!(session.usage().await.unwrap().models.get("a").unwrap().input_tokens, i64::MAX, "and no more");
}
