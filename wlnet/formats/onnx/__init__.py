"""ONNX files: nets from graphs of their operators (reading/), and nets as such graphs."""
