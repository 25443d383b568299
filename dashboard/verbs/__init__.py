"""Verbs of the command line that take data away or bring it in, one module each.

A module has SAYS, what the verb does in a line; `options(parser)`, what can be typed; and
`act(options, today)`, which prints and returns an exit code. What takes long to import is imported there.
"""
