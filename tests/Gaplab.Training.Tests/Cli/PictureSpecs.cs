// Figures as files: the same drawing as the drawing library makes elsewhere, whole pictures, and one line for what cannot be drawn.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Gaplab.Pictures;
using Gaplab.Results.Report;
using Gaplab.Training.Tests.Running;
using ImageMagick;

namespace Gaplab.Training.Tests.Cli;

[Collection(nameof(StartedProgram))]
public sealed partial class PictureSpecs : IDisposable
{
    private const string Table = """
        optimizer,lr,batch,seed,loss
        sgd,0.1,8,1,2.0
        sgd,0.2,8,1,1.9
        sgd,0.4,8,1,2.1
        adam,0.1,8,1,2.4
        adam,0.2,8,1,2.2
        adam,0.4,8,1,2.3
        sgd,0.1,64,1,3.0
        sgd,0.2,64,1,2.9
        sgd,0.4,64,1,3.1
        adam,0.1,64,1,2.4
        adam,0.2,64,1,2.2
        adam,0.4,64,1,2.3
        """;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_main_figure_is_drawn_as_svg_and_as_the_same_picture_in_pixels()
    {
        _folder.Write("runs.csv", Table);
        ProgramEnd end = StartedProgram.Run(_folder.Path, "crossover", "runs.csv", "--svg", "gap.svg", "--png", "gap.png");
        end.AssertSucceeded();
        Assert.Contains("figure: gap.svg\nfigure: gap.png", end.Output, StringComparison.Ordinal);
        XElement svg = XDocument.Load(_folder.File("gap.svg")).Root!;
        string[] words = [.. svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
        Assert.Contains("adam ahead ↑", words);
        Assert.Contains("sgd ahead ↓", words);
        Assert.Contains("64", words);
        Assert.DoesNotContain("NaN", svg.ToString(), StringComparison.Ordinal);

        using var picture = new MagickImage(_folder.File("gap.png"));
        Assert.Equal((2 * (uint)svg.Attribute("width")!, 2 * (uint)svg.Attribute("height")!), (picture.Width, picture.Height));
        // Words in Adam's colour, at the top right, on white.
        Assert.Equal(MagickColors.White, picture.GetPixels().GetPixel(0, 0).ToColor());
        picture.Crop(new MagickGeometry((int)picture.Width / 2, 0, picture.Width / 2, picture.Height / 5));
        Assert.Contains(picture.Histogram().Keys, c => (c.R, c.G, c.B) == (0xd5, 0x5e, 0x00));

        string first = Convert.ToHexString(File.ReadAllBytes(_folder.File("gap.png")));
        StartedProgram.Run(_folder.Path, "crossover", "runs.csv", "--png", "again.png").AssertSucceeded();
        Assert.Equal(first, Convert.ToHexString(File.ReadAllBytes(_folder.File("again.png"))));
    }

    [Fact]
    public void Another_figure_of_the_page_is_drawn_by_the_name_of_its_section()
    {
        _folder.Write("runs.csv", Table);
        StartedProgram.Run(_folder.Path, "crossover", "runs.csv", "--svg", "rates.svg", "--figure", "tuning").AssertSucceeded();
        Assert.Contains("learning rate", File.ReadAllText(_folder.File("rates.svg")), StringComparison.Ordinal);
        Assert.Equal(
            "gaplab: --figure got 'gaps'; expected one of: opening, tuning",
            StartedProgram.Run(_folder.Path, "crossover", "runs.csv", "--svg", "other.svg", "--figure", "gaps").AssertRefused()
        );
        Assert.False(File.Exists(_folder.File("other.svg")));
        Assert.Equal(
            "gaplab: --figure names a figure to draw, but no file; expected --svg FILE or --png FILE beside it",
            StartedProgram.Run(_folder.Path, "crossover", "runs.csv", "--figure", "tuning").AssertRefused()
        );
        Assert.Equal(
            "gaplab: --svg: rates.svg exists; it was left as it is: give another name, or --force to replace it",
            StartedProgram.Run(_folder.Path, "crossover", "runs.csv", "--svg", "rates.svg").AssertRefused()
        );
    }

    /// <summary>The interpreter inside the program against Node's.</summary>
    [Fact]
    public void The_interpreter_draws_what_another_draws_but_for_rounding()
    {
        _folder.Write("runs.csv", Table);
        StartedProgram.Run(_folder.Path, "crossover", "runs.csv", "--html", "page.html", "--svg", "gap.svg").AssertSucceeded();
        string page = File.ReadAllText(_folder.File("page.html"));
        const string Start = "<script type=\"application/json\" id=\"opening-spec\">";
        int from = page.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        _folder.Write("spec.json", page[from..page.IndexOf("</script>", from, StringComparison.Ordinal)]);
        _folder.Write(
            "draw.cjs",
            """
            const { readFileSync } = require("node:fs");
            require("node:vm").runInThisContext(readFileSync(process.argv[2], "utf8"));
            drawFigure(readFileSync("spec.json", "utf8"), Number(process.argv[3]), (svg) => console.log(svg), (why) => { throw why; });
            """
        );
        using Process node = Process.Start(
            new ProcessStartInfo("node", ["draw.cjs", Path.Combine(ReportBundle.Folder, "figure.js"), $"{Picture.DefaultWidth}"])
            {
                WorkingDirectory = _folder.Path,
                RedirectStandardOutput = true,
            }
        )!;
        string drawn = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.Equal(0, node.ExitCode);
        // Powers and logarithms may differ in their last digit.
        Assert.Equal(Rounded(drawn), Rounded(File.ReadAllText(_folder.File("gap.svg"))));
    }

    private static string Rounded(string svg) =>
        Fraction().Replace(svg, m => double.Parse(m.Value, CultureInfo.InvariantCulture).ToString("f6", CultureInfo.InvariantCulture));

    [GeneratedRegex(@"-?\d+\.\d+")]
    private static partial Regex Fraction();

    [Fact]
    public void A_specification_that_is_none_is_told()
    {
        var broken = new Chart(
            JsonNode.Parse("""{"mark": "point", "encoding": {"x": {"field": "a", "type": "nonsense"}}, "data": 3}""")!,
            "",
            ""
        );
        InvalidOperationException told = Assert.Throws<InvalidOperationException>(() => Picture.Of(broken));
        Assert.StartsWith("a chart cannot be drawn: ", told.Message, StringComparison.Ordinal);
    }
}
