// Where a store keeps what was probed and predicted of each of its comparisons.
using System.Text.RegularExpressions;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Theory.GapModel;

namespace Gaplab.Studies.Prediction;

/// <summary>The files of one comparison: in the store itself, or in a folder of <c>probes/</c> where a study has several.</summary>
public sealed partial record PredictionFiles(string Folder)
{
    /// <summary>Of the comparison with this key; an empty one is the study's only one.</summary>
    public static PredictionFiles Of(RunStore store, ComparisonKey key)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(key);
        return new(key.Pairs.Count == 0 ? store.Root : Path.Combine(store.Root, "probes", Name(key)));
    }

    /// <summary>What the prediction is made from.</summary>
    public string Probe => Path.Combine(Folder, "probe.json");

    /// <summary>Measured at the initial point, where <see cref="Probe"/> is not.</summary>
    public string Start => Path.Combine(Folder, "probe-start.json");

    /// <summary>Measured after the steps, where <see cref="Probe"/> is not.</summary>
    public string After => Path.Combine(Folder, "probe-after.json");

    public string Prediction => Path.Combine(Folder, GapPrediction.FileName);

    /// <summary>What the study's miniature predicts.</summary>
    public string Miniature => Path.Combine(Folder, "prediction-miniature.json");

    /// <summary>Null where there is none.</summary>
    public static Probe? ReadProbe(string path) => Path.Exists(path) ? ProbeJson.Read(path) : null;

    /// <summary>What was predicted of a comparison: its own prediction, else the store's if that speaks about it or about all. Null where
    /// there is none.</summary>
    public static GapPrediction? Predicted(RunStore store, ComparisonKey key)
    {
        string own = Of(store, key).Prediction,
            common = Of(store, ComparisonKey.Empty).Prediction;
        if (Path.Exists(own))
            return GapPrediction.Read(own);
        return
            Path.Exists(common)
            && GapPrediction.Read(common) is var shared
            && (shared.Comparison.Length == 0 || shared.Comparison == key.ToString())
            ? shared
            : null;
    }

    /// <summary>All that was predicted of a comparison: by the gap model, by its miniature, and by its pilots, the cheapest first; of these
    /// the pairs whose momenta the study does not vary.</summary>
    public static IReadOnlyList<GapPrediction> AllOf(RunStore store, ComparisonKey key) =>
        [
            .. WithoutPilots(store, key),
            .. PilotPrediction.FilesIn(Of(store, key).Folder).SelectMany(file => PilotPrediction.Read(file).Curves),
        ];

    /// <summary>What was predicted by the gap model, then by the miniature.</summary>
    public static IReadOnlyList<GapPrediction> WithoutPilots(RunStore store, ComparisonKey key)
    {
        GapPrediction? miniature = Of(store, key).Miniature is var path && Path.Exists(path) ? GapPrediction.Read(path) : null;
        return [.. ((GapPrediction?[])[Predicted(store, key), miniature]).OfType<GapPrediction>()];
    }

    /// <summary>What was predicted of a comparison by pilots, with what later predictions took the place of.</summary>
    public static IReadOnlyList<PilotPrediction> PilotsOf(RunStore store, ComparisonKey key)
    {
        string folder = Of(store, key).Folder;
        return
        [
            .. PilotPrediction
                .FilesIn(folder)
                .Concat(PilotPrediction.FilesIn(Path.Combine(folder, PilotPrediction.HistoryFolder)))
                .Select(PilotPrediction.Read),
        ];
    }

    /// <summary>A key as a file's name; what a name cannot hold becomes '_', and a key so changed is told from others by its
    /// hash.</summary>
    private static string Name(ComparisonKey key)
    {
        string text = key.ToString(),
            name = text.Replace(", ", "+", StringComparison.Ordinal).Replace("setting=", "", StringComparison.Ordinal),
            safe = Unsafe().Replace(name, "_");
        return safe == name && safe.Length < 100 && safe[0] != '.'
            ? safe
            : $"{safe[..Math.Min(safe.Length, 80)].TrimStart('.')}-{RunId.OfPack([text])[..8]}";
    }

    [GeneratedRegex("[^A-Za-z0-9=+._-]")]
    private static partial Regex Unsafe();
}
