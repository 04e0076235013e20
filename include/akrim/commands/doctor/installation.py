"""Checks of what lies beside the database: the home folder, settings and the files that they name, keys."""

import os
import shlex
import shutil
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from akrim.commands.doctor.caution import Absent, Caution
from akrim.errors import UserError
from akrim.settings import SECRET, get_settings, read_settings, unknown_settings


def home() -> str:
    home = read_settings().home
    if not home.exists():
        nearest = next(parent for parent in home.parents if parent.exists())
        # What the system makes up itself, such as /proc, has no room at all.
        if not os.access(nearest, os.W_OK) or not shutil.disk_usage(nearest).total:
            raise UserError("It cannot be made there.", str(home), "Name another folder as AKRIM_HOME.")
        return Absent(
            f"{home} is not there yet; `akrim synth`, `akrim keys init` and `akrim run` make it, and then what lies in it is looked at, too"
        )
    if not home.is_dir():
        raise UserError("That is no folder.", str(home), "Name another as AKRIM_HOME, or remove it.")
    if home.stat().st_mode & 0o077:
        raise UserError(
            "The home folder is open to others.", str(home), f"chmod 700 {shlex.quote(str(home))}"
        )
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise UserError(
            f"The user that runs this (uid {os.getuid()}) may not read and write the home folder.",
            str(home),
            "Give that user the folder, or name another as AKRIM_HOME.",
        )
    return str(home)


def room() -> str:
    home = get_settings().home
    free = shutil.disk_usage(home).free / 1024**3
    if free < 2:
        raise UserError(f"Only {free:.1f} GiB are free.", str(home), "Free some room.")
    return f"{free:.0f} GiB free"


def settings() -> str:
    read_settings()
    if unknown := unknown_settings():
        return Caution(
            f"{', '.join(unknown)}: no setting is called so; `make docs` and include/akrim/settings/settings.py have them all"
        )
    return "can be read"


def settings_file() -> str:
    """That nobody else reads a password in akrim.toml."""
    file = Path("akrim.toml")
    if not file.is_file():
        return "none here"
    secret = sorted(SECRET & tomllib.loads(file.read_text(encoding="utf-8")).keys())
    if secret and file.stat().st_mode & 0o007:
        raise UserError(
            f"Everybody on this machine may read it, and in it stand {', '.join(secret)}.",
            str(file.resolve()),
            f"chmod 600 {shlex.quote(str(file.resolve()))}, and change what may have been read.",
        )
    return f"nobody else reads {', '.join(secret)}" if secret else "no password in it"


def named_by_settings() -> str:
    """Files, exports and addresses that settings name."""
    from akrim.deliveries.inbox import storage
    from akrim.formats import check_exports
    from akrim.releases import read_limits

    settings = get_settings()
    check_exports(filter(None, settings.exports.split(",")))
    read_limits(settings.limits)
    _check_centres()
    for address in filter(
        None,
        (
            settings.inbox,
            settings.outbox_address,
            settings.releases_mirror,
            settings.linkage_exchange,
            settings.parts_exchange,
        ),
    ):
        if "://" in address:
            storage(address)
        elif Path(address).exists() and not Path(address).is_dir():
            raise UserError("That is no folder.", address, "Name another, or remove it.")
    if not (settings.project_root / "dags").is_dir():
        raise UserError(
            "There are no DAGs in that folder.",
            f"AKRIM_PROJECT_ROOT={settings.project_root}",
            "Unset it, or name a checkout of akrim.",
        )
    return "can be used"


def limits() -> str:
    """How long data are kept, which is decided beside the database; what is past it is looked at there."""
    from akrim.retention import require_limits

    where = get_settings().retention or "those for synthetic data"
    return f"{len(require_limits())} kinds of data: {where}"


def _check_centres() -> None:
    """A setting by centre that names none is of no effect, which nobody would see: mail that is not sent, a page that stays shut."""
    from akrim.contracts import recipients

    settings, known = get_settings(), recipients()
    leads = (role.partition(":")[2] for roles in settings.page_roles.values() for role in roles)
    for name, given in (
        ("AKRIM_CENTRE_DATABASE_URLS", settings.centre_database_urls),
        ("AKRIM_NOTIFY", settings.notify),
        ("AKRIM_PAGE_ROLES", filter(None, leads)),
    ):
        if unknown := sorted(set(given) - set(known)):
            raise UserError(f"There is no centre `{unknown[0]}`.", name, f"Choose among: {', '.join(known)}.")


def contracts() -> str:
    from akrim.contracts import load_contracts

    told, further = ", ".join(load_contracts()), get_settings().contracts
    if further and not any(further.glob("*.yaml")):
        return Caution(f"{told}; in AKRIM_CONTRACTS there is no *.yaml: {further}")
    return told


def sharing() -> str:
    from akrim.sharing import state_of_matrix

    return state_of_matrix()


def model() -> str:
    from akrim.linkage.model import model_version

    return model_version()


def linkage_backend() -> str:
    if get_settings().linkage_backend == "duckdb":
        return "DuckDB, in this process"
    from akrim.linkage.spark import require_spark

    return f"{require_spark()}, at {get_settings().spark_master}"


def inbox() -> str:
    from akrim.deliveries.inbox import unreadable_folders

    settings = get_settings()
    if has_inbox():
        if shut := unreadable_folders(settings.inbox):
            raise UserError(
                "A folder of the inbox may not be listed; nothing arrives from there.",
                f"{settings.inbox}: {', '.join(shut)}",
                f"Let the user that runs this (uid {os.getuid()}) read it and what lies in it.",
            )
        return settings.inbox
    if settings.data_mode == "synthetic" and "inbox" not in settings.model_fields_set:
        return "none is set: each `akrim run` names its own by --inbox"
    raise UserError(
        "The inbox is not there.", settings.inbox, "Set AKRIM_INBOX to the folder that agencies deliver to."
    )


def has_inbox() -> bool:
    """Whether there is an inbox to look into, set or where it lies if none is."""
    return "://" in get_settings().inbox or Path(get_settings().inbox).is_dir()


def mode() -> str:
    return f"{get_settings().data_mode} data, language {get_settings().language}"


def alerts() -> str:
    from akrim.orchestration.alerts import receivers

    settings = get_settings()
    if told_to := receivers():
        return f"go to {', '.join(told_to)}"
    if settings.alert_mail:
        raise UserError(
            "Nobody is told of what goes wrong.", "AKRIM_ALERT_MAIL", "Set AKRIM_SMTP_HOST, the mail server."
        )
    told = (
        "nobody is told of failures, holds and refused deliveries (AKRIM_ALERT_MAIL or AKRIM_ALERT_WEBHOOK)"
    )
    return told if settings.data_mode == "synthetic" else Caution(told)


def airflow_logins() -> str:
    manager = os.environ.get("AIRFLOW__CORE__AUTH_MANAGER", "").rpartition(".")[2]
    if manager not in ("", "SimpleAuthManager"):
        return f"by {manager}"
    told = "one password for all who use Airflow's pages"
    if get_settings().data_mode == "synthetic":
        return told
    return Caution(
        f"{told}: for one operator on one machine alone; else by an identity provider, docs/engineers.md says how"
    )


def keys() -> str:
    from akrim.atomic_files import require_private
    from akrim.contracts import DECISIONS_SENDER, centres, load_contracts
    from akrim.keys import check_form_key, has_releases
    from akrim.keys.agencies import receivers_of
    from akrim.keys.centres import signer_of
    from akrim.trust.keyring import KeyFile, sender_keys

    keys = get_settings().keys_path
    is_production = get_settings().data_mode == "production"
    has_none = not any((keys / half).exists() for half in (KeyFile.SIGNING_SECRET, KeyFile.SIGNING))
    if not is_production and has_none and not has_releases():
        return Caution(
            "no key to sign releases with yet; the first run makes one, and demo keys for the centres"
        )
    _all_in_order(
        *(
            partial(require_private, path)
            for path in (*keys.glob("*.key"), *keys.glob("demo/*/identity.txt"))
        ),
        partial(_signing_key, keys),
        partial(_offline_key, keys),
        _keys_of_centres,
        check_form_key,
        *(partial(signer_of, centre) for centre in centres()),
        *(partial(sender_keys, keys, agency) for agency in load_contracts()),
        *(partial(receivers_of, agency) for agency in load_contracts()),
    )
    signing = [agency for agency in load_contracts() if sender_keys(keys, agency)]
    told = f"signing key {_signing_key(keys)}; deliveries are signed by {', '.join(signing) or 'no agency'}"
    unsigned = [agency for agency in load_contracts() if agency not in (*signing, DECISIONS_SENDER)]
    if is_production and unsigned:
        return Caution(
            f"{told}; taken without, from whoever may write into the inbox: {', '.join(unsigned)} (akrim keys trust)"
        )
    return told


def _all_in_order(*checks: Callable[[], object]) -> None:
    """Raises UserError that tells of every one that fails, so that nobody mends them one by one."""
    failed: dict[str, UserError] = {}
    for check in checks:
        try:
            check()
        except UserError as error:
            failed[str(error)] = error
    if len(failed) == 1:
        raise next(iter(failed.values()))
    if failed:
        raise UserError("\n".join(failed))


def _offline_key(keys: Path) -> None:
    from akrim.trust.keyring import KeyFile

    offline = keys / KeyFile.SUCCESSOR_SECRET
    if get_settings().data_mode == "production" and offline.exists():
        raise UserError("The offline key lies on this machine.", str(offline), "Move it to a safe.")


def _keys_of_centres() -> None:
    from akrim.keys.centres import without_keys

    if without := without_keys():
        raise UserError(
            f"No key of {', '.join(without)}.", "keys/recipients", "akrim keys add CENTRE recipient.txt"
        )


def _signing_key(keys: Path) -> str:
    """The id of the key that releases are signed with; raises UserError where a half of it, or the successor, is damaged."""
    from akrim.keys import signing_key
    from akrim.trust.keyring import KeyFile
    from akrim.trust.signing import key_id, read_public_key

    public = signing_key().get_public_key()
    if read_public_key(keys / KeyFile.SIGNING) != public:
        raise UserError(
            "It is not the public half of signing.key.",
            str(keys / KeyFile.SIGNING),
            "Put it back from a copy.",
        )
    read_public_key(keys / KeyFile.SUCCESSOR)
    return key_id(public)
