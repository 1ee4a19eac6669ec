// A cell of a pilot as its prediction keeps it: the rates that were tried and the tuned loss.
namespace Gaplab.Results.Prediction;

/// <summary>A learning rate and the loss that a run of it ended with.</summary>
/// <param name="Loss">Null where it diverged.</param>
public sealed record PilotTrial(double Rate, double? Loss);

/// <summary>One optimizer at one batch size, length of training and seed.</summary>
/// <param name="Optimizer">Its name in the study.</param>
/// <param name="Variant">Its momenta where the study tries several; else "".</param>
/// <param name="Batch">Samples a step.</param>
/// <param name="Steps">Of a run.</param>
/// <param name="Samples">n, that a run trains on.</param>
/// <param name="Seed">None of the sweep's.</param>
/// <param name="Tried">By rate, ascending.</param>
/// <param name="Rate">The best; null where every rate diverged.</param>
/// <param name="Loss">The tuned loss: the vertex of a parabola through the best and its neighbours, the best itself where there is
/// none.</param>
/// <param name="AtEdge">The best is the first or last rate that was tried.</param>
public sealed record PilotCellReading(
    string Optimizer,
    string Variant,
    int Batch,
    long Steps,
    long Samples,
    long Seed,
    IReadOnlyList<PilotTrial> Tried,
    double? Rate,
    double? Loss,
    bool AtEdge
);
