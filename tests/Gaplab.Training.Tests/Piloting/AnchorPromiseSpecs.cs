// Which cells of the whole length a pilot pays next: for all pairs that they complete, and none is left without.
using Gaplab.Studies.Piloting;

namespace Gaplab.Training.Tests.Piloting;

public sealed class AnchorPromiseSpecs
{
    [Fact]
    public void An_anchor_counts_for_every_pair_that_it_completes()
    {
        // Four Adams of one sweep cost five cells with the SGD and tell 0.4 bits each; one other pair costs two and tells 0.6.
        AnchorPromise[] adams = [.. Enumerable.Range(0, 4).Select(pair => Promise(pair, 16, 0.4, 5, "sgd", "adam"))];
        AnchorPromise other = Promise(4, 16, 0.6, 2, "sgd", "lion");
        Assert.Equal(adams[0].Anchor, AnchorPromise.Best([.. adams, other]));
        Assert.Equal(other.Anchor, AnchorPromise.Best([adams[0], other]));
    }

    [Fact]
    public void A_pair_that_lacks_less_there_is_completed_too()
    {
        // Where the SGD was run for another pair, a run of both completes the pair that lacks the Adam alone.
        AnchorPromise both = Promise(0, 8, 0.3, 2, "sgd", "adam"),
            one = Promise(1, 8, 0.1, 1, "adam"),
            elsewhere = Promise(2, 32, 0.35, 2, "sgd", "adam");
        Assert.Equal(both.Anchor, AnchorPromise.Best([elsewhere, one, both]));
        Assert.Equal(elsewhere.Anchor, AnchorPromise.Best([elsewhere, both]));
    }

    [Fact]
    public void Pairs_that_have_had_fewest_come_first_and_what_tells_nothing_is_not_run()
    {
        AnchorPromise had = Promise(0, 8, 1, 2, "sgd", "adam"),
            none = Promise(1, 8, 0.02, 2, "sgd", "lion"),
            nothing = Promise(2, 8, 0.009, 2, "sgd", "muon");
        had = had with { Anchor = had.Anchor with { Made = 1 } };
        Assert.Equal(none.Anchor, AnchorPromise.Best([had, none, nothing]));
        Assert.Equal(had.Anchor, AnchorPromise.Best([had, nothing]));
        Assert.Null(AnchorPromise.Best([nothing]));
        Assert.Null(AnchorPromise.Best([]));
    }

    private static AnchorPromise Promise(int pair, int batch, double bits, long cost, params string[] optimizers) =>
        new(new PilotAnchor(pair, batch, 101, optimizers, cost, Made: 0), bits);
}
