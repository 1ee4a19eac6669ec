// Reads Parquet: a column of numbers or texts for each column of a table.
using System.Buffers.Binary;
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Wire;
using Parquet;
using Parquet.Schema;

namespace Gaplab.Results.Import;

/// <summary>The reader of tables in Parquet. Fields of a struct get dotted names; columns of lists are left out, which is
/// said.</summary>
internal static class ParquetTable
{
    private const int MostRows = 10_000_000;

    private const long MostCells = 1L << 27,
        MostBytes = 2L << 30;

    /// <summary>A metric of two values takes a bit a row; memory is not taken for what a damaged footer claims.</summary>
    private const long MostRowsPerByte = 64;

    private static readonly byte[] s_magic = "PAR1"u8.ToArray();

    private const string Expected = "expected a table in Parquet";

    private static SourceTable Read(SweepSource source, ImportNotes notes)
    {
        byte[] bytes = RegularFile.ReadBytes(source.Path, FileLimit.Table);
        if (bytes.Length < 12 || !bytes.AsSpan(bytes.Length - 4).SequenceEqual(s_magic))
            throw new InputException($"{source.Name}: cut off: its end is not that of a Parquet file; {Expected}");
        int footer = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(bytes.Length - 8));
        if (footer <= 0 || footer > bytes.Length - 12 || CompactThrift.Length(bytes.AsSpan(bytes.Length - 8 - footer, footer)) is null)
            throw new InputException($"{source.Name}: damaged: its footer claims more than it holds; {Expected}");
        try
        {
            return ReadAsync(new MemoryStream(bytes, writable: false), source.Name, notes).GetAwaiter().GetResult();
        }
        // The library throws whatever the bytes make it throw.
        catch (Exception e) when (e is not InputException and not OutOfMemoryException)
        {
            throw new InputException($"{source.Name}: cannot be read: {Shown.Of(e.Message, 120)}; {Expected}", e);
        }
    }

    private static async Task<SourceTable> ReadAsync(Stream stream, string name, ImportNotes notes)
    {
        await using ParquetReader reader = await ParquetReader.CreateAsync(stream).ConfigureAwait(false);
        DataField[] all = reader.Schema.GetDataFields();
        DataField[] fields = [.. all.Where(f => f.MaxRepetitionLevel == 0)];
        string[] header = [.. fields.Select(f => string.Join('.', f.Path.ToList()))];
        TableHeader.Check(name, header);
        if (fields.Length < all.Length)
            notes.Findings.Add(
                new(
                    FindingKinds.SetAside,
                    Severity.Hint,
                    $"Columns of lists are left out: {Shown.List(all.Except(fields).Select(f => f.Path.ToList()[0]), 4)}."
                )
            );
        var rows = new List<SourceRow>();
        for (int g = 0; g < reader.RowGroupCount; g++)
        {
            using ParquetRowGroupReader group = reader.OpenRowGroupReader(g);
            long count = group.RowCount;
            if (count < 0 || rows.Count + count > MostRows || (rows.Count + count) * Math.Max(1, fields.Length) > MostCells)
                throw new InputException($"{name}: more than {MostRows} rows or {MostCells} fields; {Expected} of runs");
            if (rows.Count + count > MostRowsPerByte * stream.Length)
                throw new InputException($"{name}: claims {rows.Count + count} rows in {stream.Length} bytes; {Expected}");
            if (fields.Sum(f => group.GetMetadata(f)?.MetaData?.TotalUncompressedSize ?? 0) > MostBytes)
                throw new InputException($"{name}: unpacks to more than {MostBytes} bytes; {Expected} of runs");
            string[][] columns = new string[fields.Length][];
            for (int c = 0; c < fields.Length; c++)
                columns[c] = await ColumnAsync(group, fields[c], (int)count).ConfigureAwait(false);
            for (int r = 0; r < (int)count; r++)
            {
                int line = rows.Count + 1;
                rows.Add(new(line, [.. columns.Select(c => c[r])], $"row {line}"));
            }
        }
        return new(name, header, rows);
    }

    private static Task<string[]> ColumnAsync(ParquetRowGroupReader group, DataField field, int count)
    {
        Type type = field.ClrType;
        return type == typeof(ReadOnlyMemory<char>) || type == typeof(string) ? TextsAsync()
            : type == typeof(double) ? Values<double>(v => Number(v))
            : type == typeof(float) ? Values<float>(v => v.ToString("R", CultureInfo.InvariantCulture))
            : type == typeof(long) ? Values<long>(v => v.ToString(CultureInfo.InvariantCulture))
            : type == typeof(int) ? Values<int>(v => v.ToString(CultureInfo.InvariantCulture))
            : type == typeof(short) ? Values<short>(v => v.ToString(CultureInfo.InvariantCulture))
            : type == typeof(sbyte) ? Values<sbyte>(v => v.ToString(CultureInfo.InvariantCulture))
            : type == typeof(byte) ? Values<byte>(v => v.ToString(CultureInfo.InvariantCulture))
            : type == typeof(ushort) ? Values<ushort>(v => v.ToString(CultureInfo.InvariantCulture))
            : type == typeof(uint) ? Values<uint>(v => v.ToString(CultureInfo.InvariantCulture))
            : type == typeof(ulong) ? Values<ulong>(v => v.ToString(CultureInfo.InvariantCulture))
            : type == typeof(bool) ? Values<bool>(v => v ? "true" : "false")
            : type == typeof(decimal) ? Values<decimal>(v => v.ToString(CultureInfo.InvariantCulture))
            : type == typeof(DateTime) ? Values<DateTime>(v => v.ToString("O", CultureInfo.InvariantCulture))
            : Task.FromResult(Enumerable.Repeat("", count).ToArray());

        async Task<string[]> TextsAsync()
        {
            string?[] texts = new string?[count];
            await group.ReadAsync(field, texts.AsMemory()!).ConfigureAwait(false);
            return [.. texts.Select(t => t?.Trim() ?? "")];
        }

        async Task<string[]> Values<T>(Func<T, string> text)
            where T : struct
        {
            if (field.IsNullable || field.MaxDefinitionLevel > 0)
            {
                var some = new T?[count];
                await group.ReadAsync<T>(field, some.AsMemory()).ConfigureAwait(false);
                return [.. some.Select(v => v is { } value ? text(value) : "")];
            }
            var values = new T[count];
            await group.ReadAsync<T>(field, values.AsMemory()).ConfigureAwait(false);
            return [.. values.Select(text)];
        }
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static SweepFormat Format { get; } =
        new(source => !source.IsFolder && source.Head.AsSpan().StartsWith(s_magic) ? Recognition.Certain : Recognition.No, Read)
        {
            Name = "parquet",
            Says = "a table in Parquet, compressed or not; fields of a struct get dotted names",
            KnownBy = "its first four bytes, PAR1",
            Endings = [".parquet"],
        };
}
