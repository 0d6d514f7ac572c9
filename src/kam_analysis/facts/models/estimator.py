"""The conventions of scikit-learn's estimators, without importing it: that takes half a second and sets variables."""

from __future__ import annotations

from inspect import signature
from typing import Any, Self


class Estimator:
    """An object whose parameters are the arguments of its constructor; what `fit` found ends with an underscore.

    `sklearn.base.clone` copies it, and it stands in a pipeline.

    Examples
    --------
    >>> class Model(Estimator):
    ...     def __init__(self, seed=7):
    ...         self.seed = seed
    >>> Model().set_params(seed=3).get_params()
    {'seed': 3}
    """

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Give the arguments of the constructor by name."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor.

        Raises
        ------
        ValueError
            When the constructor has no such argument.
        """
        for name, value in params.items():
            if name not in self.get_params():
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}")
            setattr(self, name, value)
        return self

    def _check_is_fitted(self) -> None:
        if not hasattr(self, "parameters_"):
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(f"this {type(self).__name__} is not fitted yet: call fit first")
