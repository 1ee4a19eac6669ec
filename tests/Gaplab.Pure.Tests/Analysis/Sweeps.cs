// Small sweeps that tests share: the worked example of the theory, and tables written as text.
using System.Globalization;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Analysis;

internal static class Sweeps
{
    /// <summary>Theory E7: (optimizer, batch, lr, three seeds); NaN diverged.</summary>
    public static readonly (string Optimizer, long Batch, double Rate, double[] Seeds)[] Worked =
    [
        ("sgd", 16, 0.1, [2.90, 2.92, 2.94]),
        ("sgd", 16, 0.2, [2.80, 2.83, 2.80]),
        ("sgd", 16, 0.4, [2.84, 2.80, 2.85]),
        ("sgd", 16, 0.8, [3.1, double.NaN, 3.2]),
        ("sgd", 64, 0.1, [2.75, 2.78, 2.77]),
        ("sgd", 64, 0.2, [2.70, 2.72, 2.69]),
        ("sgd", 64, 0.4, [2.68, 2.66, 2.71]),
        ("sgd", 64, 0.8, [2.72, 2.74, 2.70]),
        ("sgd", 256, 0.1, [2.85, 2.86, 2.84]),
        ("sgd", 256, 0.2, [2.74, 2.75, 2.77]),
        ("sgd", 256, 0.4, [2.69, 2.70, 2.68]),
        ("sgd", 256, 0.8, [2.66, 2.69, 2.66]),
        ("adam", 16, 0.001, [2.91, 2.93, 2.90]),
        ("adam", 16, 0.002, [2.86, 2.84, 2.87]),
        ("adam", 16, 0.004, [2.85, 2.88, 2.83]),
        ("adam", 16, 0.008, [2.99, 3.02, 3.0]),
        ("adam", 64, 0.001, [2.76, 2.75, 2.77]),
        ("adam", 64, 0.002, [2.68, 2.69, 2.67]),
        ("adam", 64, 0.004, [2.67, 2.69, 2.70]),
        ("adam", 64, 0.008, [2.80, 2.78, 2.79]),
        ("adam", 256, 0.001, [2.70, 2.69, 2.71]),
        ("adam", 256, 0.002, [2.60, 2.62, 2.61]),
        ("adam", 256, 0.004, [2.58, 2.60, 2.59]),
        ("adam", 256, 0.008, [2.64, 2.66, 2.65]),
    ];

    public static List<SweepRow> WorkedRows() =>
        [
            .. Worked.SelectMany(c =>
                c.Seeds.Select(
                    (v, s) =>
                        SweepRow.Finished(
                            ComparisonKey.Empty,
                            c.Optimizer,
                            c.Rate,
                            c.Batch,
                            (s + 1).ToString(CultureInfo.InvariantCulture),
                            null,
                            v,
                            $"{c.Optimizer}-{c.Batch}-{c.Rate}-{s + 1}"
                        )
                )
            ),
        ];

    public static string WorkedCsv() =>
        "optimizer,lr,batch,seed,loss\n"
        + string.Concat(
            Worked.SelectMany(c =>
                c.Seeds.Select(
                    (v, s) =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{c.Optimizer},{c.Rate},{c.Batch},{s + 1},{(double.IsNaN(v) ? "nan" : v)}\n"
                        )
                )
            )
        );

    /// <summary>One value per (optimizer, batch) and seed, already tuned: "sgd 16 2.8 2.9" a line.</summary>
    public static SweepTable Tuned(params string[] lines) =>
        new(
            [
                .. lines.SelectMany(line =>
                {
                    string[] f = line.Split(' ');
                    return f[2..]
                        .Select(
                            (v, s) =>
                                SweepRow.Finished(
                                    ComparisonKey.Empty,
                                    f[0],
                                    null,
                                    long.Parse(f[1], CultureInfo.InvariantCulture),
                                    $"{s}",
                                    null,
                                    double.Parse(v, CultureInfo.InvariantCulture)
                                )
                        );
                }),
            ],
            "loss"
        );

    public static SweepTable FromCsv(string csv, ImportOptions? options = null)
    {
        string path = Path.Combine(Path.GetTempPath(), $"gaplab-{Guid.NewGuid():N}.csv");
        try
        {
            File.WriteAllText(path, csv);
            return SweepImport.Read(path, options);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static ComparisonAnalysis Analyse(SweepTable table, AnalysisOptions? options = null) =>
        Assert.Single(GapAnalysis.Analyse(table, options).Comparisons);
}
