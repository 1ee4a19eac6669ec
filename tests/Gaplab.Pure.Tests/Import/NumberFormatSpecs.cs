// Decimal commas, thousands, per cent, spreadsheets' words, encodings and line ends: read where they are certain, else named in one line.
using System.Text;
using Gaplab.Numerics;
using Gaplab.Pure.Tests.Analysis;
using Gaplab.Results.Analysis;
using Gaplab.Results.Import;

namespace Gaplab.Pure.Tests.Import;

public sealed class NumberFormatSpecs
{
    private const string Header = "optimizer,learning_rate,batch_size,seed,val_loss";

    private static string Comma(string number) => number.Replace('.', ',');

    private static string English => SweepText.Csv(Header, r => $"{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{r.Value}");

    private static string German =>
        SweepText.Csv(Header.Replace(',', ';'), r => $"{r.Optimizer};{Comma(r.Rate)};{r.Batch};{r.Seed};{Comma(r.Value)}");

    [Fact]
    public void A_spreadsheet_with_decimal_commas_is_the_same_sweep()
    {
        Assert.Contains(SweepText.IsRead(German).Findings!, f => f.Id == "decimal-commas");
        SweepText.IsRead(SweepText.Csv(Header, r => $"{r.Optimizer},\"{Comma(r.Rate)}\",{r.Batch},{r.Seed},\"{Comma(r.Value)}\""));
        SweepText.IsRead(
            SweepText.Csv(Header.Replace(',', '\t'), r => $"{r.Optimizer}\t{Comma(r.Rate)}\t{r.Batch}\t{r.Seed}\t{Comma(r.Value)}")
        );
    }

    [Theory]
    [InlineData("sep=;\n", ";")]
    [InlineData("sep=;\r\n", ";")]
    [InlineData("\"sep=,\"\n", ",")]
    [InlineData("SEP=|\n", "|")]
    public void A_first_line_may_name_the_separator(string line, string separator)
    {
        SweepText.IsRead(line + English.Replace(",", separator, StringComparison.Ordinal));
        string broken =
            line + English.Replace(",", separator, StringComparison.Ordinal) + string.Join(separator, "sgd", "fast", "16", "1", "1\n");
        Assert.Contains(
            $"line {SweepText.Runs.Count + 3}, column 'learning_rate': got 'fast'",
            SweepText.Refusal(broken),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("1,024")]
    [InlineData("1 024")]
    [InlineData("1'024")]
    [InlineData("1\u2019024")]
    [InlineData("1\u00A0024")]
    [InlineData("1\u202F024")]
    [InlineData("1_024")]
    [InlineData("1024.0")]
    public void Whole_numbers_may_have_their_thousands_parted(string batch) =>
        Assert.Equal([1024L], Sweeps.FromCsv($"optimizer,lr,batch_size,val_loss\nsgd,0.03,\"{batch}\",1.5\n").Rows.Select(r => r.Batch));

    [Fact]
    public void In_a_table_with_decimal_commas_points_part_thousands() =>
        Assert.Equal(
            [1024L, 16L],
            Sweeps.FromCsv("optimizer;lr;batch_size;val_loss\nsgd;0,03;1.024;1,5540\nsgd;0,03;16;1,5\n").Rows.Select(r => r.Batch)
        );

    [Theory]
    [InlineData("1,024.5", 1024.5)]
    [InlineData("-1,024,000.25", -1024000.25)]
    [InlineData("1.024,5", 1024.5)]
    [InlineData("1.024.000", 1024000)]
    [InlineData("0,125", 0.125)]
    [InlineData("1,5e-3", 0.0015)]
    [InlineData("1'024.5", 1024.5)]
    [InlineData("1 024,5", 1024.5)]
    [InlineData("2,5", 2.5)]
    public void A_number_whose_marks_have_one_reading_is_read(string text, double value) =>
        Assert.Equal(value, Assert.Single(Sweeps.FromCsv($"optimizer,lr,batch_size,val_loss\nsgd,1,16,\"{text}\"\n").Rows).Metric);

    [Theory]
    [InlineData("1,554", "1,612")] // both readings are whole columns
    [InlineData("1,554", "1.612")] // one comma and one point
    [InlineData("0.93", "1,554")] // a comma beside certain points that part no thousands elsewhere
    [InlineData("0,93", "1.554")]
    [InlineData("0,93", "0.94")] // certainly mixed
    public void Numbers_with_two_readings_are_refused(string first, string second)
    {
        string message = SweepText.Refusal($"optimizer,lr,batch_size,val_loss\nsgd,1,16,\"{first}\"\nadam,1,16,\"{second}\"\n");
        Assert.Contains("'val_loss'", message, StringComparison.Ordinal);
        Assert.Contains("decimal", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Three_digits_after_a_comma_are_decimals_where_the_table_has_decimal_commas()
    {
        double[] metrics =
        [
            .. Sweeps.FromCsv("optimizer;lr;batch_size;val_loss\nsgd;0,03;16;1,554\nadam;0,003;16;1,612\n").Rows.Select(r => r.Metric),
        ];
        Assert.Equal([1.554, 1.612], metrics);
    }

    [Fact]
    public void Unquoted_decimal_commas_between_commas_are_named() =>
        Assert.Contains("decimal commas", SweepText.Refusal($"{Header}\nsgd,0,03,16,1,1,5540\n"), StringComparison.Ordinal);

    [Fact]
    public void Per_cent_is_read_where_every_number_carries_it()
    {
        var maximize = new ImportOptions { HigherIsBetter = true };
        double[] metrics =
        [
            .. Sweeps.FromCsv("optimizer,lr,batch_size,acc\nsgd,1,16,95.5%\nadam,1,16,96 %\n", maximize).Rows.Select(r => r.Metric),
        ];
        Assert.Equal([0.955, 0.96], metrics);
        Assert.Contains(
            "per-cent",
            SweepText.Refusal("optimizer,lr,batch_size,acc\nsgd,1,16,95.5%\nadam,1,16,0.96\n", maximize),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("#DIV/0!", "spreadsheet's error")]
    [InlineData("#NAME?", "spreadsheet's error")]
    [InlineData("2-Jan", "made a date of it")]
    [InlineData("01. Feb", "made a date of it")]
    [InlineData("Jan-02", "made a date of it")]
    [InlineData("2024-01-02", "made a date of it")]
    public void What_a_spreadsheet_made_of_a_number_is_named(string field, string cause) =>
        Assert.Contains(cause, SweepText.Refusal($"optimizer,lr,batch_size,val_loss\nsgd,{field},16,1\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("TOTAL,,,,54.2")]
    [InlineData("Mean,0.1,,2,1.51")]
    [InlineData(",,,Gesamt,54.2")]
    public void Rows_of_totals_are_left_out_and_said_to_be(string row)
    {
        SweepTable table = SweepText.IsRead(English + row + "\n");
        Assert.Contains(
            table.Findings!,
            f =>
                f is { Id: "summary-rows", Severity: Severity.Warning }
                && f.Message.Contains($"line {SweepText.Runs.Count + 2}", StringComparison.Ordinal)
        );
    }

    public static TheoryData<string, bool> Encodings =>
        new()
        {
            { "utf-8", true },
            { "utf-16", true },
            { "utf-16BE", true },
            { "utf-32", true },
            { "utf-16", false },
            { "utf-16BE", false },
        };

    [Theory, MemberData(nameof(Encodings))]
    public void Text_is_read_in_the_encoding_that_it_is_in(string encoding, bool mark)
    {
        SweepText.IsThisSweep(SweepText.FromBytes(SweepText.Bytes(English, Encoding.GetEncoding(encoding), mark)));
        SweepText.IsThisSweep(SweepText.FromBytes(SweepText.Bytes(German, Encoding.GetEncoding(encoding), mark)));
    }

    [Fact]
    public void Western_bytes_are_read_and_said_to_be()
    {
        string csv = SweepText.Csv("modèle," + Header, r => $"entraîné – n° 1,{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{r.Value}");
        byte[] bytes = CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetBytes(csv);
        SweepTable table = SweepText.FromBytes(bytes, new ImportOptions { Groups = ["modèle"] });
        Assert.Equal("entraîné – n° 1", table.Rows[0].Comparison.Pairs[0].Value);
        Assert.Contains(table.Findings!, f => f.Id == "table-encoding");
        SweepText.IsThisSweep(table);
        Assert.Contains(
            "Windows-1252",
            Assert.Throws<InputException>(() => SweepText.FromBytes([.. bytes, 0x81])).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Lines_end_in_every_way(string end) => SweepText.IsRead(English.ReplaceLineEndings(end));

    [Fact]
    public void Blanks_around_names_and_values_do_not_matter() =>
        SweepText.IsRead(
            SweepText.Csv(
                " optimizer , learning_rate\u00A0,batch_size ,\tseed, val_loss ",
                r => $" {r.Optimizer} ,{r.Rate} , {r.Batch},{r.Seed}\u00A0, {r.Value}"
            )
        );

    [Theory]
    [InlineData("nan", double.NaN)]
    [InlineData("-nan(ind)", double.NaN)]
    [InlineData("1.#QNAN", double.NaN)]
    [InlineData("1.#INF", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    public void What_went_wrong_is_a_number_and_no_blank(string text, double value)
    {
        Assert.Equal(value, SweepNumber.Parse(text));
        Assert.False(SweepNumber.IsBlank(text));
        Assert.Equal(RunStatus.Diverged, Sweeps.FromCsv($"optimizer,lr,batch_size,val_loss\nsgd,1,16,{text}\n").Rows[0].Status);
    }
}
