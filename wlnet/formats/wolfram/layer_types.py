"""The table of layers in a net's tree: what Wolfram calls a type, its parameters and arrays, today and before.

A row names what differs. A layer that has none is its class without "Layer", its positional arguments are parameters of
their names with a capital, and options and arrays keep their names. Names that no public file shows are guesses; they
are the names of Wolfram's options, or of what the argument is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wlnet.core.layer import Layer
from wlnet.core.symbols import Automatic, Symbol
from wlnet.formats.makers import layer_classes


@dataclass(frozen=True)
class LayerType:
    """How one class of layers stands in a tree.

    parameters: our argument -> Wolfram's parameter; older: older names of parameters and arrays -> those of today;
    derived: parameters that follow from others; reads: what makes a value of Wolfram's ours; writes: the other way, of
    the value and the number of dimensions of space.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    older: Mapping[str, str] = field(default_factory=dict)
    derived: tuple[str, ...] = ()
    reads: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    writes: Mapping[str, Callable[[Any, int | None], Any]] = field(default_factory=dict)


def single(value: Any) -> Any:
    """{6} is 6: a list of one size is that size."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def equal(value: Any) -> Any:
    """{2, 2} is 2, {{1, 1}, {1, 1}} is 1: what is the same for all dimensions is said once."""
    if isinstance(value, tuple) and value:
        inner = [equal(each) for each in value]
        if all(each == inner[0] for each in inner) and type(inner[0]) is int:
            return inner[0]
    return value


def pairs(value: Any) -> Any:
    """{1, 2} is {{1, 1}, {2, 2}}: how versions before wrote the padding of each dimension."""
    return equal(value)


def sizes(value: Any, rank: int | None) -> Any:
    """A list of sizes."""
    return value if isinstance(value, tuple) or value is Automatic else (value,)


def each(value: Any, rank: int | None) -> Any:
    """One value for each dimension of space."""
    return (value,) * rank if isinstance(value, int) and rank is not None else value


def both_sides(value: Any, rank: int | None) -> Any:
    """The padding before and after, for each dimension of space."""
    listed = each(value, rank)
    if not isinstance(listed, tuple):
        return value
    return tuple((side, side) if isinstance(side, int) else side for side in listed)


def as_symbol(value: Any, rank: int | None) -> Any:
    """A function by its symbol."""
    return Symbol(value) if isinstance(value, str) else value


WINDOW = {"Stride": equal, "Dilation": equal, "PaddingSize": pairs, "stride": equal}
WINDOWS = {"Stride": each, "Dilation": each, "PaddingSize": both_sides, "stride": each, "kernel": each}
KERNEL = LayerType(
    {"n": "OutputChannels", "kernel": "KernelSize"},
    {"$GroupNumber": "ChannelGroups", "$InputChannels": "InputChannels"},
    ("InputChannels", "Dimensionality"),
    WINDOW,
    WINDOWS,
)
RECURRENT = LayerType({"n": "OutputSize"})
SHIFTED = {"Gamma": "Scaling", "Beta": "Biases"}

ROWS: dict[str, LayerType] = {
    "Linear": LayerType({"n": "OutputDimensions"}, reads={"n": single}, writes={"n": sizes}),
    "Convolution": KERNEL,
    "Deconvolution": KERNEL,
    "Pooling": LayerType(
        {"kernel": "KernelSize", "stride": "Stride"},
        derived=("InputChannels", "Dimensionality"),
        reads=WINDOW,
        writes=WINDOWS | {"Function": as_symbol},
    ),
    "BatchNormalization": LayerType(older=SHIFTED, derived=("Channels",)),
    "Normalization": LayerType(
        {"levels": "AggregationLevels", "scaling": "ScalingLevels"}, SHIFTED | {"$GroupNumber": "GroupNumber"}
    ),
    "Dropout": LayerType({"p": "DropoutProbability"}),
    "Elementwise": LayerType({"f": "Function"}),
    "Threading": LayerType({"f": "Function", "broadcast": "Broadcasting"}),
    "Aggregation": LayerType({"f": "Function", "levels": "Levels"}, {"Level": "Levels"}, writes={"f": as_symbol}),
    "Softmax": LayerType({"level": "Level"}),
    "Flatten": LayerType({"n": "Level"}),
    "Part": LayerType({"spec": "PartSpecification"}, {"Specification": "PartSpecification"}),
    "Reshape": LayerType({"dims": "Dimensions"}),
    "Replicate": LayerType({"n": "Specification", "position": "Level"}, reads={"n": single}),
    "Transpose": LayerType({"levels": "Specification"}),
    "Padding": LayerType({"widths": "PaddingSize"}),
    "Catenate": LayerType({"level": "Level"}),
    "Embedding": LayerType({"size": "OutputDimension", "n": "ClassCount"}, reads={"size": single, "n": single}),
    "UnitVector": LayerType({"n": "ClassCount"}),
    "Ordering": LayerType({"n": "Count"}),
    "Resize": LayerType({"target": "Dimensions"}),
    "SpatialTransformation": LayerType({"extent": "Dimensions"}),
    "ImageAugmentation": LayerType({"extent": "OutputSize"}),
    "RandomArray": LayerType({"dist": "Distribution"}),
    "ContrastiveLoss": LayerType({"margin": "Margin"}),
    "CrossEntropyLoss": LayerType({"form": "TargetForm"}),
    "Attention": LayerType({"net": "ScoringNet"}),
    "SequenceAttention": LayerType({"net": "ScoringNet"}),
    "BasicRecurrent": RECURRENT,
    "GatedRecurrent": RECURRENT,
    "LongShortTermMemory": RECURRENT,
    "ParametricRamp": LayerType({"levels": "Levels"}),
    "Function": LayerType(derived=("Function",)),
    "NetNestOperator": LayerType({"n": "Count"}),
}
"""The rows, by type."""

RENAMED = {
    "DotPlus": "Linear",
    "ConstantArray": "NetArray",
    "InstanceNormalization": "Normalization",
    "NetMap": "NetMapOperator",
    "NetFold": "NetFoldOperator",
    "NetNest": "NetNestOperator",
    "NetBidirectional": "NetBidirectionalOperator",
    "NetMapThread": "NetMapThreadOperator",
    "NetPairEmbedding": "NetPairEmbeddingOperator",
    "NetGAN": "NetGANOperator",
}
"""Types of earlier versions, or by a shorter name, and those of today."""

CONTAINERS = ("NetChain", "NetGraph")
"""Classes that stand in a tree in a way of their own."""


def type_name(layer: Layer) -> str:
    """What a tree calls the type of a layer: its class without "Layer".

    >>> from wlnet import LinearLayer
    >>> type_name(LinearLayer(3))
    'Linear'
    """
    return type(layer).__name__.removesuffix("Layer")


def layer_types() -> dict[str, type[Layer]]:
    """Every class of layers that a tree may hold, by type."""
    return {name.removesuffix("Layer"): kind for name, kind in layer_classes().items() if name not in CONTAINERS}


def row_of(name: str) -> LayerType:
    """The row of a type."""
    return ROWS.get(name, PLAIN)


PLAIN = LayerType()


def parameter_of(name: str, argument: str) -> str:
    """What Wolfram calls a parameter of a type.

    >>> parameter_of("Linear", "n"), parameter_of("Dot", "transpositions"), parameter_of("Convolution", "Stride")
    ('OutputDimensions', 'Transpositions', 'Stride')
    """
    return row_of(name).parameters.get(argument, argument[0].upper() + argument[1:])


__all__ = ["RENAMED", "layer_types", "parameter_of", "row_of", "type_name"]
