"""Dimensions: lengths have one form, arithmetic is that of whole numbers, and two lengths become one where they can."""

import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlnet.core.dims import NotYet, Refusal, Unknown, is_length, known, length, solve_equal
from wlnet.core.sizes import agree, at_least, exact, prod

n, m = length("n"), length("m")


# --- lengths --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dim, same",
    [
        (n - 1 + 1, n),
        (6 * n // 2, 3 * n),
        ((n + 2 - 3) // 1 + 1, n),
        (n + m - n, m),
        (n - n, 0),
        (2 * (n + 3), 2 * n + 6),
        ((n + 4) // 2, n // 2 + 2),
        (n // 2 // 3, n // 6),
        ((n // 2 + 1) // 3, (n + 2) // 6),
        (-1 * (n * -1), n),
    ],
)
def test_one_length_has_one_form(dim, same):
    assert dim == same and hash(dim) == hash(same) and repr(dim) == repr(same)


@pytest.mark.parametrize(
    "dim, text",
    [(n - 1, "n-1"), (3 * n + m, "m+3·n"), (n // 2, "⌊n/2⌋"), ((n - 1) // 2 + 1, "⌊(n+1)/2⌋"), (1 - n, "-n+1")],
)
def test_a_length_prints(dim, text):
    assert repr(dim) == text


steps = st.lists(
    st.tuples(st.sampled_from(["+", "-", "*", "//", "r-"]), st.integers(1, 7)),
    max_size=7,
)


def apply(dim, chosen):
    for operation, number in chosen:
        if operation == "+":
            dim = dim + number
        elif operation == "-":
            dim = dim - number
        elif operation == "*":
            dim = dim * number
        elif operation == "//":
            dim = dim // number
        else:
            dim = number - dim
    return dim


@settings(max_examples=60, deadline=None)
@given(steps, steps, st.integers(1, 1000), st.integers(1, 1000))
def test_arithmetic_on_lengths_is_that_of_whole_numbers(first, second, a, b):
    dim = apply(n, first) + apply(m, second)
    expected = apply(a, first) + apply(b, second)
    assert (dim.with_names({n.terms[0][1]: a, m.terms[0][1]: b}.get) if is_length(dim) else dim) == expected


@settings(max_examples=60, deadline=None)
@given(steps, steps)
def test_lengths_that_become_one_are_equal(first, second):
    one, other = apply(n, first), apply(m, second)
    if not (is_length(one) and is_length(other)):
        return
    answer = solve_equal(one, other)
    if isinstance(answer, tuple):
        name, value = answer
        put = lambda each: value if each == name else length(each.text)
        assert one.with_names(put) == other.with_names(put)


@pytest.mark.parametrize(
    "a, b, answer",
    [(n, n, True), (n, n - 1, False), (2 * n, 2 * m + 1, False), (n, 2 * (n // 2), None), (n // 2, m // 2, None)],
)
def test_what_two_lengths_say(a, b, answer):
    assert solve_equal(a, b) is answer


def test_a_name_gives_way():
    assert solve_equal(n - 1, m) in ((m.terms[0][1], n - 1), (n.terms[0][1], m + 1))


def test_a_product_of_lengths_is_refused():
    with pytest.raises(Refusal, match="the product of two lengths, n and m, is not a length"):
        n * m


def test_a_length_is_never_an_int():
    assert n != 3 and not known(n) and is_length(n) and known(3) and not is_length(3)


@pytest.mark.parametrize("value", [n, n // 2 + m, Unknown])
def test_dimensions_pickle_and_copy(value):
    assert pickle.loads(pickle.dumps(value)) == value and copy.deepcopy(value) == value


# --- unknown sizes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dim", [Unknown + 1, 1 - Unknown, Unknown * n, Unknown + n, -Unknown // 2])
def test_all_arithmetic_with_unknown_is_unknown(dim):
    assert dim is Unknown


@pytest.mark.parametrize("ask", [lambda: Unknown < 3, lambda: bool(Unknown), lambda: int(Unknown), lambda: 3 % Unknown])
def test_comparing_unknown_postpones_a_rule(ask):
    with pytest.raises(NotYet):
        ask()


@pytest.mark.parametrize("ask", [lambda: n < 3, lambda: int(n), lambda: range(n)])
def test_comparing_a_length_is_a_plain_mistake(ask):
    with pytest.raises(TypeError):
        ask()


# --- what rules say -------------------------------------------------------------------------------------------------


def test_prod():
    assert prod((2, 3, 5)) == 30 and prod(()) == 1 and prod((n, 3)) == 3 * n and prod((2, Unknown)) is Unknown


@pytest.mark.parametrize("a, b, result", [(6, 3, 2), (6 * n, 3, 2 * n), (Unknown, 3, Unknown)])
def test_exact_divides(a, b, result):
    assert exact(a, b) == result


@pytest.mark.parametrize(
    "a, b, text",
    [
        (7, 3, "7 does not split into 3 equal parts"),
        (7, 0, "7 does not split into 0 equal parts"),
        (n, 3, "a varying size n does not split into blocks of 3"),
        (3 * n + 1, 3, "a varying size 3·n+1 does not split into blocks of 3"),
    ],
)
def test_exact_complains(a, b, text):
    with pytest.raises(Refusal) as e:
        exact(a, b)
    assert str(e.value) == text


@pytest.mark.parametrize("a, b, result", [(3, 3, 3), (Unknown, 3, 3), (3, Unknown, 3), (n, n, n)])
def test_agree_gives_the_size_that_is_known(a, b, result):
    assert agree(a, b) == result


@pytest.mark.parametrize("a, b", [(3, 5), (3, n), (n, 3)])
def test_agree_complains_and_an_int_never_meets_a_length(a, b):
    with pytest.raises(Refusal) as e:
        agree(a, b, "widths")
    assert str(e.value) == f"widths {a} and {b} must be equal"


def test_at_least():
    at_least(3, 3)
    at_least(n, 3)
    at_least(Unknown, 3)
    with pytest.raises(Refusal) as e:
        at_least(2, 3, "the width")
    assert str(e.value) == "the width must be at least 3, not 2"
