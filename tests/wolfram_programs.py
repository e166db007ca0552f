"""Wolfram Language texts of our own writing with definitions, each with calls of what they define."""

from wlnet import (
    BatchNormalizationLayer,
    CatenateLayer,
    ConvolutionLayer,
    DeconvolutionLayer,
    DropoutLayer,
    ElementwiseLayer,
    FlattenLayer,
    LinearLayer,
    Max,
    NetChain,
    NetGraph,
    NetPort,
    PoolingLayer,
    Ramp,
    SoftmaxLayer,
    Tanh,
    TotalLayer,
)

INPUT = NetPort("Input")


def residual(n):
    """A block whose input is added to its output."""
    chain = NetChain([ConvolutionLayer(n, 3, PaddingSize=1), BatchNormalizationLayer(), Ramp,
                      ConvolutionLayer(n, 3, PaddingSize=1), BatchNormalizationLayer()])  # fmt: skip
    return NetGraph({"conv": chain, "sum": TotalLayer(), "act": Ramp},
                    [(INPUT, "conv"), ([INPUT, "conv"], "sum", "act")])  # fmt: skip


def unet(depth, n):
    """A U-Net by recursion."""
    block = [ConvolutionLayer(n, 3, PaddingSize=1), Ramp]
    if not depth:
        return NetChain(block)
    return NetGraph(
        {"down": block, "pool": PoolingLayer(2, 2), "inner": unet(depth - 1, 2 * n),
         "up": DeconvolutionLayer(n, 2, Stride=2), "join": CatenateLayer(), "out": block},
        [("down", "pool", "inner", "up"), (["down", "up"], "join", "out")],
    )  # fmt: skip


RESNET = """
(* ::Package:: *)
BeginPackage["Resnet`"];
residual::usage = "residual[n] is a block of n channels.";
Begin["`Private`"];
conv[n_] := Sequence[ConvolutionLayer[n, 3, "PaddingSize" -> 1], BatchNormalizationLayer[]]
residual[n_Integer] := NetGraph[
   <|"conv" -> NetChain[{conv[n], Ramp, conv[n]}], "sum" -> TotalLayer[], "act" -> Ramp|>,
   {NetPort["Input"] -> "conv", {NetPort["Input"], "conv"} -> "sum" -> "act"}]
Options[resnet] = {"Dropout" -> 0.5, "Classes" -> 10};
resnet[blocks_List, opts : OptionsPattern[]] := Module[{body, head},
  body = Flatten[Map[Function[n, residual[n]], blocks]];
  head = {FlattenLayer[], DropoutLayer[OptionValue["Dropout"]], LinearLayer[OptionValue["Classes"]], SoftmaxLayer[]};
  NetChain[Join[body, head]]
]
End[]; EndPackage[]
"""

UNET = """
block[n_] := NetChain[{ConvolutionLayer[n, 3, "PaddingSize" -> 1], Ramp}]
unet[0, n_] := block[n]
unet[depth_, n_ : 8] := With[{inner = unet[depth - 1, 2 n]},
  NetGraph[<|
    "down" -> block[n], "pool" -> PoolingLayer[2, 2], "inner" -> inner,
    "up" -> DeconvolutionLayer[n, 2, "Stride" -> 2], "join" -> CatenateLayer[], "out" -> block[n]|>,
   {"down" -> "pool" -> "inner" -> "up", {"down", "up"} -> "join" -> "out"}]
]
"""

PROGRAMS = {
    "definition with a default": (
        "mlp[n_, depth_: 2] := NetChain[Flatten@Table[{n, Tanh}, depth]]",
        "mlp", [((5,), {}, NetChain([5, Tanh, 5, Tanh])), ((3,), {"depth": 1}, NetChain([3, Tanh]))],
    ),
    "definition with opts___": (
        'dense[n_, opts___] := LinearLayer[n, opts]',
        "dense", [((5,), {}, LinearLayer(5)), ((5,), {"Input": 3, "Biases": None}, LinearLayer(5, Input=3, Biases=None))],
    ),
    "Options and OptionValue": (
        'Options[net] = {"Size" -> 3, "Activation" -> Ramp}\n'
        'net[n_, OptionsPattern[]] := NetChain[{n, OptionValue["Activation"], OptionValue["Size"]}]',
        "net", [((7,), {}, NetChain([7, Ramp, 3])), ((7,), {"Size": 5, "Activation": Tanh}, NetChain([7, Tanh, 5]))],
    ),
    "tests and conditions: _?IntegerQ, _?NumberQ, /;": (
        "pick[n_?IntegerQ] := LinearLayer[n]\npick[p_?NumberQ] := DropoutLayer[p]\n"
        'pick[n_, m_] /; n > m := LinearLayer[n, "Input" -> m]\npick[n_, m_] := LinearLayer[m, "Input" -> n]',
        "pick", [((3,), {}, LinearLayer(3)), ((0.25,), {}, DropoutLayer(0.25)), ((5, 2), {}, LinearLayer(5, Input=2)),
                 ((2, 5), {}, LinearLayer(5, Input=2))],
    ),
    "If and Switch": (
        'act[name_] := ElementwiseLayer[Switch[name, "relu", Ramp, "tanh" | "th", Tanh, _, SELU]]\n'
        "head[n_, soft_: True] := NetChain[If[soft, {n, SoftmaxLayer[]}, {n}]]",
        "head", [((3,), {}, NetChain([3, SoftmaxLayer()])), ((3, False), {}, NetChain([3]))],
    ),
    "Switch gives layers": (
        'act[name_] := ElementwiseLayer[Switch[name, "relu", Ramp, "tanh" | "th", Tanh, _, "SELU"]]',
        "act", [(("relu",), {}, ElementwiseLayer(Ramp)), (("th",), {}, ElementwiseLayer(Tanh)), (("?",), {}, ElementwiseLayer("SELU"))],
    ),
    "Which and Block": (
        "size[n_] := Which[n < 3, LinearLayer[1], n < 9, LinearLayer[2], True, LinearLayer[k]]\n"
        "wide[n_] := Block[{k = 2 n}, size[n]]",
        "wide", [((2,), {}, LinearLayer(1)), ((5,), {}, LinearLayer(2)), ((11,), {}, LinearLayer(22))],
    ),
    "a value in a pure function": (
        "leaky[a_: 0.1] := ElementwiseLayer[Max[a #, #] &]",
        "leaky", [((), {}, ElementwiseLayer(lambda x: Max(0.1 * x, x))), ((0.5,), {}, ElementwiseLayer(lambda x: Max(0.5 * x, x)))],
    ),
    "loops and AppendTo": (
        "tower[n_] := Module[{layers = {}, k}, For[k = 1, k <= n, k++, AppendTo[layers, 2^k]; AppendTo[layers, Ramp]]; NetChain[layers]]",
        "tower", [((2,), {}, NetChain([2, Ramp, 4, Ramp]))],
    ),
    "ResNet with package frame, options and blocks": (
        RESNET,
        "resnet", [(([5, 7],), {"Classes": 3}, NetChain([residual(5), residual(7), FlattenLayer(), DropoutLayer(0.5), LinearLayer(3), SoftmaxLayer()]))],
    ),
    "U-Net by recursion": (UNET, "unet", [((0, 5), {}, unet(0, 5)), ((2, 3), {}, unet(2, 3)), ((1,), {}, unet(1, 8))]),
}  # fmt: skip
"""What a program shows: its text, the name of a function, and calls: arguments, options, what they give."""
