// A pilot's prediction of one comparison as a file: when it was made, of what, at which cost, and what it says of every pair.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;

namespace Gaplab.Results.Prediction;

/// <summary>What a pilot predicts. A prediction that was made before the sweep began is worth more than one made after it.</summary>
public sealed record PilotPrediction
{
    /// <summary>Of the file.</summary>
    private const string FileKind = "pilot-prediction";
    private const int Version = 1;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The comparison it speaks about, as <c>ComparisonKey</c> writes it; "" is the only one.</summary>
    public required string Comparison { get; init; }

    /// <summary>The study's id: over everything in it that changes a number.</summary>
    public required string Study { get; init; }

    public required DateTimeOffset Made { get; init; }

    /// <summary>"5%", of the sweep's first round.</summary>
    public required string Cost { get; init; }

    /// <summary>Training samples of the sweep's first round, those planned for the pilot before it began, and those it came to.</summary>
    public required double SweepSamples { get; init; }
    public required double PlannedSamples { get; init; }
    public required double SpentSamples { get; init; }

    /// <summary>Runs of the sweep that had begun in the store when the prediction was made.</summary>
    public required int SweepRuns { get; init; }

    /// <summary>None of the sweep's.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>Which priors the model had.</summary>
    public required string Priors { get; init; }

    public required IReadOnlyList<PilotCellReading> Cells { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<PilotPair> Pairs { get; init; }

    /// <summary>"pilot 5%".</summary>
    public string Method => $"{GapPrediction.ByPilot} {Cost}";

    /// <summary>The curves of the pairs whose momenta the study does not vary: what a sweep's own comparison of two optimizers is held
    /// against.</summary>
    public IEnumerable<GapPrediction> Curves => Pairs.Where(p => p is { FirstVariant: "", SecondVariant: "" }).Select(p => p.Curve);

    /// <summary>The name of its file in a store.</summary>
    public static string FileName(string cost)
    {
        ArgumentNullException.ThrowIfNull(cost);
        return $"prediction-pilot-{cost.TrimEnd('%')}.json";
    }

    /// <summary>All such files of a folder, the cheapest first.</summary>
    public static IReadOnlyList<string> FilesIn(string folder) =>
        Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "prediction-pilot-*.json").OrderBy(f => f.Length).ThenBy(f => f, StringComparer.Ordinal)]
            : [];

    /// <summary>Whether two say the same, whenever they were made.</summary>
    public bool SaysAs(PilotPrediction other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return JsonNode.DeepEquals(Content(), other.Content());
    }

    /// <summary>Writes it into a store. One that says the same stays with its time; one that says something else is kept in
    /// <c>history/</c> beside it.</summary>
    /// <param name="folder">Of the comparison.</param>
    /// <returns>The file.</returns>
    public string Keep(string folder)
    {
        string path = Path.Combine(folder, FileName(Cost));
        Directory.CreateDirectory(folder);
        if (Path.Exists(path))
        {
            PilotPrediction before = Read(path);
            if (SaysAs(before))
                return path;
            string history = Path.Combine(folder, HistoryFolder);
            Directory.CreateDirectory(history);
            string stamp = before.Made.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
            AtomicFile.WriteText(
                Path.Combine(history, $"{Path.GetFileNameWithoutExtension(path)}-{stamp}.json"),
                RegularFile.ReadText(path, FileLimit.Document)
            );
        }
        AtomicFile.WriteText(path, Text());
        return path;
    }

    /// <summary>The folder of those that others took the place of.</summary>
    public const string HistoryFolder = "history";

    /// <summary>Writes it where a user asked for it.</summary>
    /// <exception cref="InputException">The file is there and may not be replaced, or cannot be written.</exception>
    public void Write(OutputFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.WriteText(Text());
    }

    /// <exception cref="InputException">No such file, of another form or version, or changed since it was written.</exception>
    public static PilotPrediction Read(string path)
    {
        try
        {
            using JsonDocument document = JsonSeal.Parse(RegularFile.ReadText(path, FileLimit.Document));
            JsonNode json = JsonObject.Create(document.RootElement) ?? throw new JsonException("no JSON object");
            if (JsonSeal.Check(document.RootElement) == SealState.Broken)
                throw new InputException($"{path} {JsonSeal.BrokenDocument}");
            if ((string?)json["kind"] != FileKind)
                throw new InputException($"{path}: 'kind' is not '{FileKind}'; write the file with gaplab predict STUDY.yaml");
            if ((int?)json["version"] is var version && version != Version)
                throw new InputException($"{path}: version {version}, this Gaplab reads {Version}; use the Gaplab that wrote it");
            JsonNode samples = json["samples"]!;
            return new PilotPrediction
            {
                Comparison = (string)json["comparison"]!,
                Study = (string)json["study"]!,
                Made = DateTimeOffset.ParseExact(
                    (string)json["made"]!,
                    TimeFormat,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
                ),
                Cost = (string)json["cost"]!,
                SweepSamples = (double)samples["sweep"]!,
                PlannedSamples = (double)samples["planned"]!,
                SpentSamples = (double)samples["spent"]!,
                SweepRuns = (int)json["sweepRuns"]!,
                Seeds = [.. json["seeds"]!.AsArray().Select(s => (long)s!)],
                Priors = (string)json["priors"]!,
                Cells = [.. json["cells"]!.AsArray().Select(c => CellOf(c!))],
                Pairs = [.. json["pairs"]!.AsArray().Select(p => PilotPair.Read(p!))],
            };
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException or ArgumentNullException)
        {
            throw new InputException(
                $"{path}: no prediction of a pilot that can be read ({e.Message.Split('\n')[0]}); write it with gaplab predict STUDY.yaml",
                e
            );
        }
    }

    private string Text() => JsonSeal.Close(ToJson()).ToJsonString(StoreJson.Indented) + "\n";

    public JsonObject ToJson()
    {
        JsonObject json = new()
        {
            ["kind"] = FileKind,
            ["version"] = Version,
            ["made"] = Made.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
            ["sweepRuns"] = SweepRuns,
        };
        foreach ((string key, JsonNode? value) in Content().ToArray())
            json[key] = value?.DeepClone();
        return json;
    }

    private JsonObject Content() =>
        new()
        {
            ["method"] = GapPrediction.ByPilot,
            ["comparison"] = Comparison,
            ["study"] = Study,
            ["cost"] = Cost,
            ["samples"] = new JsonObject
            {
                ["sweep"] = SweepSamples,
                ["planned"] = PlannedSamples,
                ["spent"] = SpentSamples,
            },
            ["seeds"] = new JsonArray([.. Seeds.Select(s => (JsonNode)s)]),
            ["priors"] = Priors,
            ["cells"] = AnswerJson.Each(Cells, JsonOf),
            ["pairs"] = AnswerJson.Each(Pairs, p => p.ToJson()),
        };

    private static JsonObject JsonOf(PilotCellReading c) =>
        new()
        {
            ["optimizer"] = c.Optimizer,
            ["variant"] = c.Variant,
            ["batch"] = c.Batch,
            ["steps"] = c.Steps,
            ["samples"] = c.Samples,
            ["seed"] = c.Seed,
            ["rate"] = c.Rate,
            ["loss"] = c.Loss,
            ["atEdge"] = c.AtEdge,
            ["tried"] = AnswerJson.Each(c.Tried, t => new JsonObject { ["rate"] = t.Rate, ["loss"] = t.Loss }),
        };

    private static PilotCellReading CellOf(JsonNode json) =>
        new(
            (string)json["optimizer"]!,
            (string)json["variant"]!,
            (int)json["batch"]!,
            (long)json["steps"]!,
            (long)json["samples"]!,
            (long)json["seed"]!,
            [.. json["tried"]!.AsArray().Select(t => new PilotTrial((double)t!["rate"]!, (double?)t["loss"]))],
            (double?)json["rate"],
            (double?)json["loss"],
            (bool)json["atEdge"]!
        );
}
