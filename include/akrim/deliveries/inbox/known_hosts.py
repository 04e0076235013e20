"""SFTP with servers whose key is known: fsspec by itself takes any server for the one that it asked for."""

from typing import Any

import fsspec
import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from akrim.texts.errors import SaidError

# Seconds after which a server that says nothing counts as gone.
TIMEOUTS = {"timeout": 30, "banner_timeout": 30, "auth_timeout": 30}
SILENCE = 120


class _Refuse(paramiko.MissingHostKeyPolicy):
    def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:  # noqa: ARG002  # the signature is paramiko's
        raise SaidError("host_not_known", hostname)


class KnownHostsOnly(SFTPFileSystem):
    """fsspec's SFTP, by the user's own `~/.ssh/known_hosts`."""

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_system_host_keys()
        self.client.set_missing_host_key_policy(_Refuse())
        try:
            self.client.connect(self.host, **(TIMEOUTS | self.ssh_kwargs))
        except paramiko.BadHostKeyException:
            raise SaidError("host_not_known", self.host) from None
        self.ftp = self.client.open_sftp()
        self.ftp.get_channel().settimeout(SILENCE)


def use_known_hosts() -> None:
    """From now on this process's `sftp://` and `ssh://` are these."""
    for scheme in KnownHostsOnly.protocol:
        fsspec.register_implementation(scheme, KnownHostsOnly, clobber=True)
