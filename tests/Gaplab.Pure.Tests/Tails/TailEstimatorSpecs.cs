// The estimators of the tail index against NumPy and SciPy, their contract, streaming, and the reference rows.
using System.Text.Json.Nodes;
using Gaplab.Numerics.Streams;
using Gaplab.Numerics.Tails;
using Gaplab.Numerics.Tails.Estimators;
using Gaplab.Numerics.Tails.Laws;
using Gaplab.Reference;

namespace Gaplab.Pure.Tests.Tails;

public sealed class TailEstimatorSpecs
{
    private static JsonNode Sample =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "tail-vectors.json")))!["sample"]!;

    private static double[] Doubles(JsonNode? node) => [.. node!.AsArray().Select(v => v!.GetValue<double>())];

    [Fact]
    public void Every_estimator_gives_what_NumPy_gives()
    {
        JsonNode sample = Sample;
        double[] values = Doubles(sample["values"]),
            moments = Doubles(sample["logMoment"]),
            tail = Doubles(sample["powerLaw"]);
        TailData data = TailData.Of([values]);
        double Of(string name) => sample[name]!.GetValue<double>();
        Assert.Equal(Of("hill"), new HillEstimator(25).Estimate(data)!.Alpha, 1e-10);
        Assert.Equal(Of("moment"), new MomentEstimator(25).Estimate(data)!.Inverse, 1e-10);
        Assert.Equal(Of("pickands"), new PickandsEstimator(25).Estimate(data)!.Inverse, 1e-10);
        Assert.Equal(Of("press"), new PressEstimator().Estimate(data)!.Alpha, 1e-10);
        Assert.Equal(Of("regression"), new KoutrouvelisEstimator().Estimate(data)!.Alpha, 1e-10);
        Assert.Equal(Of("nu"), McCullochEstimator.Ratio(data.Ranked)!.Value, 1e-12);
        LogMomentPoint at = data.LogMoments.Single(p => p.BlockLength == 10);
        Assert.Equal(moments[0], at.Inverse, 1e-12);
        Assert.Equal(moments[1], at.StandardError, 1e-12);
        PowerLawFit fit = ClausetEstimator.Fit(data.Ranked)!;
        Assert.Equal((long)tail[0], fit.Tail);
        Assert.Equal(tail[2], fit.Exponent, 1e-10);
        Assert.Equal(tail[3], fit.Distance, 1e-10);
    }

    [Fact]
    public void Fits_and_tests_give_what_SciPy_gives()
    {
        JsonNode sample = Sample;
        double[] values = Doubles(sample["values"]),
            sorted = [.. values.Order()],
            student = Doubles(sample["student"]),
            jb = Doubles(sample["jarqueBera"]);
        IFittedLaw t = new StudentLaw().Fit(sorted)!;
        Assert.Equal(1, t.Parameters["degrees"] / student[0], 0.01);
        Assert.Equal(1, t.Parameters["scale"] / student[1], 0.005);
        Assert.Equal(sample["gaussianDistance"]!.GetValue<double>(), GoodnessOfFit.Distance(new GaussianLaw().Fit(sorted)!, sorted), 1e-10);
        (_, _, double skewness, double kurtosis) = RankedSample.Of(values).Moments();
        HypothesisTest jarqueBera = GoodnessOfFit.JarqueBera(skewness, kurtosis, values.Length);
        Assert.Equal(1, jarqueBera.Statistic / jb[0], 1e-9);
        PowerLawFit fit = ClausetEstimator.Fit(RankedSample.Of(values))!;
        (double ratio, double probability) = GoodnessOfFit
            .AgainstLogNormal([.. sorted.Select(Math.Abs).Order().TakeLast((int)fit.Tail)], fit)!
            .Value;
        Assert.Equal(sample["likelihoodRatio"]!.GetValue<double>(), ratio, 2e-3);
        Assert.Equal(sample["ratioProbability"]!.GetValue<double>(), probability, 2e-3);
    }

    [Fact]
    public void Every_deterministic_reference_row_is_known_and_within_its_tolerance()
    {
        string path = Path.GetTempFileName();
        try
        {
            JsonArray rows = new([
                .. JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference", "reference.json")))!["rows"]!
                    .AsArray()
                    .Where(r => ((string)r!["section"]!).StartsWith('A'))
                    .Select(r => r!.DeepClone()),
            ]);
            File.WriteAllText(path, rows.ToJsonString());
            var check = new ReferenceCheck();
            check.Add('A', TailReference.Evaluators);
            ReferenceReport report = check.Run(path, all: false);
            Assert.Empty(report.Outside);
            Assert.Equal((223, 0, 137, 86), (rows.Count, report.Unknown, report.Checked, report.NotSimulated));
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static TheoryData<string> Names => [.. TailEstimators.All.Select(e => e.Id)];

    [Theory, MemberData(nameof(Names))]
    public void An_estimator_is_free_of_scale_and_answers_or_declines_on_any_sample(string name)
    {
        ITailEstimator estimator = TailEstimators.All.Single(e => e.Id == name);
        double[] values = Draw("sas1.4", 4000, "contract");
        TailEstimate plain = estimator.Estimate(TailData.Of([values]))!,
            scaled =
                estimator.Estimate(
                    TailData.Of([
                        [.. values.Select(x => 1e-7 * x)],
                    ])
                )!;
        Assert.Equal(plain.Inverse, scaled.Inverse, 1e-9);
        if (plain.InverseLow is { } low)
            Assert.InRange(plain.Inverse, low, plain.InverseHigh!.Value);
        foreach (
            double[] odd in (double[][])
                [
                    [0, 0, 0, 0],
                    [1, 1, 1, 1],
                    [1, -1],
                    [5],
                    [.. Enumerable.Repeat(0.0, 500), 3],
                    [.. Enumerable.Range(0, 400).Select(i => (double)(i % 2))],
                ]
        )
            if (estimator.Estimate(TailData.Of([odd])) is { } answer)
                Assert.False(double.IsNaN(answer.Inverse));
    }

    [Fact]
    public void A_binned_sample_gives_the_exact_one_within_its_stated_error()
    {
        double[] values = Draw("sas1.3", 200_000, "binned");
        var exact = TailData.Of([values]);
        var stream = new StreamedSample(limit: 1000, largest: 500);
        for (int at = 0; at < values.Length; at += 7001)
            stream.Add(values.AsSpan(at, Math.Min(7001, values.Length - at)));
        RankedSample binned = stream.Ranked();
        Assert.Equal(values.Length, binned.Count);
        Assert.True(binned.RelativeError is > 0 and < 6.2e-5);
        foreach (double p in (double[])[0.001, 0.05, 0.25, 0.5, 0.9, 0.9999])
            Assert.Equal(exact.Ranked.Quantile(p), binned.Quantile(p), 1.3e-4 * Math.Abs(exact.Ranked.Quantile(p)) + 1e-12);
        for (int rank = 1; rank <= 400; rank++)
            Assert.Equal(exact.Ranked.Magnitude(rank), binned.Magnitude(rank));
        foreach (ITailEstimator estimator in TailEstimators.All.Where(e => e.Id != "log-moment"))
            Assert.Equal(
                estimator.Estimate(exact)!.Inverse,
                estimator.Estimate(exact with { Ranked = binned })!.Inverse,
                estimator.Id == "clauset" ? 0.01 : 5e-4
            );
    }

    [Fact]
    public void Log_moments_along_and_across_give_the_same_sums_and_zeros_are_skipped()
    {
        double[][] columns = [.. Enumerable.Range(0, 6).Select(c => Draw("t3", 57, $"across/{c}"))];
        columns[2][10] = 0;
        double[] logs = new double[57];
        LogMoments along = new(10),
            across = new(10);
        foreach (double[] column in columns)
        {
            bool zero = TailDataLogs(column, logs);
            along.Add(column.AsSpan(0, 23), logs.AsSpan(0, 23), zero);
            along.Add(column.AsSpan(23), logs.AsSpan(23), zero);
            along.EndSequence();
        }
        for (int t = 0; t < 57; t++)
        {
            double[] row = [.. columns.Select(c => c[t])],
                rowLogs = new double[6];
            bool zero = TailDataLogs(row, rowLogs);
            across.AddAcross(0, 6, row.AsSpan(0, 4), rowLogs.AsSpan(0, 4), zero);
            across.AddAcross(4, 6, row.AsSpan(4), rowLogs.AsSpan(4), zero);
        }
        LogMomentPoint a = along.Result()!,
            b = across.Result()!;
        Assert.Equal(30, a.Blocks);
        Assert.Equal(a.Inverse, b.Inverse, 1e-12);
        Assert.Equal(a.StandardError, b.StandardError, 1e-12);
        // By hand: sums of whole blocks, logarithms of what is not zero.
        double[] kept = [.. columns.SelectMany(c => c.Take(50)).Where(x => x != 0)];
        double sums = columns
            .SelectMany(c => Enumerable.Range(0, 5).Select(k => Math.Log(Math.Abs(c[(10 * k)..(10 * k + 10)].Sum()))))
            .Average();
        Assert.Equal((sums - kept.Average(x => Math.Log(Math.Abs(x)))) / Math.Log(10), a.Inverse, 1e-12);
    }

    internal static double[] Draw(string law, int count, string purpose)
    {
        double[] values = new double[count];
        TailReference.Draw(law, RandomStream.For(11, "test/tails/" + purpose), values);
        return values;
    }

    private static bool TailDataLogs(ReadOnlySpan<double> values, Span<double> logs)
    {
        for (int i = 0; i < values.Length; i++)
            logs[i] = Math.Log(Math.Abs(values[i]));
        return values.Contains(0);
    }
}
