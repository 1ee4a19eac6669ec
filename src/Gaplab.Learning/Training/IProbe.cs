// A probe answers a question about a training run at a step and changes nothing.
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Training;

/// <summary>The update Δ [P] that an optimizer adds to θ at this step, decay included. Of the optimizer that moves θ it is θ_{t+1} − θ_t as
/// rounded; of a shadow, what it would add.</summary>
public sealed record NamedUpdate(string Name, double[] Delta);

/// <summary>One run at one step, before its update.</summary>
/// <param name="Model">Of one replica.</param>
/// <param name="Theta">θ_t [P].</param>
/// <param name="Gradient">The training batch's gradient [P] that every optimizer was fed, before any clipping.</param>
/// <param name="Updates">First the optimizer that moves θ, then the shadows.</param>
/// <param name="AdamMetric">diag D [P] = √v̂ + ε of the first Adam among them, this step's gradient included; null without one.</param>
/// <param name="Step">t = 0, 1, ….</param>
/// <param name="Seed">Of the run.</param>
/// <param name="Batch">Samples a step of the run.</param>
public sealed record ProbePoint(
    IModel Model,
    double[] Theta,
    double[] Gradient,
    IReadOnlyList<NamedUpdate> Updates,
    double[]? AdamMetric,
    long Step,
    long Seed,
    int Batch
);

/// <summary>A named array of numbers, row-major.</summary>
public sealed record ProbeArray(IReadOnlyList<long> Shape, double[] Values)
{
    public static ProbeArray Vector(IEnumerable<double> values)
    {
        double[] all = [.. values];
        return new ProbeArray([all.Length], all);
    }
}

/// <summary>What a probe found.</summary>
public sealed record ProbeResult
{
    /// <summary>By name; may be NaN where a fact says why.</summary>
    public IReadOnlyDictionary<string, double> Numbers { get; init; } = new Dictionary<string, double>();
    public IReadOnlyDictionary<string, ProbeArray> Arrays { get; init; } = new Dictionary<string, ProbeArray>();

    /// <summary>Words: those of <see cref="ProbeFacts"/>, and what the arrays' rows are.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>();
}

/// <summary>Measures a run at chosen points. It gets copies: nothing it does can change the run.</summary>
public interface IProbe
{
    string Name { get; }

    ProbeTimes Times => ProbeTimes.Points;
}

/// <summary>Measures one run at one step.</summary>
public interface IPointProbe : IProbe
{
    ProbeResult Measure(ProbePoint point);
}

/// <summary>Follows one run through a window of steps that begins at a chosen point, or as much earlier as the run's end asks
/// for.</summary>
/// <remarks>What a window remembers is in no checkpoint: one that an interruption cuts stays missing and is made by a replay.</remarks>
public interface IWindowProbe : IProbe
{
    /// <summary>Steps of a window, at least 1.</summary>
    int Steps { get; }

    IProbeWindow Open(IModel model, long seed, int batch);
}

/// <summary>One window of one run.</summary>
public interface IProbeWindow
{
    /// <summary>θ_t [P] of the window's next step, before its update.</summary>
    void See(double[] theta, long step);

    /// <summary>After the last step.</summary>
    ProbeResult Close();
}
