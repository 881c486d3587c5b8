"""Times PyTorch's training step: forward, backward, clipping, fused AdamW.

    pytorch_step.py --model FOLDER | --shape NAME  --batch 16x32 [--repetitions 10] [--threads 2]
        [--device cpu|cuda] [--precision f32|bf16|f16]

Half precision is autocast's: weights stay in 32 bits.

The weights of a folder or random ones, scaled-dot-product attention where the family has it, dropout at the configuration's default, all but
the first and last position scored, gradient norm clipped at 1, no decay on biases and LayerNorm: what
`tagsmith bench` does. Prints one JSON line; the peak of memory is the caller's to measure.
"""

import argparse
import json
import time
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForTokenClassification

# Configurations by name, those of `tagsmith bench --shape`.
SHAPES = json.loads((Path(__file__).parents[2] / "src-tauri/crates/tagger/src/bench/shapes.json").read_text())
LABELS = 9
WARM_UP = 2
TYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}


def optimizer_of(model):
    """AdamW as the Trainer of transformers sets it up."""
    groups = [
        {"params": [p for p in model.parameters() if p.ndim >= 2], "weight_decay": 0.01},
        {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=1e-6, fused=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a folder, instead of random weights")
    parser.add_argument("--shape", choices=SHAPES, default="minilm")
    parser.add_argument("--batch", default="16x32")
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--precision", default="f32", choices=TYPES)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(42)
    batch, length = map(int, arguments.batch.split("x"))

    kind = AutoModelForTokenClassification
    if arguments.model:
        # Transformers would keep the type of the file.
        settings = dict(num_labels=LABELS, attn_implementation="sdpa", dtype=torch.float32)
        model = kind.from_pretrained(arguments.model, **settings)
    else:
        config = AutoConfig.for_model(**SHAPES[arguments.shape], num_labels=LABELS)
        try:
            model = kind.from_config(config, attn_implementation="sdpa")
        except ValueError:
            # Some families have their own attention only.
            model = kind.from_config(config, attn_implementation="eager")
    device = torch.device(arguments.device)
    model.to(device).train()
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    dtype = TYPES[arguments.precision]
    autocast = torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32)
    scaler = torch.amp.GradScaler(device.type, enabled=dtype == torch.float16)
    optimizer = optimizer_of(model)
    # Without the first few pieces, the one that pads among them.
    ids = torch.randint(5, model.config.vocab_size - 100, (batch, length))
    labels = torch.randint(0, LABELS, (batch, length))
    labels[:, 0] = labels[:, -1] = -100
    ids, labels = ids.to(device), labels.to(device)
    mask = torch.ones_like(ids)

    times = []
    for repetition in range(WARM_UP + arguments.repetitions):
        began = time.perf_counter()
        with autocast:
            loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        loss.item()
        wait()
        if repetition >= WARM_UP:
            times.append((time.perf_counter() - began) * 1e3)
    print(json.dumps({"torch": torch.__version__, "attention": model.config._attn_implementation, "times_ms": times}))


if __name__ == "__main__":
    main()
