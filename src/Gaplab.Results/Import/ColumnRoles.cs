// Which column of a table plays which role: by the user's map first, then by name.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Column indices by role.</summary>
internal sealed class ColumnRoles
{
    private readonly Dictionary<ColumnRole, int> _one = [];
    private readonly HashSet<int> _ignored = [];

    /// <summary>Index of a role's column, null when the table has none.</summary>
    public int? this[ColumnRole role] => _one.TryGetValue(role, out int column) ? column : null;

    /// <summary>Columns that separate comparisons.</summary>
    public IReadOnlyList<int> Groups { get; private set; } = [];

    /// <summary>Every momentum-like column; the first with a value counts for a row (momentum of one optimizer, beta1 of another).</summary>
    public IReadOnlyList<int> Momenta { get; private set; } = [];

    /// <summary>What to take from a history column; null for a column of numbers.</summary>
    public string? HistoryPart { get; private set; }

    public bool IsUsed(int column) => _one.ContainsValue(column) || Groups.Contains(column) || Momenta.Contains(column) || _ignored.Contains(column);

    /// <exception cref="InputException">A needed column is missing, or the map or an option names a column that is not there.</exception>
    public static ColumnRoles Find(CsvTable table, ImportOptions options, List<Finding> findings)
    {
        var roles = new ColumnRoles();
        var groups = new List<int>();
        foreach (string entry in options.Map) roles.Apply(table, entry, groups);
        foreach (ColumnRole role in new[] { ColumnRole.Optimizer, ColumnRole.LearningRate, ColumnRole.Batch, ColumnRole.Seed, ColumnRole.State, ColumnRole.Clip, ColumnRole.Run })
            roles.FindByName(table, role, findings);
        roles.Momenta = roles[ColumnRole.Momentum] is { } mapped ? [mapped] : [.. roles.Candidates(table, ColumnRole.Momentum)];
        roles.FindGroups(table, options, groups);
        roles.FindMetric(table, options, findings);
        roles.CheckNeeded(table, options, findings);
        return roles;
    }

    private void Apply(CsvTable table, string entry, List<int> groups)
    {
        int split = entry.LastIndexOf('=');
        if (split <= 0 || split == entry.Length - 1) throw new InputException($"--map {entry}: expected COLUMN=NAME, e.g. --map opt_name=optimizer");
        string left = entry[..split].Trim(), right = entry[(split + 1)..].Trim();
        int column = Column(table, left);
        ColumnRole? role = ColumnNames.RoleNamed(right);
        if ((column < 0 || role is null) && Column(table, right) is >= 0 and var reversed && ColumnNames.RoleNamed(left) is { } named)
            (column, role) = (reversed, named);
        if (column < 0) throw new InputException($"--map {entry}: {table.File} has no column '{left}'; {Have(table, left)}");
        switch (role)
        {
            case null:
                throw new InputException($"--map {entry}: '{right}' is none of optimizer, lr, batch, seed, momentum, metric, state, clip, run, group, ignore");
            case ColumnRole.Group:
                groups.Add(column);
                break;
            case ColumnRole.Ignore:
                _ignored.Add(column);
                break;
            default:
                if (!_one.TryAdd(role.Value, column))
                    throw new InputException($"--map names two columns for {ColumnNames.Name(role.Value)}: '{table.Header[_one[role.Value]]}' and '{table.Header[column]}'");
                break;
        }
    }

    /// <summary>Columns named like a role and not used yet: a tracker's config before its summary (which may hold the last, decayed rate), then the most telling name.</summary>
    private IEnumerable<int> Candidates(CsvTable table, ColumnRole role) => Enumerable.Range(0, table.Header.Length)
        .Where(i => !IsUsed(i) && ColumnNames.Rank(role, table.Header[i]) >= 0)
        .OrderByDescending(i => table.Header[i].StartsWith("config", StringComparison.OrdinalIgnoreCase))
        .ThenBy(i => table.Header[i].StartsWith("summary", StringComparison.OrdinalIgnoreCase))
        .ThenBy(i => ColumnNames.Rank(role, table.Header[i]));

    private void FindByName(CsvTable table, ColumnRole role, List<Finding> findings)
    {
        if (_one.ContainsKey(role)) return;
        int[] candidates = [.. Candidates(table, role)];
        if (candidates.Length == 0) return;
        _one[role] = candidates[0];
        if (candidates.Length > 1 && role is ColumnRole.Optimizer or ColumnRole.LearningRate or ColumnRole.Batch or ColumnRole.Seed)
            findings.Add(new("column-chosen", Severity.Hint,
                $"Several columns could be the {ColumnNames.Name(role)}: '{table.Header[candidates[0]]}' is taken, not {string.Join(", ", candidates.Skip(1).Select(c => $"'{table.Header[c]}'"))}; choose with --map COLUMN={ColumnNames.Name(role)}."));
    }

    private void FindGroups(CsvTable table, ImportOptions options, List<int> mapped)
    {
        if (options.Groups is { } named)
        {
            foreach (string name in named)
            {
                int column = Column(table, name);
                if (column < 0) throw new InputException($"--group {name}: {table.File} has no such column; {Have(table, name)}");
                if (!mapped.Contains(column)) mapped.Add(column);
            }
            Groups = mapped;
        }
        else
        {
            Groups = mapped.Count > 0 ? mapped : [.. Candidates(table, ColumnRole.Group).Order()];
        }
    }

    private void FindMetric(CsvTable table, ImportOptions options, List<Finding> findings)
    {
        if (options.Metric is { } wanted)
        {
            int column = Column(table, wanted);
            int split = wanted.LastIndexOf(':');
            if (column < 0 && split > 0)
            {
                HistoryPart = wanted[(split + 1)..];
                if (HistoryPart is not ("tail" or "min" or "last")) throw new InputException($"--metric {wanted}: '{HistoryPart}' is none of tail, min, last");
                column = Column(table, wanted[..split]);
            }
            if (column < 0) throw new InputException($"--metric {wanted}: {table.File} has no such column; {Have(table, wanted)}");
            _one[ColumnRole.Metric] = column;
        }
        else if (!_one.ContainsKey(ColumnRole.Metric))
        {
            string[] order = ["metric", .. options.HigherIsBetter ? ColumnNames.Scores : ColumnNames.Losses, .. options.HigherIsBetter ? ColumnNames.Losses : ColumnNames.Scores];
            var candidates = Enumerable.Range(0, table.Header.Length).Where(i => !IsUsed(i))
                .Select(i => (Column: i, Rank: RankIn(order, table.Header[i]))).Where(c => c.Rank >= 0).OrderBy(c => c.Rank).ToList();
            if (candidates.Count == 0)
            {
                candidates = [.. Enumerable.Range(0, table.Header.Length).Where(i => !IsUsed(i) && table.Header[i].EndsWith("_history", StringComparison.OrdinalIgnoreCase)).Select(i => (i, 0))];
            }
            if (candidates.Count == 0) return;
            _one[ColumnRole.Metric] = candidates[0].Column;
            if (candidates.Count > 1)
                findings.Add(new("metric-chosen", Severity.Hint,
                    $"The metric is '{table.Header[candidates[0].Column]}'; {string.Join(", ", candidates.Skip(1).Select(c => $"'{table.Header[c.Column]}'"))} could be it too: choose with --metric NAME."));
        }
        int metric = _one[ColumnRole.Metric];
        if (HistoryPart is null && table.Rows.Any(r => r.Fields[metric].StartsWith('['))) HistoryPart = "tail";
        string simple = ColumnNames.Simplify(ColumnNames.WithoutPrefix(table.Header[metric]));
        if (!options.HigherIsBetter && (ColumnNames.Scores.Contains(simple) || simple.Contains("accuracy", StringComparison.Ordinal)))
            findings.Add(new("metric-direction", Severity.Warning, $"'{table.Header[metric]}' looks like a score, yet lower is taken as better; add --maximize if higher is better."));
        if (options.HigherIsBetter && (ColumnNames.Losses.Contains(simple) || simple.Contains("loss", StringComparison.Ordinal)))
            findings.Add(new("metric-direction", Severity.Warning, $"'{table.Header[metric]}' looks like a loss, yet higher is taken as better; leave --maximize out if lower is better."));
    }

    private static int RankIn(string[] order, string column)
    {
        int rank = Array.IndexOf(order, ColumnNames.Simplify(column));
        return rank >= 0 ? rank : Array.IndexOf(order, ColumnNames.Simplify(ColumnNames.WithoutPrefix(column)));
    }

    private void CheckNeeded(CsvTable table, ImportOptions options, List<Finding> findings)
    {
        var missing = new List<ColumnRole>();
        int likely = -1;
        if (this[ColumnRole.Optimizer] is null && options.Optimizer is null)
        {
            likely = Array.FindIndex(table.Header, h => ColumnNames.Nearest(h, ColumnNames.Known[ColumnRole.Optimizer]) is not null);
            if (likely < 0) likely = Enumerable.Range(0, table.Header.Length).Where(i => !IsUsed(i)).FirstOrDefault(i => LooksLikeOptimizers(table, i), -1);
            if (likely >= 0 || this[ColumnRole.LearningRate] is null) missing.Add(ColumnRole.Optimizer);
        }
        if (this[ColumnRole.Batch] is null) missing.Add(ColumnRole.Batch);
        if (this[ColumnRole.Metric] is null) missing.Add(ColumnRole.Metric);
        if (missing.Count > 0) throw Missing(table, missing, likely);
        if (this[ColumnRole.Optimizer] is not null || options.Optimizer is not null) return;
        findings.Add(new("no-optimizer-column", Severity.Warning,
            $"{table.File} has no optimizer column: all runs are taken as one unnamed optimizer ('unnamed'). Name it with --optimizer NAME, or its column with --map COLUMN=optimizer."));
    }

    private static bool LooksLikeOptimizers(CsvTable table, int column)
    {
        string[] known = ["sgd", "adam", "adamw", "momentum", "rmsprop", "lion", "muon", "signsgd", "adagrad", "shampoo", "lamb"];
        return table.Rows.All(r => known.Contains(ColumnNames.Simplify(r.Fields[column])));
    }

    /// <summary>Says which columns are missing and, for each, which one may be meant.</summary>
    private static InputException Missing(CsvTable table, List<ColumnRole> missing, int likelyOptimizer)
    {
        string names = string.Join(" and no ", missing.Select(r => r == ColumnRole.Batch ? "batch-size" : ColumnNames.Name(r)));
        string maps = string.Join(" ", missing.Select(r => $"--map {Likely(r) ?? "COLUMN"}={ColumnNames.Name(r)}"));
        return new InputException($"{table.File}: no {names} column among {List(table)}; say which one it is with {maps}");

        string? Likely(ColumnRole role) => role == ColumnRole.Optimizer && likelyOptimizer >= 0 ? table.Header[likelyOptimizer]
            : table.Header.FirstOrDefault(h => ColumnNames.Nearest(h, ColumnNames.Known[role].Where(k => k.Length > 2)) is not null);
    }

    private static int Column(CsvTable table, string name)
    {
        int exact = Array.IndexOf(table.Header, name);
        return exact >= 0 ? exact : Array.FindIndex(table.Header, h => h.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    private static string Have(CsvTable table, string wanted) =>
        ColumnNames.Nearest(wanted, table.Header) is { } near ? $"did you mean '{near}'?" : $"its columns are {List(table)}";

    private static string List(CsvTable table) =>
        string.Join(", ", table.Header.Take(20).Select(h => $"'{h}'")) + (table.Header.Length > 20 ? $" and {table.Header.Length - 20} more" : "");
}
