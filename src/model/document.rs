//! The agent data store's documents (`stores.md`, B.3 and B.4): what export writes and import reads.

use super::access::Access;
use super::batch::{Bytes, Version};
use super::content::BytesReference;
use super::data_record::{DataRecord, Metadata};
use super::json::{self, Json, Members, ObjectWriter, Parts};
use super::keyspace::DataScope;
use super::limits::MAX_DEPTH;
use super::repeats::first_places;
use super::timestamp::Timestamp;
use crate::error::{Error, ErrorKind, Result};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE as BASE64};

const DEFAULT_NAMESPACE: &str = "default";
/// Where documents of this kind have bytes, and under which name they have those that the value refers to.
const ATTACHMENTS: &str = "_attachments";
const ATTACHMENT: &str = "bytes";

/// A record with its name and its access counts: all that a document tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The owner.
    pub user: String,
    /// The namespace.
    pub namespace: String,
    /// The key.
    pub key: String,
    /// The record.
    pub record: DataRecord,
    /// Reads that were counted.
    pub access: Access,
    /// The bytes that the record refers to, where it does and they are to be in the document.
    pub bytes: Option<Bytes>,
    /// The commit that wrote the record last; `None` for one that comes from a file.
    pub version: Option<Version>,
}

/// The `_id` of a document. Ambiguous where a user or namespace holds a colon, so nothing is looked up by it.
fn document_id(user: &str, namespace: &str, key: &str) -> String {
    format!("{user}:{namespace}:{}", BASE64.encode(key))
}

impl Document {
    /// Where the document belongs.
    #[must_use]
    pub fn scope(&self) -> DataScope {
        DataScope { user: self.user.clone(), namespace: self.namespace.clone() }
    }

    /// The later of the last write and the last counted read.
    #[must_use]
    pub fn last_access(&self) -> Option<&(Timestamp, String)> {
        match (&self.access.last, &self.record.last_access) {
            (Some(read), Some(write)) => Some(if read.0 >= write.0 { read } else { write }),
            (read, write) => read.as_ref().or(write.as_ref()),
        }
    }

    /// Makes sure that the stored value and metadata are JSON, so that no damage goes out unnoticed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Corrupt`], naming the record.
    pub fn check(&self) -> Result<()> {
        for json in [&self.record.value, self.record.metadata.as_json(), self.record.extra.as_json()] {
            // The unknown fields stand in an object of their own.
            Json::parse_within(json.as_str(), MAX_DEPTH + 1).map_err(|error| {
                let place = format_args!("the record {:?} in namespace {:?}", self.key, self.namespace).to_string();
                Error::new(ErrorKind::Corrupt, error.message().to_owned()).at(place)
            })?;
        }
        Ok(())
    }

    /// What the record says of its bytes, where it is of bytes.
    #[must_use]
    pub fn reference(&self) -> Option<BytesReference> {
        if self.record.is_bytes { BytesReference::parse(self.record.value.as_str()) } else { None }
    }

    /// The record as JavaScript sees it, times with `Z`.
    #[must_use]
    pub fn to_view(&self) -> Json {
        let mut object = ObjectWriter::default();
        object.text("user", &*self.user);
        self.write_fields(&mut object, Timestamp::to_iso);
        object.text("expiresAt", self.record.expires_at.map(Timestamp::to_iso).as_deref());
        if let Some(Version(version)) = self.version {
            object.raw("version", &version.to_string());
        }
        object.finish()
    }

    /// The document, fields in the order of the original. `_rev` is left out: the database that takes it gives one.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut object = ObjectWriter::default();
        object.text("_id", &*document_id(&self.user, &self.namespace, &self.key));
        object.text("userId", &*self.user);
        self.write_fields(&mut object, Timestamp::to_document);
        // The original has no such field.
        if let Some(at) = self.record.expires_at {
            object.text("expiresAt", &*at.to_document());
        }
        let mut extra = Parts::of(self.record.extra.as_json().as_str()).object().unwrap_or_default();
        if let (Some(bytes), Some(reference)) = (&self.bytes, self.reference()) {
            let own = attachment(&reference, bytes);
            let mut attachments = extra.take(ATTACHMENTS).and_then(|all| Parts::of(all).object()).unwrap_or_default();
            attachments.merge(Members::one(ATTACHMENT, own.as_str()));
            object.raw(ATTACHMENTS, attachments.to_json().as_str());
        }
        for (name, value) in extra.iter() {
            object.raw(name, value);
        }
        object.finish()
    }

    fn write_fields(&self, object: &mut ObjectWriter, time: impl Fn(Timestamp) -> String) {
        let last = self.last_access();
        object.text("namespace", &*self.namespace);
        object.text("key", &*self.key);
        object.raw("value", self.record.value.as_str());
        object.raw("metadata", self.record.metadata.as_json().as_str());
        object.text("createdByAgent", self.record.created_by.as_deref());
        object.text("lastAccessedByAgent", last.map(|(_, agent)| agent.as_str()));
        object.raw("accessCount", &self.access.count.to_string());
        object.text("createdAt", &*time(self.record.created_at));
        object.text("updatedAt", &*time(self.record.updated_at));
        object.text("lastAccessedAt", last.map(|(at, _)| time(*at)).as_deref());
    }

    /// Reads a document of `user`. `None` for a design document, which is of the database and no record.
    ///
    /// A missing namespace means `default`; missing times mean `now`; a missing key is read from the `_id`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidDocument`] where a field has the wrong type or is nested too deep, the key is missing, the `_id`
    /// contradicts the fields, or the document belongs to another user.
    fn parse(text: &str, user: &str, now: Timestamp) -> Result<Option<Self>> {
        let mut fields = Fields(Parts::of(text).object().ok_or_else(|| invalid("not an object"))?);
        if let Some((name, _)) = fields.0.iter().find(|(_, value)| json::depth(value) > MAX_DEPTH) {
            return Err(invalid(format!("`{name}` is nested deeper than {MAX_DEPTH} levels")));
        }
        let id = fields.text("_id")?;
        if id.as_ref().is_some_and(|id| id.starts_with("_design/")) {
            return Ok(None);
        }
        let owner = fields.text("userId")?.ok_or_else(|| invalid("`userId` is missing"))?;
        if owner != user {
            return Err(invalid(format!("it belongs to the user {owner:?}, not to {user:?}")));
        }
        let namespace = fields.text("namespace")?.unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
        let key = match fields.text("key")? {
            Some(key) => key,
            None => key_of(id.as_deref(), user, &namespace)
                .ok_or_else(|| invalid("`key` is missing, and `_id` does not tell it"))?,
        };
        if id.is_some_and(|id| id != document_id(user, &namespace, &key)) {
            return Err(invalid("`_id` contradicts `userId`, `namespace` and `key`"));
        }
        let value = fields.0.take("value").ok_or_else(|| invalid("`value` is missing"))?;
        let metadata = match fields.0.take("metadata") {
            None | Some("null") => Metadata::empty(),
            Some(text) => {
                Metadata::new(Json::trusted(text.to_owned())).map_err(|_| invalid("`metadata` is not an object"))?
            }
        };
        let created_by = fields.text("createdByAgent")?;
        let agent = fields.text("lastAccessedByAgent")?;
        let count = fields.count("accessCount")?;
        let created_at = fields.time("createdAt")?.unwrap_or(now);
        let updated_at = fields.time("updatedAt")?.unwrap_or(created_at);
        let last = fields.time("lastAccessedAt")?.zip(agent);
        let expires_at = fields.time("expiresAt")?;
        fields.0.take("_rev");
        let bytes = BytesReference::parse(value).map(|reference| fields.bytes(&reference)).transpose()?.flatten();
        let (bytes, others) = bytes.map_or((None, None), |(bytes, others)| (Some(bytes), others));
        let mut extra = fields.0;
        if let Some(others) = &others {
            extra.merge(Members::one(ATTACHMENTS, others.as_str()));
        }
        let record = DataRecord {
            value: Json::trusted(value.to_owned()),
            is_bytes: bytes.is_some(),
            metadata,
            created_by,
            created_at,
            updated_at,
            expires_at,
            last_access: if count == 0 { last.clone() } else { None },
            extra: Metadata::new(extra.to_json())?,
        };
        let access = Access { count, last: if count == 0 { None } else { last } };
        Ok(Some(Self { user: user.to_owned(), namespace, key, record, access, bytes, version: None }))
    }
}

/// Reads the documents of `user` in a file: an array of them, `{"docs": […]}` (what `_bulk_docs` takes), or
/// `{"rows": [{"doc": …}]}` (what `_all_docs?include_docs=true` gives). Design documents and deleted ones are passed over.
///
/// A missing namespace means `default`; missing times mean `now`; a missing key is read from the `_id`.
///
/// # Errors
///
/// [`ErrorKind::InvalidDocument`], naming the document by its place from 0. Two documents may not have the same key.
pub fn parse_documents(text: &str, user: &str, now: Timestamp) -> Result<Vec<Document>> {
    let at = |place: usize, error: Error| error.at(format_args!("document {place}"));
    // A document stands up to four levels deep in its file.
    let json = Json::parse_within(text, MAX_DEPTH + 4).map_err(|error| invalid(error.message().to_owned()))?;
    let mut documents = Vec::new();
    for (place, text) in split_documents(&json)?.into_iter().enumerate() {
        documents.extend(Document::parse(text, user, now).map_err(|error| at(place, error))?);
    }
    let keys: Vec<_> = documents.iter().map(|document| document.scope().record(&document.key)).collect();
    let first = first_places(keys.iter().map(|key| key.as_bytes()));
    match first.into_iter().enumerate().find(|(place, first)| place != first) {
        Some((place, first)) => Err(at(place, invalid(format!("its key is also that of document {first}")))),
        None => Ok(documents),
    }
}

fn split_documents(json: &Json) -> Result<Vec<&str>> {
    let mut object = match Parts::of(json.as_str()) {
        Parts::List(documents) => return Ok(documents),
        Parts::Object(object) => object,
        _ => Members::default(),
    };
    let mut list = |name| object.take(name).and_then(|list| Parts::of(list).list());
    if let Some(documents) = list("docs") {
        return Ok(documents);
    }
    let rows = list("rows")
        .ok_or_else(|| invalid("expected an array of documents, an object with `docs`, or an object with `rows`"))?;
    let document = |row| Parts::of(row).object().and_then(|mut row| row.take("doc"));
    let documents = rows.into_iter().map(|row| {
        document(row).ok_or_else(|| invalid("a row has no `doc`; ask the database with `include_docs=true`"))
    });
    // A row of a deleted document has null.
    documents.filter(|document| !matches!(document, Ok("null"))).collect()
}

/// Documents as one JSON array, one a line.
#[must_use]
pub fn join_documents(documents: &[Document]) -> String {
    let lines: Vec<_> = documents.iter().map(|document| document.to_json().into_string()).collect();
    if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) }
}

/// Bytes as the attachment of a document.
fn attachment(reference: &BytesReference, bytes: &Bytes) -> Json {
    let known = (!reference.media_type.is_empty()).then_some(&*reference.media_type);
    let mut object = ObjectWriter::default();
    object.text("content_type", known.unwrap_or("application/octet-stream"));
    object.text("data", &*STANDARD.encode(&**bytes));
    object.finish()
}

fn key_of(id: Option<&str>, user: &str, namespace: &str) -> Option<String> {
    let encoded = id?.strip_prefix(user)?.strip_prefix(':')?.strip_prefix(namespace)?.strip_prefix(':')?;
    String::from_utf8(BASE64.decode(encoded).ok()?).ok()
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidDocument, message)
}

/// The fields of a document, taken one by one; null counts as missing.
struct Fields<'a>(Members<'a>);

impl Fields<'_> {
    /// Takes the bytes that a value refers to out of the attachments. The others, where there are some, are a field like any other that is not known.
    fn bytes(&mut self, reference: &BytesReference) -> Result<Option<(Bytes, Option<Json>)>> {
        let Some(mut others) = self.0.clone().take(ATTACHMENTS).and_then(|all| Parts::of(all).object()) else {
            return Ok(None);
        };
        let Some(own) = others.take(ATTACHMENT) else { return Ok(None) };
        let wrong = || invalid("`_attachments.bytes` does not have the bytes that `value` refers to");
        let data = Fields(Parts::of(own).object().ok_or_else(wrong)?).text("data")?.ok_or_else(wrong)?;
        let bytes = STANDARD.decode(data).map_err(|_| wrong())?;
        self.0.take(ATTACHMENTS);
        let others = (!others.is_empty()).then(|| others.to_json());
        if reference.fits(&bytes) { Ok(Some((bytes.into(), others))) } else { Err(wrong()) }
    }

    fn text(&mut self, name: &str) -> Result<Option<String>> {
        match self.0.take(name).map(Parts::of) {
            None | Some(Parts::Scalar("null")) => Ok(None),
            Some(Parts::Text(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(format!("`{name}` is not a text"))),
        }
    }

    fn count(&mut self, name: &str) -> Result<u64> {
        match self.0.take(name) {
            None | Some("null") => Ok(0),
            Some(text) => text.parse().map_err(|_| invalid(format!("`{name}` is not a whole number from 0"))),
        }
    }

    fn time(&mut self, name: &str) -> Result<Option<Timestamp>> {
        self.text(name)?
            .map(|text| Timestamp::parse(&text).map_err(|_| invalid(format!("`{name}` is not an ISO 8601 time"))))
            .transpose()
    }
}
