// What a pilot asks for, and what came of it.
using Gaplab.Results.Prediction;

namespace Gaplab.Studies.Piloting;

/// <summary>One optimizer at one batch size, length and seed, with the learning rates to begin with; every choice of its momenta is
/// run.</summary>
/// <param name="Rates">Ascending, six significant digits.</param>
internal sealed record PilotAsk(PilotLength Length, int Batch, long Seed, string Optimizer, IReadOnlyList<double> Rates);

/// <summary>One side of it, once the sentinel is done.</summary>
internal sealed record PilotFound(PilotLength Length, PilotSide Side, PilotCellReading Cell)
{
    /// <summary>What a <see cref="RateLine"/> learns from; null where every rate diverged.</summary>
    public RateLine.Found? Rate => Cell.Rate is { } rate ? new(Cell.Batch, Length.Share, rate, Cell.AtEdge) : null;
}
