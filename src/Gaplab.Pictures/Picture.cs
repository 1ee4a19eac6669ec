// A chart as a file: Vega-Lite compiled and drawn by its own code in an interpreter, and that drawing as pixels by librsvg.
using System.Text;
using Gaplab.Numerics;
using Gaplab.Results.Report;
using ImageMagick;
using Jint;

namespace Gaplab.Pictures;

/// <summary>A chart drawn as SVG, in the page's light colours on white.</summary>
public sealed class Picture
{
    /// <summary>The width, in pixels, of a chart that takes the width of its place.</summary>
    public const int DefaultWidth = 880;

    private Picture(string svg) => Svg = svg;

    /// <summary>The drawing, one element &lt;svg&gt;.</summary>
    public string Svg { get; }

    /// <summary>Draws a chart. It takes some seconds: the drawing library is a megabyte of JavaScript, and is interpreted.</summary>
    /// <param name="chart">What to draw.</param>
    /// <param name="scripts">The folder of <c>figure.js</c> and of <c>fonts</c>; null is <c>web</c> beside the program.</param>
    /// <param name="width">For a chart that takes the width of its place, in pixels.</param>
    /// <exception cref="InputException">The script is not there.</exception>
    /// <exception cref="InvalidOperationException">The chart cannot be drawn: its specification is wrong.</exception>
    public static Picture Of(Chart chart, string? scripts = null, int width = DefaultWidth)
    {
        ArgumentNullException.ThrowIfNull(chart);
        string script = ReportBundle.Load(Path.Combine(scripts ?? ReportBundle.Folder, "figure.js"));
        using var engine = new Engine();
        engine.Execute(script);
        string? svg = null,
            failure = null;
        engine.Invoke(
            "drawFigure",
            chart.Spec.ToJsonString(),
            width,
            new Action<string>(drawn => svg = drawn),
            new Action<string>(why => failure = why)
        );
        engine.Advanced.ProcessTasks();
        return new Picture(svg ?? throw new InvalidOperationException($"a chart cannot be drawn: {failure ?? "nothing came back"}"));
    }

    /// <summary>The drawing as a PNG file.</summary>
    /// <param name="scale">Pixels of the file for one of the drawing.</param>
    /// <param name="scripts">As <see cref="Of"/>; its fonts alone are used, whatever the machine has.</param>
    public byte[] Png(double scale = 2, string? scripts = null)
    {
        string fonts = Path.Combine(scripts ?? ReportBundle.Folder, "fonts", "fonts.conf");
        if (File.Exists(fonts))
            MagickNET.SetEnvironmentVariable("FONTCONFIG_FILE", Path.GetFullPath(fonts));
        var settings = new MagickReadSettings { Format = MagickFormat.Svg, Density = new Density(96 * scale) };
        using SilentErrors silent = new();
        using var image = new MagickImage(Encoding.UTF8.GetBytes(Svg), settings);
        image.Strip(); // no time of writing: the same figure is the same file
        return image.ToByteArray(MagickFormat.Png);
    }
}
