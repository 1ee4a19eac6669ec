// What became of every run of an import: read and how it ended, or set aside and why.
using Gaplab.Results.Analysis;
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders;

/// <summary>One run.</summary>
/// <param name="Path">Its folder below the one that was named, its id, or its file and line.</param>
/// <param name="Format">The name of the format it was read from; null where several were read and it cannot be told.</param>
/// <param name="State">finished, diverged, missing, censored (it ended before the samples that were asked for, or was pruned), or
/// set-aside.</param>
/// <param name="Reason">Why it is not finished; null where it is.</param>
/// <param name="Values">What was read of it by the column's name, without what is empty.</param>
public sealed record ImportedRun(string Path, string? Format, string State, string? Reason, IReadOnlyDictionary<string, string> Values)
{
    internal const string Finished = "finished",
        Diverged = "diverged",
        Missing = "missing",
        Censored = "censored",
        SetAside = "set-aside";
}

/// <summary>An import with its account.</summary>
/// <param name="Table">The runs that count.</param>
/// <param name="Runs">All of them in the order of the source, then those that are set aside.</param>
public sealed record ImportedRuns(SweepTable Table, IReadOnlyList<ImportedRun> Runs)
{
    private static readonly string[] s_pruned = ["pruned", "earlystopped"];

    /// <summary>What lies in the folder besides and was not read, and its format.</summary>
    public IReadOnlyList<(string Path, string Format)> Beside { get; init; } = [];

    /// <summary>By run that counts, its row of the table; in the order of <see cref="Runs"/>.</summary>
    internal IReadOnlyList<SweepRow> Rows { get; init; } = [];

    /// <summary>The columns that are no setting known by a name of Gaplab's: what an exported table has besides.</summary>
    internal IReadOnlyList<string> Extra { get; init; } = [];

    internal static ImportedRuns Of(ReadSweep read, ImportNotes notes, Func<SourceRow, string> formatOf, string? onlyFormat)
    {
        SourceTable table = read.Source;
        int? state = read.Roles[ColumnRole.State];
        var runs = new List<ImportedRun>(table.Rows.Count + notes.SetAside.Count);
        for (int i = 0; i < table.Rows.Count; i++)
        {
            SourceRow row = table.Rows[i];
            string said = state is { } column ? row.Fields[column] : "";
            (string word, string? reason) = Ended(read.Rows[i].Status, said, read.Short.GetValueOrDefault(row.Line));
            runs.Add(
                new(row.Where, formatOf(row), word, row.Why is { Length: > 0 } why ? Joined(reason, why) : reason, Values(table, row))
            );
        }
        foreach ((string where, string why) in notes.SetAside)
            runs.Add(new(where, onlyFormat, ImportedRun.SetAside, why, new Dictionary<string, string>()));
        return new(read.Sweep, runs)
        {
            Beside = notes.Beside,
            Rows = read.Rows,
            Extra =
            [
                .. Enumerable
                    .Range(0, table.Header.Length)
                    .Where(c => !read.Roles.IsUsed(c) || c == read.Metric)
                    .Select(c => table.Header[c]),
            ],
        };
    }

    private static (string, string?) Ended(RunStatus status, string said, string? shortBy) =>
        status switch
        {
            RunStatus.Usable => (ImportedRun.Finished, null),
            RunStatus.Diverged => (ImportedRun.Diverged, "its metric is not finite, or its state says so"),
            _ when shortBy is not null => (ImportedRun.Censored, shortBy),
            _ when s_pruned.Any(p => ColumnNames.Simplify(said).EndsWith(p, StringComparison.Ordinal)) => (ImportedRun.Censored, said),
            _ => (ImportedRun.Missing, said.Length > 0 ? $"its state is '{SourceTable.Shown(said)}'" : "no value of the metric"),
        };

    private static string Joined(string? reason, string why) => reason is null ? why : $"{reason}; {why}";

    private static Dictionary<string, string> Values(SourceTable table, SourceRow row)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int c = 0; c < table.Header.Length; c++)
            if (row.Fields[c].Length > 0)
                values[table.Header[c]] = row.Fields[c];
        return values;
    }
}
