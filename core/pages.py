"""How templates become pages, at the desk and before it."""

from jinja2 import BaseLoader, Environment, StrictUndefined


def page_environment(loader: BaseLoader) -> Environment:
    """Pages, escaped by default; a forgotten value is a bug, not an empty string.

    Make one a process and keep it, for it remembers the compiled pages.
    """
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
