//! The entries of a map among resolved values, in the order of their keys.
use super::value::Value;

/// Entries by key. Most maps of a template are small, and there are thousands: one block of memory each, where a tree
/// takes several times as much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries(Vec<(String, Value)>);

/// So many are looked through one by one, since most keys differ in length already.
const FEW: usize = 8;

impl Entries {
    /// No entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        if self.0.len() <= FEW {
            let mut entries = self.0.iter();
            return entries
                .find(|(known, _)| known == key)
                .map(|(_, value)| value);
        }
        let place = self.place(key).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// Whether there is such a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Puts a value under a key, in place of what stood there. Many at once are better collected.
    pub fn insert(&mut self, key: String, value: Value) {
        match self.place(&key) {
            Ok(place) => {
                if let Some((_, there)) = self.0.get_mut(place) {
                    *there = value;
                }
            }
            Err(place) => self.0.insert(place, (key, value)),
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let place = self.place(key).ok()?;
        Some(self.0.remove(place).1)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every entry, by key.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(pair)
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &String> {
        self.0.iter().map(|(key, _)| key)
    }

    /// Every value, by key.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Every value, by key, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.0
            .binary_search_by(|(known, _)| known.as_str().cmp(key))
    }
}

fn pair((key, value): &(String, Value)) -> (&String, &Value) {
    (key, value)
}

/// Entries one after the other.
pub type Iter<'e> = std::iter::Map<
    std::slice::Iter<'e, (String, Value)>,
    fn(&'e (String, Value)) -> (&'e String, &'e Value),
>;

impl<'e> IntoIterator for &'e Entries {
    type Item = (&'e String, &'e Value);
    type IntoIter = Iter<'e>;

    fn into_iter(self) -> Iter<'e> {
        self.iter()
    }
}

impl IntoIterator for Entries {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(String, Value)> for Entries {
    /// Of several under one key, the last stays.
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        entries.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        Self(entries)
    }
}

impl<const N: usize> From<[(String, Value); N]> for Entries {
    fn from(entries: [(String, Value); N]) -> Self {
        entries.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(all: &[(&str, &str)]) -> Entries {
        all.iter()
            .map(|(key, value)| ((*key).to_owned(), Value::string(*value)))
            .collect()
    }

    #[test]
    fn the_order_written_does_not_matter() {
        let one = entries(&[("b", "2"), ("a", "1")]);
        assert_eq!(one, entries(&[("a", "1"), ("b", "2")]));
        assert_eq!(one.keys().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn the_last_of_a_key_stays() {
        let mut one = entries(&[("a", "1"), ("b", "2"), ("a", "3"), ("a", "4")]);
        assert_eq!(one.len(), 2);
        assert_eq!(one.get("a"), Some(&Value::string("4")));
        one.insert("a".to_owned(), Value::string("5"));
        one.insert("0".to_owned(), Value::string("6"));
        assert_eq!(one, entries(&[("0", "6"), ("a", "5"), ("b", "2")]));
    }

    #[test]
    fn what_is_taken_out_is_gone() {
        let mut one = entries(&[("a", "1"), ("b", "2")]);
        assert_eq!(one.remove("a"), Some(Value::string("1")));
        assert!(!one.contains_key("a") && one.contains_key("b"));
    }
}
