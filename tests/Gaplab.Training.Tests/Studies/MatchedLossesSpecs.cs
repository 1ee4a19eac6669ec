// Validation loss at equal training loss, on curves whose answer is known.
using Gaplab.Results.Report;
using Gaplab.Studies.Measuring;

namespace Gaplab.Training.Tests.Studies;

public sealed class MatchedLossesSpecs
{
    [Fact]
    public void Curves_that_are_functions_of_the_training_loss_are_read_at_the_lowest_common_level_and_averaged_above_it()
    {
        // Validation is train + 0.2 for SGD and 1.1·train + 0.3 for Adam, at different paces; SGD reaches 1, Adam 0.5.
        (double, double)[] sgd = [.. ((double[])[3, 2.2, 1.7, 1]).Select(t => (t, t + 0.2))],
            adam = [.. ((double[])[3, 1.4, 0.9, 0.5]).Select(t => (t, 1.1 * t + 0.3))];
        MatchedLossRow row = MatchedLosses.Of(16, 2, sgd, adam)!;
        Assert.Equal(1, row.TrainLoss, 1e-12);
        Assert.Equal(1.2, row.Sgd, 1e-12);
        Assert.Equal(1.4, row.Adam, 1e-12);
        Assert.Equal(-0.2, row.Difference, 1e-12);
        // Levels 1, 1.2 … 2.8: the mean of −0.1·level − 0.1.
        Assert.Equal(-0.1 * 1.9 - 0.1, row.MeanDifference, 1e-12);
    }

    [Fact]
    public void The_first_time_counts_and_trajectories_that_share_no_level_have_no_row()
    {
        (double, double)[] back = [(3, 3), (1, 2), (2, 9), (1, 8)],
            straight = [(3, 3), (1, 1)];
        Assert.Equal(1, MatchedLosses.Of(1, 1, back, straight)!.Difference, 1e-12);
        Assert.Null(MatchedLosses.Of(1, 1, [(3, 3), (2.5, 2)], [(2, 2), (1, 1)]));
        Assert.Null(MatchedLosses.Of(1, 1, [], straight));
    }
}
