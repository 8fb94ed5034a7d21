"""One safe reader for every weight file.

A file is opened once, hashed and read as data: nothing in it is executed, and what it asks for in
work and memory is bounded before any of it is done.
"""
