"""A Lambda function as it stands in a blueprint's template, to be called by a test."""

import os
import sys
import types
from pathlib import Path
from unittest import mock

from cfnlint.decode import cfn_yaml

_BLUEPRINTS = Path(__file__).parents[2] / "blueprints"
_templates: dict = {}


def function(blueprint: str, name: str, client, **environment: str):
    """The module of the function's code, with its `handler`; `client` stands in for boto3's, which Lambda's runtime
    brings along."""
    if blueprint not in _templates:
        _templates[blueprint] = cfn_yaml.load(str(_BLUEPRINTS / blueprint / "template.yaml"))
    code = _templates[blueprint]["Resources"][name]["Properties"]["Code"]["ZipFile"]
    boto3 = types.ModuleType("boto3")
    boto3.client = client
    module = types.ModuleType(name)
    with mock.patch.dict(sys.modules, boto3=boto3), mock.patch.dict(os.environ, environment):
        exec(compile(code, name, "exec"), module.__dict__)
    return module
