"""Emulated NUMA machines: what they are, how they are started, and how one tells what became of them."""
