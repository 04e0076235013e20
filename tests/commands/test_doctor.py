"""What the doctor tells of an installation, and that it leaves it as it is."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest
from akrim.cli import app
from akrim.commands.doctor import doctor
from akrim.contracts import DECISIONS_SENDER, load_contracts, recipients
from akrim.errors import UserError
from akrim.keys import add_recipient, create_keys, form_key, signing_key
from akrim.keys.agencies import trust_sender
from akrim.keys.centres import all_recipients
from akrim.settings import get_settings
from akrim.warehouse import READABLE
from typer.testing import CliRunner

from tests.conftest import configure, database, installation_on, superuser
from tests.measured import run_akrim
from tests.releases import world

AGENCIES = tuple(agency for agency in load_contracts() if agency != DECISIONS_SENDER)


@pytest.mark.parametrize(
    ("mode", "manager", "is_minded"),
    [
        ("synthetic", "", False),
        ("production", "", True),
        ("production", "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager", True),
        ("production", "airflow.providers.keycloak.auth_manager.keycloak_auth_manager.KeycloakAuthManager", False),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("home")
def test_one_password_for_all_is_minded_in_production(
    monkeypatch: pytest.MonkeyPatch, mode: str, manager: str, is_minded: bool
) -> None:
    monkeypatch.setenv("AKRIM_DATA_MODE", mode)
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", manager)
    get_settings.cache_clear()
    told = doctor.CHECKS["Airflow's logins"]()
    assert isinstance(told, doctor.Caution) == is_minded


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        (None, 0, "none here"),
        ("language = 'nn'", 0o644, "no password in it"),
        ("smtp_password = 's'", 0o640, "nobody else reads smtp_password"),
        ("smtp_password = 's'", 0o644, None),
        ("[centre_database_urls]\noslo = 'postgresql://c:s@h/akrim'", 0o604, None),
    ],
)
def test_a_password_in_akrim_toml_that_everybody_may_read_is_told(
    content: str | None, mode: int, told: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if content:
        Path("akrim.toml").write_text(content)
        Path("akrim.toml").chmod(mode)
    if told:
        assert doctor.CHECKS["akrim.toml"]() == told
        return
    with pytest.raises(UserError, match="Everybody on this machine may read it"):
        doctor.CHECKS["akrim.toml"]()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("AKRIM_NOTIFY", '{"olso": ["a@example.org"]}'),
        ("AKRIM_PAGE_ROLES", '{"liv": ["leader:olso"]}'),
        ("AKRIM_CENTRE_DATABASE_URLS", '{"olso": "postgresql://c@h/akrim"}'),
    ],
)
@pytest.mark.usefixtures("home")
def test_a_centre_that_there_is_not_is_told(name: str, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, given.replace("olso", "oslo"))
    get_settings.cache_clear()
    assert doctor.CHECKS["what settings name"]() == "can be used"
    monkeypatch.setenv(name, given)
    get_settings.cache_clear()
    with pytest.raises(UserError, match="no centre `olso`") as told:
        doctor.CHECKS["what settings name"]()
    assert told.value.where == name


@pytest.mark.parametrize("name", ["AKRIM_OUTBOX", "AKRIM_RELEASES_MIRROR", "AKRIM_PARTS_EXCHANGE"])
def test_a_file_where_a_folder_is_to_be_is_told(
    name: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(name, str(tmp_path / "file"))
    get_settings.cache_clear()
    with pytest.raises(UserError, match="no folder"):
        doctor.CHECKS["what settings name"]()


@pytest.mark.parametrize("name", ["sharing", "retention", "limits", "contracts"])
@pytest.mark.parametrize(
    ("folder", "file", "told"),
    [
        (0o755, 0o644, "nobody else may change them"), (0o700, 0o600, "nobody else may change them"),
        (0o1777, 0o644, "nobody else may change them"), (0o755, 0o664, "in its group"), (0o755, 0o646, None), (0o777, 0o644, None),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("home")
def test_what_decides_and_everybody_may_change_is_told(
    name: str, folder: int, file: int, told: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    path = tmp_path / "config" / "own.yaml"
    path.write_text("")
    path.chmod(file)
    path.parent.chmod(folder)
    named = path.parent if name == "contracts" else path
    if named == path.parent and folder & 0o002:
        told = None  # whoever may lay a file there brings a contract
    configure(monkeypatch, **{f"AKRIM_{name.upper()}": str(named)})
    if told:
        found = doctor.CHECKS["who may change that"]()
        assert told in found
        assert isinstance(found, doctor.Caution) == ("group" in told)
        return
    with pytest.raises(UserError, match=f"Everybody on this machine may change .*AKRIM_{name.upper()}"):
        doctor.CHECKS["who may change that"]()


@pytest.mark.usefixtures("home")
def test_a_folder_without_contracts_is_minded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, AKRIM_CONTRACTS=str(tmp_path))
    told = doctor.CHECKS["contracts"]()
    assert isinstance(told, doctor.Caution)
    assert str(tmp_path) in told


@pytest.mark.usefixtures("home")
def test_a_project_root_without_dags_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, AKRIM_PROJECT_ROOT=str(tmp_path))
    with pytest.raises(UserError, match="no DAGs"):
        doctor.CHECKS["what settings name"]()


def test_what_is_to_be_done_of_late_agencies_is_told_once(
    warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_DAYS_TO_WAIT="0")
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, folder, folder_fingerprint)"
            " values ('nav-2020-T1-01', repeat('1', 64), 'nav', '2020-T1', 'full', 'accepted', '', '')"
        )
    told = doctor.CHECKS["deliveries"]()
    assert told.count(" has not delivered for ") == 5
    assert told.count("Call the agency.") == 1


def test_a_release_whose_files_are_lost_or_altered_is_told(
    server: str, golden_name: str, published: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(published.parent, tmp_path / "golden"))
    with installation_on(server, golden_name, home) as address:
        assert doctor.CHECKS["releases"]() == "2 that went out have their files"
        with psycopg.connect(address) as connection:
            connection.execute(
                "update meta.releases set status = 'recalled' where release_id = %s", [world.FIRST]
            )
        assert doctor.CHECKS["releases"]() == "2 that went out have their files", (
            "what is recalled has gone out"
        )
        (home / "releases" / world.SECOND / "oslo" / "assessment.html").write_text("altered")
        with pytest.raises(UserError, match=r"is not as it was signed: oslo/assessment\.html"):
            doctor.CHECKS["releases"]()
        shutil.rmtree(home / "keys", ignore_errors=True)
        with pytest.raises(UserError, match=r"There is no signing\.pub") as told:
            doctor.CHECKS["audit log"]()
        assert told.value.next_step == "Put the keys back from a backup."
        (home / "releases" / world.SECOND / "manifest.json").unlink()
        with pytest.raises(UserError, match=r"is not as it was signed: There is no manifest\.json") as told:
            doctor.CHECKS["releases"]()
        assert "back from a backup" in told.value.next_step
        shutil.rmtree(home / "releases" / world.FIRST)
        with pytest.raises(UserError, match=f"{world.FIRST} are not here"):
            doctor.CHECKS["releases"]()


def test_a_signing_key_that_is_lost_is_told_and_not_made_anew(home: Path) -> None:
    get_settings()
    create_keys()
    (home / "keys" / "signing.key").unlink()
    for check in (doctor.CHECKS["keys"], signing_key):
        with pytest.raises(UserError, match="is lost") as told:
            check()
        assert "keys succeed" in told.value.next_step


def test_a_damaged_key_of_the_decision_forms_is_told(home: Path) -> None:
    get_settings()
    create_keys()
    form_key("2026-T1.1")
    assert doctor.CHECKS["keys"]()
    (home / "keys" / "forms.key").write_bytes(b"")
    with pytest.raises(UserError, match="key of the decision forms is empty"):
        doctor.CHECKS["keys"]()
    # With every other file that is damaged, each with where it lies.
    (home / "keys" / "successor.pub").write_bytes(b"")
    (home / "keys" / "centres").mkdir(exist_ok=True)
    (home / "keys" / "centres" / "oslo.pub").write_bytes(b"")
    with pytest.raises(UserError) as told:
        doctor.CHECKS["keys"]()
    assert all(
        f"where: {home / 'keys' / name}" in str(told.value)
        for name in ("forms.key", "successor.pub", "centres/oslo.pub")
    )


def test_keys_that_are_lost_as_a_whole_are_told_and_not_made_anew(home: Path) -> None:
    """With synthetic data, too, of which the first run makes the keys: what was signed shows that there were some."""
    home.mkdir(mode=0o700)
    (home / "releases" / "2025-T3.1").mkdir(parents=True)
    (home / "releases" / "2025-T3.1" / "manifest.json").write_text("{}")
    for check in (doctor.CHECKS["keys"], signing_key):
        with pytest.raises(UserError, match="keys are lost"):
            check()
    assert not (home / "keys").exists()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (PermissionError(13, "Permission denied", "/srv/model.json"), "Permission denied.\n  where: /srv/model.json"),
        (psycopg.OperationalError("it went away"), "The database has ended this: it went away"),
        (ValueError("a defect"), "ValueError: a defect"),
    ],
)  # fmt: skip
def test_what_ends_a_check_leaves_out_no_other(
    fault: Exception, told: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise fault

    home.mkdir(mode=0o700)
    monkeypatch.setitem(doctor.CHECKS, "linkage model", broken)
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 1
    assert f"wrong linkage model: {told}" in ran.output
    assert "well mode: synthetic data" in ran.output
    assert isinstance(ran.exception, ValueError) == isinstance(fault, ValueError), (
        "a defect keeps its traceback"
    )


def seen(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every path below a folder with its mode and what it holds."""
    return {
        str(path): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *folder.rglob("*"))
    }


def test_where_nothing_is_it_makes_nothing(home: Path) -> None:
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 0, ran.output
    assert ran.output.startswith(
        f"well settings: can be read\nwell akrim.toml: none here\nmind home: {home} is not there yet"
    )
    assert not home.exists()


def test_where_nothing_is_it_tells_what_production_lacks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 1
    assert f"mind home: {home} is not there yet" in ran.output
    for lacking in (
        "how long data are kept: ",
        "sharing: The sharing matrix is a working assumption",
        "keys: There is no key to sign releases with",
    ):
        assert f"wrong {lacking}" in ran.output
    assert "database: " not in ran.output
    assert not home.exists()


def test_in_an_empty_home_it_makes_neither_keys_nor_a_database(home: Path) -> None:
    home.mkdir(mode=0o700)
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 0, ran.output
    assert "mind database: embedded, and not made yet" in ran.output
    assert "mind keys: no key to sign releases with yet" in ran.output
    assert list(home.iterdir()) == []


def test_a_home_that_may_not_be_written_is_told_before_anything_rests_on_it(home: Path) -> None:
    home.mkdir(mode=0o500)
    mounted = 'mount -t tmpfs -o ro,mode=700 tmpfs "$0" && exec "$@"'  # root may write whatever the mode says
    under = ["unshare", "--mount", "sh", "-c", mounted, str(home)] if os.geteuid() == 0 else []
    ran = run_akrim("doctor", home=home, under=under)
    assert (ran.code, ran.err) == (1, "")
    assert "wrong home: The user that runs this" in ran.out
    assert "database" not in ran.out


def test_an_open_home_is_told_and_left_open(home: Path) -> None:
    home.mkdir(mode=0o755)
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 1
    assert f"chmod 700 {home}" in ran.output
    assert "database" not in ran.output
    assert home.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(("signs", "is_minded"), [((), True), (("nav",), True), (AGENCIES, False)])
def test_deliveries_that_nobody_signs_are_minded_in_production(
    signs: tuple[str, ...], is_minded: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_keys()
    (home / "keys" / "successor.key").unlink()
    all_recipients()
    for centre in recipients():
        add_recipient(centre, home / "keys" / "demo" / centre / "recipient.txt")
    for agency in signs:
        trust_sender(agency, home / "keys" / "signing.pub", None)
    assert not isinstance(doctor.CHECKS["keys"](), doctor.Caution)
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    told = doctor.CHECKS["keys"]()
    assert isinstance(told, doctor.Caution) == is_minded
    assert ("skatteetaten" in told.partition("taken without")[2]) == is_minded


HERE, ELSEWHERE = "postgresql://akrim@127.0.0.1/akrim", "postgresql://akrim@db.example/akrim"


@pytest.mark.parametrize(
    ("address", "is_minded"),
    [
        (HERE, False),
        ("postgresql://akrim@localhost/akrim", False),
        ("postgresql://akrim@[::1]/akrim", False),
        ("postgresql://akrim@/akrim", False),
        ("postgresql:///akrim?host=/run/postgresql", False),
        ("postgresql://akrim@127.0.0.1,db.example/akrim", True),
        ("postgresql://akrim@localhost/akrim?hostaddr=192.0.2.7", True),
        ("postgresql://akrim@postgres/akrim", True),
        (ELSEWHERE, True),
        *((f"{ELSEWHERE}?sslmode={mode}", True) for mode in ("disable", "allow", "prefer")),
        *((f"{ELSEWHERE}?sslmode={mode}", False) for mode in ("require", "verify-ca", "verify-full")),
    ],
)
@pytest.mark.usefixtures("home")
def test_an_address_of_another_machine_without_encryption_is_minded_in_production(
    address: str, is_minded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("PGSSLMODE", "PGHOST", "PGHOSTADDR", "PGSERVICE"):
        monkeypatch.delenv(variable, raising=False)
    for setting in ("AKRIM_DATABASE_URL", "AKRIM_ANALYST_DATABASE_URL", "AKRIM_AIRFLOW_DATABASE_URL"):
        with monkeypatch.context() as given:
            configure(given, AKRIM_DATABASE_URL=HERE, AKRIM_DATA_MODE="production")
            configure(given, **{setting: address})
            told = doctor.CHECKS["encryption"]()
            assert isinstance(told, doctor.Caution) == is_minded
            assert (setting in told) == is_minded
            configure(given, PGSSLMODE="verify-full")
            if "sslmode" not in address:
                assert not isinstance(doctor.CHECKS["encryption"](), doctor.Caution)
            configure(given, AKRIM_DATA_MODE="synthetic")
            assert not isinstance(doctor.CHECKS["encryption"](), doctor.Caution)
    get_settings.cache_clear()


@pytest.mark.usefixtures("warehouse")
def test_an_inbox_where_it_lies_if_none_is_set_is_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert doctor.CHECKS["room for what arrived"]() == "no inbox is set"
    (tmp_path / "inbox").mkdir()
    told = [doctor.CHECKS[name]() for name in ("inbox", "room for what arrived")]
    assert told == ["inbox", "nothing waits"]


@pytest.mark.usefixtures("warehouse")
def test_after_runs_from_an_inbox_named_to_each_all_is_well(home: Path) -> None:
    """As after `make demo`, which names its inbox to each run; the demo keys of centres are not made by looking."""
    home.mkdir(mode=0o700)
    create_keys()
    before = seen(home)
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 0, ran.output
    assert "well tables: are this version's" in ran.output
    assert "none is set: each `akrim run` names its own" in ran.output
    assert seen(home) == before


def test_tables_that_are_not_there_are_told_and_not_laid(
    server: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir(mode=0o700)
    with database(server, monkeypatch, "template1") as address, psycopg.connect(address) as connection:
        assert isinstance(doctor.CHECKS["tables"](), doctor.Absent)
        assert connection.execute("select to_regnamespace('meta')").fetchone() == (None,)


def test_a_database_that_cannot_hold_every_letter_is_told(
    server: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir(mode=0o700)
    with superuser(server, "postgres") as connection:
        connection.execute(
            "create database ascii template template0 encoding 'SQL_ASCII' locale 'C' owner akrim"
        )
    configure(monkeypatch, AKRIM_DATABASE_URL=server.format("ascii"))
    with pytest.raises(doctor.UserError, match="holds text as SQL_ASCII"):
        doctor.CHECKS["database"]()


@pytest.mark.usefixtures("warehouse")
def test_roles_that_nobody_laid_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a server of one's own whose administrator has made the pipeline's database and nothing else."""
    monkeypatch.setitem(READABLE, "akrim_missing", ("marts",))
    with pytest.raises(doctor.UserError, match="no role akrim_missing"):
        doctor.CHECKS["roles"]()
    assert {"addresses", "rights", "people's logins"} <= set(doctor.RESTING["roles"])


@pytest.mark.usefixtures("warehouse")
def test_a_centres_login_that_nobody_laid_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an upgrade that brings a centre."""
    monkeypatch.setattr("akrim.contracts.recipients", lambda: ("oslo", "vadso"))
    with pytest.raises(doctor.UserError, match="no role akrim_centre_vadso:"):
        doctor.CHECKS["roles"]()


@pytest.mark.parametrize("given", ["synthetic", "production"])
def test_an_inbox_that_was_set_must_be_there(given: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir(mode=0o700)
    monkeypatch.setenv("AKRIM_DATA_MODE", given)
    if given == "synthetic":
        monkeypatch.setenv("AKRIM_INBOX", "nowhere")
    get_settings.cache_clear()
    with pytest.raises(doctor.UserError, match="not there"):
        doctor.CHECKS["inbox"]()


@pytest.mark.parametrize(
    ("host", "hook", "told"),
    [
        ("mail.example", "", "go to drift@akrim.example"),
        ("", "https://chat.example/x", "go to the webhook"),
        ("mail.example", "https://chat.example/x", "go to drift@akrim.example, the webhook"),
    ],
)
@pytest.mark.usefixtures("home")
def test_only_ways_that_are_open_are_told_of(
    host: str, hook: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"SMTP_HOST": host, "ALERT_MAIL": '["drift@akrim.example"]', "ALERT_WEBHOOK": hook}
    for name, value in given.items():
        monkeypatch.setenv(f"AKRIM_{name}", value)
    get_settings.cache_clear()
    assert doctor.CHECKS["alerts"]() == told


def test_a_database_that_cannot_be_reached_is_told_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir(mode=0o700)
    configure(monkeypatch, AKRIM_DATABASE_URL="postgresql://akrim@127.0.0.1:1/akrim")
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 1
    assert ran.output.count("cannot be reached") == 1


def test_limits_that_are_not_there_are_told_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not there is a database to look at what is past them."""
    home.mkdir(mode=0o700)
    monkeypatch.setenv("AKRIM_RETENTION", str(home / "none.yml"))
    monkeypatch.setitem(doctor.CHECKS, "tables", lambda: "are there")
    monkeypatch.setitem(doctor.CHECKS, "database", lambda: "is there")
    get_settings.cache_clear()
    ran = CliRunner().invoke(app, ["doctor"])
    assert ran.exit_code == 1
    assert ran.output.count("none.yml") == 1
    assert "wrong how long data are kept: " in ran.output
