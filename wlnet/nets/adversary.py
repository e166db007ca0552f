"""NetGANOperator: a net that makes samples, and one that tells them from true ones."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from wlnet.core.dims import Refusal
from wlnet.core.errors import NetError
from wlnet.core.fields import one_of
from wlnet.core.layer import Layer
from wlnet.core.ports import Coder, shape_text
from wlnet.core.refuse import brief
from wlnet.core.slots import Slot, gives, takes, words_of
from wlnet.core.solver import Solver
from wlnet.core.symbols import Automatic
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.layers.losses import log
from wlnet.nets.chain import NetChain
from wlnet.nets.container import coder_of
from wlnet.nets.operator import Operator, facing, source_of
from wlnet.nets.shorthand import as_layer

NAMES = ("Generator", "Discriminator")


def _pair(value: Any) -> tuple[Layer, ...]:
    if isinstance(value, Mapping) and sorted(value) == sorted(NAMES):
        value = [value[name] for name in NAMES]
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        hint = "write NetGANOperator([generator, discriminator])"
        raise NetError(f"NetGANOperator takes a generator and a discriminator, got {brief(value)}", hint=hint)
    return tuple(as_layer(net, NetChain, f"NetGANOperator: {name}") for name, net in zip(NAMES, value, strict=True))


def number(verdict: tuple) -> None:
    """Refuses what a discriminator gives if it is no number."""
    if verdict:
        text = f"the discriminator must give a number, not an array of shape {shape_text(verdict)}"
        raise Refusal(text, "end it in LinearLayer(())")


class NetGANOperator(Operator):
    """Two losses, with G the generator and D the discriminator: how badly D knows true samples, and made ones.

    "JensenShannon": LossReal = -log D(Sample), LossFake = -log(1 - D(G(Latent))), with probabilities below 1.2e-38
    taken for that, where the slope is 0. "Wasserstein": LossReal = -D(Sample), LossFake = D(G(Latent)). Automatic is
    the first where the discriminator ends in LogisticSigmoid, else the second. GeneratedFake = G(Latent).

    NetTrain makes LossReal + LossFake small for the arrays of the discriminator, and large for those of the generator,
    whose learning-rate multipliers are negative for that. D sees the true samples and the made ones one after the
    other: batch normalization in it takes separate statistics, and dropout draws twice.

    >>> NetGANOperator([LinearLayer(3), LinearLayer(())], Sample=3, Latent=2).shapes
    {'Sample': (3,), 'Latent': (2,), 'LossReal': (), 'LossFake': (), 'GeneratedFake': (3,)}
    """

    directions = {"Generator": -1}
    losses = ("LossReal", "LossFake")

    nets: Annotated[Any, BeforeValidator(_pair)]
    loss: Annotated[Any, one_of("JensenShannon", "Wasserstein", Automatic)] = Automatic

    Sample = takes("*sample")
    Latent = takes("*latent")
    LossReal = gives("")
    LossFake = gives("")
    GeneratedFake = Slot("out", words_of("*sample"))

    def subnets(self) -> dict[Any, Layer]:
        return dict(zip(NAMES, self.nets, strict=True))

    def with_subnets(self, nets: dict[Any, Layer]) -> Layer:
        return self.with_fields(nets=tuple(nets[name] for name in NAMES)).checked()

    def check(self) -> None:
        for name, net in self.subnets().items():
            self.only_port(net, "in", f"the {name.lower()}")
            self.only_port(net, "out", f"the {name.lower()}")

    def end(self, name: str, kind: str) -> tuple[str, str]:
        """The one port of that kind of a net inside: (net, port)."""
        return name, self.only_port(self.subnets()[name], kind)

    @property
    def resolved_loss(self) -> str:
        """The loss that Automatic means, by the discriminator's last layer."""
        if self.loss is not Automatic:
            return self.loss
        layer, _ = source_of(self.nets[1], self.end("Discriminator", "out")[1])
        sigmoid = isinstance(layer, ElementwiseLayer) and layer.f == "LogisticSigmoid"
        return "JensenShannon" if sigmoid else "Wasserstein"

    @property
    def ends(self) -> dict[str, tuple[str, str]]:
        """Which port of which net inside each port that is no loss goes with."""
        return {
            "Sample": self.end("Discriminator", "in"),
            "Latent": self.end("Generator", "in"),
            "GeneratedFake": self.end("Generator", "out"),
        }

    def relate(self, solver: Solver, path: tuple) -> None:
        label = type(self).__name__
        places = {port: ((*path, name), inner) for port, (name, inner) in self.ends.items()}
        solver.tie(solver.var(*places["GeneratedFake"]), solver.var(*places["Sample"]))
        name, inner = self.end("Discriminator", "out")
        judgement = solver.relate(path, label, {}, [("verdict", number, ("verdict",))], {}, [("verdict", tuple, ())])
        solver.link(judgement, name, Slot("in", words_of("*verdict")), solver.var((*path, name), inner))
        pairs = [(port, self.slots[port], place, facing(self.slots[port])) for port, place in places.items()]
        self.relate_ports(solver, path, pairs)
        for port in self.losses:
            solver.say(path, label, port, (), self.slots[port].of, "gives")

    def run(self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple) -> tuple[dict, dict]:
        made, moved = self.run_one(xp, arrays, "Generator", inputs["Latent"], path)
        real, after = self.judged(xp, arrays, inputs["Sample"], path, 0)
        fake, last = self.judged(xp, {**arrays, **after}, made, path, 1)
        if self.resolved_loss == "JensenShannon":
            real, fake = -log(xp, real), -log(xp, 1 - fake)
        else:
            real = -real
        return {"LossReal": real, "LossFake": fake, "GeneratedFake": made}, {**moved, **after, **last}

    def judged(self, xp: Any, arrays: Mapping[tuple, Any], sample: Any, path: tuple, turn: int) -> tuple[Any, dict]:
        """What the discriminator makes of samples, and the next values of its statistics."""
        return self.run_one(xp.derive(turns=(*xp.turns, turn)), arrays, "Discriminator", sample, path)

    def run_one(self, xp: Any, arrays: Mapping[tuple, Any], name: str, x: Any, path: tuple) -> tuple[Any, dict]:
        """The one output of a net inside for its one input."""
        outputs, following = self.run_net(xp, arrays, {self.end(name, "in")[1]: x}, path, name)
        return outputs[self.end(name, "out")[1]], following

    def coder(self, port: str) -> Coder | None:
        own, end = super().coder(port), self.inner_end(port)
        return coder_of(self.subnets()[end[0]], end[1]) if own is None and end is not None else own

    def inner_end(self, port: str) -> tuple[str, str] | None:
        return self.ends.get(port)
