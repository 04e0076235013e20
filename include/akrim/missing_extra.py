"""A package that only an extra brings, told in plain words with the extra to install."""

from akrim.errors import UserError

# The import names that `pipeline` does not bring; everything else outside the base install is `pipeline`'s.
OTHER_EXTRAS = {"pandas": "analysis"}


def missing_extra(error: BaseException) -> UserError | None:
    """What to tell a person of an import that failed for want of an extra; None for any other error."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    package = error.name.partition(".")[0]
    if package in {"akrim", "expectations"}:
        return None
    extra = OTHER_EXTRAS.get(package, "pipeline")
    return UserError(
        "This needs more than the base install of akrim.", package, f"pip install 'akrim[{extra}]'"
    )
