"""A STAND-IN for a national system that takes files by HTTP, and what it can do wrong.

    system = NationalSystem(idempotent=True, tls=context)
    system.next("500", "cut", "ok")      # what the next requests get; then always "ok"
    system.counts                        # key: how often it was really taken over
    system.requests                      # every request that came whole: Request

An idempotent system counts a key once and gives the same answer again; another counts
every request. Actions are methods named act_…; an action may also be a function of the
handler and the request, which has been read by then and is not counted yet.
"""

import collections
import dataclasses
import datetime
import hashlib
import http.server
import ipaddress
import os
import socket
import ssl
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclasses.dataclass
class Request:
    key: str
    headers: dict
    body: bytes


class Authority:
    """A certificate authority of a test: issues PEM files below a folder."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign(name, self.key.public_key(), None)
        self.path = folder / f"{name}.crt"
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, name, public_key, usage):
        now = datetime.datetime.utcnow()
        builder = (x509.CertificateBuilder()
                   .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
                   .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)]))
                   .public_key(public_key).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=30))
                   .add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), True))
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), False).add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, name, server):
        """Writes NAME.crt and NAME.key; returns both paths."""
        usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.folder / f"{name}.crt"
        certificate.write_bytes(self.sign(name, key.public_key(), usage)
                                .public_bytes(serialization.Encoding.PEM))
        secret = self.folder / f"{name}.key"
        descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as out:
            out.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                        serialization.NoEncryption()))
        return certificate, secret


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *_):
        pass

    def do_POST(self):
        system = self.server.system
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.headers.get("Idempotency-Key", ""), dict(self.headers), body)
        with system.lock:
            system.requests.append(request)
            action = system.actions.popleft() if system.actions else "ok"
        if callable(action):
            action(self, request)
            return
        getattr(self, "act_" + action)(request)

    def take(self, request):
        """Takes the file over, as often as this system cannot tell."""
        system = self.server.system
        with system.lock:
            if not system.idempotent or request.key not in system.counts:
                system.counts[request.key] += 1
                system.taken.append(request)

    def answer(self, status, text="", headers=()):
        data = text.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def cut(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()

    def act_ok(self, request):
        self.take(request)
        self.answer(201, "taken")

    def act_500(self, _):
        self.answer(500, "our fault")

    def act_503(self, _):
        self.answer(503, "later", [("Retry-After", "1")])

    def act_429(self, _):
        self.answer(429, "too much", [("Retry-After", "1")])

    def act_422(self, _):
        self.answer(422, "HS code 0803.90 is \"unknown\" here\n")

    def act_401(self, _):
        self.answer(401, "who are you?")

    def act_redirect(self, _):
        self.answer(307, "", [("Location", self.server.system.elsewhere)])

    def act_cut(self, _):
        self.cut()

    def act_take_and_cut(self, request):
        self.take(request)
        self.cut()

    def act_half_an_answer(self, request):
        self.take(request)
        self.wfile.write(b"HTTP/1.1 20")
        self.wfile.flush()
        self.cut()

    def act_garbage(self, request):
        self.take(request)
        self.wfile.write(b"\0\1\2 this is no HTTP\r\n\r\n")
        self.wfile.flush()
        self.cut()

    def act_hang(self, request):
        self.take(request)
        self.server.system.stopping.wait(20)
        self.cut()

    def act_slow(self, request):
        self.server.system.stopping.wait(5)
        self.act_ok(request)

    def act_twice(self, request):
        self.take(request)
        self.answer(201, "taken")
        self.answer(500, "and yet not")

    def act_endless(self, request):
        self.take(request)
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(20000):
                self.wfile.write(b"x" * 4096)
        except OSError:
            pass
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        pass


class NationalSystem:
    def __init__(self, idempotent, tls=None):
        self.idempotent, self.tls = idempotent, tls
        self.counts = collections.Counter()
        self.requests, self.taken = [], []
        self.actions = collections.deque()
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.elsewhere = ""
        self.server = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/in"

    def start(self):
        """Its memory of keys survives: a real one keeps them on a disk."""
        self.server = Server(("127.0.0.1", self.port), Handler)
        self.server.system = self
        if self.tls:
            self.server.socket = self.tls.wrap_socket(self.server.socket, server_side=True,
                                                      do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def next(self, *actions):
        with self.lock:
            self.actions.extend(actions)

    def close(self):
        self.stopping.set()
        self.stop()
