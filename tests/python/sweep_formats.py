"""The same 120 runs in every format that sweeps lie in: 2 optimizers, 5 rates, 3 batch sizes, 4 seeds.

    /usr/bin/python3 tests/python/sweep_formats.py FOLDER

It writes FOLDER/<name> for each row of FORMATS, or of those that are named behind it, and prints a line of JSON for each: its path, who
wrote it, the options that reading it takes, what the format cannot carry, or why it was not written. FOLDER/expected.json says what every
reader must find. One run diverged (its last loss is NaN) and one failed half-way. Losses are
multiples of 1/1024, so that decimals, floats of 32 bits and floats of 64 hold the same numbers.
"""
import csv
import json
import math
import struct
import sys
import zlib
from pathlib import Path

SAMPLES, POINTS = 4096, 4
RATES = {"sgd": [0.05, 0.1, 0.2, 0.4, 0.8], "adam": [0.0005, 0.001, 0.002, 0.004, 0.008]}
# SGD is ahead at 16 by 1/16, Adam at 64 by 1/8 and at 256 by 1/4: it overtakes at 16 * 4**(1/3).
BEST = {"sgd": {16: 2.0, 64: 2.1875, 256: 2.375}, "adam": {16: 2.0625, 64: 2.0625, 256: 2.125}}


class Run:
    def __init__(self, number, optimizer, rate, batch, seed):
        self.number, self.optimizer, self.rate, self.batch, self.seed = number, optimizer, rate, batch, seed
        self.name = f"run-{number:03d}"
        away = RATES[optimizer].index(rate) - 2
        # Of the first three seeds the mean is exact.
        noise = (1, -1, 0, 2)[seed - 1] * (1 + number // 4 % 3)
        self.loss = BEST[optimizer][batch] + away * away / 16 + noise / 1024
        self.diverged = (optimizer, rate, batch, seed) == ("sgd", 0.8, 256, 2)
        self.failed = (optimizer, rate, batch, seed) == ("adam", 0.008, 16, 4)
        if self.diverged:
            self.loss = math.nan

    def history(self):
        """(step, validation loss): falls to its last value; a run that failed has the first half."""
        end = self.loss if math.isfinite(self.loss) else 4.0
        rows = [(SAMPLES * k // POINTS // self.batch, end + (POINTS - k) / 4) for k in range(1, POINTS + 1)]
        rows[-1] = (rows[-1][0], self.loss)
        return rows[: POINTS // 2] if self.failed else rows

    def config(self, optimizer="optimizer", rate="lr", batch="batch_size", seed="seed"):
        return {optimizer: self.optimizer, rate: self.rate, batch: self.batch, seed: self.seed}

    @property
    def state(self):
        return "failed" if self.failed else "finished"


RUNS = [
    Run(number, optimizer, rate, batch, seed)
    for number, (optimizer, rate, batch, seed) in enumerate(
        (o, r, b, s) for o in RATES for r in RATES[o] for b in (16, 64, 256) for s in (1, 2, 3, 4)
    )
]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text) if isinstance(text, bytes) else path.write_text(text)


def lines(objects):
    return "".join(json.dumps(o) + "\n" for o in objects)


def yaml(values):
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in values.items())


# Tables, a row per run.


def summary(run, **names):
    loss = {} if run.failed else {"val_loss": run.loss}
    return {"run_id": run.name, **run.config(**names), "state": run.state, **loss}


def table(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def csv_runs(path):
    table(path, [summary(r) for r in RUNS])


def csv_histories(path):
    table(
        path,
        [{"run_id": r.name, **r.config(), "state": r.state, "step": s, "val_loss": v} for r in RUNS for s, v in r.history()],
    )


def csv_without_seeds(path):
    table(path, [{k: v for k, v in summary(r).items() if k != "seed"} for r in RUNS])


def json_runs(path):
    write(path, json.dumps([summary(r) for r in RUNS], indent=1))


def json_lines(path):
    write(path, lines(summary(r) for r in RUNS))


def nested_json(path):
    write(
        path,
        json.dumps(
            [
                {"name": r.name, "state": r.state, "config": r.config(), "summary": {} if r.failed else {"val_loss": r.loss}}
                for r in RUNS
            ]
        ),
    )


# Folders, one per run.


def lightning(path):
    for r in RUNS:
        at = path / "lightning_logs" / f"version_{r.number}"
        write(at / "hparams.yaml", yaml(r.config()))
        rows = "".join(f"0,{s},{v + 0.25},\n0,{s},,{v}\n" for s, v in r.history())
        write(at / "metrics.csv", "epoch,step,train_loss,val_loss\n" + rows)


def trainer(path):
    for r in RUNS:
        history = [{"epoch": s * r.batch / SAMPLES, "eval_loss": v, "step": s} for s, v in r.history()]
        state = {"global_step": history[-1]["step"], "train_batch_size": r.batch // 2, "log_history": history}
        at = path / r.name / f"checkpoint-{history[-1]['step']}"
        write(at / "trainer_state.json", json.dumps(state))
        write(
            path / r.name / "training_args.json",
            json.dumps(
                {
                    "optim": r.optimizer,
                    "learning_rate": r.rate,
                    "per_device_train_batch_size": r.batch // 2,
                    "gradient_accumulation_steps": 2,
                    "seed": r.seed,
                }
            ),
        )


def hydra(path):
    for r in RUNS:
        at = path / "multirun" / "2026-01-31" / "12-30-00" / str(r.number)
        name = {"sgd": "SGD", "adam": "Adam"}[r.optimizer]
        write(
            at / ".hydra" / "config.yaml",
            f"optim:\n  _target_: torch.optim.{name}\n  lr: {r.rate}\ndata: {{batch_size: {r.batch}}}\nseed: {r.seed}\n",
        )
        write(at / "metrics.jsonl", lines({"step": s, "val": {"loss": v}} for s, v in r.history()))


def ray(path):
    for r in RUNS:
        at = path / f"train_fn_{r.number:05d}"
        write(at / "params.json", json.dumps({"lr": r.rate, "batch_size": r.batch, "seed": r.seed, "opt": r.optimizer}))
        write(at / "result.json", lines({"val_loss": v, "training_iteration": k + 1} for k, (_, v) in enumerate(r.history())))
        if r.failed:
            write(at / "error.txt", "Traceback (most recent call last):\nRuntimeError: out of memory\n")


def loop(path):
    for r in RUNS:
        write(path / r.name / "config.json", json.dumps(r.config("opt", "learning_rate", "batch_size", "seed")))
        write(path / r.name / "metrics.jsonl", lines({"step": s, "samples": s * r.batch, "val/loss": v} for s, v in r.history()))


def printed(path):
    for r in RUNS:
        write(path / r.name / "args.json", json.dumps(r.config()))
        write(path / r.name / "train.log", "".join(f"step {s}: train loss {v + 0.25}, val loss {v}\n" for s, v in r.history()))


def names(path):
    for r in RUNS:
        at = path / f"optimizer={r.optimizer},lr={r.rate}" / f"batch_size={r.batch},seed={r.seed}"
        write(at / "metrics.csv", "step,val_loss\n" + "".join(f"{s},{v}\n" for s, v in r.history()))


# Trackers whose formats need no library to be written.


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def whole(number, value):
    return varint(number << 3) + varint(value)


def inside(number, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def double(number, value):
    return varint(number << 3 | 1) + struct.pack("<d", value)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", crc32c(length)) + data + struct.pack("<I", crc32c(data))


def event(step, content):
    return record(double(1, 1.7e9 + step) + whole(2, step) + content)


def plugin(tag, number, content):
    data = inside(1, inside(1, "hparams") + inside(2, inside(number, content)))
    return event(0, inside(5, inside(1, inside(1, tag) + inside(9, data))))


def tensorboard_by_hand(path):
    for r in RUNS:
        settings = b"".join(
            inside(1, inside(1, k) + inside(2, inside(3, v) if isinstance(v, str) else double(2, v))) for k, v in r.config().items()
        )
        body = record(double(1, 1.7e9) + inside(3, "brain.Event:2")) + plugin("_hparams_/session_start_info", 3, settings)
        for s, v in r.history():
            body += event(s, inside(5, inside(1, inside(1, "Loss/val") + b"\x15" + struct.pack("<f", v))))
        body += plugin("_hparams_/session_end_info", 4, whole(1, 2 if r.failed else 1))
        write(path / r.name / f"events.out.tfevents.17000{r.number:05d}.host", body)


def tensorboard(path):
    from torch.utils.tensorboard import SummaryWriter
    from torch.utils.tensorboard.summary import hparams

    for r in RUNS:
        with SummaryWriter(str(path / r.name)) as writer:
            for message in hparams(r.config(), {"Loss/val": 0})[:2]:
                writer.file_writer.add_summary(message)
            for s, v in r.history():
                writer.add_scalar("Loss/val", v, s)


def wandb(path):
    def item(key, value):
        return inside(1, inside(2, key) + inside(16, json.dumps(value)))

    for r in RUNS:
        config = inside(4, b"".join(item(k, v) for k, v in r.config().items()))
        records = [inside(17, inside(1, f"{r.number:08x}") + inside(3, "sweep") + config)]
        for s, v in r.history():
            values = {"val_loss": v, "_step": s, "_runtime": s / 10, "_timestamp": 1.7e9 + s}
            records.append(inside(2, b"".join(item(k, x) for k, x in values.items()) + inside(2, whole(1, s))))
        records.append(inside(18, whole(1, 1) if r.failed else b""))
        body = bytearray(b":W&B" + struct.pack("<HB", 0xBEE1, 0))
        for number, content in enumerate(records, 1):
            content = whole(1, number) + content
            data = bytes([1]) + content
            body += struct.pack("<IHB", zlib.crc32(data), len(content), 1) + content
        assert len(body) < 32768, "one block"
        write(path / f"run-20260101_000000-{r.number:08x}" / f"run-{r.number:08x}.wandb", bytes(body))


def mlflow(path):
    write(path / "7" / "meta.yaml", "artifact_location: file:///x/7\nexperiment_id: '7'\nlifecycle_stage: active\nname: sweep\n")
    for r in RUNS:
        run = f"{r.number:032x}"
        at = path / "7" / run
        write(
            at / "meta.yaml",
            f"artifact_uri: file:///x/7/{run}/artifacts\nend_time: 1700000100000\nentry_point_name: ''\nexperiment_id: '7'\n"
            f"lifecycle_stage: active\nrun_id: {run}\nrun_name: {r.name}\nrun_uuid: {run}\nsource_name: ''\nsource_type: 4\n"
            f"source_version: ''\nstart_time: 1700000000000\nstatus: {4 if r.failed else 3}\ntags: []\nuser_id: someone\n",
        )
        for key, value in r.config().items():
            write(at / "params" / key, str(value))
        write(at / "metrics" / "val_loss", "".join(f"{1700000000000 + s} {v} {s}\n" for s, v in r.history()))
        write(at / "tags" / "mlflow.runName", r.name)


def optuna(path):
    import optuna as library
    from optuna.distributions import CategoricalDistribution, FloatDistribution
    from optuna.trial import TrialState, create_trial

    library.logging.set_verbosity(library.logging.ERROR)
    study = library.create_study(study_name="sweep", storage=f"sqlite:///{path}", direction="minimize")
    spaces = {
        "optimizer": CategoricalDistribution(sorted(RATES)),
        "lr": FloatDistribution(1e-5, 1, log=True),
        "batch_size": CategoricalDistribution([16, 64, 256]),
        "seed": CategoricalDistribution([1, 2, 3, 4]),
    }
    for r in RUNS:
        state = TrialState.FAIL if r.failed else TrialState.COMPLETE
        # A value that is no number makes a trial a failed one: whoever tells it that a run diverged says infinity.
        value = None if r.failed else math.inf if r.diverged else r.loss
        steps = {s: v for s, v in r.history() if math.isfinite(v)}
        study.add_trial(create_trial(state=state, value=value, params=r.config(), distributions=spaces, intermediate_values=steps))


def parquet(path):
    import pandas

    pandas.DataFrame([summary(r) for r in RUNS]).to_parquet(path)


ENDS_EARLY = ["--short", "missing"]

# By name: the writer, the file's ending ("" is a folder), who writes it, the options that reading it takes, what it cannot carry.
FORMATS = {
    "csv": (csv_runs, ".csv", "Python's csv", [], None),
    "csv-histories": (csv_histories, ".csv", "Python's csv", [], None),
    "csv-without-seeds": (csv_without_seeds, ".csv", "Python's csv", [], "seeds"),
    "json": (json_runs, ".json", "Python's json", [], None),
    "json-lines": (json_lines, ".jsonl", "Python's json", [], None),
    "nested-json": (nested_json, ".json", "Python's json", [], None),
    "lightning": (lightning, "", "by hand", ENDS_EARLY, "that a run failed"),
    "trainer": (trainer, "", "by hand", ENDS_EARLY, "that a run failed"),
    "hydra": (hydra, "", "by hand", ENDS_EARLY, "that a run failed"),
    "ray": (ray, "", "by hand", [], None),
    "loop": (loop, "", "by hand", ENDS_EARLY, "that a run failed"),
    "printed": (printed, "", "by hand", ENDS_EARLY, "that a run failed"),
    "names": (names, "", "by hand", ENDS_EARLY, "that a run failed"),
    "tensorboard-by-hand": (tensorboard_by_hand, "", "by hand", [], None),
    "wandb": (wandb, "", "by hand", [], None),
    "mlflow": (mlflow, "", "by hand", [], None),
    "tensorboard": (tensorboard, "", "torch.utils.tensorboard", ENDS_EARLY, "that a run failed"),
    "optuna": (optuna, ".db", "optuna", [], None),
    "parquet": (parquet, ".parquet", "pandas", [], None),
}

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    keys = ("optimizer", "rate", "batch", "seed")
    expected = [
        {**{k: getattr(r, k) for k in keys}, "loss": None if r.failed or r.diverged else r.loss, "failed": r.failed} for r in RUNS
    ]
    write(folder / "expected.json", json.dumps(expected))
    for name in sys.argv[2:] or FORMATS:
        make, ending, made, options, without = FORMATS[name]
        path = folder / (name + ending)
        row = {"format": name, "path": path.name, "made": made, "options": options, "without": without, "missing": None}
        try:
            make(path)
        except ImportError as error:
            row["missing"] = f"{made} is not to be had: {error}"
        print(json.dumps(row))
