// What a pilot measured: one optimizer's tuned loss at one batch size and one length of training.
namespace Gaplab.Theory.Efficiency;

/// <summary>One of the two optimizers of a pair.</summary>
public enum PairSide
{
    First,
    Second,
}

/// <summary>A tuned loss.</summary>
/// <param name="Batch">B, in samples.</param>
/// <param name="Samples">n, the length of training in samples.</param>
/// <param name="Loss">Mean over seeds of the final loss at the best learning rate.</param>
/// <param name="StandardError">Of that mean, from the scatter of the seeds; null: one seed.</param>
/// <param name="Seeds">At least 1.</param>
public sealed record PilotCell(PairSide Side, double Batch, double Samples, double Loss, double? StandardError = null, int Seeds = 1)
{
    /// <summary>ln of its shortness of memory over that of the pair's own optimizer: another β₂ of the same optimizer has the same
    /// curve but for B_m, which moves by as much.</summary>
    public double LogShortness { get; init; }

    /// <summary>How much it counts, at most 1: optimizers that were run with the same seeds err alike.</summary>
    public double Weight { get; init; } = 1;
}
