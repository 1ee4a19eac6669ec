// The gaps of a table of runs, and where one optimizer overtakes the other: dotnet run -- runs.csv
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;

if (args.Length != 1)
{
    Console.Error.WriteLine("usage: OwnTable TABLE.csv");
    return 2;
}
try
{
    GapAnalysis analysis = GapAnalysis.Analyse(SweepImport.Read(args[0]), new AnalysisOptions { First = "sgd", Second = "adam" });
    foreach (ComparisonAnalysis comparison in analysis.Comparisons)
    {
        foreach (Gap gap in comparison.Gaps)
            Console.WriteLine($"batch {gap.Batch}: {Signed(gap.Value)}, 95% {Signed(gap.Interval.Low)} to {Signed(gap.Interval.High)}");
        foreach (Crossover crossover in comparison.Crossovers)
            Console.WriteLine($"crossover near batch {crossover.Interpolated:0.0}, from {crossover.From} to {crossover.To}");
        Console.WriteLine(comparison.Headline);
    }
    return 0;
}
catch (InputException refused)
{
    Console.Error.WriteLine(refused.Message);
    return 2;
}

static string Signed(double? value) => value is { } v ? $"{v:+0.0000;-0.0000;0.0000}" : "open";
