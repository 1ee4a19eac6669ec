// Molecules with a number each, from a CSV file.
using System.Globalization;
using System.Text;
using CsvHelper;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>Reads a column of SMILES and a column of numbers.</summary>
internal static class MoleculeTable
{
    /// <exception cref="InputException">A broken table, an unknown column, a molecule that does not parse or a target that is no number, with the line.</exception>
    public static List<(MolecularGraph Graph, double Target)> Read(string path, string smilesColumn, string? targetColumn)
    {
        string text = Encoding.UTF8.GetString(TextFiles.ReadPacked(path, "CSV file of molecules"));
        if (text.Length == 0) throw new InputException($"{path}: is empty; expected a CSV file with a header, a column of SMILES and one of numbers");
        FieldLengths.Check(path, text);
        using CsvReader csv = CsvReader.FromText(text, new CsvReaderOptions { HasHeader = false, TrimWhitespace = true, TrackLineNumbers = true, MalformedData = CsvMalformedDataHandling.Throw });
        var molecules = new List<(MolecularGraph, double)>();
        string[]? header = null;
        int smiles = -1, target = -1;
        try
        {
            while (csv.Read())
            {
                string[] row = [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)];
                if (header is null)
                {
                    header = row;
                    smiles = ColumnOf(path, header, smilesColumn, "smiles-column");
                    target = ColumnOf(path, header, targetColumn, "target-column");
                }
                else if (row.Any(f => f.Length > 0))
                {
                    molecules.Add(Molecule(path, csv.LineNumber, row, header.Length, smiles, target, targetColumn!));
                }
            }
        }
        catch (CsvFormatException e)
        {
            throw new InputException($"{path}: line {e.LineNumber} has broken quotes; quote the whole field and double the quotes inside it", e);
        }
        return molecules.Count > 0 ? molecules : throw new InputException($"{path}: holds a header and no molecule");
    }

    private static int ColumnOf(string path, string[] header, string? column, string key)
    {
        if (column is null) throw new InputException($"{path}: task.{key} is missing; name the column (there are: {Shown.List(header, 20)})");
        int at = Array.IndexOf(header, column);
        return at >= 0 ? at : throw new InputException($"{path}: has no column '{column}' (its columns: {Shown.List(header, 20)}); name it in task.{key}");
    }

    private static (MolecularGraph, double) Molecule(string path, long line, string[] row, int expected, int smiles, int target, string targetColumn)
    {
        if (row.Length != expected) throw new InputException($"{path}: line {line} has {row.Length} fields, the header has {expected}; expected as many");
        if (!double.TryParse(row[target], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
            throw new InputException($"{path}: line {line} has '{row[target]}' in column '{targetColumn}'; expected a number");
        try { return (Smiles.Parse(row[smiles]), value); }
        catch (InputException e) { throw new InputException($"{path}: line {line}: {e.Message}", e); }
    }
}
