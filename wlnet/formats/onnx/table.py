"""Operators of ONNX that are a scalar function, and the head of wlnet that each is.

Reading takes heads from here. Writing follows what layers compute, and has a table of the functions that ONNX names
only from some version on (`writing/named.py`); a test holds the two together.
"""

HEAD_OF: dict[str, str] = {
    "Abs": "Abs",
    "Acos": "ArcCos",
    "Acosh": "ArcCosh",
    "Add": "Plus",
    "And": "And",
    "Asin": "ArcSin",
    "Asinh": "ArcSinh",
    "Atan": "ArcTan",
    "Atanh": "ArcTanh",
    "Ceil": "Ceiling",
    "Cos": "Cos",
    "Cosh": "Cosh",
    "Equal": "Equal",
    "Erf": "Erf",
    "Exp": "Exp",
    "Floor": "Floor",
    "Greater": "Greater",
    "GreaterOrEqual": "GreaterEqual",
    "HardSwish": "HardSwish",
    "Less": "Less",
    "LessOrEqual": "LessEqual",
    "Log": "Log",
    "Max": "Max",
    "Min": "Min",
    "Mish": "Mish",
    "Mul": "Times",
    "Neg": "Minus",
    "Not": "Not",
    "Or": "Or",
    "Relu": "Ramp",
    "Round": "Round",
    "Sigmoid": "LogisticSigmoid",
    "Sign": "Sign",
    "Sin": "Sin",
    "Sinh": "Sinh",
    "Softplus": "SoftPlus",
    "Softsign": "SoftSign",
    "Sqrt": "Sqrt",
    "Sub": "Subtract",
    "Sum": "Plus",
    "Tan": "Tan",
    "Tanh": "Tanh",
}
"""Each operator that is a head of `core/heads.py`, element by element."""

BOOLEAN = frozenset({"And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "Or"})
"""Those of them whose results are truth values."""
