// What probes add to a study's page, in the order in which it stands there.
namespace Gaplab.Studies.Measuring;

/// <summary>Every part of a page that probes make. A new one is one file, which ends with its row, and one line here.</summary>
internal static class ProbeSections
{
    public static IReadOnlyList<ProbeSection> All { get; } =
    [SharpnessSection.Row, SpectrumSection.Row, SignalSection.Row, NoiseSection.Row];

    /// <summary>Those of a study's own page.</summary>
    public static IEnumerable<ProbeSection> OfPage => All.Where(s => !s.TakesLong);
}
