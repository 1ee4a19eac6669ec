"""Trains a small GPT on a generated language. It knows nothing of Gaplab: it takes options, prints its losses, and ends.

A study needs no more of a script than this: the learning rate, the batch size, the optimizer and the seed as options, a length,
and the losses printed as "name value". Going on after it was ended (--out) is what a script on a shared machine needs besides.
"""

import argparse
import os
import signal
import sys

import torch
from torch import nn
from torch.nn import functional as F

VOCABULARY, CONTEXT, WIDTH, HEADS, LAYERS = 32, 32, 32, 2, 2


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x):
        n, t, _ = x.shape
        q, k, v = (part.view(n, t, HEADS, -1).transpose(1, 2) for part in self.qkv(self.norm1(x)).split(WIDTH, dim=2))
        scores = q @ k.transpose(-2, -1) / (WIDTH / HEADS) ** 0.5
        hidden = torch.ones(t, t, dtype=torch.bool).triu(1)
        mixed = scores.masked_fill(hidden, float("-inf")).softmax(-1) @ v
        x = x + self.out(mixed.transpose(1, 2).reshape(n, t, WIDTH))
        return x + self.mlp(self.norm2(x))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCABULARY)

    def forward(self, ids):
        x = self.tokens(ids) + self.positions(torch.arange(ids.shape[1]))
        return self.head(self.norm(self.blocks(x)))


def language(length, seed=0):
    """Tokens of a Markov chain in which every token has a few likely successors, some tokens far more often than others."""
    source = torch.Generator().manual_seed(seed)
    rarity = 1 / torch.arange(1.0, VOCABULARY + 1)
    chances = torch.rand(VOCABULARY, VOCABULARY, generator=source).pow(8) * rarity
    sums = (chances / chances.sum(1, keepdim=True)).cumsum(1)
    draws = torch.rand(length, generator=source)
    ids, token = torch.empty(length, dtype=torch.long), 0
    for i in range(length):
        token = min(int(torch.searchsorted(sums[token], draws[i])), VOCABULARY - 1)
        ids[i] = token
    return ids


def batch(ids, size, generator):
    starts = torch.randint(len(ids) - CONTEXT - 1, (size,), generator=generator)
    rows = torch.stack([ids[s : s + CONTEXT + 1] for s in starts])
    return rows[:, :-1], rows[:, 1:]


def loss_of(model, x, y):
    return F.cross_entropy(model(x).view(-1, VOCABULARY), y.reshape(-1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--optimizer", choices=["sgd", "adam"], default="adam")
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--out", help="a folder; a run that was ended goes on from there")
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    ids = language(20000)
    train, validation = ids[:18000], ids[18000:]
    model = Gpt()
    if options.optimizer == "sgd":
        optimizer = torch.optim.SGD(model.parameters(), lr=options.lr, momentum=options.momentum)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=options.lr)
    generator = torch.Generator().manual_seed(options.seed)
    first = 0

    checkpoint = os.path.join(options.out, "checkpoint.pt") if options.out else None
    if checkpoint and os.path.exists(checkpoint):
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        generator.set_state(state["generator"])
        first = state["step"]

    asked_to_stop = []
    signal.signal(signal.SIGTERM, lambda *_: asked_to_stop.append(True))

    for step in range(first, options.steps):
        loss = loss_of(model, *batch(train, options.batch_size, generator))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (step + 1) % 20 == 0 or step + 1 == options.steps:
            print(f"step {step + 1} train loss {loss.item():.6f}")
        if asked_to_stop:
            if checkpoint:
                state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
                torch.save({**state, "generator": generator.get_state(), "step": step + 1}, checkpoint + ".new")
                os.replace(checkpoint + ".new", checkpoint)
            sys.exit(75)  # run me again

    with torch.no_grad():
        x, y = batch(validation, 256, torch.Generator().manual_seed(1))
        print(f"step {options.steps} val loss {loss_of(model, x, y).item():.6f}")


if __name__ == "__main__":
    main()
