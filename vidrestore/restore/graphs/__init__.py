"""Networks recognised in ONNX graphs, so that they run on this package's own engine."""
