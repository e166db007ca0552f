"""wlnet: the Wolfram Language neural-net framework as a Python library.

Names are Wolfram's, letter for letter, grouped here as Wolfram's guide pages group them. Positions, levels and class
indices count from 1, and from -1 backwards.
"""

import wlnet.display  # registers how nets are shown
from wlnet.coders import NetDecoder, NetEncoder
from wlnet.core.distributions import DISTRIBUTIONS
from wlnet.core.errors import NetError, NetWarning
from wlnet.core.heads import HEADS, Piecewise
from wlnet.core.layer import Layer
from wlnet.core.symbols import (
    All,
    Alternatives,
    Automatic,
    Catenate,
    Inherited,
    InterquartileRange,
    Mean,
    MeanDeviation,
    Median,
    NetPort,
    Nothing,
    Quantity,
    Restricted,
    Scaled,
    Span,
    StandardDeviation,
    Total,
    TwoWayRule,
    Variance,
)
from wlnet.layers.aggregation import AggregationLayer
from wlnet.layers.aliases import DotPlusLayer, InstanceNormalizationLayer, UpsampleLayer
from wlnet.layers.arrays import ConstantArrayLayer, NetArrayLayer, RandomArrayLayer
from wlnet.layers.attention import AttentionLayer, SequenceAttentionLayer
from wlnet.layers.compiled import CompiledLayer
from wlnet.layers.contrastive import ContrastiveLossLayer
from wlnet.layers.convolution import ConvolutionLayer
from wlnet.layers.deconvolution import DeconvolutionLayer
from wlnet.layers.dense import LinearLayer, SoftmaxLayer
from wlnet.layers.dropout import DropoutLayer
from wlnet.layers.elementwise import ElementwiseLayer, ThreadingLayer
from wlnet.layers.embedding import EmbeddingLayer, UnitVectorLayer
from wlnet.layers.images import ImageAugmentationLayer, LocalResponseNormalizationLayer
from wlnet.layers.joining import CatenateLayer, TotalLayer
from wlnet.layers.losses import CrossEntropyLossLayer, MeanAbsoluteLossLayer, MeanSquaredLossLayer
from wlnet.layers.normalization import BatchNormalizationLayer, NormalizationLayer
from wlnet.layers.parts import PaddingLayer, PartLayer
from wlnet.layers.placeholder import PlaceholderLayer
from wlnet.layers.pooling import PoolingLayer
from wlnet.layers.positions import AppendLayer, ExtractLayer, OrderingLayer, PrependLayer
from wlnet.layers.products import DotLayer, SummationLayer
from wlnet.layers.recurrent import BasicRecurrentLayer, GatedRecurrentLayer, LongShortTermMemoryLayer
from wlnet.layers.reshape import ReshapeLayer
from wlnet.layers.resizing import ResizeLayer, SpatialTransformationLayer
from wlnet.layers.scaling import ConstantPlusLayer, ConstantTimesLayer, ParametricRampLayer
from wlnet.layers.sequence import (
    SequenceIndicesLayer,
    SequenceLastLayer,
    SequenceMostLayer,
    SequenceRestLayer,
    SequenceReverseLayer,
)
from wlnet.layers.sequence_losses import CTCLossLayer
from wlnet.layers.structure import FlattenLayer, ReplicateLayer, TransposeLayer
from wlnet.nets.chain import NetChain
from wlnet.nets.graph import NetGraph
from wlnet.training.results import NetTrainResultsObject
from wlnet.training.train import NetTrain
from wlnet.verbs.apply import apply_head
from wlnet.verbs.device import backend
from wlnet.verbs.evaluate import evaluate
from wlnet.verbs.extract import NetExtract
from wlnet.verbs.information import Information, NetInformation
from wlnet.verbs.initialize import NetInitialize
from wlnet.verbs.options import Options

globals().update(HEADS)  # Ramp, Tanh, Plus and the other scalar functions
globals().update(DISTRIBUTIONS)  # NormalDistribution, GammaDistribution and their kin

__all__ = [name for name in dir() if name[0].isupper() and name not in ("HEADS", "DISTRIBUTIONS")] + ["backend"]
