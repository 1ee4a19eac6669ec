// What the probes of gaplab noise left in a store: its page's sections, of whatever was measured, for the live page.
using Gaplab.Learning.Diagnostics;
using Gaplab.Results.Report;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>The sections and claims of gaplab noise, of whatever the store holds and with its default options.</summary>
internal static class NoiseSection
{
    private static ProbePart? Read(StudyResults results, string source, string command)
    {
        IReadOnlyList<ProbedRun> runs = ProbedRun.OfStore(results, Row.Probes);
        if (runs.Count == 0)
            return null;
        // The study that may be running has the other processors.
        NoiseResults found = NoiseMeasurement.Results(results, runs, NoiseMeasurement.UsualBarrier, alpha: null, workers: 1);
        if (found.Rows.Count + found.Losses.Count == 0)
            return null;
        Report page = new NoiseAnswer
        {
            Study = results.Plan.Study.Name,
            Facts = [],
            Results = found,
            Panels = NoiseMeasurement.Panels(results.Store, found.Rows, source, command),
            Source = source,
            Command = command,
        }.Page();
        return new([page.Headline, .. page.Summary], page.Sections);
    }

    public static ProbeSection Row { get; } =
        new()
        {
            Title = "The paper's claims",
            Says = "the tails of SGD's and Adam's gradient noise along the tuned runs, as `gaplab noise` shows them",
            Probes = ProbeCatalogue.BuiltIn.MeasuredBy("noise"),
            View = "noise",
            TakesLong = true,
            Read = Read,
        };
}
