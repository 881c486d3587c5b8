"""Times the token-classification pipeline of transformers. Prints what `peer.py` says."""

import peer


def main():
    arguments = peer.parser(__doc__).parse_args()
    # Here and not above, so that a wrong argument is told at once.
    import torch
    from transformers import pipeline

    torch.set_num_threads(arguments.threads)
    dtype = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}[arguments.precision]
    where = dict(device=0 if arguments.device == "cuda" else -1, dtype=dtype)
    tagger = pipeline("token-classification", arguments.model, aggregation_strategy="simple", **where)
    # The pipeline takes sentences as they come; to sort them is left to its caller.
    peer.report(arguments, tagger, lambda texts: tagger(texts, batch_size=arguments.batch_size))


if __name__ == "__main__":
    main()
