// Columns that hold a hyperparameter of one optimizer only: params_sgd_lr, adam/learning_rate, lr_adam.
namespace Gaplab.Results.Import;

/// <summary>Finds a hyperparameter's columns by the optimizers that a table has.</summary>
internal static class OptimizerColumns
{
    /// <summary>Column by optimizer; an optimizer without a column of its own has none.</summary>
    public static IReadOnlyDictionary<string, int> Of(
        SourceTable table,
        ColumnRole role,
        IEnumerable<string> optimizers,
        Func<int, bool> free
    )
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string optimizer in optimizers)
        {
            string name = ColumnNames.Simplify(optimizer);
            if (name.Length == 0)
                continue;
            string[] names = [.. ColumnNames.Known[role].SelectMany(known => new[] { name + known, known + name })];
            int best = Enumerable
                .Range(0, table.Header.Length)
                .Where(free)
                .Select(c => (Column: c, Rank: ColumnNames.Rank(names, table.Header[c])))
                .Where(c => c.Rank >= 0)
                .OrderBy(c => c.Rank)
                .Select(c => c.Column)
                .FirstOrDefault(-1);
            if (best >= 0)
                found[optimizer] = best;
        }
        return found;
    }
}
