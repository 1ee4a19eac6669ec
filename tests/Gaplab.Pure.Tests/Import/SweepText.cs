// A sweep written as a table in many ways: Adam ahead by 0.10 at 16 and 64, both optima inside their grids.
using System.Globalization;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Pure.Tests.Analysis;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Import;

/// <summary>One run of the sweep.</summary>
internal sealed record TextRun(string Optimizer, string Rate, int Batch, int Seed, double Loss)
{
    public string Value => Loss.ToString("0.0000", CultureInfo.InvariantCulture);
}

internal static class SweepText
{
    public static IReadOnlyList<TextRun> Runs { get; } =
    [
        .. from batch in new[] { 16, 64 }
        from o in new[]
        {
            (Name: "sgd", Rates: new[] { "0.03", "0.1", "0.3" }, Ahead: 0.0),
            (Name: "adam", Rates: ["0.001", "0.003", "0.01"], Ahead: 0.1),
        }
        from rate in Enumerable.Range(0, 3)
        from seed in Enumerable.Range(1, 3)
        select new TextRun(
            o.Name,
            o.Rates[rate],
            batch,
            seed,
            1.5 + 0.02 * (batch / 48) + 0.05 * Math.Abs(rate - 1) - o.Ahead + 0.004 * seed
        ),
    ];

    /// <summary>A header and a line per run.</summary>
    public static string Csv(string header, Func<TextRun, string> line) => header + "\n" + string.Concat(Runs.Select(r => line(r) + "\n"));

    /// <summary>Reads text as a table and checks that it is this sweep.</summary>
    public static SweepTable IsRead(string csv, ImportOptions? options = null)
    {
        SweepTable table = Sweeps.FromCsv(csv, options);
        IsThisSweep(table, options?.HigherIsBetter ?? false);
        return table;
    }

    public static void IsThisSweep(SweepTable table, bool higherIsBetter = false)
    {
        ComparisonAnalysis analysis = Sweeps.Analyse(table, new AnalysisOptions { HigherIsBetter = higherIsBetter });
        Assert.Equal([16L, 64L], analysis.Gaps.Select(g => g.Batch));
        Assert.All(analysis.Gaps, g => Assert.Equal(0.1, g.Value, 9));
        Assert.All(analysis.Gaps, g => Assert.Equal((0.1, 0.003), (g.First.LearningRate, g.Second.LearningRate)));
        Assert.Equal(Verdict.SecondBetterThroughout, analysis.Verdict);
        Assert.Equal(["1", "2", "3"], analysis.Seeds);
    }

    public static SweepTable FromBytes(byte[] bytes, ImportOptions? options = null)
    {
        string path = Path.Combine(Path.GetTempPath(), $"gaplab-{Guid.NewGuid():N}.csv");
        try
        {
            File.WriteAllBytes(path, bytes);
            return SweepImport.Read(path, options);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The one line by which a table is refused, when it is read or when it is analysed.</summary>
    public static string Refusal(string csv, ImportOptions? options = null)
    {
        string message = Assert.Throws<InputException>(() => GapAnalysis.Analyse(Sweeps.FromCsv(csv, options))).Message;
        Assert.DoesNotContain('\n', message);
        Assert.InRange(message.Length, 10, 300);
        return message;
    }

    /// <summary>The table in some encoding, with its byte-order mark or without.</summary>
    public static byte[] Bytes(string csv, Encoding encoding, bool mark) =>
        [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(csv)];
}
