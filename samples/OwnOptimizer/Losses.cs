// Where the trainer's numbers go: into memory, without checkpoints.
using Gaplab.Learning.Training;

internal sealed class Losses : IPackSink
{
    public List<double> Training { get; } = [];
    public double Validation { get; private set; } = double.NaN;

    public void Write(int replica, IReadOnlyList<Measurement> measurements) =>
        Training.AddRange(measurements.Where(m => m.Name == "train-loss").Select(m => m.Value));

    public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas) { }

    public IReadOnlyList<ReplicaCheckpoint>? Resume() => null;

    public void Finish(IReadOnlyList<RunOutcomeRecord> results) =>
        Validation = results[0].Metrics.GetValueOrDefault("validation-loss", double.NaN);

    public void Progress(long step, long steps) { }
}
