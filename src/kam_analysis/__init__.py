"""Key-client analysis: who the key clients are, how far the business hangs on them, what they are worth, who stays.

As a library: ``kam_analysis.from_transactions(df, customer=…, date=…, amount=…)``, and the purchase models.
"""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

_PLACES = {
    **dict.fromkeys(("from_transactions", "Sales", "Answer", "write_page"), "kam_analysis.api"),
    **dict.fromkeys(("BetaGeometric", "BgNbd", "GammaGamma", "MbgNbd", "ParetoNbd"), "kam_analysis.facts.models"),
    "UserError": "kam_analysis.errors",
}


def __getattr__(name: str) -> Any:
    """Import what a name stands for when it is first asked for: importing the package alone takes no time."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
