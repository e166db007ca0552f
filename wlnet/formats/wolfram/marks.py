"""The marks of Wolfram Language text: operators with their precedence, named and private-use characters."""

INFIX: dict[str, tuple[int, str]] = {
    "/.": (110, "ReplaceAll"), "//.": (110, "ReplaceRepeated"), "/;": (130, "Condition"), "~~": (135,
    "StringExpression"),
    "+": (310, "Plus"), "-": (310, "Subtract"), "*": (400, "Times"), "/": (470, "Divide"), ".": (490, "Dot"),
    "**": (510, "NonCommutativeMultiply"), "?": (680, "PatternTest"), "/:": (110, "TagSet"), "::": (750, "MessageName"),
    ">>": (720, "Put"),
}  # fmt: skip
"""Operators that group to the left, with two operands: precedence and head."""

RIGHT: dict[str, tuple[int, str]] = {
    "=": (40, "Set"), ":=": (40, "SetDelayed"), "^=": (40, "UpSet"), "^:=": (40, "UpSetDelayed"), "+=": (100, "AddTo"),
    "-=": (100, "SubtractFrom"), "*=": (100, "TimesBy"), "/=": (100, "DivideBy"), "->": (120, "Rule"),
    ":>": (120, "RuleDelayed"), "<->": (125, "TwoWayRule"), "^": (590, "Power"), "/@": (620, "Map"),
    "//@": (620, "MapAll"), "@@": (620, "Apply"), "@@@": (620, "MapApply"), "|->": (90, "Function"),
}  # fmt: skip
"""Operators that group to the right."""

FLAT: dict[str, tuple[int, str]] = {
    "|": (160, "Alternatives"), "||": (215, "Or"), "&&": (220, "And"), "<>": (600, "StringJoin"),
    "@*": (625, "Composition"), "/*": (624, "RightComposition"),
}  # fmt: skip
"""Operators of any number of operands."""

COMPARE: dict[str, str] = {
    "==": "Equal", "!=": "Unequal", "<": "Less", "<=": "LessEqual", ">": "Greater", ">=": "GreaterEqual",
    "===": "SameQ", "=!=": "UnsameQ",
}  # fmt: skip
COMPARING, SAMENESS, SPANNING, TIMES, APPLYING, CALLING = 290, 290, 305, 400, 640, 700

OTHERS = ("//", "@", "&", "!", "!!", ";;", ";", ",", "(", ")", "[", "]", "{", "}", "<|", "|>", ":", "~", "++", "--",
          "=.", "<<", "..", "...", "'", "%")  # fmt: skip

MARKS = sorted({*INFIX, *RIGHT, *FLAT, *COMPARE, *OTHERS}, key=len, reverse=True)
"""Every mark, longer ones first."""

ONLY_INFIX = {*INFIX, *RIGHT, *FLAT, *COMPARE, "//", "@", "&", "~"} - {"-", "+"}
"""Marks that no expression begins with: on a new line they go on with the last one."""

NAMED = {
    "Rule": "->", "RuleDelayed": ":>", "LeftAssociation": "<|", "RightAssociation": "|>", "Function": "|->",
    "Equal": "==", "LongEqual": "==", "NotEqual": "!=", "LessEqual": "<=", "GreaterEqual": ">=", "And": "&&",
    "Or": "||", "Not": "!", "Times": "*", "InvisibleTimes": "*", "Divide": "/", "Minus": "-",
    "LeftDoubleBracket": "[[", "RightDoubleBracket": "]]", "InvisibleApplication": "@", "TwoWayRule": "<->",
    "UndirectedEdge": "<->", "DirectedEdge": "->", "IndentingNewLine": "\n", "NewLine": "\n", "NonBreakingSpace": " ",
    "InvisibleSpace": " ", "ThinSpace": " ", "InvisibleComma": ",", "Infinity": "Infinity", "Pi": "Pi",
    "ExponentialE": "E", "Null": "Null", "AutoPlaceholder": " ", "RawSpace": " ", "Alpha": "α", "Beta": "β",
    "Gamma": "γ", "Delta": "δ", "Epsilon": "ϵ", "CurlyEpsilon": "ε", "Eta": "η", "Theta": "θ", "Kappa": "κ",
    "Lambda": "λ", "Mu": "μ", "Nu": "ν", "Xi": "ξ", "Rho": "ρ", "Sigma": "σ", "Tau": "τ", "Phi": "ϕ",
    "CurlyPhi": "φ", "Chi": "χ", "Psi": "ψ", "Omega": "ω", "CapitalDelta": "Δ", "CapitalSigma": "Σ",
    "EAcute": "é", "Dash": "–", "LongDash": "—", "Ellipsis": "…", "Degree": "°",
}  # fmt: skip
r"""What stands for a named character, \[Rule] say, in text outside of strings; some stand for a mark."""

IN_STRINGS = {"Rule": "→", "LessEqual": "≤", "GreaterEqual": "≥", "NotEqual": "≠", "Times": "×", "Infinity": "∞"}
"""What stands for one in a string, where that is another."""

CHARACTERS = {
    "\uf522": "->", "\uf51f": ":>", "\u29f4": ":>", "\u2192": "->", "\uf113": "<|", "\uf114": "|>", "\uf4a1": "|->",
    "\u21a6": "|->", "\uf431": "==", "\uf7d9": "==", "\u2260": "!=", "\u2264": "<=", "\u2265": ">=", "\u2227": "&&",
    "\u2228": "||", "\u00ac": "!", "\u00d7": "*", "\u2062": "*", "\u00f7": "/", "\u2212": "-", "\u301a": "[[",
    "\u301b": "]]", "\uf76d": "@", "\uf120": "<->", "\u2194": "<->", "\uf3d5": "->", "\uf3d4": "<->", "\uf3a3": "\n",
    "\u00a0": " ", "\uf360": " ", "\u2009": " ", "\u2063": ",", "\u221e": "Infinity", "\u03c0": "Pi", "\uf74d": "E",
    "\ufeff": " ", "\u2061": "@",
}  # fmt: skip
"""Characters that stand for a mark, Wolfram's private-use ones among them."""
