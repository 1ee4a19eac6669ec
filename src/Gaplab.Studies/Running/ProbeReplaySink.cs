// A finished pack trained once more for its missing probes: only they are written.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Running;

/// <summary>Takes no metric, checkpoint or result. Progress is in probes, which take most of the time.</summary>
internal sealed class ProbeReplaySink(RunStore store, PackSpec pack, ProbeCatalogue probes, Action<long, long> progress) : IPackSink
{
    private readonly RunFolder[] _runs = [.. pack.Runs.Select(r => store.Run(r.Id))];
    private readonly long _wanted = ProbeFiles.Missing(store, pack, probes);
    private long _done;

    public void Write(int replica, IReadOnlyList<Measurement> measurements) { }

    public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas) { }

    public IReadOnlyList<ReplicaCheckpoint>? Resume() => null;

    public void Finish(IReadOnlyList<RunOutcomeRecord> results) { }

    public bool HasProbe(int replica, string probe, long step, string key) =>
        pack.ProbedRuns?.Contains(_runs[replica].Id) == false || ProbeFiles.Has(_runs[replica], probe, step, key);

    public void WriteProbe(int replica, string probe, long step, ProbeResult result)
    {
        ProbeFiles.Write(_runs[replica], probe, step, result);
        progress(++_done, _wanted);
    }

    public void Progress(long step, long steps) => progress(_done, _wanted);
}
