// The numbers of a table's columns, each read in its column's format.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Results.Import;

/// <summary>Reads fields as numbers; the formats are decided once, from whole columns.</summary>
internal sealed class TableNumbers
{
    private readonly SourceTable _table;
    private readonly Dictionary<int, NumberFormat> _formats = [];

    /// <exception cref="InputException">A column of numbers can be read in two ways.</exception>
    public TableNumbers(SourceTable table, ColumnRoles roles, List<Finding> findings)
    {
        _table = table;
        int[] whole = [.. roles[ColumnRole.Batch] is { } batch ? (int[])[batch] : [], .. roles.Steps];
        List<int> real =
        [
            .. roles.Rates,
            .. roles.OwnRates.Values,
            .. roles.Momenta,
            .. roles.OwnMomenta.Values,
            .. roles.Beta2s,
            .. roles.OwnBeta2s.Values,
        ];
        if (roles[ColumnRole.Clip] is { } clip)
            real.Add(clip);
        if (roles[ColumnRole.Metric] is { } metric)
            real.Add(metric);
        (bool Commas, bool Points) evidence = NumberFormat.Evidence(table, [.. whole, .. real]);
        foreach (int column in whole)
            _formats[column] = NumberFormat.Of(table, column, whole: true, evidence);
        foreach (int column in real)
            _formats[column] = NumberFormat.Of(table, column, whole: false, evidence);
        if (_formats.Where(f => f.Value.DecimalComma).Select(f => f.Key).ToList() is { Count: > 0 } commas)
            findings.Add(new(FindingKinds.DecimalCommas, Severity.Hint, $"Decimal commas are read as such in {table.Names(commas)}."));
    }

    /// <summary>Null when nothing was written.</summary>
    /// <exception cref="InputException">It is no number.</exception>
    public double? this[SourceRow row, int column] =>
        Parse(row, column, out double value) ? value
        : SweepNumber.IsBlank(row.Fields[column]) ? null
        : throw _table.Bad(row, column, SweepNumber.Cause(row.Fields[column]) ?? "a number");

    /// <exception cref="InputException">It is not finite and above 0.</exception>
    public double Positive(SourceRow row, int column, string expected) =>
        this[row, column] is { } value && double.IsFinite(value) && value > 0 ? value : throw _table.Bad(row, column, expected);

    /// <summary>Whether every field of a column that holds something holds a number, and some do.</summary>
    public bool IsNumeric(int column) =>
        _table.Rows.All(r => SweepNumber.IsBlank(r.Fields[column]) || Parse(r, column, out _))
        && _table.Rows.Any(r => Parse(r, column, out _));

    private bool Parse(SourceRow row, int column, out double value)
    {
        string field = row.Fields[column];
        double? parsed =
            SweepNumber.IsBlank(field) ? null
            : _formats.TryGetValue(column, out NumberFormat format) ? format.Parse(field)
            : SweepNumber.Parse(field);
        value = parsed ?? 0;
        return parsed is not null;
    }
}
