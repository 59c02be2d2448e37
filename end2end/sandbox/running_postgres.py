"""Start a Postgres with TLS on a free port for a test, from the programs that script/bootstrap has installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

_START_SECONDS = 30


class Postgres:
    """A server on 127.0.0.1 that takes passwords over TLS alone, with the database postgres and one role, until `stop`.

    `authority` is the file of the certificate that it shows, for localhost.
    """

    def __init__(self, name: str, password: str):
        self._folder = tempfile.TemporaryDirectory(prefix="gatehouse-postgres-")
        folder = Path(self._folder.name)
        self._user = _unprivileged()
        self.authority, key = folder / "server.crt", folder / "server.key"
        data, secret = folder / "data", folder / "password"
        secret.write_text(password)
        self._own(folder)
        self._run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                  "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(self.authority))
        self._run(_program("initdb"), "--pgdata", str(data), "--username", name, "--pwfile", str(secret),
                  "--auth", "password", "--locale", "C.UTF-8", "--encoding", "UTF8", "--no-sync")
        with (data / "pg_hba.conf").open("w") as access:
            access.write("hostssl all all 127.0.0.1/32 password\n")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process = subprocess.Popen(
            [_program("postgres"), "-D", str(data), "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
             "-c", "unix_socket_directories=", "-c", "ssl=on", "-c", f"ssl_cert_file={self.authority}",
             "-c", f"ssl_key_file={key}", "-c", "fsync=off"],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._as_user())
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while subprocess.run([_program("pg_isready"), "--quiet", "--host", "127.0.0.1", "--port", str(self.port)]).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Postgres did not start")
            time.sleep(0.1)

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, cwd="/", capture_output=True, **self._as_user())

    def _own(self, folder: Path) -> None:
        if self._user:
            for path in (folder, *folder.iterdir()):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _as_user(self) -> dict:
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        self._folder.cleanup()


def _unprivileged():
    """Postgres refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("there is neither a user postgres nor a user nobody to run Postgres as")


def _program(name: str) -> str:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4].split(".")[0]))
    return str(installed[-1]) if installed else shutil.which(name) or name
