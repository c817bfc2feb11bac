"""Networks and parts of networks that lessons build on.

`pretrained` holds networks with weights that others have trained, `detection` what a detector's
score needs. Each is imported by its own name: they need different libraries.
"""
