"""Prepares the local AWS as a real one would be: a portal account with a user that may only assume
the target accounts' roles, and three target accounts made with docs/roles/target-account.yaml.

Can be repeated: what is there stays, external ids and keys are made once for each data folder.
Writes the server's configuration file and the portal user's key into the data folder, then tries
that the roles open with the right external id and stay shut with a wrong one.

    prepare.py --endpoint http://127.0.0.1:4566 --data FOLDER --portal http://127.0.0.1:3000 --issuer http://127.0.0.1:9400 \
        --vetted customer-data-platform
"""

import argparse
import json
import os
import secrets
import sys
import time
from pathlib import Path

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "eu-west-1"
PORTAL_ACCOUNT = "999999999999"
PORTAL_USER = "gatehouse-portal"
# Not gatehouse-…: the roles must never reach the stack that made them.
ROLE_STACK = "portal-access"
ROLE_TEMPLATE = Path(__file__).parents[2] / "docs" / "roles" / "target-account.yaml"

ACCOUNTS = {
    "111111111111": ("dev", ["dev", "feature"]),
    "222222222222": ("staging", ["staging"]),
    "333333333333": ("prod", ["prod", "recovery"]),
}
STAGES = ["dev", "feature", "staging", "prod", "recovery"]
# Who approves among the people of dev-idp.mjs, so that each change says from the start who can.
MEMBERS = [
    ("approver", "Ari Approver", ["payments:developer", "payments:approver"]),
    ("second-approver", "Sam Second", ["payments:approver"]),
    ("logistics", "Lou Logistics", ["logistics:developer", "logistics:approver"]),
    ("security", "Sky Security", ["security"]),
    ("platform", "Pat Platform", ["platform"]),
]
TEAMS = {"payments": ("Payments", "CC-1001"), "logistics": ("Logistics", "CC-2002")}


class Local:
    """The local AWS, and the secret that goes with every account's root key there."""

    def __init__(self, endpoint: str, root_secret: str):
        self.endpoint = endpoint
        self.root_secret = root_secret
        self.session = botocore.session.Session()

    def client(self, service: str, key: str, secret: str, token: str | None = None):
        return self.session.create_client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(retries={"max_attempts": 2}, s3={"addressing_style": "path"}),
        )

    def as_root(self, service: str, account: str):
        """The local AWS takes a 12-digit access key id as the root of that account."""
        return self.client(service, account, self.root_secret)


def role(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/gatehouse-{name}"


def make_portal_user(aws: Local, kept: dict) -> None:
    iam = aws.as_root("iam", PORTAL_ACCOUNT)
    try:
        iam.create_user(UserName=PORTAL_USER)
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityAlreadyExists":
            raise
    iam.put_user_policy(
        UserName=PORTAL_USER,
        PolicyName="assume-target-roles",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Resource": [role(a, n) for a in ACCOUNTS for n in ("plan", "execute")],
                    }
                ],
            }
        ),
    )
    known = {k["AccessKeyId"] for k in iam.list_access_keys(UserName=PORTAL_USER)["AccessKeyMetadata"]}
    if kept.get("access-key-id") in known:
        return
    for stale in known:
        iam.delete_access_key(UserName=PORTAL_USER, AccessKeyId=stale)
    made = iam.create_access_key(UserName=PORTAL_USER)["AccessKey"]
    kept["access-key-id"], kept["secret-access-key"] = made["AccessKeyId"], made["SecretAccessKey"]


def status_of(cloudformation) -> str | None:
    """The role stack's status; None when there is no such stack."""
    try:
        return cloudformation.describe_stacks(StackName=ROLE_STACK)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def settled(cloudformation) -> str | None:
    """The role stack's status once no operation runs on it."""
    deadline = time.monotonic() + 120
    while (status := status_of(cloudformation)) and status.endswith("IN_PROGRESS"):
        if time.monotonic() > deadline:
            sys.exit(f"the stack {ROLE_STACK} is still {status} after two minutes")
        time.sleep(0.1)
    return status


def deploy_roles(aws: Local, account: str, external_id: str) -> None:
    """Starts making or updating the account's role stack; `finish_roles` waits for it."""
    cloudformation = aws.as_root("cloudformation", account)
    asked = {
        "StackName": ROLE_STACK,
        "TemplateBody": ROLE_TEMPLATE.read_text(),
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Parameters": [
            {"ParameterKey": "PortalPrincipalArn", "ParameterValue": f"arn:aws:iam::{PORTAL_ACCOUNT}:user/{PORTAL_USER}"},
            {"ParameterKey": "ExternalId", "ParameterValue": external_id},
        ],
    }
    status = settled(cloudformation)
    if status == "ROLLBACK_COMPLETE":
        # A stack whose creation failed takes no update.
        cloudformation.delete_stack(StackName=ROLE_STACK)
        status = settled(cloudformation)
    if status is None or status == "DELETE_COMPLETE":
        cloudformation.create_stack(**asked)
        return
    try:
        cloudformation.update_stack(**asked)
    except ClientError as unchanged:
        if "No updates are to be performed" not in str(unchanged):
            raise


def finish_roles(aws: Local, account: str) -> None:
    cloudformation = aws.as_root("cloudformation", account)
    status = settled(cloudformation)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        events = cloudformation.describe_stack_events(StackName=ROLE_STACK)["StackEvents"]
        reasons = [f"  {e['LogicalResourceId']}: {e['ResourceStatusReason']}" for e in events if e.get("ResourceStatusReason")]
        sys.exit(f"account {account}: the roles of {ROLE_TEMPLATE} ended in {status}\n" + "\n".join(reasons))
    # The local AWS speaks plain http, on loopback only, so a rule that asks for TLS would shut its only door.
    aws.as_root("s3", account).delete_bucket_policy(Bucket=bucket(account))


def bucket(account: str) -> str:
    return f"gatehouse-artifacts-{account}-{REGION}"


def configuration(portal: str, issuer: str, vetted: list[str], external_ids: dict[str, str]) -> str:
    """The server's configuration file; docs/roles/README.md says the same for a real account."""

    def block(header: str, /, **settings) -> str:
        # JSON's strings and lists of strings are TOML too.
        return f"\n{header}\n" + "".join(f"{k.replace('_', '-')} = {json.dumps(v)}\n" for k, v in settings.items())

    text = "# Written by end2end/sandbox/prepare.py for the local AWS and the local identity provider.\n"
    text += f"vetted-blueprints = {json.dumps(vetted)}\n"
    text += block("[portal]", address=portal)
    text += block(
        "[sign-in]",
        issuer=issuer,
        client_id="gatehouse",
        scopes=["openid", "profile", "email", "groups"],
        groups_claim="groups",
    )
    for team in TEAMS:
        text += block("[[sign-in.role]]", value=f"{team}:developer", role="developer", team=team)
        text += block("[[sign-in.role]]", value=f"{team}:approver", role="approver", team=team, stages=STAGES)
    for everywhere in ("security", "platform", "auditor"):
        text += block("[[sign-in.role]]", value=everywhere, role=everywhere)
    for subject, name, groups in MEMBERS:
        text += block("[[member]]", subject=subject, name=name, groups=groups)
    for team, (title, cost_centre) in TEAMS.items():
        text += block("[[team]]", name=team, title=title, cost_centre=cost_centre)
    for account, (name, stages) in ACCOUNTS.items():
        text += block(
            "[[account]]",
            id=account,
            name=name,
            stages=stages,
            region=REGION,
            plan_role=role(account, "plan"),
            execute_role=role(account, "execute"),
            service_role=role(account, "service"),
            permissions_boundary=f"arn:aws:iam::{account}:policy/gatehouse-boundary",
            external_id=external_ids[account],
            artifact_bucket=bucket(account),
        )
    return text


def refused(call) -> bool:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    return False


def try_roles(aws: Local, kept: dict) -> None:
    """Fails when a role is shut to the portal, or anything is open that should be shut."""
    key, secret = kept["access-key-id"], kept["secret-access-key"]
    sts = aws.client("sts", key, secret)
    wrong = []
    for account in ACCOUNTS:
        for name in ("plan", "execute"):
            ask = {
                "RoleArn": role(account, name),
                "RoleSessionName": "prepare",
                "SourceIdentity": "prepare",
                "Tags": [{"Key": "change", "Value": "CH-0"}],
            }
            try:
                sts.assume_role(**ask, ExternalId=kept["external-ids"][account])
            except ClientError as error:
                wrong.append(f"{ask['RoleArn']} can't be assumed with its external id: {error}")
            for why, more in (("a wrong external id", {"ExternalId": "wrong-" + secrets.token_hex(8)}), ("no external id", {})):
                if not refused(lambda: sts.assume_role(**ask, **more)):
                    wrong.append(f"{ask['RoleArn']} can be assumed with {why}")
        if not refused(lambda: sts.assume_role(RoleArn=role(account, "service"), RoleSessionName="prepare")):
            wrong.append(f"{role(account, 'service')} can be assumed by the portal's user")
    if not refused(lambda: aws.client("iam", key, secret).list_users()):
        wrong.append("the portal's user can list users")
    if not refused(lambda: aws.client("cloudformation", key, secret).describe_stacks()):
        wrong.append("the portal's user can read stacks without a role")
    if not refused(lambda: aws.client("s3", key, secret).list_objects_v2(Bucket=bucket("111111111111"))):
        wrong.append("the portal's user can read the artifact bucket without a role")
    if wrong:
        sys.exit("The prepared accounts are not as they should be:\n" + "\n".join(f"  {w}" for w in wrong))


def write(path: Path, text: str) -> None:
    """Whole or not at all, and for the owner's eyes only."""
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(path)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Prepare the local AWS for Gatehouse.")
    arguments.add_argument("--endpoint", required=True, help="where the local AWS listens")
    arguments.add_argument("--data", required=True, type=Path, help="the data folder")
    arguments.add_argument("--portal", required=True, help="the portal's address")
    arguments.add_argument("--issuer", required=True, help="the identity provider's address")
    arguments.add_argument("--vetted", required=True, nargs="+", help="blueprints that count as vetted")
    given = arguments.parse_args()

    aws = Local(given.endpoint, os.environ["SANDBOX_ROOT_SECRET"])
    store = given.data / "aws-access.json"
    kept = json.loads(store.read_text()) if store.exists() else {}
    external_ids = kept.setdefault("external-ids", {})
    for account in ACCOUNTS:
        external_ids.setdefault(account, secrets.token_urlsafe(24))
    write(store, json.dumps(kept, indent=2))

    make_portal_user(aws, kept)
    write(store, json.dumps(kept, indent=2))
    for account in ACCOUNTS:
        deploy_roles(aws, account, external_ids[account])
    for account in ACCOUNTS:
        finish_roles(aws, account)
    try_roles(aws, kept)

    write(given.data / "configuration.toml", configuration(given.portal, given.issuer, given.vetted, external_ids))
    write(
        given.data / "aws.env",
        f"AWS_ACCESS_KEY_ID={kept['access-key-id']}\nAWS_SECRET_ACCESS_KEY={kept['secret-access-key']}\n",
    )


if __name__ == "__main__":
    main()
