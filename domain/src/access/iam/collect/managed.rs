//! Managed policies of AWS whose text is short and seldom changes, so that it can be compared.
//! Source: AWS Managed Policy Reference Guide, one page a policy.
use super::names::text;
use super::{Guard, Piece, Place};
use crate::template::Value;

/// Name behind `:aws:policy/`, effect and actions, on all resources.
const KNOWN: [(&str, &str, &[&str]); 11] = [
    ("AWSDenyAll", "Deny", &["*"]),
    (
        "AWSXRayDaemonWriteAccess",
        "Allow",
        &[
            "xray:GetSamplingRules",
            "xray:GetSamplingStatisticSummaries",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ],
    ),
    ("AdministratorAccess", "Allow", &["*"]),
    (
        "AmazonS3FullAccess",
        "Allow",
        &["s3-object-lambda:*", "s3:*"],
    ),
    (
        "AmazonS3ReadOnlyAccess",
        "Allow",
        &[
            "s3-object-lambda:Get*",
            "s3-object-lambda:List*",
            "s3:Describe*",
            "s3:Get*",
            "s3:List*",
        ],
    ),
    (
        "service-role/AWSLambdaBasicExecutionRole",
        "Allow",
        &[
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    (
        "service-role/AWSLambdaDynamoDBExecutionRole",
        "Allow",
        &[
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    (
        "service-role/AWSLambdaKinesisExecutionRole",
        "Allow",
        &[
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
            "kinesis:ListStreams",
            "kinesis:SubscribeToShard",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    (
        "service-role/AWSLambdaSQSQueueExecutionRole",
        "Allow",
        &[
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
    ),
    (
        "service-role/AWSLambdaVPCAccessExecutionRole",
        "Allow",
        &[
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
    (
        "service-role/AmazonECSTaskExecutionRolePolicy",
        "Allow",
        &[
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetAuthorizationToken",
            "ecr:GetDownloadUrlForLayer",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
];

/// A managed policy that is not the template's own: with its text where that is known here, else by its name.
pub(super) fn outside(at: &Place<'_>, name: &Value, guard: Guard, path: String) -> Piece {
    match document(name) {
        Some(document) => Piece {
            guard,
            policy: at.written(&format!("managed policy {}", text(name)), path, document),
        },
        None => at.named(name.clone(), guard),
    }
}

fn document(arn: &Value) -> Option<Value> {
    let Value::String(arn) = arn else { return None };
    let (_, name) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    let (_, effect, actions) = KNOWN.iter().find(|(known, ..)| *known == name)?;
    let statement = [
        ("Effect", Value::string(*effect)),
        (
            "Action",
            Value::List(
                actions
                    .iter()
                    .map(|action| Value::string(*action))
                    .collect(),
            ),
        ),
        ("Resource", Value::string("*")),
    ];
    let statement = statement
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    Some(Value::Map(
        [
            ("Version".to_owned(), Value::string("2012-10-17")),
            (
                "Statement".to_owned(),
                Value::List(vec![Value::Map(statement)]),
            ),
        ]
        .into(),
    ))
}
