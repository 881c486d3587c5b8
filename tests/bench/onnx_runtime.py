"""Times ONNX Runtime on a model that `onnx_export.py` wrote. Prints what `peer.py` says.

Sentences go through the model's own fast tokenizer and are batched by length, longest first, as
`tagsmith tag` does it. The answer is the best label of each piece: less work than `tag` has.
"""

from pathlib import Path

import peer


def main():
    parser = peer.parser(__doc__)
    parser.add_argument("--onnx", required=True, help="the exported model")
    arguments = parser.parse_args()
    # Here and not above, so that a wrong argument is told at once.
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    session = onnxruntime.InferenceSession(arguments.onnx, options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(Path(arguments.model) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)

    def answer(encodings):
        longest = max(len(encoding.ids) for encoding in encodings)
        ids = np.zeros((len(encodings), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        logits = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return [best[: len(e.ids)] for best, e in zip(logits.argmax(-1), encodings)]

    def many(texts):
        encodings = tokenizer.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda i: -len(encodings[i].ids))
        answers = [None] * len(texts)
        for at in range(0, len(order), arguments.batch_size):
            places = order[at : at + arguments.batch_size]
            for place, best in zip(places, answer([encodings[i] for i in places])):
                answers[place] = best
        return answers

    peer.report(arguments, lambda text: answer([tokenizer.encode(text)]), many)


if __name__ == "__main__":
    main()
