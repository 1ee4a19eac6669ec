// What probes measured, as safetensors files of a run.
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics;
using Gaplab.Results.Store;

namespace Gaplab.Studies.Running;

/// <summary>probes/&lt;name&gt;/&lt;step&gt;.safetensors: arrays and numbers as F64 tensors, facts as metadata. They are no part of result.json: a finished run may gain some.</summary>
public static class ProbeFiles
{
    /// <summary>Whether the file is there and whole, made with these options and shadows.</summary>
    public static bool Has(RunFolder run, string probe, long step, string key)
    {
        string path = run.ProbePath(probe, step);
        if (!File.Exists(path)) return false;
        try
        {
            using SafetensorsReader reader = Safetensors.Open(path);
            return reader.Metadata.GetValueOrDefault("key") == key;
        }
        catch (InputException)
        {
            return false;   // damaged: measured anew
        }
    }

    /// <summary>The steps at which a probe is there and whole, ascending, each with the key of its question.</summary>
    public static IReadOnlyList<(long Step, string Key)> Steps(RunFolder run, string probe)
    {
        var found = new List<(long, string)>();
        foreach (long step in run.ProbeSteps(probe))
        {
            try
            {
                using SafetensorsReader reader = Safetensors.Open(run.ProbePath(probe, step));
                if (reader.Metadata.GetValueOrDefault("key") is { } key) found.Add((step, key));
            }
            catch (InputException)
            {
                // Damaged: as good as missing.
            }
        }
        return found;
    }

    public static void Write(RunFolder run, string probe, long step, ProbeResult result)
    {
        List<(string Name, IReadOnlyList<long> Shape, double[] Values)> all =
            [.. result.Arrays.Select(a => (a.Key, a.Value.Shape, a.Value.Values)), .. result.Numbers.Select(n => (n.Key, (IReadOnlyList<long>)[1], (double[])[n.Value]))];
        using SafetensorsWriter writer = Safetensors.Create(run.ProbePath(probe, step), [.. all.Select(a => new TensorEntry(a.Name, TensorType.F64, a.Shape))], result.Facts);
        foreach (var (name, _, values) in all)
            if (values.Length > 0) writer.Write<double>(name, values);
        writer.Commit();
    }

    /// <summary>Whether any run of a pack lacks a probe it should have.</summary>
    public static bool AnyMissing(RunStore store, PackSpec pack) => Lacking(store, pack).Any();

    /// <summary>How many files of probes a pack lacks.</summary>
    public static long Missing(RunStore store, PackSpec pack) => Lacking(store, pack).LongCount();

    private static IEnumerable<(string Run, string Probe, long Step)> Lacking(RunStore store, PackSpec pack)
    {
        if (pack.Probes is not { } probes) return [];
        string key = ProbesKey.Of(probes);
        RunSpec first = pack.Runs[0].Spec;
        long steps = first.Budget.Steps(first.Batch, first.Task.Context);
        return from run in pack.Runs
               where pack.ProbedRuns?.Contains(run.Id) != false
               from name in probes.Names
               from step in probes.StepsOf(name, steps)
               where !Has(store.Run(run.Id), name, step, key)
               select (run.Id, name, step);
    }
}
