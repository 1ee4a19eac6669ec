// What a pilot predicts of one pair of optimizers, as its file keeps it.
using System.Text.Json.Nodes;
using Gaplab.Numerics.Statistics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Prediction;

/// <summary>The prediction of a pair: draws of its gap curve, and what is read off them.</summary>
public sealed record PilotPair
{
    // Of the posterior: enough for probabilities of a few per cent, and little beside the runs.
    private const int MostDraws = 512;

    private static readonly double[] s_probabilities = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];

    public required string First { get; init; }

    /// <summary>Its momenta where the study tries several; else "".</summary>
    public required string FirstVariant { get; init; }

    public required string Second { get; init; }

    public required string SecondVariant { get; init; }

    public required RelevanceBand Band { get; init; }

    /// <summary>The curve as every other method writes it: ln ratios of whole losses.</summary>
    public required GapPrediction Curve { get; init; }

    /// <summary>Of the posterior, at the sweep's batch sizes: ln ratios of losses above the floor.</summary>
    public required GapDraws Draws { get; init; }

    /// <summary>The verdict as it was given; null of a file that lacks it.</summary>
    public JsonNode? Verdict { get; init; }

    /// <summary>"adam", or "adam (beta2=0.95)".</summary>
    public string FirstName => Named(First, FirstVariant);

    public string SecondName => Named(Second, SecondVariant);

    private static string Named(string optimizer, string variant) => variant.Length > 0 ? $"{optimizer} ({variant})" : optimizer;

    /// <summary>Evenly through the draws, at the sweep's batch sizes alone.</summary>
    /// <param name="draws">On any grid that holds the sweep's sizes.</param>
    public static GapDraws Thinned(GapDraws draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        int[] places = [.. draws.Sizes.Select(draws.IndexOf)];
        int kept = Math.Min(MostDraws, draws.Gaps.Count);
        return new GapDraws
        {
            Sizes = draws.Sizes,
            Grid = [.. draws.Sizes.Select(s => (double)s)],
            Gaps =
            [
                .. Enumerable
                    .Range(0, kept)
                    .Select(i => draws.Gaps[(int)((i + 0.5) / kept * draws.Gaps.Count)])
                    .Select(gap => (double[])[.. places.Select(p => Rounded(gap[p]))]),
            ],
        };
    }

    /// <summary>The draws at some of the batch sizes; null where one is not among them.</summary>
    public GapDraws? DrawsAt(IReadOnlyList<long> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        if (!sizes.All(Draws.Sizes.Contains))
            return null;
        int[] places = [.. sizes.Select(Draws.IndexOf)];
        return new GapDraws
        {
            Sizes = sizes,
            Grid = [.. sizes.Select(s => (double)s)],
            Gaps = [.. Draws.Gaps.Select(g => (double[])[.. places.Select(p => g[p])])],
        };
    }

    /// <summary>The central share of B* over the draws with one crossing; none where these are few.</summary>
    /// <param name="draws">Curves.</param>
    /// <param name="band">Within which the optimizers are level.</param>
    /// <param name="share">E.g. 0.95.</param>
    public static Interval CrossingInterval(GapDraws draws, RelevanceBand band, double share)
    {
        double[] places = Crossings(draws, band);
        return places.Length == 0
            ? Interval.None
            : new Interval(Quantiles.Type7(places, (1 - share) / 2), Quantiles.Type7(places, (1 + share) / 2));
    }

    private static double[] Crossings(GapDraws draws, RelevanceBand band)
    {
        double[] x = [.. draws.Grid.Select(Math.Log2)];
        double[] places =
        [
            .. draws
                .Gaps.Select(g => BandCrossing.Of(x, g, band.LogHalfWidth))
                .Where(c => c.Changes == 1)
                .Select(c => Math.Pow(2, c.Log2Batch))
                .Order(),
        ];
        const int Fewest = 20;
        return places.Length < Fewest ? [] : places;
    }

    internal JsonObject ToJson()
    {
        double[] crossings = Crossings(Draws, Band);
        return new()
        {
            ["first"] = First,
            ["firstVariant"] = FirstVariant,
            ["second"] = Second,
            ["secondVariant"] = SecondVariant,
            ["relevance"] = Band.Share,
            ["floor"] = Band.Floor,
            ["verdict"] = Verdict?.DeepClone(),
            ["curve"] = Curve.ToJson(),
            ["quantiles"] = new JsonObject
            {
                ["probabilities"] = Numbers(s_probabilities),
                ["crossing"] = crossings.Length == 0 ? null : Numbers(s_probabilities.Select(p => Rounded(Quantiles.Type7(crossings, p)))),
                ["gaps"] = new JsonArray([
                    .. Draws.Sizes.Select(
                        (size, i) =>
                        {
                            double[] gaps = [.. Draws.Gaps.Select(g => g[i]).Order()];
                            return (JsonNode)
                                new JsonObject
                                {
                                    ["batch"] = size,
                                    ["values"] = Numbers(s_probabilities.Select(p => Rounded(Quantiles.Type7(gaps, p)))),
                                };
                        }
                    ),
                ]),
            },
            ["draws"] = new JsonObject
            {
                ["batches"] = new JsonArray([.. Draws.Sizes.Select(s => (JsonNode)s)]),
                ["gaps"] = new JsonArray([.. Draws.Gaps.Select(g => (JsonNode)Numbers(g))]),
            },
        };
    }

    internal static PilotPair Read(JsonNode json)
    {
        JsonNode draws = json["draws"]!;
        long[] sizes = [.. draws["batches"]!.AsArray().Select(b => (long)b!)];
        return new PilotPair
        {
            First = (string)json["first"]!,
            FirstVariant = (string)json["firstVariant"]!,
            Second = (string)json["second"]!,
            SecondVariant = (string)json["secondVariant"]!,
            Band = new RelevanceBand((double)json["relevance"]!, (double?)json["floor"]),
            Verdict = json["verdict"]?.DeepClone(),
            Curve = GapPrediction.Read(json["curve"]!),
            Draws = new GapDraws
            {
                Sizes = sizes,
                Grid = [.. sizes.Select(s => (double)s)],
                Gaps =
                [
                    .. draws["gaps"]!
                        .AsArray()
                        .Select(g =>
                            (double[])[.. g!.AsArray().Select(v => (double)v!)] is var row && row.Length == sizes.Length
                                ? row
                                : throw new FormatException($"a draw of {row.Length} gaps, expected {sizes.Length}")
                        ),
                ],
            },
        };
    }

    private static JsonArray Numbers(IEnumerable<double> values) => new([.. values.Select(v => (JsonNode)JsonValue.Create(v))]);

    private static double Rounded(double value) => Numerics.SixDigits.Round(value);
}
