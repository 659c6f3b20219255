"""A time-stamping authority (RFC 3161) for tests: `openssl ts` with a root of its own."""

import datetime
import pathlib
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOUR = datetime.timedelta(hours=1)


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make_certificate(subject, issuer, keys, is_ca=False, ends=24 * HOUR):
    """keys: (subject's, issuer's); valid from an hour before it ends, or from an hour ago."""
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
               .public_key(keys[0].public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(min(now, now + ends) - HOUR).not_valid_after(now + ends)
               .add_extension(x509.BasicConstraints(is_ca, None), True))
    if not is_ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
    return builder.sign(keys[1], hashes.SHA256())


class Authority:
    """
    Lives in a folder of its own; `ca` is what its users trust. With an intermediate, tokens hold
    its certificate, and intermediate.pem is it.
    """

    def __init__(self, folder, new_key=lambda: rsa.generate_private_key(65537, 2048), has_intermediate=False,
                 **certificate):
        self.dir = pathlib.Path(folder)
        self.dir.mkdir()
        self.ca = self.dir / "ca.pem"
        title = self.dir.name
        root, own = new_key(), new_key()
        self.write("ca.pem", make_certificate(f"root of {title}", f"root of {title}", (root, root), True))
        issuer, issuer_key = f"root of {title}", root
        if has_intermediate:
            issuer, issuer_key = f"intermediate of {title}", new_key()
            self.write("intermediate.pem", make_certificate(issuer, f"root of {title}", (issuer_key, root), True))
        self.write("tsa.pem", make_certificate(title, issuer, (own, issuer_key), **certificate))
        (self.dir / "tsa.key").write_bytes(own.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        (self.dir / "serial").write_text("01\n")
        (self.dir / "tsa.conf").write_text(
            f"[tsa]\ndefault_tsa = one\n[one]\nserial = {self.dir}/serial\nsigner_cert = {self.dir}/tsa.pem\n"
            f"signer_key = {self.dir}/tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
            "digests = sha256\nordering = yes\ness_cert_id_alg = sha256\n"
            + (f"certs = {self.dir}/intermediate.pem\n" if has_intermediate else ""))

    def write(self, title, certificate):
        (self.dir / title).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def reply(self, query):
        (self.dir / "query.tsq").write_bytes(query)
        subprocess.run(["openssl", "ts", "-reply", "-config", self.dir / "tsa.conf", "-queryfile",
                        self.dir / "query.tsq", "-out", self.dir / "reply.tsr"], check=True,
                       capture_output=True, timeout=30)
        return (self.dir / "reply.tsr").read_bytes()

    def token(self, text):
        """A response over this text."""
        (self.dir / "text").write_text(text)
        return self.reply(subprocess.run(["openssl", "ts", "-query", "-data", self.dir / "text", "-sha256", "-cert"],
                                         check=True, capture_output=True, timeout=30).stdout)

    def stamp(self, folder, note):
        """Stores a checkpoint under timestamp/ of a log with a token over it, as the router does: its size."""
        size = int(note.split("\n")[1])
        stamps = pathlib.Path(folder) / "timestamp"
        stamps.mkdir(exist_ok=True)
        (stamps / f"{size}.checkpoint").write_text(note)
        (stamps / f"{size}.tsr").write_bytes(self.token(note[:note.index("\n\n") + 1]))
        return size
