"""ONNX graphs, computed in a process of their own.

A graph is a program of a stranger's for onnxruntime, whose C++ may crash on it or work for ever. So
it runs in a child process (``worker``), with a limit of processor time and of memory; the program
itself hands crops over and takes crops back (``process``, ``restorer``). What the child imports,
imports no torch, so that it starts at once.
"""
