"""Nets from ONNX graphs: each operator is recorded as what it does to whole arrays; what was recorded is the net."""
