// The priors of the efficiency model: held against a fit on tables of development, and stated in the docs.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Theory.Efficiency;

namespace Gaplab.Pure.Tests.Theory;

public sealed class EfficiencyPriorSpecs(ITestOutputHelper output)
{
    // What was believed before any of the tables: exponents of Zhang 2024 and McCandlish 2018, else factors of three. It weighs as much as
    // two families.
    private static readonly EfficiencyPriors Before = new()
    {
        LengthExponent = new(Math.Log(0.2), 1),
        Lead = new(0, 0.1),
        LeadExponent = new(0, 0.5),
        StepsAmplitude = new(0, Math.Log(3)),
        StepsBatch = new(-Math.Log(100), Math.Log(4)),
        StepsBatchRatio = new(0, 1),
        StepsExponent = new(Math.Log(1.5), 0.4),
        StepsLengthExponent = new(0.5, 0.5),
        MemoryBatch = new(0, Math.Log(5)),
        MemoryAmplitude = new(0, 1),
        MemoryExponent = new(Math.Log(1.5), 0.4),
        MemoryLengthExponent = new(0, 0.5),
        Noise = new(Math.Log(0.03), Math.Log(2.5)),
    };

    private const double Weight = 2;

    private static readonly JsonNode Tables = JsonNode.Parse(
        File.ReadAllText(Repository.At("tests/reference/efficiency-development.json"))
    )!;

    /// <summary>The fitted parameters: coordinate, how its prior is read and set.</summary>
    private static readonly (
        int At,
        string Name,
        Func<EfficiencyPriors, NormalPrior> Get,
        Func<EfficiencyPriors, NormalPrior, EfficiencyPriors> Set
    )[] Fitted =
    [
        (1, "ln α", p => p.LengthExponent, (p, v) => p with { LengthExponent = v }),
        (2, "g₀", p => p.Lead, (p, v) => p with { Lead = v }),
        (3, "ρ", p => p.LeadExponent, (p, v) => p with { LeadExponent = v }),
        (5, "ln c", p => p.StepsAmplitude, (p, v) => p with { StepsAmplitude = v }),
        (6, "ln B₁/N", p => p.StepsBatch, (p, v) => p with { StepsBatch = v }),
        (7, "ln B₂/B₁", p => p.StepsBatchRatio, (p, v) => p with { StepsBatchRatio = v }),
        (8, "ln p", p => p.StepsExponent, (p, v) => p with { StepsExponent = v }),
        (9, "q", p => p.StepsLengthExponent, (p, v) => p with { StepsLengthExponent = v }),
        (10, "ln τ", p => p.Noise, (p, v) => p with { Noise = v }),
        (12, "ln B_m factor", p => p.MemoryBatch, (p, v) => p with { MemoryBatch = v }),
        (13, "ln s_mem", p => p.MemoryAmplitude, (p, v) => p with { MemoryAmplitude = v }),
        (14, "ln γ", p => p.MemoryExponent, (p, v) => p with { MemoryExponent = v }),
        (15, "e", p => p.MemoryLengthExponent, (p, v) => p with { MemoryLengthExponent = v }),
    ];

    /// <summary>Expectation and maximisation over families: a prior's mean and variance become those of the posteriors' draws, family by
    /// family, together with what was believed before. Twelve rounds.</summary>
    [Fact]
    public void The_priors_are_those_fitted_on_the_tables_of_development()
    {
        LongStage.OrSkip();
        EfficiencyPriors priors = Before;
        for (int round = 0; round < 12; round++)
        {
            List<Dictionary<int, (double Mean, double Square)>> families = [.. Observed(priors)];
            EfficiencyPriors last = priors;
            foreach (var parameter in Fitted)
            {
                NormalPrior before = parameter.Get(Before);
                (double Mean, double Square)[] seen = [.. families.Where(f => f.ContainsKey(parameter.At)).Select(f => f[parameter.At])];
                double total = seen.Length + Weight,
                    mean = (seen.Sum(s => s.Mean) + Weight * before.Mean) / total,
                    square = seen.Sum(s => s.Square) + Weight * (before.Deviation * before.Deviation + before.Mean * before.Mean);
                priors = parameter.Set(priors, new NormalPrior(mean, Math.Sqrt(Math.Max(1e-4, square / total - mean * mean))));
            }
            output.WriteLine($"{round}: {string.Join(", ", Fitted.Select(f => Said(f.Name, f.Get(priors))))}");
        }
        var product = new EfficiencyPriors();
        foreach (var parameter in Fitted)
        {
            NormalPrior own = parameter.Get(product);
            double off = (parameter.Get(priors).Mean - own.Mean) / own.Deviation;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parameter.Name}: {off:0.00} deviations off"));
            // The fit itself is sampled.
            Assert.InRange(off, -0.3, 0.3);
            Assert.InRange(parameter.Get(priors).Deviation / own.Deviation, 0.75, 1.33);
        }
    }

    [Fact]
    public void The_docs_state_every_prior()
    {
        string docs = File.ReadAllText(Repository.At("docs/predict.md")),
            table = string.Join("\n", Rows(new EfficiencyPriors()));
        Assert.True(docs.Contains(table, StringComparison.Ordinal), $"docs/predict.md must hold these rows:\n{table}");
    }

    private static string Said(string name, NormalPrior prior) =>
        string.Create(CultureInfo.InvariantCulture, $"{name} {prior.Mean:0.000} ± {prior.Deviation:0.000}");

    private static IEnumerable<string> Rows(EfficiencyPriors p)
    {
        static string Number(double x) => x.ToString("0.##", CultureInfo.InvariantCulture).Replace('-', '−');
        static string Factor(NormalPrior l) => $"{Significant(Math.Exp(l.Mean))} ×/÷ {Number(Math.Exp(l.Deviation))}";
        static string Significant(double x) => x.ToString("G2", CultureInfo.InvariantCulture);
        static string Plain(NormalPrior l) => $"{Number(l.Mean)} ± {Number(l.Deviation)}";
        const string Near = "fitted",
            Hand = "by hand";
        yield return $"| ℓ₂(N) | the second optimizer's loss short of nothing | loss | "
            + $"median of the cells above the floor ×/÷ {Number(Math.Exp(p.Base.Deviation))} | {Hand} |";
        yield return $"| α | ℓ₂(n) − floor falls as n^−α | – | {Factor(p.LengthExponent)} | {Near} |";
        yield return $"| g₀ | ln((ℓ₁ − floor)/(ℓ₂ − floor)) at N, the second scaling coordinates, the first not | – | "
            + $"{Plain(p.Lead)}, tails of sinh | {Near} |";
        yield return $"| ρ | g₀ in n | – | {Plain(p.LeadExponent)} | {Near} |";
        yield return $"| drift | the part of g₀ that may turn with n | a factor e of n | {Plain(p.LeadDrift)} | {Hand} |";
        yield return $"| c | s over −dL/d ln n | – | {Factor(p.StepsAmplitude)} | {Near} |";
        yield return $"| B₁(N) | where the optimizer that does not scale coordinates lacks steps | N | {Factor(p.StepsBatch)} | {Near} |";
        yield return $"| B₂/B₁ | the other's over it | – | {Factor(p.StepsBatchRatio)} | {Near} |";
        yield return $"| p | steps branch in B | – | {Factor(p.StepsExponent)} | {Near} |";
        yield return $"| q | B_o in n | – | {Plain(p.StepsLengthExponent)} | {Near} |";
        yield return $"| B_m(N) | where the second optimizer's memory is short | output layer's | {Factor(p.MemoryBatch)} | {Near} |";
        yield return $"| s_mem | amplitude of the memory branch | ℓ₂(N) − floor | {Factor(p.MemoryAmplitude)} | {Near} |";
        yield return $"| γ | memory branch in B | – | {Factor(p.MemoryExponent)} | {Near} |";
        yield return $"| e | B_m in n | – | {Plain(p.MemoryLengthExponent)} | {Near} |";
        yield return $"| τ | one seed's deviation | L − floor | {Factor(p.Noise)} | {Near} |";
    }

    /// <summary>By coordinate, mean and mean square of the parameter over a family's posterior.</summary>
    private static IEnumerable<Dictionary<int, (double Mean, double Square)>> Observed(EfficiencyPriors priors)
    {
        foreach (JsonNode? family in Tables["families"]!.AsArray())
        {
            var sums = new Dictionary<int, (double, double)>();
            double? length = (double?)family!["samples"];
            int? zipf = (int?)family["zipf"];
            JsonArray pairs = family["pairs"]!.AsArray();
            foreach (JsonNode? pair in pairs)
            {
                double samples = length ?? 1e6;
                PilotCell[] cells = [.. Cells(pair!, samples)];
                var context = new EfficiencyContext
                {
                    First = new GradientMemory.Unscaled(),
                    Second = new GradientMemory.SecondMoment((double)pair!["beta1"]!, (double)pair["beta2"]!),
                    Samples = samples,
                    Batches = [.. cells.Select(c => c.Batch).Distinct().Order()],
                    ClassFrequencies = zipf is { } classes ? Zipf(classes) : null,
                };
                new EfficiencyModel(cells, context, priors).Sample(1, 8, 256, out TemperedDraws draws);
                foreach (var parameter in Fitted)
                {
                    if (parameter.At == 12 && zipf is null || parameter.At == 6 && length is null)
                        continue;
                    NormalPrior prior = parameter.Get(priors);
                    double[] values = [.. draws.All.Select(z => prior.At(z[parameter.At]))];
                    (double mean, double square) = sums.GetValueOrDefault(parameter.At);
                    sums[parameter.At] = (mean + values.Average() / pairs.Count, square + values.Average(v => v * v) / pairs.Count);
                }
            }
            yield return sums;
        }
        double Log4(string key, int more, int less) =>
            Math.Log((double)Tables["lengths"]![key]![more]! / (double)Tables["lengths"]![key]![less]!) / Math.Log(4);
        double Lead(int i) => Math.Log((double)Tables["lengths"]!["firstBase"]![i]! / (double)Tables["lengths"]!["secondBase"]![i]!);
        static (double, double) Known(double value) => (value, value * value);
        yield return new()
        {
            [1] = Known(Math.Log(Log4("secondBase", 0, 1))),
            [3] = Known(Math.Log(Lead(0) / Lead(1)) / Math.Log(4)),
            [9] = Known(0.5 * (Log4("firstSteps", 1, 0) + Log4("secondSteps", 1, 0))),
            [15] = Known(Log4("secondMemory", 0, 1)),
        };
        // The excess of a branch far below its onset falls as B^−γ: least squares in logarithms.
        (double X, double Y)[] excess =
        [
            .. Tables["marek"]!["excess"]!
                .AsObject()
                .Select(e => (Math.Log(double.Parse(e.Key, CultureInfo.InvariantCulture)), Math.Log((double)e.Value!))),
        ];
        double x = excess.Average(e => e.X),
            y = excess.Average(e => e.Y);
        yield return new() { [14] = Known(Math.Log(-excess.Sum(e => (e.X - x) * (e.Y - y)) / excess.Sum(e => (e.X - x) * (e.X - x)))) };
    }

    private static IEnumerable<PilotCell> Cells(JsonNode pair, double samples)
    {
        foreach ((PairSide side, string key) in new[] { (PairSide.First, "first"), (PairSide.Second, "second") })
        foreach ((string batch, JsonNode? loss) in pair[key]!.AsObject())
            yield return new PilotCell(side, double.Parse(batch, CultureInfo.InvariantCulture), samples, (double)loss!);
    }

    private static double[] Zipf(int classes)
    {
        double[] p = [.. Enumerable.Range(1, classes).Select(k => 1.0 / k)];
        double sum = p.Sum();
        return [.. p.Select(v => v / sum)];
    }
}
