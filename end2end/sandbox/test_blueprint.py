"""What holds for every folder of blueprints, whatever is in it; each has a test of its own beside."""

import re
import unittest
from pathlib import Path

from blueprint_case import BLUEPRINTS, Blueprint, text
from cfnlint.schema._exceptions import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from ministack.services.cloudformation import language_extensions
from ministack.services.cloudformation.engine import _parse_template

REGION = "eu-west-1"
TAGS = {"service", "team", "stage", "environment", "cost-centre", "data-class", "blueprint", "release"}
# CloudFormation's own limits: a template in a bucket, the resources of a template.
MOST_BYTES, MOST_RESOURCES = 1_000_000, 500
_TESTS = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))


def takes_tags(resource_type: str) -> bool:
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema
    except (ResourceNotFoundError, KeyError):
        return False
    return schema["properties"].get("Tags", {}).get("type") == "array"


class EveryBlueprint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.blueprints = [Blueprint(folder.name) for folder in sorted(BLUEPRINTS.iterdir()) if folder.is_dir()]
        for blueprint in cls.blueprints:
            parsed = _parse_template(blueprint.template)
            defaults = {name: text(spec.get("Default", "")) for name, spec in parsed["Parameters"].items()}
            blueprint.parsed = language_extensions.apply(parsed, defaults)

    def test_has_a_test_that_deploys_it(self):
        for blueprint in self.blueprints:
            with self.subTest(blueprint.name):
                self.assertIn(f'    folder = "{blueprint.name}"\n', _TESTS)

    def test_keeps_to_the_limits_of_cloudformation(self):
        for blueprint in self.blueprints:
            with self.subTest(blueprint.name):
                self.assertLess(len(blueprint.template.encode()), MOST_BYTES)
                self.assertLess(len(blueprint.parsed["Resources"]), MOST_RESOURCES)

    def test_tags_every_resource_that_takes_tags(self):
        for blueprint in self.blueprints:
            with self.subTest(blueprint.name):
                for name, resource in blueprint.parsed["Resources"].items():
                    if takes_tags(resource["Type"]):
                        tags = {tag["Key"] for tag in resource["Properties"].get("Tags", [])}
                        self.assertEqual(TAGS - tags, set(), f"{name} ({resource['Type']})")

    def test_manifest_and_template_name_the_same(self):
        for blueprint in self.blueprints:
            with self.subTest(blueprint.name):
                manifest = blueprint.manifest
                self.assertEqual(set(manifest["parameter"]) | set(manifest["derived"]), set(blueprint.parsed["Parameters"]))
                self.assertEqual(set(manifest["output"]), set(blueprint.parsed["Outputs"]))
                self.assertEqual(set(manifest["stages"]), set(manifest["monthly-cost"]))

    def test_the_template_takes_what_the_form_offers(self):
        for blueprint in self.blueprints:
            with self.subTest(blueprint.name):
                for name, spec in blueprint.manifest["parameter"].items():
                    declared = blueprint.parsed["Parameters"][name]
                    allowed = {text(value) for value in declared.get("AllowedValues", [])}
                    if allowed and spec["type"] != "boolean":
                        self.assertLessEqual({text(c["value"]) for c in spec["choices"]}, allowed, name)
                    for bound, limit in (("minimum", "MinValue"), ("maximum", "MaxValue")):
                        self.assertEqual(spec.get(bound), declared.get(limit), f"{name}: {bound}")
                    for stage in blueprint.manifest["stages"]:
                        value = text(blueprint.default(name, stage))
                        if value and "AllowedPattern" in declared:
                            self.assertTrue(re.fullmatch(declared["AllowedPattern"], value), f"{name} at {stage}")

    def test_describes_every_parameter_and_output(self):
        for blueprint in self.blueprints:
            with self.subTest(blueprint.name):
                for kind in ("parameter", "output"):
                    for name, spec in blueprint.manifest[kind].items():
                        self.assertTrue(spec["label"] and spec["description"], f"{kind} {name}")


if __name__ == "__main__":
    unittest.main()
