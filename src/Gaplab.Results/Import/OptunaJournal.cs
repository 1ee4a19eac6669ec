// Reads Optuna's journal file: what its processes did, an operation a line.
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Import;

/// <summary>Carries out the operations one after another, as Optuna does: studies and trials are numbered in the order in which they were
/// made, and what comes after a trial's end does not count.</summary>
internal sealed class OptunaJournal
{
    private static readonly string[] s_states = ["RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"];

    private readonly string _file;
    private readonly ImportNotes _notes;
    private readonly Dictionary<long, OptunaStudy> _studies = [];
    private readonly List<(OptunaTrial Trial, long Study)> _trials = [];
    private readonly Dictionary<string, OptunaDistribution?> _distributions = new(StringComparer.Ordinal);
    private long _studiesMade;
    private int _reports;

    private OptunaJournal(string file, ImportNotes notes) => (_file, _notes) = (file, notes);

    internal static SourceTable Parse(string text, string name, ImportNotes notes)
    {
        var journal = new OptunaJournal(name, notes);
        int number = 0;
        foreach (Range range in JsonLines.Lines(text))
        {
            number++;
            string line = text[range].Trim();
            if (line.Length > 0)
                journal.Line(line, number, isLast: range.End.Value == text.Length);
        }
        return OptunaTable.Of(name, journal._studies.Values, notes);
    }

    private void Line(string line, int number, bool isLast)
    {
        using JsonDocument? document = line.Length <= JsonLines.LongestLine ? OptunaTable.Json(line) : null;
        if (document?.RootElement is { ValueKind: JsonValueKind.Object } operation)
        {
            Carry(operation, number);
            return;
        }
        if (isLast)
        {
            _notes.SetAside.Add(($"line {number}", "cut off in the middle, at the end of the file"));
            return;
        }
        // A process that was ended in the middle of a line leaves no line end: what another one wrote then stands in the same line.
        const string Begin = "{\"op_code\"";
        int next = line.LastIndexOf(Begin, StringComparison.Ordinal);
        string torn = next > 0 ? line[..next] : line;
        // The numbers of all later trials hang on whether that line made a study or a trial.
        if (MayNumber(torn))
            throw new InputException(
                $"{_file}, line {number}: not one whole operation of Optuna, and it may have made a study or a trial, on which the numbers "
                    + $"of all later ones hang; take the line out, or put it right"
            );
        _notes.SetAside.Add(($"line {number}", "cut off in the middle"));
        if (next > 0)
            Line(line[next..], number, isLast: false);
    }

    /// <summary>All but an operation that says it only sets something.</summary>
    private static bool MayNumber(string torn)
    {
        int colon = torn.IndexOf(':', StringComparison.Ordinal);
        return !(
            torn.StartsWith("{\"op_code\"", StringComparison.Ordinal)
            && torn.AsSpan(colon + 1).TrimStart() is [>= '1' and <= '9' and not '4', ',', ..]
        );
    }

    private void Carry(JsonElement operation, int number)
    {
        try
        {
            switch (Whole(operation, "op_code"))
            {
                case 0:
                    CreateStudy(operation);
                    break;
                case 1:
                    DeleteStudy(Whole(operation, "study_id"));
                    break;
                case 2:
                    if (Study(operation) is { } study)
                        Set(study.Attributes, operation, "user_attr");
                    break;
                case 3:
                    if (
                        Study(operation) is { } named
                        && operation.GetProperty("system_attr").TryGetProperty(OptunaTable.ObjectiveNames, out JsonElement names)
                        && names.ValueKind == JsonValueKind.Array
                    )
                        named.Objectives = [.. names.EnumerateArray().Select(OptunaTable.Text)];
                    break;
                case 4:
                    CreateTrial(operation, number);
                    break;
                case 5:
                    if (Open(operation) is { } trial)
                        SetParameter(
                            trial,
                            operation.GetProperty("param_name").GetString()!,
                            operation.GetProperty("param_value_internal"),
                            operation.GetProperty("distribution").GetString()!,
                            number
                        );
                    break;
                case 6:
                    if (Open(operation) is { } ended)
                        SetState(ended, operation);
                    break;
                case 7:
                    if (Open(operation) is { } reporting)
                        Report(reporting, Whole(operation, "step"), operation.GetProperty("intermediate_value"));
                    break;
                case 8:
                    if (Open(operation) is { } told)
                        Set(told.Attributes, operation, "user_attr");
                    break;
                case 9:
                    break;
                case var code:
                    throw new InputException(
                        $"{_file}, line {number}: an operation {code}, which no version of Optuna up to 4 has; export the study by "
                            + $"study.trials_dataframe().to_csv(\"trials.csv\")"
                    );
            }
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new InputException($"{_file}, line {number}: not an operation of Optuna: a key is missing or of another kind", e);
        }
    }

    private void CreateStudy(JsonElement operation)
    {
        string name = operation.GetProperty("study_name").GetString()!;
        // Of two processes that make a study at once, the second one's does not count.
        if (_studies.Values.Any(s => s.Name == name))
            return;
        var study = new OptunaStudy { Name = name };
        foreach (JsonElement way in operation.GetProperty("directions").EnumerateArray())
            study.HigherIsBetter.Add(
                way.GetInt32() switch
                {
                    1 => false,
                    2 => true,
                    _ => null,
                }
            );
        _studies.Add(_studiesMade++, study);
    }

    private void DeleteStudy(long id)
    {
        if (_studies.Remove(id, out OptunaStudy? study) && study.Trials.Count > 0)
            _notes.SetAside.Add(($"study '{SourceTable.Shown(study.Name)}'", $"deleted in Optuna, with {study.Trials.Count} trials"));
    }

    private void CreateTrial(JsonElement operation, int number)
    {
        long id = Whole(operation, "study_id");
        if (!_studies.TryGetValue(id, out OptunaStudy? study))
            return;
        if (_trials.Count == OptunaTable.MostTrials)
            throw new InputException($"{_file}: more than {OptunaTable.MostTrials} trials");
        var trial = new OptunaTrial
        {
            Id = _trials.Count,
            Number = study.Trials.Count,
            State = operation.TryGetProperty("state", out JsonElement state)
                ? s_states.ElementAtOrDefault(state.GetInt32()) ?? ""
                : s_states[0],
        };
        _trials.Add((trial, id));
        study.Trials.Add(trial);
        // A trial that was added whole, or put in the queue, has these.
        if (operation.TryGetProperty("distributions", out JsonElement kinds) && operation.TryGetProperty("params", out JsonElement values))
            foreach (JsonProperty parameter in values.EnumerateObject())
                SetParameter(trial, parameter.Name, parameter.Value, kinds.GetProperty(parameter.Name).GetString()!, number);
        if (operation.TryGetProperty("user_attrs", out JsonElement attributes) && attributes.ValueKind == JsonValueKind.Object)
            foreach (JsonProperty attribute in attributes.EnumerateObject())
                trial.Attributes[attribute.Name.Trim()] = OptunaTable.Text(attribute.Value);
        if (operation.TryGetProperty("intermediate_values", out JsonElement reports) && reports.ValueKind == JsonValueKind.Object)
            foreach (JsonProperty report in reports.EnumerateObject())
                Report(trial, long.Parse(report.Name, CultureInfo.InvariantCulture), report.Value);
        if (operation.TryGetProperty("value", out JsonElement value) && Number(value) is { } one)
            trial.Values[0] = one;
        SetValues(trial, operation);
    }

    private void SetParameter(OptunaTrial trial, string name, JsonElement kept, string json, int number)
    {
        if (!_distributions.TryGetValue(json, out OptunaDistribution? distribution))
            _distributions.Add(json, distribution = OptunaDistribution.Parse(json));
        if (Number(kept) is { } value && distribution?.Value(value) is { } own)
            trial.Params[name.Trim()] = own;
        else
            _notes.SetAside.Add(
                ($"line {number}, parameter '{SourceTable.Shown(name)}'", $"its distribution is not known: {SourceTable.Shown(json)}")
            );
    }

    private static void SetState(OptunaTrial trial, JsonElement operation)
    {
        trial.State = s_states.ElementAtOrDefault(operation.GetProperty("state").GetInt32()) ?? "";
        SetValues(trial, operation);
    }

    private static void SetValues(OptunaTrial trial, JsonElement operation)
    {
        if (!operation.TryGetProperty("values", out JsonElement values) || values.ValueKind != JsonValueKind.Array)
            return;
        int objective = 0;
        foreach (JsonElement value in values.EnumerateArray())
            trial.Values[objective++] = Number(value) ?? double.NaN;
    }

    private void Report(OptunaTrial trial, long step, JsonElement value)
    {
        if (++_reports > OptunaTable.MostReports)
            throw new InputException($"{_file}: more than {OptunaTable.MostReports} reported values");
        trial.Intermediate[step] = Number(value) ?? double.NaN;
    }

    private static void Set(Dictionary<string, string> attributes, JsonElement operation, string key)
    {
        foreach (JsonProperty attribute in operation.GetProperty(key).EnumerateObject())
            attributes[attribute.Name.Trim()] = OptunaTable.Text(attribute.Value);
    }

    private OptunaStudy? Study(JsonElement operation) => _studies.GetValueOrDefault(Whole(operation, "study_id"));

    /// <summary>The trial of an operation, while it has not ended; null where it has, or its study was deleted.</summary>
    private OptunaTrial? Open(JsonElement operation) =>
        Whole(operation, "trial_id") is >= 0 and var id
        && id < _trials.Count
        && _trials[(int)id] is var (trial, study)
        && _studies.ContainsKey(study)
        && !trial.IsFinished
            ? trial
            : null;

    private static long Whole(JsonElement operation, string key) => operation.GetProperty(key).GetInt64();

    /// <summary>Bare NaN and Infinity are texts by now.</summary>
    private static double? Number(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.String => SweepNumber.Parse(value.GetString()),
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            _ => null,
        };

    /// <summary>Whether the first line is an operation of a process.</summary>
    public static bool IsOne(SweepSource source)
    {
        ReadOnlySpan<byte> head = source.Head;
        int end = head.IndexOf((byte)'\n');
        return head.StartsWith("{\"op_code\""u8) && head[..(end < 0 ? head.Length : end)].IndexOf("\"worker_id\""u8) >= 0;
    }

    public static SweepFormat Format { get; } =
        new(
            source => IsOne(source) ? Recognition.Certain : Recognition.No,
            // Bytes that are no UTF-8, as a crash leaves them, are damage to one line.
            (source, notes) => Parse(Encoding.UTF8.GetString(RegularFile.ReadBytes(source.Path, FileLimit.Table)), source.Name, notes)
        )
        {
            Name = "optuna-journal",
            Says = "Optuna's journal file: a row for each trial, with its parameters, values, attributes and reports",
            KnownBy = "an `op_code` and a `worker_id` on its first line",
            IsStore = true,
        };
}
