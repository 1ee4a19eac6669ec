// One pack trained by Adam on one batch, step after step: what is timed where a step's cost is asked for.
using System.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Torch;

namespace Gaplab.Learning.Training;

/// <summary>Replicas that start alike, in float32; the model is the caller's.</summary>
internal sealed class StepLoop : IDisposable
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
    public StepLoop(IModel model, long[] rows, int batch, int replicas = 1)
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

    /// <summary>Forward, backward and Adam.</summary>
    /// <returns>Seconds of each by the clock; reading the loss counts with the update.</returns>
    public (double Forward, double Backward, double Optimizer) Step()
    {
        using var scope = new TensorScope();
        long began = Stopwatch.GetTimestamp();
        Tensor loss =
            _statistics is not null && _model is IRunningStatistics normalised
                ? normalised.TrainingLoss(_theta, _rows, _statistics)
                : _model.TrainingLoss(_theta, _rows);
        Tensor sum = loss.Sum();
        long lost = Stopwatch.GetTimestamp();
        Tensor gradient = Autograd.Gradient(sum, _theta);
        long back = Stopwatch.GetTimestamp();
        _ = loss.ToDoubles();
        _chain.Step(_theta, gradient, _state, _step++, _model.Layout, _active);
        return (
            Stopwatch.GetElapsedTime(began, lost).TotalSeconds,
            Stopwatch.GetElapsedTime(lost, back).TotalSeconds,
            Stopwatch.GetElapsedTime(back).TotalSeconds
        );
    }

    public void Dispose()
    {
        _statistics?.Dispose();
        _state.Dispose();
        _scope.Dispose();
    }
}
