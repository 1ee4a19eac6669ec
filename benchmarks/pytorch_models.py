"""The PyTorch side of the benchmark of all models: each written as a good engineer would, trained by torch.optim.Adam (foreach).

    /usr/bin/python3 benchmarks/pytorch_models.py \
        '{"kind": "resnet", "layers": 1, "width": 16, "batch": 32, "channels": 3, "side": 32, "classes": 10}'

One thread, float32. It prints one JSON line that describes the model, then answers "run N" with {"seconds": …} and ends at "quit".
Images come ready as floats, graphs as padded tensors with their random walks already computed.
"""
import json
import math
import os
import sys
import time

os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})  # before torch loads its libraries

import torch
import torch.nn.functional as F
from torch import nn


class RmsNorm(nn.Module):
    """torch 1.13 has none of its own."""

    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.gain, self.eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.gain


def mlp(o):
    sizes = [o["channels"] * o["side"] ** 2] + [o["width"]] * o["layers"]
    return nn.Sequential(
        nn.Flatten(),
        *[m for a, b in zip(sizes, sizes[1:]) for m in (nn.Linear(a, b), nn.ReLU(inplace=True))],
        nn.Linear(sizes[-1], o["classes"])
    )


def alexnet(o):
    w, side, parts, inputs = o["width"], o["side"], [], o["channels"]
    for l, (outputs, k) in enumerate([(w, 5), (3 * w, 5), (6 * w, 3), (4 * w, 3), (4 * w, 3)]):
        parts += [nn.Conv2d(inputs, outputs, k, padding=k // 2), nn.ReLU(inplace=True)]
        inputs = outputs
        if l in (0, 1, 4):
            parts.append(nn.MaxPool2d(3, 2))
            side = (side - 3) // 2 + 1
    return nn.Sequential(
        *parts,
        nn.Flatten(),
        nn.Linear(inputs * side * side, 64 * w),
        nn.ReLU(inplace=True),
        nn.Linear(64 * w, 64 * w),
        nn.ReLU(inplace=True),
        nn.Linear(64 * w, o["classes"])
    )


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.second = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.first_norm, self.second_norm = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.stride, self.new = stride, outputs - inputs

    def forward(self, x):
        y = self.second_norm(self.second(F.relu(self.first_norm(self.first(x)), inplace=True)))
        if self.new:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.new))
        return F.relu(y + x, inplace=True)


class ResNet(nn.Module):
    def __init__(self, o):
        super().__init__()
        w = o["width"]
        self.stem, self.norm = nn.Conv2d(o["channels"], w, 3, 1, 1, bias=False), nn.BatchNorm2d(w)
        blocks, inputs = [], w
        for stage in range(3):
            for n in range(o["layers"]):
                blocks.append(BasicBlock(inputs, w << stage, 2 if stage and not n else 1))
                inputs = w << stage
        self.blocks, self.head = nn.Sequential(*blocks), nn.Linear(inputs, o["classes"])

    def forward(self, x):
        return self.head(self.blocks(F.relu(self.norm(self.stem(x)), inplace=True)).mean((2, 3)))


class VitBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.attention_norm, self.mlp_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).view(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        a = (torch.matmul(q * (1 / math.sqrt(d // self.heads)), k.transpose(-1, -2))).softmax(-1)
        x = x + self.output(torch.matmul(a, v).transpose(1, 2).reshape(b, n, d))
        return x + self.mlp(self.mlp_norm(x))


class Vit(nn.Module):
    def __init__(self, o):
        super().__init__()
        d, self.patch = o["width"], o["patch"]
        n = o["side"] // self.patch
        self.embedding = nn.Conv2d(o["channels"], d, self.patch, self.patch)
        self.register_buffer("positions", torch.randn(n * n, d))
        self.blocks = nn.Sequential(*[VitBlock(d, o["heads"]) for _ in range(o["layers"])])
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, o["classes"])

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.embedding(x).flatten(2).transpose(1, 2) + self.positions)).mean(1))


class Lstm(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.embedding = nn.Embedding(o["vocabulary"], o["width"])
        self.lstm = nn.LSTM(o["width"], o["width"], o["layers"], batch_first=True)
        self.head = nn.Linear(o["width"], o["vocabulary"])

    def forward(self, tokens):
        return self.head(self.lstm(self.embedding(tokens))[0])


class Gcnn(nn.Module):
    def __init__(self, o):
        super().__init__()
        d, self.pad = o["width"], o["kernel"] - 1
        self.embedding = nn.Embedding(o["vocabulary"], d)
        self.layers = nn.ModuleList(nn.utils.weight_norm(nn.Conv1d(d, 2 * d, o["kernel"])) for _ in range(o["layers"]))
        self.head = nn.Linear(d, o["vocabulary"])

    def forward(self, tokens):
        x = self.embedding(tokens).transpose(1, 2)
        for layer in self.layers:
            x = x + F.glu(layer(F.pad(x, (self.pad, 0))), 1)
        return self.head(x.transpose(1, 2))


class DeltaBlock(nn.Module):
    """The gated delta rule in chunks, as its paper computes it."""

    def __init__(self, o):
        super().__init__()
        d, self.heads, self.kernel, self.chunk = o["width"], o["heads"], o["kernel"], o["chunk"]
        self.keys, values = d // self.heads, 2 * d
        self.values = values // self.heads
        self.norm, self.mlp_norm, self.output_norm = RmsNorm(d), RmsNorm(d), RmsNorm(self.values)
        self.qkv, self.gate, self.beta, self.decay = (
            nn.Linear(d, 2 * d + values, bias=False),
            nn.Linear(d, values, bias=False),
            nn.Linear(d, self.heads, bias=False),
            nn.Linear(d, self.heads, bias=False),
        )
        self.filter = nn.Conv1d(2 * d + values, 2 * d + values, self.kernel, groups=2 * d + values, bias=False)
        self.rate, self.step = nn.Parameter(torch.rand(self.heads) * 2), nn.Parameter(torch.rand(self.heads) * -4)
        self.output = nn.Linear(values, d, bias=False)
        self.up, self.down = nn.Linear(d, 8 * d, bias=False), nn.Linear(4 * d, d, bias=False)
        c = self.chunk
        self.register_buffer("ones", torch.ones(c, c).tril())
        self.register_buffer("future", torch.full((c, c), -math.inf).triu(1))

    def forward(self, x):
        b, t, d = x.shape
        h, c = self.heads, self.chunk
        y = self.norm(x)
        qkv = F.silu(self.filter(F.pad(self.qkv(y).transpose(1, 2), (self.kernel - 1, 0))).transpose(1, 2))
        q, k, v = (z.view(b, t // c, c, h, -1).permute(0, 3, 1, 2, 4) for z in qkv.split([d, d, h * self.values], -1))  # B H N C E
        q, k = F.normalize(q, dim=-1) * (1 / math.sqrt(self.keys)), F.normalize(k, dim=-1)
        beta = torch.sigmoid(self.beta(y)).view(b, t // c, c, h).permute(0, 3, 1, 2).unsqueeze(-1)
        log_decay = (-F.softplus(self.decay(y) + self.step) * self.rate.exp()).view(b, t // c, c, h).permute(0, 3, 1, 2)
        total = log_decay.cumsum(-1).unsqueeze(-1)
        decay, grown = (total - total.transpose(-1, -2) + self.future).exp(), total.exp()
        system = beta * decay * (k @ k.transpose(-1, -2))
        solved = torch.linalg.solve_triangular(system, torch.cat([beta * v, beta * grown * k], -1), upper=False, unitriangular=True)
        own, read = solved.split([self.values, self.keys], -1)
        within, query, last = decay * (q @ k.transpose(-1, -2)), grown * q, total[..., -1:, :]
        key, kept, state, outputs = ((last - total).exp() * k).transpose(-1, -2), last.exp(), None, []
        for n in range(t // c):
            u = own[:, :, n] if state is None else own[:, :, n] - read[:, :, n] @ state
            z = within[:, :, n] @ u
            outputs.append(z if state is None else z + query[:, :, n] @ state)
            if n + 1 < t // c:
                added = key[:, :, n] @ u
                state = added if state is None else kept[:, :, n] * state + added
        z = self.output_norm(torch.cat(outputs, 2).transpose(1, 2)).reshape(b, t, -1)
        x = x + self.output(z * F.silu(self.gate(y)))
        a, g = self.up(self.mlp_norm(x)).chunk(2, -1)
        return x + self.down(F.silu(g) * a)


class DeltaNet(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.embedding = nn.Embedding(o["vocabulary"], o["width"])
        self.blocks = nn.Sequential(*[DeltaBlock(o) for _ in range(o["layers"])])
        self.norm, self.head = RmsNorm(o["width"]), nn.Linear(o["width"], o["vocabulary"], bias=False)

    def forward(self, tokens):
        return self.head(self.norm(self.blocks(self.embedding(tokens))))


class Gat(nn.Module):
    def __init__(self, o):
        super().__init__()
        d, self.heads = o["width"], o["heads"]
        self.nodes = nn.Embedding(o["nodeTypes"], d)
        self.layers = nn.ModuleList(nn.Linear(d, d, bias=False) for _ in range(o["layers"]))
        self.scores_to, self.scores_of = (
            nn.ParameterList(nn.Parameter(0.3 * torch.randn(self.heads, d // self.heads)) for _ in range(o["layers"])) for _ in range(2)
        )
        self.head = nn.Linear(d, 1)

    def forward(self, graph):
        types, mask, adjacency, _, _ = graph  # [B, N], [B, N, 1], −∞ but for neighbours [B, 1, N, N]
        x = self.nodes(types)
        b, n, d = x.shape
        for weight, to, of in zip(self.layers, self.scores_to, self.scores_of):
            h = weight(x).view(b, n, self.heads, -1)
            s = (
                F.leaky_relu((h * to).sum(-1).transpose(1, 2).unsqueeze(-1) + (h * of).sum(-1).transpose(1, 2).unsqueeze(-2), 0.2)
                + adjacency
            )
            x = x + F.elu((s.softmax(-1) @ h.transpose(1, 2)).transpose(1, 2).reshape(b, n, d))
        return self.head((x * mask).sum(1) / mask.sum(1))


class GritBlock(nn.Module):
    def __init__(self, o, last):
        super().__init__()
        d, self.heads = o["width"], o["heads"]
        e = d // self.heads
        self.attention_norm, self.pair_norm, self.mlp_norm = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.query, self.key, self.value, self.output = (
            nn.Linear(d, d),
            nn.Linear(d, d, bias=False),
            nn.Linear(d, d, bias=False),
            nn.Linear(d, d),
        )
        self.pair = nn.Linear(d, 2 * d)
        self.pair_output = None if last else nn.Linear(d, d)
        self.score, self.pair_value = nn.Parameter(0.3 * torch.randn(self.heads, e)), nn.Parameter(0.3 * torch.randn(self.heads, e, e))
        self.scale, self.degree_scale = nn.Parameter(torch.ones(d)), nn.Parameter(torch.zeros(d))
        self.mlp = nn.Sequential(nn.Linear(d, round(o["mlpRatio"] * d)), nn.ReLU(inplace=True), nn.Linear(round(o["mlpRatio"] * d), d))

    def forward(self, x, pairs, graph):
        b, n, d = x.shape
        y = self.attention_norm(x)
        weight, bias = self.pair(self.pair_norm(pairs)).chunk(2, -1)
        z = (self.query(y).unsqueeze(2) + self.key(y).unsqueeze(1)) * weight
        pair = F.relu(z * torch.rsqrt(z.abs() + 1e-3) + bias)  # [B, N, N, D]
        by_head = pair.view(b, n, n, self.heads, -1)
        alpha = ((by_head * self.score).sum(-1).permute(0, 3, 1, 2) + graph["visible"]).softmax(-1)  # [B, H, N, N]
        nodes = alpha @ self.value(y).view(b, n, self.heads, -1).transpose(1, 2)  # [B, H, N, E]
        # The pair's value is linear, so it is taken of the mixed pairs.
        mixed = torch.einsum("bhij,bijhe->bhie", alpha, by_head)
        out = self.output((nodes + mixed @ self.pair_value).transpose(1, 2).reshape(b, n, d))
        x = x + out * self.scale + graph["degrees"] * out * self.degree_scale
        if self.pair_output is not None:
            pairs = pairs + self.pair_output(pair)
        return x + self.mlp(self.mlp_norm(x)), pairs


class Grit(nn.Module):
    def __init__(self, o):
        super().__init__()
        d = o["width"]
        self.nodes, self.edges = nn.Embedding(o["nodeTypes"], d), nn.Embedding(o["edgeTypes"] + 1, d)
        self.walk_nodes, self.walk_pairs = nn.Linear(o["walk"], d, bias=False), nn.Linear(o["walk"], d, bias=False)
        self.blocks = nn.ModuleList(GritBlock(o, l + 1 == o["layers"]) for l in range(o["layers"]))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, 1)

    def forward(self, graph):
        types, mask, _, kinds, walks = graph
        x = self.nodes(types) + self.walk_nodes(walks.diagonal(dim1=1, dim2=2).transpose(1, 2))
        pairs = self.edges(kinds) + self.walk_pairs(walks)
        facts = {
            "visible": torch.where(mask.transpose(1, 2).unsqueeze(1) > 0, 0.0, -math.inf),
            "degrees": torch.log1p((kinds > 0).sum(-1, keepdim=True).float()),
        }
        for block in self.blocks:
            x, pairs = block(x, pairs, facts)
        return self.head((self.norm(x) * mask).sum(1) / mask.sum(1))


def graphs(o):
    """A padded batch of random trees with a ring: node types, mask, neighbours, edge types, random walks."""
    b, n, k = o["batch"], o["nodes"], o["walk"]
    types, kinds, walks, mask = (
        torch.randint(o["nodeTypes"], (b, n)),
        torch.zeros(b, n, n, dtype=torch.long),
        torch.zeros(b, n, n, k),
        torch.zeros(b, n, 1),
    )
    for g in range(b):
        size = n - int(torch.randint(n // 2 + 1, ())) if g else n
        mask[g, :size] = 1
        for v in range(1, size):
            u = int(torch.randint(v, ()))
            kinds[g, u, v] = kinds[g, v, u] = 1
        a = kinds[g].float()
        step, power = a / a.sum(1, keepdim=True).clamp(min=1), torch.eye(n)
        for i in range(k):
            walks[g, :, :, i] = power
            power = power @ step
    near = (kinds > 0) | torch.eye(n, dtype=torch.bool)
    return (types, mask, torch.where(near.unsqueeze(1), 0.0, -math.inf), kinds, walks), torch.randn(b, 1)


MODELS = {
    "mlp": mlp,
    "alexnet": alexnet,
    "resnet": ResNet,
    "vit": Vit,
    "lstm": Lstm,
    "gcnn": Gcnn,
    "gated-delta-net": DeltaNet,
    "gat": Gat,
    "grit": Grit,
}


def main():
    o = json.loads(sys.argv[1])
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = MODELS[o["kind"]](o)
    if o["kind"] in ("gat", "grit"):
        inputs, targets = graphs(o)
        loss_of = lambda: (model(inputs) - targets).abs().mean()
    elif "vocabulary" in o:
        tokens = torch.randint(o["vocabulary"], (o["batch"], o["context"] + 1))
        loss_of = lambda: F.cross_entropy(model(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
    else:
        inputs, targets = torch.randn(o["batch"], o["channels"], o["side"], o["side"]), torch.randint(o["classes"], (o["batch"],))
        loss_of = lambda: F.cross_entropy(model(inputs), targets)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, foreach=True)
    # nn.LSTM has a second bias, which the same function does not need.
    parameters = sum(p.numel() for name, p in model.named_parameters() if "bias_hh" not in name)
    print(json.dumps({"parameters": parameters, "version": torch.__version__}), flush=True)
    for line in sys.stdin:
        words = line.split()
        if words[:1] == ["quit"]:
            break
        began = time.process_time()
        for _ in range(int(words[1])):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of()
            loss.backward()
            optimizer.step()
        loss.item()
        print(json.dumps({"seconds": time.process_time() - began}), flush=True)


if __name__ == "__main__":
    main()
