// Reports that the tests render: the smallest one, and one from a sweep that has everything a report can show.
using Gaplab.Numerics.Streams;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;

namespace Gaplab.Pure.Tests.Report;

internal static class SampleReports
{
    /// <summary>Two optimizers, three batch sizes, two learning rates, two seeds, one diverged; numbers that can be checked by
    /// eye.</summary>
    public static CrossoverReportInput Small()
    {
        var rows = new List<SweepRow>();
        void Add(string optimizer, double rate, long batch, params double[] values)
        {
            for (int s = 0; s < values.Length; s++)
                rows.Add(
                    SweepRow.Finished(
                        ComparisonKey.Empty,
                        optimizer,
                        rate,
                        batch,
                        $"{s + 1}",
                        null,
                        values[s],
                        $"{optimizer}{batch}x{rows.Count:x4}"
                    )
                );
        }
        // The worked example of theory.md E7.
        Add("sgd", 0.1, 16, 2.90, 2.92, 2.94);
        Add("sgd", 0.2, 16, 2.80, 2.83, 2.80);
        Add("sgd", 0.4, 16, 2.84, 2.80, 2.85);
        Add("sgd", 0.8, 16, 3.1, double.NaN, 3.2);
        Add("sgd", 0.1, 64, 2.75, 2.78, 2.77);
        Add("sgd", 0.2, 64, 2.70, 2.72, 2.69);
        Add("sgd", 0.4, 64, 2.68, 2.66, 2.71);
        Add("sgd", 0.8, 64, 2.72, 2.74, 2.70);
        Add("sgd", 0.1, 256, 2.85, 2.86, 2.84);
        Add("sgd", 0.2, 256, 2.74, 2.75, 2.77);
        Add("sgd", 0.4, 256, 2.69, 2.70, 2.68);
        Add("sgd", 0.8, 256, 2.66, 2.69, 2.66);
        Add("adam", 0.001, 16, 2.91, 2.93, 2.90);
        Add("adam", 0.002, 16, 2.86, 2.84, 2.87);
        Add("adam", 0.004, 16, 2.85, 2.88, 2.83);
        Add("adam", 0.008, 16, 2.99, 3.02, 3.00);
        Add("adam", 0.001, 64, 2.76, 2.75, 2.77);
        Add("adam", 0.002, 64, 2.68, 2.69, 2.67);
        Add("adam", 0.004, 64, 2.67, 2.69, 2.70);
        Add("adam", 0.008, 64, 2.80, 2.78, 2.79);
        Add("adam", 0.001, 256, 2.70, 2.69, 2.71);
        Add("adam", 0.002, 256, 2.60, 2.62, 2.61);
        Add("adam", 0.004, 256, 2.58, 2.60, 2.59);
        Add("adam", 0.008, 256, 2.64, 2.66, 2.65);
        return new CrossoverReportInput
        {
            Analysis = GapAnalysis.Analyse(new SweepTable(rows, "val_loss")),
            Title = "worked example",
            Source = "worked.csv",
            Command = "./gaplab crossover worked.csv --html worked.html",
        };
    }

    /// <summary>Every chart there is: curves, clip fractions, divergence, several optimizers, <paramref name="groups"/> groups.</summary>
    public static CrossoverReportInput Full(int groups = 1, bool higherIsBetter = false, string mischief = "")
    {
        var rows = new List<SweepRow>();
        var curves = new List<(ComparisonKey, CurvePoint)>();
        for (int g = 0; g < groups; g++)
        {
            ComparisonKey key = groups == 1 ? ComparisonKey.Empty : new ComparisonKey([new("data", $"set{g}{mischief}")]);
            foreach (string optimizer in new[] { "sgd", "adam", "signsgd" })
            foreach (long batch in new long[] { 4, 16, 64, 256, 1024 })
                for (int j = 0; j < 5; j++)
                for (int s = 1; s <= 3; s++)
                {
                    double rate = (optimizer == "sgd" ? 0.05 : 0.0005) * Math.Pow(2, j),
                        x = j - 2 - (optimizer == "sgd" ? 0.3 * (Math.Log2(batch) - 6) : 0);
                    double loss =
                        2
                        + (0.05 * x * x)
                        + (optimizer == "sgd" ? 0.02 * (Math.Log2(batch) - 6) : 0)
                        + (0.01 * RandomStream.For(s, $"test/report/{optimizer}/{batch}/{j}").NextGaussian());
                    if (x > 2.5)
                        loss = double.NaN;
                    string run = $"{g}{optimizer}{batch}j{j}s{s}{mischief}";
                    rows.Add(
                        SweepRow.Finished(
                            key,
                            optimizer,
                            rate,
                            batch,
                            $"{s}",
                            0.9,
                            higherIsBetter ? -loss : loss,
                            run,
                            Math.Clamp(0.2 * j, 0, 1)
                        )
                    );
                    if (double.IsFinite(loss))
                        for (int k = 0; k <= 4; k++)
                            curves.Add((key, new CurvePoint(optimizer, batch, $"{s}", 1000 * k, loss + (2 * Math.Exp(-k)), run)));
                }
        }
        return new CrossoverReportInput
        {
            Analysis = GapAnalysis.Analyse(
                new SweepTable(rows, "val_loss" + mischief),
                new AnalysisOptions { HigherIsBetter = higherIsBetter }
            ),
            Title = "full" + mischief,
            Source = "full.store" + mischief,
            Command = "./gaplab study run full.yaml" + mischief,
            Curves = curves,
            CurveMetric = "loss" + mischief,
            Facts = [new("model" + mischief, "gpt" + mischief)],
            Findings =
            [
                new Finding(
                    new FindingKind("slow-blas", FindingTopic.Running, "the BLAS is slow"),
                    Severity.Error,
                    "The reference BLAS is loaded." + mischief,
                    "this machine" + mischief
                ),
            ],
        };
    }
}
