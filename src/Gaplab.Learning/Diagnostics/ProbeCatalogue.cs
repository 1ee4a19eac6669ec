// The probes by name.
using Gaplab.Learning.Data;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Every kind of probe there is. A new one is one file, which ends with its row, and one line here.</summary>
public static class ProbeCatalogue
{
    public static IReadOnlyList<ProbeKind> All { get; } =
    [
        SharpnessProbe.Kind,
        AttributionProbe.Kind,
        HistogramProbe.Kind,
        LandscapeProbe.Kind,
        SpectrumProbe.Kind,
        NoiseProbe.Kind,
        AdamNoiseProbe.Kind,
        BasinProbe.Kind,
        LossesProbe.Kind,
        SignalProbe.Kind,
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(k => k.Name)];

    /// <summary>Those of a study that names none.</summary>
    public static IReadOnlyList<string> ByDefault { get; } = [.. All.Where(k => k.ByDefault).Select(k => k.Name)];

    /// <summary>Those that a command measures.</summary>
    public static IReadOnlyList<string> MeasuredBy(string command) => [.. All.Where(k => k.Command == command).Select(k => k.Name)];

    /// <summary>The sections of keys, each once: those of all probes first.</summary>
    public static IReadOnlyList<ProbeOptions> Options { get; } =
    [
        new("", ProbeKey.Names(Names), ProbeKey.Runs, ProbeKey.At, ProbeKey.Samples, ProbeKey.Batch),
        .. All.SelectMany(k => k.Options).Distinct(),
    ];

    /// <summary>The kind of a name.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static ProbeKind Of(string name) =>
        All.FirstOrDefault(k => k.Name == name)
        ?? throw new InputException($"probes.names holds '{name}'; expected {string.Join(", ", Names)}");

    /// <summary>The steps at which a run of <paramref name="steps"/> steps is measured by the probe of a name.</summary>
    public static IReadOnlyList<long> StepsOf(ProbesSpec spec, string name, long steps)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.StepsOf(Of(name).Times, steps);
    }

    /// <summary>Refuses what a model cannot answer, before anything is trained.</summary>
    /// <exception cref="InputException">A block that is none of its parameters'.</exception>
    public static void Check(ProbesSpec spec, ParamLayout layout)
    {
        ArgumentNullException.ThrowIfNull(spec);
        foreach (string name in spec.Names)
            Of(name).Check(spec, layout);
    }

    /// <summary>The probes in the order of their names in the spec.</summary>
    /// <exception cref="InputException">An unknown name.</exception>
    public static IReadOnlyList<IProbe> Build(ProbesSpec spec, ITask task)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var material = new ProbeMaterial(spec, task);
        return [.. spec.Names.Select(name => Of(name).Build(material))];
    }
}
