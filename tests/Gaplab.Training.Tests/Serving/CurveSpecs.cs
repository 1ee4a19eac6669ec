// Curves on their way to the browser: only what is new is read, what is torn waits, and what is left out would not have been seen.
using Gaplab.Numerics.Streams;
using Gaplab.Serving;

namespace Gaplab.Training.Tests.Serving;

public sealed class CurveSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Line(long step, double value) =>
        $$"""{"step":{{step}},"samples":{{8 * step}},"name":"loss","value":{{value}}}""" + "\n";

    [Fact]
    public void Only_what_was_added_is_read_and_a_torn_line_waits_for_its_end()
    {
        string path = _folder.Write("metrics.jsonl", Line(0, 5) + Line(1, 4));
        var file = new CurveFile();
        long first = file.Follow(path);
        Assert.Equal(new FileInfo(path).Length, first);
        string third = Line(2, 3);
        File.AppendAllText(path, third[..10]);
        Assert.Equal(0, file.Follow(path));
        Assert.Equal(2, file.Of("loss").Count);
        File.AppendAllText(path, third[10..]);
        Assert.Equal(third.Length, file.Follow(path));
        Assert.Equal(0, file.Follow(path));
        Assert.Equal([new CurveValue(0, 0, 5), new CurveValue(1, 8, 4), new CurveValue(2, 16, 3)], file.Of("loss"));
    }

    [Fact]
    public void A_run_that_went_back_to_a_checkpoint_is_read_anew()
    {
        string path = _folder.Write("metrics.jsonl", Line(0, 5) + Line(1, 4) + Line(2, 9));
        var file = new CurveFile();
        file.Follow(path);
        File.WriteAllText(path, Line(0, 5) + Line(1, 4));
        file.Follow(path);
        Assert.Equal([5, 4], file.Of("loss").Select(p => p.Value));
    }

    [Fact]
    public void A_thinned_curve_keeps_its_ends_its_order_and_the_extremes_of_every_stretch()
    {
        RandomStream random = RandomStream.For(1, "thinning", 0);
        CurveValue[] curve = [.. Enumerable.Range(0, 10_000).Select(i => new CurveValue(i, i, random.NextDouble()))];
        curve[4321] = curve[4321] with { Value = 50 };
        curve[7654] = curve[7654] with { Value = -50 };
        curve[9000] = curve[9000] with { Value = double.NaN };
        IReadOnlyList<CurveValue> thin = Thinning.Of(curve, 200);
        Assert.InRange(thin.Count, 150, 200);
        Assert.Equal(curve[0], thin[0]);
        Assert.Equal(curve[^1], thin[^1]);
        Assert.Equal(thin.OrderBy(p => p.Step), thin);
        Assert.Contains(curve[4321], thin);
        Assert.Contains(curve[7654], thin);
        Assert.Contains(curve[9000], thin);
        Assert.All(thin, p => Assert.Contains(p, curve));
        // By hand: of every stretch between two kept least values, nothing lower was left out by more than a stretch's own least.
        int stretches = 99;
        for (int s = 0; s < stretches; s++)
        {
            var stretch = curve
                .Skip(1 + (9998 * s / stretches))
                .Take((9998 * (s + 1) / stretches) - (9998 * s / stretches))
                .Where(p => !double.IsNaN(p.Value))
                .ToArray();
            Assert.Contains(stretch.MinBy(p => p.Value), thin);
        }
    }

    [Fact]
    public void A_short_curve_is_left_alone_and_a_choice_of_runs_is_even()
    {
        CurveValue[] curve = [.. Enumerable.Range(0, 50).Select(i => new CurveValue(i, i, i))];
        Assert.Same(curve, Thinning.Of(curve, 50));
        Assert.Equal([0, 33, 66, 99], Thinning.Evenly([.. Enumerable.Range(0, 100)], 4));
    }
}
