"""What the laws need: data that suit a net, a run on either backend, values and gradients together."""

import zlib

import numpy as np

from tests.lawful import Case
from wlnet import NetInitialize
from wlnet.backends import backend
from wlnet.core.dims import Length
from wlnet.core.types import Boolean, Integer
from wlnet.nets.container import ports_of_kind
from wlnet.verbs.data import Column
from wlnet.verbs.evaluate import collect_arrays
from wlnet.verbs.lengths import named_lengths, settled

LENGTHS = (5, 3, 7)
"""The true lengths of the three examples of a batch of sequences."""


def seed_of(case: Case) -> int:
    return zlib.crc32(repr(case).encode())


def random_values(case: Case, port: str, shape: tuple, of, random) -> np.ndarray:
    """Values that a port takes."""
    if isinstance(of, Integer):
        low = 1 if of.low is None else of.low
        return random.integers(low, (of.high if isinstance(of.high, int) else low + 4) + 1, shape)
    if isinstance(of, Boolean):
        return random.integers(0, 2, shape).astype(float)
    low, high = case.domains.get(port, case.domain)
    values = random.uniform(low, high, shape)
    if port in case.simplex:
        values = np.exp(values)
        return values / values.sum(-1, keepdims=True)
    return values


def columns(case: Case, count: int = 3, padding_seed: int = 0) -> dict[str, Column]:
    """A batch for every input port: sequences of unequal lengths, padded with noise, where a port varies."""
    plan, found = case.net.plan, {}
    for port in ports_of_kind(case.net, "in"):
        shape, of = plan.shape((), port), plan.types.get(((), port))
        random = np.random.default_rng((seed_of(case), zlib.crc32(port.encode())))
        if shape and isinstance(shape[0], Length):
            true = np.array(LENGTHS[:count]) + (shape[0].const if len(shape[0].terms) == 1 else 0)
            rows = [random_values(case, port, (n, *shape[1:]), of, random) for n in true]
            noise = np.random.default_rng(padding_seed)
            array = random_values(case, port, (count, true.max() + 1, *shape[1:]), of, noise)
            for row, values in zip(array, rows, strict=True):
                row[: len(values)] = values
            found[port] = Column(array, true)
        else:
            found[port] = Column(random_values(case, port, (count, *shape), of, random))
    return found


def initialized(case: Case):
    """The net with arrays in general position: no zeros and ones that hide a mistake."""
    net = NetInitialize(case.net, RandomSeeding=7)
    arrays = collect_arrays(net, "float64")
    random = np.random.default_rng(3)
    moved = {key: value + random.uniform(0.1, 0.6, value.shape) for key, value in arrays.items()}
    return net, moved


def run(case: Case, net, arrays, data, engine_name="NumPy", precision="float64", training=False, rows=range(3)):
    """Outputs of a batch, and the gradient of a fixed weighted sum of the true places for every real leaf.

    `rows` says which weights each example gets, so that one alone gets those that it has in the batch.
    """
    engine = backend(engine_name)
    lengths = named_lengths(net.plan, data)
    dims = net.plan.at(settled(lengths, engine_name == "JAX"))
    reals = {p: c for p, c in data.items() if not isinstance(net.plan.types.get(((), p)), Integer)}
    leaves = {("in", port): engine.array(column.array.astype(precision)) for port, column in reals.items()}
    leaves |= {("array", *key): engine.array(value.astype(precision)) for key, value in arrays.items()}
    fixed = {port: engine.array(column.array) for port, column in data.items() if port not in reals}

    def total(found):
        xp = engine.context(training=training, precision=precision, seed=11, dims=dims).derive(count=len(rows))
        inputs = fixed | {key[1]: value for key, value in found.items() if key[0] == "in"}
        held = {key[1:]: value for key, value in found.items() if key[0] == "array"}
        outputs, _ = net.run(xp, held, inputs, ())
        amount = 0.0
        for port, value in outputs.items():
            weights = weights_of(net, port, value, lengths, rows).astype(precision)
            amount = amount + xp.sum(xp.astype(value, float) * xp.asarray(weights))
        return amount, outputs

    computed = engine.compile(lambda given: engine.value_and_gradient(total, given))  # as evaluation and training do
    with np.errstate(all="ignore"):
        value, outputs, gradients = computed(leaves)
    return float(value), engine.numpy(outputs), {key: engine.numpy(g) for key, g in gradients.items()}


def weights_of(net, port, value, lengths, rows) -> np.ndarray:
    """Fixed weights for a port's values, the same however long the padding is; padding counts nothing."""
    size = tuple(int(d) for d in value.shape)
    true = [size[1]] * size[0] if len(size) > 1 else None
    shape = net.plan.shape((), port)
    if shape and isinstance(shape[0], Length):
        true = np.broadcast_to(shape[0].with_names(lambda name: lengths[name]), (size[0],))
    weights = np.zeros(size)
    for k, row in zip(range(size[0]), rows, strict=False):
        random = np.random.default_rng((5, row))
        if true is None:
            weights[k] = random.uniform(0.5, 1.5)
        else:
            weights[k, : true[k]] = random.uniform(0.5, 1.5, (true[k], *size[2:]))
    return weights


def true_rows(net, port, values, lengths) -> list[np.ndarray]:
    """The examples of an output without padding."""
    shape = net.plan.shape((), port)
    if not (shape and isinstance(shape[0], Length)):
        return list(values)
    true = np.broadcast_to(shape[0].with_names(lambda name: lengths[name]), (len(values),))
    return [row[:n] for row, n in zip(values, true, strict=True)]
