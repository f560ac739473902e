//! Other tabs and workers on the same database: Web Locks tell where they stand, a channel what they wrote.

use super::failure;
use crate::backend::paged::Paged;
use crate::backend::paged::blob_store::{Hold, Neighbours, Task};
use crate::error::Result;
use async_trait::async_trait;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Float64Array, Function, Promise};
use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What begins the names of all locks and channels.
const PREFIX: &str = "agent-datastore:";
/// What begins the names of those that tell that a page lives.
const LIVES: &str = "agent-datastore:lives:";

/// What is sent instead of a log number.
const ASK_FOR_PAUSE: f64 = -1.0;
/// What this page hears when it comes back, after a time in which it heard of nobody.
const AWAKE: f64 = -2.0;
/// How long an engine pauses for another: time for one of its commits. Milliseconds.
const PAUSE_MS: u32 = 10;

/// How long a checkpoint waits for more important things. Milliseconds.
const IDLE_MS: u32 = 50;

#[wasm_bindgen(module = "/src/backend/indexeddb/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = hasLocks)]
    pub(super) fn has_locks() -> bool;
    fn share(name: &str) -> Promise;
    fn claim(name: &str) -> Promise;
    fn unheld(prefix: &str, numbers: &[f64]) -> Promise;
    #[wasm_bindgen(js_name = lowestHeld)]
    fn lowest_held(prefix: &str, opening: &str) -> Promise;

    type Channel;
    #[wasm_bindgen(constructor)]
    fn new(name: &str, hear: &Closure<dyn FnMut(f64)>, hide: &Closure<dyn FnMut()>) -> Channel;
    #[wasm_bindgen(method)]
    fn send(this: &Channel, number: f64);
    #[wasm_bindgen(method, js_name = sendNow)]
    fn send_now(this: &Channel, number: f64);
    #[wasm_bindgen(method)]
    fn close(this: &Channel);
}

/// The tabs on one database.
pub(super) struct Tabs {
    /// What begins the names of the locks for all databases of the name, and for this one alone.
    name: String,
    identified: OnceCell<String>,
    has_locks: Cell<bool>,
    is_guarded: Cell<bool>,
    channel: RefCell<Option<Rc<Channel>>>,
}

/// Hears what other tabs write, until it is dropped.
pub(super) struct Listener {
    channel: Rc<Channel>,
    _hear: Closure<dyn FnMut(f64)>,
    _hide: Closure<dyn FnMut()>,
}

/// Tells the pages of the origin that the one that has drawn a number lives, until the hold is dropped. Nobody without locks.
pub(super) async fn live(number: u64) -> Option<Hold> {
    if !has_locks() {
        return None;
    }
    JsFuture::from(share(&format!("{LIVES}{number}"))).await.ok().map(hold)
}

/// Those of some numbers whose pages are gone; without locks all of them.
pub(super) async fn gone(numbers: &[u64]) -> Vec<u64> {
    if !has_locks() {
        return numbers.to_vec();
    }
    let asked: Vec<f64> = numbers.iter().map(|&number| number as f64).collect();
    let gone = JsFuture::from(unheld(LIVES, &asked)).await;
    gone.map(|gone| Float64Array::unchecked_from_js(gone).to_vec())
        .unwrap_or_default()
        .iter()
        .map(|&n| n as u64)
        .collect()
}

/// The right to mend what others have left, where nobody else has it.
pub(super) async fn claim_mending() -> Option<Hold> {
    if !has_locks() {
        return Some(Hold::none());
    }
    let claimed = JsFuture::from(claim(&format!("{PREFIX}mending"))).await.ok()?;
    (!claimed.is_undefined()).then(|| hold(claimed))
}

impl Tabs {
    /// Those on a database of this name.
    pub(super) fn new(name: &str) -> Self {
        let name = format!("{PREFIX}{name}:");
        Self {
            name,
            identified: OnceCell::new(),
            has_locks: Cell::new(has_locks()),
            is_guarded: Cell::new(false),
            channel: RefCell::default(),
        }
    }

    /// Tells which one it is, and whether guards are used in it instead of locks. Who stands somewhere before that keeps
    /// everything, of every database of the name.
    pub(super) fn identify(&self, identity: &str, is_guarded: bool) {
        self.is_guarded.set(is_guarded);
        self.has_locks.set(self.has_locks.get() && !is_guarded);
        // A connection that finds another one refuses to go on.
        let _ = self.identified.set(format!("{}{identity}:", self.name));
    }

    fn identified(&self) -> &str {
        self.identified.get().unwrap_or(&self.name)
    }

    /// The lock of those who open a database of this name, and keep everything.
    fn opening(&self) -> String {
        format!("{}opening", self.name)
    }

    /// Lets an engine hear of the others' commits, and suspends it when its page may be frozen.
    pub(super) fn listen(&self, engine: &Paged) -> Listener {
        let (hearing, hiding) = (engine.downgrade(), engine.downgrade());
        let hear = Closure::new(move |head: f64| {
            if let Some(engine) = hearing.upgrade() {
                match head {
                    ASK_FOR_PAUSE => engine.make_way(),
                    AWAKE => engine.wake(),
                    head => engine.hear(head as u64),
                }
            }
        });
        let hide = Closure::new(move || {
            if let Some(engine) = hiding.upgrade() {
                engine.suspend();
            }
        });
        let channel = Rc::new(Channel::new(self.identified(), &hear, &hide));
        self.channel.replace(Some(channel.clone()));
        Listener { channel, _hear: hear, _hide: hide }
    }

    fn epochs(&self) -> String {
        format!("{}epoch:", self.identified())
    }
}

#[async_trait(?Send)]
impl Neighbours for Tabs {
    fn has_locks(&self) -> bool {
        self.has_locks.get()
    }

    fn may_trim(&self) -> bool {
        self.has_locks() || self.is_guarded.get()
    }

    async fn stand(&self, epoch: u64) -> Result<Hold> {
        if !self.has_locks() {
            return Ok(Hold::none());
        }
        let name = if self.identified.get().is_none() { self.opening() } else { format!("{}{epoch}", self.epochs()) };
        let held = JsFuture::from(share(&name)).await;
        held.map(hold).map_err(|error| failure::of_thrown("hold a lock", error))
    }

    async fn lowest(&self) -> Result<Option<u64>> {
        if !self.has_locks() {
            return Ok(None);
        }
        let lowest = JsFuture::from(lowest_held(&self.epochs(), &self.opening())).await;
        let lowest = lowest.map_err(|error| failure::of_thrown("ask for locks", error))?;
        Ok(lowest.as_f64().map(|epoch| epoch as u64))
    }

    async fn lead(&self) -> Option<Hold> {
        if !self.has_locks() {
            return Some(Hold::none());
        }
        let claimed = JsFuture::from(claim(&format!("{}checkpoint", self.identified()))).await.ok()?;
        (!claimed.is_undefined()).then(|| hold(claimed))
    }

    fn draw(&self) -> u64 {
        (js_sys::Math::random() * 2_f64.powi(64)) as u64
    }

    fn announce(&self, head: u64) {
        if let Some(channel) = &*self.channel.borrow() {
            channel.send(head as f64);
        }
    }

    fn ask_for_pause(&self) {
        if let Some(channel) = &*self.channel.borrow() {
            channel.send_now(ASK_FOR_PAUSE);
        }
    }

    async fn pause(&self) {
        TimeoutFuture::new(PAUSE_MS).await;
    }

    async fn idle(&self) {
        TimeoutFuture::new(IDLE_MS).await;
    }

    fn spawn(&self, task: Task) -> Option<Task> {
        wasm_bindgen_futures::spawn_local(task);
        None
    }
}

fn hold(release: JsValue) -> Hold {
    Hold::new(move || {
        if let Some(release) = release.dyn_ref::<Function>() {
            // Releasing a lock does not fail.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    })
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.channel.close();
    }
}

impl fmt::Debug for Tabs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tabs").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
