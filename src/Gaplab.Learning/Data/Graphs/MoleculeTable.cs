// Molecules with a number each, from a CSV file.
using System.Globalization;
using System.Text;
using CsvHelper;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Learning.Data.Graphs;

/// <summary>Reads a column of SMILES and one or several columns of numbers.</summary>
internal static class MoleculeTable
{
    /// <summary>What stands for no value: a blank, or what libraries write for one.</summary>
    private static readonly HashSet<string> s_blank = new(StringComparer.OrdinalIgnoreCase)
    {
        "",
        "nan",
        "na",
        "n/a",
        "<na>",
        "null",
        "none",
    };

    /// <returns>Molecules with their targets, and how many rows were left out because a target has no value.</returns>
    /// <exception cref="InputException">A broken table, an unknown column, a molecule that does not parse or a target that is no number,
    /// with the line.</exception>
    public static (List<(MolecularGraph Graph, double[] Targets)> Molecules, int LeftOut) Read(string path, TaskSpec spec)
    {
        string?[] columns = spec.Targets is { } several ? [.. several.Split('\n')] : [spec.TargetColumn];
        string text = Encoding.UTF8.GetString(TextFiles.ReadPacked(path, "CSV file of molecules"));
        if (text.Length == 0)
            throw new InputException($"{path}: is empty; expected a CSV file with a header, a column of SMILES and one of numbers");
        FieldLengths.Check(path, text);
        using CsvReader csv = CsvReader.FromText(
            text,
            new CsvReaderOptions
            {
                HasHeader = false,
                TrimWhitespace = true,
                TrackLineNumbers = true,
                MalformedData = CsvMalformedDataHandling.Throw,
            }
        );
        var molecules = new List<(MolecularGraph, double[])>();
        string[]? header = null;
        int[] targets = [];
        int smiles = -1,
            leftOut = 0;
        try
        {
            while (csv.Read())
            {
                string[] row = [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)];
                if (header is null)
                {
                    header = row;
                    smiles = ColumnOf(path, header, spec.SmilesColumn, "smiles-column");
                    targets = [.. columns.Select(c => ColumnOf(path, header, c, spec.Targets is null ? "target-column" : "targets"))];
                }
                else if (row.Any(f => f.Length > 0))
                {
                    if (row.Length != header.Length)
                        throw new InputException(
                            $"{path}: line {csv.LineNumber} has {row.Length} fields, the header has {header.Length}; expected as many"
                        );
                    if (spec.Blank == "skip" && targets.Any(t => s_blank.Contains(row[t])))
                        leftOut++;
                    else
                        molecules.Add(Molecule(path, csv.LineNumber, row, smiles, targets, header));
                }
            }
        }
        catch (CsvFormatException e)
        {
            throw new InputException(
                $"{path}: line {e.LineNumber} has broken quotes; quote the whole field and double the quotes inside it",
                e
            );
        }
        return molecules.Count > 0
            ? (molecules, leftOut)
            : throw new InputException(
                $"{path}: holds a header and no "
                    + $"molecule{(leftOut > 0 ? $" with a value: all {leftOut} rows were left out (task.blank: skip)" : "")}"
            );
    }

    private static int ColumnOf(string path, string[] header, string? column, string key)
    {
        if (column is null)
            throw new InputException($"{path}: task.{key} is missing; name the column (there are: {Shown.List(header, 20)})");
        int at = Array.IndexOf(header, column);
        return at >= 0
            ? at
            : throw new InputException($"{path}: has no column '{column}' (its columns: {Shown.List(header, 20)}); name it in task.{key}");
    }

    private static (MolecularGraph, double[]) Molecule(string path, long line, string[] row, int smiles, int[] targets, string[] header)
    {
        double[] values = new double[targets.Length];
        for (int t = 0; t < targets.Length; t++)
        {
            string text = row[targets[t]];
            if (s_blank.Contains(text))
                throw new InputException(
                    $"{path}: line {line} has no value in column '{header[targets[t]]}'{(text.Length > 0 ? $" ('{text}')" : "")}; "
                        + $"expected a number, or task.blank: skip to leave such rows out"
                );
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out values[t]) || !double.IsFinite(values[t]))
                throw new InputException($"{path}: line {line} has '{Shown.Of(text)}' in column '{header[targets[t]]}'; expected a number");
        }
        try
        {
            return (Smiles.Parse(row[smiles]), values);
        }
        catch (InputException e)
        {
            throw new InputException($"{path}: line {line}: {e.Message}", e);
        }
    }
}
