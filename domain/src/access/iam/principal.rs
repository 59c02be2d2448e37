//! Who a principal element means (IAM User Guide, "AWS JSON policy elements: Principal").
use super::budget::{Budget, TooMany};
use super::certainty::Certainty;
use super::glob::{Glob, Token, Wildcards};
use super::statement::{Principal, PrincipalKind};
use super::unknown::Unknowns;

/// An entry of a principal element; and, as an example of those it means, a caller.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Entry {
    /// As an entry: everyone. As a caller: someone whom no other entry means.
    Everyone,
    /// All of an account, by its number. As a caller: one of them whom no other entry means.
    Account {
        number: Glob,
        arn: Glob,
    },
    /// A role, user or session; or something unknown that may as well be an account.
    Identity {
        arn: Glob,
        account: Account,
    },
    Service(Glob),
    Federated(Glob),
    CanonicalUser(Glob),
}

/// The account of an identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Account {
    /// By its number.
    Number(Glob),
    /// That of the stack.
    OfTheStack,
    /// Not known; the entry may even be an account.
    Unknown,
}

impl Entry {
    pub(super) fn new(principal: &Principal, unknowns: &mut Unknowns) -> Entry {
        let name = Glob::new(&principal.name, Wildcards::None, false, unknowns);
        match principal.kind {
            PrincipalKind::Everyone => Entry::Everyone,
            PrincipalKind::Service => Entry::Service(name),
            PrincipalKind::Federated => Entry::Federated(name),
            PrincipalKind::CanonicalUser => Entry::CanonicalUser(name),
            PrincipalKind::Aws => Entry::of_account(name, unknowns),
        }
    }

    fn of_account(arn: Glob, unknowns: &Unknowns) -> Entry {
        let parts: Vec<&[Token]> = arn
            .tokens
            .splitn(6, |token| *token == Token::Letter(':'))
            .collect();
        if let [_, _, _, _, number, name] = parts.as_slice() {
            let number = Glob {
                tokens: number.to_vec(),
                fold: false,
            };
            return match name.iter().copied().eq("root".chars().map(Token::Letter)) {
                true => Entry::Account { number, arn },
                false => Entry::Identity {
                    arn,
                    account: Account::Number(number),
                },
            };
        }
        let account = match arn.tokens.as_slice() {
            [Token::Unknown(unknown)] if unknowns.is_identity_of_this_account(*unknown) => {
                Account::OfTheStack
            }
            _ => Account::Unknown,
        };
        Entry::Identity { arn, account }
    }

    /// Whether the entry means the caller.
    pub(super) fn means(
        &self,
        caller: &Entry,
        unknowns: &Unknowns,
        budget: &Budget,
    ) -> Result<Certainty, TooMany> {
        let same = |one: &Glob, other: &Glob| equal(one, other, unknowns, budget);
        Ok(match (self, caller) {
            (Entry::Everyone, _) => Certainty::Yes,
            (_, Entry::Everyone) => Certainty::No,
            (Entry::Account { number, .. }, Entry::Account { number: other, .. }) => {
                same(number, other)?
            }
            (Entry::Account { number, .. }, Entry::Identity { account, .. }) => match account {
                Account::Number(other) => same(number, other)?,
                Account::OfTheStack if unknowns.is_this_account(number) => Certainty::Yes,
                Account::OfTheStack | Account::Unknown => Certainty::Maybe,
            },
            (
                Entry::Identity {
                    account: Account::Unknown,
                    arn,
                },
                Entry::Identity { arn: other, .. },
            ) if arn == other => Certainty::Yes,
            // A parameter, or the unique id of someone who has an ARN too.
            (
                Entry::Identity {
                    account: Account::Unknown,
                    ..
                },
                Entry::Account { .. } | Entry::Identity { .. },
            ) => Certainty::Maybe,
            (Entry::Identity { .. }, Entry::Account { .. }) => Certainty::No,
            (Entry::Identity { arn, .. }, Entry::Identity { arn: other, .. }) => {
                match same(arn, other)? {
                    Certainty::No if is_session(other) => session_of(arn, other),
                    answer => answer,
                }
            }
            (Entry::Service(one), Entry::Service(other))
            | (Entry::Federated(one), Entry::Federated(other))
            | (Entry::CanonicalUser(one), Entry::CanonicalUser(other)) => same(one, other)?,
            _ => Certainty::No,
        })
    }

    /// As people read it.
    pub(super) fn written(&self, unknowns: &Unknowns) -> String {
        match self {
            Entry::Everyone => "anonymous".to_owned(),
            Entry::Account { arn, .. } | Entry::Identity { arn, .. } => arn.written(unknowns),
            Entry::Service(name) | Entry::Federated(name) | Entry::CanonicalUser(name) => {
                name.written(unknowns)
            }
        }
    }

    pub(super) fn unknowns(&self) -> Vec<usize> {
        match self {
            Entry::Everyone => Vec::new(),
            Entry::Account { arn: name, .. }
            | Entry::Identity { arn: name, .. }
            | Entry::Service(name)
            | Entry::Federated(name)
            | Entry::CanonicalUser(name) => name.unknowns().collect(),
        }
    }
}

fn equal(
    one: &Glob,
    other: &Glob,
    unknowns: &Unknowns,
    budget: &Budget,
) -> Result<Certainty, TooMany> {
    Ok(if one.covers(other, budget)? {
        Certainty::Yes
    } else if one.may_meet(other, unknowns, budget)? {
        Certainty::Maybe
    } else {
        Certainty::No
    })
}

fn is_session(arn: &Glob) -> bool {
    let parts: Vec<&[Token]> = arn
        .tokens
        .splitn(6, |token| *token == Token::Letter(':'))
        .collect();
    let begin: Vec<Token> = "assumed-role/".chars().map(Token::Letter).collect();
    parts.get(5).is_some_and(|name| name.starts_with(&begin))
}

/// Whether the session is one of the role: a role stands for its sessions, which leave out its path.
fn session_of(role: &Glob, session: &Glob) -> Certainty {
    let (Some(role), Some(session)) = (role.literal(), session.literal()) else {
        return Certainty::Maybe;
    };
    let parts = |arn: &str| {
        let mut parts = arn.splitn(6, ':').map(str::to_owned).skip(1);
        Some((parts.next()?, parts.nth(2)?, parts.next()?))
    };
    let answer = parts(&role).zip(parts(&session)).is_some_and(
        |((partition, account, role), (of, number, session))| {
            let role = role
                .strip_prefix("role/")
                .and_then(|path| path.rsplit('/').next());
            let named = session
                .strip_prefix("assumed-role/")
                .and_then(|rest| rest.split('/').next());
            partition == of && account == number && role.is_some() && role == named
        },
    );
    Certainty::from(answer)
}
