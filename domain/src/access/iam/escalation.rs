//! Known ways from one permission to others.
//!
//! Facts gathered from Rhino Security Labs, "AWS IAM privilege escalation: methods and mitigation";
//! the checks of Principal Mapper (PMapper); the pathfinding.cloud catalogue; the IAM User Guide,
//! "Granting a user permissions to pass a role to an AWS service"; and each service's page in the
//! Service Authorization Reference.
use crate::access::Escalation;

/// What a change does to single actions.
pub(super) trait Ask {
    /// Is the action allowed after the change, on some resource and under some conditions, where it was not before?
    fn gains(&mut self, action: &str) -> bool;
    /// Is the action allowed after the change on some resource and under some conditions?
    fn may(&mut self, action: &str) -> bool;
    /// Is the action allowed on this resource after the change, under some conditions, where it was not before?
    fn gains_on(&mut self, action: &str, resource: &str) -> bool;
}

/// The ways that a change opens, in the order of their names: all actions of the way are allowed
/// after it, and one of them at least where it was not allowed before.
pub(super) fn escalations(asks: &mut dyn Ask) -> Vec<Escalation> {
    let mut gained: Vec<Escalation> = WAYS
        .iter()
        .filter(|way| way.is_gained(asks))
        .map(Way::escalation)
        .collect();
    if asks.gains_on("sts:AssumeRole", ROLE_THAT_NO_POLICY_NAMES) {
        gained.push(ASSUME_ANY_ROLE.escalation());
    }
    gained.sort();
    gained
}

/// Whoever may take this on may take on every role that trusts them.
const ROLE_THAT_NO_POLICY_NAMES: &str = "arn:aws:iam::000000000000:role/named-by-no-policy";

const ASSUME_ANY_ROLE: Way = Way {
    name: "assume-any-role",
    actions: &["sts:AssumeRole"],
    words: "take on every role that trusts them or their account",
};

/// One way: who may do all these actions can get what they were not given.
struct Way {
    /// Short and stable; kept in plans.
    name: &'static str,
    actions: &'static [&'static str],
    words: &'static str,
}

impl Way {
    /// Asks for what is new first: most changes bring little.
    fn is_gained(&self, asks: &mut dyn Ask) -> bool {
        self.actions.iter().any(|action| asks.gains(action))
            && self.actions.iter().all(|action| asks.may(action))
    }

    fn escalation(&self) -> Escalation {
        Escalation {
            name: self.name.to_owned(),
            words: self.words.to_owned(),
        }
    }
}

#[rustfmt::skip]
const WAYS: &[Way] = &[
    // What identities may do, and who they are.
    Way { name: "create-policy-version", actions: &["iam:CreatePolicyVersion"], words: "write a new version of a managed policy, also of one they hold" },
    Way { name: "set-default-policy-version", actions: &["iam:SetDefaultPolicyVersion"], words: "bring back another version of a managed policy, also of one they hold" },
    Way { name: "attach-user-policy", actions: &["iam:AttachUserPolicy"], words: "attach any managed policy to a user, also to themselves" },
    Way { name: "attach-group-policy", actions: &["iam:AttachGroupPolicy"], words: "attach any managed policy to a group, also to one of theirs" },
    Way { name: "attach-role-policy", actions: &["iam:AttachRolePolicy"], words: "attach any managed policy to a role, also to one of theirs" },
    Way { name: "put-user-policy", actions: &["iam:PutUserPolicy"], words: "write a policy into a user, also into themselves" },
    Way { name: "put-group-policy", actions: &["iam:PutGroupPolicy"], words: "write a policy into a group, also into one of theirs" },
    Way { name: "put-role-policy", actions: &["iam:PutRolePolicy"], words: "write a policy into a role, also into one of theirs" },
    Way { name: "detach-user-policy", actions: &["iam:DetachUserPolicy"], words: "take away from a user a managed policy that denies" },
    Way { name: "detach-group-policy", actions: &["iam:DetachGroupPolicy"], words: "take away from a group a managed policy that denies" },
    Way { name: "detach-role-policy", actions: &["iam:DetachRolePolicy"], words: "take away from a role a managed policy that denies" },
    Way { name: "delete-user-policy", actions: &["iam:DeleteUserPolicy"], words: "delete a user's policy that denies" },
    Way { name: "delete-group-policy", actions: &["iam:DeleteGroupPolicy"], words: "delete a group's policy that denies" },
    Way { name: "delete-role-policy", actions: &["iam:DeleteRolePolicy"], words: "delete a role's policy that denies" },
    Way { name: "add-user-to-group", actions: &["iam:AddUserToGroup"], words: "join any group" },
    Way { name: "remove-user-from-group", actions: &["iam:RemoveUserFromGroup"], words: "leave a group whose policies deny" },
    Way { name: "create-access-key", actions: &["iam:CreateAccessKey"], words: "make access keys of other users" },
    Way { name: "create-login-profile", actions: &["iam:CreateLoginProfile"], words: "set a first password of other users and sign in as them" },
    Way { name: "update-login-profile", actions: &["iam:UpdateLoginProfile"], words: "set a new password of other users and sign in as them" },
    Way { name: "create-service-credential", actions: &["iam:CreateServiceSpecificCredential"], words: "make other users' credentials for single services" },
    Way { name: "reset-service-credential", actions: &["iam:ResetServiceSpecificCredential"], words: "set anew other users' credentials for single services" },
    Way { name: "deactivate-mfa", actions: &["iam:DeactivateMFADevice"], words: "switch off other users' second factor" },
    Way { name: "update-assume-role-policy", actions: &["iam:UpdateAssumeRolePolicy"], words: "let anyone take on a role, also themselves" },
    Way { name: "delete-role-boundary", actions: &["iam:DeleteRolePermissionsBoundary"], words: "take away a role's permissions boundary" },
    Way { name: "put-role-boundary", actions: &["iam:PutRolePermissionsBoundary"], words: "give a role a wider permissions boundary" },
    Way { name: "delete-user-boundary", actions: &["iam:DeleteUserPermissionsBoundary"], words: "take away a user's permissions boundary" },
    Way { name: "put-user-boundary", actions: &["iam:PutUserPermissionsBoundary"], words: "give a user a wider permissions boundary" },
    Way { name: "update-saml-provider", actions: &["iam:UpdateSAMLProvider"], words: "sign in as whomever roles trust through a SAML provider" },
    Way { name: "update-oidc-provider", actions: &["iam:AddClientIDToOpenIDConnectProvider"], words: "let another application sign in through an OpenID provider that roles trust" },
    Way { name: "assume-root", actions: &["sts:AssumeRoot"], words: "act as the root of member accounts" },
    Way { name: "put-permission-set-policy", actions: &["sso:PutInlinePolicyToPermissionSet"], words: "write a policy into a permission set, also into one of theirs" },
    Way { name: "attach-permission-set-policy", actions: &["sso:AttachManagedPolicyToPermissionSet"], words: "attach any managed policy to a permission set, also to one of theirs" },
    Way { name: "attach-permission-set-customer-policy", actions: &["sso:AttachCustomerManagedPolicyReferenceToPermissionSet"], words: "attach an account's own policy to a permission set, also to one of theirs" },
    Way { name: "delete-permission-set-boundary", actions: &["sso:DeletePermissionsBoundaryFromPermissionSet"], words: "take away a permission set's permissions boundary" },
    Way { name: "create-account-assignment", actions: &["sso:CreateAccountAssignment"], words: "give anyone, also themselves, a permission set in any account" },

    // A role handed to a service that runs what it is told.
    Way { name: "pass-role-to-lambda", actions: &["iam:PassRole", "lambda:CreateFunction"], words: "create a function that runs with a role that it is given" },
    Way { name: "pass-role-to-running-lambda", actions: &["iam:PassRole", "lambda:UpdateFunctionConfiguration"], words: "give a function another role" },
    Way { name: "pass-role-to-ec2", actions: &["iam:PassRole", "ec2:RunInstances"], words: "start an instance with a role that it is given" },
    Way { name: "pass-role-to-spot-ec2", actions: &["iam:PassRole", "ec2:RequestSpotInstances"], words: "start a spot instance with a role that it is given" },
    Way { name: "pass-role-to-running-ec2", actions: &["iam:PassRole", "ec2:AssociateIamInstanceProfile"], words: "give a running instance a role" },
    Way { name: "pass-role-to-other-ec2", actions: &["iam:PassRole", "ec2:ReplaceIamInstanceProfileAssociation"], words: "give a running instance another role" },
    Way { name: "pass-role-to-auto-scaling", actions: &["iam:PassRole", "autoscaling:CreateLaunchConfiguration"], words: "let instances start with a role that they are given" },
    Way { name: "pass-role-to-launch-template", actions: &["iam:PassRole", "ec2:CreateLaunchTemplateVersion"], words: "let instances of a launch template start with another role" },
    Way { name: "pass-role-to-ecs", actions: &["iam:PassRole", "ecs:RegisterTaskDefinition"], words: "define a task that runs with a role that it is given" },
    Way { name: "pass-role-to-ecs-task", actions: &["iam:PassRole", "ecs:RunTask"], words: "run a task with another role than its definition names" },
    Way { name: "pass-role-to-batch", actions: &["iam:PassRole", "batch:RegisterJobDefinition"], words: "define a batch job that runs with a role that it is given" },
    Way { name: "pass-role-to-glue-endpoint", actions: &["iam:PassRole", "glue:CreateDevEndpoint"], words: "open a development endpoint that works with a role that it is given" },
    Way { name: "pass-role-to-glue-job", actions: &["iam:PassRole", "glue:CreateJob"], words: "create a Glue job that runs with a role that it is given" },
    Way { name: "pass-role-to-running-glue-job", actions: &["iam:PassRole", "glue:UpdateJob"], words: "change a Glue job and the role it runs with" },
    Way { name: "pass-role-to-glue-session", actions: &["iam:PassRole", "glue:CreateSession"], words: "open a Glue session that works with a role that it is given" },
    Way { name: "pass-role-to-stack", actions: &["iam:PassRole", "cloudformation:CreateStack"], words: "create a stack that makes resources with a role that it is given" },
    Way { name: "pass-role-to-stack-update", actions: &["iam:PassRole", "cloudformation:UpdateStack"], words: "update a stack with a role that it is given" },
    Way { name: "pass-role-to-change-set", actions: &["iam:PassRole", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"], words: "run a change set with a role that it is given" },
    Way { name: "pass-role-to-stack-set", actions: &["iam:PassRole", "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"], words: "create stacks in other accounts with a role that they are given" },
    Way { name: "pass-role-to-stack-set-update", actions: &["iam:PassRole", "cloudformation:UpdateStackSet"], words: "change stacks in other accounts with a role that they are given" },
    Way { name: "pass-role-to-codebuild", actions: &["iam:PassRole", "codebuild:CreateProject"], words: "create a build that runs with a role that it is given" },
    Way { name: "pass-role-to-running-codebuild", actions: &["iam:PassRole", "codebuild:UpdateProject"], words: "give a build another role" },
    Way { name: "pass-role-to-codepipeline", actions: &["iam:PassRole", "codepipeline:CreatePipeline"], words: "create a pipeline that works with a role that it is given" },
    Way { name: "pass-role-to-running-codepipeline", actions: &["iam:PassRole", "codepipeline:UpdatePipeline"], words: "change a pipeline and the role it works with" },
    Way { name: "pass-role-to-sagemaker-notebook", actions: &["iam:PassRole", "sagemaker:CreateNotebookInstance"], words: "open a notebook that works with a role that it is given" },
    Way { name: "pass-role-to-sagemaker-training", actions: &["iam:PassRole", "sagemaker:CreateTrainingJob"], words: "train a model with a role that the job is given" },
    Way { name: "pass-role-to-sagemaker-processing", actions: &["iam:PassRole", "sagemaker:CreateProcessingJob"], words: "process data with a role that the job is given" },
    Way { name: "pass-role-to-data-pipeline", actions: &["iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"], words: "define a data pipeline that runs commands with a role that it is given" },
    Way { name: "pass-role-to-step-functions", actions: &["iam:PassRole", "states:CreateStateMachine"], words: "create a state machine that calls AWS with a role that it is given" },
    Way { name: "pass-role-to-running-step-functions", actions: &["iam:PassRole", "states:UpdateStateMachine"], words: "give a state machine another role" },
    Way { name: "pass-role-to-eks-pod", actions: &["iam:PassRole", "eks:CreatePodIdentityAssociation"], words: "give pods a role" },
    Way { name: "pass-role-to-running-eks-pod", actions: &["iam:PassRole", "eks:UpdatePodIdentityAssociation"], words: "give pods another role" },
    Way { name: "pass-role-to-eks-nodes", actions: &["iam:PassRole", "eks:CreateNodegroup"], words: "add nodes to a cluster with a role that they are given" },
    Way { name: "pass-role-to-emr", actions: &["iam:PassRole", "elasticmapreduce:RunJobFlow"], words: "start an EMR cluster with a role that it is given" },
    Way { name: "pass-role-to-emr-serverless", actions: &["iam:PassRole", "emr-serverless:StartJobRun"], words: "run an EMR job with a role that it is given" },
    Way { name: "pass-role-to-app-runner", actions: &["iam:PassRole", "apprunner:CreateService"], words: "start a service that runs with a role that it is given" },
    Way { name: "pass-role-to-running-app-runner", actions: &["iam:PassRole", "apprunner:UpdateService"], words: "give a running service another role" },
    Way { name: "pass-role-to-scheduler", actions: &["iam:PassRole", "scheduler:CreateSchedule"], words: "call AWS on a schedule with a role that it is given" },
    Way { name: "pass-role-to-event-rule", actions: &["iam:PassRole", "events:PutTargets"], words: "call targets of an event rule with a role that it is given" },
    Way { name: "pass-role-to-pipe", actions: &["iam:PassRole", "pipes:CreatePipe"], words: "call the target of a pipe with a role that it is given" },
    Way { name: "pass-role-to-ssm-automation", actions: &["iam:PassRole", "ssm:StartAutomationExecution"], words: "run an automation with a role that it is given" },
    Way { name: "pass-role-to-image-builder", actions: &["iam:PassRole", "imagebuilder:CreateInfrastructureConfiguration"], words: "build images on instances with a role that they are given" },
    Way { name: "pass-role-to-gamelift", actions: &["iam:PassRole", "gamelift:CreateFleet"], words: "start a fleet that runs with a role that it is given" },
    Way { name: "pass-role-to-flink", actions: &["iam:PassRole", "kinesisanalytics:CreateApplication"], words: "create a Flink application that runs with a role that it is given" },
    Way { name: "pass-role-to-airflow", actions: &["iam:PassRole", "airflow:CreateEnvironment"], words: "create an Airflow environment that works with a role that it is given" },
    Way { name: "pass-role-to-bedrock-code-interpreter", actions: &["iam:PassRole", "bedrock-agentcore:CreateCodeInterpreter"], words: "create a code interpreter that runs with a role that it is given" },
    Way { name: "pass-role-to-bedrock-agent-runtime", actions: &["iam:PassRole", "bedrock-agentcore:CreateAgentRuntime"], words: "run an agent's code with a role that it is given" },
    Way { name: "pass-role-to-iot-credentials", actions: &["iam:PassRole", "iot:CreateRoleAlias"], words: "let devices take on a role" },
    Way { name: "pass-role-to-roles-anywhere", actions: &["iam:PassRole", "rolesanywhere:CreateProfile"], words: "let machines outside AWS take on a role" },
    Way { name: "pass-role-to-identity-pool", actions: &["iam:PassRole", "cognito-identity:SetIdentityPoolRoles"], words: "let those who sign in to an identity pool take on a role" },
    Way { name: "pass-role-to-s3-batch", actions: &["iam:PassRole", "s3:CreateJob"], words: "work on objects with a role that the job is given" },
    Way { name: "pass-role-to-transfer", actions: &["iam:PassRole", "transfer:CreateUser"], words: "reach files with a role that a transfer user is given" },

    // What runs already, told to do something else.
    Way { name: "update-function-code", actions: &["lambda:UpdateFunctionCode"], words: "run their own code with a function's role" },
    Way { name: "update-function-layers", actions: &["lambda:UpdateFunctionConfiguration"], words: "run their own code with a function's role, through layers or settings" },
    Way { name: "invoke-through-permission", actions: &["lambda:AddPermission"], words: "let anyone call a function" },
    Way { name: "update-glue-endpoint", actions: &["glue:UpdateDevEndpoint"], words: "sign in to a development endpoint and work with its role" },
    Way { name: "change-instance-start", actions: &["ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"], words: "run their own start script with an instance's role" },
    Way { name: "instance-connect", actions: &["ec2-instance-connect:SendSSHPublicKey"], words: "sign in to instances and work with their roles" },
    Way { name: "serial-console", actions: &["ec2-instance-connect:SendSerialConsoleSSHPublicKey"], words: "sign in to instances at the serial console and work with their roles" },
    Way { name: "ssm-send-command", actions: &["ssm:SendCommand"], words: "run commands on instances with their roles" },
    Way { name: "ssm-start-session", actions: &["ssm:StartSession"], words: "sign in to instances and work with their roles" },
    Way { name: "ssm-create-association", actions: &["ssm:CreateAssociation"], words: "run commands on instances, again and again, with their roles" },
    Way { name: "ecs-execute-command", actions: &["ecs:ExecuteCommand"], words: "run commands in tasks with their roles" },
    Way { name: "start-build", actions: &["codebuild:StartBuild"], words: "run their own commands with a build's role" },
    Way { name: "start-build-batch", actions: &["codebuild:StartBuildBatch"], words: "run their own commands with a build's role" },
    Way { name: "update-stack", actions: &["cloudformation:UpdateStack"], words: "change resources with the role that a stack keeps" },
    Way { name: "run-change-set", actions: &["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"], words: "change resources with the role that a stack keeps" },
    Way { name: "update-state-machine", actions: &["states:UpdateStateMachine"], words: "call AWS with a state machine's role" },
    Way { name: "open-notebook", actions: &["sagemaker:CreatePresignedNotebookInstanceUrl"], words: "open a notebook and work with its role" },
    Way { name: "open-studio", actions: &["sagemaker:CreatePresignedDomainUrl"], words: "open someone's SageMaker studio and work with its role" },
    Way { name: "invoke-code-interpreter", actions: &["bedrock-agentcore:InvokeCodeInterpreter"], words: "run code with a code interpreter's role" },
    Way { name: "eks-access-policy", actions: &["eks:CreateAccessEntry", "eks:AssociateAccessPolicy"], words: "administer a cluster and work with its pods' roles" },

    // What resources let others do.
    Way { name: "put-key-policy", actions: &["kms:PutKeyPolicy"], words: "let anyone use a key, also themselves" },
    Way { name: "create-grant", actions: &["kms:CreateGrant"], words: "let others use a key" },
    Way { name: "put-bucket-policy", actions: &["s3:PutBucketPolicy"], words: "let anyone reach a bucket, also themselves" },
    Way { name: "delete-bucket-policy", actions: &["s3:DeleteBucketPolicy"], words: "take away a bucket's policy that denies" },
    Way { name: "put-access-point-policy", actions: &["s3:PutAccessPointPolicy"], words: "let anyone reach a bucket through an access point" },
    Way { name: "put-bucket-acl", actions: &["s3:PutBucketAcl"], words: "let other accounts or everyone reach a bucket" },
    Way { name: "put-bucket-public-access-block", actions: &["s3:PutBucketPublicAccessBlock"], words: "take away what keeps a bucket from being public" },
    Way { name: "set-queue-attributes", actions: &["sqs:SetQueueAttributes"], words: "let anyone use a queue" },
    Way { name: "add-queue-permission", actions: &["sqs:AddPermission"], words: "let other accounts use a queue" },
    Way { name: "set-topic-attributes", actions: &["sns:SetTopicAttributes"], words: "let anyone use a topic" },
    Way { name: "add-topic-permission", actions: &["sns:AddPermission"], words: "let other accounts use a topic" },
    Way { name: "put-secret-policy", actions: &["secretsmanager:PutResourcePolicy"], words: "let anyone read a secret" },
    Way { name: "set-repository-policy", actions: &["ecr:SetRepositoryPolicy"], words: "let anyone read or replace images" },
    Way { name: "put-table-policy", actions: &["dynamodb:PutResourcePolicy"], words: "let anyone reach a table" },
    Way { name: "put-catalog-policy", actions: &["glue:PutResourcePolicy"], words: "let other accounts reach the data catalog" },
    Way { name: "put-vault-policy", actions: &["backup:PutBackupVaultAccessPolicy"], words: "let anyone reach the backups of a vault" },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// What a made-up change allows.
    #[derive(Default)]
    struct Change {
        allowed: &'static [&'static str],
        new: &'static [&'static str],
        everywhere: bool,
    }

    impl Ask for Change {
        fn gains(&mut self, action: &str) -> bool {
            self.new.contains(&action)
        }

        fn may(&mut self, action: &str) -> bool {
            self.allowed.contains(&action) || self.new.contains(&action)
        }

        fn gains_on(&mut self, action: &str, _resource: &str) -> bool {
            self.everywhere && self.gains(action)
        }
    }

    fn names(mut change: Change) -> Vec<String> {
        let gained = escalations(&mut change);
        gained.into_iter().map(|way| way.name).collect()
    }

    #[test]
    fn nothing_new_is_no_way() {
        let change = Change {
            allowed: &[
                "iam:PassRole",
                "lambda:CreateFunction",
                "iam:CreateAccessKey",
            ],
            ..Change::default()
        };
        assert!(names(change).is_empty());
    }

    #[test]
    fn the_last_step_opens_a_way() {
        for (allowed, new) in [
            (&["iam:PassRole"], &["lambda:CreateFunction"]),
            (&["lambda:CreateFunction"], &["iam:PassRole"]),
        ] {
            let change = Change {
                allowed,
                new,
                everywhere: false,
            };
            assert_eq!(names(change), ["pass-role-to-lambda"]);
        }
    }

    #[test]
    fn a_step_alone_is_no_way() {
        let change = Change {
            new: &[
                "iam:PassRole",
                "datapipeline:CreatePipeline",
                "ec2:StopInstances",
            ],
            ..Change::default()
        };
        assert!(names(change).is_empty());
    }

    #[test]
    fn several_ways_come_in_order() {
        let change = Change {
            allowed: &["iam:PassRole"],
            new: &["ssm:SendCommand", "iam:AttachRolePolicy", "glue:CreateJob"],
            everywhere: false,
        };
        let expected = [
            "attach-role-policy",
            "pass-role-to-glue-job",
            "ssm-send-command",
        ];
        assert_eq!(names(change), expected);
    }

    #[test]
    fn some_roles_are_not_every_role() {
        let change = |everywhere| Change {
            new: &["sts:AssumeRole"],
            everywhere,
            ..Change::default()
        };
        assert!(names(change(false)).is_empty());
        assert_eq!(names(change(true)), ["assume-any-role"]);
    }

    #[test]
    fn names_are_short_and_unique_and_actions_well_formed() {
        let mut seen = BTreeSet::new();
        for way in WAYS.iter().chain([&ASSUME_ANY_ROLE]) {
            assert!(seen.insert(way.name), "{} stands twice", way.name);
            let plain = |letter: char| {
                letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-'
            };
            assert!(
                way.name.chars().all(plain) && way.name.len() < 40,
                "{}",
                way.name
            );
            assert!(
                !way.words.is_empty() && !way.actions.is_empty(),
                "{}",
                way.name
            );
            for action in way.actions {
                let (service, call) = action.split_once(':').unwrap_or_default();
                assert!(
                    !service.is_empty() && service.chars().all(plain),
                    "{action}"
                );
                assert!(
                    call.starts_with(|letter: char| letter.is_ascii_uppercase()),
                    "{action}"
                );
                assert!(
                    call.chars().all(|letter| letter.is_ascii_alphanumeric()),
                    "{action}"
                );
            }
        }
    }
}
