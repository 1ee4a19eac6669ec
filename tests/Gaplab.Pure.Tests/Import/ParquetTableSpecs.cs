// Tables in Parquet that Apache's own library wrote, with every number as it was put in.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Folders;
using Gaplab.Results.Import;
using Gaplab.Results.Wire;

namespace Gaplab.Pure.Tests.Import;

public sealed class ParquetTableSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("snappy")]
    [InlineData("zstd")]
    public void What_another_library_wrote_is_read_as_it_was_put_in(string compression)
    {
        string path = Repository.At($"tests/golden/parquet-files/{compression}.parquet");
        var notes = new ImportNotes();
        SourceTable table = ParquetTable.Format.Read(SweepSource.At(path), notes);
        Assert.Equal(["config.optimizer", "config.lr", "batch_size", "seed", "val_loss", "accuracy", "done", "note"], table.Header);
        Assert.Equal(
            Enumerable
                .Range(0, 6)
                .Select(i =>
                    (string[])
                        [
                            i % 2 == 0 ? "sgd" : "adam",
                            (0.1 * (i + 1)).ToString("R", CultureInfo.InvariantCulture),
                            $"{16 << i}",
                            $"{(1L << 60) + i}",
                            i == 1 ? ""
                            : i == 4 ? "NaN"
                            : (1.0 / (i + 3)).ToString("R", CultureInfo.InvariantCulture),
                            i == 2 ? "" : (0.1f * i).ToString("R", CultureInfo.InvariantCulture),
                            i == 5 ? "false" : "true",
                            i == 3 ? "schön, \"quoted\"" : "",
                        ]
                ),
            table.Rows.Select(r => r.Fields)
        );
        Assert.Equal("row 4", table.Rows[3].Where);
        Assert.Equal("Columns of lists are left out: steps.", Assert.Single(notes.Findings).Message);
    }

    [Fact]
    public void A_file_that_was_cut_off_is_one_line()
    {
        byte[] whole = File.ReadAllBytes(Repository.At("tests/golden/parquet-files/snappy.parquet"));
        foreach (int length in (int[])[4, 11, 100, whole.Length - 1])
            Assert.Equal(
                "cut.parquet: cut off: its end is not that of a Parquet file; expected a table in Parquet",
                Assert.Throws<InputException>(() => SweepImport.Read(_folder.Write("cut.parquet", whole[..length]))).Message
            );
    }

    /// <summary>The library makes room for as many columns as a footer claims, before it has read one.</summary>
    [Theory]
    [InlineData("snappy")]
    [InlineData("zstd")]
    public void A_footer_that_claims_more_than_its_bytes_can_hold_is_one_line(string compression)
    {
        byte[] whole = File.ReadAllBytes(Repository.At($"tests/golden/parquet-files/{compression}.parquet"));
        int length = BitConverter.ToInt32(whole, whole.Length - 8);
        byte[] footer = whole[(whole.Length - 8 - length)..(whole.Length - 8)];
        var numbers = new Dictionary<int, long>();
        Assert.Equal(length, CompactThrift.Length(footer, numbers.Add));
        // FileMetaData: 1 is its version, 3 the number of rows.
        Assert.Equal(6, numbers[3]);
        for (int cut = 0; cut < length; cut++)
            Assert.Null(CompactThrift.Length(footer.AsSpan(0, cut)));

        // Its second field is the list of columns (0x19, then elements and their type); this one has 2^30 structs.
        int list = Array.IndexOf(footer, (byte)0x19);
        byte[] claims = [.. footer[..(list + 1)], 0xFC, 0x80, 0x80, 0x80, 0x80, 0x04, .. footer[(list + 2)..]];
        byte[] file = [.. whole[..(whole.Length - 8 - length)], .. claims, .. BitConverter.GetBytes(claims.Length), .. "PAR1"u8];
        Assert.Equal(
            "claims.parquet: damaged: its footer claims more than it holds; expected a table in Parquet",
            Assert.Throws<InputException>(() => SweepImport.Read(_folder.Write("claims.parquet", file))).Message
        );
    }
}
