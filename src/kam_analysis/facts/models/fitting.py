"""The top of a likelihood: several starts, BFGS on the logarithms of the parameters, Newton at the end, a verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kam_analysis.facts.rounding import FINE_DIGITS, LIKELIHOOD_DECIMALS, PARAMETER_DECIMALS, significant

BOUNDS = (-8.0, 12.0)
MOST_CONDITION = 1e6
NEAR_BOUND = 0.01
TOWARDS_BOUND = 2.0
LONGEST_STEP = 2.0
MOST_STEPS = 60
LOOK_STEPS = 6
HESSIAN_STEP = 1e-4
CLEAR_LEAD = 5.0
NEWTON_STEPS = 5
SHORTEST_STEP = 1e-10
AS_LIKELY = 1e-3

Floats = npt.NDArray[np.float64]
Loss = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True)
class Verdict:
    """Whether the parameters of a fit can be told from the data.

    Parameters
    ----------
    at_bound : bool
        A parameter ran to the edge of its range.
    condition : float
        Largest over smallest curvature of the likelihood in the logarithms of the parameters; infinite where it is
        not curved downwards in every direction.
    """

    at_bound: bool
    condition: float

    @property
    def is_identified(self) -> bool:
        """Hessian positive definite, condition number below 10⁶, no parameter at its bound."""
        return not self.at_bound and self.condition < MOST_CONDITION


@dataclass(frozen=True)
class Top:
    """Where a likelihood is highest.

    Parameters
    ----------
    at : array
        Logarithms of the parameters.
    log_likelihood : float
    hessian : array
        Second derivatives of minus the log-likelihood at the top.
    is_settled : bool
        Whether there is one top, to which Newton's steps of all parameters led that lie on no bound; else it is some
        place on a ridge.
    """

    at: Floats
    log_likelihood: float
    hessian: Floats
    is_settled: bool = True

    @property
    def parameters(self) -> Floats:
        """The parameters themselves."""
        return significant(np.exp(self.at), FINE_DIGITS)

    @property
    def verdict(self) -> Verdict:
        """Judge the top by the curvature around it."""
        is_curved = self.is_settled and np.isfinite(self.hessian).all()
        curvatures = np.linalg.eigvalsh(self.hessian) if is_curved else np.array([-1.0])
        at_bound = bool(np.any((self.at < BOUNDS[0] + NEAR_BOUND) | (self.at > BOUNDS[1] - NEAR_BOUND)))
        return Verdict(at_bound, float(curvatures[-1] / curvatures[0]) if curvatures[0] > 0 else np.inf)


def climb(
    loss: Loss,
    starts: Sequence[Floats],
    sketch: Loss | None = None,
    weight: float = 1.0,
    is_small: bool = True,
) -> Top:
    """Climb from every start and give the highest top.

    Parameters
    ----------
    loss : callable
        Minus the log-likelihood and its slope at the logarithms of the parameters.
    starts : sequence of array
    sketch : callable, optional
        The same over a part of the customers. With it the starts and the curvature are looked at there, and all
        customers only serve the last climb: for large data.
    weight : float
        Customers in all over customers in the sketch.
    is_small : bool
        Whether every start climbs to its top. Of large data those do that are near the best after a few steps: few
        customers have flat and odd likelihoods, many do not.

    Notes
    -----
    All starts take a few steps, then the best climbs to its top, then the others. A parameter whose bound is as likely
    as the top lies on it; the logarithms are rounded to 7 decimals, so that the top is the same on every processor.
    """
    looked = loss if sketch is None else sketch
    climbs = sorted((_descend(looked, start, LOOK_STEPS) for start in starts), key=lambda climb: climb.value)
    tops = [_descend(looked, climbs[0].at, MOST_STEPS)]
    for other in climbs[1:]:
        if is_small or other.value < tops[0].value + CLEAR_LEAD:
            tops.append(_descend(looked, other.at, MOST_STEPS))
    best = min(tops, key=lambda top: top.value)
    hessian = _hessian(looked, best.at) * weight
    if not Top(best.at, -best.value, hessian).verdict.is_identified:
        best = min((_along_the_ridge(looked, top) for top in tops), key=lambda top: top.value)
        hessian = _hessian(looked, best.at) * weight
    if sketch is not None:
        best = _descend(loss, best.at, MOST_STEPS, hessian)
    top = _settled(loss, best, hessian)
    at_bound = (top.at == BOUNDS[0]) | (top.at == BOUNDS[1])
    if not np.array_equal(at_bound, (best.at == BOUNDS[0]) | (best.at == BOUNDS[1])):
        hessian = _hessian(looked, top.at) * weight
    likelihood = float(np.round(-top.value, LIKELIHOOD_DECIMALS))
    return Top(np.round(top.at, PARAMETER_DECIMALS), likelihood, hessian, top is not best)


@dataclass(frozen=True)
class _Climb:
    at: Floats
    value: float


def _descend(loss: Loss, start: Floats, most_steps: int, hessian: Floats | None = None) -> _Climb:
    at = np.clip(start, *BOUNDS)
    value, slope = loss(at)
    inverse = _inverse(hessian, len(at))
    for _ in range(most_steps):
        is_free = ~(((at <= BOUNDS[0]) & (slope > 0)) | ((at >= BOUNDS[1]) & (slope < 0)))
        step = -(_among(is_free, inverse) @ slope)
        if not step @ slope < 0:
            inverse = np.eye(len(at)) / max(float(np.linalg.norm(slope)), 1.0)
            step = -(inverse @ slope) * is_free
        step = step * min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        gain = float(step @ slope)
        if -gain < max(1e-9, 4e-15 * abs(value)):
            break
        reached = np.clip(at + step, *BOUNDS)
        new_value, new_slope = loss(reached)
        while not new_value <= value + 1e-4 * gain:
            step, gain = step / 3, gain / 3
            if -gain < 1e-12 * max(1.0, abs(value) * 1e-3):
                return _Climb(at, value)
            reached = np.clip(at + step, *BOUNDS)
            new_value, new_slope = loss(reached)
        moved, bent = reached - at, new_slope - slope
        inverse = _updated(inverse, moved, bent)
        at, value, slope = reached, new_value, new_slope
    return _Climb(at, value)


def _along_the_ridge(loss: Loss, top: _Climb) -> _Climb:
    from scipy.optimize import minimize

    options = {"maxiter": 400, "maxcor": 20, "ftol": 1e-14, "gtol": 1e-8}
    bounds = [BOUNDS] * len(top.at)
    found = minimize(loss, top.at, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return _Climb(found.x, float(found.fun)) if found.fun < top.value else top


def _inverse(hessian: Floats | None, size: int) -> Floats:
    if hessian is not None and np.isfinite(hessian).all() and np.linalg.eigvalsh(hessian)[0] > 0:
        return np.asarray(np.linalg.inv(hessian))
    return np.eye(size) * 1e-3


def _among(is_free: npt.NDArray[np.bool_], inverse: Floats) -> Floats:
    """Inverse of the curvature with the other parameters held fast at their bounds."""
    if is_free.all():
        return inverse
    held = ~is_free
    return inverse - inverse[:, held] @ np.linalg.solve(inverse[np.ix_(held, held)], inverse[held])


def _updated(inverse: Floats, moved: Floats, bent: Floats) -> Floats:
    along = float(moved @ bent)
    if along <= 1e-12 * float(np.linalg.norm(moved) * np.linalg.norm(bent)):
        return inverse
    pulled = inverse @ bent
    new: Floats = (
        inverse
        + (along + bent @ pulled) / along**2 * np.outer(moved, moved)
        - (np.outer(pulled, moved) + np.outer(moved, pulled)) / along
    )
    return new


def _hessian(loss: Loss, at: Floats) -> Floats:
    rows = [(loss(at + move)[1] - loss(at - move)[1]) / (2 * HESSIAN_STEP) for move in HESSIAN_STEP * np.eye(len(at))]
    hessian = np.array(rows)
    return (hessian + hessian.T) / 2


def _settled(loss: Loss, top: _Climb, hessian: Floats) -> _Climb:
    """Let parameters whose bound is as likely lie on it and the others take Newton's steps to where the slope ends."""
    low, high = BOUNDS
    at = np.where(top.at < low + NEAR_BOUND, low, np.where(top.at > high - NEAR_BOUND, high, top.at))
    settled = _newton(loss, at, hessian)
    best = settled if settled is not None and settled.value <= top.value + AS_LIKELY else top
    for place in range(len(at)):
        bound = low if best.at[place] - low < high - best.at[place] else high
        if 0 < abs(best.at[place] - bound) < TOWARDS_BOUND:
            moved = best.at.copy()
            moved[place] = bound
            there = _newton(loss, moved, hessian)
            if there is not None and there.value <= best.value + AS_LIKELY:
                best = there
    return best


def _newton(loss: Loss, start: Floats, hessian: Floats) -> _Climb | None:
    """Newton's steps of the parameters that lie on no bound; None where the likelihood is not curved enough."""
    low, high = BOUNDS
    at, is_free = start.copy(), (start > low) & (start < high)
    if not is_free.all():
        hessian = _hessian(loss, at)
    curved = hessian[np.ix_(is_free, is_free)]
    if is_free.any() and (not np.isfinite(curved).all() or np.linalg.cond(curved) > MOST_CONDITION):
        return None
    value, slope = loss(at)
    for _ in range(NEWTON_STEPS if is_free.any() else 0):
        step = np.linalg.solve(curved, slope[is_free])
        at[is_free] = np.clip(at[is_free] - step, low, high)
        value, slope = loss(at)
        if np.abs(step).max() < SHORTEST_STEP:
            break
    return _Climb(at, value)
