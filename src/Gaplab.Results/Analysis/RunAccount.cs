// How many runs a verdict rests on, and what became of the others.
namespace Gaplab.Results.Analysis;

/// <summary>The runs of a comparison's pair of optimizers.</summary>
/// <param name="Counted">Their values enter the verdict.</param>
/// <param name="Diverged">Of these, those that diverged: their trials are never chosen.</param>
/// <param name="Missing">They failed, were killed, ended early or have not ended.</param>
/// <param name="OtherSeeds">Ended, but not every trial has a run of their seed.</param>
/// <param name="OtherBatches">Ended, but at a batch size that only one of the pair has.</param>
public sealed record RunAccount(int Counted, int Diverged, int Missing, int OtherSeeds, int OtherBatches)
{
    /// <summary>All of them.</summary>
    public int Runs => Counted + Missing + OtherSeeds + OtherBatches;

    internal static RunAccount Of(SeedGrid grid, IReadOnlyList<Gap> gaps)
    {
        ILookup<bool, ArmRuns> arms = grid.Runs.ToLookup(a => gaps.Any(g => g.Batch == a.Batch));
        return new(
            arms[true].Sum(a => a.Counted),
            arms[true].Sum(a => a.Diverged),
            grid.Runs.Sum(a => a.Missing),
            arms[true].Sum(a => a.OtherSeeds),
            arms[false].Sum(a => a.Counted + a.OtherSeeds)
        );
    }

    /// <summary>"It rests on 58 of 61 runs (1 diverged): 2 are missing, 1 is set aside."</summary>
    /// <param name="setAside">Of the table, what could not be read as runs.</param>
    /// <param name="isWhole">Whether the comparison is the whole table: what is set aside belongs to no comparison.</param>
    internal string Text(int setAside, bool isWhole)
    {
        int all = Runs + (isWhole ? setAside : 0);
        string[] parts =
        [
            .. Part(Missing, "missing"),
            .. Part(OtherSeeds, "of a seed that not every trial has"),
            .. Part(OtherBatches, "at a batch size that only one optimizer has"),
            .. isWhole ? Part(setAside, "set aside") : [],
        ];
        string rests =
            all == 0 ? "It rests on no run"
            : Counted == all ? $"It rests on {(all == 1 ? "the only run" : $"all {all} runs")}"
            : $"It rests on {Counted} of {Count(all)}";
        return rests
            + (Diverged > 0 ? $" ({Diverged} diverged)" : "")
            + (parts.Length > 0 ? $": {string.Join(", ", parts)}" : "; none is set aside")
            + (!isWhole && setAside > 0 ? $"; of the whole table {Count(setAside)} more {(setAside == 1 ? "is" : "are")} set aside" : "")
            + ".";
    }

    private static string Count(int runs) => $"{runs} {(runs == 1 ? "run" : "runs")}";

    private static IEnumerable<string> Part(int count, string what) => count == 0 ? [] : [$"{count} {(count == 1 ? "is" : "are")} {what}"];
}
