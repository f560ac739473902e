//! The recipes of sessions, and those that their runs were made with (`stores.md`, D.11).

use super::Place;
use super::data_store::texts;
use super::session_setup::state;
use super::sessions::{run, session_of, sessions_of};
use crate::model::recipe::{Recipe, Tools};
use crate::model::session::{Map, RecipeSnapshot};
use futures_util::future::join_all;

fn named(name: &str) -> Recipe {
    Recipe { version: 1, name: name.to_owned(), ..Recipe::default() }
}

fn prompted(name: &str, prompt: &str) -> Recipe {
    Recipe { system_prompt: prompt.to_owned(), ..named(name) }
}

pub async fn the_base_recipe_is_stored_with_the_first_change(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let session = sessions.open("ses_x").with_recipe(Recipe::built_in());
    assert_eq!(session.base_recipe().await.unwrap(), Some(Recipe::built_in()));
    assert_eq!(session.active_recipe().await.unwrap(), Some(Recipe::built_in()));
    assert!(!session.remove_file("a").await.unwrap());
    assert_eq!(session_of(place).await.base_recipe().await.unwrap(), None, "nothing was changed yet");
    session.write_file("a", "x").await.unwrap();
    let again = session_of(place).await;
    assert_eq!(again.base_recipe().await.unwrap(), Some(Recipe::built_in()), "whole, and found by who has none");
    assert_eq!(again.active_recipe().await.unwrap(), Some(Recipe::built_in()));
    assert_eq!(again.session_recipe().await.unwrap(), None);
    run(&again, "p", &[]).await;
    let hash = &again.metadata().await.unwrap().runs.unwrap()[0].config_hash;
    assert_eq!(again.recipes().get(hash).await.unwrap().unwrap().name, Recipe::built_in().name);
    // Another one takes its place with the next change.
    let other = again.clone().with_recipe(named("other"));
    assert_eq!(other.base_recipe().await.unwrap().unwrap().name, "other");
    other.update_last_run_note("n").await.unwrap();
    assert_eq!(session_of(place).await.base_recipe().await.unwrap().unwrap().name, "other");
    // One that was deleted begins with it again.
    sessions.delete("ses_x").await.unwrap();
    assert_eq!(session_of(place).await.base_recipe().await.unwrap(), None);
    other.save_initial_meta().await.unwrap();
    assert_eq!(session_of(place).await.base_recipe().await.unwrap().unwrap().name, "other");
}

pub async fn a_recipe_that_is_given_later_is_stored_too(place: &dyn Place) {
    let session = session_of(place).await;
    run(&session, "p", &[]).await;
    let session = session.with_recipe(named("first"));
    session.update_last_run_note("n").await.unwrap();
    assert_eq!(session_of(place).await.base_recipe().await.unwrap().unwrap().name, "first");
    let session = session.with_recipe(named("second"));
    session.update_last_run_note("m").await.unwrap();
    assert_eq!(session_of(place).await.base_recipe().await.unwrap().unwrap().name, "second");
}

pub async fn a_recipe_that_is_set_is_active_until_it_is_taken_away(place: &dyn Place) {
    let session = session_of(place).await.with_recipe(named("base"));
    let tools = Tools::default();
    let set = Recipe { tools: Some(tools), ..prompted("set", "<be> helpful\u{2028}") };
    session.set_session_recipe(Some(&set)).await.unwrap();
    for again in [session.clone(), session_of(place).await] {
        assert_eq!(again.session_recipe().await.unwrap(), Some(set.clone()));
        assert_eq!(again.active_recipe().await.unwrap(), Some(set.clone()));
        assert_eq!(again.base_recipe().await.unwrap().unwrap().name, "base");
        assert_eq!(again.build_recipe_snapshot().await.unwrap().name, "set");
    }
    session.set_session_recipe(Some(&named("set anew"))).await.unwrap();
    assert_eq!(session_of(place).await.active_recipe().await.unwrap().unwrap().name, "set anew");
    session.set_session_recipe(None).await.unwrap();
    let again = session_of(place).await;
    assert_eq!(again.session_recipe().await.unwrap(), None);
    assert_eq!(again.active_recipe().await.unwrap().unwrap().name, "base");
    again.set_session_recipe(None).await.unwrap();
    assert_eq!(again.active_recipe().await.unwrap().unwrap().name, "base");
}

pub async fn a_run_has_the_hash_of_the_active_recipe(place: &dyn Place) {
    let sessions = sessions_of(place).await;
    let session = sessions.open("ses_x").with_recipe(prompted("base", "b"));
    let tools = texts(&["bash"]);
    let persist =
        async |tools: Option<&[String]>| session.persist_run_state("p", &[], &Map::new(), tools).await.unwrap();
    persist(None).await;
    session.set_session_recipe(Some(&prompted("set", "s"))).await.unwrap();
    persist(Some(&tools)).await;
    let in_use = session.recipe_hash().await.unwrap();
    session.set_session_recipe(None).await.unwrap();
    persist(None).await;
    let runs = session_of(place).await.metadata().await.unwrap().runs.unwrap();
    let hashes: Vec<&String> = runs.iter().map(|run| &run.config_hash).collect();
    assert!(hashes[0] == hashes[2] && hashes[0] != hashes[1]);
    assert_eq!(hashes[1], &in_use, "with the tools of the last run");
    let book = sessions_of(place).await.recipes();
    let stored = book.get(hashes[1]).await.unwrap().unwrap();
    assert_eq!((stored.system_prompt.as_str(), stored.tools.clone(), stored.hash()), ("s", tools, in_use.clone()));
    assert_eq!(book.get(hashes[0]).await.unwrap().unwrap().system_prompt, "b");
    assert_eq!(book.list().await.unwrap().len(), 2);
    assert_eq!(runs[0].models, Some(Vec::new()));
}

pub async fn recipes_are_put_once_and_found_by_their_hashes(place: &dyn Place) {
    let (one, other) = (sessions_of(place).await, sessions_of(place).await);
    let recipe = |name: &str, prompt: &str| RecipeSnapshot {
        name: name.to_owned(),
        system_prompt: prompt.to_owned(),
        ..RecipeSnapshot::default()
    };
    let hashes = join_all((0..8).map(|n| {
        let (recipes, recipe) = ([&one, &other][n % 2].recipes(), recipe(&format!("n{n}"), ["x", "y"][n / 4]));
        async move { recipes.put(&recipe).await.unwrap() }
    }))
    .await;
    assert!(hashes[..4].iter().all(|hash| *hash == hashes[0]) && hashes[4..].iter().all(|hash| *hash == hashes[4]));
    let book = sessions_of(place).await.recipes();
    let found = book.list().await.unwrap();
    assert_eq!(found.len(), 2);
    assert!(found.get(&hashes[0]).is_some() && found.get(&hashes[4]).is_some());
    let first = book.get(&hashes[0]).await.unwrap().unwrap();
    assert_eq!(book.put(&recipe("later", "x")).await.unwrap(), hashes[0]);
    assert_eq!(book.get(&hashes[0]).await.unwrap(), Some(first), "the first one stays");
    for odd in ["", "cfg_v0_0", "__proto__", "a/b"] {
        assert_eq!(book.get(odd).await.unwrap(), None);
    }
    assert_eq!(
        book.put(&RecipeSnapshot::default()).await.unwrap(),
        "cfg_v0_1390696a77e5d6f4375e9b36450c26bb67e99662fcd31b71cecd8ceda332040e"
    );
    assert!(one.list().await.unwrap().is_empty(), "a recipe makes no session");
    let bob = crate::store::Database::new(place.open().await, crate::store::DatabaseOptions::default()).sessions("bob");
    assert!(bob.recipes().list().await.unwrap().is_empty(), "users are apart");
    // They stay where their sessions go.
    let session = one.open("ses_x").with_recipe(prompted("p", "z"));
    run(&session, "p", &[]).await;
    let hash = session.recipe_hash().await.unwrap();
    assert!(state(place, "ses_x").await.iter().any(|(path, _)| path == "data/sessions/ses_x/recipe.md"));
    one.delete("ses_x").await.unwrap();
    assert_eq!(sessions_of(place).await.recipes().get(&hash).await.unwrap().unwrap().system_prompt, "z");
}
