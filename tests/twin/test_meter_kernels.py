"""The virtual meters' linear algebra, each kernel beside its reference and NumPy's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from twin.kernels import virtual

NAMES = ("fill_design", "run_out", "lagged_sums", "factor", "solve", "product", "score_sums")


@pytest.fixture(params=["python", "numba"])
def kernel(request: pytest.FixtureRequest) -> Any:
    suffix = "_python" if request.param == "python" else ""
    return SimpleNamespace(**{name: getattr(virtual, name + suffix) for name in NAMES})


def matrix(n: int, m: int) -> Any:
    return np.random.default_rng(n * 100 + m).normal(size=(n, m))


def test_a_part_is_shared_among_the_buckets_that_it_spans(kernel: Any) -> None:
    parts = np.array([(-5, 5, 0, 0.0), (5, 25, 1, 0.0), (25, 99, 0, 0.0)], virtual.PART)
    x = np.zeros((3, 2))
    kernel.fill_design(parts, 0, 10, x)
    np.testing.assert_allclose(x, [[0.5, 0.5], [0.0, 1.0], [0.5, 0.5]])


def test_with_a_lag_parts_that_follow_on_each_other_still_share_all_of_a_bucket(
    kernel: Any,
) -> None:
    s = 1_000_000_000
    parts = np.array([(-60 * s, 4 * s, 0, 0.8), (4 * s, 40 * s, 1, 0.8)], virtual.PART)
    x = np.zeros((3, 2))
    kernel.fill_design(parts, 0, 10 * s, x)
    np.testing.assert_allclose(x.sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(x[0], [0.48, 0.52], atol=1e-3)  # 0.8 s later than without


def test_what_runs_out_is_drawn_in_the_part_that_follows(kernel: Any) -> None:
    kwh = np.zeros(3)
    level, long = np.array([36.0, 0.0, 36.0]), np.array([100.0, 50.0, 100.0])
    kernel.run_out(level, long, np.full(3, 0.8), np.array([True, False, True]), kwh)
    np.testing.assert_allclose(kwh, [1.0, 0.8 * 36 / 3600, 1.0])


def test_a_factor_is_the_matrix_again(kernel: Any) -> None:
    b = matrix(6, 9)
    a = b @ b.T
    u = kernel.factor(a)
    np.testing.assert_allclose(u.T @ u, a)
    np.testing.assert_array_equal(u, np.triu(u))


def test_solutions_solve(kernel: Any) -> None:
    b, right = matrix(6, 9), matrix(6, 2)
    a = b @ b.T
    np.testing.assert_allclose(a @ kernel.solve(kernel.factor(a), right), right)


def test_a_direction_without_weight_stays_where_it_is(kernel: Any) -> None:
    a = np.array([[2.0, 2.0], [2.0, 2.0]])
    x = kernel.solve(kernel.factor(a), np.array([[4.0], [4.0]]))
    np.testing.assert_allclose(x, [[2.0], [0.0]], atol=1e-12)


def test_products(kernel: Any) -> None:
    np.testing.assert_allclose(
        kernel.product(matrix(3, 4), matrix(4, 5)), matrix(3, 4) @ matrix(4, 5)
    )


def test_lagged_sums_are_those_of_rows_that_follow(kernel: Any) -> None:
    z = matrix(8, 3)
    z[z < -0.5] = 0.0
    follows = np.array([False, True, True, False, True, True, False, True])
    now, cross, before, first = kernel.lagged_sums(z, follows)
    at = np.flatnonzero(follows)
    np.testing.assert_allclose(now, z[at].T @ z[at], atol=1e-12)
    np.testing.assert_allclose(cross, z[at].T @ z[at - 1], atol=1e-12)
    np.testing.assert_allclose(before, z[at - 1].T @ z[at - 1], atol=1e-12)
    np.testing.assert_allclose(first, z[~follows].T @ z[~follows], atol=1e-12)


def test_scores_are_summed_over_windows(kernel: Any) -> None:
    x, residual, follows = matrix(12, 2), matrix(12, 1)[:, 0], np.ones(12, bool)
    follows[0] = False
    sums = kernel.score_sums(x, residual, follows, 0.0, 4, 2)
    scores = x * residual[:, None]
    expected = [scores[k : k + 4].sum(axis=0) for k in range(0, 9, 2)]
    np.testing.assert_allclose(sums, expected)


def test_both_give_the_same_bits() -> None:
    x, residual = matrix(40, 5), matrix(40, 1)[:, 0]
    follows = np.arange(40) % 11 > 0
    a = x.T @ x
    u = virtual.factor(a)
    for one, two in (
        (virtual.factor_python(a), u),
        (virtual.solve_python(u, a), virtual.solve(u, a)),
        (virtual.product_python(x, a), virtual.product(x, a)),
        (
            virtual.score_sums_python(x, residual, follows, 0.4, 6, 2),
            virtual.score_sums(x, residual, follows, 0.4, 6, 2),
        ),
        *zip(virtual.lagged_sums_python(x, follows), virtual.lagged_sums(x, follows), strict=True),
    ):
        assert one.tobytes() == two.tobytes()
