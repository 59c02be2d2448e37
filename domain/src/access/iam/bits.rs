//! Sets of small numbers.

const WORDS: usize = 8;

/// A set of numbers below [`Bits::MOST`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Bits([u64; WORDS]);

impl Bits {
    pub(super) const MOST: usize = WORDS * 64;

    /// Every number.
    pub(super) const ALL: Bits = Bits([u64::MAX; WORDS]);

    pub(super) fn one(number: usize) -> Bits {
        let mut bits = Bits::default();
        bits.insert(number);
        bits
    }

    /// Numbers beyond the greatest are none of the set's; who numbers things keeps below it.
    pub(super) fn insert(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub(super) fn contains(&self, number: usize) -> bool {
        self.0
            .get(number / 64)
            .is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == [0; WORDS]
    }

    pub(super) fn meets(&self, other: &Bits) -> bool {
        self.0
            .iter()
            .zip(other.0)
            .any(|(one, other)| one & other != 0)
    }

    pub(super) fn within(&self, other: &Bits) -> bool {
        self.0
            .iter()
            .zip(other.0)
            .all(|(one, other)| one & !other == 0)
    }

    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + use<> {
        let bits = *self;
        (0..Bits::MOST).filter(move |number| bits.contains(*number))
    }
}

impl std::ops::BitAnd for Bits {
    type Output = Bits;
    fn bitand(mut self, other: Bits) -> Bits {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(one, other)| *one &= other);
        self
    }
}

impl std::ops::BitOr for Bits {
    type Output = Bits;
    fn bitor(mut self, other: Bits) -> Bits {
        self.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(one, other)| *one |= other);
        self
    }
}

impl std::ops::BitOrAssign for Bits {
    fn bitor_assign(&mut self, other: Bits) {
        *self = *self | other;
    }
}

impl std::ops::Not for Bits {
    type Output = Bits;
    fn not(mut self) -> Bits {
        self.0.iter_mut().for_each(|word| *word = !*word);
        self
    }
}

impl FromIterator<usize> for Bits {
    fn from_iter<I: IntoIterator<Item = usize>>(numbers: I) -> Bits {
        let mut bits = Bits::default();
        numbers.into_iter().for_each(|number| bits.insert(number));
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_as_a_set() {
        let some: Bits = [1, 64, 511].into_iter().collect();
        assert!(some.contains(64) && !some.contains(65) && !some.contains(5_000));
        assert_eq!(some.iter().collect::<Vec<_>>(), [1, 64, 511]);
        assert_eq!(some.count(), 3);
        assert!(Bits::one(64).within(&some) && !some.within(&Bits::one(64)));
        assert!(some.meets(&Bits::one(511)) && !some.meets(&Bits::one(2)));
        assert_eq!(!(!some & Bits::ALL), some);
        assert!((some & Bits::one(3)).is_empty());
    }
}
