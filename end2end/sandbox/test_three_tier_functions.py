"""The functions of the three tiers, as they stand in their template: products on a Postgres, the others on a provider."""

import contextlib
import io
import json
import os
import ssl
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

from running_postgres import Postgres
from running_sandbox import Sandbox
from template_function import function

BLUEPRINT = "three-tier"
ACCOUNT = "131313131313"
LAMP = {"id": "lamp-1", "name": "Lamp", "priceCents": 4900}
ADDRESS = {"name": "Ada Lovelace", "street": "1 High Street", "postcode": "AB1 2CD", "city": "London", "country": "GB"}


class Tokens:
    """Stands in for the RDS client, whose token a real server knows from IAM and this one as its password."""

    def generate_db_auth_token(self, DBHostname, Port, DBUsername):
        return "right"


class Products(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres("products", "right")
        cls.addClassCleanup(cls.postgres.stop)
        trust = mock.patch.dict(os.environ, SSL_CERT_FILE=str(cls.postgres.authority))
        trust.start()
        cls.addClassCleanup(trust.stop)

    def setUp(self):
        self.module = self.products()
        self.addCleanup(self.close)

    def products(self, tokens=Tokens, host="localhost"):
        return function(BLUEPRINT, "Products", lambda service: tokens(), DATABASE_HOST=host,
                        DATABASE_PORT=str(self.postgres.port), DATABASE_NAME="postgres", DATABASE_USER="products")

    def close(self):
        if self.module.connection:
            self.module.connection.query("DELETE FROM products")
            self.module.connection.wire.close()

    def call(self, **event):
        return self.module.handler(event, None)

    def test_puts_gets_and_lists(self):
        self.assertEqual(self.call(action="put", product=LAMP), {"status": 200, "product": LAMP})
        cheaper = {**LAMP, "priceCents": 3900}
        self.assertEqual(self.call(action="put", product=cheaper)["product"], cheaper)
        self.assertEqual(self.call(action="get", id="lamp-1"), {"status": 200, "product": cheaper})
        self.call(action="put", product={**LAMP, "id": "chair-1", "name": "Chaise longue, 90 % wool — «rouge»"})
        listed = self.call(action="list")["products"]
        self.assertEqual([p["id"] for p in listed], ["chair-1", "lamp-1"])
        self.assertEqual(listed[0]["name"], "Chaise longue, 90 % wool — «rouge»")
        self.assertEqual([p["id"] for p in self.call(action="list", after="chair-1")["products"]], ["lamp-1"])
        self.assertEqual(self.call(action="get", id="none")["status"], 404)

    def test_values_are_never_sql(self):
        name = "'); DROP TABLE products; --"
        self.call(action="put", product={**LAMP, "name": name})
        self.assertEqual(self.call(action="get", id="lamp-1")["product"]["name"], name)
        self.assertEqual(self.call(action="get", id="' OR true --")["status"], 404)

    def test_names_each_bad_field(self):
        answer = self.call(action="put", product={"id": "no spaces", "name": " ", "priceCents": -1})
        self.assertEqual((answer["status"], set(answer["problems"])), (400, {"id", "name", "priceCents"}))
        for bad in (None, [], "lamp", {**LAMP, "priceCents": True}, {**LAMP, "priceCents": 1.5}, {**LAMP, "name": "a\0b"}):
            self.assertEqual(self.call(action="put", product=bad)["status"], 400, bad)
        for event in ({}, {"action": "drop"}, [], None):
            self.assertEqual(self.module.handler(event, None)["status"], 400, event)

    def test_goes_on_after_the_connection_was_lost(self):
        self.call(action="put", product=LAMP)
        self.module.connection.wire.close()
        self.assertEqual(self.call(action="get", id="lamp-1")["status"], 200)

    def test_fails_aloud_with_a_wrong_token(self):
        class Wrong(Tokens):
            def generate_db_auth_token(self, **asked):
                return "wrong"

        self.module = self.products(Wrong)
        with contextlib.redirect_stdout(io.StringIO()) as log, self.assertRaisesRegex(Exception, "authentication failed"):
            self.call(action="list")
        self.assertNotIn("wrong", log.getvalue())

    def test_trusts_no_other_host(self):
        self.module = self.products(host="127.0.0.1")
        with contextlib.redirect_stdout(io.StringIO()), self.assertRaises(ssl.SSLCertVerificationError):
            self.call(action="list")


class Provider:
    """An API on 127.0.0.1 that books what it is sent, once for each key."""

    def __init__(self):
        provider = self
        self.asked, self.status = [], 200

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                provider.asked.append((self.path, dict(self.headers), body))
                booked = f"no-{self.headers['idempotency-key']}"
                self.send_response(provider.status)
                self.end_headers()
                self.wfile.write(json.dumps({"id": booked, "trackingId": booked}).encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Callers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)
        cls.s3 = cls.sandbox.client("s3", ACCOUNT)
        cls.s3.create_bucket(Bucket="orders", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        cls.secret = cls.sandbox.client("secretsmanager", ACCOUNT).create_secret(Name="token", SecretString="t0ken")["ARN"]

    def setUp(self):
        self.provider = Provider()
        self.addCleanup(self.provider.stop)

    def caller(self, name: str, secret: str = ""):
        module = function(BLUEPRINT, name, lambda service: self.sandbox.client(service, ACCOUNT),
                          API=self.provider.address, BUCKET="orders", SECRET_ARN=secret)
        return lambda event: module.handler(event, None)

    def kept(self, order: str) -> dict:
        return json.load(self.s3.get_object(Bucket="orders", Key=f"orders/{order}.json")["Body"])

    def test_takes_a_payment_and_keeps_what_it_was(self):
        event = {"orderId": "o-1", "amountCents": 4900, "currency": "EUR"}
        self.assertEqual(self.caller("Payments", self.secret)(event), {"status": 200, "paymentId": "no-o-1"})
        ((path, headers, body),) = self.provider.asked
        self.assertEqual((path, body), ("/payments", event))
        lower = {name.lower(): value for name, value in headers.items()}
        self.assertEqual((lower["authorization"], lower["idempotency-key"]), ("Bearer t0ken", "o-1"))
        self.assertEqual(self.kept("o-1"), {**event, "paymentId": "no-o-1"})

    def test_calls_without_a_token_where_none_is_named(self):
        self.caller("Payments")({"orderId": "o-2", "amountCents": 1, "currency": "EUR"})
        self.assertNotIn("authorization", {name.lower() for name in self.provider.asked[0][1]})

    def test_books_a_parcel_and_keeps_no_address(self):
        self.assertEqual(self.caller("Shipping")({"orderId": "o-3", "address": ADDRESS}), {"status": 200, "trackingId": "no-o-3"})
        self.assertEqual(self.provider.asked[0][2]["address"], ADDRESS)
        self.assertEqual(self.kept("o-3"), {"orderId": "o-3", "trackingId": "no-o-3", "country": "GB"})

    def test_tells_a_refusal_from_a_failure(self):
        for name, event, refused in (
                ("Payments", {"orderId": "o-4", "amountCents": 1, "currency": "EUR"}, 402),
                ("Shipping", {"orderId": "o-4", "address": ADDRESS}, 422)):
            with contextlib.redirect_stdout(io.StringIO()) as log:
                self.provider.status = 409
                self.assertEqual(self.caller(name)(event)["status"], refused)
                self.provider.status = 503
                with self.assertRaises(OSError):
                    self.caller(name)(event)
            self.assertNotIn("Ada", log.getvalue())
        self.assertEqual(self.s3.list_objects_v2(Bucket="orders", Prefix="orders/o-4").get("KeyCount"), 0)

    def test_names_each_bad_field_and_calls_nobody(self):
        payments, shipping = self.caller("Payments"), self.caller("Shipping")
        answer = payments({"orderId": "no spaces", "amountCents": 0, "currency": "eur"})
        self.assertEqual(set(answer["problems"]), {"orderId", "amountCents", "currency"})
        answer = shipping({"orderId": "o-5", "address": {**ADDRESS, "city": "", "country": "GBR"}})
        self.assertEqual(set(answer["problems"]), {"city", "country"})
        for bad in ({}, [], None, {"orderId": "o-5"}, {"orderId": "o-5", "address": "here"}):
            self.assertEqual(payments(bad)["status"], 400, bad)
            self.assertEqual(shipping(bad)["status"], 400, bad)
        self.assertEqual(self.provider.asked, [])


if __name__ == "__main__":
    unittest.main()
