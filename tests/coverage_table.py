"""What of Wolfram's neural nets is there: docs/coverage.md, made from the code. `python -m tests.coverage_table`.

Each symbol of the official guides is a row, with its form and options as `inspect` finds them, and its status.
"""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import wlnet
from wlnet import Layer, NetTrain, Options
from wlnet.coders.kinds import DECODERS, ENCODERS
from wlnet.core.source import source
from wlnet.verbs.evaluate import OPTIONS

PATH = Path(__file__).parent.parent / "docs" / "coverage.md"

SYMBOLS = {
    "Construction and properties": """NetChain NetGraph NetArray NetModel ResourceData NetExternalObject Import Export
        Information Options NetExtract NetMeasurements NetTrainResultsObject NetPort NetPortGradient NetStateObject""",
    "Layers: basic and custom": "LinearLayer SoftmaxLayer FunctionLayer CompiledLayer PlaceholderLayer",
    "Layers: elementwise": "ElementwiseLayer ThreadingLayer ParametricRampLayer RandomArrayLayer",
    "Layers: structure": """CatenateLayer PrependLayer AppendLayer FlattenLayer ReshapeLayer ReplicateLayer PaddingLayer
        PartLayer TransposeLayer ExtractLayer""",
    "Layers: arrays": "NetArrayLayer SummationLayer TotalLayer AggregationLayer DotLayer OrderingLayer",
    "Layers: convolution and filtering": """ConvolutionLayer DeconvolutionLayer PoolingLayer ResizeLayer
        SpatialTransformationLayer""",
    "Layers: recurrent": "BasicRecurrentLayer GatedRecurrentLayer LongShortTermMemoryLayer",
    "Layers: sequences": """UnitVectorLayer EmbeddingLayer AttentionLayer SequenceLastLayer SequenceMostLayer
        SequenceRestLayer SequenceReverseLayer SequenceIndicesLayer""",
    "Layers: training": """DropoutLayer ImageAugmentationLayer BatchNormalizationLayer NormalizationLayer
        LocalResponseNormalizationLayer""",
    "Layers: losses": """CrossEntropyLossLayer ContrastiveLossLayer CTCLossLayer MeanSquaredLossLayer
        MeanAbsoluteLossLayer""",
    "Operators": """NetMapOperator NetMapThreadOperator NetFoldOperator NetBidirectionalOperator NetNestOperator
        NetPairEmbeddingOperator NetGANOperator""",
    "Operations": """NetTrain NetInitialize NetInsertSharedArrays NetUnfold NetReplacePart NetFlatten NetJoin NetRename
        NetAppend NetPrepend NetTake NetDrop NetInsert NetDelete NetReplace NetEncoder NetDecoder""",
}
"""The symbols of the guides by group; each stands in one group, though Wolfram lists some in several."""

OPTION_SYMBOLS = {
    "Options of nets": """BatchSize NetEvaluationMode RandomSeeding TargetDevice WorkingPrecision
        LearningRateMultipliers InputPorts OutputPorts""",
    "Options of training": """LossFunction Method MaxTrainingRounds BatchSize LearningRate LearningRateMultipliers
        ValidationSet TimeGoal TargetDevice WorkingPrecision RandomSeeding PerformanceGoal TrainingProgressReporting
        TrainingProgressFunction TrainingProgressMeasurements TrainingProgressCheckpointing TrainingStoppingCriterion
        TrainingUpdateSchedule""",
}

CODERS = {
    "Encoders": """Audio AudioMelSpectrogram AudioMFCC AudioSpectrogram AudioSTFT SubwordTokens Characters Tokens UTF8
        Image Image3D VideoFrames Boolean Class FeatureExtractor Function""",
    "Decoders": "Boolean Class Image Image3D Characters Tokens SubwordTokens CTCBeamSearch Function",
}

OBSOLETE = {
    "NetInformation": "Information", "NetSharedArray": "NetArray", "BPESubwordTokens": "SubwordTokens",
    "ConstantArrayLayer": "NetArrayLayer", "ConstantPlusLayer": "", "ConstantTimesLayer": "",
    "InstanceNormalizationLayer": "NormalizationLayer", "SequenceAttentionLayer": "AttentionLayer",
    "DotPlusLayer": "LinearLayer", "UpsampleLayer": "ResizeLayer",
}  # fmt: skip

HEAD = """# What is there

Every symbol of Wolfram's neural-net guides, with the form and the options that wlnet has for it. Made from the code by
`python -m tests.coverage_table`; a test holds it to the code.

"""


def text(value: Any) -> str:
    """A default in a cell."""
    return (value.__name__ if callable(value) and hasattr(value, "__name__") else source(value)).replace("|", "\\|")


def form(name: str, thing: Callable) -> str:
    """The call with its positional arguments."""
    shown = []
    for each in inspect.signature(thing).parameters.values():
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD):
            shown.append(each.name if each.default is each.empty else f"{each.name}={text(each.default)}")
        elif each.kind is each.VAR_POSITIONAL:
            shown.append(f"*{each.name}")
    return f"`{name}({', '.join(shown)})`"


def options_of(thing: Any) -> dict[str, Any]:
    """The options of a public name; none where it takes none."""
    if isinstance(thing, type) and issubclass(thing, Layer):
        return Options(thing)
    parameters = inspect.signature(thing).parameters.values()
    return {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}


def row(name: str, thing: Any, written: str = "") -> tuple[str, str, str, str]:
    """Symbol, form, options, status."""
    if thing is None:
        return name, "", "", "not yet"
    options = ", ".join(f"{option}={text(default)}" for option, default in options_of(thing).items())
    return name, form(written or name, thing), f"`{options}`" if options else "", "there"


def coder_form(family: str, name: str, thing: Any) -> tuple[str, str, str, str]:
    """The row of one kind of encoder or decoder."""
    found = row(name, thing)
    inner = found[1].removeprefix(f"`{name}(").removesuffix(")`")
    return name, f'`{family}("{name}"{", " * bool(inner)}{inner})`' if thing else "", *found[2:]


def option_row(name: str, holders: dict[str, dict[str, Any]]) -> tuple[str, str, str, str]:
    """An option: who takes it, and its default."""
    takers = [f"{holder}: {text(options[name])}" for holder, options in holders.items() if name in options]
    return name, ", ".join(f"`{each}`" for each in takers), "", "there" if takers else "not yet"


def obsolete_row(name: str, now: str) -> tuple[str, str, str, str]:
    """An old name, and what it is now."""
    there = getattr(wlnet, name, None) is not None or name in ENCODERS
    return name, f"now {now}" if now else "", "", "there" if there else "not yet"


def layer_options() -> dict[str, dict[str, Any]]:
    """The options of everything public, by name."""
    things = {name: getattr(wlnet, name) for name in sorted(wlnet.__all__)}
    layers = {name: thing for name, thing in things.items() if isinstance(thing, type) and issubclass(thing, Layer)}
    return {"net(x)": OPTIONS, "NetTrain": Options(NetTrain)} | {name: Options(each) for name, each in layers.items()}


def tables() -> dict[str, list[tuple[str, str, str, str]]]:
    """Every table, by its title."""
    found = {title: [row(n, getattr(wlnet, n, None)) for n in names.split()] for title, names in SYMBOLS.items()}
    holders = layer_options()
    nets, training = OPTION_SYMBOLS.items()
    found[nets[0]] = [option_row(name, holders) for name in nets[1].split()]
    found[training[0]] = [option_row(name, {"NetTrain": holders["NetTrain"]}) for name in training[1].split()]
    for (title, names), (family, kinds) in zip(
        CODERS.items(), {"NetEncoder": ENCODERS, "NetDecoder": DECODERS}.items(), strict=True
    ):
        found[title] = [coder_form(family, name, kinds.get(name)) for name in names.split()]
    found["Obsolete names"] = [obsolete_row(*each) for each in OBSOLETE.items()]
    return found


def coverage() -> str:
    """The page."""
    parts = []
    for title, rows in tables().items():
        lines = [f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |") for cells in rows]
        there = sum(cells[3] == "there" for cells in rows)
        head = f"## {title} ({there} of {len(rows)})\n\n| symbol | form | options | status |\n|---|---|---|---|\n"
        parts.append(head + "\n".join(lines) + "\n")
    return HEAD + "\n".join(parts)


def main() -> None:
    """Writes the page."""
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(coverage())


if __name__ == "__main__":
    main()
