"""A net's outputs and the gradient of their weighted sum, for tests: one call, data as a user gives them."""

import numpy as np

from wlnet.backends import backend
from wlnet.core.types import Integer
from wlnet.verbs.inputs import by_port, prepare
from wlnet.verbs.lengths import named_lengths, settled


def slopes(net, data, precision="float64", weights=1.0, engine="NumPy"):
    """(outputs, gradient of the sum of weights · outputs for each real input); an example of one port is enough."""
    inputs = prepare(net, by_port(net, (data,)))
    machine = backend(engine)
    lengths = named_lengths(inputs.plan, inputs.columns)
    inputs.plan.compare(lengths)
    dims = inputs.plan.at(settled(lengths, engine == "JAX"))
    arrays = {port: machine.array(column.array) for port, column in inputs.columns.items()}
    whole = {p: a for p, a in arrays.items() if isinstance(inputs.plan.types.get(((), p)), Integer)}
    leaves = {p: machine.array(np.asarray(a, precision)) for p, a in arrays.items() if p not in whole}

    def total(found):
        xp = machine.context(precision=precision, dims=dims).derive(count=inputs.count)
        outputs, _ = net.run(xp, {}, whole | found, ())
        return sum(xp.sum(xp.asarray(np.asarray(weights, precision)) * value) for value in outputs.values()), outputs

    computed = machine.compile(lambda given: machine.value_and_gradient(total, given)[1:])
    with np.errstate(all="ignore"):
        outputs, gradients = computed(leaves)
    cut = (lambda tree: {k: np.asarray(v)[0] for k, v in tree.items()}) if inputs.single else machine.numpy
    return cut(outputs), cut(gradients)


def slope(net, data, precision="float64", weights=1.0):
    """The gradient for the one input port of a net."""
    return slopes(net, data, precision, weights)[1]["Input"]
