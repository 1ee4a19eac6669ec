// --svg, --png, --figure: a figure of the answer as a file of its own, drawn here and not in a browser.
using System.CommandLine;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Pictures;
using Gaplab.Results.Report;

namespace Gaplab.Cli;

/// <summary>Goes with every command whose answer has a page.</summary>
internal static class PictureOptions
{
    public static OutputOption Svg { get; } = new("--svg", "also draw the main figure to this file, as SVG");

    public static OutputOption Png { get; } = new("--png", "also draw the main figure to this file, as PNG");

    public static Option<string?> Figure { get; } =
        new("--figure") { Description = "the figure that --svg and --png draw: the anchor of its section in the page (default the first)" };

    public static void AddTo(Command command)
    {
        command.Add(Svg);
        command.Add(Png);
        command.Add(Figure);
    }

    /// <summary>Whether a picture is asked for.</summary>
    public static bool Asked(ParseResult parsed) => Svg.Of(parsed) is not null || Png.Of(parsed) is not null;

    /// <summary>Refuses a figure that is named without a file.</summary>
    /// <exception cref="InputException">It is.</exception>
    public static void Check(ParseResult parsed)
    {
        if (parsed.GetResult(Figure) is not null && !Asked(parsed))
            throw new InputException("--figure names a figure to draw, but no file; expected --svg FILE or --png FILE beside it");
    }

    /// <summary>Refuses a picture of an answer that has no page.</summary>
    /// <exception cref="InputException">One is asked for.</exception>
    public static void RefuseWithoutPage(ParseResult parsed)
    {
        if (Asked(parsed))
            throw new InputException("--svg and --png got a file, but the answer above has no figure to draw");
    }

    /// <summary>Draws what was <see cref="Asked"/> for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="page">The page of the answer.</param>
    /// <param name="words">Where the files are named.</param>
    /// <exception cref="InputException">The page has no such figure; nothing was drawn.</exception>
    public static void Draw(ParseResult parsed, Report page, TextWriter words)
    {
        AtWork.On("drawing the figure");
        Picture picture = Picture.Of(Chosen(page, parsed.GetValue(Figure)));
        if (Svg.Of(parsed) is { } svg)
            Write(svg, Encoding.UTF8.GetBytes(picture.Svg + "\n"));
        if (Png.Of(parsed) is { } png)
            Write(png, picture.Png());

        void Write(OutputFile file, byte[] bytes)
        {
            file.Write(stream => stream.Write(bytes));
            words.WriteLine($"figure: {file.Path}");
        }
    }

    private static Chart Chosen(Report page, string? asked)
    {
        (string Name, Chart Chart)[] all = [.. page.Figures];
        if (all.Length == 0)
            throw new InputException("the answer above has no figure to draw: it has too few numbers for one");
        if (asked is null)
            return all[0].Chart;
        return all.FirstOrDefault(f => f.Name == asked).Chart
            ?? throw new InputException($"--figure got '{asked}'; expected one of: {string.Join(", ", all.Select(f => f.Name))}");
    }
}
