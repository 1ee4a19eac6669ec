// Checks a file of reference rows: evaluates each row that the code can answer and lists those outside their tolerance.
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Reference;

/// <summary>Computes the value of one reference row; null: this evaluator does not know these parameters after all.</summary>
/// <param name="parameters">The row's params.</param>
/// <param name="inputs">The file's input rows of the same section letter and example.</param>
public delegate JsonNode? ReferenceEvaluator(JsonElement parameters, IReadOnlyList<ReferenceRow> inputs);

/// <summary>One row of a reference file.</summary>
/// <param name="Letter">Of the section: rows are told apart by letter and name, the section's number does not count.</param>
/// <param name="Kind">deterministic, statistical, mc or input.</param>
public sealed record ReferenceRow(
    string Id,
    char Letter,
    string Name,
    JsonElement Parameters,
    JsonElement Value,
    JsonElement Tolerance,
    string ToleranceKind,
    string Kind
);

/// <summary>A row outside its tolerance.</summary>
public sealed record ReferenceMismatch(string Id, string Name, string Parameters, string Difference);

/// <summary>What a check found.</summary>
/// <param name="Checked">Rows evaluated and compared.</param>
/// <param name="Read">Input rows, given and not checked.</param>
/// <param name="NotSimulated">mc and statistical rows left out because not everything was asked for.</param>
/// <param name="Unknown">Rows that no evaluator knows.</param>
/// <param name="UnknownNames">Their distinct "letter name", in order.</param>
public sealed record ReferenceReport(
    int Checked,
    int Read,
    int NotSimulated,
    int Unknown,
    IReadOnlyList<string> UnknownNames,
    IReadOnlyList<ReferenceMismatch> Outside
);

/// <summary>The evaluators known, by section letter and row name.</summary>
public sealed class ReferenceCheck
{
    private readonly Dictionary<(char, string), ReferenceEvaluator> _evaluators = [];

    /// <summary>A check that knows every row the program can answer.</summary>
    public static ReferenceCheck Everything() =>
        new ReferenceCheck()
            .AddCrossover()
            .Add('A', TailReference.Evaluators)
            .Add('B', EscapeReference.Evaluators)
            .Add('C', new GapModelReference().Evaluators)
            .Add('D', SharpnessReference.Evaluators);

    /// <summary>Adds the evaluators of one section, which need no input rows.</summary>
    public ReferenceCheck Add(char letter, IReadOnlyDictionary<string, Func<JsonElement, JsonNode?>> evaluators)
    {
        ArgumentNullException.ThrowIfNull(evaluators);
        foreach ((string name, Func<JsonElement, JsonNode?> evaluate) in evaluators)
            Add(letter, name, (parameters, _) => evaluate(parameters));
        return this;
    }

    /// <summary>Adds an evaluator; a name is given once.</summary>
    public ReferenceCheck Add(char letter, string name, ReferenceEvaluator evaluator)
    {
        _evaluators.Add((letter, name), evaluator);
        return this;
    }

    /// <summary>Checks every row of a file.</summary>
    /// <param name="path">JSON with "rows", each with section, name, params, value, tolerance, tolerance_kind and kind.</param>
    /// <param name="all">Simulate mc and statistical rows anew (minutes); else they are counted as not simulated.</param>
    /// <param name="simulated">Told after each simulated row what differs; null: it is within its tolerance.</param>
    /// <exception cref="InputException">No such file, or not of that form.</exception>
    public ReferenceReport Run(string path, bool all, Action<ReferenceRow, string?>? simulated = null)
    {
        List<ReferenceRow> rows = Read(path);
        var outside = new List<ReferenceMismatch>();
        var unknown = new List<string>();
        int evaluated = 0,
            read = 0,
            left = 0;
        foreach (ReferenceRow row in rows)
        {
            if (row.Kind == "input")
            {
                read++;
                continue;
            }
            if (!_evaluators.TryGetValue((row.Letter, row.Name), out ReferenceEvaluator? evaluator))
            {
                unknown.Add($"{row.Letter} {row.Name}");
                continue;
            }
            if (row.Kind is "mc" or "statistical" && !all)
            {
                left++;
                continue;
            }
            string? difference;
            try
            {
                JsonNode? got = evaluator(
                    row.Parameters,
                    [.. rows.Where(r => r.Kind == "input" && r.Letter == row.Letter && Example(r) == Example(row))]
                );
                if (got is null)
                {
                    unknown.Add($"{row.Letter} {row.Name}");
                    continue;
                }
                difference = ReferenceValue.Difference(row.Value, got, row.Tolerance, row.ToleranceKind, "value");
            }
            catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or ArgumentException or FormatException)
            {
                difference = $"cannot be evaluated: {e.Message}";
            }
            evaluated++;
            if (row.Kind is "mc" or "statistical")
                simulated?.Invoke(row, difference);
            if (difference is not null)
                outside.Add(new(row.Id, row.Name, row.Parameters.GetRawText().ReplaceLineEndings(" "), difference));
        }
        return new(evaluated, read, left, unknown.Count, [.. unknown.Distinct()], outside);
    }

    private static string? Example(ReferenceRow row) =>
        row.Parameters.ValueKind == JsonValueKind.Object && row.Parameters.TryGetProperty("example", out JsonElement example)
            ? example.ToString()
            : null;

    private static List<ReferenceRow> Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(RegularFile.ReadBytes(path, FileLimit.Document), StrictJson.Options);
            JsonElement rows =
                document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement : document.RootElement.GetProperty("rows");
            return
            [
                .. rows.EnumerateArray()
                    .Select(
                        (r, i) =>
                            new ReferenceRow(
                                Text(r, "id") ?? $"row {i + 1}",
                                r.GetProperty("section").GetString()![0],
                                r.GetProperty("name").GetString()!,
                                r.GetProperty("params").Clone(),
                                r.GetProperty("value").Clone(),
                                r.TryGetProperty("tolerance", out JsonElement t) ? t.Clone() : default,
                                Text(r, "tolerance_kind") ?? "abs",
                                Text(r, "kind") ?? "deterministic"
                            )
                    ),
            ];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new InputException(
                $"{path}: expected JSON with \"rows\", each with section, name, params, value, tolerance, tolerance_kind and kind "
                    + $"({e.Message.Split('\n')[0]})",
                e
            );
        }
    }

    private static string? Text(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
