// The reference values of the empirical crossover, row by row.
using Gaplab.Results.Reference;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class CrossoverReferenceSpecs
{
    private static string File => Path.Combine(AppContext.BaseDirectory, "reference", "crossover.json");

    [Fact]
    public void Every_deterministic_row_is_known_and_within_its_tolerance()
    {
        ReferenceReport report = new ReferenceCheck().AddCrossover().Run(File, all: false);
        Assert.Empty(report.Outside);
        Assert.Equal(0, report.Unknown);
        Assert.Equal(23, report.Checked);
        Assert.Equal(1, report.Read);
        Assert.Equal(10, report.NotSimulated);
    }

    [Fact, Trait("stage", "long")]
    public void Simulated_coverage_of_the_interval_agrees_with_every_row()
    {
        ReferenceReport report = new ReferenceCheck().AddCrossover().Run(File, all: true);
        Assert.Empty(report.Outside);
        Assert.Equal(33, report.Checked);
    }
}
