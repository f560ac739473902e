//! What `AgentDataStore` finds, and its indexes.

use super::boundary::{self, OrJs as _, list_of, promise};
use super::data_store::AgentDataStore;
use super::listing::span_of;
use super::options::Options;
use crate::error::Result;
use crate::model::find::{Filter, FindOptions, OrderBy, Path};
use crate::model::json::Json;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl AgentDataStore {
    #[wasm_bindgen(skip_typescript)]
    pub fn find(&self, options: &JsValue) -> Promise {
        let options = Options::of(options, "find").and_then(|options| find_options(&options, "limit"));
        let store = self.store.clone();
        promise(async move {
            let options = options?;
            boundary::listing_of(store.find(&options).await.or_js()?, options.keys_only)
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn explain(&self, options: &JsValue) -> Promise {
        let options = Options::of(options, "explain").and_then(|options| find_options(&options, "limit"));
        let store = self.store.clone();
        promise(async move { boundary::value_of(&store.explain(&options?).await.or_js()?.to_view()) })
    }

    #[wasm_bindgen(js_name = createIndex, skip_typescript)]
    pub fn create_index(&self, name: &JsValue, paths: &JsValue, options: &JsValue) -> Promise {
        let arguments = boundary::text_of(name, "the name of an index").and_then(|name| {
            let is_covering = Options::of(options, "createIndex")?.flag("covering").unwrap_or_default();
            Ok((name, boundary::strings_of(paths, "the paths")?, is_covering))
        });
        let store = self.store.clone();
        promise(async move {
            let (name, paths, is_covering) = arguments?;
            let paths = paths.iter().map(|path| Path::parse(path)).collect::<Result<Vec<_>>>().or_js()?;
            match is_covering {
                true => store.create_covering_index(&name, &paths).await.or_js()?,
                false => store.create_index(&name, &paths).await.or_js()?,
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    #[wasm_bindgen(js_name = dropIndex, skip_typescript)]
    pub fn drop_index(&self, name: &JsValue) -> Promise {
        let name = boundary::text_of(name, "the name of an index");
        let store = self.store.clone();
        promise(async move { store.drop_index(&name?).await.or_js() })
    }

    #[wasm_bindgen(js_name = listIndexes, skip_typescript)]
    pub fn list_indexes(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { list_of(store.list_indexes().await.or_js()?.iter().map(|index| index.to_view())) })
    }
}

/// What has to hold of records, where that is said.
pub(super) fn filter_of(options: &Options) -> Result<Option<Filter>, JsValue> {
    query_of(options, "where")?.map(|json| Filter::parse(&json).or_js()).transpose()
}

fn query_of(options: &Options, name: &str) -> Result<Option<Json>, JsValue> {
    let query = options.get(name);
    if query.is_undefined() { Ok(None) } else { boundary::query_of(&query, name).map(Some) }
}

/// The options of a search; `limit` is the name of the most entries of a page.
pub(super) fn find_options(options: &Options, limit: &str) -> Result<FindOptions, JsValue> {
    let default = FindOptions::default();
    let order = query_of(options, "orderBy")?.map(|json| OrderBy::parse(&json).or_js()).transpose()?;
    Ok(FindOptions {
        keys: span_of(options),
        filter: filter_of(options)?.unwrap_or_default(),
        order: order.unwrap_or_default(),
        limit: options.number(limit).unwrap_or(default.limit),
        cursor: options.text("cursor"),
        keys_only: options.flag("keysOnly").unwrap_or_default(),
    })
}
