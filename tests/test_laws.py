"""The laws, held against every row of the table."""

import pickle

import numpy as np
import pytest

import wlnet
from tests import (
    lawful_arrays,
    lawful_attention,
    lawful_filtering,
    lawful_folding,
    lawful_functions,
    lawful_losses,
    lawful_operators,
    lawful_recurrent,
    lawful_shared,
    lawful_structure,
)
from tests.lawful import LAWFUL
from tests.laws import columns, initialized, run, true_rows
from wlnet.core.dims import Length, Unknown
from wlnet.core.heads import HEADS
from wlnet.core.types import Integer
from wlnet.verbs.data import Column
from wlnet.verbs.lengths import named_lengths

ROOMS = (
    lawful_arrays,
    lawful_attention,
    lawful_filtering,
    lawful_folding,
    lawful_functions,
    lawful_losses,
    lawful_operators,
    lawful_recurrent,
    lawful_shared,
    lawful_structure,
)
CASES = [*LAWFUL, *(case for room in ROOMS for case in room.CASES)]
TRAINED = [case for case in CASES if "BatchNormalizationLayer" in repr(case)]
"""Where training computes something else that does not depend on the backend's random stream."""
SMOOTH = [case for case in CASES if not case.rough]
"""All but the rows that say why differences are not their slope."""
every = pytest.mark.parametrize("case", CASES, ids=repr)
NAMES = {**vars(wlnet), **HEADS, **vars(lawful_losses)}  # where functions of users' own stand


def row(data, k):
    """One example of a batch, alone and without padding."""
    return {
        port: Column(c.array[k : k + 1] if c.lengths is None else c.array[k : k + 1, : c.lengths[k]],
                     None if c.lengths is None else c.lengths[k : k + 1])
        for port, c in data.items()
    }  # fmt: skip


@every
def test_the_declared_shape_is_the_computed_one(case):
    net, arrays = initialized(case)
    for name, value in arrays.items():
        assert net.plan.shape(name[:-1], name[-1]) == value.shape
    data = columns(case)
    lengths = named_lengths(net.plan, data)
    _, outputs, _ = run(case, net, arrays, data)
    for port, values in outputs.items():
        shape = net.plan.shape((), port)
        assert shape is not None and Unknown not in shape
        for k, example in enumerate(true_rows(net, port, values, lengths)):
            expected = tuple(
                int(np.broadcast_to(d.with_names(lambda n: lengths[n]), (len(values),))[k])
                if isinstance(d, Length)
                else d
                for d in shape
            )
            assert example.shape == expected


@every
def test_one_example_and_a_batch_agree(case):
    """With padding that is noise: values of each example alone, and gradients, are those of the batch."""
    net, arrays = initialized(case)
    data = columns(case)
    lengths = named_lengths(net.plan, data)
    _, together, gradients = run(case, net, arrays, data)
    sums = {key: np.zeros_like(value) for key, value in gradients.items() if key[0] == "array"}
    for k in range(3):
        one = row(data, k)
        _, alone, own = run(case, net, arrays, one, rows=[k])
        for port, values in together.items():
            expected = true_rows(net, port, alone[port], named_lengths(net.plan, one))[0]
            got = true_rows(net, port, values, lengths)[k]
            np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-10, err_msg=port)
        for key, value in own.items():
            if key[0] == "array":
                sums[key] += value
            else:
                batch = gradients[key][k]
                size = value[0].shape[0] if value[0].ndim else None
                true = batch if size is None else batch[:size]
                np.testing.assert_allclose(true, value[0], rtol=1e-8, atol=1e-9, err_msg=str(key))
                assert size is None or not np.any(batch[size:]), "padding has a gradient"
    for key, value in sums.items():
        np.testing.assert_allclose(gradients[key], value, rtol=1e-8, atol=1e-9, err_msg=str(key))


@pytest.mark.parametrize("case", SMOOTH, ids=repr)
def test_the_gradient_agrees_with_differences(case):
    net, arrays = initialized(case)
    data = columns(case)
    _value, _, gradients = run(case, net, arrays, data)
    random = np.random.default_rng(1)
    step = 1e-6
    for key, gradient in gradients.items():
        direction = random.choice([-1.0, 1.0], gradient.shape)
        along = float(np.sum(gradient * direction))
        ends = []
        for sign in (1, -1):
            moved, held = dict(data), dict(arrays)
            if key[0] == "in":
                moved[key[1]] = Column(data[key[1]].array + sign * step * direction, data[key[1]].lengths)
            else:
                held[key[1:]] = arrays[key[1:]] + sign * step * direction
            ends.append(run(case, net, held, moved)[0])
        assert along == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=2e-5, abs=2e-5), key


@every
def test_numpy_and_jax_agree(case):
    both_backends(case, training=False)


@pytest.mark.parametrize("case", TRAINED, ids=repr)
def test_numpy_and_jax_agree_in_training(case):
    both_backends(case, training=True)


def both_backends(case, training):
    """Values and gradients of the true places are the same."""
    net, arrays = initialized(case)
    data = columns(case)
    lengths = named_lengths(net.plan, data)
    ours = run(case, net, arrays, data, training=training)
    theirs = run(case, net, arrays, data, "JAX", training=training)
    for port in ours[1]:
        pairs = zip(*(true_rows(net, port, each[1][port], lengths) for each in (ours, theirs)), strict=True)
        for one, other in pairs:
            np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-9, err_msg=port)
    for key in ours[2]:
        np.testing.assert_allclose(ours[2][key], theirs[2][key], rtol=1e-7, atol=1e-8, err_msg=str(key))


@every
@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
def test_single_precision_stays(case, engine):
    net, arrays = initialized(case)
    _, outputs, gradients = run(case, net, arrays, columns(case), engine, "float32")
    for port, value in outputs.items():
        whole = isinstance(net.plan.types.get(((), port)), Integer)
        assert value.dtype == (np.int64 if whole else np.float32), port
    for key, gradient in gradients.items():
        assert gradient.dtype == np.float32, key


@every
def test_printing_round_trips(case):
    bare = wlnet.NetInitialize(case.net, None)
    assert eval(repr(bare), NAMES) == bare
    assert str(case.net) == repr(case.net)
    assert bare == case.net or "Array(" in repr(case.net)


@every
def test_pickling_round_trips_and_a_copy_is_the_net_itself(case):
    net, _ = initialized(case)
    again = pickle.loads(pickle.dumps(net))
    assert again == net and again.plan == net.plan


@every
def test_nothing_is_mutated(case):
    net, arrays = initialized(case)
    before = pickle.dumps(net), {key: value.copy() for key, value in arrays.items()}
    data = columns(case)
    copies = {port: column.array.copy() for port, column in data.items()}
    run(case, net, arrays, data, training=True)
    assert pickle.dumps(net) == before[0]
    for key, value in arrays.items():
        np.testing.assert_array_equal(value, before[1][key])
    for port, column in data.items():
        np.testing.assert_array_equal(column.array, copies[port])
