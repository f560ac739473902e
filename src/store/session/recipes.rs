//! What sessions and their runs are made with.

use super::SessionStore;
use super::needs::Needs;
use crate::error::Result;
use crate::model::batch::{Batch, Entry, Lookup};
use crate::model::keyspace::SessionScope;
use crate::model::recipe::Recipe;
use crate::model::session::edit::put_recipe;
use crate::model::session::head::{decode, decode_if_readable};
use crate::model::session::recipes::snapshot_of;
use crate::model::session::{RecipeBook, RecipeSnapshot};
use crate::store::database::{Attempts, Database};
use std::rc::Rc;

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl SessionStore {
    /// The same session, with the recipe that it begins with.
    #[must_use]
    pub fn with_recipe(mut self, recipe: Recipe) -> Self {
        self.base_recipe = Some(Rc::new(recipe));
        self.base_is_stored = Rc::default();
        self
    }

    /// The recipe that the session begins with: the one of [`Self::with_recipe`], or else the one that is stored.
    pub async fn base_recipe(&self) -> Result<Option<Recipe>> {
        let _call = self.database.begin()?;
        self.read_base_recipe().await
    }

    /// The recipe that was set, if one was.
    pub async fn session_recipe(&self) -> Result<Option<Recipe>> {
        let _call = self.database.begin()?;
        self.read_own_recipe(false).await
    }

    /// The recipe that was set, or else the one that the session begins with.
    pub async fn active_recipe(&self) -> Result<Option<Recipe>> {
        let _call = self.database.begin()?;
        self.read_active_recipe().await
    }

    /// Sets the session's recipe; without one, that with which it begins is active again.
    pub async fn set_session_recipe(&self, recipe: Option<&Recipe>) -> Result<()> {
        self.change(Needs::default(), &mut |edit, _| {
            edit.put_own_recipe(false, recipe);
            Ok(())
        })
        .await
    }

    /// What of the active recipe changes how models work, with the tools of the last run.
    pub async fn build_recipe_snapshot(&self) -> Result<RecipeSnapshot> {
        let _call = self.database.begin()?;
        self.read_recipe_snapshot().await
    }

    async fn read_recipe_snapshot(&self) -> Result<RecipeSnapshot> {
        let recipe = self.read_active_recipe().await?;
        Ok(snapshot_of(recipe.as_ref(), self.head().await?.last_tools.as_deref()))
    }

    /// The hash of this; the recipe is stored under it, where none is yet. Of recipes that differ in their names alone the first one stays.
    pub async fn recipe_hash(&self) -> Result<String> {
        let _call = self.database.begin()?;
        self.recipes().put(&self.read_recipe_snapshot().await?).await
    }

    /// The recipes of the user.
    #[must_use]
    pub fn recipes(&self) -> Recipes {
        Recipes { database: self.database.clone(), scope: self.scope.clone() }
    }
}

/// The recipes that a user's runs were made with, by their hashes. Its methods fail as those of [`SessionStore`] do.
#[derive(Debug, Clone)]
pub struct Recipes {
    pub(super) database: Database,
    pub(super) scope: SessionScope,
}

#[allow(clippy::missing_errors_doc, reason = "the type's documentation has them, once for all methods")]
impl Recipes {
    /// Stores a recipe under its hash, which it returns. Of recipes that differ in their names alone the first one stays.
    pub async fn put(&self, recipe: &RecipeSnapshot) -> Result<String> {
        let _call = self.database.begin()?;
        let hash = recipe.hash();
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            if self.get(&hash).await?.is_some() {
                return Ok(hash);
            }
            let mut batch = Batch::default();
            put_recipe(&self.scope, &hash, recipe, &mut batch);
            if self.database.try_commit(batch).await? {
                return Ok(hash);
            }
        }
    }

    /// The recipe that is stored under a hash.
    pub async fn get(&self, hash: &str) -> Result<Option<RecipeSnapshot>> {
        let _call = self.database.begin()?;
        let found = self.database.get(&[Lookup::of(&self.scope.recipe(hash))]).await?.pop().flatten();
        found.map(|entry| decode(&entry.value)).transpose()
    }

    /// All of them that can be read.
    pub async fn list(&self) -> Result<RecipeBook> {
        let _call = self.database.begin()?;
        let mut book = RecipeBook::new();
        let mut take = |entry: Entry| {
            if let Some(recipe) = decode_if_readable(&entry.value) {
                book.insert(SessionScope::listed(&entry.key)?, recipe);
            }
            Ok(true)
        };
        self.database.scan(self.scope.recipes(), &mut take).await?;
        Ok(book)
    }
}
