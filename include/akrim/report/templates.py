"""How templates of pages are read: escaped, and strict about every name."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def template_environment(package: str, folder: str = "templates") -> Environment:
    """The environment of the templates in a package's folder."""
    return Environment(
        loader=PackageLoader(package, folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
