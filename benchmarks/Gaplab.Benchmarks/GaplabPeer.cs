// Our side of a training benchmark: one pack on one batch, trained by Adam.
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Torch;

namespace Gaplab.Benchmarks;

/// <summary>Replicas that start alike; the model is the caller's.</summary>
internal sealed class GaplabPeer : IDisposable
{
    private readonly TensorScope _scope = new();
    private readonly IModel _model;
    private readonly Tensor _theta,
        _rows;
    private readonly Chain _chain = new(new ScaleByAdam(0.9, 0.999), new Descend(1e-3));
    private readonly ChainState _state;
    private readonly RunningStatistics? _statistics;
    private readonly bool[] _active;
    private long _step;

    /// <param name="model">What is trained.</param>
    /// <param name="rows">int64 [R, B, row], row-major.</param>
    /// <param name="batch">B.</param>
    /// <param name="replicas">R.</param>
    public GaplabPeer(IModel model, long[] rows, int batch, int replicas = 1)
    {
        _model = model;
        double[] row = new double[Parameters];
        model.Layout.Initialise(1, row);
        _theta = Tensor
            .From<double>([.. Enumerable.Repeat(row, replicas).SelectMany(r => r)], replicas, Parameters)
            .ToType(ScalarType.Float32);
        _theta.RequiresGrad = true;
        _rows = Tensor.From<long>(rows, replicas, batch, rows.Length / (replicas * batch));
        _state = _chain.Init(replicas, model.Layout, ScalarType.Float32);
        _statistics = (model as IRunningStatistics)?.StartStatistics(replicas, ScalarType.Float32);
        _active = [.. Enumerable.Repeat(true, replicas)];
    }

    public long Parameters => _model.Layout.Count;

    /// <summary>Processor seconds for some steps of forward, backward and Adam.</summary>
    public double Run(int steps)
    {
        double start = ProcessorClock.Seconds;
        for (int s = 0; s < steps; s++)
        {
            using var scope = new TensorScope();
            Tensor loss =
                _statistics is not null && _model is IRunningStatistics normalised
                    ? normalised.TrainingLoss(_theta, _rows, _statistics)
                    : _model.TrainingLoss(_theta, _rows);
            Tensor gradient = Autograd.Gradient(loss.Sum(), _theta);
            _ = loss.ToDoubles();
            _chain.Step(_theta, gradient, _state, _step++, _model.Layout, _active);
        }
        return ProcessorClock.Seconds - start;
    }

    public void Dispose()
    {
        _statistics?.Dispose();
        _state.Dispose();
        _scope.Dispose();
    }
}
