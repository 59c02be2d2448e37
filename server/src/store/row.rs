//! From columns to typed values.
use super::{Result, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Display;
use std::str::FromStr;

/// A row, to say which one is broken.
pub(super) struct Place<R> {
    /// The table.
    pub table: &'static str,
    /// The row's key.
    pub row: R,
}

impl<R: Display> Place<R> {
    /// A text column that a type reads.
    pub(super) fn parse<T>(&self, column: &'static str, value: &str) -> Result<T>
    where
        T: FromStr,
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        value
            .parse()
            .map_err(|error: T::Err| self.broken(column, error))
    }

    /// A JSON column.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        column: &'static str,
        value: Value,
    ) -> Result<T> {
        serde_json::from_value(value).map_err(|error| self.broken(column, error))
    }

    fn broken(
        &self,
        column: &'static str,
        error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::inconsistent(self.table, column, &self.row, error)
    }
}

/// A value for a JSON column.
pub(super) fn write<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|error| StoreError::Other(sqlx::Error::Encode(error.into())))
}

/// Names as an array of texts, the way a query takes them.
pub(super) fn texts<T: Display>(names: &[T]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}
