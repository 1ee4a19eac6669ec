// One row of the catalogue of probes: what a probe asks, its keys, when it measures, what it needs, how it is made.
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;

namespace Gaplab.Learning.Diagnostics;

/// <summary>A kind of probe. Its file also says what it leaves and reads it back.</summary>
public sealed record ProbeKind
{
    /// <summary>As study files and folders of runs write it.</summary>
    public required string Name { get; init; }

    /// <summary>What it measures, for the documents.</summary>
    public required string Says { get; init; }

    /// <summary>Whether a study that names no probes has it.</summary>
    public bool ByDefault { get; init; }

    /// <summary>The command that measures it in tuned runs: "sharpness" or "noise"; "" is none.</summary>
    public string Command { get; init; } = "";

    public ProbeTimes Times { get; init; } = ProbeTimes.Points;

    /// <summary>Its keys, by the section of "probes" that holds them; a section may serve several kinds.</summary>
    public IReadOnlyList<ProbeOptions> Options { get; init; } = [];

    /// <summary>Whether its graph is differentiated twice.</summary>
    public bool DifferentiatesTwice { get; init; }

    /// <summary>Batches of the evaluation set whose graphs it holds at once.</summary>
    public Func<ProbesSpec, int> Graphs { get; init; } = _ => 1;

    /// <summary>Rows [P] in double that it holds beyond every update's direction.</summary>
    public Func<ProbesSpec, int> Rows { get; init; } = _ => 0;

    /// <summary>Why a question cannot be asked whatever the model, and the key that says so; null where it can.</summary>
    public Func<ProbesSpec, (string Key, string Why)?> Objection { get; init; } = _ => null;

    /// <summary>Refuses what a layout does not have.</summary>
    public Action<ProbesSpec, ParamLayout> Check { get; init; } = (_, _) => { };

    public required Func<ProbeMaterial, IProbe> Build { get; init; }
}

/// <summary>Keys of probes in one section of a study file.</summary>
/// <param name="Section">"": beside the other keys of "probes".</param>
/// <param name="Keys">In the order of the documents.</param>
public sealed record ProbeOptions(string Section, params IReadOnlyList<SpecKey<ProbesSpec>> Keys)
{
    /// <summary>What the spec is where the section is there, before its keys are read.</summary>
    public Func<ProbesSpec, ProbesSpec> Begin { get; init; } = spec => spec;

    /// <summary>Reads the section's keys into a spec.</summary>
    /// <exception cref="Gaplab.Numerics.InputException">A value that is not valid, or an unknown key of the section.</exception>
    public ProbesSpec Read(IKeys probes, ProbesSpec spec)
    {
        ArgumentNullException.ThrowIfNull(probes);
        if (Section.Length == 0)
            return Keys.ReadAll(probes, spec);
        if (!probes.Has(Section))
            return spec;
        IKeys keys = probes.Section(Section);
        spec = Keys.ReadAll(keys, Begin(spec));
        keys.Finish();
        return spec;
    }
}
