"""An SFTP server in this process that hangs up in the middle of a file when asked to."""

import asyncio
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import asyncssh
import fsspec

USER, PASSWORD = "etat", "hemmelig-sftp"


class _Doorman(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:  # noqa: ARG002  # the signature is asyncssh's
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


class Sftp:
    """A server for one folder: reading a file in `broken` ends half-way. It lists what is there, and nothing late."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "outbox").mkdir(parents=True)
        self.late: set[str] = set()
        self.broken: set[str] = set()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.server = asyncio.run_coroutine_threadsafe(self.listen(), self.loop).result()
        self.port = self.server.sockets[0].getsockname()[1]
        root = f"sftp://{USER}@127.0.0.1:{self.port}"
        self.inbox, self.outbox, self.nowhere = f"{root}/inbox", f"{root}/outbox", f"{root}/nowhere"
        self.mirror = f"{root}/mirror/releases"
        self.know(self.key)

    async def listen(self) -> Any:
        faults = self

        class Server(asyncssh.SFTPServer):
            def __init__(self, chan: Any) -> None:
                super().__init__(chan, chroot=str(faults.folder).encode())

            def read(self, file_obj: Any, offset: int, size: int) -> bytes:
                if Path(os.fsdecode(file_obj.name)).name in faults.broken:
                    if offset:
                        self.channel.get_connection().abort()
                    size = 10
                return bytes(super().read(file_obj, offset, size))

        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[self.key], server_factory=_Doorman, sftp_factory=Server
        )

    def know(self, key: Any) -> None:
        """Write this key of the server's where the user's known ones lie."""
        known = Path.home() / ".ssh" / "known_hosts"
        known.parent.mkdir(exist_ok=True)
        known.write_text(f"[127.0.0.1]:{self.port} {key.export_public_key().decode()}")

    def know_another(self) -> None:
        self.know(asyncssh.generate_private_key("ssh-ed25519"))

    def know_none(self) -> None:
        (Path.home() / ".ssh" / "known_hosts").unlink()

    def forget_secret(self) -> None:
        fsspec.config.conf["sftp"]["password"] = "not-the-password"  # noqa: S105  # of this test alone

    def lay(self, folder: Path) -> None:
        shutil.copytree(folder, self.folder / "inbox", dirs_exist_ok=True)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.server.close)
