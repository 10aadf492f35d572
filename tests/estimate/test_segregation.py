"""Indices of mixing and of ties returned: published values, closed forms, and what chance gives."""

from __future__ import annotations

import csv
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from pipeline.estimate import (
    assortativity,
    coleman,
    ei_index,
    ei_permutation,
    ei_share,
    freeman,
    gupta_anderson_may,
    mixing_matrix,
    orwg,
    reciprocity,
)

RING = [[1, 1, 0], [0, 1, 1], [1, 0, 1]]  # six people in a circle, two of each of three groups, each tied to the next


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="session")
def catania(real_data: Path) -> np.ndarray:
    groups = ["black", "hispanic", "other", "white"]
    matrix = np.zeros((4, 4))
    for row in rows(real_data / "reference" / "netseg_Catania.csv"):
        matrix[groups.index(row["male"]), groups.index(row["female"])] = int(row["n"])
    return matrix


@pytest.fixture(scope="session")
def kinship(real_data: Path) -> np.ndarray:
    """White's kinship ties, which have no direction, folded onto the upper triangle."""
    gender = {row["name"]: row["gender"] for row in rows(real_data / "reference" / "netseg_WhiteKinship-vdb.csv")}
    ties = [sorted((gender[r["from"]], gender[r["to"]])) for r in rows(real_data / "reference" / "netseg_WhiteKinship-edb.csv")]
    names, matrix = mixing_matrix(*zip(*ties, strict=True))
    assert names == ["female", "male"]
    return matrix


@pytest.mark.real
def test_catania_s_assortativity_is_newman_s(catania: np.ndarray) -> None:
    """Published as 0.621; its last digit is the same with the ends told apart or not."""
    assert assortativity(catania).value == pytest.approx(0.621, abs=5e-4)
    assert assortativity(catania, directed=True).value == pytest.approx(0.621, abs=5e-4)
    assert assortativity(catania).se == pytest.approx(0.01397, abs=1e-5)


@pytest.mark.real
def test_white_s_kinship_as_published(kinship: np.ndarray) -> None:
    assert assortativity(kinship).value == pytest.approx(0.180124, abs=1e-6)
    assert assortativity(kinship + kinship.T).value == pytest.approx(0.180124, abs=1e-6)
    assert gupta_anderson_may(kinship) == pytest.approx(0.1801242, abs=1e-7)
    assert round(freeman(kinship, [5, 5]), 2) == 0.26
    assert ei_index(kinship) == pytest.approx(-0.181818, abs=1e-6)


@pytest.mark.real
def test_e_i_of_catania(catania: np.ndarray) -> None:
    assert ei_index(catania) == pytest.approx(1 - 2 * np.trace(catania) / catania.sum(), abs=1e-12)
    assert ei_index(catania) == pytest.approx(-0.4760, abs=5e-5)


def test_coleman_s_own_example_and_a_ring() -> None:
    """His boys and girls, with the exact expectation; and a ring of three colours."""
    assert coleman([[45, 15], [20, 20]], [60, 40]) == pytest.approx([0.38125, 0.175])
    assert coleman(RING, [2, 2, 2]) == pytest.approx([0.375] * 3)


def test_coleman_turns_negative_where_own_ties_are_rare() -> None:
    assert coleman([[0, 10], [5, 5]], [6, 5]) == pytest.approx([-1.0, (5 - 4) / (10 - 4)])
    assert np.isnan(coleman([[0, 0], [1, 1]], [3, 3])[0])


def test_freeman_is_zero_where_all_are_tied_and_negative_where_all_go_across() -> None:
    assert freeman([[10, 25], [0, 10]], [5, 5]) == pytest.approx(0)
    assert freeman([[0, 9], [0, 0]], [5, 5]) == pytest.approx(1 - 90 / 50)


def test_orwg_is_one_where_the_group_is_no_matter() -> None:
    assert orwg([[1, 2], [2, 1]], [2, 2]) == pytest.approx(1)
    assert orwg([[3, 1], [0, 3]], [3, 3], directed=False) == float("inf")
    assert orwg([[2, 1], [0, 2]], [3, 3], directed=False) == pytest.approx((4 / 2) / (1 / 8))
    with pytest.raises(ValueError, match="more ties than pairs"):
        orwg([[7, 0], [0, 0]], [3, 3])


def test_the_ends_of_every_scale() -> None:
    apart, across = [[5, 0], [0, 5]], [[0, 5], [5, 0]]
    assert (ei_index(apart), ei_index(across)) == (-1, 1)
    assert (assortativity(apart).value, assortativity(across).value) == (1, -1)
    assert (gupta_anderson_may(apart), gupta_anderson_may(across)) == (1, -1)
    assert assortativity([[4, 4], [4, 4]]).value == pytest.approx(0)
    assert np.isnan(ei_index([[0, 0], [0, 0]]))
    assert np.isnan(assortativity([[7, 0], [0, 0]]).value)


def test_the_jackknife_of_assortativity_is_its_definition() -> None:
    """Ten ties one by one, by hand."""
    m = np.array([[3.0, 1], [2, 4]])
    value = assortativity(m, directed=True).value
    square = 0.0
    for g, h in ((0, 0), (0, 1), (1, 0), (1, 1)):
        less = m.copy()
        less[g, h] -= 1
        square += m[g, h] * (assortativity(less, directed=True).value - value) ** 2
    assert assortativity(m, directed=True).se == pytest.approx(square**0.5)


@pytest.mark.parametrize("matrix", [[[1, 2]], [[1, -1], [0, 1]], [[1, np.nan], [0, 1]]])
def test_what_is_no_mixing_matrix_is_refused(matrix: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="mixing matrix"):
        ei_index(matrix)


def test_a_dyad_is_mutual_where_both_address_each_other() -> None:
    found = reciprocity([0, 1, 0, 2, 0], [1, 0, 2, 3, 1])  # 0-1 both ways, once twice; 0 to 2; 2 to 3
    assert (found.value, found.of) == (pytest.approx(1 / 3), 3)
    # without 0: 0/1, without 1: 0/2, without 2: 1/1, without 3: 1/2
    left = np.array([0, 0, 1, 0.5])
    assert found.se == pytest.approx((2 / 8 * ((left - left.mean()) ** 2).sum()) ** 0.5)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_dyads_that_all_agree_are_no_certainty() -> None:
    found = reciprocity(range(60), range(60, 120))
    assert (found.value, found.se, found.low) == (0, 0, 0)
    assert found.high == pytest.approx(0.0602, abs=1e-4)  # Wilson's for 0 of 60
    none = reciprocity([], [])
    assert none.of == 0
    assert np.isnan([none.value, none.low, none.high]).all()


def test_a_tie_to_oneself_is_refused() -> None:
    with pytest.raises(ValueError, match="oneself"):
        reciprocity([1], [1])


SENDER, RECEIVER, GROUP = [0, 1, 2, 3, 0], [1, 0, 3, 4, 2], ["a", "a", "b", "b", "b"]


def test_e_i_of_people_counts_each_direction() -> None:
    found = ei_share(SENDER, RECEIVER, GROUP)
    assert (found.value, found.of) == (pytest.approx((1 - 4) / 5), 5)
    assert found.value == ei_index(mixing_matrix(*([GROUP[p] for p in side] for side in (SENDER, RECEIVER)))[1])


def test_moments_are_those_of_all_deals() -> None:
    values = [ei_share(SENDER, RECEIVER, dealt).value for dealt in permutations(GROUP)]
    found = ei_permutation(SENDER, RECEIVER, GROUP, seed=1)
    assert (found.expected, found.sd) == (pytest.approx(np.mean(values)), pytest.approx(np.std(values)))
    assert found.z == pytest.approx((found.value - np.mean(values)) / np.std(values))
    far = np.abs(np.array(values) - np.mean(values)) >= abs(found.value - np.mean(values)) - 1e-9
    assert found.p == pytest.approx(far.mean(), abs=0.05)


def test_the_same_seed_deals_the_same_and_order_is_no_matter() -> None:
    rng = np.random.default_rng(3)
    people = rng.integers(0, 40, (300, 2))
    people = people[people[:, 0] != people[:, 1]]
    group = rng.integers(0, 4, 40)
    found = ei_permutation(*people.T, group, permutations=99, seed=5)
    assert found == ei_permutation(*people[::-1].T, group, permutations=99, seed=5)
    assert found.low < found.expected < found.high
    assert abs(found.z) < 4
    assert reciprocity(*people.T) == reciprocity(*people[::-1].T)


def test_groups_that_keep_to_themselves_are_seen_and_one_group_says_nothing() -> None:
    sender, receiver = np.arange(40), (np.arange(40) + 1) % 20 + 20 * (np.arange(40) // 20)
    found = ei_permutation(sender, receiver, np.arange(40) // 20, seed=1)
    assert found.value == -1
    assert found.z < -5
    assert found.p == pytest.approx(1 / 1000)
    assert np.isnan(ei_permutation(sender, receiver, np.zeros(40), seed=1).z)
    with pytest.raises(ValueError, match="4 people"):
        ei_permutation([0], [1], [0, 1, 1], seed=1)
