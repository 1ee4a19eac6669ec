// Finds the script of reports: web/report.js, which is built from web/ and copied next to the program.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Report;

/// <summary>The bundled script (Vega-Lite, table sorting) that a report carries inside it.</summary>
public static class ReportBundle
{
    /// <summary>Where all scripts are looked for: <c>web</c> beside the program.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "web");

    /// <summary>Where the script is looked for: <c>web/report.js</c> beside the program.</summary>
    public static string ExpectedPath => Path.Combine(Folder, "report.js");

    /// <summary>The script of the live page, built and found likewise.</summary>
    /// <exception cref="InputException">As <see cref="Load()"/>.</exception>
    public static string LoadLive() => Load(Path.Combine(Folder, "live.js"));

    /// <summary>Reads the script.</summary>
    /// <exception cref="InputException">It is not there: one line says how to build it.</exception>
    public static string Load() => Load(ExpectedPath);

    /// <inheritdoc cref="Load()"/>
    public static string Load(string path) =>
        File.Exists(path)
            ? RegularFile.ReadText(path, FileLimit.Document)
            : throw new InputException(
                $"the script of pages is missing (looked for {path}); build it with 'npm ci && npm run build' in the folder web/ of the "
                    + $"source, then build Gaplab again"
            );
}
