"""wlnet: the Wolfram Language neural-net framework as a Python library.

Names are Wolfram's, letter for letter, grouped here as Wolfram's guide pages group them. Positions, levels and class
indices count from 1, and from -1 backwards.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Construction and properties
from wlnet.nets.chain import NetChain
from wlnet.nets.graph import NetGraph
from wlnet.core.shared import NetArray, NetSharedArray
from wlnet.core.layer import Layer
from wlnet.core.symbols import NetPort, NetPortGradient
from wlnet.verbs.extract import NetExtract
from wlnet.verbs.information import Information, NetInformation
from wlnet.verbs.options import Options
from wlnet.core.errors import NetError, NetWarning
from wlnet.verbs.device import backend

# Basic and custom layers
from wlnet.layers.dense import LinearLayer, SoftmaxLayer
from wlnet.layers.compiled import CompiledLayer
from wlnet.nets.function_layer import FunctionLayer
from wlnet.layers.placeholder import PlaceholderLayer

# Elementwise layers
from wlnet.layers.elementwise import ElementwiseLayer, ThreadingLayer
from wlnet.layers.scaling import ConstantPlusLayer, ConstantTimesLayer, ParametricRampLayer
from wlnet.layers.arrays import ConstantArrayLayer, NetArrayLayer, RandomArrayLayer

# Structure
from wlnet.layers.joining import CatenateLayer, TotalLayer
from wlnet.layers.positions import AppendLayer, ExtractLayer, OrderingLayer, PrependLayer
from wlnet.layers.structure import FlattenLayer, ReplicateLayer, TransposeLayer
from wlnet.layers.reshape import ReshapeLayer
from wlnet.layers.parts import PaddingLayer, PartLayer

# Array operations
from wlnet.layers.products import DotLayer, SummationLayer
from wlnet.layers.aggregation import AggregationLayer

# Convolution and filtering
from wlnet.layers.convolution import ConvolutionLayer
from wlnet.layers.deconvolution import DeconvolutionLayer
from wlnet.layers.pooling import PoolingLayer
from wlnet.layers.resizing import ResizeLayer, SpatialTransformationLayer

# Recurrent and sequence layers
from wlnet.layers.recurrent import BasicRecurrentLayer, GatedRecurrentLayer, LongShortTermMemoryLayer
from wlnet.layers.embedding import EmbeddingLayer, UnitVectorLayer
from wlnet.layers.attention import AttentionLayer, SequenceAttentionLayer
from wlnet.layers.sequence import (
    SequenceIndicesLayer,
    SequenceLastLayer,
    SequenceMostLayer,
    SequenceRestLayer,
    SequenceReverseLayer,
)

# Training optimisation
from wlnet.layers.dropout import DropoutLayer
from wlnet.layers.images import ImageAugmentationLayer, LocalResponseNormalizationLayer
from wlnet.layers.normalization import BatchNormalizationLayer, NormalizationLayer

# Losses
from wlnet.layers.losses import CrossEntropyLossLayer, MeanAbsoluteLossLayer, MeanSquaredLossLayer
from wlnet.layers.contrastive import ContrastiveLossLayer
from wlnet.layers.sequence_losses import CTCLossLayer

# Old names
from wlnet.layers.aliases import DotPlusLayer, InstanceNormalizationLayer, UpsampleLayer

# Higher-order: operators that hold nets
from wlnet.nets.mapping import NetMapOperator, NetMapThreadOperator
from wlnet.nets.folding import NetFoldOperator
from wlnet.nets.bidirectional import NetBidirectionalOperator
from wlnet.nets.nesting import NetNestOperator
from wlnet.nets.pairing import NetPairEmbeddingOperator
from wlnet.nets.adversary import NetGANOperator

# Operations and training
from wlnet.verbs.initialize import NetInitialize
from wlnet.verbs.sharing import NetInsertSharedArrays
from wlnet.verbs.replace import NetReplacePart
from wlnet.verbs.exchange import NetReplace
from wlnet.verbs.joining import NetAppend, NetJoin, NetPrepend
from wlnet.verbs.taking import NetDrop, NetTake
from wlnet.verbs.surgery import Length, NetDelete, NetInsert, Normal
from wlnet.verbs.renaming import NetRename
from wlnet.verbs.flatten import NetFlatten
from wlnet.verbs.unfold import NetUnfold
from wlnet.verbs.states import NetStateObject

# Encoding and decoding
from wlnet.coders import NetDecoder, NetEncoder

# Symbols that are settings, parts and functions
from wlnet.core.symbols import (
    All,
    Alternatives,
    Automatic,
    Catenate,
    CosineDistance,
    DigitCharacter,
    EndOfString,
    EuclideanDistance,
    Inherited,
    InterquartileRange,
    LetterCharacter,
    Mean,
    MeanDeviation,
    Median,
    Nothing,
    PunctuationCharacter,
    Quantity,
    Restricted,
    Scaled,
    Span,
    StandardDeviation,
    StartOfString,
    Total,
    TwoWayRule,
    Variance,
    WhitespaceCharacter,
    WordBoundary,
    WordCharacter,
)
from wlnet.core.distributions import DISTRIBUTIONS
from wlnet.core.heads import HEADS, Piecewise

# Training, import and export: who only composes and evaluates nets does not wait for them
if TYPE_CHECKING:
    from wlnet.coders.extractors import FeatureExtraction, FeatureExtractorFunction
    from wlnet.formats.front import Export, Import
    from wlnet.formats.wolfram.source import FromWolfram
    from wlnet.training.measure import NetMeasurements
    from wlnet.training.results import NetTrainResultsObject
    from wlnet.training.train import NetTrain

LATER = {
    "FeatureExtraction": "wlnet.coders.extractors",
    "FeatureExtractorFunction": "wlnet.coders.extractors",
    "Export": "wlnet.formats.front",
    "FromWolfram": "wlnet.formats.wolfram.source",
    "Import": "wlnet.formats.front",
    "NetMeasurements": "wlnet.training.measure",
    "NetTrain": "wlnet.training.train",
    "NetTrainResultsObject": "wlnet.training.results",
}
"""The public names whose modules are imported when they are first asked for."""

# What the higher rooms register: how nets are evaluated, shown, written, and how a head is applied to numbers
import wlnet.nets.functions
import wlnet.verbs.apply
import wlnet.verbs.evaluate
from wlnet.core.registry import provided_later

provided_later("html", "wlnet.display.html")
provided_later("picture", "wlnet.display.picture")
provided_later("table", "wlnet.display.text")
provided_later("rich table", "wlnet.display.text")
provided_later("input form", "wlnet.formats.wolfram.writer")

globals().update(HEADS)  # Ramp, Tanh, Plus and the other scalar functions
globals().update(DISTRIBUTIONS)  # NormalDistribution, GammaDistribution and their kin

HIDDEN = ("HEADS", "DISTRIBUTIONS", "LATER", "HIDDEN", "TYPE_CHECKING", "Any")
__all__ = sorted([*(name for name in dir() if name[0].isupper() and name not in HIDDEN), *LATER, "backend"])


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'wlnet' has no attribute {name!r}")
    return globals().setdefault(name, getattr(import_module(LATER[name]), name))


def __dir__() -> list[str]:
    return __all__
