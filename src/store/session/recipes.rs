//! What runs were made with.

use super::SessionStore;
use crate::error::Result;
use crate::model::batch::{Batch, Entry};
use crate::model::keyspace::SessionScope;
use crate::model::recipe::Recipe;
use crate::model::session::edit::put_recipe;
use crate::model::session::head::decode;
use crate::model::session::recipes::snapshot_of;
use crate::model::session::{RecipeBook, RecipeSnapshot};
use crate::store::database::Attempts;
use std::rc::Rc;

#[allow(clippy::missing_errors_doc, reason = "the store's documentation has them, once for all methods")]
impl SessionStore {
    /// The same session, with the recipe that it begins with.
    #[must_use]
    pub fn with_recipe(mut self, recipe: Recipe) -> Self {
        self.base_recipe = Some(Rc::new(recipe));
        self
    }

    /// The recipe that the session begins with.
    #[must_use]
    pub fn base_recipe(&self) -> Option<&Recipe> {
        self.base_recipe.as_deref()
    }

    /// What of the recipe changes how models work, with the tools of the last run.
    pub async fn build_recipe_snapshot(&self) -> Result<RecipeSnapshot> {
        let _call = self.database.begin()?;
        Ok(snapshot_of(self.base_recipe(), self.head().await?.last_tools.as_deref()))
    }

    /// The hash of this; the recipe is stored under it, where none is yet. Of recipes that differ in their names alone the first one stays.
    pub async fn recipe_hash(&self) -> Result<String> {
        let _call = self.database.begin()?;
        let mut attempts = Attempts::default();
        loop {
            attempts.begin()?;
            let snapshot = snapshot_of(self.base_recipe(), self.head().await?.last_tools.as_deref());
            let hash = snapshot.hash();
            if self.look_up(&self.scope.recipe(&hash)).await?.is_some() {
                return Ok(hash);
            }
            let mut batch = Batch::default();
            put_recipe(&self.scope, &hash, &snapshot, &mut batch);
            if self.database.try_commit(batch).await? {
                return Ok(hash);
            }
        }
    }

    /// The name of the recipe that is stored under a hash.
    pub async fn recipe_name(&self, hash: &str) -> Result<Option<String>> {
        let _call = self.database.begin()?;
        let found = self.look_up(&self.scope.recipe(hash)).await?;
        found.map(|entry| decode::<RecipeSnapshot>(&entry.value).map(|recipe| recipe.name)).transpose()
    }

    /// The recipes of the user, by their hash.
    pub async fn recipes(&self) -> Result<RecipeBook> {
        let _call = self.database.begin()?;
        let mut book = RecipeBook::new();
        let mut take = |entry: Entry| {
            book.insert(SessionScope::listed(&entry.key)?, decode(&entry.value)?);
            Ok(true)
        };
        self.database.scan(self.scope.recipes(), &mut take).await?;
        Ok(book)
    }
}
