// A model with batch normalisation: what it remembers of its batches beside its parameters.
using Gaplab.Torch;

namespace Gaplab.Learning.Models;

/// <summary>
/// In training a batch is normalised by its own statistics, and running averages move towards them; evaluations of the trainer normalise by
/// the averages (Ioffe and Szegedy 2015).
/// </summary>
/// <remarks>
/// <see cref="IModel.Loss"/> and <see cref="IModel.TrainingLoss"/> normalise by the batch's own statistics and change nothing: they are
/// pure functions of theta and the batch, the ones whose gradients and Hessian products training and probes see.
/// </remarks>
public interface IRunningStatistics : ILogitModel
{
    /// <summary>Means 0 and variances 1, for R replicas.</summary>
    RunningStatistics StartStatistics(int replicas, ScalarType type);

    /// <summary>Names and sizes of <see cref="RunningStatistics.Buffers"/>.</summary>
    IReadOnlyList<(string Name, long Count)> StatisticNames
    {
        get
        {
            using RunningStatistics started = StartStatistics(1, ScalarType.Float32);
            return [.. started.Buffers.Select(b => (b.Name, b.Buffer.Size(1)))];
        }
    }

    /// <summary>As <see cref="IModel.TrainingLoss"/>; the averages move a tenth of the way to this batch's statistics.</summary>
    Tensor TrainingLoss(Tensor theta, Tensor tokens, RunningStatistics statistics);

    /// <summary>Logits and targets, normalised by the averages.</summary>
    (Tensor Logits, Tensor Targets) Predict(Tensor theta, Tensor tokens, RunningStatistics statistics);
}

/// <summary>Running means and variances of a pack, each [R, C]; part of its checkpoints.</summary>
public sealed class RunningStatistics : IDisposable
{
    private const string Variance = ".variance";
    private readonly List<(string Name, Tensor Buffer)> _buffers = [];

    public RunningStatistics(IReadOnlyList<(string Name, long Channels)> norms, int replicas, ScalarType type)
    {
        foreach ((string name, long channels) in NamesOf(norms))
            _buffers.Add(
                (
                    name,
                    TensorScope.Release(Tensor.Full([replicas, channels], name.EndsWith(Variance, StringComparison.Ordinal) ? 1 : 0, type))
                )
            );
    }

    /// <summary>Names and sizes of the buffers of some norms.</summary>
    internal static IReadOnlyList<(string Name, long Count)> NamesOf(IReadOnlyList<(string Name, long Channels)> norms) =>
        [.. norms.SelectMany(n => ((string, long)[])[(n.Name + ".mean", n.Channels), (n.Name + Variance, n.Channels)])];

    /// <summary>By name, in the order of the layers: mean, variance, mean, …</summary>
    public IReadOnlyList<(string Name, Tensor Buffer)> Buffers => _buffers;

    public void Dispose()
    {
        foreach ((_, Tensor buffer) in _buffers)
            buffer.Dispose();
    }
}
