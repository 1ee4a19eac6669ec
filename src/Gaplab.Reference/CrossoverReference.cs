// Evaluators of the reference rows on the empirical crossover (theory.md section E).
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gaplab.Numerics.Distributions;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;

namespace Gaplab.Reference;

/// <summary>Section E: the worked examples, crossings of given gaps, selection bias, the resampling stream and the coverage of the
/// interval.</summary>
internal static class CrossoverReference
{
    /// <summary>Adds the evaluators of section E.</summary>
    public static ReferenceCheck AddCrossover(this ReferenceCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        foreach (string optimizer in new[] { "SGD", "Adam" })
            check.Add(
                'E',
                $"tuned [value,lr,edge,interp value,interp lr] {optimizer}",
                OnExample(
                    (a, _) =>
                        Array(
                            a.Gaps.Select(g => optimizer == "SGD" ? g.First : g.Second)
                                .Select(t =>
                                    Array(
                                        t.Batch,
                                        t.Value,
                                        t.LearningRate,
                                        t.Edge.ToString().ToLowerInvariant(),
                                        t.Interpolated?.Value ?? t.Value,
                                        t.Interpolated?.LearningRate ?? t.LearningRate
                                    )
                                )
                        )
                )
            );
        return check
            .Add('E', "gap per B (SGD-Adam, >0 Adam better)", OnExample((a, _) => Array(a.Gaps.Select(g => (JsonNode?)g.Value))))
            .Add('E', "gap per B, interpolated lr", OnExample((a, _) => Array(a.Gaps.Select(g => (JsonNode?)(g.Interpolated ?? g.Value)))))
            .Add(
                'E',
                "crossings [B*,direction]",
                OnExample((a, _) => Array(a.Crossovers.Select(c => Array(c.Interpolated, $"{Printed(c.From)}->{Printed(c.To)}"))))
            )
            .Add(
                'E',
                "isotonic [direction,fit,B*,state]",
                OnExample((a, _) => Isotonic(a.Isotonic!.Increasing, a.Isotonic.Fit, a.Isotonic.Interpolated, a.Isotonic.State))
            )
            .Add('E', "number of resamples", OnExample((a, _) => a.Resamples))
            .Add('E', "gap 95% percentile CI", OnExample((a, _) => Array(a.Gaps.Select(g => Ends(g.Percentile)))))
            .Add(
                'E',
                "gap 95% CI, inflated sqrt(S/(S-1))",
                OnExample(
                    (a, _) =>
                        Array(a.Gaps.Select(g => Ends(Widened(g.Percentile, g.Value, Math.Sqrt(a.Seeds.Count / (a.Seeds.Count - 1.0))))))
                )
            )
            .Add(
                'E',
                "gap 95% CI, t-inflated (factor t_{S-1,.975}/1.959964*sqrt(S/(S-1)))",
                OnExample((a, _) => Array(a.Gaps.Select(g => Ends(g.Interval))))
            )
            .Add('E', "B* 95% CI, t-inflated in log2 B", OnExample((a, _) => Ends(Inflated(a.Isotonic!, a.Seeds.Count))))
            .Add(
                'E',
                "B* 95% CI (isotonic per resample, type-1 quantile, +-inf = out of range)",
                OnExample((a, _) => Ends(a.Isotonic!.Percentile))
            )
            .Add('E', "fraction of resamples with crossing in range", OnExample((a, _) => a.Isotonic!.FractionCrossing))
            .Add('E', "bootstrap selection-bias estimate of tuned value", OnExample((a, _) => PerTuned(a, t => t.SelectionBias)))
            .Add('E', "leave-one-seed-out tuned value", OnExample((a, _) => PerTuned(a, t => t.LeaveOneOut)))
            .Add(
                'E',
                "SplitMix64(12345): first three outputs (as strings)",
                (_, _) =>
                {
                    var stream = new RandomStream(12345);
                    return Array(Enumerable.Range(0, 3).Select(_ => (JsonNode?)stream.NextUInt64().ToString(CultureInfo.InvariantCulture)));
                }
            )
            .Add('E', "crossings and isotonic crossing", Crossings)
            .Add(
                'E',
                "E max of J iid N(0,1) (selection bias of min over J equal lrs, in units of the seed-mean sd)",
                (p, _) => NormalDistribution.ExpectedMaximum(p.GetProperty("J").GetInt32())
            )
            .Add(
                'E',
                "coverage of nominal 95% CI for log2 B* [raw percentile, sqrt-inflated, t-inflated]",
                (p, _) =>
                {
                    double[] covered = CoverageSimulation.Run(
                        p.GetProperty("S").GetInt32(),
                        p.GetProperty("run_sd").GetDouble(),
                        p.GetProperty("slope_per_octave").GetDouble(),
                        p.GetProperty("rho").GetDouble()
                    );
                    return Array(covered.Select(c => (JsonNode?)c));
                }
            );
    }

    /// <summary>Evaluates on the analysis of the example that the file's input row gives.</summary>
    private static ReferenceEvaluator OnExample(Func<ComparisonAnalysis, JsonElement, JsonNode?> evaluate) =>
        (parameters, inputs) =>
            inputs.Count == 0 || parameters.TryGetProperty("level", out JsonElement level) && level.GetDouble() != 0.95
                ? null
                : evaluate(GapAnalysis.Analyse(new SweepTable(Rows(inputs[0].Value), "loss")).Comparisons[0], parameters);

    /// <summary>{"SGD": {"16": {"0.1": [2.9, null, …]}}} as rows; the place in a list is the seed.</summary>
    private static List<SweepRow> Rows(JsonElement example)
    {
        var rows = new List<SweepRow>();
        foreach (JsonProperty optimizer in example.EnumerateObject())
        foreach (JsonProperty batch in optimizer.Value.EnumerateObject())
        foreach (JsonProperty rate in batch.Value.EnumerateObject())
        {
            int seed = 0;
            foreach (JsonElement metric in rate.Value.EnumerateArray())
                rows.Add(
                    SweepRow.Finished(
                        ComparisonKey.Empty,
                        optimizer.Name.ToLowerInvariant(),
                        Number(rate.Name),
                        (long)Number(batch.Name),
                        (++seed).ToString(CultureInfo.InvariantCulture),
                        null,
                        metric.ValueKind == JsonValueKind.Number ? metric.GetDouble() : double.NaN
                    )
                );
        }
        return rows;

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }

    private static JsonObject Crossings(JsonElement parameters, IReadOnlyList<ReferenceRow> inputs)
    {
        double[] x = [.. parameters.GetProperty("B").EnumerateArray().Select(b => Math.Log2(b.GetDouble()))];
        double[] gap = [.. parameters.GetProperty("gap").EnumerateArray().Select(g => g.GetDouble())];
        MonotoneGap fit = GapCrossings.Isotonic(x, gap);
        return new JsonObject
        {
            ["cross"] = Array(
                GapCrossings.All(x, gap).Select(c => Array(Math.Pow(2, c.Log2Batch), c.ToSecond ? "SGD->Adam" : "Adam->SGD"))
            ),
            ["iso"] = Isotonic(fit.IsIncreasing, fit.Fit, fit.Crosses ? Math.Pow(2, fit.Log2Batch) : null, fit.State),
        };
    }

    private static JsonArray Isotonic(bool increasing, IReadOnlyList<double> fit, double? batch, IsotonicState state) =>
        Array(
            increasing ? "increasing" : "decreasing",
            Array(fit.Select(f => (JsonNode?)f)),
            batch,
            state switch
            {
                IsotonicState.FirstToSecond => "SGD->Adam",
                IsotonicState.SecondToFirst => "Adam->SGD",
                IsotonicState.FirstThroughout => "SGD better throughout",
                IsotonicState.SecondThroughout => "Adam better throughout",
                _ => "tie",
            }
        );

    private static JsonArray PerTuned(ComparisonAnalysis analysis, Func<TunedMetric, double?> value) =>
        Array(analysis.Tuned.Select(t => Array(Printed(t.Optimizer), t.Batch, value(t))));

    private static string Printed(string optimizer) => optimizer == "sgd" ? "SGD" : "Adam";

    private static Interval Widened(Interval interval, double point, double factor) =>
        interval with
        {
            Low = point + factor * (interval.Low - point),
            High = point + factor * (interval.High - point),
        };

    /// <summary>The percentile interval of the interpolated crossing, widened about the point in log₂ B.</summary>
    private static Interval Inflated(IsotonicFit fit, int seeds)
    {
        double? Octave(double? batch) => batch is { } b ? Math.Log2(b) : null;
        double? Size(double? octave) => octave is { } o ? Math.Pow(2, o) : null;
        Interval log2 = fit.Percentile with { Low = Octave(fit.Percentile.Low), High = Octave(fit.Percentile.High) };
        Interval wide = PairedBootstrap.Inflate(log2, Math.Log2(fit.Interpolated!.Value), seeds);
        return wide with { Low = Size(wide.Low), High = Size(wide.High) };
    }

    private static JsonArray Ends(Interval interval) =>
        Array(interval.LowOpen ? double.NegativeInfinity : interval.Low, interval.HighOpen ? double.PositiveInfinity : interval.High);

    private static JsonArray Array(params IEnumerable<JsonNode?> items)
    {
        var array = new JsonArray();
        foreach (JsonNode? item in items)
            array.Add(item);
        return array;
    }
}
