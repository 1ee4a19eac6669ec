// Trials of Optuna, whichever of its storages they lie in, and the table that they make.
using System.Globalization;
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Import;

/// <summary>A study while it is read.</summary>
internal sealed class OptunaStudy
{
    public required string Name { get; init; }

    /// <summary>By objective, whether more is better; null where nobody said.</summary>
    public List<bool?> HigherIsBetter { get; } = [];

    /// <summary>The names of the objectives, where the user gave some.</summary>
    public IReadOnlyList<string> Objectives { get; set; } = [];

    /// <summary>What the user wrote of the study.</summary>
    public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

    public List<OptunaTrial> Trials { get; } = [];
}

/// <summary>A trial while it is read.</summary>
internal sealed class OptunaTrial
{
    public required long Id { get; init; }

    /// <summary>Within its study, from 0.</summary>
    public required long Number { get; init; }

    /// <summary>COMPLETE, PRUNED, FAIL, RUNNING or WAITING.</summary>
    public required string State { get; set; }

    public Dictionary<string, string> Params { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>By objective.</summary>
    public SortedDictionary<int, double> Values { get; } = [];

    /// <summary>By step, what was reported on the way.</summary>
    public SortedDictionary<long, double> Intermediate { get; } = [];

    public bool IsFinished => State is "COMPLETE" or "PRUNED" or "FAIL";
}

/// <summary>The table of a storage: a row for each trial.</summary>
internal static class OptunaTable
{
    /// <summary>Trials of a storage, studies, values that are reported on the way, and fields of the table.</summary>
    internal const int MostTrials = 1 << 20,
        MostReports = 1 << 23,
        MostCells = 1 << 26;

    /// <summary>The study system attribute that names the objectives.</summary>
    internal const string ObjectiveNames = "study:metric_names";

    /// <exception cref="InputException">There are no trials, or too many names.</exception>
    public static SourceTable Of(string file, IReadOnlyCollection<OptunaStudy> studies, ImportNotes notes)
    {
        foreach (OptunaStudy study in studies)
        {
            foreach (OptunaTrial trial in study.Trials.Where(IsEmpty))
                notes.SetAside.Add(
                    ($"study {SourceTable.Shown(study.Name, 20)}, trial {trial.Number}", $"{trial.State}, without parameters and values")
                );
            study.Trials.RemoveAll(IsEmpty);
        }
        OptunaStudy[] tried = [.. studies.Where(s => s.Trials.Count > 0)];
        OptunaTrial[] trials = [.. tried.SelectMany(s => s.Trials)];
        if (trials.Length == 0)
            throw new InputException($"{file}: holds {studies.Count} studies of Optuna and no trials with parameters or values");
        string[] parameters = Names(trials, t => t.Params.Keys),
            objectives = Names(tried, s => Columns(s, tried)),
            attributes = Names(trials, t => t.Attributes.Keys),
            ofStudies = Names(tried, s => s.Attributes.Keys);
        bool reports = trials.Any(t => t.Intermediate.Count > 0);
        string[] header =
        [
            "trial_id",
            // Studies are of different things: of several, each is compared apart.
            tried.Length > 1
                ? "optuna.study"
                : "study",
            "number",
            "state",
            .. parameters.Select(p => "params." + p),
            .. objectives,
            .. reports ? ["step", "intermediate_values"] : (string[])[],
            .. attributes.Select(a => "user_attrs." + a),
            .. ofStudies.Select(a => "study." + a),
        ];
        TableHeader.Check(file, header);
        if ((long)trials.Length * header.Length > MostCells)
            throw new InputException($"{file}: {trials.Length} trials with {header.Length} names in all; read one study at a time");
        Dictionary<string, int> columns = header.Select((h, i) => (h, i)).ToDictionary(h => h.h, h => h.i, StringComparer.Ordinal);
        var rows = new List<SourceRow>(trials.Length);
        foreach (OptunaStudy study in tried)
        {
            string[] values = [.. Columns(study, tried)];
            foreach (OptunaTrial trial in study.Trials)
            {
                string[] row = new string[header.Length];
                Array.Fill(row, "");
                (row[0], row[1], row[2], row[3]) = (Text(trial.Id), study.Name, Text(trial.Number), State(trial));
                foreach ((string name, string value) in trial.Params)
                    row[columns["params." + name]] = value;
                foreach ((int objective, double value) in trial.Values)
                    if (objective < values.Length)
                        row[columns[values[objective]]] = Text(value);
                if (trial.Intermediate.Count > 0)
                {
                    row[columns["step"]] = Text(trial.Intermediate.Keys.Last());
                    row[columns["intermediate_values"]] = $"[{string.Join(", ", trial.Intermediate.Values.Select(Text))}]";
                }
                foreach ((string name, string value) in trial.Attributes)
                    row[columns["user_attrs." + name]] = value;
                foreach ((string name, string value) in study.Attributes)
                    row[columns["study." + name]] = value;
                rows.Add(
                    new(
                        rows.Count + 1,
                        row,
                        $"{(tried.Length > 1 ? $"study {SourceTable.Shown(study.Name, 20)}, " : "")}trial {trial.Number}"
                    )
                );
            }
        }
        TellSampled(trials, notes);
        return new(file, header, rows) { HigherIsBetter = Directions(tried) };
    }

    /// <summary>It waits, or failed before it chose anything.</summary>
    private static bool IsEmpty(OptunaTrial trial) => trial.Params.Count == 0 && trial.Values.Count == 0 && trial.Intermediate.Count == 0;

    /// <summary>Optuna lets no trial end with NaN: one whose value is NaN has failed, and so has one that raised an error when it saw one.
    /// What it reported last tells them from trials that failed of themselves.</summary>
    private static string State(OptunaTrial trial) =>
        trial.State == "FAIL" && trial.Intermediate.Count > 0 && !double.IsFinite(trial.Intermediate.Values.Last())
            ? "DIVERGED"
            : trial.State;

    /// <summary>The columns of a study's objectives, as Optuna's own table names them. Where studies of one storage go opposite ways, the
    /// way is part of the name.</summary>
    private static IEnumerable<string> Columns(OptunaStudy study, OptunaStudy[] all)
    {
        int count = Math.Max(1, study.HigherIsBetter.Count);
        for (int i = 0; i < count; i++)
        {
            string name = Name(study, i);
            bool? higher = study.HigherIsBetter.ElementAtOrDefault(i);
            bool opposed = all.Any(other =>
                Enumerable
                    .Range(0, other.HigherIsBetter.Count)
                    .Any(k => Name(other, k) == name && other.HigherIsBetter[k] is { } way && higher is { } own && way != own)
            );
            yield return !opposed ? name
            : higher == true ? name + ".maximize"
            : name + ".minimize";
        }
    }

    private static string Name(OptunaStudy study, int objective) =>
        study.Objectives.ElementAtOrDefault(objective) is { Length: > 0 } own
        && study.Objectives.Distinct().Count() == study.Objectives.Count
            ? own
        : study.HigherIsBetter.Count > 1 ? $"values_{objective}"
        : "value";

    private static Dictionary<string, bool> Directions(OptunaStudy[] studies)
    {
        var directions = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (OptunaStudy study in studies)
        foreach ((string column, bool? higher) in Columns(study, studies).Zip(study.HigherIsBetter))
            if (higher is { } way)
                directions[column] = way;
        return directions;
    }

    /// <summary>A sampler's rates are no grid: the optimizer it liked was tried more often, and no rate has a second seed.</summary>
    private static void TellSampled(OptunaTrial[] trials, ImportNotes notes)
    {
        OptunaTrial[] done = [.. trials.Where(t => t.State == "COMPLETE")];
        if (done.Length < 8)
            return;
        foreach (string name in done.SelectMany(t => t.Params.Keys).Distinct(StringComparer.Ordinal))
        {
            if (ColumnNames.Rank(ColumnRole.LearningRate, "params." + name) < 0)
                continue;
            string[] rates = [.. done.Select(t => t.Params.GetValueOrDefault(name, "")).Where(v => v.Length > 0)];
            if (rates.Length < 8 || rates.Distinct(StringComparer.Ordinal).Count() <= 0.8 * rates.Length)
                continue;
            notes.Caveats.Add($"'{SourceTable.Shown(name)}' was sampled, not a grid");
            return;
        }
    }

    private static string[] Names<T>(IEnumerable<T> of, Func<T, IEnumerable<string>> names) =>
        [.. of.SelectMany(names).Distinct(StringComparer.Ordinal).Take(TableHeader.MostColumns + 1)];

    /// <summary>A JSON value as a table writes it.</summary>
    public static string Text(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!.Trim(),
                JsonValueKind.Null or JsonValueKind.Undefined => "",
                _ => value.GetRawText(),
            };
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text, but the escape stands in the file.
            return value.GetRawText();
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Parses what Python's json module wrote; null where it is none.</summary>
    public static JsonDocument? Json(string text)
    {
        try
        {
            return JsonDocument.Parse(JsonLines.QuoteNotFinite(text), new JsonDocumentOptions { MaxDepth = StrictJson.MostLevels });
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;
        }
    }
}
