// The training loop of a pack: R runs, one program, one page.
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Training;

/// <summary>Trains the runs of a pack together on the replica axis.</summary>
/// <remarks>A run is a pure function of its spec: the loop asks the clock only when to checkpoint and report.</remarks>
public sealed class Trainer
{
    /// <summary>Samples behind the loss at the start, and behind the average that is held against it.</summary>
    private const int JudgedSamples = 64;

    private readonly PackSpec _pack;

    /// <summary>A metric of tasks that know their entropy rate: the validation loss above it.</summary>
    public const string ExcessLoss = "excess-loss";

    private readonly RunSpec _spec;
    private readonly ITask _task;
    private readonly IModel _model;
    private readonly IPackSink _sink;
    private readonly TrainerOptions _options;
    private readonly Chain _chain;
    private readonly BatchGradient _gradient;
    private readonly Evaluator _evaluator;
    private readonly long _steps;
    private readonly int _replicas;
    private readonly ScalarType _type;
    private readonly Schedule _schedule;
    private Observers? _observers;

    public Trainer(PackSpec pack, ITask task, IModel model, IPackSink sink, TrainerOptions? options = null)
    {
        (_pack, _task, _model, _sink, _options) = (pack, task, model, sink, options ?? new TrainerOptions());
        _spec = pack.Runs[0].Spec;
        _replicas = pack.Runs.Count;
        var precision = ComputedPrecision.Of(_spec.Precision);
        _type = precision.Kept;
        _steps = _spec.Budget.Steps(_spec.Batch, _spec.Task.Context);
        _schedule = new Schedule(_spec.Schedule.Rate(), _steps);
        _chain = OptimizerChains.Build([.. pack.Runs.Select(r => r.Spec.Optimizer)], _schedule, _options.Optimizers);
        _gradient = new BatchGradient(pack, task, model);
        _evaluator = new Evaluator(model, task, _spec.Evaluation.MicroBatch, precision);
    }

    /// <summary>Trains to the end and hands the results to the sink; false when <paramref name="stop"/> came first, after a
    /// checkpoint.</summary>
    public bool Run(CancellationToken stop)
    {
        using var pack = new TensorScope();
        Tensor theta = Tensor.Empty([_replicas, _model.Layout.Count], _type);
        using RunningStatistics? statistics = _gradient.Statistics = (_model as IRunningStatistics)?.StartStatistics(_replicas, _type);
        using ChainState state = _chain.Init(_replicas, _model.Layout, _type);
        using Observers? observers = _observers = _pack.Probes is { } probes
            ? Observed(probes, probe => probes.StepsOf(probe.Times, _steps))
            : null;
        ReplicaProgress[] progress = [.. Enumerable.Range(0, _replicas).Select(_ => new ReplicaProgress())];
        long step = Restore(theta, state, progress) ?? Initialise(theta, progress);
        _evaluator.Statistics = statistics;
        theta.RequiresGrad = true;

        long checkpointed = _options.Clock.GetTimestamp(),
            reported = checkpointed;
        bool[] active = new bool[_replicas];
        for (; step < _steps && progress.Any(p => p.Active); step++)
        {
            if (stop.IsCancellationRequested)
            {
                Checkpoint(step, theta, state, progress);
                return false;
            }
            (double[] losses, Tensor gradient) = _gradient.At(theta, step);
            using (gradient)
            {
                Judge(losses, step, progress, active);
                using Tensor? before = observers?.Before(theta, gradient, step, active);
                _chain.Step(theta, gradient, state, step, _model.Layout, active);
                if (before is not null)
                    observers!.After(before, theta, gradient, state, step);
            }
            Log(step, losses, state, progress);
            if (RunPoints.IsEvaluated(step + 1, _steps, _spec.Evaluation.Points))
                Validate(theta, step + 1, progress);

            if (_options.CheckpointSeconds > 0 && step + 1 < _steps && Elapsed(checkpointed) >= _options.CheckpointSeconds)
            {
                Checkpoint(step + 1, theta, state, progress);
                checkpointed = _options.Clock.GetTimestamp();
            }
            if (Elapsed(reported) >= _options.ProgressSeconds)
            {
                _sink.Progress(step + 1, _steps);
                reported = _options.Clock.GetTimestamp();
            }
        }
        if (_options.KeepFinal)
            Checkpoint(step, theta, state, progress);
        observers?.Finish(step);
        _sink.Finish(Results(theta, state, progress));
        return true;
    }

    private Observers Observed(ProbesSpec probes, Func<IProbe, IEnumerable<long>> at) =>
        new(probes, _options, _pack, _model, _sink, _chain, _schedule, at, _steps, _type);

    /// <summary>Takes up the sink's checkpoint, measures the pack's probes on the step that would follow, and keeps nothing else: no step
    /// is trained.</summary>
    /// <remarks>The optimizer that moves has its saved memory. Shadows have theirs where the checkpoint holds them, else they must be such
    /// as remember nothing.</remarks>
    /// <param name="probes">What is measured.</param>
    /// <exception cref="ArgumentException">The sink has no checkpoint.</exception>
    public void MeasureCheckpoint(ProbesSpec probes)
    {
        ArgumentNullException.ThrowIfNull(probes);
        using var pack = new TensorScope();
        Tensor theta = Tensor.Empty([_replicas, _model.Layout.Count], _type);
        using ChainState state = _chain.Init(_replicas, _model.Layout, _type);
        IReadOnlyList<ReplicaCheckpoint> saved =
            _sink.Resume() ?? throw new ArgumentException("the sink has no checkpoint to measure at", nameof(probes));
        using Observers observers = Observed(probes, _ => [saved[0].Step]);
        _observers = observers;
        ReplicaProgress[] progress = [.. Enumerable.Range(0, _replicas).Select(_ => new ReplicaProgress())];
        long step = Restore(theta, state, progress, saved);
        theta.RequiresGrad = true;
        (_, Tensor gradient) = _gradient.At(theta, step);
        using (gradient)
        {
            bool[] active = [.. progress.Select(p => p.Active)];
            using Tensor? before = observers.Before(theta, gradient, step, active);
            _chain.Step(theta, gradient, state, step, _model.Layout, active);
            if (before is not null)
                observers.After(before, theta, gradient, state, step);
        }
    }

    /// <summary>Marks the replicas whose loss says they have diverged; they are masked, alone.</summary>
    /// <remarks>One small batch says little: losses are averaged over about <see cref="JudgedSamples"/> samples, beginning with the loss at
    /// the start.</remarks>
    private void Judge(double[] losses, long step, ReplicaProgress[] progress, bool[] active)
    {
        double share = Math.Min(1, (double)_spec.Batch / JudgedSamples);
        for (int r = 0; r < _replicas; r++)
        {
            ReplicaProgress p = progress[r];
            if (p.Active)
            {
                p.LossAverage += share * (losses[r] - p.LossAverage);
                string? cause = DivergenceCause(p.LossAverage, p.InitialLoss, "average training loss");
                if (cause is not null)
                    (p.DivergedAt, p.Cause) = (step, cause);
            }
            active[r] = p.Active;
        }
    }

    private string? DivergenceCause(double loss, double initial, string what) =>
        !double.IsFinite(loss) ? $"{what} is {(double.IsNaN(loss) ? "NaN" : "infinite")}"
        : loss > _spec.DivergenceFactor * initial
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{what} {loss:g6} is above {_spec.DivergenceFactor} times the {initial:g6} of the start"
            )
        : null;

    private void Log(long step, double[] losses, ChainState state, ReplicaProgress[] progress)
    {
        bool tail = step >= _steps - RunPoints.TailSteps(_steps),
            logged = RunPoints.IsLogged(step + 1, _steps);
        for (int r = 0; r < _replicas; r++)
        {
            ReplicaProgress p = progress[r];
            if (!p.Active && p.DivergedAt != step)
                continue;
            if (p.Active && tail)
            {
                p.TailSum += losses[r];
                p.TailCount++;
                p.TailMin = Math.Min(p.TailMin, losses[r]);
            }
            // A loss is measured before its step: it belongs to the samples seen so far.
            if (logged || !p.Active)
                Write(
                    r,
                    step,
                    [
                        ("train-loss", losses[r]),
                        .. state.Metrics(r, step, ofStep: true).Select(m => (m.Name, p.Active ? m.Value : double.NaN)),
                    ]
                );
        }
    }

    private void Validate(Tensor theta, long taken, ReplicaProgress[] progress)
    {
        double[] losses = _evaluator.Validation(theta, _spec.Evaluation.Validation);
        for (int r = 0; r < _replicas; r++)
        {
            if (!progress[r].Active)
                continue;
            progress[r].LastValidation = losses[r];
            Write(r, taken, ("validation-loss", losses[r]));
        }
    }

    private List<RunOutcomeRecord> Results(Tensor theta, ChainState state, ReplicaProgress[] progress)
    {
        double[]? train = _spec.Evaluation.Train < 0 ? null : _evaluator.Train(theta, _spec.Evaluation.Train);
        double[]? bleu =
            _spec.Evaluation.Bleu >= 0 && _model is IEncoderDecoder translator && _task is TranslationTask pairs
                ? TranslationScore.OfValidation(
                    translator,
                    pairs,
                    theta,
                    _spec.Evaluation.Bleu,
                    _spec.Evaluation.Beam,
                    _spec.Evaluation.MicroBatch
                )
                : null;
        (double[] All, double[][] Groups)? accuracy =
            _model is ILogitModel classifier && _task is IClassificationTask { Vocabulary: > 1 } classes
                ? _evaluator.Accuracy(classifier, classes, theta, _spec.Evaluation.Validation)
                : null;
        var results = new List<RunOutcomeRecord>();
        for (int r = 0; r < _replicas; r++)
        {
            ReplicaProgress p = progress[r];
            // A last step can throw the weights away after a harmless training loss: the final evaluation has the last word.
            if (p.Active && DivergenceCause(p.LastValidation, p.InitialLoss, "validation loss") is { } cause)
                (p.DivergedAt, p.Cause) = (_steps, cause);
            long taken = p.Active ? _steps : p.DivergedAt;
            var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["initial-loss"] = p.InitialLoss,
                ["clip-fraction"] = 0, // of a chain that clips nothing
            };
            foreach ((string name, double value) in state.Metrics(r, taken, ofStep: false))
                metrics[name] = value;
            if (p.Active)
            {
                metrics["validation-loss"] = p.LastValidation;
                if (train is not null)
                    metrics["train-loss"] = train[r];
                if (bleu is not null)
                    metrics["validation-bleu"] = bleu[r];
                if (accuracy is { } a)
                {
                    metrics["validation-accuracy"] = a.All[r];
                    for (int g = 0; g < a.Groups.Length; g++)
                        if (double.IsFinite(a.Groups[g][r]))
                            metrics["validation-accuracy-" + ((IClassificationTask)_task).GroupNames[g]] = a.Groups[g][r];
                }
                metrics["last-mean"] = p.TailSum / p.TailCount;
                metrics["last-min"] = p.TailMin;
                if (_task.EntropyRate is { } entropy)
                    metrics[ExcessLoss] = p.LastValidation - entropy;
            }
            results.Add(new RunOutcomeRecord(p.Active ? RunOutcome.Completed : RunOutcome.Diverged, taken, p.Cause, metrics));
        }
        return results;
    }

    private void Write(int replica, long taken, params ReadOnlySpan<(string Name, double Value)> values)
    {
        var rows = new List<Measurement>(values.Length);
        foreach ((string name, double value) in values)
            rows.Add(new Measurement(taken, taken * _spec.Batch, name, value));
        _sink.Write(replica, rows);
    }

    /// <summary>The seeds' initial points, or the weights that all of them are given, and the losses there: with a batch's own statistics,
    /// where a model has running ones.</summary>
    private long Initialise(Tensor theta, ReplicaProgress[] progress)
    {
        var rows = new Dictionary<long, double[]>();
        GivenWeights? given = _spec.Model.Weights is null ? null : GivenWeights.Planned(_spec.Model, _model);
        for (int r = 0; r < _replicas; r++)
        {
            long seed = _pack.Runs[r].Spec.Seed;
            if (!rows.TryGetValue(seed, out double[]? row))
                row = rows[seed] = given?.Theta ?? GivenWeights.Start(_spec.Model, _model, seed);
            Convert(row, theta, r);
            foreach ((string name, Tensor buffer) in Statistics)
                if (given?.Statistics.TryGetValue(name, out double[]? average) ?? false)
                    Convert(average, buffer, r);
        }
        double[] losses = _evaluator.Train(theta, JudgedSamples);
        for (int r = 0; r < _replicas; r++)
            progress[r].InitialLoss = progress[r].LossAverage = losses[r];
        return 0;
    }

    private static void Convert(double[] row, Tensor theta, int replica)
    {
        using var scope = new TensorScope();
        theta.Select(0, replica).CopyFrom(Tensor.From<double>(row, row.Length));
    }

    private void Checkpoint(long step, Tensor theta, ChainState state, ReplicaProgress[] progress)
    {
        using var scope = new TensorScope();
        var replicas = new List<ReplicaCheckpoint>();
        for (int r = 0; r < _replicas; r++)
        {
            var rows = new Dictionary<string, Tensor> { ["theta"] = theta.Detach().Select(0, r) };
            foreach ((string name, Tensor buffer) in state.Buffers)
                rows[name] = buffer.Select(0, r);
            foreach ((string name, Tensor buffer) in Statistics)
                rows["statistics." + name] = buffer.Select(0, r);
            Dictionary<string, string> facts = progress[r].ToFacts();
            foreach (string name in state.CounterNames)
                facts["counter." + name] = ReplicaProgress.Text(state.Counter(name, r));
            _observers?.Save(r, rows, facts);
            replicas.Add(new ReplicaCheckpoint(step, rows, facts));
        }
        _sink.Checkpoint(replicas);
    }

    private long? Restore(Tensor theta, ChainState state, ReplicaProgress[] progress)
    {
        using var scope = new TensorScope();
        return _sink.Resume() is { } saved ? Restore(theta, state, progress, saved) : null;
    }

    private long Restore(Tensor theta, ChainState state, ReplicaProgress[] progress, IReadOnlyList<ReplicaCheckpoint> saved)
    {
        for (int r = 0; r < _replicas; r++)
        {
            theta.Select(0, r).CopyFrom(saved[r].Rows["theta"]);
            foreach ((string name, Tensor buffer) in state.Buffers)
                buffer.Select(0, r).CopyFrom(saved[r].Rows[name]);
            foreach ((string name, Tensor buffer) in Statistics)
                buffer.Select(0, r).CopyFrom(saved[r].Rows["statistics." + name]);
            foreach (string name in state.CounterNames)
                state.SetCounter(name, r, ReplicaProgress.Number(saved[r].Facts["counter." + name]));
            progress[r] = ReplicaProgress.From(saved[r].Facts);
            _observers?.Restore(r, saved[r]);
        }
        return saved[0].Step;
    }

    private IReadOnlyList<(string Name, Tensor Buffer)> Statistics => _gradient.Statistics?.Buffers ?? [];

    private double Elapsed(long since) => _options.Clock.GetElapsedTime(since).TotalSeconds;
}
