// gaplab tails as it is typed: what a list of values is, and what was subtracted, is said at the head of the panel.
using System.Globalization;
using System.Text.Json;
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Running;

public sealed class TailsCommandSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sorted_file_is_the_panel_of_the_shuffled_one_and_sorted_as_a_series_it_gets_no_verdict()
    {
        RandomStream stream = RandomStream.For(12, "test/tails/pareto");
        double[] values = [.. Enumerable.Range(0, 4000).Select(_ => Math.Pow(stream.NextDouble(), -1 / 1.2))];
        Write("values.txt", values);
        string shuffled = Text("tails", "values.txt");
        Write("values.txt", values.OrderDescending());
        Assert.Equal(shuffled, Text("tails", "values.txt"));
        Assert.Equal(shuffled, Text("tails", "values.txt", "--set"));
        Assert.StartsWith(
            "values.txt: 4000 values, set\norder: a set: the values in no order, resampled one by one\ncentre: none (all values are "
                + "positive)\n",
            shuffled,
            StringComparison.Ordinal
        );
        Assert.Contains("\nHeavy-tailed: ", shuffled, StringComparison.Ordinal);

        string series = Text("tails", "values.txt", "--series");
        Assert.StartsWith("values.txt: 4000 values, series\n", series, StringComparison.Ordinal);
        Assert.Contains(
            "\nNot determined: the values rise or fall from first to last, as a sorted file does, which is no series",
            series,
            StringComparison.Ordinal
        );
        Assert.Contains("centre: median (as asked)\n", Text("tails", "values.txt", "--centre", "median"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_document_says_order_and_centre_and_the_page_its_own_command()
    {
        Write("values.csv", Enumerable.Range(0, 300).Select(i => Math.Tan(1.5 * Math.Sin(i * i))));
        JsonElement panel = JsonDocument.Parse(Text("tails", "values.csv", "--series", "--json", "--html", "page.html")).RootElement;
        Assert.Equal(
            ("series", "median", "the default of plain values on both sides of 0"),
            (panel.GetProperty("order").GetString(), panel.GetProperty("centre").GetString(), panel.GetProperty("centreReason").GetString())
        );
        Assert.Equal("a series: the values in their order", panel.GetProperty("blocks").GetString());
        Assert.Contains("gaplab tails values.csv --series", File.ReadAllText(_folder.File("page.html")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tails values.csv --set --series", "--series and --set exclude each other")]
    [InlineData(
        "tails table.csv --set",
        "table.csv holds 150 iterations of 2 coordinates, whose rows always follow each other; --set is for plain values"
    )]
    [InlineData("tails table.csv --series", "--series is for plain values")]
    public void A_choice_that_means_nothing_is_one_line(string typed, string says)
    {
        Write("values.csv", Enumerable.Range(0, 300).Select(i => Math.Sin(i)));
        _folder.Write(
            "table.csv",
            string.Concat(
                Enumerable.Range(0, 150).Select(i => string.Create(CultureInfo.InvariantCulture, $"{Math.Sin(i)},{Math.Cos(i)}\n"))
            )
        );
        Assert.Contains(says, StartedProgram.Run(_folder.Path, typed.Split(' ')).AssertRefused(), StringComparison.Ordinal);
    }

    private string Text(params string[] arguments)
    {
        ProgramEnd end = StartedProgram.Run(_folder.Path, arguments);
        end.AssertSucceeded();
        return end.Output;
    }

    private void Write(string name, IEnumerable<double> values) =>
        _folder.Write(name, string.Concat(values.Select(v => v.ToString("R", CultureInfo.InvariantCulture) + "\n")));
}
