// Exports: what is written reads back through the importer of sweep tables, number for number.
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Pure.Tests.Store;
using Gaplab.Results.Analysis;
using Gaplab.Results.Export;
using Gaplab.Results.Import;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Report;

public sealed class SweepExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static SweepTable Sweep()
    {
        RandomStream random = RandomStream.For(3, "test/export");
        var rows = new List<SweepRow>();
        foreach (string data in new[] { "a,b", "say \"c\"" })
            foreach (string optimizer in new[] { "sgd", "adam" })
                foreach (long batch in new long[] { 8, 64 })
                    foreach (double rate in new[] { 0.1, 0.2, 0.4 })
                        foreach (string seed in new[] { "1", "2" })
                            rows.Add(SweepRow.Finished(new GroupKey([new("data", data)]), optimizer, rate, batch, seed, 0.9, rate > 0.3 && batch == 8 ? double.NaN : 2 + random.NextDouble(), $"run{rows.Count}", random.NextDouble()));
        rows.Add(rows[0] with { Seed = "3", Status = RunStatus.Missing, Metric = double.NaN });
        return new SweepTable(rows, "val_loss");
    }

    [Fact]
    public void A_csv_export_reads_back_as_the_same_sweep()
    {
        SweepTable table = Sweep();
        string path = _folder["sweep.csv"];
        SweepExport.WriteFile(path, w => w.Write(SweepExport.ToCsv(SweepExport.Rows(table))));
        SweepTable read = SweepImport.Read(path);
        Assert.Equal("val_loss", read.Metric);
        Assert.Equal(table.Rows.Select(Plain), read.Rows.Select(Plain));
        static SweepRow Plain(SweepRow row) => row with { Provenance = null };
    }

    [Fact]
    public void A_json_export_holds_the_same_numbers_and_strings_for_what_is_not_finite()
    {
        SweepTable table = Sweep();
        using JsonDocument json = JsonDocument.Parse(SweepExport.ToJson(SweepExport.Rows(table)));
        JsonElement[] rows = [.. json.RootElement.EnumerateArray()];
        Assert.Equal(table.Rows.Count, rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            SweepRow row = table.Rows[i];
            Assert.Equal(row.LearningRate, rows[i].GetProperty("lr").GetDouble());
            Assert.Equal(row.Group.Pairs[0].Value, rows[i].GetProperty("group").GetProperty("data").GetString());
            if (row.Status == RunStatus.Missing) Assert.Empty(rows[i].GetProperty("metrics").EnumerateObject());
            else if (row.Status == RunStatus.Diverged) Assert.Equal("NaN", rows[i].GetProperty("metrics").GetProperty("val_loss").GetString());
            else Assert.Equal(row.Metric, rows[i].GetProperty("metrics").GetProperty("val_loss").GetDouble());
        }
    }

    [Fact]
    public void Histories_are_exported_in_the_long_form()
    {
        var text = new StringWriter();
        SweepExport.WriteHistories(text, [("r1", [new MetricRow(1, 8, "loss", 0.1), new MetricRow(2, 16, "loss", double.NaN)]), ("r2", [new MetricRow(1, 8, "a,b", double.NegativeInfinity)])]);
        Assert.Equal("run,step,samples,name,value\nr1,1,8,loss,0.1\nr1,2,16,loss,NaN\nr2,1,8,\"a,b\",-inf\n", text.ToString());
    }

    [Fact]
    public void An_existing_file_is_kept_unless_its_replacement_is_asked_for()
    {
        string path = _folder["mine.csv"];
        File.WriteAllText(path, "mine");
        Assert.Contains("exists", Assert.Throws<InputException>(() => SweepExport.WriteFile(path, w => w.Write("x"))).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(path));
        SweepExport.WriteFile(path, w => w.Write("x"), overwrite: true);
        Assert.Equal("x", File.ReadAllText(path));
    }
}
