"""Certificates of this machine's own making: who signs them, and those of servers and clients."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAME = x509.oid.NameOID.COMMON_NAME


class Authority(NamedTuple):
    """Who signs certificates, and where its own lies."""

    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    path: Path

    def sign(self, name: str) -> tuple[str, str]:
        """A certificate for a server or client of that name, and its key."""
        return _write(self.path.parent / f"{self.path.stem}-{name}", name, self)


def authority(folder: Path, name: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    root = Authority(key, x509.Name([x509.NameAttribute(NAME, name)]), folder / f"{name}.pem")
    _write(folder / name, name, root, key)
    return root


def _write(
    path: Path, name: str, by: Authority, key: ec.EllipticCurvePrivateKey | None = None
) -> tuple[str, str]:
    own, day = key or ec.generate_private_key(ec.SECP256R1()), timedelta(days=1)
    builder = x509.CertificateBuilder(
        by.name, x509.Name([x509.NameAttribute(NAME, name)]), own.public_key(), x509.random_serial_number(),
        datetime.now(UTC) - day, datetime.now(UTC) + day,
    )  # fmt: skip
    builder = builder.add_extension(
        x509.BasicConstraints(ca=key is not None, path_length=None), critical=True
    )
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    certificate, secret = path.with_suffix(".pem"), path.with_suffix(".key")
    certificate.write_bytes(builder.sign(by.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    secret.touch(mode=0o600)
    secret.write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(certificate), str(secret)
