"""wlnet: the Wolfram Language neural-net framework as a Python library."""

from wlnet.core.errors import NetError
from wlnet.core.symbols import All, Automatic, NetPort, Span
from wlnet.core.heads import HEADS, Piecewise
from wlnet.layers.dense import LinearLayer, SoftmaxLayer
from wlnet.layers.elementwise import ElementwiseLayer, ThreadingLayer
from wlnet.nets.chain import NetChain
from wlnet.nets.graph import NetGraph
from wlnet.verbs.evaluate import evaluate
from wlnet.verbs.extract import NetExtract
from wlnet.verbs.initialize import NetInitialize
from wlnet.verbs.apply import apply_head
