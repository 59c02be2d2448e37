//! Texts that nobody knows before the deployment or the request, and what is known of them all the same.
use super::glob::{Glob, Token};
use crate::template::Symbol;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Resource types of the template by logical id.
pub(super) type Kinds = Arc<BTreeMap<String, String>>;

/// What is unknown, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Unknowns {
    kinds: Kinds,
    all: Vec<Unknown>,
}

/// Something unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// Known with the deployment.
    Symbol(Symbol),
    /// A policy variable: known with the request.
    Variable(String),
}

impl Unknowns {
    pub(super) fn new(kinds: &Kinds) -> Unknowns {
        Unknowns {
            kinds: Arc::clone(kinds),
            all: Vec::new(),
        }
    }

    pub(super) fn symbol(&mut self, symbol: &Symbol) -> usize {
        self.number(Unknown::Symbol(symbol.clone()))
    }

    pub(super) fn variable(&mut self, name: &str) -> usize {
        self.number(Unknown::Variable(name.to_owned()))
    }

    fn number(&mut self, unknown: Unknown) -> usize {
        match self.all.iter().position(|known| *known == unknown) {
            Some(number) => number,
            None => {
                self.all.push(unknown);
                self.all.len() - 1
            }
        }
    }

    /// The policy variable of that number.
    pub(super) fn as_variable(&self, number: usize) -> Option<&str> {
        match self.all.get(number) {
            Some(Unknown::Variable(name)) => Some(name),
            _ => None,
        }
    }

    fn as_symbol(&self, number: usize) -> Option<&Symbol> {
        match self.all.get(number) {
            Some(Unknown::Symbol(symbol)) => Some(symbol),
            _ => None,
        }
    }

    /// As people read it: `${Bucket.Arn}`.
    pub(super) fn written(&self, number: usize) -> String {
        match self.all.get(number) {
            Some(Unknown::Symbol(symbol)) => symbol.to_string(),
            Some(Unknown::Variable(name)) => format!("${{{name}}}"),
            None => String::new(),
        }
    }

    /// The texts it can be: an ARN of its service where it begins the text, else any.
    pub(super) fn shape(&self, number: usize, begins: bool) -> Vec<Token> {
        let any = Token::Many { colons: true };
        let service = self
            .as_symbol(number)
            .filter(|_| begins)
            .and_then(|symbol| self.service_of_arn(symbol));
        match service {
            Some(service) => {
                let mut shape: Vec<Token> = "arn:".chars().map(Token::Letter).collect();
                shape.push(Token::Many { colons: false });
                shape.extend(format!(":{service}:").chars().map(Token::Letter));
                shape.push(any);
                shape
            }
            None => vec![any],
        }
    }

    fn service_of_arn(&self, symbol: &Symbol) -> Option<&'static str> {
        let Symbol::Attribute {
            resource,
            attribute,
        } = symbol
        else {
            return None;
        };
        let kind = self.kinds.get(resource)?;
        SERVICES
            .iter()
            .find(|(known, _)| attribute == "Arn" && known == kind)
            .map(|(_, service)| *service)
    }

    /// Whether it is the ARN of an IAM identity of the stack.
    pub(super) fn is_identity_of_this_account(&self, number: usize) -> bool {
        self.as_symbol(number)
            .and_then(|symbol| self.service_of_arn(symbol))
            == Some("iam")
    }

    /// Whether the number of an account is that of the stack's own.
    pub(super) fn is_this_account(&self, number: &Glob) -> bool {
        match number.tokens.as_slice() {
            [Token::Unknown(unknown)] => {
                matches!(
                    self.as_symbol(*unknown),
                    Some(Symbol::Pseudo("AWS::AccountId"))
                )
            }
            _ => false,
        }
    }

    /// Whether two patterns can't mean one text since they name different resources at the same place: after the same
    /// beginning, and with nothing behind that could make up for the difference.
    pub(super) fn keep_apart(&self, one: &[Token], other: &[Token]) -> bool {
        let same = one
            .iter()
            .zip(other)
            .take_while(|(one, other)| one == other && matches!(one, Token::Letter(_)))
            .count();
        let (Some(Token::Unknown(first)), Some(Token::Unknown(second))) =
            (one.get(same), other.get(same))
        else {
            return false;
        };
        let (Some(a), Some(b)) = (self.as_symbol(*first), self.as_symbol(*second)) else {
            return false;
        };
        let (Some((left, arn)), Some((right, other_arn))) = (named(a), named(b)) else {
            return false;
        };
        let kinds = (self.kinds.get(left), self.kinds.get(right));
        let differ = left != right
            && arn == other_arn
            && matches!(kinds, (Some(one), Some(other)) if one == other || arn);
        let (after, other_after) = (one.get(same + 1), other.get(same + 1));
        let plain = |kind: Option<&String>| {
            kind.is_some_and(|kind| WITHOUT_SLASHES.contains(&kind.as_str()))
        };
        differ
            && match (after, other_after) {
                (None, None) => true,
                _ => plain(kinds.0) && plain(kinds.1) && ends(after) && ends(other_after),
            }
    }
}

fn ends(after: Option<&Token>) -> bool {
    matches!(after, None | Some(Token::Letter('/' | ':')))
}

/// The resource that a symbol names, and whether by its ARN.
fn named(symbol: &Symbol) -> Option<(&str, bool)> {
    match symbol {
        Symbol::Resource(id) => Some((id, false)),
        Symbol::Attribute {
            resource,
            attribute,
        } if attribute == "Arn" => Some((resource, true)),
        _ => None,
    }
}

/// Types whose names and ARNs hold no slash or colon beyond those that every ARN of the type holds, so that none is
/// the beginning of another up to a slash or a colon.
const WITHOUT_SLASHES: &[&str] = &[
    "AWS::S3::Bucket",
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    "AWS::SQS::Queue",
    "AWS::SNS::Topic",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::Kinesis::Stream",
    "AWS::StepFunctions::StateMachine",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBCluster",
    "AWS::EFS::FileSystem",
];

/// The service in the ARN that `Fn::GetAtt` of `Arn` gives (Service Authorization Reference).
const SERVICES: &[(&str, &str)] = &[
    ("AWS::IAM::Role", "iam"),
    ("AWS::IAM::User", "iam"),
    ("AWS::IAM::Group", "iam"),
    ("AWS::S3::Bucket", "s3"),
    ("AWS::DynamoDB::Table", "dynamodb"),
    ("AWS::DynamoDB::GlobalTable", "dynamodb"),
    ("AWS::SQS::Queue", "sqs"),
    ("AWS::KMS::Key", "kms"),
    ("AWS::Lambda::Function", "lambda"),
    ("AWS::Kinesis::Stream", "kinesis"),
    ("AWS::KinesisFirehose::DeliveryStream", "firehose"),
    ("AWS::StepFunctions::StateMachine", "states"),
    ("AWS::Logs::LogGroup", "logs"),
    ("AWS::Events::EventBus", "events"),
    ("AWS::Events::Rule", "events"),
    ("AWS::ECR::Repository", "ecr"),
    ("AWS::ECS::Cluster", "ecs"),
    ("AWS::EKS::Cluster", "eks"),
    ("AWS::EFS::FileSystem", "elasticfilesystem"),
    ("AWS::EFS::AccessPoint", "elasticfilesystem"),
    ("AWS::CodeBuild::Project", "codebuild"),
    ("AWS::Cognito::UserPool", "cognito-idp"),
    ("AWS::OpenSearchService::Domain", "es"),
    ("AWS::CloudTrail::Trail", "cloudtrail"),
];
