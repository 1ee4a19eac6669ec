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
public sealed record PilotCell(PairSide Side, double Batch, double Samples, double Loss, double? StandardError = null, int Seeds = 1);
