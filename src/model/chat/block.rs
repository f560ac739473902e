//! A block: which messages the numbers of a [segment](super::segment) stand for, some of them in an entry.

use crate::error::Result;
use crate::model::batch::Bytes;
use crate::model::codec::{Reader, Writer, damaged};

const FORMAT: u8 = 1;
/// How many messages share an entry.
pub const BLOCK: usize = 512;

/// A message of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// The conversation.
    pub conversation: String,
    /// The message's number.
    pub number: u64,
}

/// Messages of consecutive numbers are one run: its conversation, where that is not the one of the run before; the first
/// number; and how many there are.
pub(crate) fn encode(messages: &[Indexed]) -> Bytes {
    let mut writer = Writer::default();
    writer.byte(FORMAT);
    let follows = |one: &Indexed, next: &Indexed| {
        one.conversation == next.conversation && one.number.checked_add(1) == Some(next.number)
    };
    let mut last: Option<&str> = None;
    for run in messages.chunk_by(follows) {
        let Some(first) = run.first() else { continue };
        let is_same = last == Some(first.conversation.as_str());
        writer.byte(is_same.into());
        if !is_same {
            writer.bytes(first.conversation.as_bytes());
        }
        last = Some(&first.conversation);
        writer.number(first.number);
        writer.number(run.len() as u64);
    }
    writer.finish()
}

/// Some messages of one conversation, of consecutive numbers.
struct Run<'a> {
    conversation: &'a str,
    first: u64,
    count: usize,
}

impl Run<'_> {
    fn message(&self, place: usize) -> Indexed {
        Indexed { conversation: self.conversation.to_owned(), number: self.first + place as u64 }
    }
}

/// Tells `take` the runs of a block, as long as it says `true`.
fn each_run(bytes: &[u8], take: &mut dyn FnMut(Run<'_>) -> bool) -> Result<()> {
    let mut reader = Reader::new(bytes);
    reader.format(FORMAT)?;
    let (mut conversation, mut messages) = (None, 0);
    while !reader.is_empty() {
        if reader.byte()? == 0 {
            conversation = Some(reader.text()?);
        }
        let (first, count) = (reader.number()?, reader.number()?);
        // A damaged length must not make us ask for more memory than there are messages.
        let count = usize::try_from(count).ok().filter(|count| *count <= BLOCK - messages).ok_or_else(damaged)?;
        first.checked_add(count as u64).ok_or_else(damaged)?;
        messages += count;
        if !take(Run { conversation: conversation.ok_or_else(damaged)?, first, count }) {
            break;
        }
    }
    Ok(())
}

/// The messages of a block.
///
/// # Errors
///
/// [`crate::ErrorKind::Corrupt`], [`crate::ErrorKind::NewerVersion`].
pub fn decode(bytes: &[u8]) -> Result<Vec<Indexed>> {
    let mut messages = Vec::new();
    each_run(bytes, &mut |run| {
        messages.extend((0..run.count).map(|place| run.message(place)));
        true
    })?;
    Ok(messages)
}

/// One message of a block, without looking at the others.
///
/// # Errors
///
/// As [`decode`], and [`crate::ErrorKind::Corrupt`] where it has no such message.
pub fn message_at(bytes: &[u8], place: usize) -> Result<Indexed> {
    let (mut found, mut before) = (None, 0);
    each_run(bytes, &mut |run| {
        found = place.checked_sub(before).filter(|within| *within < run.count).map(|within| run.message(within));
        before += run.count;
        found.is_none()
    })?;
    found.ok_or_else(damaged)
}

/// Which messages of a block, counted from its first one, are those of a conversation.
///
/// # Errors
///
/// As [`decode`].
pub fn places_of(bytes: &[u8], conversation: &str) -> Result<Vec<u32>> {
    let (mut places, mut before) = (Vec::new(), 0);
    each_run(bytes, &mut |run| {
        let next = before + run.count as u32;
        if run.conversation == conversation {
            places.extend(before..next);
        }
        before = next;
        true
    })?;
    Ok(places)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use proptest::prelude::*;

    fn messages() -> impl Strategy<Value = Vec<Indexed>> {
        let run = ("[ab]{0,2}", prop_oneof![0..20_u64, Just(u64::MAX - 9)], 1..9_usize);
        prop::collection::vec(run, 0..30).prop_map(|runs| {
            let of = |(conversation, first, count): (String, u64, usize)| {
                (first..).take(count).map(move |number| Indexed { conversation: conversation.clone(), number })
            };
            runs.into_iter().flat_map(of).collect()
        })
    }

    proptest! {
        #[test]
        fn every_message_is_found_again(messages in messages()) {
            let bytes = encode(&messages);
            prop_assert_eq!(&decode(&bytes).unwrap(), &messages);
            for (place, message) in messages.iter().enumerate() {
                prop_assert_eq!(&message_at(&bytes, place).unwrap(), message);
            }
            prop_assert_eq!(message_at(&bytes, messages.len()).unwrap_err().kind(), ErrorKind::Corrupt);
            let of_a: Vec<u32> =
                (0..).zip(&messages).filter(|(_, one)| one.conversation == "a").map(|(place, _)| place).collect();
            prop_assert_eq!(places_of(&bytes, "a").unwrap(), of_a);
        }

        #[test]
        fn damage_is_an_error_or_other_messages_and_never_more_than_fit(
            messages in messages(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
        ) {
            let mut bytes = encode(&messages).to_vec();
            let at = at.index(bytes.len());
            if cut { bytes.truncate(at) } else if let Some(place) = bytes.get_mut(at) { *place = byte }
            if let Ok(some) = decode(&bytes) {
                prop_assert!(some.len() <= BLOCK);
            }
        }
    }

    #[test]
    fn messages_of_one_conversation_cost_next_to_nothing() {
        let conversation = "8f14e45f-ceea-467f-ab0d-3a1c0b6d2a11".to_owned();
        let all: Vec<Indexed> =
            (7..).take(BLOCK).map(|number| Indexed { conversation: conversation.clone(), number }).collect();
        assert!(encode(&all).len() < 64);
    }
}
