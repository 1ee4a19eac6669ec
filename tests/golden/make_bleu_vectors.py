"""Golden vectors of corpus BLEU: sacreBLEU's defaults (13a tokens, mixed case, exponential smoothing, no effective order) in plain Python.

    /usr/bin/python3 tests/golden/make_bleu_vectors.py

It writes bleu-vectors.json beside itself: {"tokens": [{"text", "tokens"}],
"corpora": [{"name", "hypotheses", "references": [[...], ...], "bleu"}]}.
It needs no package, and is written from the definition: clipped n-gram counts summed over the corpus, the reference nearest in length
(the shorter of two as near), an order whose n-grams have no match counts as 1/2, 1/4, ... of one.
"""
import collections
import json
import math
import pathlib
import random
import re


def tokens(text):
    text = text.rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, character in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, character)
    text = " " + text + " "
    apart = "".join(chr(c) for c in range(0x20, 0x7F) if not chr(c).isalnum() and chr(c) not in "',-.")
    text = re.sub("([" + re.escape(apart) + "])", r" \1 ", text)
    text = re.sub(r"([^0-9])([.,])", r"\1 \2 ", text)
    text = re.sub(r"([.,])([^0-9])", r" \1 \2", text)
    text = re.sub(r"([0-9])(-)", r"\1 \2 ", text)
    return text.split()


def grams(words, n):
    return collections.Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def bleu(hypotheses, references):
    matched, total, length, wanted = [0] * 4, [0] * 4, 0, 0
    for i, hypothesis in enumerate(map(tokens, hypotheses)):
        against = [tokens(r[i]) for r in references]
        length += len(hypothesis)
        wanted += min((abs(len(a) - len(hypothesis)), len(a)) for a in against)[1]
        for n in range(1, 5):
            union = collections.Counter()
            for a in against:
                union |= grams(a, n)
            found = grams(hypothesis, n)
            matched[n - 1] += sum((found & union).values())
            total[n - 1] += sum(found.values())
    if not any(matched) or not all(total):
        return 0.0
    product, half = 1.0, 1.0
    for m, t in zip(matched, total):
        if m == 0:
            half /= 2
        product *= (m or half) / t
    brevity = 1.0 if length >= wanted else math.exp(1 - wanted / length)
    return 100 * brevity * product**0.25


TEXTS = [
    "The dog bit the man.",
    "It wasn't surprising.",
    "1,000.50 dollars, or 3-4 per cent.",
    "a.b c,d 5.a .5 6.",
    "well-known 90-day (old) [x] {y} ~z^",
    "He said: &quot;A &amp; B&quot; &lt;tag&gt;",
    "",
    "   ",
    "Ein Mädchen läuft über die Straße .",
    "end-\nof-line\nbreak",
    "!?$%&/=*+#@|\\_`",
    "50% of $3.20; e-mail: a@b.co/x",
    "“quoted” – dash…",
    "<skipped>kept",
    "tab\tand\u00a0space",
    "😀. 😀, 7",
]


def corpora():
    dog = [
        ["The dog bit the man.", "It was not unexpected.", "The man bit him first."],
        ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."],
    ]
    system = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
    yield "two references", system, dog
    yield "one reference", system, dog[:1]
    yield "perfect", dog[0], dog[:1]
    yield "nothing in common", ["x y z w v"], [["a b c d e"]]
    yield "too short for four", ["the cat"], [["the cat"]]
    yield "no match of three or four", ["the cat sat on a mat here now"], [["the cat is on a rug now here"]]
    yield "only words match", ["a c e g i k"], [["k i g e c a"]]
    yield "longer than the reference", ["the the the the the the the cat"], [["the cat is on the mat"]]
    yield "empty hypothesis beside a good one", ["", "a man in a blue shirt is standing on a ladder."], [
        ["two young men are outside.", "a man in a blue shirt is standing on a ladder cleaning a window."]
    ]
    draw = random.Random(7)
    words = "a man in the blue shirt , is standing on ladder . Two 3.5 well-known dogs".split()
    for k in range(5):
        lines = [[" ".join(draw.choice(words) for _ in range(draw.randint(1, 14))) for _ in range(12)] for _ in range(3)]
        near = [" ".join(w for w in line.split() if draw.random() < 0.8) for line in lines[0]]
        yield f"random {k}", near, lines[: 1 + k % 3]


def main():
    path = pathlib.Path(__file__).with_name("bleu-vectors.json")
    scored = [{"name": n, "hypotheses": h, "references": r, "bleu": bleu(h, r)} for n, h, r in corpora()]
    for c in scored:
        print(f"{c['name']:40} {c['bleu']:.6f}")
    path.write_text(
        json.dumps(
            {"made": "tests/golden/make_bleu_vectors.py", "tokens": [{"text": t, "tokens": tokens(t)} for t in TEXTS], "corpora": scored},
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
