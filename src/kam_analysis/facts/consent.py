"""Whether a customer may be contacted, out of the words of the source."""

from __future__ import annotations

from kam_analysis.vocabulary import Consent

YES = frozenset(("yes", "y", "true", "t", "1", "1.0", "да", "д", "po", "tak"))
NO = frozenset(("no", "n", "false", "f", "0", "0.0", "нет", "не", "н"))


def consent_of(text: object) -> Consent:
    """Read a consent: yes or no in English, Russian or Macedonian, else unknown.

    Examples
    --------
    >>> [consent_of(text).value for text in ("Yes", " нет ", "ДА", "perhaps", None)]
    ['given', 'refused', 'given', 'unknown', 'unknown']
    """
    word = text.strip().lower() if isinstance(text, str) else ""
    return Consent.GIVEN if word in YES else Consent.REFUSED if word in NO else Consent.UNKNOWN
