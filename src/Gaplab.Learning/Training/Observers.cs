// One trajectory, many optimizers: shadows fed the same gradients, and the probes that look at all their updates.
using System.Globalization;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Training;

/// <summary>Those who look at a pack: its shadows and probes. They read θ and the gradients and write neither: the run is bit for bit the
/// run without them.</summary>
/// <remarks>A shadow's state starts with the run and sees every gradient, so that its bias correction and averages are right at any
/// step.</remarks>
internal sealed class Observers : IDisposable
{
    private readonly IReadOnlyList<IProbe> _probes;
    private readonly PackSpec _pack;
    private readonly IModel _model;
    private readonly IPackSink _sink;
    private readonly Chain _moving;
    private readonly List<Shadow> _shadows = [];
    private readonly Dictionary<string, HashSet<long>> _at;
    private readonly long _steps;
    private readonly bool[] _alive;
    private readonly string _key;
    private readonly List<OpenWindow> _windows = [];
    private bool _blind;

    private sealed record Shadow(string Name, Chain Chain, ChainState State, Tensor Update);

    private sealed record OpenWindow(IWindowProbe Probe, long Point, int Replica, IProbeWindow Window);

    /// <param name="at">The steps at which a probe is due.</param>
    /// <param name="steps">Of the whole run.</param>
    public Observers(
        ProbesSpec spec,
        TrainerOptions options,
        PackSpec pack,
        IModel model,
        IPackSink sink,
        Chain moving,
        Schedule schedule,
        Func<IProbe, IEnumerable<long>> at,
        long steps,
        ScalarType type
    )
    {
        (_probes, _pack, _model, _sink, _moving, _steps) = (options.Probes, pack, model, sink, moving, steps);
        _at = _probes.ToDictionary(p => p.Name, p => at(p).ToHashSet());
        _alive = new bool[pack.Runs.Count];
        _key = ProbesKey.Of(spec);
        foreach (OptimizerSpec shadow in spec.Shadows)
        {
            Chain chain = OptimizerChains.Build([.. pack.Runs.Select(_ => shadow)], schedule, options.Optimizers);
            _shadows.Add(
                new Shadow(
                    shadow.Name,
                    chain,
                    chain.Init(pack.Runs.Count, model.Layout, type),
                    TensorScope.Release(Tensor.Zeros([pack.Runs.Count, model.Layout.Count], type))
                )
            );
        }
    }

    /// <summary>Before the update of a step: every shadow takes the gradient. Returns what <see cref="After"/> needs, or null where no
    /// probe is due.</summary>
    public Tensor? Before(Tensor theta, Tensor gradient, long step, bool[] active)
    {
        if (_blind)
            return null;
        foreach (Shadow shadow in _shadows)
            shadow.Chain.Update(theta, gradient, shadow.State, shadow.Update, step, _model.Layout, active);
        active.CopyTo(_alive, 0);
        Look(theta, step);
        if (!Enumerable.Range(0, _alive.Length).Any(r => Due(r, step).Any()))
            return null;
        return TensorScope.Release(theta.Detach().Clone());
    }

    /// <summary>After the update: measures every replica at θ_t = <paramref name="before"/>.</summary>
    public void After(Tensor before, Tensor theta, Tensor gradient, ChainState state, long step)
    {
        for (int r = 0; r < _alive.Length; r++)
        {
            IPointProbe[] due = [.. Due(r, step)];
            if (due.Length == 0)
                continue;
            if (!_alive[r])
            {
                foreach (IPointProbe probe in due)
                    Absent(r, probe.Name, step, ProbeFacts.Diverged);
                continue;
            }
            using var scope = new TensorScope();
            double[] Row(Tensor t) => t.Detach().Select(0, r).ToDoubles();
            double[] at = Row(before),
                moved = Row(theta);
            TensorPrimitives.Subtract(moved, at, moved);
            List<NamedUpdate> updates =
            [
                new NamedUpdate(_pack.Runs[r].Spec.Optimizer.Name + " (moves)", moved),
                .. _shadows.Select(s => new NamedUpdate(s.Name, Row(s.Update))),
            ];
            double[]? metric =
                _moving.Preconditioner(state, r, step)
                ?? _shadows.Select(s => s.Chain.Preconditioner(s.State, r, step)).FirstOrDefault(m => m is not null);
            var point = new ProbePoint(_model, at, Row(gradient), updates, metric, step, _pack.Runs[r].Spec.Seed, _pack.Runs[r].Spec.Batch);
            foreach (IPointProbe probe in due)
            {
                ProbeResult result = probe.Measure(point);
                Keep(
                    r,
                    probe.Name,
                    step,
                    result with
                    {
                        Facts = new Dictionary<string, string>(result.Facts)
                        {
                            [ProbeFacts.Status] = ProbeFacts.Measured,
                            [ProbeFacts.Updates] = ProbeFacts.OfLines(updates.Select(u => u.Name)),
                        },
                    }
                );
            }
        }
    }

    /// <summary>At the end, after <paramref name="taken"/> steps: what no run lived to see is said so, and is not missing.</summary>
    public void Finish(long taken)
    {
        if (_blind)
            return;
        for (int r = 0; r < _alive.Length; r++)
            foreach (IProbe probe in _probes)
            foreach (long step in _at[probe.Name].Where(s => Begin(probe, s) >= taken && !_sink.HasProbe(r, probe.Name, s, _key)))
                Absent(r, probe.Name, step, ProbeFacts.NotReached);
    }

    private IEnumerable<IPointProbe> Due(int replica, long step) =>
        _probes.OfType<IPointProbe>().Where(p => _at[p.Name].Contains(step) && !_sink.HasProbe(replica, p.Name, step, _key));

    // The first step a probe needs of its point: of a window that would outlast the run, the latest one that does not.
    private long Begin(IProbe probe, long point) =>
        probe is IWindowProbe window ? Math.Max(0, Math.Min(point, _steps - window.Steps)) : point;

    /// <summary>Opens the windows that begin at this step, shows θ_t to all open ones, and closes those that end with it.</summary>
    private void Look(Tensor theta, long step)
    {
        foreach (IWindowProbe probe in _probes.OfType<IWindowProbe>())
        {
            foreach (long point in _at[probe.Name].Where(s => Begin(probe, s) == step))
            {
                for (int r = 0; r < _alive.Length; r++)
                {
                    if (_sink.HasProbe(r, probe.Name, point, _key))
                        continue;
                    if (probe.Steps > _steps)
                        Absent(r, probe.Name, point, ProbeFacts.RunTooShort);
                    else
                        _windows.Add(
                            new OpenWindow(probe, point, r, probe.Open(_model, _pack.Runs[r].Spec.Seed, _pack.Runs[r].Spec.Batch))
                        );
                }
            }
        }
        foreach (OpenWindow open in _windows.ToArray())
        {
            bool last = step == Begin(open.Probe, open.Point) + open.Probe.Steps - 1;
            if (_alive[open.Replica])
            {
                using var scope = new TensorScope();
                open.Window.See(theta.Detach().Select(0, open.Replica).ToDoubles(), step);
                if (!last)
                    continue;
                ProbeResult result = open.Window.Close();
                Keep(
                    open.Replica,
                    open.Probe.Name,
                    open.Point,
                    result with
                    {
                        Facts = new Dictionary<string, string>(result.Facts) { [ProbeFacts.Status] = ProbeFacts.Measured },
                    }
                );
            }
            else
            {
                Absent(open.Replica, open.Probe.Name, open.Point, ProbeFacts.Diverged);
            }
            _windows.Remove(open);
        }
    }

    /// <summary>The shadows' part of a checkpoint of replica r.</summary>
    public void Save(int replica, Dictionary<string, Tensor> rows, Dictionary<string, string> facts)
    {
        if (_blind)
            return;
        facts["shadows"] = _key;
        foreach (Shadow shadow in _shadows)
        {
            foreach ((string name, Tensor buffer) in shadow.State.Buffers)
                rows[$"shadow.{shadow.Name}.{name}"] = buffer.Select(0, replica);
            foreach (string name in shadow.State.CounterNames)
                facts[$"shadow.{shadow.Name}.{name}"] = ReplicaProgress.Text(shadow.State.Counter(name, replica));
        }
    }

    /// <summary>Takes the shadows up again. A checkpoint of a run that had none, or others, leaves the rest of this run unobserved where
    /// one of them remembers anything: its probes stay missing, and are made by a replay.</summary>
    public void Restore(int replica, ReplicaCheckpoint saved)
    {
        if (saved.Facts.GetValueOrDefault("shadows") != _key)
        {
            _blind |= _shadows.Any(s => s.State.Buffers.Any());
            return;
        }
        if (_blind)
            return;
        foreach (Shadow shadow in _shadows)
        {
            foreach ((string name, Tensor buffer) in shadow.State.Buffers)
                buffer.Select(0, replica).CopyFrom(saved.Rows[$"shadow.{shadow.Name}.{name}"]);
            foreach (string name in shadow.State.CounterNames)
                shadow.State.SetCounter(name, replica, ReplicaProgress.Number(saved.Facts[$"shadow.{shadow.Name}.{name}"]));
        }
    }

    public void Dispose()
    {
        foreach (Shadow shadow in _shadows)
        {
            shadow.State.Dispose();
            shadow.Update.Dispose();
        }
    }

    private void Absent(int replica, string probe, long step, string status) =>
        Keep(replica, probe, step, new ProbeResult { Facts = new Dictionary<string, string> { [ProbeFacts.Status] = status } });

    private void Keep(int replica, string probe, long step, ProbeResult result) =>
        _sink.WriteProbe(
            replica,
            probe,
            step,
            result with
            {
                Facts = new Dictionary<string, string>(result.Facts)
                {
                    [ProbeFacts.Key] = _key,
                    [ProbeFacts.Step] = step.ToString(CultureInfo.InvariantCulture),
                    [ProbeFacts.Samples] = (step * _pack.Runs[0].Spec.Batch).ToString(CultureInfo.InvariantCulture),
                },
            }
        );
}
