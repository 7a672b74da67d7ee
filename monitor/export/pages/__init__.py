"""The status pages: the fleet, a model, a target.

A page goes one way: the snapshot and answers about the past, pure views of them, templates, bytes.
Start at `serving`, which asks; `fleet`, `model` and `target` say what stands on each page.
"""
