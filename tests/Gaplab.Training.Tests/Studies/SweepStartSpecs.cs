// Which predictions count as made before a sweep.
using Gaplab.Results.Prediction;
using Gaplab.Results.Store;
using Gaplab.Studies.Backtesting;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Studies;

public sealed class SweepStartSpecs(SmallStudy small)
{
    private static readonly DateTimeOffset s_noon = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    private static PilotPrediction Made(DateTimeOffset at, int sweepRuns) =>
        new()
        {
            Comparison = "",
            Study = "0",
            Made = at,
            Cost = "2%",
            SweepSamples = 1,
            PlannedSamples = 1,
            SpentSamples = 1,
            SweepRuns = sweepRuns,
            Seeds = [],
            Priors = "0",
            Cells = [],
            Pairs = [],
        };

    [Fact]
    public void Only_what_is_older_than_the_first_run_and_saw_none_is_registered()
    {
        var start = new SweepStart(s_noon);
        Assert.True(start.IsAfter(Made(s_noon.AddSeconds(-1), 0)));
        Assert.False(start.IsAfter(Made(s_noon, 0)));
        Assert.False(start.IsAfter(Made(s_noon.AddSeconds(1), 0)));
        // Runs that had begun and not ended say nothing of when.
        Assert.False(start.IsAfter(Made(s_noon.AddSeconds(-1), 1)));
        Assert.True(new SweepStart(null).IsAfter(Made(s_noon, 0)));
    }

    [Fact]
    public void It_is_the_beginning_of_the_first_pack_not_its_end()
    {
        RunStore store = RunStore.Open(small.ReferenceStore);
        DateTimeOffset[] ends =
        [
            .. store
                .Read()
                .Results.Values.Select(r =>
                    DateTimeOffset.Parse((string)r.Wall["finished"]!, System.Globalization.CultureInfo.InvariantCulture)
                ),
        ];
        Assert.InRange(SweepStart.Of(store).At!.Value, ends.Min().AddMinutes(-5), ends.Min().AddTicks(-1));
    }
}
