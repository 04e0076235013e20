"""How the report's templates are read: escaped, and strict about every name."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment(package: str, folder: str = "") -> Environment:
    """The environment of the templates in a package's folder."""
    return Environment(
        loader=PackageLoader(package, folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
