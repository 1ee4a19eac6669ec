// The probes of a study file: the keys of their rows, and the shadows.
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Yaml;

internal static class ProbesSection
{
    public static ProbesSpec Read(StudySection s)
    {
        ProbeCatalogue kinds = s.Catalogues.Probes;
        var probes = new ProbesSpec { Names = kinds.ByDefault };
        foreach (ProbeOptions options in kinds.Options)
            probes = options.Read(s, probes);
        StudySection shadows = s.Section("shadows");
        probes = probes with { Shadows = [.. shadows.Keys.Select(name => OptimizerSection.ReadOne(shadows.Section(name), name))] };
        s.Finish();
        foreach (ProbeKind kind in probes.Names.Select(kinds.Of))
            if (kind.Objection(probes) is { } objection)
                throw s.Error(objection.Key, $"'{s.Path(objection.Key)}' {objection.Why}");
        return probes;
    }
}
