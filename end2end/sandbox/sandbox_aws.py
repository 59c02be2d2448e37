"""A local AWS for Gatehouse: MiniStack, made to check and refuse what AWS checks and refuses.

Run it as `AUTH=true BIND_HOST=127.0.0.1 GATEWAY_PORT=… PERSIST_STATE=1 STATE_DIR=… python sandbox_aws.py`.
A 12-digit access key id is the root of that account. `SANDBOX_RESOURCE_SECONDS` is how long each
resource takes (default 0.3). faults.py tells how to make it fail.
"""

import authorization
import change_sets
import databases
import dynamodb_tables
import extra_types
import faults
import interrupted
import load_balancers
import network_firewall
import network_parts
import provisioning
import registered_types
import scaling
import stack_rules
from ministack import app as ministack


def main() -> None:
    authorization.install()
    change_sets.install()
    databases.install()
    dynamodb_tables.install()
    extra_types.install()
    interrupted.install()
    load_balancers.install()
    network_firewall.install()
    network_parts.install()
    provisioning.install()
    registered_types.install()
    scaling.install()
    stack_rules.install()
    ministack.app = faults.wrap(ministack.app)
    ministack.main()


if __name__ == "__main__":
    main()
