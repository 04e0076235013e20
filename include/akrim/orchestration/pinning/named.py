"""What settings name that a run is made by: looked at before it begins, since it is pinned when all is received."""

from akrim.formats import check_exports
from akrim.linkage.model import model_version
from akrim.settings import get_settings
from akrim.sharing import load_matrix


def named_exports() -> list[str]:
    """The formats that are written on request; raises UserError where one is none."""
    exports = sorted(set(get_settings().exports.split(",")) - {""})
    if exports:
        check_exports(exports)
    return exports


def require_named() -> None:
    """Raise UserError where the linkage model, an export format, the sharing matrix or the limits that settings name are not there."""
    from akrim.releases import read_limits  # which takes longer to read than a DAG's file may

    named_exports()
    model_version()
    load_matrix()
    read_limits(get_settings().limits)
