// Our side of a training benchmark: one pack on one batch, trained by Adam, by processor time.
using Gaplab.Learning.Models;
using Gaplab.Learning.Training;

namespace Gaplab.Benchmarks;

/// <summary>Replicas that start alike; the model is the caller's.</summary>
internal sealed class GaplabPeer(IModel model, long[] rows, int batch, int replicas = 1) : IDisposable
{
    private readonly StepLoop _loop = new(model, rows, batch, replicas);

    public long Parameters => _loop.Parameters;

    /// <summary>Processor seconds for some steps of forward, backward and Adam.</summary>
    public double Run(int steps)
    {
        double start = ProcessorClock.Seconds;
        for (int s = 0; s < steps; s++)
            _loop.Step();
        return ProcessorClock.Seconds - start;
    }

    public void Dispose() => _loop.Dispose();
}
