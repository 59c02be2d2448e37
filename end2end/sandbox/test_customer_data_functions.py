"""The functions of the customer data platform, as they stand in its template, against the sandbox's services."""

import base64
import contextlib
import io
import json
import unittest

from running_sandbox import Sandbox
from template_function import function

ACCOUNT = "121212121212"
BLUEPRINT = "customer-data-platform"
ADA = {"name": "Ada Lovelace", "email": "ada@example.com", "country": "GB"}


def request(method: str, customer: str | None = None, body=None, **query: str) -> dict:
    event = {"requestContext": {"http": {"method": method}}}
    if customer is not None:
        event["pathParameters"] = {"customerId": customer}
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    if query:
        event["queryStringParameters"] = query
    return event


class Functions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)

    def client(self, service: str):
        return self.sandbox.client(service, ACCOUNT)

    def setUp(self):
        self.dynamodb, self.events, self.sqs = (self.client(s) for s in ("dynamodb", "events", "sqs"))
        self.table = self.id().rsplit(".", 1)[-1]

    def make_table(self, *keys: str):
        self.dynamodb.create_table(
            TableName=self.table, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": k, "AttributeType": "S"} for k in keys],
            KeySchema=[{"AttributeName": k, "KeyType": t} for k, t in zip(keys, ("HASH", "RANGE"))])

    def api(self):
        """The API's handler, with a queue that receives what it announces."""
        self.make_table("customerId")
        bus = self.events.create_event_bus(Name=self.table)["EventBusArn"]
        self.queue = self.sqs.create_queue(QueueName=self.table)["QueueUrl"]
        queue = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.events.put_rule(Name="all", EventBusName=self.table,
                             EventPattern=json.dumps({"source": ["customer-data-platform"]}))
        self.events.put_targets(Rule="all", EventBusName=self.table, Targets=[{"Id": "queue", "Arn": queue}])
        handler = function(BLUEPRINT, "Api", self.client, CUSTOMERS_TABLE=self.table, EVENT_BUS=bus).handler

        def call(*given, **query):
            answer = handler(request(*given, **query), None)
            return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None

        return call

    def announced(self) -> list[dict]:
        messages = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        return [json.loads(m["Body"]) for m in messages.get("Messages", [])]

    def test_saves_reads_and_erases(self):
        api = self.api()
        self.assertEqual(api("PUT", "c-1", ADA), (200, {"customerId": "c-1", **ADA, "version": 1}))
        self.assertEqual(api("PUT", "c-1", {**ADA, "country": "FR"})[1]["version"], 2)
        self.assertEqual(api("GET", "c-1")[1]["country"], "FR")
        self.assertEqual(api("DELETE", "c-1"), (204, None))
        self.assertEqual(api("GET", "c-1")[0], 404)
        kinds = sorted(event["detail-type"] for event in self.announced())
        self.assertEqual(kinds, ["CustomerErased", "CustomerSaved", "CustomerSaved"])

    def test_announces_no_personal_data(self):
        api = self.api()
        api("PUT", "c-1", ADA)
        (event,) = self.announced()
        self.assertEqual(set(event["detail"]), {"customerId", "at", "version"})

    def test_takes_a_body_in_base64(self):
        self.make_table("customerId")
        bus = self.events.create_event_bus(Name=self.table)["EventBusArn"]
        handler = function(BLUEPRINT, "Api", self.client, CUSTOMERS_TABLE=self.table, EVENT_BUS=bus).handler
        event = request("PUT", "c-1", base64.b64encode(json.dumps(ADA).encode()).decode())
        self.assertEqual(handler({**event, "isBase64Encoded": True}, None)["statusCode"], 200)

    def test_names_each_bad_field(self):
        api = self.api()
        status, body = api("PUT", "c-1", {"name": " Ada", "email": "nowhere", "country": "gb", "age": 36})
        self.assertEqual(status, 400)
        self.assertEqual(set(body["problems"]), {"name", "email", "country", "age"})
        for bad in ("{", "[]", "null", ""):
            self.assertEqual(api("PUT", "c-1", bad)[0], 400, bad)
        self.assertEqual(api("GET", "no spaces please")[0], 400)
        self.assertEqual(api("GET", "c-1")[0], 404)

    def test_lists_in_pages(self):
        api = self.api()
        for n in range(5):
            api("PUT", f"c-{n}", ADA)
        seen, after = [], {}
        while True:
            status, page = api("GET", None, None, limit="2", **after)
            self.assertEqual(status, 200)
            seen += [c["customerId"] for c in page["customers"]]
            if not page["after"]:
                break
            after = {"after": page["after"]}
        self.assertEqual(sorted(seen), [f"c-{n}" for n in range(5)])
        for limit in ("0", "101", "x", "-1"):
            self.assertEqual(api("GET", None, None, limit=limit)[0], 400, limit)

    def test_answers_when_the_table_is_gone(self):
        api = self.api()
        self.dynamodb.delete_table(TableName=self.table)
        with contextlib.redirect_stdout(io.StringIO()) as log:
            self.assertEqual(api("GET", "c-1"), (500, {"message": "Try again later"}))
        self.assertEqual(json.loads(log.getvalue())["code"], "ResourceNotFoundException")

    def test_processor_keeps_each_event_once(self):
        self.make_table("customerId", "eventId")
        handler = function(BLUEPRINT, "Processor", self.client, EVENTS_TABLE=self.table, HISTORY_DAYS="30").handler
        event = {"id": "e-1", "time": "2026-01-01T00:00:00Z", "detail-type": "CustomerSaved",
                 "detail": {"customerId": "c-1", "version": 1}}
        self.assertEqual(handler(event, None), {"stored": True})
        self.assertEqual(handler(event, None), {"stored": False})
        handler({**event, "id": "e-2"}, None)
        items = self.dynamodb.scan(TableName=self.table)["Items"]
        self.assertEqual(len(items), 2)
        self.assertTrue(all(int(item["expiresAt"]["N"]) > 0 for item in items))


if __name__ == "__main__":
    unittest.main()
