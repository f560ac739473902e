//! Values by name, in the order of the names.

use std::vec::IntoIter;

/// Values by name, in the order of the names' bytes, as the files have them. Meant for a few: to put one in before others moves these.
/// Its code is a fraction of that of the standard library's maps, of which there would be one for each type of value.
///
/// ```
/// use agent_datastore::model::map::Map;
///
/// let mut map: Map<i64> = [("b".to_owned(), 2), ("a".to_owned(), 1)].into_iter().collect();
/// map.update("b", |value| *value += 5);
/// assert_eq!(map.insert("a".to_owned(), 3), Some(1));
/// assert_eq!(map.iter().collect::<Vec<_>>(), [("a", &3), ("b", &7)]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map<T>(Vec<(String, T)>);

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Map<T> {
    /// One without values.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many values it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The place of a name; where there is no such, that where it would be.
    fn place(&self, name: &str) -> Result<usize, usize> {
        // Most come in order.
        match self.0.last() {
            Some((last, _)) if last.as_str() < name => Err(self.0.len()),
            _ => self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)),
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.at(self.place(name).ok()?).map(|(_, value)| value)
    }

    /// The value of a name, to be changed.
    #[must_use]
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        let place = self.place(name).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// Puts a value in; returns the one that it replaces.
    pub fn insert(&mut self, name: String, value: T) -> Option<T> {
        match self.place(&name) {
            Ok(place) => self.0.get_mut(place).map(|(_, old)| std::mem::replace(old, value)),
            Err(place) => {
                self.0.insert(place, (name, value));
                None
            }
        }
    }

    /// Takes a value out.
    pub fn remove(&mut self, name: &str) -> Option<T> {
        let place = self.place(name).ok()?;
        Some(self.0.remove(place).1)
    }

    /// Takes all values out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The name and the value at a place, from 0.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<(&str, &T)> {
        self.0.get(place).map(|(name, value)| (name.as_str(), value))
    }

    /// The names and the values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<T: Default> Map<T> {
    /// Changes the value of a name; where there is none, the default.
    pub fn update(&mut self, name: &str, change: impl FnOnce(&mut T)) {
        match self.get_mut(name) {
            Some(value) => change(value),
            None => {
                let mut value = T::default();
                change(&mut value);
                self.insert(name.to_owned(), value);
            }
        }
    }
}

/// Of values of one name the last one stays.
impl<T> FromIterator<(String, T)> for Map<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(items: I) -> Self {
        let mut map = Self::new();
        items.into_iter().for_each(|(name, value)| drop(map.insert(name, value)));
        map
    }
}

impl<T, const N: usize> From<[(String, T); N]> for Map<T> {
    fn from(items: [(String, T); N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T> IntoIterator for Map<T> {
    type Item = (String, T);
    type IntoIter = IntoIter<(String, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
