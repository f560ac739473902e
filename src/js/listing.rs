//! What `AgentDataStore` lists.

use super::boundary::{self, OrJs as _, list_of, promise};
use super::data_store::AgentDataStore;
use super::errors;
use super::find::find_options;
use super::options::Options;
use crate::error::{Error, ErrorKind};
use crate::model::find::{FindOptions, OrderBy, Path};
use crate::model::keyspace::KeySpan;
use crate::model::namespaces::{Groups, NamespaceOptions};
use crate::store::ListOptions;
use js_sys::{AsyncIterator, Promise};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

#[wasm_bindgen]
impl AgentDataStore {
    #[wasm_bindgen(skip_typescript)]
    pub fn list(&self, options: &JsValue) -> Promise {
        let options = Options::of(options, "list");
        let store = self.store.clone();
        promise(async move {
            let options = list_options(&options?, "limit");
            let listing = store.list(&options).await.or_js()?;
            boundary::listing_of(listing, options.keys_only)
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn count(&self, options: &JsValue) -> Promise {
        let options = Options::of(options, "count");
        let store = self.store.clone();
        promise(async move { Ok(store.count(&span_of(&options?)).await.or_js()? as f64) })
    }

    #[wasm_bindgen(js_name = listKeys, skip_typescript)]
    pub fn list_keys(&self, prefix: &JsValue) -> Promise {
        let prefix = if prefix.is_undefined() { Ok(String::new()) } else { boundary::text_of(prefix, "the prefix") };
        let store = self.store.clone();
        promise(async move { boundary::array_of(&store.list_keys(&prefix?).await.or_js()?) })
    }

    #[wasm_bindgen(js_name = listNamespaces, skip_typescript)]
    pub fn list_namespaces(&self, options: &JsValue) -> Promise {
        let options = Options::of(options, "listNamespaces");
        let store = self.store.clone();
        promise(async move {
            let options = options?;
            let chosen = namespace_options(&options)?;
            if options.flag("details").unwrap_or_default() {
                return list_of(store.namespace_details(&chosen).await.or_js()?.iter().map(|each| each.to_view()));
            }
            let found = store.namespaces(&chosen).await.or_js()?;
            let names: Vec<String> = found.into_iter().map(|namespace| namespace.name).collect();
            boundary::array_of(&names)
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn entries(&self, options: &JsValue) -> Result<AsyncIterator, JsValue> {
        let (first, left, signal) = if options.is_string() {
            let prefix = boundary::text_of(options, "the prefix")?;
            let keys = KeySpan { prefix, ..KeySpan::default() };
            (Walk::List(ListOptions { keys, ..ListOptions::default() }), None, JsValue::UNDEFINED)
        } else {
            let options = Options::of(options, "entries")?;
            (walk_of(&options)?, options.number("limit"), options.get("signal"))
        };
        let store = self.store.clone();
        let left = Rc::new(Cell::new(left.unwrap_or(u32::MAX)));
        let fetch = Closure::<dyn Fn(JsValue) -> Promise>::new(move |cursor: JsValue| {
            let (store, left, mut walk) = (store.clone(), left.clone(), first.clone());
            let (limit, place) = match &mut walk {
                Walk::List(options) => (&mut options.limit, &mut options.cursor),
                Walk::Find(options) => (&mut options.limit, &mut options.cursor),
            };
            *limit = left.get().min(*limit);
            *place = cursor.as_string();
            promise(async move {
                let listing = match &walk {
                    Walk::List(options) => store.list(options).await,
                    Walk::Find(options) => store.find(options).await,
                };
                let listing = listing.or_js()?;
                left.set(left.get().saturating_sub(u32::try_from(listing.entries.len()).unwrap_or(u32::MAX)));
                boundary::page_of(&listing, left.get() == 0)
            })
        });
        Ok(boundary::walk(fetch.into_js_value().unchecked_ref(), &signal))
    }
}

/// What is walked through.
#[derive(Clone)]
enum Walk {
    List(ListOptions),
    Find(FindOptions),
}

fn walk_of(options: &Options) -> Result<Walk, JsValue> {
    if options.get("where").is_undefined() && options.get("orderBy").is_undefined() {
        return Ok(Walk::List(list_options(options, "pageSize")));
    }
    let mut found = find_options(options, "pageSize")?;
    match (options.flag("reverse").unwrap_or_default(), found.order.is_empty()) {
        (false, _) => Ok(Walk::Find(found)),
        (true, true) => {
            found.order = vec![OrderBy { path: Path::parse("$key").or_js()?, descending: true }];
            Ok(Walk::Find(found))
        }
        (true, false) => {
            let error = Error::new(ErrorKind::InvalidArgument, "entries: of reverse and orderBy there can be one");
            Err(errors::to_js(&error))
        }
    }
}

pub(super) fn span_of(options: &Options) -> KeySpan {
    KeySpan {
        prefix: options.text("prefix").unwrap_or_default(),
        start: options.text("start"),
        end: options.text("end"),
    }
}

/// The options of a listing; `limit` is the name of the most entries of a page.
fn list_options(options: &Options, limit: &str) -> ListOptions {
    let default = ListOptions::default();
    ListOptions {
        keys: span_of(options),
        limit: options.number(limit).unwrap_or(default.limit),
        cursor: options.text("cursor"),
        reverse: options.flag("reverse").unwrap_or_default(),
        keys_only: options.flag("keysOnly").unwrap_or_default(),
    }
}

fn namespace_options(options: &Options) -> Result<NamespaceOptions, JsValue> {
    let groups = match (options.text("delimiter"), options.number("depth")) {
        (Some(delimiter), depth) => Some(Groups { delimiter, depth: depth.unwrap_or(1) }),
        (None, None) => None,
        (None, Some(_)) => {
            let error = Error::new(ErrorKind::InvalidArgument, "listNamespaces: depth needs a delimiter");
            return Err(errors::to_js(&error));
        }
    };
    Ok(NamespaceOptions { prefix: options.text("prefix").unwrap_or_default(), groups })
}
