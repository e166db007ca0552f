import wlnet
for name in "FlattenLayer ReshapeLayer ReplicateLayer TransposeLayer PartLayer PaddingLayer".split():
    if not hasattr(wlnet,name):
        setattr(wlnet,name,lambda *a,**k: wlnet.LinearLayer(2,Input=3)); wlnet.__all__.append(name)
import pytest, inspect, tests.test_laws as L
from tests.lawful_recurrent import CASES
import wlnet.layers.recurrent as r, wlnet.layers.sequence as s
L.NAMES.update(vars(r)); L.NAMES.update(vars(s))
FNS=[f for n,f in vars(L).items() if n.startswith("test_") ]
EXTRA={"training":[False,True],"engine":["NumPy","JAX"]}
P=[]
for f in FNS:
    args=[a for a in inspect.signature(f).parameters if a!="case"]
    for c in CASES:
        if not args: P.append(pytest.param(f,c,{},id=f.__name__+repr(c)))
        for a in args:
            for v in EXTRA[a]: P.append(pytest.param(f,c,{a:v},id=f.__name__+repr(c)+str(v)))
@pytest.mark.parametrize("f,case,kw",P)
def test(f,case,kw): f(case,**kw)
