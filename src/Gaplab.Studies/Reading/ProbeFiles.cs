// What probes measured, as safetensors files of a run.
using System.Globalization;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Reading;

/// <summary>probes/&lt;name&gt;/&lt;step&gt;.safetensors: arrays and numbers as F64 tensors, facts as metadata, with whose they are and the
/// digest of all.
/// They are no part of result.json: a finished run may gain some.</summary>
internal static class ProbeFiles
{
    private const string RunKey = "run",
        ProbeKey = "probe",
        StepKey = ProbeFacts.Step;

    /// <summary>Opens a file and holds it against its digest, and against the run, probe and step that it says it is of.</summary>
    /// <exception cref="InputException">Damaged, or another's.</exception>
    public static SafetensorsReader Open(RunFolder run, string probe, long step)
    {
        ArgumentNullException.ThrowIfNull(run);
        string path = run.ProbePath(probe, step);
        SafetensorsReader reader = Safetensors.OpenVerified(path);
        foreach ((string key, string expected) in Identity(run, probe, step))
        {
            // Files older than digests do not say whose they are.
            if (!reader.Metadata.TryGetValue(key, out string? found) || found == expected)
                continue;
            reader.Dispose();
            throw new InputException($"{path} is of another {key} ({found})");
        }
        return reader;
    }

    /// <summary>Whether the file is there and whole, made with these options and shadows.</summary>
    /// <param name="damaged">Told of a file that is there and not what was written.</param>
    public static bool Has(RunFolder run, string probe, long step, string key, Action<Damage>? damaged = null) =>
        Path.Exists(run.ProbePath(probe, step)) && TryOpen(run, probe, step, damaged) is { } reader && Key(reader) == key;

    /// <summary>The steps at which a probe is there and whole, ascending, each with the key of its question.</summary>
    /// <param name="damaged">Told of each file that is there and not what was written; it is left out.</param>
    public static IReadOnlyList<(long Step, string Key)> Steps(RunFolder run, string probe, Action<Damage>? damaged = null)
    {
        var found = new List<(long, string)>();
        foreach (long step in run.ProbeSteps(probe))
            if (TryOpen(run, probe, step, damaged) is { } reader && Key(reader) is { } key)
                found.Add((step, key));
        return found;
    }

    /// <summary>A verified file, or null where it is damaged, which is told.</summary>
    internal static SafetensorsReader? TryOpen(RunFolder run, string probe, long step, Action<Damage>? damaged)
    {
        try
        {
            return Open(run, probe, step);
        }
        catch (InputException error)
        {
            string path = run.ProbePath(probe, step);
            damaged?.Invoke(Damage.Of(run.Id, Path.GetRelativePath(run.Folder, path), path, error));
            return null;
        }
    }

    public static void Write(RunFolder run, string probe, long step, ProbeResult result)
    {
        List<(string Name, IReadOnlyList<long> Shape, double[] Values)> all =
        [
            .. result.Arrays.Select(a => (a.Key, a.Value.Shape, a.Value.Values)),
            .. result.Numbers.Select(n => (n.Key, (IReadOnlyList<long>)[1], (double[])[n.Value])),
        ];
        var facts = new Dictionary<string, string>(result.Facts);
        foreach ((string key, string value) in Identity(run, probe, step))
            facts[key] = value;
        using SafetensorsWriter writer = Safetensors.Create(
            run.ProbePath(probe, step),
            [.. all.Select(a => new TensorEntry(a.Name, TensorType.F64, a.Shape))],
            facts,
            digest: true
        );
        foreach (var (name, _, values) in all)
            if (values.Length > 0)
                writer.Write<double>(name, values);
        writer.Commit();
    }

    /// <summary>Whether any run of a pack lacks a probe it should have.</summary>
    /// <param name="damaged">Told of files that are there and not what was written: they are lacking.</param>
    public static bool AnyMissing(RunStore store, PackSpec pack, ProbeCatalogue kinds, Action<Damage>? damaged = null) =>
        Lacking(store, pack, kinds, damaged).Any();

    /// <summary>How many files of probes a pack lacks.</summary>
    public static long Missing(RunStore store, PackSpec pack, ProbeCatalogue kinds) => Lacking(store, pack, kinds, null).LongCount();

    private static IEnumerable<(string Run, string Probe, long Step)> Lacking(
        RunStore store,
        PackSpec pack,
        ProbeCatalogue kinds,
        Action<Damage>? damaged
    )
    {
        if (pack.Probes is not { } probes)
            return [];
        string key = ProbesKey.Of(probes);
        RunSpec first = pack.Runs[0].Spec;
        long steps = first.Budget.Steps(first.Batch, first.Task.Context);
        return from run in pack.Runs
            where pack.ProbedRuns?.Contains(run.Id) != false
            from name in probes.Names
            from step in kinds.StepsOf(probes, name, steps)
            where !Has(store.Run(run.Id), name, step, key, damaged)
            select (run.Id, name, step);
    }

    private static string? Key(SafetensorsReader reader)
    {
        using (reader)
            return reader.Metadata.GetValueOrDefault(ProbeFacts.Key);
    }

    private static (string Key, string Value)[] Identity(RunFolder run, string probe, long step) =>
        [(RunKey, run.Id), (ProbeKey, probe), (StepKey, step.ToString(CultureInfo.InvariantCulture))];
}
