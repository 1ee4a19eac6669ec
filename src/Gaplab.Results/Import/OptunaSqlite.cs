// Reads Optuna's storage in SQLite, as sqlite:///study.db makes it.
using System.Text.Json;
using Gaplab.Numerics;

namespace Gaplab.Results.Import;

/// <summary>The reader of Optuna's tables since its version 0.9. The number of its schema is 12 since 1.2, whatever was added: the columns
/// say which it is.</summary>
/// <remarks>
/// Before 2.4 the table trial_values held what was reported on the way, and the value stood in the trial's row. Until 3.0 a NaN or an
/// infinity could only be NULL; since then its kind stands beside it.
/// </remarks>
internal static class OptunaSqlite
{
    private const int NewestSchema = 12;

    private static SourceTable Read(SweepSource source, ImportNotes notes)
    {
        using SqliteFile file = SqliteFile.Open(source);
        file.Need(
            "MLflow's or Optuna's database",
            ("studies", ["study_id", "study_name"]),
            ("trials", ["trial_id", "study_id", "state"]),
            ("trial_params", ["trial_id", "param_name", "param_value", "distribution_json"])
        );
        RefuseNewer(file);
        file.TellPending(notes);
        Dictionary<long, OptunaStudy> studies = Studies(file);
        Dictionary<long, OptunaTrial> trials = Trials(file, studies, notes);
        ReadParams(file, trials, notes);
        ReadValues(file, trials);
        foreach (object?[] row in file.Rows("trial_user_attributes", "trial_id", "key", "value_json"))
            if (row is [long id, string key, string json] && trials.TryGetValue(id, out OptunaTrial? trial))
                trial.Attributes[key.Trim()] = Plain(json);
        file.Finish();
        return OptunaTable.Of(file.Name, studies.Values, notes);
    }

    /// <exception cref="InputException">What its numbers mean is not known: one line with both versions.</exception>
    private static void RefuseNewer(SqliteFile file)
    {
        foreach (object?[] row in file.Rows("version_info", "schema_version", "library_version"))
            if (row[0] is long version and > NewestSchema)
                throw new InputException(
                    $"{file.Name}: was written by Optuna {SourceTable.Shown(row[1] as string ?? "of an unknown version")} with schema "
                        + $"{version}; expected one up to {NewestSchema}: export it by study.trials_dataframe().to_csv(\"trials.csv\")"
                );
    }

    private static Dictionary<long, OptunaStudy> Studies(SqliteFile file)
    {
        var studies = new Dictionary<long, OptunaStudy>();
        foreach (object?[] row in file.Rows("studies", "study_id", "study_name", "direction"))
            if (row[0] is long id)
            {
                var study = new OptunaStudy { Name = row[1] as string ?? "" };
                studies[id] = study;
                if (row[2] is string direction)
                    study.HigherIsBetter.Add(Higher(direction));
            }
        foreach (object?[] row in file.Rows("study_directions", "study_id", "objective", "direction"))
            if (row is [long id, long and >= 0 and < 1000 and var objective, string way] && studies.TryGetValue(id, out OptunaStudy? study))
            {
                while (study.HigherIsBetter.Count <= objective)
                    study.HigherIsBetter.Add(null);
                study.HigherIsBetter[(int)objective] = Higher(way);
            }
        foreach (object?[] row in file.Rows("study_user_attributes", "study_id", "key", "value_json"))
            if (row is [long id, string key, string json] && studies.TryGetValue(id, out OptunaStudy? study))
                study.Attributes[key.Trim()] = Plain(json);
        foreach (object?[] row in file.Rows("study_system_attributes", "study_id", "key", "value_json"))
            if (row is [long id, OptunaTable.ObjectiveNames, string json] && studies.TryGetValue(id, out OptunaStudy? study))
            {
                using JsonDocument? names = OptunaTable.Json(json);
                if (names?.RootElement is { ValueKind: JsonValueKind.Array } list)
                    study.Objectives = [.. list.EnumerateArray().Select(OptunaTable.Text)];
            }
        return studies;
    }

    private static Dictionary<long, OptunaTrial> Trials(SqliteFile file, Dictionary<long, OptunaStudy> studies, ImportNotes notes)
    {
        var trials = new Dictionary<long, OptunaTrial>();
        foreach (object?[] row in file.Rows("trials", "trial_id", "study_id", "state", "number", "value"))
        {
            if (row[0] is not long id || row[1] is not long of || !studies.TryGetValue(of, out OptunaStudy? study))
            {
                notes.SetAside.Add(($"trial {row[0]}", "its study is not there"));
                continue;
            }
            if (trials.Count == OptunaTable.MostTrials)
                throw new InputException($"{file.Name}: more than {OptunaTable.MostTrials} trials");
            var trial = new OptunaTrial
            {
                Id = id,
                Number = row[3] as long? ?? study.Trials.Count,
                State = row[2] as string ?? "",
            };
            if (!trials.TryAdd(id, trial))
            {
                notes.SetAside.Add(($"trial {id}", "a second row with its id"));
                continue;
            }
            study.Trials.Add(trial);
            if (Number(row[4]) is { } value)
                trial.Values[0] = value;
        }
        return trials;
    }

    private static void ReadParams(SqliteFile file, Dictionary<long, OptunaTrial> trials, ImportNotes notes)
    {
        var distributions = new Dictionary<string, OptunaDistribution?>(StringComparer.Ordinal);
        foreach (object?[] row in file.Rows("trial_params", "trial_id", "param_name", "param_value", "distribution_json"))
        {
            if (row is not [long id, string name, _, string json] || !trials.TryGetValue(id, out OptunaTrial? trial))
                continue;
            if (!distributions.TryGetValue(json, out OptunaDistribution? distribution))
                distributions.Add(json, distribution = OptunaDistribution.Parse(json));
            if (Number(row[2]) is { } kept && distribution?.Value(kept) is { } value)
                trial.Params[name.Trim()] = value;
            else
                notes.SetAside.Add(
                    ($"trial {id}, parameter '{SourceTable.Shown(name)}'", $"its distribution is not known: {SourceTable.Shown(json)}")
                );
        }
    }

    private static void ReadValues(SqliteFile file, Dictionary<long, OptunaTrial> trials)
    {
        bool first = !file.Has("trial_values", "objective");
        if (!first)
            foreach (object?[] row in file.Rows("trial_values", "trial_id", "objective", "value", "value_type"))
                if (row is [long id, long and >= 0 and < 1000 and var objective, ..] && trials.TryGetValue(id, out OptunaTrial? trial))
                    trial.Values[(int)objective] = Number(row[2], row[3] as string);
        int reports = 0;
        foreach (
            object?[] row in first
                ? file.Rows("trial_values", "trial_id", "step", "value", "value_type")
                : file.Rows("trial_intermediate_values", "trial_id", "step", "intermediate_value", "intermediate_value_type")
        )
            if (row is [long id, long step, ..] && trials.TryGetValue(id, out OptunaTrial? trial))
            {
                if (++reports > OptunaTable.MostReports)
                    throw new InputException($"{file.Name}: more than {OptunaTable.MostReports} reported values");
                trial.Intermediate[step] = Number(row[2], row[3] as string);
            }
    }

    private static double? Number(object? value) =>
        value switch
        {
            double number => number,
            long number => number,
            _ => null,
        };

    private static double Number(object? value, string? kind) =>
        kind switch
        {
            "INF_POS" => double.PositiveInfinity,
            "INF_NEG" => double.NegativeInfinity,
            "NAN" => double.NaN,
            // Before the kinds stood there a NaN became NULL.
            _ => Number(value) ?? double.NaN,
        };

    private static bool? Higher(string direction) =>
        direction switch
        {
            "MAXIMIZE" => true,
            "MINIMIZE" => false,
            _ => null,
        };

    private static string Plain(string json)
    {
        using JsonDocument? document = OptunaTable.Json(json);
        return document is null ? json.Trim() : OptunaTable.Text(document.RootElement);
    }

    private static Recognition Recognise(SweepSource source) =>
        SqliteFile.Has(source, "studies", "trials", "trial_params") ? Recognition.Certain : Recognition.No;

    public static SweepFormat Format { get; } =
        new(Recognise, Read)
        {
            Name = "optuna-sqlite",
            Says = "Optuna's storage in SQLite: a row for each trial, with its parameters, values, attributes and reports",
            KnownBy = "SQLite's signature and the tables `studies`, `trials`, `trial_params`",
            IsStore = true,
        };
}
