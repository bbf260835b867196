"""Templates beside this file, rendered with everything escaped."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def environment() -> Environment:
    """Return the templates; a name a template does not know raises."""
    return Environment(
        loader=PackageLoader("dashboard.components", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: object) -> str:
    """Return the HTML of a template."""
    return environment().get_template(template).render(**values)
