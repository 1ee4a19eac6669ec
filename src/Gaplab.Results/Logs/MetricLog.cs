// What one training run wrote of its metrics, whatever the format.
namespace Gaplab.Results.Logs;

/// <summary>A line or record that could not be read, or what had to be decided about the log.</summary>
/// <param name="File">Its path.</param>
/// <param name="Where">"line 12", "record 7"; "" where it is the whole file.</param>
/// <param name="Why">In a few words.</param>
public sealed record LogProblem(string File, string Where, string Why)
{
    public override string ToString() => $"{File}{(Where.Length > 0 ? ", " + Where : "")}: {Why}";
}

/// <summary>The series of a log.</summary>
/// <param name="Format">The format's name.</param>
/// <param name="Series">In the order of their first values.</param>
/// <param name="Problems">The first <see cref="MostProblems"/> of what was set aside.</param>
/// <param name="ProblemCount">All that was set aside.</param>
internal sealed record MetricLog(string Format, IReadOnlyList<MetricSeries> Series, IReadOnlyList<LogProblem> Problems, int ProblemCount)
{
    public const int MostProblems = 20;
}
