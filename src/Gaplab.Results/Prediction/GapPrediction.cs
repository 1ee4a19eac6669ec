// A predicted gap curve as a file: what predict writes and backtest reads.
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;

namespace Gaplab.Results.Prediction;

/// <summary>A predicted gap at one batch size.</summary>
/// <param name="Gap">ln of the ratio of the tuned losses, first over second: positive means the second is ahead.</param>
/// <param name="Low">Lower end of its 95% interval; null: none was computed.</param>
/// <param name="FirstRate">The first optimizer's best learning rate, where the file has it.</param>
/// <param name="SecondRate">The second's.</param>
public sealed record PredictedGap(double Batch, double Gap, double? Low, double? High, double? FirstRate = null, double? SecondRate = null);

/// <summary>A predicted curve. In a store it lies in <c>prediction.json</c>, beside the <c>probe.json</c> it came from.</summary>
/// <param name="Comparison">The comparison it speaks about, as <see cref="ComparisonKey"/> writes it; "" means the only one.</param>
/// <param name="Crossing">B*; null: none in range.</param>
/// <param name="Interval">Of B*.</param>
/// <param name="Method">What it was predicted by: <see cref="ByModel"/>, <see cref="ByMiniature"/>, or <see cref="ByPilot"/> with its
/// cost.</param>
/// <param name="Above">The optimizer that is ahead above B*; null: the one ahead at the largest batch size.</param>
/// <param name="Scale">Of a miniature, 1:d; null of others.</param>
public sealed record GapPrediction(
    string Comparison,
    string First,
    string Second,
    IReadOnlyList<PredictedGap> Gaps,
    double? Crossing,
    Interval Interval,
    string Verdict,
    string Method = GapPrediction.ByModel,
    string? Above = null,
    int? Scale = null
)
{
    public const string ByModel = "gap model",
        ByMiniature = "miniature",
        ByPilot = "pilot";

    /// <summary>Whether a pilot made it, at whatever cost.</summary>
    public bool IsOfPilot => Method.StartsWith(ByPilot, StringComparison.Ordinal);

    /// <summary>Its file's name in a store.</summary>
    public const string FileName = "prediction.json";

    /// <summary>The optimizer that is ahead above B*, or at the largest batch size.</summary>
    public string AheadAbove => Above ?? (Gaps is [.., { Gap: > 0 }] ? Second : First);

    /// <summary>Gap and ends of its interval: linear in log₂ B between predicted batch sizes, null beyond them.</summary>
    public (double? Gap, double? Low, double? High) At(double batch)
    {
        for (int i = 0; i < Gaps.Count; i++)
        {
            if (Gaps[i].Batch == batch)
                return (Gaps[i].Gap, Gaps[i].Low, Gaps[i].High);
            if (i + 1 == Gaps.Count || Gaps[i].Batch > batch || Gaps[i + 1].Batch <= batch)
                continue;
            double t = Math.Log2(batch / Gaps[i].Batch) / Math.Log2(Gaps[i + 1].Batch / Gaps[i].Batch);
            double? Mix(double? a, double? b) => a + t * (b - a);
            return (Mix(Gaps[i].Gap, Gaps[i + 1].Gap), Mix(Gaps[i].Low, Gaps[i + 1].Low), Mix(Gaps[i].High, Gaps[i + 1].High));
        }
        return (null, null, null);
    }

    /// <summary>Writes it into a store, over an earlier prediction.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, Text());

    /// <summary>Writes it where a user asked for it.</summary>
    /// <exception cref="InputException">The file is there and may not be replaced, or cannot be written.</exception>
    public void Write(OutputFile file) => file.WriteText(Text());

    private string Text() => JsonSeal.Close(ToJson()).ToJsonString(StoreJson.Indented) + "\n";

    public JsonObject ToJson() =>
        new()
        {
            ["kind"] = "prediction",
            ["method"] = Method,
            ["comparison"] = Comparison,
            ["first"] = First,
            ["second"] = Second,
            ["verdict"] = Verdict,
            ["crossing"] = Crossing,
            ["above"] = Above,
            ["scale"] = Scale,
            ["interval"] = IntervalJson(),
            ["gaps"] = new JsonArray([
                .. Gaps.Select(g =>
                    (JsonNode?)
                        new JsonObject
                        {
                            ["batch"] = g.Batch,
                            ["gap"] = g.Gap,
                            ["low"] = g.Low,
                            ["high"] = g.High,
                            ["firstRate"] = g.FirstRate,
                            ["secondRate"] = g.SecondRate,
                        }
                ),
            ]),
        };

    /// <exception cref="InputException">No such file, or not of that form.</exception>
    public static GapPrediction Read(string path)
    {
        try
        {
            using JsonDocument document = JsonSeal.Parse(RegularFile.ReadText(path, FileLimit.Document));
            JsonNode json = JsonObject.Create(document.RootElement) ?? throw new JsonException("no JSON object");
            if (JsonSeal.Check(document.RootElement) == SealState.Broken)
                throw new InputException($"{path} {JsonSeal.BrokenDocument}");
            if ((string?)json["kind"] != "prediction")
                throw new InputException($"{path}: 'kind' is not 'prediction'; write the file with gaplab predict --out");
            return Read(json);
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException or ArgumentNullException)
        {
            throw new InputException(
                $"{path}: no prediction that can be read ({e.Message.Split('\n')[0]}); write it with gaplab predict --out",
                e
            );
        }
    }

    /// <summary>One that is a part of another document.</summary>
    internal static GapPrediction Read(JsonNode json)
    {
        JsonNode? interval = json["interval"];
        return new GapPrediction(
            (string?)json["comparison"] ?? (string?)json["group"] ?? "",
            (string)json["first"]!,
            (string)json["second"]!,
            [
                .. json["gaps"]!
                    .AsArray()
                    .Select(g => new PredictedGap(
                        (double)g!["batch"]!,
                        (double)g["gap"]!,
                        (double?)g["low"],
                        (double?)g["high"],
                        (double?)g["firstRate"],
                        (double?)g["secondRate"]
                    )),
            ],
            (double?)json["crossing"],
            interval is null
                ? Interval.None
                : new Interval(
                    (double?)interval["low"],
                    (double?)interval["high"],
                    (bool)interval["lowOpen"]!,
                    (bool)interval["highOpen"]!
                ),
            (string?)json["verdict"] ?? "",
            (string?)json["method"] ?? ByModel,
            (string?)json["above"],
            (int?)json["scale"]
        );
    }

    private JsonObject IntervalJson() =>
        new()
        {
            ["low"] = Interval.Low,
            ["high"] = Interval.High,
            ["lowOpen"] = Interval.LowOpen,
            ["highOpen"] = Interval.HighOpen,
        };
}
