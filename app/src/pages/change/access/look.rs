//! What of the review is on show and how, as it stands in the page's address.
use crate::api::AppError;
use crate::ui::address;
use domain::access::Verdict;

/// Gravest first, the order in which everything of the review stands.
pub const GRAVEST_FIRST: [Verdict; 5] = [
    Verdict::Widened,
    Verdict::Changed,
    Verdict::Undecided,
    Verdict::Narrowed,
    Verdict::Equivalent,
];

/// How lines that come and go are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// One below the other, marked as gained or lost.
    #[default]
    Inline,
    /// Before and after beside each other.
    SideBySide,
}

const SIDE_BY_SIDE: &str = "side-by-side";

/// What is on show: everything, or less.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// How lines are laid out.
    pub layout: Layout,
    /// Only subjects of this verdict.
    pub verdict: Option<Verdict>,
    /// Only this subject, whole.
    pub subject: Option<String>,
}

impl Look {
    /// What an address asks for with `access=`, `verdict=` and `subject=`.
    ///
    /// # Errors
    /// [`AppError::Malformed`] for a verdict that there is not.
    pub fn named(
        access: Option<&str>,
        verdict: Option<&str>,
        subject: Option<String>,
    ) -> Result<Look, AppError> {
        let verdict = match verdict {
            None | Some("") => None,
            Some(name) => Some(verdict_named(name)?),
        };
        Ok(Look {
            layout: match access {
                Some(SIDE_BY_SIDE) => Layout::SideBySide,
                _ => Layout::Inline,
            },
            verdict,
            subject: subject.filter(|id| !id.is_empty()),
        })
    }

    /// The value of `access=`; empty where it need not stand in the address.
    pub fn layout_name(&self) -> &'static str {
        match self.layout {
            Layout::Inline => "",
            Layout::SideBySide => SIDE_BY_SIDE,
        }
    }

    /// The value of `verdict=`; empty for all.
    pub fn verdict_name(&self) -> &'static str {
        self.verdict.map_or("", Verdict::as_str)
    }

    /// The address of a page that looks like this, at one of its cards. `also` is what else stands in the page's
    /// address.
    pub fn address(&self, page: &str, also: &[(&'static str, String)], card: &str) -> String {
        let also = also.iter().map(|(name, value)| (*name, value.as_str()));
        let look = [
            ("access", self.layout_name()),
            ("verdict", self.verdict_name()),
            ("subject", self.subject.as_deref().unwrap_or_default()),
        ];
        let query: Vec<_> = also.chain(look).collect();
        format!("{}#{card}", address(page, &query))
    }

    /// The other layout of the same, and what to call it.
    pub fn other_layout(&self) -> (Look, &'static str) {
        let (layout, words) = match self.layout {
            Layout::Inline => (Layout::SideBySide, "Side by side"),
            Layout::SideBySide => (Layout::Inline, "One below the other"),
        };
        let look = Look {
            layout,
            ..self.clone()
        };
        (look, words)
    }

    /// One subject whole.
    pub fn at(&self, subject: &str) -> Look {
        Look {
            subject: Some(subject.to_owned()),
            ..self.clone()
        }
    }

    /// Everything, laid out the same.
    pub fn at_all(&self) -> Look {
        Look {
            layout: self.layout,
            ..Look::default()
        }
    }

    /// Whether something is left out.
    pub fn is_narrowed(&self) -> bool {
        self.verdict.is_some() || self.subject.is_some()
    }

    /// Whether a subject is on show.
    pub fn shows(&self, id: &str, verdict: Verdict) -> bool {
        match &self.subject {
            Some(subject) => subject == id,
            None => self.verdict.is_none_or(|only| only == verdict),
        }
    }
}

fn verdict_named(name: &str) -> Result<Verdict, AppError> {
    let found = GRAVEST_FIRST.into_iter().find(|it| it.as_str() == name);
    found.ok_or_else(|| {
        let all = GRAVEST_FIRST.map(Verdict::as_str).join(", ");
        AppError::Malformed {
            message: format!("“{name}” is not a verdict; the verdicts are {all}"),
        }
    })
}
