"""Where the templates of pages are found."""

from __future__ import annotations

from functools import cache

import jinja2


@cache
def environment() -> jinja2.Environment:
    """Templates of the reports; every value is escaped and an unknown name is an error."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("kam_analysis.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=False,
    )
