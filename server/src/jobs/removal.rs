//! What becomes of each live resource when its stack is deleted.
use domain::change::ResourceRemoval;
use domain::stack::LiveResource;
use domain::template::{DeletionPolicy, Resolved};

/// Lists every live resource with its deletion policy, sorted by name. `template` is the live
/// stack's own; none for a stack that has none yet.
pub(super) fn removals(
    live: Vec<LiveResource>,
    template: Option<&Resolved>,
) -> Vec<ResourceRemoval> {
    let mut removals: Vec<_> = live
        .into_iter()
        .map(|resource| {
            let declared = template
                .and_then(|template| template.resources.get(&resource.logical_id))
                .and_then(|resource| resource.deletion_policy);
            let policy = declared.unwrap_or_else(|| by_default(&resource.resource_type));
            ResourceRemoval {
                loses_data: policy == DeletionPolicy::Delete && holds_data(&resource.resource_type),
                deletion_policy: word(policy).to_owned(),
                logical_id: resource.logical_id,
                physical_id: resource.physical_id,
                resource_type: resource.resource_type,
            }
        })
        .collect();
    removals.sort_by(|a, b| a.logical_id.cmp(&b.logical_id));
    removals
}

/// What happens where the template says nothing (CloudFormation User Guide, "DeletionPolicy attribute").
/// An instance of a cluster keeps no data of its own, but is called by the safer word too.
fn by_default(resource_type: &str) -> DeletionPolicy {
    match resource_type {
        "AWS::RDS::DBCluster" | "AWS::RDS::DBInstance" => DeletionPolicy::Snapshot,
        _ => DeletionPolicy::Delete,
    }
}

fn word(policy: DeletionPolicy) -> &'static str {
    match policy {
        DeletionPolicy::Delete => "Delete",
        DeletionPolicy::Retain => "Retain",
        DeletionPolicy::RetainExceptOnCreate => "RetainExceptOnCreate",
        DeletionPolicy::Snapshot => "Snapshot",
    }
}

/// Whether resources of this type hold something that nobody can make again: data, keys, logs, users.
fn holds_data(resource_type: &str) -> bool {
    matches!(
        resource_type,
        "AWS::Backup::BackupVault"
            | "AWS::Cassandra::Table"
            | "AWS::Cognito::UserPool"
            | "AWS::DAX::Cluster"
            | "AWS::DocDB::DBCluster"
            | "AWS::DocDB::DBInstance"
            | "AWS::DocDBElastic::Cluster"
            | "AWS::DSQL::Cluster"
            | "AWS::DynamoDB::GlobalTable"
            | "AWS::DynamoDB::Table"
            | "AWS::EC2::Instance"
            | "AWS::EC2::Volume"
            | "AWS::ECR::Repository"
            | "AWS::EFS::FileSystem"
            | "AWS::ElastiCache::CacheCluster"
            | "AWS::ElastiCache::ReplicationGroup"
            | "AWS::ElastiCache::ServerlessCache"
            | "AWS::Events::Archive"
            | "AWS::FSx::FileSystem"
            | "AWS::FSx::Volume"
            | "AWS::Kinesis::Stream"
            | "AWS::KinesisVideo::Stream"
            | "AWS::KMS::Key"
            | "AWS::KMS::ReplicaKey"
            | "AWS::Logs::LogGroup"
            | "AWS::Logs::LogStream"
            | "AWS::MemoryDB::Cluster"
            | "AWS::MSK::Cluster"
            | "AWS::MSK::ServerlessCluster"
            | "AWS::Neptune::DBCluster"
            | "AWS::Neptune::DBInstance"
            | "AWS::OpenSearchServerless::Collection"
            | "AWS::OpenSearchService::Domain"
            | "AWS::QLDB::Ledger"
            | "AWS::RDS::DBCluster"
            | "AWS::RDS::DBInstance"
            | "AWS::Redshift::Cluster"
            | "AWS::RedshiftServerless::Namespace"
            | "AWS::S3::Bucket"
            | "AWS::S3Express::DirectoryBucket"
            | "AWS::S3Tables::Table"
            | "AWS::S3Tables::TableBucket"
            | "AWS::SecretsManager::Secret"
            | "AWS::SQS::Queue"
            | "AWS::SSM::Parameter"
            | "AWS::Timestream::Database"
            | "AWS::Timestream::Table"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::template::{Context, parse, resolve};

    #[test]
    fn each_resource_has_its_policy_and_what_is_lost() {
        let source = "Resources:\n  Kept: {Type: 'AWS::S3::Bucket', DeletionPolicy: Retain}\n  Lost: {Type: 'AWS::S3::Bucket'}\n  \
                      Rule: {Type: 'AWS::Events::Rule'}\n  Database: {Type: 'AWS::RDS::DBInstance'}\n";
        let template = parse("t.yaml", source).unwrap();
        let resolved = resolve(&template, &Context::new("111111111111", "eu-west-1", "s")).unwrap();
        let live = resolved
            .resources
            .iter()
            .map(|(name, resource)| LiveResource {
                logical_id: name.clone(),
                physical_id: format!("{name}-1"),
                resource_type: resource.kind.clone(),
                status: "CREATE_COMPLETE".into(),
            })
            .collect();
        let words: Vec<_> = removals(live, Some(&resolved))
            .into_iter()
            .map(|removal| {
                format!(
                    "{} {} {}",
                    removal.logical_id, removal.deletion_policy, removal.loses_data
                )
            })
            .collect();
        assert_eq!(
            words,
            [
                "Database Snapshot false",
                "Kept Retain false",
                "Lost Delete true",
                "Rule Delete false"
            ]
        );
    }
}
