//! Truth where some of it is unknown.

/// Whether something holds, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    No,
    Maybe,
    Yes,
}

impl Certainty {
    /// Whether one of them holds.
    pub(super) fn any(all: impl Iterator<Item = Certainty>) -> Certainty {
        let mut found = Certainty::No;
        for one in all {
            match one {
                Certainty::Yes => return Certainty::Yes,
                Certainty::Maybe => found = Certainty::Maybe,
                Certainty::No => {}
            }
        }
        found
    }

    /// Whether all of them hold.
    pub(super) fn all(all: impl Iterator<Item = Certainty>) -> Certainty {
        Certainty::any(all.map(|one| one.flipped_if(true))).flipped_if(true)
    }

    /// The opposite, if so wished.
    pub(super) fn flipped_if(self, flip: bool) -> Certainty {
        match (self, flip) {
            (Certainty::Yes, true) => Certainty::No,
            (Certainty::No, true) => Certainty::Yes,
            (same, _) => same,
        }
    }
}

impl From<bool> for Certainty {
    fn from(holds: bool) -> Certainty {
        match holds {
            true => Certainty::Yes,
            false => Certainty::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Certainty::{self, Maybe, No, Yes};

    #[test]
    fn unknown_parts_leave_open_only_what_hangs_on_them() {
        let any = |all: &[Certainty]| Certainty::any(all.iter().copied());
        let all = |all: &[Certainty]| Certainty::all(all.iter().copied());
        assert_eq!(
            (any(&[No, Maybe]), any(&[Maybe, Yes]), any(&[])),
            (Maybe, Yes, No)
        );
        assert_eq!(
            (all(&[Yes, Maybe]), all(&[Maybe, No]), all(&[])),
            (Maybe, No, Yes)
        );
    }
}
