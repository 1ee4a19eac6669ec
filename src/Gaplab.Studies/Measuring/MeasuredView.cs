// What probes measured along a study's tuned runs, as pages of their own: the views of the live page.
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Reading;

namespace Gaplab.Studies.Measuring;

/// <summary>A view of what some probes measured.</summary>
/// <param name="Name">As the page's address has it.</param>
/// <param name="Title">As the page's tab has it.</param>
public sealed record MeasuredView(string Name, string Title)
{
    /// <summary>In the order of the tabs.</summary>
    public static IReadOnlyList<MeasuredView> All { get; } =
    [new("sharpness", "Sharpness"), new("noise", "Noise"), new("spectra", "Spectra")];

    /// <summary>Names of the probes that it shows.</summary>
    public IReadOnlyList<string> Probes { get; } = [.. ProbeSections.All.Where(s => s.View == Name).SelectMany(s => s.Probes)];

    /// <summary>The page; null where the tuned runs hold nothing of it.</summary>
    /// <param name="document">The store's plan.</param>
    /// <param name="store">Which is read once for all of it.</param>
    /// <param name="source">The store as the user named it.</param>
    public Report? Read(PlanDocument document, RunStore store, string source)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(store);
        var results = new StudyResults(document.ToPlan(), store);
        ProbePart[] parts =
        [
            .. ProbeSections.All.Where(s => s.View == Name).Select(s => s.Read(results, source, document.Command)).OfType<ProbePart>(),
        ];
        if (parts.Length == 0)
            return null;
        string[] claims = [.. parts.SelectMany(p => p.Claims)];
        return new Report
        {
            Title = $"{document.Study.Name}: {Title.ToLowerInvariant()}",
            Headline = claims.FirstOrDefault() ?? parts[0].Sections[0].Title,
            Summary = [.. claims.Skip(1)],
            Sections = [.. parts.SelectMany(p => p.Sections)],
            Command = document.Command,
        };
    }
}
