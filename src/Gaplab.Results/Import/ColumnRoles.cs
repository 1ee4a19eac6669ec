// Which column of a table plays which role: by the user's map first, then by name.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Column indices by role.</summary>
internal sealed class ColumnRoles
{
    /// <summary>More optimizers than this have no columns of their own.</summary>
    private const int MostOptimizers = 64;

    private static readonly Dictionary<string, int> s_none = [];

    private readonly Dictionary<ColumnRole, int> _one = [];
    private readonly HashSet<int> _ignored = [];
    private readonly List<int> _rates = [];

    /// <summary>Index of a role's column, null when the table has none.</summary>
    public int? this[ColumnRole role] => _one.TryGetValue(role, out int column) ? column : null;

    /// <summary>Columns that separate comparisons.</summary>
    public IReadOnlyList<int> Groups { get; private set; } = [];

    /// <summary>Every momentum-like column; the first with a value counts for a row (momentum of one optimizer, beta1 of
    /// another).</summary>
    public IReadOnlyList<int> Momenta { get; private set; } = [];

    /// <summary>Every column of β₂; the first with a value counts for a row.</summary>
    public IReadOnlyList<int> Beta2s { get; private set; } = [];

    /// <summary>Columns that count steps, epochs and the like; they say which row of a run is its last.</summary>
    public IReadOnlyList<int> Steps { get; private set; } = [];

    /// <summary>Learning-rate columns that hold for every optimizer; several only when the user named several.</summary>
    public IReadOnlyList<int> Rates => _rates;

    /// <summary>Learning-rate columns of one optimizer each.</summary>
    public IReadOnlyDictionary<string, int> OwnRates { get; private set; } = s_none;

    public IReadOnlyDictionary<string, int> OwnMomenta { get; private set; } = s_none;

    public IReadOnlyDictionary<string, int> OwnBeta2s { get; private set; } = s_none;

    /// <summary>An optimizer's name by the text of its column.</summary>
    public IReadOnlyDictionary<string, string> Optimizers { get; private set; } = new Dictionary<string, string>();

    /// <summary>What to take from a history column; null for a column of numbers.</summary>
    public string? HistoryPart { get; private set; }

    public bool HasRates => _rates.Count > 0 || OwnRates.Count > 0;

    public bool IsUsed(int column) =>
        _one.ContainsValue(column)
        || _rates.Contains(column)
        || Groups.Contains(column)
        || Momenta.Contains(column)
        || Beta2s.Contains(column)
        || OwnRates.Values.Contains(column)
        || OwnMomenta.Values.Contains(column)
        || OwnBeta2s.Values.Contains(column)
        || _ignored.Contains(column);

    /// <exception cref="InputException">A needed column is missing, or the map or an option names a column that is not there.</exception>
    public static ColumnRoles Find(SourceTable table, ImportOptions options, ImportNotes notes)
    {
        ChartExport(table);
        var roles = new ColumnRoles();
        var groups = new List<int>();
        foreach (string entry in options.Map)
            roles.Apply(table, entry, groups);
        foreach ((ColumnRole role, int column) in table.Given)
            if (role != ColumnRole.Metric || (options.Metric is null && !options.HigherIsBetter))
                roles.Take(role, column);
        roles.FindByName(table, ColumnRole.Optimizer, notes);
        if (roles[ColumnRole.Optimizer] is { } optimizer)
            roles.FindOwn(table, optimizer, notes);
        if (roles._rates.Count == 0 && roles.FindByName(table, ColumnRole.LearningRate, notes) is { } rate)
            roles._rates.Add(rate);
        foreach (ColumnRole role in new[] { ColumnRole.Batch, ColumnRole.Seed, ColumnRole.State, ColumnRole.Clip, ColumnRole.Run })
            roles.FindByName(table, role, notes);
        roles.Beta2s = roles[ColumnRole.Beta2] is { } second
            ? [second]
            : BetaPairs.Seconds(table, [.. roles.Named(table, ColumnRole.Beta2)]);
        roles.Momenta = roles[ColumnRole.Momentum] is { } mapped ? [mapped] : [.. roles.Named(table, ColumnRole.Momentum)];
        roles.Steps = roles[ColumnRole.Step] is { } step ? [step] : [.. roles.Named(table, ColumnRole.Step)];
        roles.FindGroups(table, options, groups);
        roles.FindMetric(table, options, notes);
        roles.CheckNeeded(table, options, notes.Findings);
        roles.TellMultipliers(table, notes);
        return roles;
    }

    private static void ChartExport(SourceTable table)
    {
        if (
            table.Header.Any(h => h.EndsWith("__MIN", StringComparison.Ordinal))
            && table.Header.Any(h => h.EndsWith("__MAX", StringComparison.Ordinal))
        )
            throw new InputException(
                $"{table.File} is a chart export of Weights & Biases (one column per run, with __MIN and __MAX); export the runs table "
                    + $"instead: one row per run"
            );
    }

    private void Apply(SourceTable table, string entry, List<int> groups)
    {
        string shown = SourceTable.Shown(entry, 60);
        int split = entry.LastIndexOf('=');
        if (split <= 0 || split == entry.Length - 1)
            throw new InputException($"--map {shown}: expected COLUMN=NAME, e.g. --map opt_name=optimizer");
        string left = entry[..split].Trim(),
            right = entry[(split + 1)..].Trim();
        int column = table.Column(left);
        ColumnRole? role = ColumnNames.RoleNamed(right);
        if ((column < 0 || role is null) && table.Column(right) is >= 0 and var reversed && ColumnNames.RoleNamed(left) is { } named)
            (column, role) = (reversed, named);
        if (column < 0)
            throw new InputException($"--map {shown}: {table.File} has no column '{SourceTable.Shown(left)}'; {table.Have(left)}");
        if (role is null)
            throw new InputException(
                $"--map {shown}: '{SourceTable.Shown(right)}' is none of optimizer, lr, batch, seed, momentum, beta2, metric, state, clip, "
                    + $"run, step, group, ignore"
            );
        if (groups.Contains(column) || IsUsed(column))
            throw new InputException($"--map gives column {table.Name(column)} two roles; name each column once");
        switch (role.Value)
        {
            case ColumnRole.Group:
                groups.Add(column);
                break;
            case ColumnRole.Ignore:
                _ignored.Add(column);
                break;
            case ColumnRole.LearningRate:
                _rates.Add(column);
                break;
            default:
                if (!_one.TryAdd(role.Value, column))
                    throw new InputException(
                        $"--map names two columns for {ColumnNames.Name(role.Value)}: {table.Name(_one[role.Value])} and "
                            + $"{table.Name(column)}"
                    );
                break;
        }
    }

    /// <summary>What the table's reader has settled holds where the user says nothing else.</summary>
    private void Take(ColumnRole role, int column)
    {
        if (IsUsed(column) || (role == ColumnRole.LearningRate && _rates.Count > 0))
            return;
        if (role == ColumnRole.LearningRate)
            _rates.Add(column);
        else
            _one.TryAdd(role, column);
    }

    /// <summary>Columns named like a role and not used yet: a tracker's config before its summary (which may hold the last, decayed rate),
    /// then the most telling name.</summary>
    private IEnumerable<int> Named(SourceTable table, ColumnRole role) =>
        Enumerable
            .Range(0, table.Header.Length)
            .Where(i => !IsUsed(i))
            .Select(i => (Column: i, Rank: ColumnNames.Rank(role, table.Header[i])))
            .Where(c => c.Rank >= 0)
            // A column that holds nothing is no column, unless runs cannot be told without it.
            .Where(c =>
                role is ColumnRole.Optimizer or ColumnRole.Batch or ColumnRole.LearningRate or ColumnRole.Group
                || table.Rows.Any(r => !SweepNumber.IsBlank(r.Fields[c.Column]))
            )
            .OrderByDescending(c => table.Header[c.Column].StartsWith("config", StringComparison.OrdinalIgnoreCase))
            .ThenBy(c => table.Header[c.Column].StartsWith("summary", StringComparison.OrdinalIgnoreCase))
            .ThenBy(c => c.Rank)
            .Select(c => c.Column)
            .ToList();

    private int? FindByName(SourceTable table, ColumnRole role, ImportNotes notes)
    {
        if (_one.TryGetValue(role, out int mapped))
            return mapped;
        int[] candidates = [.. Named(table, role)];
        if (candidates.Length == 0)
            return null;
        if (role != ColumnRole.LearningRate)
            _one[role] = candidates[0];
        if (candidates.Length > 1 && role is ColumnRole.Optimizer or ColumnRole.LearningRate or ColumnRole.Batch or ColumnRole.Seed)
            notes.Findings.Add(
                new(
                    FindingKinds.ColumnChosen,
                    Severity.Hint,
                    $"Several columns could be the {ColumnNames.Name(role)}: {table.Name(candidates[0])} is taken, not "
                        + $"{table.Names(candidates[1..])}; choose with --map COLUMN={ColumnNames.Name(role)}."
                )
            );
        return candidates[0];
    }

    private void FindOwn(SourceTable table, int optimizer, ImportNotes notes)
    {
        Optimizers = OptimizerName.Of(table.Rows.Select(r => r.Fields[optimizer]).Where(f => f.Length > 0));
        string[] names = [.. Optimizers.Values.Distinct(StringComparer.Ordinal)];
        if (names.Length > MostOptimizers)
            return;
        if (_rates.Count == 0)
            OwnRates = OptimizerColumns.Of(table, ColumnRole.LearningRate, names, c => !IsUsed(c));
        if (!_one.ContainsKey(ColumnRole.Beta2))
            OwnBeta2s = OptimizerColumns.Of(table, ColumnRole.Beta2, names, c => !IsUsed(c));
        if (!_one.ContainsKey(ColumnRole.Momentum))
            OwnMomenta = OptimizerColumns.Of(table, ColumnRole.Momentum, names, c => !IsUsed(c));
        Tell(OwnRates, "learning rate");
        Tell(OwnMomenta, "momentum");
        Tell(OwnBeta2s, "beta2");

        void Tell(IReadOnlyDictionary<string, int> own, string what)
        {
            if (own.Count == 0)
                return;
            string columns = string.Join(", ", own.Take(4).Select(o => $"{table.Name(o.Value)} of {o.Key}")) + (own.Count > 4 ? ", …" : "");
            notes.Findings.Add(
                new(
                    FindingKinds.ColumnPerOptimizer,
                    Severity.Hint,
                    $"The {what} has a column per optimizer: {columns}; each row takes its own optimizer's."
                )
            );
        }
    }

    private void FindGroups(SourceTable table, ImportOptions options, List<int> mapped)
    {
        if (options.Groups is { } named)
        {
            foreach (string name in named)
            {
                int column = table.Column(name);
                if (column < 0)
                    throw new InputException($"--group {SourceTable.Shown(name)}: {table.File} has no such column; {table.Have(name)}");
                if (!mapped.Contains(column))
                    mapped.Add(column);
            }
            Groups = mapped;
        }
        else
        {
            int[] compared =
            [
                .. Enumerable.Range(0, table.Header.Length).Where(c => ColumnNames.ComparisonOf(table.Header[c]) is not null),
            ];
            Groups =
                mapped.Count > 0 ? mapped
                // Who names comparisons has said what is compared separately.
                : compared.Length > 0 ? compared
                : [.. Named(table, ColumnRole.Group).Order()];
        }
    }

    private void FindMetric(SourceTable table, ImportOptions options, ImportNotes notes)
    {
        if (options.Metric is { } wanted)
        {
            int column = table.Column(wanted);
            int split = wanted.LastIndexOf(':');
            if (column < 0 && split > 0)
            {
                HistoryPart = wanted[(split + 1)..];
                if (HistoryPart is not ("tail" or "min" or "last"))
                    throw new InputException(
                        $"--metric {SourceTable.Shown(wanted)}: '{SourceTable.Shown(HistoryPart)}' is none of tail, min, last"
                    );
                column = table.Column(wanted[..split]);
            }
            if (column < 0)
                throw new InputException($"--metric {SourceTable.Shown(wanted)}: {table.File} has no such column; {table.Have(wanted)}");
            if (_one.TryGetValue(ColumnRole.Metric, out int mapped) && mapped != column)
                throw new InputException(
                    $"--metric {SourceTable.Shown(wanted)} and --map {table.Header[mapped]}=metric name two metrics; give one of them"
                );
            _one[ColumnRole.Metric] = column;
        }
        else if (!_one.ContainsKey(ColumnRole.Metric))
        {
            string[] order =
            [
                "metric",
                .. options.HigherIsBetter ? ColumnNames.Scores : ColumnNames.Losses,
                .. options.HigherIsBetter ? ColumnNames.Losses : ColumnNames.Scores,
                .. ColumnNames.Objectives,
            ];
            int[] free = [.. Enumerable.Range(0, table.Header.Length).Where(i => !IsUsed(i) && !Steps.Contains(i) && table.MayBeMetric(i))];
            List<int> candidates =
            [
                .. free.Select(i => (Column: i, Rank: ColumnNames.Rank(order, table.Header[i])))
                    .Where(c => c.Rank >= 0)
                    .OrderBy(c => c.Rank)
                    // Runs of several scripts may spell one metric in two ways.
                    .ThenByDescending(c => table.Rows.Count(r => r.Fields[c.Column].Length > 0))
                    .Select(c => c.Column),
            ];
            if (candidates.Count == 0)
                candidates = [.. free.Where(i => table.Header[i].EndsWith("_history", StringComparison.OrdinalIgnoreCase))];
            // A loss by a name of its own: taken when there is no other.
            if (
                candidates.Count == 0
                && free.Where(i => ColumnNames.Simplify(table.Header[i]).Contains("loss", StringComparison.Ordinal) && Varies(table, i))
                    .ToList()
                    is [var only]
            )
                candidates = [only];
            if (candidates.Count == 0)
                return;
            _one[ColumnRole.Metric] = candidates[0];
            if (candidates.Count > 1)
                notes.Findings.Add(
                    new(
                        FindingKinds.MetricChosen,
                        Severity.Hint,
                        $"The metric is {table.Name(candidates[0])}; {table.Names(candidates.Skip(1))} could be it too: choose with "
                            + $"--metric NAME."
                    )
                );
        }
        int metric = _one[ColumnRole.Metric];
        if (HistoryPart is null && table.Rows.Any(r => r.Fields[metric].StartsWith('[')))
            HistoryPart = "tail";
        CheckDirection(table, metric, options, notes);
    }

    /// <summary>Which way is better turns every answer round: it is never guessed against the metric's name.</summary>
    private static void CheckDirection(SourceTable table, int metric, ImportOptions options, ImportNotes notes)
    {
        string name = table.Name(metric),
            simple = ColumnNames.Simplify(table.Header[metric]);
        if (table.HigherIsBetter.TryGetValue(table.Header[metric], out bool higher))
        {
            if (higher && !options.HigherIsBetter && !options.LowerIsBetter)
                throw new InputException(
                    $"{table.File}: the runs were to make {name} large; say --maximize, or --minimize if less is better"
                );
            if (higher ? options.LowerIsBetter : options.HigherIsBetter)
                notes.Findings.Add(
                    new(
                        FindingKinds.MetricDirection,
                        Severity.Warning,
                        $"The runs were to make {name} {(higher ? "large, yet lower" : "small, yet higher")} is taken as better; leave "
                            + $"{(higher ? "--minimize" : "--maximize")} out if that is not so."
                    )
                );
            return;
        }
        bool score =
            ColumnNames.Rank(ColumnNames.Scores, table.Header[metric]) >= 0 || simple.Contains("accuracy", StringComparison.Ordinal);
        bool loss = ColumnNames.Rank(ColumnNames.Losses, table.Header[metric]) >= 0 || simple.Contains("loss", StringComparison.Ordinal);
        if (score && !options.HigherIsBetter && !options.LowerIsBetter)
            throw new InputException(
                $"{table.File}: the metric {name} looks like a score, of which more is better; say --maximize, or --minimize if less "
                    + $"is better"
            );
        if (loss && options.HigherIsBetter)
            notes.Findings.Add(
                new(
                    FindingKinds.MetricDirection,
                    Severity.Warning,
                    $"{name} looks like a loss, yet higher is taken as better; leave --maximize out if lower is better."
                )
            );
        if (
            !score
            && !loss
            && !options.HigherIsBetter
            && !options.LowerIsBetter
            && ColumnNames.Rank(ColumnNames.Objectives, table.Header[metric]) >= 0
        )
        {
            notes.Caveats.Add($"lower {name} taken as better");
            notes.Findings.Add(
                new(
                    FindingKinds.MetricDirection,
                    Severity.Warning,
                    $"{name} does not say which way is better: lower is taken as better; say --maximize if higher is, or --minimize to "
                        + $"have said so."
                )
            );
        }
    }

    private void CheckNeeded(SourceTable table, ImportOptions options, List<Finding> findings)
    {
        var missing = new List<ColumnRole>();
        int likely = -1;
        if (this[ColumnRole.Optimizer] is null && options.Optimizer is null)
        {
            likely = Array.FindIndex(table.Header, h => ColumnNames.Nearest(h, ColumnNames.Known[ColumnRole.Optimizer]) is not null);
            if (likely < 0)
                likely = Enumerable
                    .Range(0, table.Header.Length)
                    .Where(i => !IsUsed(i))
                    .FirstOrDefault(i => LooksLikeOptimizers(table, i), -1);
            if (likely >= 0 || !HasRates)
                missing.Add(ColumnRole.Optimizer);
        }
        if (this[ColumnRole.Batch] is null)
            missing.Add(ColumnRole.Batch);
        if (this[ColumnRole.Metric] is null)
            missing.Add(ColumnRole.Metric);
        if (missing.Count > 0)
            throw Missing(table, missing, likely);
        CheckRates(table);
        if (this[ColumnRole.Optimizer] is not null || options.Optimizer is not null)
            return;
        findings.Add(
            new(
                FindingKinds.NoOptimizerColumn,
                Severity.Warning,
                $"{table.File} has no optimizer column: all runs are taken as one unnamed optimizer ('unnamed'). Name it with --optimizer "
                    + $"NAME, or its column with --map COLUMN=optimizer."
            )
        );
    }

    /// <summary>Batches that are accumulated, or spread over devices, are larger than a column of batch sizes may say.</summary>
    private void TellMultipliers(SourceTable table, ImportNotes notes)
    {
        string batch = ColumnNames.Simplify(table.Header[this[ColumnRole.Batch]!.Value]);
        if (
            (table.Given.TryGetValue(ColumnRole.Batch, out int given) && given == this[ColumnRole.Batch])
            || batch.Contains("global", StringComparison.Ordinal)
            || batch.Contains("total", StringComparison.Ordinal)
            || batch.Contains("effective", StringComparison.Ordinal)
        )
            return;
        int[] columns =
        [
            .. Enumerable
                .Range(0, table.Header.Length)
                .Where(i => !IsUsed(i) && ColumnNames.Rank(ColumnNames.Multipliers, table.Header[i]) >= 0 && Varies(table, i)),
        ];
        if (columns.Length == 0)
            return;
        notes.Caveats.Add($"batch sizes not multiplied by {table.Names(columns)}");
        notes.Findings.Add(
            new(
                FindingKinds.BatchMultiplier,
                Severity.Warning,
                $"{table.Names(columns)} differs between runs, and {table.Name(this[ColumnRole.Batch]!.Value)} is taken as it stands: if "
                    + $"it is the batch of one device or of one accumulation, give the table a column with the whole batch and name it "
                    + $"with --map COLUMN=batch."
            )
        );
    }

    /// <summary>Without learning rates a table counts as tuned, which turns answers round when a rate was only not recognised.</summary>
    private void CheckRates(SourceTable table)
    {
        if (HasRates)
            return;
        string[] others = ["sched", "warmup", "decay", "step", "min", "final", "end", "gamma", "mult", "factor", "power", "patience"];
        int[] like =
        [
            .. Enumerable
                .Range(0, table.Header.Length)
                .Where(i =>
                    !IsUsed(i)
                    && LikeRate(table.Header[i])
                    && !others.Any(o => table.Header[i].Contains(o, StringComparison.OrdinalIgnoreCase))
                    && Varies(table, i)
                ),
        ];
        if (like.Length == 0)
            return;
        throw new InputException(
            $"{table.File}: no learning-rate column is known, but {table.Names(like)} "
                + $"{(like.Length == 1 ? "looks like one" : "look like some")}; "
                + $"say so with {string.Join(" ", like.Take(2).Select(c => $"--map {SourceTable.Shown(table.Header[c])}=lr"))}, or "
                + $"=ignore if the values are tuned already"
        );

        // A part of the name is "lr", also at the end of a word in camel case; "lrap" is another thing.
        static bool LikeRate(string name) =>
            ColumnNames.Simplify(name).Contains("learningrate", StringComparison.Ordinal)
            || name.Split(['.', '/', ':', '_', '-', ' '])
                .Any(p =>
                    p.TrimEnd("0123456789".ToCharArray()) is var part
                    && (
                        part.Equals("lr", StringComparison.OrdinalIgnoreCase)
                        || part.Equals("lrs", StringComparison.OrdinalIgnoreCase)
                        || part.EndsWith("Lr", StringComparison.Ordinal)
                        || part.EndsWith("LR", StringComparison.Ordinal)
                    )
                );
    }

    /// <summary>Numbers, not all the same.</summary>
    private static bool Varies(SourceTable table, int column)
    {
        string[] values =
        [
            .. table.Rows.Select(r => r.Fields[column]).Where(f => !SweepNumber.IsBlank(f)).Distinct(StringComparer.Ordinal),
        ];
        return values.Length > 1 && values.All(v => SweepNumber.Parse(v) is not null);
    }

    private static bool LooksLikeOptimizers(SourceTable table, int column) =>
        OptimizerName.Of(table.Rows.Select(r => r.Fields[column])).Values.All(OptimizerName.IsKnown);

    /// <summary>Says which columns are missing and, for each, which one may be meant.</summary>
    private InputException Missing(SourceTable table, List<ColumnRole> missing, int likelyOptimizer)
    {
        string names = string.Join(" and no ", missing.Select(r => r == ColumnRole.Batch ? "batch-size" : ColumnNames.Name(r)));
        // Of a wide table, the numbers that vary and have no role yet are what the metric can be.
        int[] numbers =
        [
            .. Enumerable
                .Range(0, table.Header.Length)
                .Where(i => !IsUsed(i) && !Steps.Contains(i) && table.MayBeMetric(i) && Varies(table, i)),
        ];
        int[] shown =
            missing is [ColumnRole.Metric] && numbers.Length > 0 && table.Header.Length > 4
                ? numbers
                : [.. Enumerable.Range(0, table.Header.Length)];
        string maps = string.Join(" ", missing.Select(r => $"--map {Likely(r) ?? "COLUMN"}={ColumnNames.Name(r)}"));
        return new InputException(
            $"{table.File}: no {names} column among {table.Names(shown)}; say which one it is with {maps}"
                + (
                    table.Given.Count > 0 && missing.Exists(r => r is not ColumnRole.Metric)
                        ? $", or what it is of all runs: --default {ColumnNames.Name(missing[0])}=VALUE"
                        : ""
                )
        );

        string? Likely(ColumnRole role) =>
            role == ColumnRole.Optimizer && likelyOptimizer >= 0 ? SourceTable.Shown(table.Header[likelyOptimizer])
            : Enumerable
                .Range(0, table.Header.Length)
                .Where(i => !IsUsed(i))
                .Select(i => table.Header[i])
                .FirstOrDefault(h => ColumnNames.Nearest(h, ColumnNames.Known[role].Where(k => k.Length > 2)) is not null)
                is { } near
                ? SourceTable.Shown(near)
            : role == ColumnRole.Metric && numbers.Length > 0 && missing.Count == 1 ? SourceTable.Shown(table.Header[numbers[^1]])
            : null;
    }
}
