"""Fine-tunes as the token-classification example of transformers does, to have an F1 to compare with.

    hf_example.py MODEL_DIR TRAIN DEV TEST [--seed 42] [--epochs 3] [--batch-size 16] [--lr 5e-5] [--max-length 128]
        [--device cpu|cuda] [--precision f32|bf16|f16]

What the example leaves at its defaults stays so: AdamW without weight decay, learning rate falling
linearly from the first step on, gradient norm clipped at 1, batches drawn at random and padded to their
longest row, the last model scored. Words past the maximum length are lost to training and to the score
alike, as they are there; how many is printed. On 2 cores a run on WNUT-17 takes about 9 minutes.
"""

import argparse
import resource
import sys
import tempfile
import time

import numpy as np
import torch
from seqeval.metrics import f1_score, precision_score, recall_score
from transformers import (
    AutoConfig,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    Trainer,
    TrainingArguments,
    set_seed,
)

from first_step_loss import encode
from fixture_files import versions
from read_gold import read_gold

# `resource` counts kilobytes on Linux and bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "train", "dev", "test"):
        parser.add_argument(name)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--lr", type=float, default=5e-5)
    parser.add_argument("--max-length", type=int, default=128)
    parser.add_argument("--max-steps", type=int, default=-1, help="stop early, to try the script out")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--precision", default="f32", choices=["f32", "bf16", "f16"], help="of autocast")
    parser.add_argument("--out", help="keep the model in this folder")
    return parser.parse_args()


def tags_of(output, names):
    """Predicted and gold tags at the scored positions."""
    best, gold = np.argmax(output.predictions, axis=2), output.label_ids
    scored = [row != -100 for row in gold]
    pick = lambda rows: [[names[i] for i in row[keep]] for row, keep in zip(rows, scored)]
    return pick(best), pick(gold)


def main():
    began, arguments = time.monotonic(), parse()
    print(versions("torch", "transformers", "accelerate", "seqeval"))
    files = {split: read_gold(getattr(arguments, split)) for split in ("train", "dev", "test")}
    # Of all files, as a data set's own list of labels has them.
    names = sorted({tag for split in files.values() for _, tags in split for tag in tags})
    ids = {name: i for i, name in enumerate(names)}

    set_seed(arguments.seed)
    config = AutoConfig.from_pretrained(
        arguments.model, num_labels=len(names), id2label=dict(enumerate(names)), label2id=ids
    )
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    # Transformers would keep the type of the file, and weights of 16 bits learn nothing.
    model = AutoModelForTokenClassification.from_pretrained(arguments.model, config=config, dtype=torch.float32)
    rows = {
        split: [encode(tokenizer, *sentence, ids, arguments.max_length) for sentence in sentences]
        for split, sentences in files.items()
    }
    for split, sentences in files.items():
        words, scored = sum(len(s[0]) for s in sentences), sum(l != -100 for r in rows[split] for l in r["labels"])
        print(f"{split}: {len(sentences)} sentences, {words} words, {words - scored} of them not scored")

    with tempfile.TemporaryDirectory() as scratch:
        settings = TrainingArguments(
            output_dir=arguments.out or scratch,
            seed=arguments.seed,
            num_train_epochs=arguments.epochs,
            max_steps=arguments.max_steps,
            per_device_train_batch_size=arguments.batch_size,
            learning_rate=arguments.lr,
            use_cpu=arguments.device == "cpu",
            bf16=arguments.precision == "bf16",
            fp16=arguments.precision == "f16",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            logging_steps=50,
        )
        trainer = Trainer(
            model=model,
            args=settings,
            train_dataset=rows["train"],
            data_collator=DataCollatorForTokenClassification(tokenizer),
            processing_class=tokenizer,
        )
        training = time.monotonic()
        trainer.train()
        training = time.monotonic() - training
        for split in ("dev", "test"):
            predicted, gold = tags_of(trainer.predict(rows[split]), names)
            figures = [f(gold, predicted, zero_division=0) for f in (precision_score, recall_score, f1_score)]
            print(f"{split}: precision {figures[0]:.4f}, recall {figures[1]:.4f}, F1 {figures[2]:.4f}")
        if arguments.out:
            trainer.save_model()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT
    print(f"{training:.0f} s of training, {time.monotonic() - began:.0f} s in all, peak memory {peak / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
