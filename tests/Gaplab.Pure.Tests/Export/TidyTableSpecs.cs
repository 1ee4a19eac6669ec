// The long table: every key on every row, the same in CSV and Parquet, and never in memory as a whole.
using System.Globalization;
using System.Text;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Export;
using Gaplab.Results.Import;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Export;

public sealed class TidyTableSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly Dictionary<string, MetricRow[]> s_histories = new()
    {
        ["r1"] = [new(1, 8, "loss", 0.1), new(2, 16, "loss", double.NaN)],
        ["r2"] = [new(1, 64, "a,b", double.NegativeInfinity)],
        ["12345678"] = [new(1, 64, "=loss", 1e300), new(3, 192, "loss", -0.5)],
    };

    private static ExportRow[] Rows()
    {
        SweepRow row(string data, string optimizer, double rate, long batch, string seed, double? momentum, double value, string id) =>
            SweepRow.Finished(new([new("data", data)]), optimizer, rate, batch, seed, momentum, value, id);
        KeyValuePair<string, string>[] keys(string clip, string layers) =>
            [new("task", "text"), new("model", "gpt"), new("optimizer.clip", clip), new("model.layers", layers)];
        SweepRow unfinished = row("a", "adam", 0.001, 64, "2", null, 1, "12345678");
        return
        [
            new(row("a", "sgd", 0.1, 8, "1", 0.9, 2.5, "r1"), new Dictionary<string, double>())
            {
                Outcome = Outcome.Completed,
                Keys = keys("1", "2"),
            },
            new(row("b,c", "adam", 0.001, 64, "2", null, double.NaN, "r2"), new Dictionary<string, double>())
            {
                Outcome = Outcome.Diverged,
                Keys = keys("", "2"),
            },
            new(unfinished with { Status = RunStatus.Missing, Metric = double.NaN }, new Dictionary<string, double>())
            {
                Outcome = Outcome.TimedOut,
                Keys = keys("none", "3"),
            },
        ];
    }

    /// <summary>A study may vary what the table has a column for, and a script may log it.</summary>
    [Fact]
    public void What_a_user_named_as_we_name_a_column_has_a_column_of_its_own()
    {
        ExportRow[] rows =
        [
            .. Rows()
                .Select(r =>
                    r with
                    {
                        Row = r.Row with { Comparison = new([new("samples", "4096"), new("batch", "b")]) },
                        Metrics = new Dictionary<string, double> { ["lr"] = 0.5 },
                    }
                ),
        ];
        string[] tidy = [.. TidyTable.Of(rows, id => s_histories[id]).Columns.Select(c => c.Name)],
            runs = [.. RunTable.Of(rows).Columns.Select(c => c.Name)];
        Assert.Equal(tidy.Length, tidy.Distinct().Count());
        Assert.Equal(["run", "factor_samples", "factor_batch", "task"], tidy[..4]);
        Assert.Contains("samples", tidy);
        Assert.Equal(["run", "samples", "factor_batch", "optimizer", "lr", "batch"], runs[..6]);
        Assert.Equal("metric_lr", runs[^1]);
    }

    [Fact]
    public void Every_row_has_every_key()
    {
        using var text = new StringWriter();
        SweepExport.WriteTidy(text, Rows(), id => s_histories[id]);
        Assert.Equal(
            """
            run,data,task,model,optimizer,lr,batch,seed,momentum,beta2,optimizer.clip,model.layers,state,outcome,step,samples,metric,value
            r1,a,text,gpt,sgd,0.1,8,1,0.9,,1,2,finished,completed,1,8,loss,0.1
            r1,a,text,gpt,sgd,0.1,8,1,0.9,,1,2,finished,completed,2,16,loss,NaN
            r2,"b,c",text,gpt,adam,0.001,64,2,,,,2,diverged,diverged,1,64,"a,b",-inf
            12345678,a,text,gpt,adam,0.001,64,2,,,none,3,missing,timed-out,1,64,'=loss,1e+300
            12345678,a,text,gpt,adam,0.001,64,2,,,none,3,missing,timed-out,3,192,loss,-0.5

            """.ReplaceLineEndings("\n"),
            text.ToString(),
            ignoreCase: true // 1E+300
        );
    }

    [Fact]
    public void Parquet_holds_the_same_with_types()
    {
        string csv = _folder.File("long.csv"),
            parquet = _folder.File("long.parquet");
        SweepExport.WriteTidy(new OutputFile(csv), Rows(), id => s_histories[id]);
        SweepExport.WriteTidy(new OutputFile(parquet), Rows(), id => s_histories[id]);
        SourceTable one = CsvTable.Format.Read(SweepSource.At(csv), new ImportNotes()),
            other = ParquetTable.Format.Read(SweepSource.At(parquet), new ImportNotes());
        Assert.Equal(one.Header, other.Header);
        Assert.Equal(one.Rows.Count, other.Rows.Count);
        foreach ((SourceRow a, SourceRow b) in one.Rows.Zip(other.Rows))
            for (int c = 0; c < one.Header.Length; c++)
                if (SweepNumber.Parse(a.Fields[c]) is { } number)
                    Assert.Equal(number, SweepNumber.Parse(b.Fields[c]));
                else
                    Assert.Equal(a.Fields[c], b.Fields[c]);
    }

    /// <summary>Three groups of Parquet's: the first are on the disk before the last measurement is asked for.</summary>
    [Theory]
    [InlineData(".csv")]
    [InlineData(".parquet")]
    public void What_was_measured_is_written_before_the_next_is_read(string ending)
    {
        const int Measured = 150_000;
        string path = _folder.File("long" + ending);
        long before = 0;
        IEnumerable<MetricRow> Long()
        {
            for (int i = 0; i < Measured; i++)
                yield return new(i, 8 * i, "loss", 1 / (1.0 + i));
            before = new FileInfo(Directory.GetFiles(_folder.Path).Single()).Length;
        }
        SweepExport.WriteTidy(new OutputFile(path), [Rows()[0]], _ => Long());
        Assert.InRange(before, new FileInfo(path).Length / 2, new FileInfo(path).Length);
        SourceTable read = (ending == ".csv" ? CsvTable.Format : ParquetTable.Format).Read(SweepSource.At(path), new ImportNotes());
        Assert.Equal(Measured, read.Rows.Count);
        int value = Array.IndexOf(read.Header, "value");
        Assert.Equal(1 / 100_000.0, double.Parse(read.Rows[99_999].Fields[value], CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Measurements_of_a_store_are_read_as_a_stream_and_a_torn_end_is_none()
    {
        RunFolder run = RunStore.Open(_folder.File("store"), create: true).Run("0123456789abcdef");
        run.WriteSpec("{}");
        // Longer than any buffer, and one line longer than the first.
        MetricRow[] rows =
        [
            .. Enumerable.Range(0, 5000).Select(i => new MetricRow(i, 8L * i, i == 2500 ? new string('x', 200_000) : "loss", 0.1 * i)),
        ];
        run.AppendMetrics(rows);
        File.AppendAllText(Path.Combine(run.Folder, "metrics.jsonl"), "{\"step\":9", Encoding.UTF8);
        Assert.Equal(rows, run.StreamMetrics());
        Assert.Equal(rows, run.ReadMetrics());
        Assert.Equal(rows[0], run.StreamMetrics().First());
    }
}
