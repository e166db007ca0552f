"""Formats in which nets travel: native files, Wolfram's own, ONNX; all behind Import and Export."""
