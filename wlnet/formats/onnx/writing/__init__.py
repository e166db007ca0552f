"""Nets as ONNX models: a net is run once on symbolic tensors, and every word of `xp` writes its operators."""
