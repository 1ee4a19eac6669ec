// The probes by name.
using Gaplab.Learning.Data;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;

namespace Gaplab.Learning.Diagnostics;

/// <summary>The kinds of probe that there are. It never changes: <see cref="With"/> gives another one, with a row more.</summary>
public sealed class ProbeCatalogue
{
    private ProbeCatalogue(IReadOnlyList<ProbeKind> all)
    {
        (All, Names) = (all, [.. all.Select(k => k.Name)]);
        ByDefault = [.. all.Where(k => k.ByDefault).Select(k => k.Name)];
        Options =
        [
            new("", ProbeKey.Names(Names), ProbeKey.Runs, ProbeKey.At, ProbeKey.Samples, ProbeKey.Batch),
            .. all.SelectMany(k => k.Options).Distinct(),
        ];
    }

    /// <summary>Those of Gaplab. A new one is one file, which ends with its row, and one line here.</summary>
    public static ProbeCatalogue BuiltIn { get; } =
        new([
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
        ]);

    public IReadOnlyList<ProbeKind> All { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Those of a study that names none.</summary>
    public IReadOnlyList<string> ByDefault { get; }

    /// <summary>The sections of keys, each once: those of all probes first.</summary>
    public IReadOnlyList<ProbeOptions> Options { get; }

    /// <summary>These and one more.</summary>
    /// <exception cref="ArgumentException">Its name is taken or cannot stand in a study file, or one of its keys is another's.</exception>
    public ProbeCatalogue With(ProbeKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        // A section that is there already is shared, whole. Keys of one's own are held by name whatever the section, so that each name is
        // there once in all of "probes".
        static IEnumerable<string> NamesOf(IEnumerable<ProbeOptions> options) =>
            options.SelectMany(o => o.Keys.Select(k => k.Name).Concat(o.Section.Length > 0 ? [o.Section] : []));
        string[] own = [.. NamesOf(kind.Options.Except(Options))];
        RowCheck.Check("probe", kind.Name, Names, own);
        string[] others = ["shadows", .. NamesOf(Options)];
        if (own.FirstOrDefault(others.Contains) is { } taken)
            throw new ArgumentException($"the probe '{kind.Name}' has a key '{taken}', which 'probes' has already", nameof(kind));
        return new([.. All, kind]);
    }

    /// <summary>These, and where none has the name a row that can be named but measures nothing.</summary>
    public ProbeCatalogue Naming(string name) =>
        Names.Contains(name)
            ? this
            : new([
                .. All,
                new ProbeKind
                {
                    Name = name,
                    Says = "",
                    Build = _ => throw Unknown(name),
                },
            ]);

    /// <summary>Those that a command measures.</summary>
    public IReadOnlyList<string> MeasuredBy(string command) => [.. All.Where(k => k.Command == command).Select(k => k.Name)];

    /// <summary>The kind of a name.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public ProbeKind Of(string name) => All.FirstOrDefault(k => k.Name == name) ?? throw Unknown(name);

    /// <summary>The steps at which a run of <paramref name="steps"/> steps is measured by the probe of a name.</summary>
    public IReadOnlyList<long> StepsOf(ProbesSpec spec, string name, long steps)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.StepsOf(Of(name).Times, steps);
    }

    /// <summary>Refuses what a model cannot answer, before anything is trained.</summary>
    /// <exception cref="InputException">A block that is none of its parameters'.</exception>
    public void Check(ProbesSpec spec, ParamLayout layout)
    {
        ArgumentNullException.ThrowIfNull(spec);
        foreach (string name in spec.Names)
            Of(name).Check(spec, layout);
    }

    /// <summary>The probes in the order of their names in the spec.</summary>
    /// <exception cref="InputException">An unknown name.</exception>
    public IReadOnlyList<IProbe> Build(ProbesSpec spec, ITask task)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var material = new ProbeMaterial(spec, task);
        return [.. spec.Names.Select(name => Of(name).Build(material))];
    }

    private InputException Unknown(string name) =>
        new(
            $"probes.names holds '{name}', which this program does not have; expected one of "
                + $"{string.Join(", ", Names.Where(n => n != name))}"
        );
}
