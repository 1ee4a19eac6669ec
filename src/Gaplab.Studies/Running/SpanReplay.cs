// A stretch of a finished pack trained once more, and its numbers held against those in the store.
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Running;

/// <summary>What a replay found.</summary>
/// <param name="Pack">Its id.</param>
/// <param name="From">The checkpoint that it began from; 0 is the start of the run.</param>
/// <param name="To">The last step that was compared.</param>
/// <param name="Compared">Numbers that were compared.</param>
/// <param name="IsExact">Whether every bit was to be the same; else the tolerance of <see cref="ResultAgreement"/> held.</param>
/// <param name="Differences">By run: the first number that differs.</param>
public sealed record ReplayedSpan(
    string Pack,
    long From,
    long To,
    int Compared,
    bool IsExact,
    IReadOnlyList<(string Run, string Difference)> Differences
);

/// <summary>Replays spans of a store's packs. Nothing is written.</summary>
internal sealed class SpanReplay(RunStore store, Catalogues catalogues)
{
    /// <summary>Draws a span of one of the packs and replays it.</summary>
    /// <param name="packs">Finished ones, at least one.</param>
    /// <param name="random">Decides which, and from where to where.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="InputException">The data are not there, or a checkpoint is damaged.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public ReplayedSpan Draw(IReadOnlyList<PackSpec> packs, RandomStream random, CancellationToken stop)
    {
        PackSpec pack = packs[(int)random.NextIndex(packs.Count)];
        RunFolder[] runs = [.. pack.Runs.Select(r => store.Run(r.Id))];
        long end = runs.Max(r => store.TryRead(r.Id)!.Step);
        long[] starts =
        [
            0,
            .. runs.Skip(1)
                .Aggregate((IEnumerable<long>)runs[0].Checkpoints(), (common, run) => common.Intersect(run.Checkpoints()))
                .Where(step => step < end),
        ];
        long from = starts[random.NextIndex(starts.Length)],
            to = from + 1 + random.NextIndex(Math.Max(1, end - from));
        return Replay(pack, runs, from, to, stop);
    }

    private ReplayedSpan Replay(PackSpec pack, RunFolder[] runs, long from, long to, CancellationToken stop)
    {
        // A pack that was made in parts, or beside others, rounds differently: its replica axis had another length.
        bool exact = runs.All(r =>
            RunEnvironment.IsSameHere(r.ReadEnv())
            && store.TryRead(r.Id)!.Wall.GetValueOrDefault(RunResult.PackRuns)?.ToString()
                == pack.Runs.Count.ToString(CultureInfo.InvariantCulture)
        );
        using var reached = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var sink = new Comparing(runs, from, to, reached);
        RunSpec spec = pack.Runs[0].Spec;
        using ITask task = catalogues.Tasks.Load(spec.Task);
        IModel model = catalogues.Models.Build(spec.Model, task.Vocabulary, task.Spec);
        using (model as IDisposable)
        {
            var options = new TrainerOptions
            {
                CheckpointSeconds = 0,
                KeepFinal = false,
                Optimizers = catalogues.Optimizers,
            };
            new Trainer(pack with { Probes = null, ProbedRuns = null }, task, model, sink, options).Run(reached.Token);
        }
        stop.ThrowIfCancellationRequested();
        var differences = new List<(string, string)>();
        int compared = 0;
        for (int r = 0; r < runs.Length; r++)
        {
            List<MetricRow> made = [.. sink.Rows[r].Where(row => row.Step > from && row.Step <= to)],
                kept = [.. runs[r].ReadMetrics().Where(row => row.Step > from && row.Step <= to)];
            compared += kept.Count;
            if (Difference(kept, made, exact) is { } difference)
                differences.Add((runs[r].Id, difference));
        }
        return new ReplayedSpan(pack.Id, from, to, compared, exact, differences);
    }

    internal static string? Difference(IReadOnlyList<MetricRow> kept, IReadOnlyList<MetricRow> made, bool exact)
    {
        if (kept.Count != made.Count)
            return $"{kept.Count} numbers in the store, {made.Count} made again";
        foreach ((MetricRow a, MetricRow b) in kept.Zip(made))
        {
            bool same =
                (a.Step, a.Name) == (b.Step, b.Name) && (exact ? a.Value.Equals(b.Value) : ResultAgreement.AreClose(a.Value, b.Value));
            if (!same)
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{a.Name} at step {a.Step} is {a.Value:r} in the store and {b.Value:r} made again"
                );
        }
        return null;
    }

    private sealed class Comparing(RunFolder[] runs, long from, long to, CancellationTokenSource reached) : IPackSink
    {
        public List<MetricRow>[] Rows { get; } = [.. runs.Select(_ => new List<MetricRow>())];

        public void Write(int replica, IReadOnlyList<Measurement> measurements)
        {
            foreach (Measurement m in measurements)
            {
                Rows[replica].Add(new MetricRow(m.Step, m.Samples, m.Name, m.Value));
                // All of a step's numbers are there when one of a later step comes.
                if (m.Step > to)
                    reached.Cancel();
            }
        }

        public IReadOnlyList<ReplicaCheckpoint>? Resume() =>
            from == 0 ? null : [.. runs.Select(run => CheckpointFile.Load(run, from).Replica)];

        public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas) { }

        public void Finish(IReadOnlyList<RunOutcomeRecord> results) { }

        public void Progress(long step, long steps) { }
    }
}
