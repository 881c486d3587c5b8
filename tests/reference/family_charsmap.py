"""A small table of character rewrites in the form that SentencePiece models carry.

The table of XLM-R and CamemBERT (`nmt_nfkc`) takes 300 KB in a `tokenizer.json`. This one has the same
form and a few of its entries: a Darts double array of UTF-8 keys, whose values are offsets into a list
of replacements, each ended by a zero byte.
"""

import struct

REWRITES = {
    "\x07": "",
    "\u00ad": "",
    "\t": " ",
    "\n": " ",
    "\u00a0": " ",
    "\u200b": " ",
    "\u3000": " ",
    "…": "...",
    "½": "1⁄2",
    "ﬁ": "fi",
    "Ａ": "A",
    "１": "1",
    "e\u0301": "é",
}

LEAF = 1 << 31


def trie(keys):
    root = {}
    for key, value in keys.items():
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[0] = value
    return root


def double_array(root):
    """The units of the array. A node's children stand at its own index XOR offset XOR byte; child 0 is its value."""
    units = {0: 0}

    def place(index, node, label):
        offset = next(o for o in range(1, 1 << 21) if not any(index ^ o ^ byte in units for byte in node))
        units[index] = label | offset << 10 | (0 in node) << 8
        children = {byte: index ^ offset ^ byte for byte in node}
        units.update(dict.fromkeys(children.values(), 0))
        for byte, child in children.items():
            if byte == 0:
                units[child] = LEAF | node[0]
            else:
                place(child, node[byte], byte)

    place(0, root, 0)
    size = (max(units) | 0xFF) + 1
    return [units.get(i, 0) for i in range(size)]


def charsmap(rewrites):
    replacements, offsets = b"", {}
    for source, target in rewrites.items():
        offsets[source] = len(replacements)
        replacements += target.encode() + b"\0"
    units = double_array(trie(offsets))
    array = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(array)) + array + replacements


CHARSMAP = charsmap(REWRITES)
