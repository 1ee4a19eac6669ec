"""Makes the stores in tracker-stores: the sweep of SweepText.cs as MLflow and Optuna keep it, and runs that ended otherwise (-ends).

Optuna's two are written by Optuna itself (Debian: python3-optuna 3.1). MLflow is in no Debian package: mlflow.db is made here with the
tables and columns of its database models, as far as Gaplab reads them, and is our reading of that format.

    /usr/bin/python3 tests/golden/make_tracker_stores.py
"""

import math
import pathlib
import sqlite3

import optuna

FOLDER = pathlib.Path(__file__).parent / "tracker-stores"
GRIDS = {"sgd": ([0.03, 0.1, 0.3], 0.0), "adam": ([0.001, 0.003, 0.01], 0.1)}
STEPS = (100, 200, 300)


def runs():
    """Optimizer, rate, batch size, seed and loss of each run; the loss is that of SweepText.cs."""
    for batch in (16, 64):
        for optimizer, (rates, ahead) in GRIDS.items():
            for k, rate in enumerate(rates):
                for seed in (1, 2, 3):
                    yield optimizer, rate, batch, seed, round(1.5 + 0.02 * (batch // 48) + 0.05 * abs(k - 1) - ahead + 0.004 * seed, 4)


def optimise(storage, name):
    study = optuna.create_study(study_name=name, storage=storage, sampler=optuna.samplers.RandomSampler(seed=1))
    study.set_user_attr("data", "toy")
    for optimizer, rate, batch, seed, loss in runs():
        study.enqueue_trial({"optimizer": optimizer, f"lr_{optimizer}": rate, "batch_size": batch, "seed": seed})

    table = {(o, r, b, s): loss for o, r, b, s, loss in runs()}

    def objective(trial):
        optimizer = trial.suggest_categorical("optimizer", ["sgd", "adam"])
        rate = trial.suggest_float(f"lr_{optimizer}", 1e-4, 1.0, log=True)
        batch = trial.suggest_categorical("batch_size", [16, 64])
        seed = trial.suggest_int("seed", 1, 3)
        loss = table[optimizer, rate, batch, seed]
        for step in STEPS:
            trial.report(loss + 300 / step - 1, step)
        trial.set_user_attr("device", "cpu")
        return loss

    study.optimize(objective, n_trials=len(table))


def ending(storage, name):
    """A trial whose loss became NaN, one that was pruned, one still running, one waiting, and one that failed of itself."""
    study = optuna.create_study(study_name=name, storage=storage, direction="maximize")
    kinds = {
        "optimizer": optuna.distributions.CategoricalDistribution(["sgd", "adam"]),
        "batch_size": optuna.distributions.CategoricalDistribution([16, 64]),
        "seed": optuna.distributions.IntDistribution(1, 3),
        "lr": optuna.distributions.FloatDistribution(1e-4, 1.0, log=True),
        "nesterov": optuna.distributions.CategoricalDistribution([None, True, "both"]),
    }

    def trial(rate, nesterov=None):
        study.enqueue_trial({"optimizer": "adam", "batch_size": 64, "seed": 3, "lr": rate, "nesterov": nesterov})
        return study.ask(kinds)

    diverged = trial(1.0)
    diverged.report(2.0, 100)
    diverged.report(math.nan, 200)
    study.tell(diverged, state=optuna.trial.TrialState.FAIL)
    pruned = trial(0.5, True)
    pruned.report(1.6, 100)
    study.tell(pruned, state=optuna.trial.TrialState.PRUNED)
    trial(0.25, "both").report(1.5, 100)
    study.tell(trial(0.125), state=optuna.trial.TrialState.FAIL)
    infinite = trial(0.0625)
    study.tell(infinite, math.inf)
    study.enqueue_trial({"optimizer": "sgd"})


MLFLOW = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
CREATE TABLE experiments (experiment_id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(256) NOT NULL UNIQUE,
    artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32), creation_time BIGINT, last_update_time BIGINT);
CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name VARCHAR(250), source_type VARCHAR(20), source_name VARCHAR(500),
    entry_point_name VARCHAR(50), user_id VARCHAR(256), status VARCHAR(9), start_time BIGINT, end_time BIGINT, source_version VARCHAR(50),
    lifecycle_stage VARCHAR(20), artifact_uri VARCHAR(200), experiment_id INTEGER, deleted_time BIGINT);
CREATE TABLE params (key VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL, run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY (key, run_uuid));
CREATE TABLE tags (key VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY (key, run_uuid));
CREATE TABLE metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL,
    step BIGINT NOT NULL DEFAULT 0, is_nan BOOLEAN NOT NULL DEFAULT 0,
    PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));
CREATE TABLE latest_metrics (key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT, step BIGINT NOT NULL,
    is_nan BOOLEAN NOT NULL, run_uuid VARCHAR(32) NOT NULL, PRIMARY KEY (key, run_uuid));
"""


def mlflow(path, ends):
    with sqlite3.connect(path) as db:
        db.executescript(MLFLOW)
        db.execute("INSERT INTO alembic_version VALUES ('made by hand')")
        for number, (name, stage) in enumerate([("Default", "active"), ("sweep", "active"), ("old", "deleted")]):
            db.execute("INSERT INTO experiments VALUES (?, ?, '', ?, 0, 0)", (number, name, stage))

        count = 0

        def run(params, values, status="FINISHED", stage="active", experiment=1, tags=()):
            nonlocal count
            count += 1
            key = f"{count:032x}"
            db.execute("INSERT INTO runs VALUES (?, ?, 'LOCAL', 'train.py', '', 'x', ?, 0, 1, '', ?, '', ?, NULL)",
                       (key, f"run-{count}", status, stage, experiment))
            db.executemany("INSERT INTO params VALUES (?, ?, ?)", [(k, str(v), key) for k, v in params.items()])
            db.executemany("INSERT INTO tags VALUES (?, ?, ?)", [(k, v, key) for k, v in [("mlflow.user", "x"), *tags]])
            last = {}
            for number, (k, value, step) in enumerate(values):
                nan = math.isnan(value)
                kept = 0.0 if nan else math.copysign(1.7976931348623157e308, value) if math.isinf(value) else value
                row = (k, kept, step + number, key, step, nan)
                db.execute("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", row)
                last[k] = row
            for k, value, time, _, step, nan in last.values():
                db.execute("INSERT INTO latest_metrics VALUES (?, ?, ?, ?, ?, ?)", (k, value, time, step, nan, key))
            return key

        if not ends:
            parent = run({}, [])
            for optimizer, rate, batch, seed, loss in runs():
                history = [("val_loss", loss + 300 / step - 1, step) for step in STEPS]
                run(
                    {"optim.name": optimizer, "optim.lr": rate, "batch_size": batch, "seed": seed},
                    history + [("system/cpu_utilization_percentage", 50, 9999)],
                    tags=[("mlflow.parentRunId", parent), ("cluster", "a")],
                )
            return
        swept = {"optim.name": "sgd", "optim.lr": 0.5, "batch_size": 16, "seed": 1}
        run(swept, [("val_loss", 2.0, 100), ("val_loss", math.nan, 200)])
        run(swept, [("val_loss", 2.0, 100), ("val_loss", -math.inf, 200)])
        run(swept, [("val_loss", 1.0, 100)], status="KILLED")
        run(swept, [("val_loss", 1.0, 300)], stage="deleted")
        run(swept, [("val_loss", 1.0, 300)], experiment=2)
        run(swept, [])
        # A resumed run: what it logged again holds.
        run(swept, [("val_loss", 3.0, 100), ("val_loss", 9.0, 200), ("val_loss", 2.5, 200), ("val_loss", 1.25, 300)])


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    FOLDER.mkdir(exist_ok=True)
    for made in FOLDER.iterdir():
        made.unlink()
    for make, name in ((optimise, "optuna"), (ending, "optuna-ends")):
        make(f"sqlite:///{FOLDER / name}.db", "sweep")
        make(optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(f"{FOLDER / name}.journal")), "sweep")
    mlflow(FOLDER / "mlflow.db", ends=False)
    mlflow(FOLDER / "mlflow-ends.db", ends=True)
