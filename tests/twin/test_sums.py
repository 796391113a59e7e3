"""The exact sum has the bits of math.fsum, whatever is added up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.sums import exact_sum


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(0, 3000),
    digits=st.floats(0.0, 250.0),
    sign=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_any_numbers(seed: int, count: int, digits: float, sign: float) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(size=count) * 10.0 ** random.uniform(-digits, digits, count)
    values = np.where(random.random(count) < sign, np.abs(values), values)
    assert exact_sum(values) == math.fsum(values)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=40))
def test_what_cancels(numbers: list[float]) -> None:
    values = np.array([*numbers, *(-x for x in numbers), 2.0**-1074] * 20)
    np.random.default_rng(1).shuffle(values)
    assert exact_sum(values) == math.fsum(values)


@pytest.mark.parametrize("value", [0.0, -0.0, 1e308, 5e-324, 0.1, -0.1])
def test_many_of_one(value: float) -> None:
    values = np.full(1000, value)
    if value == 1e308:
        with pytest.raises(OverflowError):
            exact_sum(values)
        return
    assert exact_sum(values) == math.fsum(values)


def test_no_number_stays_none() -> None:
    values = np.ones(1000)
    values[500] = np.nan
    assert math.isnan(exact_sum(values))
    values[500] = np.inf
    assert exact_sum(values) == np.inf
