"""Well-known architectures, written as a user writes them and without values."""

from wlnet import (
    AggregationLayer,
    All,
    AttentionLayer,
    BatchNormalizationLayer,
    CatenateLayer,
    ConvolutionLayer,
    DeconvolutionLayer,
    DropoutLayer,
    EmbeddingLayer,
    FlattenLayer,
    GatedRecurrentLayer,
    LinearLayer,
    LocalResponseNormalizationLayer,
    LongShortTermMemoryLayer,
    Mean,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetGraph,
    NetPort,
    NormalizationLayer,
    PartLayer,
    Plus,
    PoolingLayer,
    Ramp,
    ReshapeLayer,
    SequenceIndicesLayer,
    SequenceLastLayer,
    SoftmaxLayer,
    TotalLayer,
)

INPUT = NetPort("Input")
PICTURE = (3, 224, 224)
CEILING = ((0, 1), (0, 1))
"""The padding that gives an even size the one place more that rounding upwards gives."""


def halved(**options):
    """The pooling of 3×3 windows, two apart, of AlexNet and what came after it."""
    return PoolingLayer(3, 2, **options)


# --- chains -----------------------------------------------------------------------------------------------------------


def lenet():
    return NetChain(
        [ConvolutionLayer(20, 5), Ramp, PoolingLayer(2, 2), ConvolutionLayer(50, 5), Ramp, PoolingLayer(2, 2)]
        + [FlattenLayer(), 500, Ramp, 10, SoftmaxLayer()],
        Input=NetEncoder("Image", (28, 28), ColorSpace="Grayscale"),
        Output=NetDecoder("Class", list(range(10))),
    )


def alexnet_of_torchvision():
    """One tower (Krizhevsky 2014)."""
    convolutions = [ConvolutionLayer(64, 11, Stride=4, PaddingSize=2), Ramp, halved()]
    convolutions += [ConvolutionLayer(192, 5, PaddingSize=2), Ramp, halved()]
    for channels in (384, 256, 256):
        convolutions += [ConvolutionLayer(channels, 3, PaddingSize=1), Ramp]
    head = [FlattenLayer(), DropoutLayer(), 4096, Ramp, DropoutLayer(), 4096, Ramp, 1000]
    return NetChain({"features": NetChain([*convolutions, halved()]), "classifier": NetChain(head)}, Input=PICTURE)


def alexnet_of_the_paper():
    """Two halves that meet in the third convolution (Krizhevsky et al. 2012; as in Caffe, on 227×227)."""
    local = LocalResponseNormalizationLayer(Alpha=1e-4, Beta=0.75)
    layers = {"conv1": ConvolutionLayer(96, 11, Stride=4), "ramp1": Ramp, "norm1": local, "pool1": halved()}
    layers |= {"conv2": ConvolutionLayer(256, 5, PaddingSize=2, ChannelGroups=2)}
    layers |= {"ramp2": Ramp, "norm2": local, "pool2": halved()}
    layers |= {"conv3": ConvolutionLayer(384, 3, PaddingSize=1), "ramp3": Ramp}
    layers |= {"conv4": ConvolutionLayer(384, 3, PaddingSize=1, ChannelGroups=2), "ramp4": Ramp}
    layers |= {"conv5": ConvolutionLayer(256, 3, PaddingSize=1, ChannelGroups=2), "ramp5": Ramp, "pool5": halved()}
    layers |= {"fc6": 4096, "ramp6": Ramp, "fc7": 4096, "ramp7": Ramp, "fc8": 1000, "prob": SoftmaxLayer()}
    return NetChain(layers, Input=(3, 227, 227))


def vgg16():
    layers = []
    for channels, times in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        layers += [ConvolutionLayer(channels, 3, PaddingSize=1), Ramp] * times + [PoolingLayer(2, 2)]
    layers += [FlattenLayer(), 4096, Ramp, DropoutLayer(), 4096, Ramp, DropoutLayer(), 1000, SoftmaxLayer()]
    return NetChain(layers, Input=PICTURE)


def mobilenet():
    """Version 1 (Howard et al. 2017): each 3×3 convolution is one a channel, and then one of 1×1."""
    layers = normed(32, 3, Stride=2, PaddingSize="Same")
    channels = 32
    steps = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    for n, stride in steps:
        layers += normed(channels, 3, Stride=stride, PaddingSize="Same", ChannelGroups=channels) + normed(n, 1)
        channels = n
    return NetChain([*layers, AggregationLayer(Mean), DropoutLayer(0.001), 1000, SoftmaxLayer()], Input=PICTURE)


def normed(n, kernel, **options):
    """A convolution without biases, its batch normalization and a ramp."""
    return [ConvolutionLayer(n, kernel, Biases=None, **options), BatchNormalizationLayer(), Ramp]


# --- residual nets ----------------------------------------------------------------------------------------------------


def resnet18():
    def steps(n, stride):
        return normed(n, 3, Stride=stride, PaddingSize=1) + normed(n, 3, PaddingSize=1)[:-1]

    return residual_net(steps, (2, 2, 2, 2), 1)


def resnet50():
    def steps(n, stride):
        return normed(n, 1) + normed(n, 3, Stride=stride, PaddingSize=1) + normed(4 * n, 1)[:-1]

    return residual_net(steps, (3, 4, 6, 3), 4)


def residual_net(steps, counts, wider):
    """He et al. 2015: four stages of blocks; the first block of a stage changes the sizes."""
    stem = [*normed(64, 7, Stride=2, PaddingSize=3), halved(PaddingSize=1)]
    stages, channels = {}, 64
    for at, count in enumerate(counts):
        blocks = []
        for block in range(count):
            n, stride = 64 * 2**at, 2 if at and not block else 1
            changes = stride > 1 or channels != wider * n
            shortcut = normed(wider * n, 1, Stride=stride)[:-1] if changes else None
            blocks.append(residual(steps(n, stride), shortcut))
            channels = wider * n
        stages[f"stage{at + 1}"] = NetChain(blocks)
    return NetChain({"stem": stem, **stages, "pool": AggregationLayer(Mean), "fc": 1000}, Input=PICTURE)


def residual(path, shortcut):
    layers = {"path": path, "sum": Plus, "ramp": Ramp}
    if shortcut is None:
        return NetGraph(layers, [(INPUT, "path"), ((INPUT, "path"), "sum", "ramp")])
    return NetGraph(layers | {"shortcut": shortcut}, [(("shortcut", "path"), "sum", "ramp")])


# --- nets that catenate -----------------------------------------------------------------------------------------------


def squeezenet():
    """Version 1.0 (Iandola et al. 2016)."""

    def fire(squeezed, expanded):
        layers = {
            "squeeze": [ConvolutionLayer(squeezed, 1), Ramp],
            "one": [ConvolutionLayer(expanded, 1), Ramp],
            "three": [ConvolutionLayer(expanded, 3, PaddingSize=1), Ramp],
            "join": CatenateLayer(),
        }
        return NetGraph(layers, [("squeeze", ("one", "three"), "join")])

    layers = {"conv1": ConvolutionLayer(96, 7, Stride=2), "ramp1": Ramp, "pool1": halved()}
    layers |= {"fire2": fire(16, 64), "fire3": fire(16, 64), "fire4": fire(32, 128)}
    layers |= {"pool4": halved(PaddingSize=CEILING)}
    layers |= {"fire5": fire(32, 128), "fire6": fire(48, 192), "fire7": fire(48, 192), "fire8": fire(64, 256)}
    layers |= {"pool8": halved(), "fire9": fire(64, 256), "drop9": DropoutLayer()}
    layers |= {"conv10": ConvolutionLayer(1000, 1), "ramp10": Ramp, "mean": AggregationLayer(Mean)}
    return NetChain(layers | {"prob": SoftmaxLayer()}, Input=PICTURE)


def googlenet():
    """Szegedy et al. 2014, without the two classifiers at the side."""

    def block(one, three_before, three, five_before, five, pooled):
        layers = {
            "one": [ConvolutionLayer(one, 1), Ramp],
            "three": [ConvolutionLayer(three_before, 1), Ramp, ConvolutionLayer(three, 3, PaddingSize=1), Ramp],
            "five": [ConvolutionLayer(five_before, 1), Ramp, ConvolutionLayer(five, 5, PaddingSize=2), Ramp],
            "pool": [PoolingLayer(3, 1, PaddingSize=1), ConvolutionLayer(pooled, 1), Ramp],
            "join": CatenateLayer(),
        }
        return NetGraph(layers, [(("one", "three", "five", "pool"), "join")])

    local, pool = LocalResponseNormalizationLayer(Alpha=1e-4, Beta=0.75), halved(PaddingSize=CEILING)
    layers = {"conv1": ConvolutionLayer(64, 7, Stride=2, PaddingSize=3), "ramp1": Ramp, "pool1": pool, "norm1": local}
    layers |= {"reduce2": ConvolutionLayer(64, 1), "ramp2": Ramp}
    layers |= {"conv2": ConvolutionLayer(192, 3, PaddingSize=1), "ramp3": Ramp, "norm2": local, "pool2": pool}
    layers |= {"3a": block(64, 96, 128, 16, 32, 32), "3b": block(128, 128, 192, 32, 96, 64), "pool3": pool}
    layers |= {"4a": block(192, 96, 208, 16, 48, 64), "4b": block(160, 112, 224, 24, 64, 64)}
    layers |= {"4c": block(128, 128, 256, 24, 64, 64), "4d": block(112, 144, 288, 32, 64, 64)}
    layers |= {"4e": block(256, 160, 320, 32, 128, 128), "pool4": pool}
    layers |= {"5a": block(256, 160, 320, 32, 128, 128), "5b": block(384, 192, 384, 48, 128, 128)}
    layers |= {"pool5": PoolingLayer(7, Function=Mean), "drop": DropoutLayer(0.4), "fc": 1000, "prob": SoftmaxLayer()}
    return NetChain(layers, Input=PICTURE)


def densenet121():
    """Huang et al. 2016: each layer of a block adds 32 channels to all that came before."""

    def before(n, kernel, **options):
        return [BatchNormalizationLayer(), Ramp, ConvolutionLayer(n, kernel, Biases=None, **options)]

    growing = NetGraph(
        {"new": before(128, 1) + before(32, 3, PaddingSize=1), "join": CatenateLayer()},
        [(INPUT, "new"), ((INPUT, "new"), "join")],
    )
    layers, channels = {"stem": [*normed(64, 7, Stride=2, PaddingSize=3), halved(PaddingSize=1)]}, 64
    for at, count in enumerate((6, 12, 24, 16), start=1):
        layers[f"block{at}"], channels = [growing] * count, channels + 32 * count
        if at < 4:
            channels //= 2
            layers[f"transition{at}"] = [*before(channels, 1), PoolingLayer(2, 2, Function=Mean)]
    head = {"norm": BatchNormalizationLayer(), "ramp": Ramp, "pool": AggregationLayer(Mean), "fc": 1000}
    return NetChain(layers | head, Input=PICTURE)


def unet():
    """Ronneberger et al. 2015: no padding, so that what comes from the left is cropped to the size on the right."""

    def twice(n):
        return [ConvolutionLayer(n, 3), Ramp, ConvolutionLayer(n, 3), Ramp]

    layers, edges = {"left1": twice(64)}, []
    for at in (2, 3, 4, 5):
        layers[f"left{at}"] = [PoolingLayer(2, 2), *twice(32 * 2**at)]
        edges.append((f"left{at - 1}", f"left{at}"))
    below = "left5"
    for at, margin in ((4, 4), (3, 16), (2, 40), (1, 88)):
        middle = f"{margin + 1};;-{margin + 1}"
        layers[f"up{at}"] = DeconvolutionLayer(32 * 2**at, 2, Stride=2)
        layers[f"crop{at}"] = PartLayer((All, middle, middle))
        layers |= {f"join{at}": CatenateLayer(), f"right{at}": twice(32 * 2**at)}
        edges += [(below, f"up{at}"), (f"left{at}", f"crop{at}"), ((f"crop{at}", f"up{at}"), f"join{at}", f"right{at}")]
        below = f"right{at}"
    layers |= {"classes": ConvolutionLayer(2, 1), "prob": SoftmaxLayer(1)}
    return NetGraph(layers, [*edges, (below, "classes", "prob")], Input=(1, 572, 572))


# --- nets of sequences ------------------------------------------------------------------------------------------------


def each(n, **options):
    """A linear layer for every element of a sequence."""
    return ConvolutionLayer(n, 1, Interleaving=True, **options)


def language_model():
    """The medium model of Zaremba et al. 2014."""
    layers = {"words": EmbeddingLayer(650, 10000), "drop1": DropoutLayer(0.5), "lstm1": LongShortTermMemoryLayer(650)}
    layers |= {"drop2": DropoutLayer(0.5), "lstm2": LongShortTermMemoryLayer(650), "drop3": DropoutLayer(0.5)}
    return NetChain(layers | {"scores": each(10000), "next": SoftmaxLayer()}, Input="Varying")


def gated_classifier():
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    layers = {"letters": EmbeddingLayer(12, 26), "gru": GatedRecurrentLayer(32), "last": SequenceLastLayer()}
    return NetChain(layers | {"scores": LinearLayer(), "prob": SoftmaxLayer()}, Input="Varying",
                    Output=NetDecoder("Class", letters))  # fmt: skip


def encoder_block(size, heads, inner, activation):
    """A block of an encoder (Vaswani et al. 2017): attention by heads, then two layers for every element."""
    layers = {
        name: [each(size), ReshapeLayer(("Inherited", heads, size // heads))] for name in ("key", "value", "query")
    }
    layers["attend"] = AttentionLayer("Dot", MultiHead=True, ScoreRescaling="DimensionSqrt")
    layers["mix"] = [ReshapeLayer(("Inherited", size)), each(size), DropoutLayer(0.1)]
    layers |= {"sum1": Plus, "norm1": NormalizationLayer(2, "Same", Epsilon=1e-5)}
    layers["think"] = [each(inner), activation, each(size), DropoutLayer(0.1)]
    layers |= {"sum2": Plus, "norm2": NormalizationLayer(2, "Same", Epsilon=1e-5)}
    ports = [(name, NetPort("attend", name.capitalize())) for name in ("key", "value", "query")]
    edges = [*((INPUT, name) for name in ("key", "value", "query")), *ports, ("attend", "mix")]
    edges += [((INPUT, "mix"), "sum1", "norm1", "think"), (("norm1", "think"), "sum2", "norm2")]
    return NetGraph(layers, edges)


def transformer_block():
    return NetGraph(encoder_block(512, 8, 2048, Ramp), Input=("Varying", 512))


def bert():
    """The base model (Devlin et al. 2018): the pooler reads the first element."""
    layers = {"words": EmbeddingLayer(768, 30522), "segments": EmbeddingLayer(768, 2)}
    layers["places"] = [SequenceIndicesLayer(Maximum=512), EmbeddingLayer(768, 512)]
    layers |= {"sum": TotalLayer(), "norm": NormalizationLayer(2, "Same", Epsilon=1e-12), "drop": DropoutLayer(0.1)}
    layers["blocks"] = [encoder_block(768, 12, 3072, "GELU")] * 12
    layers["pooler"] = [PartLayer(1), 768, "Tanh"]
    ends = [("blocks", NetPort("Sequence")), ("pooler", NetPort("Pooled"))]
    edges = [(NetPort("Words"), "words"), (NetPort("Words"), "places"), (NetPort("Segments"), "segments"), *ends]
    edges += [(("words", "segments", "places"), "sum", "norm", "drop", "blocks", "pooler")]
    return NetGraph(layers, edges, Words="Varying")
