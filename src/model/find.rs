//! Finding records of the agent data store by what is in them.

mod copy;
mod datum;
mod extract;
mod filter;
mod index;
mod path;
mod plan;
mod query;

pub(crate) use copy::copied_in;
pub(crate) use extract::{Extractor, Found};
pub(crate) use filter::Condition;
pub use filter::Filter;
pub use index::{Index, Indexes};
pub(crate) use index::{Lister, index_key};
pub use path::{Path, Root};
pub(crate) use plan::{InOrder, Plan, Source};
pub use query::{FindOptions, OrderBy};
pub(crate) use query::{Place, Query};
