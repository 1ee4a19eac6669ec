// Reads MLflow's tracking database, mlflow.db: what it writes by default since its version 3.7.
using System.Globalization;

namespace Gaplab.Results.Import;

/// <summary>The reader of MLflow's tables experiments, runs, params, metrics, latest_metrics and tags.</summary>
/// <remarks>The columns are those of MLflow's database models. SQL has no NaN and MLflow writes no infinity: a NaN is 0 beside a true
/// is_nan, an infinity the largest number.</remarks>
internal static class MlflowSqlite
{
    private static SourceTable Read(SweepSource source, ImportNotes notes)
    {
        using SqliteFile file = SqliteFile.Open(source);
        file.Need(
            "MLflow's or Optuna's database",
            ("runs", ["run_uuid", "status", "experiment_id"]),
            ("params", ["key", "value", "run_uuid"]),
            ("metrics", ["key", "value", "run_uuid"])
        );
        file.TellPending(notes);
        var store = new MlflowRuns(file.Name);
        Dictionary<string, MlflowRun> runs = Runs(file, store, notes);
        foreach (object?[] row in file.Rows("params", "run_uuid", "key", "value"))
            if (Run(row) is { } run && row is [_, string key, { } value])
                run.Params[key.Trim()] = Text(value).Trim();
        foreach (object?[] row in file.Rows("tags", "run_uuid", "key", "value"))
            if (Run(row) is { } run && row is [_, string key, { } value])
                run.Tags[key.Trim()] = Text(value).Trim();
        foreach (object?[] row in file.Rows("metrics", "run_uuid", "key", "value", "step", "timestamp", "is_nan"))
            if (Run(row) is { } run && row[1] is string key)
                store.Log(run, key.Trim(), row[3] as long? ?? 0, row[4] as long? ?? 0, Number(row[2], row[5]));
        foreach (object?[] row in file.Rows("latest_metrics", "run_uuid", "key", "value", "step", "timestamp", "is_nan"))
            if (Run(row) is { } run && row[1] is string key)
                store.LogLast(run, key.Trim(), row[3] as long? ?? 0, row[4] as long? ?? 0, Number(row[2], row[5]));
        file.Finish();
        return store.Table(notes);

        MlflowRun? Run(object?[] row) => row[0] is string id ? runs.GetValueOrDefault(id) : null;
    }

    private static Dictionary<string, MlflowRun> Runs(SqliteFile file, MlflowRuns store, ImportNotes notes)
    {
        var experiments = new Dictionary<string, (string Name, bool Deleted)>(StringComparer.Ordinal);
        foreach (object?[] row in file.Rows("experiments", "experiment_id", "name", "lifecycle_stage"))
            if (row[0] is { } id)
                experiments[Text(id)] = (row[1] as string ?? Text(id), row[2] is "deleted");
        var runs = new Dictionary<string, MlflowRun>(StringComparer.Ordinal);
        foreach (object?[] row in file.Rows("runs", "run_uuid", "name", "experiment_id", "status", "lifecycle_stage"))
        {
            if (row[0] is not string id || id.Length == 0)
            {
                notes.SetAside.Add(("a run without an id", "its row in the table 'runs' is damaged"));
                continue;
            }
            string number = Text(row[2] ?? "");
            (string experiment, bool deleted) = experiments.GetValueOrDefault(number, (number, false));
            if (row[4] is "deleted" || deleted)
            {
                notes.SetAside.Add(($"run {SourceTable.Shown(id)}", "deleted in MLflow"));
                continue;
            }
            var run = new MlflowRun
            {
                Id = id,
                Name = row[1] as string ?? "",
                Experiment = experiment,
                Status = Text(row[3] ?? ""),
            };
            if (!runs.TryAdd(id, run))
                notes.SetAside.Add(($"run {SourceTable.Shown(id)}", "a second row with its id"));
            else
                store.Add(run);
        }
        return runs;
    }

    private static double Number(object? value, object? isNan) =>
        isNan is long and not 0
            ? double.NaN
            : value switch
            {
                double.MaxValue => double.PositiveInfinity,
                double.MinValue => double.NegativeInfinity,
                double number => number,
                long number => number,
                string text => SweepNumber.Parse(text) ?? double.NaN,
                _ => double.NaN,
            };

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static Recognition Recognise(SweepSource source) =>
        SqliteFile.Has(source, "runs", "params", "metrics") ? Recognition.Certain
        // Says of any other database what was expected.
        : SqliteFile.IsOne(source) ? Recognition.Possible
        : Recognition.No;

    public static SweepFormat Format { get; } =
        new(Recognise, Read)
        {
            Name = "mlflow-sqlite",
            Says = "MLflow's tracking database in SQLite (`mlflow.db`): a row for each step of each run, with its parameters and tags",
            KnownBy = "SQLite's signature and the tables `runs`, `params`, `metrics`",
            IsStore = true,
        };
}
