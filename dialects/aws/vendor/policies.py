"""Packs the managed policies of AWS, as the package moto has them, into policies.lzma.

    pip download --no-deps moto==5.2.5 && unzip moto-5.2.5-*.whl moto/iam/aws_managed_policies.py
    python policies.py moto/iam/aws_managed_policies.py policies.lzma

A line is a policy: path, name, the times of its making and of its last change, the version in force, and the document,
with tabs between them; the lines are in the order of the names by bytes.
"""

import ast
import json
import lzma
import sys
from pathlib import Path


def policies(source):
    """The policies by name, read from the one text that the module assigns."""
    [text] = [
        node.value.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    ]
    return json.loads(text)


def line(name, policy):
    """A policy as a line."""
    document = json.dumps(policy["Document"], separators=(",", ":"), ensure_ascii=False)
    times = (policy["CreateDate"], policy["UpdateDate"])
    return "\t".join([policy["Path"], name, *times, policy["DefaultVersionId"], document])


def packed(text):
    """A text in the format that comes before xz, which has the smallest reader."""
    filters = [{"id": lzma.FILTER_LZMA1, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 22, "lc": 4, "lp": 0, "pb": 0}]
    return lzma.compress(text.encode(), format=lzma.FORMAT_ALONE, filters=filters)


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    known = policies(source.read_text())
    lines = [line(name, known[name]) for name in sorted(known, key=str.encode)]
    target.write_bytes(packed("\n".join(lines)))
