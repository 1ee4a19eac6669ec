// Looks at the row where it stands in a chain and changes nothing: the norm of the last step, under a name.
using Gaplab.Torch;

namespace Gaplab.Learning.Optim;

/// <summary>An identity link: tells ‖u‖₂ of the incoming row as the number <paramref name="Tells"/> of each logged step.</summary>
/// <param name="Tells">As logs call it: "gradient-norm".</param>
internal sealed record Tap(string Tells) : Link
{
    public override string Name => "tap";

    public override LinkNeeds Needs => LinkNeeds.RowStatistic;

    public override bool Changes => false;

    public override IReadOnlyList<string> Readings => ["norm"];

    public override IReadOnlyList<LinkMetric> Metrics => [new(Tells, "norm", MetricOf.Step)];

    public override double Statistic<T>(ReadOnlySpan<T> row, in RowContext context) => context.Counters.Span[0] = RowNorm.Of(row);

    public override void Apply<T>(in Chunk<T> chunk, in RowContext context) { }

    public override void Apply(Tensor update, DeviceRows rows)
    {
        double[] norms = DeviceRows.Norms(update);
        foreach (int r in rows.Active)
            rows.Counters(r)[0] = norms[r];
    }
}
