#:package ParquetSharp@25.0.1.2
#:property PublishAot=false
// Tables in Parquet as Apache's own library (Arrow C++, through ParquetSharp) writes them: dictionaries, nulls, NaN, two row groups, a
// column of lists; once with Snappy, once with Zstandard.
//
//     cp tests/golden/make_parquet_files.cs FOLDER; dotnet run FOLDER/make_parquet_files.cs tests/golden/parquet-files
//
// (Outside the tree, whose packages are pinned in one place.) The tests say what was put in.
using ParquetSharp;

string folder = Path.GetFullPath(args[0]);
Directory.CreateDirectory(folder);
foreach (Compression compression in (Compression[])[Compression.Snappy, Compression.Zstd])
{
    Column[] columns =
    [
        new Column<string>("config.optimizer"),
        new Column<double>("config.lr"),
        new Column<int>("batch_size"),
        new Column<long>("seed"),
        new Column<double?>("val_loss"),
        new Column<float?>("accuracy"),
        new Column<bool>("done"),
        new Column<string?>("note"),
        new Column<int[]>("steps"),
    ];
    using var file = new ParquetFileWriter(
        Path.Combine(folder, $"{compression.ToString().ToLowerInvariant()}.parquet"),
        columns,
        compression
    );
    for (int group = 0; group < 2; group++)
    {
        int[] rows = [.. Enumerable.Range(3 * group, 3)];
        using RowGroupWriter writer = file.AppendRowGroup();
        Write(writer, rows.Select(i => i % 2 == 0 ? "sgd" : "adam"));
        Write(writer, rows.Select(i => 0.1 * (i + 1)));
        Write(writer, rows.Select(i => 16 << i));
        Write(writer, rows.Select(i => (1L << 60) + i));
        Write(
            writer,
            rows.Select(i =>
                i == 1 ? (double?)null
                : i == 4 ? double.NaN
                : 1.0 / (i + 3)
            )
        );
        Write(writer, rows.Select(i => i == 2 ? (float?)null : 0.1f * i));
        Write(writer, rows.Select(i => i != 5));
        Write(writer, rows.Select(i => i == 3 ? "schön, \"quoted\"" : null));
        Write(writer, rows.Select(i => Enumerable.Range(0, i).ToArray()));
    }
    file.Close();
}

static void Write<T>(RowGroupWriter group, IEnumerable<T> values)
{
    using LogicalColumnWriter<T> column = group.NextColumn().LogicalWriter<T>();
    column.WriteBatch([.. values]);
}
