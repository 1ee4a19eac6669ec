// A page of very many runs: it shows their means and leaves the lists of single runs out, so that a browser opens it at once.
namespace Gaplab.Results.Report;

/// <summary>What a page of more than <see cref="MostRuns"/> runs leaves out, and says that it does.</summary>
internal static class Thinned
{
    /// <summary>Beyond it a page would have more marks and ids than a browser opens within a second or two.</summary>
    public const int MostRuns = 10_000;

    // Of a section's runs, as examples.
    private const int Examples = 20;

    /// <summary>Whether a page of so many runs is thinned.</summary>
    public static bool IsDue(long runs) => runs > MostRuns;

    /// <summary>The fact that stands under the headline.</summary>
    public static Fact Said(long runs) =>
        new("left out", $"points and ids of single runs, as there are {NumberText.Count(runs)}; an export of the table lists each");

    /// <summary>The report without the runs of single rows, and with examples of those of its sections.</summary>
    public static Report Of(Report report) =>
        report with
        {
            Sections =
            [
                .. report.Sections.Select(section =>
                    section with
                    {
                        Table = section.Table is { } table ? table with { Rows = [.. table.Rows.Select(r => r with { Runs = [] })] } : null,
                        Provenance =
                            section.Provenance is { } made && made.Runs.Count > Examples
                                ? made with
                                {
                                    Runs = [.. made.Runs.Take(Examples)],
                                    More = made.Runs.Count - Examples,
                                }
                                : section.Provenance,
                    }
                ),
            ],
        };
}
