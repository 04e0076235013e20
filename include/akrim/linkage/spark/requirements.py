"""What Spark needs of this machine: its package, an account with a name, and Java."""

import os
import pwd
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

from akrim.errors import UserError

SETTING = "AKRIM_LINKAGE_BACKEND=spark"
LEAST_JAVA = 17


def require_spark() -> str:
    """What there is, such as `Spark 4.3.0 on Java 17`; raises UserError where something is missing."""
    try:
        spark = metadata.version("pyspark")
    except metadata.PackageNotFoundError:
        raise UserError("Spark's package is not installed.", SETTING, "pip install 'akrim[spark]'") from None
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:  # Hadoop's own login, which Spark goes through, takes no other
        raise UserError(
            f"Spark runs by no account without a name, and the system has none for uid {os.getuid()}.",
            SETTING,
            "Run this by an account of the system, or link by DuckDB.",
        ) from None
    java = _java_version()
    if java is None or java < LEAST_JAVA:
        found = "no Java" if java is None else f"Java {java} alone"
        raise UserError(
            f"Spark {spark} needs Java {LEAST_JAVA} or newer, and there is {found}.",
            SETTING,
            "Install one, such as Debian's openjdk-17-jre-headless, or name its folder as JAVA_HOME.",
        )
    return f"Spark {spark} on Java {java}"


def _java_version() -> int | None:
    """The major version of the Java that Spark would start; None if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    if java is None:
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603  # Java itself, no shell
    found = re.search(r'version "(\d+)', said.stderr)
    return int(found[1]) if found else None
