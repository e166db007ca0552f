"""Wolfram Language snippets of our own writing, each with what it stands for, built in Python."""

import numpy as np

from wlnet import (
    AggregationLayer,
    All,
    Automatic,
    BatchNormalizationLayer,
    CatenateLayer,
    ConvolutionLayer,
    CrossEntropyLossLayer,
    DropoutLayer,
    ElementwiseLayer,
    EmbeddingLayer,
    Exp,
    FlattenLayer,
    FunctionLayer,
    If,
    LinearLayer,
    LongShortTermMemoryLayer,
    Max,
    Mean,
    NetArray,
    NetArrayLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetFoldOperator,
    NetGraph,
    NetMapOperator,
    NetPort,
    NetReplacePart,
    NormalDistribution,
    NormalizationLayer,
    PaddingLayer,
    PartLayer,
    PoolingLayer,
    Ramp,
    RandomArrayLayer,
    ReplicateLayer,
    ReshapeLayer,
    ResizeLayer,
    Scaled,
    SequenceLastLayer,
    SoftmaxLayer,
    Span,
    SummationLayer,
    Tanh,
    ThreadingLayer,
    TotalLayer,
    TransposeLayer,
    UpsampleLayer,
)

SNIPPETS = {
    "bare functions and bare integers inside chains": (
        'NetChain[{30, Ramp, 5, LogisticSigmoid, 3, Tanh}, "Input" -> 4]',
        NetChain([30, "Ramp", 5, "LogisticSigmoid", 3, "Tanh"], Input=4),
    ),
    "nested lists are chains": (
        "NetChain[{{7, Ramp}, {5, {Tanh}}, SoftmaxLayer[]}]",
        NetChain([[7, Ramp], [5, [Tanh]], SoftmaxLayer()]),
    ),
    "named layers as rules": (
        'NetChain[{"enc" -> LinearLayer[5], "act" -> Ramp, "dec" -> 3}]',
        NetChain({"enc": 5, "act": Ramp, "dec": 3}),
    ),
    "named layers as an association": (
        'NetChain[<|"enc" -> LinearLayer[5], "act" -> Tanh|>, "Input" -> {3, 2}]',
        NetChain({"enc": 5, "act": Tanh}, Input=(3, 2)),
    ),
    "NetPort of two arguments": (
        'NetGraph[<|"a" -> LinearLayer[3], "cat" -> CatenateLayer[]|>,'
        ' {NetPort["In1"] -> "a", "a" -> NetPort["cat", "Input1"], NetPort["In2"] -> NetPort["cat", "Input2"]}]',
        NetGraph({"a": LinearLayer(3), "cat": CatenateLayer()},
                 [(NetPort("In1"), "a"), ("a", NetPort("cat", "Input1")), (NetPort("In2"), NetPort("cat", "Input2"))]),
    ),
    "NetPort of a list": (
        'NetGraph[{"r" -> LongShortTermMemoryLayer[3]}, {NetPort[{"r", "State"}] -> NetPort["Final"]}, "Input" -> {"Varying", 2}]',
        NetGraph({"r": LongShortTermMemoryLayer(3)}, [(NetPort("r", "State"), NetPort("Final"))], Input=("Varying", 2)),
    ),
    "chains of rules in edges with lists on either side": (
        'NetGraph[<|"a" -> 3, "b" -> Tanh, "c" -> Ramp, "sum" -> TotalLayer[]|>,'
        ' {"a" -> {"b", "c"} -> "sum" -> NetPort["Out"]}, "Input" -> 5]',
        NetGraph({"a": 3, "b": Tanh, "c": Ramp, "sum": TotalLayer()}, [("a", ["b", "c"], "sum", NetPort("Out"))], Input=5),
    ),
    "numbered vertices and one edge without a list": (
        "NetGraph[{LinearLayer[3], Ramp, TotalLayer[]}, {1 -> 2, {1, 2} -> 3}]",
        NetGraph([LinearLayer(3), Ramp, TotalLayer()], [(1, 2), ([1, 2], 3)]),
    ),
    "option names as strings": (
        'ConvolutionLayer[16, {3, 5}, "Stride" -> {1, 2}, "PaddingSize" -> 1, "Biases" -> None]',
        ConvolutionLayer(16, (3, 5), Stride=(1, 2), PaddingSize=1, Biases=None),
    ),
    "option names as symbols": (
        "ConvolutionLayer[16, 3, PaddingSize -> {{1, 1}, {2, 0}}, Interleaving -> True, Input -> {7, 5, 3}]",
        ConvolutionLayer(16, 3, PaddingSize=((1, 1), (2, 0)), Interleaving=True, Input=(7, 5, 3)),
    ),
    "pure function of a slot": ("ElementwiseLayer[#^2 &]", ElementwiseLayer(lambda x: x**2)),
    "pure function with a name": (
        "ElementwiseLayer[Function[x, x/(1. + Exp[-x])]]",
        ElementwiseLayer(lambda x: x / (1.0 + Exp(-x))),
    ),
    "the arrow of functions": ("ElementwiseLayer[x |-> Max[x, 0.1 x]]", ElementwiseLayer(lambda x: Max(x, 0.1 * x))),
    "pure function of two slots": (
        "ThreadingLayer[#1 - 2 #2 &]",
        ThreadingLayer(lambda x1, x2: x1 - 2 * x2),
    ),
    "Function of a list of names": (
        "ThreadingLayer[Function[{mean, noise}, mean + noise*Exp[mean/2]]]",
        ThreadingLayer(lambda mean, noise: mean + noise * Exp(mean / 2)),
    ),
    "named slots": ("ThreadingLayer[#a*#b + #a &]", ThreadingLayer(lambda a, b: a * b + a)),
    "If and comparison in a function": (
        "ElementwiseLayer[If[# > 0, #, 0.01 #] &]",
        ElementwiseLayer(lambda x: If(x > 0, x, 0.01 * x)),
    ),
    "FunctionLayer of nets that are called": (
        "FunctionLayer[Tanh[LinearLayer[3][#]] &]",
        FunctionLayer(lambda x: Tanh(LinearLayer(3)(x))),
    ),
    "FunctionLayer of named slots": (
        "FunctionLayer[#query . #key &]",
        FunctionLayer(lambda query, key: query @ key),
    ),
    "RandomArrayLayer of a function": (
        "RandomArrayLayer[NormalDistribution[#1, #2] &]",
        RandomArrayLayer(lambda x1, x2: NormalDistribution(x1, x2)),
    ),
    "Beta and Gamma": (
        'BatchNormalizationLayer["Beta" -> {1, 2}, "Gamma" -> {3, 5}]',
        BatchNormalizationLayer(Biases=[1, 2], Scaling=[3, 5]),
    ),
    "Scaling and Biases": (
        'BatchNormalizationLayer["Biases" -> {1, 2}, "Scaling" -> {3, 5}, "Epsilon" -> 1*^-5, Momentum -> .99]',
        BatchNormalizationLayer(Biases=[1, 2], Scaling=[3, 5], Epsilon=1e-5, Momentum=0.99),
    ),
    "old names: DotPlusLayer, Scalar": (
        'NetChain[{DotPlusLayer[5], Ramp, DotPlusLayer[{}]}, "Output" -> "Scalar"]',
        NetChain([LinearLayer(5), Ramp, LinearLayer(())], Output="Real"),
    ),
    "ConstantArrayLayer with its size as argument": ("ConstantArrayLayer[{6}]", NetArrayLayer(Output=(6,))),
    "UpsampleLayer and a factor": ("UpsampleLayer[2]", UpsampleLayer(2)),
    "a negative end of a span as a level": (
        "{AggregationLayer[Mean, ;; -2], Nothing} // First",
        AggregationLayer(Mean, "1;;-2"),
    ),
    "PartLayer of an open span": ("PartLayer[4 ;;]", PartLayer("4;;All")),
    "spans with a step, and All": ("PartLayer[{2 ;; -1 ;; 2, All, 3}]", PartLayer((Span(2, -1, 2), All, 3))),
    "levels as spans": ('NormalizationLayer[2 ;; All, "Same"]', NormalizationLayer("2;;All", "Same")),
    "two-way rules": ("TransposeLayer[{1 <-> 3, 2 <-> 4}]", TransposeLayer(["1<->3", "2<->4"])),
    "Scaled sizes": ("ResizeLayer[{Scaled[2], 7}]", ResizeLayer((Scaled(2), 7))),
    "functions as settings": (
        'PoolingLayer[{2, 3}, {2, 1}, "Function" -> Mean]',
        PoolingLayer((2, 3), (2, 1), Function="Mean"),
    ),
    "Varying and Automatic sizes": (
        'NetChain[{EmbeddingLayer[5, 11], LongShortTermMemoryLayer[3], SequenceLastLayer[]}, "Input" -> "Varying"]',
        NetChain([EmbeddingLayer(5, 11), LongShortTermMemoryLayer(3), SequenceLastLayer()], Input="Varying"),
    ),
    "sizes to be inferred": ('ReshapeLayer[{Automatic, 3}, "Input" -> {2, 9}]', ReshapeLayer((Automatic, 3), Input=(2, 9))),
    "encoders": (
        'NetChain[{3}, "Input" -> NetEncoder[{"Class", {"a", "b"}, "UnitVector"}]]',
        NetChain([3], Input=NetEncoder("Class", ["a", "b"], "UnitVector")),
    ),
    "encoders with parameters": (
        'NetChain[{FlattenLayer[]}, "Input" -> NetEncoder[{"Image", {7, 5}, ColorSpace -> "Grayscale"}]]',
        NetChain([FlattenLayer()], Input=NetEncoder("Image", (7, 5), ColorSpace="Grayscale")),
    ),
    "decoders of ranges": (
        'NetChain[{10, SoftmaxLayer[]}, "Output" -> NetDecoder[{"Class", Range[0, 9]}]]',
        NetChain([10, SoftmaxLayer()], Output=NetDecoder("Class", list(range(10)))),
    ),
    "operators": (
        "NetMapOperator[{5, Ramp}]",
        NetMapOperator([5, Ramp]),
    ),
    "fold operators": (
        'NetFoldOperator[NetGraph[<|"cat" -> CatenateLayer[], "next" -> 3|>,'
        ' {{NetPort["Input"], NetPort["State"]} -> "cat" -> "next"}]]',
        NetFoldOperator(NetGraph({"cat": CatenateLayer(), "next": LinearLayer(3)},
                                 [([NetPort("Input"), NetPort("State")], "cat", "next")])),
    ),
    "shared arrays": (
        'NetChain[{LinearLayer[3, "Weights" -> NetArray["w"]], LinearLayer[3, "Weights" -> NetArray["w"]]}, "Input" -> 3]',
        NetChain([LinearLayer(3, Weights=NetArray("w")), LinearLayer(3, Weights=NetArray("w"))], Input=3),
    ),
    "arrays as lists": (
        'LinearLayer[2, "Weights" -> {{1, -2.5, 1/4}, {0, 1*^3, .5}}, "Biases" -> {0, 1.}]',
        LinearLayer(2, Weights=np.array([[1, -2.5, 0.25], [0, 1000, 0.5]]), Biases=[0, 1.0]),
    ),
    "NumericArray": (
        'LinearLayer[2, "Biases" -> NumericArray[{1.5, -2.}, "Real32"]]',
        LinearLayer(2, Biases=[1.5, -2.0]),
    ),
    "LearningRateMultipliers with a blank": (
        'NetChain[{"a" -> 3, "b" -> 5}, LearningRateMultipliers -> {"a" -> 0, {"b", "Biases"} -> 2, _ -> 1}]',
        NetChain({"a": 3, "b": 5}, LearningRateMultipliers={"a": 0, ("b", "Biases"): 2, "_": 1}),
    ),
    "losses by name": ('CrossEntropyLossLayer["Index"]', CrossEntropyLossLayer("Index")),
    "NetReplacePart": (
        'NetReplacePart[NetChain[{LinearLayer[2], Ramp}, "Input" -> 3], {1, "Biases"} -> {5, 7}]',
        NetReplacePart(NetChain([LinearLayer(2), Ramp], Input=3), {(1, "Biases"): [5, 7]}),
    ),
    "NetAppend, NetTake, NetJoin": (
        'NetTake[NetJoin[NetAppend[NetChain[{3, Tanh}], {5, Ramp}], NetChain[{7}]], {2, 4}]',
        NetChain([Tanh, 5, Ramp]),
    ),
    "private-use characters": (
        'NetGraph[\uf113"a" \uf522 LinearLayer[3], "b" \uf522 ElementwiseLayer[x \uf4a1 x^2]\uf114, {"a" \uf522 "b"}]',
        NetGraph({"a": LinearLayer(3), "b": ElementwiseLayer(lambda x: x**2)}, [("a", "b")]),
    ),
    "named characters": (
        'NetChain[\\[LeftAssociation]"a" \\[Rule] 3, "b" \\[Rule] ElementwiseLayer[\\[Alpha] \\[Function] 2 \\[Alpha]]\\[RightAssociation]]',
        NetChain({"a": 3, "b": ElementwiseLayer(lambda α: 2 * α)}),
    ),
    "nested comments and Input wrappers": (
        "(* ::Input:: *)\n(*a net (* of *) two layers*)\nNetChain[{3, (* here *) Ramp}]",
        NetChain([3, Ramp]),
    ),
    "a new line inside of brackets goes on": ("NetChain[\n {3,\n  Ramp\n },\n Input ->\n 4\n]", NetChain([3, Ramp], Input=4)),
    "prefix, postfix and infix application": (
        "NetChain @ {3, Ramp} ~NetAppend~ 5",
        NetChain([3, Ramp, 5]),
    ),
    "Flatten@ and Table": ("NetChain[Flatten@{Table[{n, Ramp}, {n, {3, 5}}], 7}]", NetChain([3, Ramp, 5, Ramp, 7])),
    "layers by a function over a list": (
        "NetChain[Flatten[({LinearLayer[#], Tanh}) & /@ {5, 3}]]",
        NetChain([5, Tanh, 3, Tanh]),
    ),
    "statements inside of a pure function": (
        "NetChain[(LinearLayer[#]; {LinearLayer[#], Ramp}) & /@ {5, 3}]",
        NetChain([[5, Ramp], [3, Ramp]]),
    ),
    "Nothing and Sequence in lists": (
        "NetChain[{3, Nothing, Sequence[Ramp, 5], If[False, 9, Nothing]}]",
        NetChain([3, Ramp, 5]),
    ),
    "Sequence @@": ("NetChain[{Sequence @@ Table[k, {k, 2, 4}], Tanh}]", NetChain([2, 3, 4, Tanh])),
    "ConstantArray, Join, Length": (
        "a = {3, Ramp}; NetChain[Join[a, ConstantArray[7, Length[a]]]]",
        NetChain([3, Ramp, 7, 7]),
    ),
    "rational arithmetic": ("NetChain[{2^5/4, DropoutLayer[1/4], 3 + 4*2 - 1}]", NetChain([8, DropoutLayer(0.25), 10])),
    "names by string joining": (
        'NetChain[Table["linear" <> ToString[k] -> 2 k + 1, {k, 3}]]',
        NetChain({"linear1": 3, "linear2": 5, "linear3": 7}),
    ),
    "AssociationThread and MapThread": (
        'NetChain[AssociationThread[{"a", "b"}, MapThread[Plus, {{1, 2}, {4, 5}}]]]',
        NetChain({"a": 5, "b": 7}),
    ),
    "FoldList and NestList": (
        "NetChain[Join[FoldList[Plus, 1, {2, 4}], NestList[2 # &, 3, 1]]]",
        NetChain([1, 3, 7, 3, 6]),
    ),
    "MapIndexed and parts": (
        "NetChain[MapIndexed[#1 + First[#2] &, {10, 20, 30}][[2 ;;]]]",
        NetChain([22, 33]),
    ),
    "summation and replication": (
        "NetChain[{ReplicateLayer[3], PaddingLayer[{{1, 2}}], SummationLayer[]}]",
        NetChain([ReplicateLayer(3), PaddingLayer(((1, 2),)), SummationLayer()]),
    ),
}  # fmt: skip
"""What a snippet shows: its text, and the one net that is its value."""
