//! Reading and writing the binary form of stored records.
//!
//! Lengths and numbers are little-endian; texts are UTF-8 behind a 32-bit length in bytes.

use super::batch::Bytes;
use crate::error::{Error, ErrorKind, Result};

/// Writes a record front to back.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) -> Result<()> {
        let length = u32::try_from(text.len())
            .map_err(|_| Error::new(ErrorKind::LimitExceeded, "a field of 4 GiB or more cannot be stored"))?;
        self.0.extend_from_slice(&length.to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// Bytes behind their length, which has to be below 4 GiB.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// Bytes whose length is that of the rest.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn into_vec(self) -> Vec<u8> {
        self.0
    }

    /// Ends the record with a text whose length is that of the rest.
    pub(crate) fn finish_with(mut self, text: &str) -> Bytes {
        self.0.extend_from_slice(text.as_bytes());
        self.0.into()
    }

    pub(crate) fn finish(self) -> Bytes {
        self.0.into()
    }
}

/// Reads a record front to back. Every method fails with [`ErrorKind::Corrupt`] where the bytes do not fit.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.0.split_first().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub(crate) fn number(&mut self) -> Result<u64> {
        self.chunk().map(u64::from_le_bytes)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| damaged())
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = u32::from_le_bytes(self.chunk()?);
        let length = usize::try_from(length).map_err(|_| damaged())?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// All that is left, without taking it.
    pub(crate) const fn remaining(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn rest(self) -> Result<&'a str> {
        std::str::from_utf8(self.0).map_err(|_| damaged())
    }

    /// Checks the format version at the start of a record.
    pub(crate) fn format(&mut self, known: u8) -> Result<()> {
        match self.byte()? {
            format if format == known => Ok(()),
            0 => Err(damaged()),
            format => Err(Error::new(
                ErrorKind::NewerVersion,
                format!("a record has format {format}; this version reads up to {known}"),
            )),
        }
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*chunk)
    }
}

pub(crate) fn damaged() -> Error {
    Error::new(ErrorKind::Corrupt, "a stored record is damaged")
}
