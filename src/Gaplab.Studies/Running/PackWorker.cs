// The worker: a child process that trains one pack after another, one core each, and dies with its study.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;
using Gaplab.Torch;

namespace Gaplab.Studies.Running;

/// <summary>Serves orders from standard input until it ends.</summary>
public sealed class PackWorker : IDisposable
{
    private readonly TextReader _input;
    private readonly TextWriter _output;
    private readonly Lock _writing = new();
    private readonly Catalogues _catalogues;
    private readonly TimeProvider _clock;
    private (string Key, ITask Task)? _task;

    /// <param name="input">Orders, one a line.</param>
    /// <param name="output">Reports, one a line.</param>
    /// <param name="catalogues">What orders may name: those of the program whose study sends them.</param>
    /// <param name="clock">The time; null is the system's.</param>
    public PackWorker(TextReader input, TextWriter output, Catalogues catalogues, TimeProvider? clock = null) =>
        (_input, _output, _catalogues, _clock) = (input, output, catalogues, clock ?? TimeProvider.System);

    /// <summary>Runs until the input ends or a stop has been obeyed.</summary>
    public int Serve()
    {
        // They reach the whole group; the study decides.
        PosixSignalRegistration[] ignored =
        [
            .. StopSignals.All.Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = true)),
        ];
        TorchRuntime.Threads = 1;
        using var stop = new CancellationTokenSource();
        var orders = new System.Collections.Concurrent.BlockingCollection<string>();
        new Thread(() => Listen(orders, stop)) { IsBackground = true, Name = "orders" }.Start();
        foreach (string line in orders.GetConsumingEnumerable())
        {
            Obey(WorkerProtocol.ReadOrder(line), stop.Token);
            if (stop.IsCancellationRequested)
                break;
        }
        foreach (PosixSignalRegistration one in ignored)
            one.Dispose();
        return 0;
    }

    /// <summary>Trains a pack, or says why not. Nothing escapes but the end of the process.</summary>
    internal void Obey(WorkerOrder order, CancellationToken stop)
    {
        try
        {
            Report(new WorkerReport { Done = Train(order, stop).Word() });
        }
        catch (Exception e) when (e is TorchOutOfMemoryException or OutOfMemoryException)
        {
            Report(new WorkerReport { Failed = PackEndKind.OutOfMemory.Word(), Cause = OneLine(e.Message) });
        }
        catch (Exception e) when (e is InputException or VanishedRunException)
        {
            Exception cause = RunStore.CauseOf(order.Store, e);
            PackEndKind kind = cause is InputException ? PackEndKind.Input : PackEndKind.Failed;
            Report(new WorkerReport { Failed = kind.Word(), Cause = OneLine(cause.Message) });
        }
        catch (Exception e)
        {
            Report(new WorkerReport { Failed = PackEndKind.Failed.Word(), Cause = OneLine($"{e.GetType().Name}: {e.Message}") });
            Console.Error.WriteLine(e);
        }
    }

    private PackEndKind Train(WorkerOrder order, CancellationToken stop)
    {
        Device device = Device.TryParse(order.Device) ?? throw new InputException($"an order is for the device '{order.Device}'");
        if (!device.IsCpu)
            TorchRuntime.MakeDeterministic();
        using DeviceScope scope = device.Use();
        if (!RunStore.IsThere(order.Store))
            throw RunStore.Gone(order.Store);
        RunStore store = RunStore.Open(order.Store);
        // The claim is the worker's and not the study's: it ends when the process that writes ends.
        string[] ids = [.. order.Pack.Runs.Select(r => r.Id)];
        using PackClaim? claim = store.TryClaimRuns(ids);
        if (claim is null)
            return PackEndKind.Busy;
        try
        {
            return Train(store, claim, order, ids, stop);
        }
        catch (Exception lost) when (HasLost(claim, lost, order.Store))
        {
            // Stopped for longer than a lease: another goes on with the pack, and nothing of this attempt is kept.
            Notice($"pack {order.Pack.Id}: another worker has taken it over; this one drops it");
            return PackEndKind.Busy;
        }
    }

    /// <summary>Whether what befell an attempt comes of another's having taken its runs over, who then removes what was made of them here;
    /// and not of the whole store's being gone.</summary>
    internal static bool HasLost(PackClaim claim, Exception error, string store) =>
        error is LostClaimException
        || (error is VanishedRunException or InputException && !claim.IsHeld && ReferenceEquals(RunStore.CauseOf(store, error), error));

    private PackEndKind Train(RunStore store, PackClaim claim, WorkerOrder order, IReadOnlyList<string> ids, CancellationToken stop)
    {
        if (store.RecoverPack(ids, Notice, claim))
            return ProbeFiles.AnyMissing(store, order.Pack, _catalogues.Probes) ? Replay(store, order.Pack, stop) : PackEndKind.Found;
        // Runs that another study of this store has finished are not repeated.
        PackSpec pack = order.Pack with
        {
            Runs = [.. order.Pack.Runs.Where(r => !store.Run(r.Id).IsFinished)],
        };
        IReadOnlyList<RunFolder> folders = store.TakeUp(claim, [.. pack.Runs.Select(r => r.Id)]);
        if (folders.Select(RunEnvironment.Refusal).FirstOrDefault(r => r is not null) is { } refusal)
            throw new InputException(refusal);
        RunSpec spec = pack.Runs[0].Spec;
        ITask task = TaskFor(spec.Task);
        IModel model = _catalogues.Models.Build(spec.Model, task.Vocabulary, task.Spec);
        using (model as IDisposable)
        {
            using var sink = new StorePackSink(
                store,
                claim,
                folders,
                pack,
                order.Keep,
                _clock,
                (step, steps) => Report(new WorkerReport { Progress = [step, steps] }),
                Notice
            );
            var options = new TrainerOptions
            {
                CheckpointSeconds = order.CheckpointSeconds,
                KeepFinal = order.Keep != "none",
                Clock = _clock,
                Probes = ProbesOf(pack, task),
                Optimizers = _catalogues.Optimizers,
            };
            if (!new Trainer(pack, task, model, sink, options).Run(stop))
                return PackEndKind.Stopped;
        }
        return ProbeFiles.AnyMissing(store, order.Pack, _catalogues.Probes) ? Replay(store, order.Pack, stop) : PackEndKind.Trained;
    }

    /// <summary>Trains a finished pack again, whole, as its membership shapes its numbers, and keeps nothing but the probes that were
    /// missing.</summary>
    private PackEndKind Replay(RunStore store, PackSpec pack, CancellationToken stop)
    {
        ITask task = TaskFor(pack.Runs[0].Spec.Task);
        IModel model = _catalogues.Models.Build(pack.Runs[0].Spec.Model, task.Vocabulary, task.Spec);
        using (model as IDisposable)
        {
            var sink = new ProbeReplaySink(
                store,
                pack,
                _catalogues.Probes,
                (step, steps) => Report(new WorkerReport { Progress = [step, steps] })
            );
            var options = new TrainerOptions
            {
                CheckpointSeconds = 0,
                Clock = _clock,
                Probes = ProbesOf(pack, task),
                Optimizers = _catalogues.Optimizers,
            };
            return new Trainer(pack, task, model, sink, options).Run(stop) ? PackEndKind.Trained : PackEndKind.Stopped;
        }
    }

    private IReadOnlyList<IProbe> ProbesOf(PackSpec pack, ITask task) =>
        pack.Probes is { } probes ? _catalogues.Probes.Build(probes, task) : [];

    // Packs of one study share their data: it is read once a worker.
    private ITask TaskFor(TaskSpec spec)
    {
        string key = System.Text.Json.JsonSerializer.Serialize(spec, SpecJson.Options);
        if (_task is { } known && known.Key == key)
            return known.Task;
        _task?.Task.Dispose();
        _task = null;
        ITask task = _catalogues.Tasks.Load(spec);
        _task = (key, task);
        return task;
    }

    private void Listen(System.Collections.Concurrent.BlockingCollection<string> orders, CancellationTokenSource stop)
    {
        while (_input.ReadLine() is { } line)
        {
            if (line == WorkerProtocol.Stop)
            {
                stop.Cancel();
                orders.CompleteAdding();
                return;
            }
            orders.Add(line);
        }
        // The study is gone, perhaps killed: what is unfinished will be resumed by the next one, so leave at once.
        Process.GetCurrentProcess().Kill();
    }

    private void Report(WorkerReport report)
    {
        lock (_writing)
        {
            _output.WriteLine(WorkerProtocol.Line(report));
            _output.Flush();
        }
    }

    private void Notice(string text) => Report(new WorkerReport { Notice = OneLine(text) });

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    public void Dispose() => _task?.Task.Dispose();
}
