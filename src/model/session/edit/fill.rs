//! A session that begins with all that is known of it: one that is imported, or forked.

use super::{Edit, number};
use crate::model::session::Saved;
use crate::model::session::UsageByModel;
use crate::model::session::head::encode;

impl Edit<'_> {
    /// Stores all that is known of a session, of which nothing is stored.
    pub fn fill(&mut self, saved: &Saved) {
        let Saved { metadata, content, checkpoint, more } = saved;
        self.touch();
        self.head.title.clone_from(&more.title);
        self.head.costs = more.costs.clone();
        self.head.total_cost = more.total_cost;
        self.head.usage = more.usage.clone();
        self.head.last_tools.clone_from(&more.last_tools);
        self.head.lists_contents = content.runs.is_some();
        for run in metadata.runs.iter().flatten() {
            self.add_summary(run);
        }
        for run in content.runs.iter().flatten() {
            self.batch.put(self.scope.content(&self.head.id, number(self.head.contents)), encode(run));
            self.head.contents += 1;
        }
        if let Some(histories) = &content.histories {
            self.set_histories(histories);
        }
        more.rewinds.iter().for_each(|step| self.put_step(step));
        for redo in &more.redos {
            self.batch.put(self.scope.redo(&self.head.id, number(self.head.redos)), encode(redo));
            self.head.redos += 1;
        }
        for used in &more.usage_by_run {
            let value = UsageByModel { total: used.total, models: used.models.clone() };
            self.batch.put(self.scope.usage(&self.head.id, number(used.run)), encode(&value));
        }
        for used in &more.usage_by_day {
            let value = UsageByModel { total: used.total, models: used.models.clone() };
            self.batch.put(self.scope.day(&used.day, &self.head.id), encode(&value));
        }
        for (is_base, recipe) in [(true, &more.base_recipe), (false, &more.session_recipe)] {
            if recipe.is_some() {
                self.put_own_recipe(is_base, recipe.as_ref());
            }
        }
        for (path, content) in more.files.iter() {
            self.batch.put(self.scope.file(&self.head.id, path), encode(content));
        }
        if let Some(checkpoint) = checkpoint {
            self.put_checkpoint(checkpoint);
        }
    }
}
