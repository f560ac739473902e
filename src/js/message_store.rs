//! The class `MessageStore`.

use super::boundary::{self, OrJs as _, list_of, promise, value_of};
use super::message_stream::MessageStream;
use super::messages;
use super::options::Options;
use crate::error::Result;
use crate::model::Timestamp;
use crate::model::chat::conversation::Conversation;
use crate::model::chat::message::Placed;
use crate::model::data_record::Metadata;
use crate::store::MessageStore;
use crate::store::chat::{
    Added, ConversationChange, MessagePage, NewAction, NewConversation, PageOptions, Place, SearchOptions,
};
use futures_util::future::LocalBoxFuture;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, AsyncIterator, Object, Promise, Reflect};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

const DEFAULT_PAGE_SIZE: u32 = 50;
/// How many messages are read at once where tokens are counted.
const BUDGET_PAGE: u64 = 50;

/// After how many new messages they are indexed for the search, beside what goes on.
const INDEX_AFTER: usize = 256;
/// How long other calls have the database for themselves between two segments. Milliseconds.
const INDEX_PAUSE_MS: u32 = 200;

#[wasm_bindgen(js_name = MessageStore, skip_typescript)]
#[derive(Debug)]
pub struct JsMessageStore(pub(super) Rc<MessageStore>, Rc<Waiting>);

/// New messages that nobody has indexed, and whether somebody does.
#[derive(Debug, Default)]
struct Waiting {
    messages: Cell<usize>,
    is_indexing: Cell<bool>,
}

impl JsMessageStore {
    pub(super) fn new(store: MessageStore) -> Self {
        Self(Rc::new(store), Rc::default())
    }

    /// Gives one page after the other, as `walk` takes them; going up, each with its last message first.
    fn pages(&self, conversation: String, is_up: bool, first: Option<String>, limit: u64) -> JsValue {
        let store = self.0.clone();
        let fetch = Closure::<dyn Fn(JsValue) -> Promise>::new(move |cursor: JsValue| {
            let (store, conversation) = (store.clone(), conversation.clone());
            let at = cursor.as_string().or_else(|| first.clone());
            let (before, after) = if is_up { (at, None) } else { (None, at) };
            promise(async move {
                let options = PageOptions { before, after, from_end: is_up, limit, ..PageOptions::default() };
                let mut page = store.get_messages(&conversation, &options).await.or_js()?;
                if is_up {
                    page.messages.reverse();
                }
                let end = page.messages.last().map_or(JsValue::UNDEFINED, |last| last.message.id.as_str().into());
                Ok(Array::of3(&page_of(&conversation, &page)?, &page.is_last.into(), &end))
            })
        });
        fetch.into_js_value()
    }

    /// Counts new messages, and has them indexed when they are many.
    fn added(store: &Rc<MessageStore>, waiting: &Rc<Waiting>, messages: usize) {
        waiting.messages.set(waiting.messages.get() + messages);
        if waiting.messages.get() >= INDEX_AFTER && !waiting.is_indexing.replace(true) {
            waiting.messages.set(0);
            let (store, waiting) = (store.clone(), waiting.clone());
            wasm_bindgen_futures::spawn_local(async move {
                // What could not be indexed waits for the next time, and is found meanwhile.
                while let Ok(Some(_)) = store.index_some_messages().await {
                    TimeoutFuture::new(INDEX_PAUSE_MS).await;
                }
                waiting.is_indexing.set(false);
            });
        }
    }
}

/// The name of a conversation or a message.
fn id_of(value: &JsValue, name: &str) -> Result<String, JsValue> {
    boundary::text_of(value, name)
}

pub(super) fn conversation_of(value: &JsValue) -> Result<String, JsValue> {
    id_of(value, "the conversation's id")
}

fn message_id_of(value: &JsValue) -> Result<String, JsValue> {
    id_of(value, "the message's id")
}

/// A conversation and a message of it.
fn ids_of(conversation: &JsValue, id: &JsValue) -> Result<(String, String), JsValue> {
    Ok((conversation_of(conversation)?, message_id_of(id)?))
}

/// Where options say that a message comes, and whether its conversation may be missing.
/// Adds a message. One piece of code for all who do, because it is large.
#[inline(never)]
pub(super) fn add(
    store: MessageStore,
    conversation: String,
    (added, place, create): (Added, Place, bool),
) -> LocalBoxFuture<'static, Result<Placed>> {
    Box::pin(async move { store.add_message(&conversation, added, place, create).await })
}

/// Creates a conversation, in the same way.
#[inline(never)]
pub(super) fn create(store: MessageStore, new: NewConversation) -> LocalBoxFuture<'static, Result<Conversation>> {
    Box::pin(async move { store.create_conversation(new).await })
}

pub(super) fn new_conversation_of(options: &JsValue) -> Result<NewConversation, JsValue> {
    let options = Options::of(options, "createConversation")?;
    Ok(NewConversation {
        id: options.text("id"),
        title: options.text("title"),
        metadata: options.metadata()?,
        overwrite: options.flag("overwrite").unwrap_or_default(),
    })
}

pub(super) fn place_of(options: &Options) -> (Place, bool) {
    let parent = options.get("parentId");
    let place = match (options.text("siblingOf"), parent.as_string()) {
        (Some(sibling), _) => Place::Beside(sibling),
        (None, Some(parent)) => Place::Below(parent),
        (None, None) if parent.is_null() => Place::Top,
        (None, None) => Place::End,
    };
    (place, options.flag("createIfMissing").unwrap_or_default())
}

fn page_of(conversation: &str, page: &MessagePage) -> Result<JsValue, JsValue> {
    list_of(page.messages.iter().map(|placed| placed.to_view(conversation)))
}

#[wasm_bindgen(js_class = MessageStore)]
impl JsMessageStore {
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn user(&self) -> String {
        self.0.user().to_owned()
    }

    #[wasm_bindgen(js_name = createConversation, skip_typescript)]
    pub fn create_conversation(&self, options: &JsValue) -> Promise {
        let new = new_conversation_of(options);
        let store = self.0.clone();
        promise(async move { value_of(&create((*store).clone(), new?).await.or_js()?.to_view()) })
    }

    #[wasm_bindgen(js_name = getConversation, skip_typescript)]
    pub fn get_conversation(&self, id: &JsValue) -> Promise {
        let id = conversation_of(id);
        let store = self.0.clone();
        promise(async move {
            let found = store.get_conversation(&id?).await.or_js()?;
            found.map_or(Ok(JsValue::UNDEFINED), |found| value_of(&found.to_view()))
        })
    }

    #[wasm_bindgen(js_name = getAllConversations, skip_typescript)]
    pub fn get_all_conversations(&self) -> Promise {
        let store = self.0.clone();
        promise(async move {
            let found = store.get_all_conversations().await.or_js()?;
            list_of(found.iter().map(|conversation| conversation.to_view()))
        })
    }

    #[wasm_bindgen(js_name = countConversations, skip_typescript)]
    pub fn count_conversations(&self) -> Promise {
        let store = self.0.clone();
        promise(async move { Ok(store.count_conversations().await.or_js()? as f64) })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn conversations(&self, options: &JsValue) -> Result<AsyncIterator, JsValue> {
        let options = Options::of(options, "conversations")?;
        let archived = options.flag("archived").unwrap_or_default();
        let size = options.number("pageSize").unwrap_or(DEFAULT_PAGE_SIZE);
        let store = self.0.clone();
        let fetch = Closure::<dyn Fn(JsValue) -> Promise>::new(move |cursor: JsValue| {
            let store = store.clone();
            promise(async move {
                let cursor =
                    cursor.dyn_ref::<Array>().map(|cursor| (cursor.get(0).as_string(), cursor.get(1).as_string()));
                let after = match cursor {
                    Some((Some(micros), Some(id))) => {
                        Some((Timestamp::from_micros(micros.parse().unwrap_or_default()).or_js()?, id))
                    }
                    _ => None,
                };
                let page = store.list_conversations(archived, after.as_ref(), size).await.or_js()?;
                let end = page.end.map_or(JsValue::UNDEFINED, |(at, id)| {
                    // As a text: a number is exact only to the year 2255.
                    Array::of2(&at.as_micros().to_string().into(), &id.into()).into()
                });
                let views = list_of(page.conversations.iter().map(|conversation| conversation.to_view()))?;
                Ok(Array::of3(&views, &page.is_last.into(), &end))
            })
        });
        Ok(boundary::walk(fetch.into_js_value().unchecked_ref(), &options.get("signal")))
    }

    #[wasm_bindgen(js_name = updateConversation, skip_typescript)]
    pub fn update_conversation(&self, id: &JsValue, options: &JsValue) -> Promise {
        let arguments = conversation_of(id).and_then(|id| {
            let options = Options::of(options, "updateConversation")?;
            let (title, metadata) = (options.text("title"), options.metadata()?);
            Ok((id, ConversationChange { title, metadata, archived: options.flag("archived") }))
        });
        self.update(arguments)
    }

    #[wasm_bindgen(js_name = renameConversation, skip_typescript)]
    pub fn rename_conversation(&self, id: &JsValue, title: &JsValue) -> Promise {
        let arguments = conversation_of(id).and_then(|id| {
            let title = Some(boundary::text_of(title, "the title")?);
            Ok((id, ConversationChange { title, ..ConversationChange::default() }))
        });
        self.update(arguments)
    }

    fn update(&self, arguments: Result<(String, ConversationChange), JsValue>) -> Promise {
        let store = self.0.clone();
        promise(async move {
            let (id, change) = arguments?;
            value_of(&store.update_conversation(&id, change).await.or_js()?.to_view())
        })
    }

    #[wasm_bindgen(js_name = deleteConversation, skip_typescript)]
    pub fn delete_conversation(&self, id: &JsValue) -> Promise {
        let id = conversation_of(id);
        let store = self.0.clone();
        promise(async move { store.delete_conversation(&id?).await.or_js() })
    }

    #[wasm_bindgen(js_name = addMessage, skip_typescript)]
    pub fn add_message(&self, conversation: &JsValue, content: &JsValue, options: &JsValue) -> Promise {
        let arguments = conversation_of(conversation).and_then(|conversation| {
            let added = messages::added_of(content, options)?;
            Ok((conversation, added, place_of(&Options::of(options, "addMessage")?)))
        });
        let (store, waiting) = (self.0.clone(), self.1.clone());
        promise(async move {
            let (conversation, added, (place, create)) = arguments?;
            let placed = add((*store).clone(), conversation.clone(), (added, place, create)).await.or_js()?;
            Self::added(&store, &waiting, 1);
            value_of(&placed.to_view(&conversation))
        })
    }

    #[wasm_bindgen(js_name = addMessages, skip_typescript)]
    pub fn add_messages(&self, conversation: &JsValue, messages: &JsValue, options: &JsValue) -> Promise {
        let arguments = conversation_of(conversation).and_then(|conversation| {
            let added = messages::all_of(messages)?;
            let options = Options::of(options, "the options of addMessages")?;
            Ok((conversation, added, options.flag("createIfMissing").unwrap_or_default()))
        });
        let (store, waiting) = (self.0.clone(), self.1.clone());
        promise(async move {
            let (conversation, added, create) = arguments?;
            let placed = store.add_messages(&conversation, added, create).await.or_js()?;
            Self::added(&store, &waiting, placed.len());
            list_of(placed.iter().map(|placed| placed.to_view(&conversation)))
        })
    }

    #[wasm_bindgen(js_name = beginMessage, skip_typescript)]
    pub fn begin_message(&self, conversation: &JsValue, options: &JsValue) -> Promise {
        let arguments = conversation_of(conversation).and_then(|conversation| {
            let added = messages::begun_of(options)?;
            Ok((conversation, added, place_of(&Options::of(options, "beginMessage")?)))
        });
        let store = self.0.clone();
        promise(async move {
            let (conversation, added, (place, create)) = arguments?;
            let stream = store.begin_message(&conversation, added, place, create).await.or_js()?;
            Ok(MessageStream::new(stream))
        })
    }

    #[wasm_bindgen(js_name = getMessage, skip_typescript)]
    pub fn get_message(&self, conversation: &JsValue, id: &JsValue) -> Promise {
        let ids = ids_of(conversation, id);
        let store = self.0.clone();
        promise(async move {
            let (conversation, id) = ids?;
            let found = store.get_message(&conversation, &id).await.or_js()?;
            found.map_or(Ok(JsValue::UNDEFINED), |found| value_of(&found.to_view(&conversation)))
        })
    }

    #[wasm_bindgen(js_name = getConversationMessages, skip_typescript)]
    pub fn get_conversation_messages(&self, conversation: &JsValue) -> Promise {
        let conversation = conversation_of(conversation);
        let store = self.0.clone();
        promise(async move {
            let conversation = conversation?;
            let found = store.get_conversation_messages(&conversation).await.or_js()?;
            list_of(found.iter().map(|placed| placed.to_view(&conversation)))
        })
    }

    #[wasm_bindgen(js_name = getMessages, skip_typescript)]
    pub fn get_messages(&self, conversation: &JsValue, options: &JsValue) -> Promise {
        let arguments = conversation_of(conversation).and_then(|conversation| {
            let options = Options::of(options, "getMessages")?;
            let count = options.get("countTokens");
            let default = PageOptions::default();
            let page = PageOptions {
                after: options.text("after"),
                before: options.text("before"),
                from_end: !options.is("from", "start"),
                limit: options
                    .number("limit")
                    .map_or(if count.is_undefined() { default.limit } else { u64::MAX }, u64::from),
                max_bytes: options.number("maxBytes").map_or(default.max_bytes, |bytes| bytes as usize),
            };
            Ok((conversation, page, (options.get("maxTokens").as_f64().unwrap_or(f64::INFINITY), count)))
        });
        if let Ok((conversation, page, budget)) = &arguments
            && !budget.1.is_undefined()
        {
            let (is_up, first) = match &page.after {
                Some(_) => (false, page.after.clone()),
                None => (page.from_end || page.before.is_some(), page.before.clone()),
            };
            let fetch = self.pages(conversation.clone(), is_up, first, page.limit.min(BUDGET_PAGE));
            let limit = u32::try_from(page.limit).unwrap_or(u32::MAX);
            return messages::within_tokens(fetch.unchecked_ref(), limit, budget.0, &budget.1, is_up);
        }
        let store = self.0.clone();
        promise(async move {
            let (conversation, options, _) = arguments?;
            let page = store.get_messages(&conversation, &options).await.or_js()?;
            let found = Object::new();
            Reflect::set(&found, &"messages".into(), &page_of(&conversation, &page)?)?;
            Reflect::set(&found, &"isLast".into(), &page.is_last.into())?;
            Ok(found)
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn messages(&self, conversation: &JsValue, options: &JsValue) -> Result<AsyncIterator, JsValue> {
        let conversation = conversation_of(conversation)?;
        let options = Options::of(options, "messages")?;
        let is_up = options.is("order", "newest");
        let first = if is_up { options.text("before") } else { options.text("after") };
        let limit = options.number("pageSize").unwrap_or(DEFAULT_PAGE_SIZE).into();
        let fetch = self.pages(conversation, is_up, first, limit);
        Ok(boundary::walk(fetch.unchecked_ref(), &options.get("signal")))
    }

    #[wasm_bindgen(js_name = editMessage, skip_typescript)]
    pub fn edit_message(&self, conversation: &JsValue, id: &JsValue, content: &JsValue, options: &JsValue) -> Promise {
        let arguments = conversation_of(conversation).and_then(|conversation| {
            let metadata = Options::of(options, "editMessage")?.metadata()?;
            Ok((conversation, message_id_of(id)?, messages::content_of(content, "content")?, metadata))
        });
        let store = self.0.clone();
        promise(async move {
            let (conversation, id, content, metadata) = arguments?;
            value_of(&store.edit_message(&conversation, &id, content, metadata).await.or_js()?.to_view(&conversation))
        })
    }

    #[wasm_bindgen(js_name = updateMessage, skip_typescript)]
    pub fn update_message(&self, conversation: &JsValue, id: &JsValue, options: &JsValue) -> Promise {
        let arguments = conversation_of(conversation).and_then(|conversation| {
            let options = Options::of(options, "updateMessage")?;
            let usage = messages::usage_of(&options.get("usage"))?;
            Ok((conversation, message_id_of(id)?, options.metadata()?, usage))
        });
        let store = self.0.clone();
        promise(async move {
            let (conversation, id, metadata, usage) = arguments?;
            let placed = store.update_message(&conversation, &id, metadata.as_ref(), usage).await.or_js()?;
            value_of(&placed.to_view(&conversation))
        })
    }

    #[wasm_bindgen(js_name = deleteMessage, skip_typescript)]
    pub fn delete_message(&self, conversation: &JsValue, id: &JsValue, options: &JsValue) -> Promise {
        let arguments = conversation_of(conversation).and_then(|conversation| {
            let options = Options::of(options, "deleteMessage")?;
            Ok((conversation, message_id_of(id)?, options.flag("descendants").unwrap_or_default()))
        });
        let store = self.0.clone();
        promise(async move {
            let (conversation, id, descendants) = arguments?;
            Ok(store.delete_message(&conversation, &id, descendants).await.or_js()? as f64)
        })
    }

    #[wasm_bindgen(js_name = getSiblings, skip_typescript)]
    pub fn get_siblings(&self, conversation: &JsValue, id: &JsValue) -> Promise {
        let ids = ids_of(conversation, id);
        let store = self.0.clone();
        promise(async move {
            let (conversation, id) = ids?;
            let found = store.get_siblings(&conversation, &id).await.or_js()?;
            list_of(found.iter().map(|placed| placed.to_view(&conversation)))
        })
    }

    #[wasm_bindgen(js_name = switchBranch, skip_typescript)]
    pub fn switch_branch(&self, conversation: &JsValue, id: &JsValue) -> Promise {
        let ids = ids_of(conversation, id);
        let store = self.0.clone();
        promise(async move {
            let (conversation, id) = ids?;
            value_of(&store.switch_branch(&conversation, &id).await.or_js()?.to_view())
        })
    }

    #[wasm_bindgen(skip_typescript)]
    pub fn search(&self, query: &JsValue, options: &JsValue) -> Promise {
        let arguments = boundary::text_of(query, "the query").and_then(|query| {
            let options = Options::of(options, "search")?;
            let default = SearchOptions::default();
            let limit = options.number("limit").map_or(default.limit, |limit| limit as usize);
            Ok((query, SearchOptions { limit, conversation: options.text("conversationId") }))
        });
        let store = self.0.clone();
        promise(async move {
            let (query, options) = arguments?;
            list_of(store.search(&query, &options).await.or_js()?.iter().map(|hit| hit.to_view()))
        })
    }

    #[wasm_bindgen(js_name = addAction, skip_typescript)]
    pub fn add_action(&self, conversation: &JsValue, kind: &JsValue, data: &JsValue, options: &JsValue) -> Promise {
        let arguments = conversation_of(conversation).and_then(|conversation| {
            let action_type = boundary::text_of(kind, "the action's type")?;
            let data = messages::object_of(data, "data")?;
            let options = Options::of(options, "addAction")?;
            let metadata = options.metadata()?.unwrap_or_else(Metadata::empty);
            let create_if_missing = options.flag("createIfMissing").unwrap_or_default();
            Ok((conversation, NewAction { action_type, data, metadata, create_if_missing }))
        });
        let store = self.0.clone();
        promise(async move {
            let (conversation, new) = arguments?;
            value_of(&store.add_action(&conversation, new).await.or_js()?.to_view(&conversation))
        })
    }

    #[wasm_bindgen(js_name = getConversationActions, skip_typescript)]
    pub fn get_conversation_actions(&self, conversation: &JsValue) -> Promise {
        let conversation = conversation_of(conversation);
        let store = self.0.clone();
        promise(async move {
            let conversation = conversation?;
            let found = store.get_conversation_actions(&conversation).await.or_js()?;
            list_of(found.iter().map(|action| action.to_view(&conversation)))
        })
    }
}
