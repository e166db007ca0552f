"""From what a user gives to learn from to the batches of a training: in memory, read batch by batch, or made."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.symbols import Automatic
from wlnet.nets.container import coder_of, ports_of_kind
from wlnet.training.augmented import with_augmentation
from wlnet.training.batches import Batches, Source
from wlnet.training.data import Lacking, columns_of
from wlnet.training.deferred import inputs_of, is_deferred
from wlnet.training.finish import with_values
from wlnet.training.generators import Batchmaker, Generated, batchmaker
from wlnet.training.learned import with_learned_encoders
from wlnet.training.losses import Attached, attach
from wlnet.training.lossfunction import LOSSES
from wlnet.training.options import Options
from wlnet.training.prefetch import Prefetched, said_of
from wlnet.training.session import Session
from wlnet.training.sets import with_boolean_decoder
from wlnet.verbs.evaluate import automatic_size, leaves
from wlnet.verbs.initialize import initialized, method_of
from wlnet.verbs.inputs import Inputs
from wlnet.verbs.settings import Settings

VALIDATION = "the validation data"


@dataclass
class Opened:
    """The data of a training as the net takes them, and the net with what they tell of it.

    `inputs` are all examples, or the first batch that `maker` made.
    """

    net: Layer
    attached: Attached
    columns: Mapping[str, Any]  # as the user gave them, by port
    inputs: Inputs
    maker: Batchmaker | None = None
    first: Any = None

    def source(self, inputs: Inputs, size: int, options: Options) -> Source:
        """The batches of a round, of these examples of the data."""
        order_seed = options.seeds()[1]
        if self.maker is not None:
            net, ports, pair = self.attached.net, self.attached.ports, self.attached.pair
            return Prefetched(Generated(self.maker, net, ports, pair, inputs, order_seed, self.first))
        batches = with_augmentation(Batches(inputs, size, order_seed), self.attached.net, self.columns, options)
        return Prefetched(batches) if is_deferred(inputs) else batches


def opened(net: Layer, data: Any, options: Options) -> Opened:
    """The data of a training, opened: a function makes its first batch, encoders learn, shapes are inferred."""
    maker = batchmaker(data)
    if maker is None:
        return read(net, data, options)
    maker.warn_of_single_batches()
    refuse_learning(net)
    plan = attach(net, options.loss).net.plan
    with said_at("batch 1 of round 1"):
        first = maker.begin(options.batch_size, plan, lambda: starting_net(net, options))
        found = read(net, first, options)
        maker.settle(options.batch_size, found.inputs.count)
    found.maker, found.first = maker, first
    return found


def read(net: Layer, data: Any, options: Options) -> Opened:
    """The same of data that are there."""
    net = with_boolean_decoder(net, data)
    attached = attach(net, options.loss)
    with said_of_inner_losses(net):
        columns = columns_of(data, attached.ports, attached.pair)
    net = with_learned_encoders(net, columns, options)
    attached = attach(net, options.loss)
    return Opened(net, attached, columns, inputs_of(attached.net, columns))


@contextmanager
def said_of_inner_losses(net: Layer) -> Iterator[None]:
    """Says how an output is a loss that the net computes, where targets are asked for that it takes inside already."""
    try:
        yield
    except Lacking as error:
        port = error.expected
        if port not in ports_of_kind(net, "out") or not any(isinstance(layer, LOSSES) for _, layer in leaves(net)):
            raise
        hint = f'if {port} is the loss itself, write LossFunction="{port}"; else give its targets'
        raise NetError(error.message, expected=port, got=error.got, hint=hint) from None


def refuse_learning(net: Layer) -> None:
    """Encoders learn from all training data before training, of which a function tells only one batch."""
    for port in ports_of_kind(net, "in"):
        encoder: Any = coder_of(net, port)
        if encoder is not None and encoder.learns:
            raise NetError(
                f"{port}: {encoder.label} learns from all data, which a function that makes batches does not tell",
                got=encoder,
                hint='let it learn before: NetEncoder("FeatureExtractor", FeatureExtraction(examples))',
            )


def starting_net(net: Layer, options: Options) -> Layer:
    """The net that training starts from, for a function that asks for it before there are any data."""
    attached = attach(net, options.loss)
    started = initialized(attached.net, attached.net.plan, *method_of("Kaiming"), options.seeds()[0], False)
    return with_values(net, {}, started)


def validation_source(
    opened: Opened, inputs: Inputs, held: Inputs | None, size: int, options: Options
) -> Source | None:
    """The batches to validate with: `held` are the examples that are set aside, or given."""
    maker = batchmaker(options.validation, VALIDATION)
    if maker is None:
        if held is None:
            return None
        batches = Batches(held, size, None)
        return Prefetched(batches, VALIDATION) if is_deferred(held) else batches
    net, ports, pair = opened.attached.net, opened.attached.ports, opened.attached.pair
    with said_at(f"{VALIDATION}, batch 1"):
        first = maker.begin(options.batch_size, inputs.plan, lambda: starting_net(opened.net, options))
        made = Generated(maker, net, ports, pair, inputs, options.seeds()[3], first)
        made.settle(options.batch_size)
    return Prefetched(made, VALIDATION)


def in_order(net: Layer, attached: Attached, data: Any, settings: Settings) -> tuple[Inputs, Source]:
    """Data as a net that nobody trains takes them, and all of them in batches, in the order in which they stand."""
    maker = batchmaker(data)
    if maker is None:
        inputs = inputs_of(attached.net, columns_of(data, attached.ports, attached.pair))
        batches = Batches(inputs, min(settings.size or automatic_size(inputs), inputs.count), None)
        return inputs, Prefetched(batches) if is_deferred(inputs) else batches
    size = settings.size or Automatic
    with said_at("batch 1 of round 1"):
        first = maker.begin(size, attached.net.plan, lambda: net)
        inputs = inputs_of(attached.net, columns_of(first, attached.ports, attached.pair))
        maker.settle(size, inputs.count)
    return inputs, Prefetched(
        Generated(maker, attached.net, attached.ports, attached.pair, inputs, settings.seed, first)
    )


def tell_of_net(session: Session) -> None:
    """Lets functions that make batches ask for the net as it is now."""
    for source in (session.batches, session.validation):
        if isinstance(source, Prefetched) and isinstance(source.source, Generated):
            source.source.maker.net = lambda: session.net_of(session.state)


@contextmanager
def said_at(name: str) -> Iterator[None]:
    """Errors say in which batch they are."""
    try:
        yield
    except NetError as error:
        raise said_of(name, error) from error
