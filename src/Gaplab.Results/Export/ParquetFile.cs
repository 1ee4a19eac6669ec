// Writes a table as Parquet, some rows at a time.
using Parquet;
using Parquet.Schema;

namespace Gaplab.Results.Export;

/// <summary>Groups of rows, each written before the next is made.</summary>
internal static class ParquetFile
{
    /// <summary>Rows of a group: so many are in memory at once.</summary>
    private const int Group = 1 << 16;

    /// <summary>Writes the table; columns may be null in every cell.</summary>
    public static void Write(Stream stream, ExportTable table)
    {
        using var kept = new KeptOpen(stream);
        WriteAsync(kept, table).GetAwaiter().GetResult();
    }

    private static async Task WriteAsync(Stream stream, ExportTable table)
    {
        IColumn[] columns = [.. table.Columns.Select(Of)];
        await using ParquetWriter writer = await ParquetWriter
            .CreateAsync(new ParquetSchema([.. columns.Select(c => c.Field)]), stream)
            .ConfigureAwait(false);
        int rows = 0,
            groups = 0;
        foreach (Cell[] row in table.Rows)
        {
            for (int c = 0; c < columns.Length; c++)
                columns[c].Add(row[c]);
            if (++rows == Group)
                await FlushAsync().ConfigureAwait(false);
        }
        // A table without rows has a group without rows.
        if (rows > 0 || groups == 0)
            await FlushAsync().ConfigureAwait(false);

        async Task FlushAsync()
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            foreach (IColumn column in columns)
                await column.WriteAsync(group).ConfigureAwait(false);
            group.CompleteValidate();
            groups++;
            rows = 0;
        }
    }

    private static IColumn Of(ExportColumn column) =>
        column.Kind switch
        {
            ColumnKind.Whole => new Values<long>(column.Name, c => c.AsWhole),
            ColumnKind.Number => new Values<double>(column.Name, c => c.AsNumber),
            _ => new Texts(column.Name),
        };

    /// <summary>The library closes what it has written to; the file is not yet whole.</summary>
    private sealed class KeptOpen(Stream stream) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => stream.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => stream.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => stream.Write(buffer);
    }

    private interface IColumn
    {
        DataField Field { get; }

        void Add(Cell cell);

        /// <summary>Writes what was added, and begins anew.</summary>
        Task WriteAsync(ParquetRowGroupWriter group);
    }

    private sealed class Values<T>(string name, Func<Cell, T?> of) : IColumn
        where T : struct
    {
        private readonly List<T?> _values = [];

        public DataField Field { get; } = new(name, typeof(T), isNullable: true);

        public void Add(Cell cell) => _values.Add(of(cell));

        public async Task WriteAsync(ParquetRowGroupWriter group)
        {
            await group.WriteAsync<T>(Field, _values.ToArray().AsMemory()).ConfigureAwait(false);
            _values.Clear();
        }
    }

    private sealed class Texts(string name) : IColumn
    {
        private readonly List<string> _values = [];

        public DataField Field { get; } = new(name, typeof(string), isNullable: true);

        public void Add(Cell cell) => _values.Add(cell.Field is { Length: > 0 } text ? text : null!);

        public async Task WriteAsync(ParquetRowGroupWriter group)
        {
            await group.WriteAsync(Field, [.. _values]).ConfigureAwait(false);
            _values.Clear();
        }
    }
}
