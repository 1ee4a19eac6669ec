// What the probe "spectrum" leaves, read back: the ends, the trace and the density of one matrix over one block.
using Gaplab.Learning.Training;
using Gaplab.Numerics.Files;

namespace Gaplab.Learning.Diagnostics;

/// <summary>One matrix over one block of parameters, at one point.</summary>
/// <param name="Matrix">"hessian" or "gauss-newton".</param>
/// <param name="Block">"all", a layer, or the beginning of names.</param>
/// <param name="Largest">From the largest on.</param>
/// <param name="Smallest">From the smallest on.</param>
/// <param name="Trace">NaN where it was not measured.</param>
/// <param name="TraceError">Standard error of it: of the random probes and of the data together.</param>
/// <param name="Density">Points (eigenvalue, density) of integral 1; empty where it was not measured.</param>
public sealed record SpectrumReading(
    string Matrix,
    string Block,
    IReadOnlyList<SpectrumEnd> Largest,
    IReadOnlyList<SpectrumEnd> Smallest,
    double Trace,
    double TraceError,
    IReadOnlyList<(double At, double Density)> Density
)
{
    /// <summary>The block of all parameters.</summary>
    public const string Whole = "all";

    public static string Probe => SpectrumProbe.Kind.Name;

    /// <summary>Every matrix and block of a file that is finite, in its order.</summary>
    /// <param name="file">Stays the caller's to dispose.</param>
    public static IReadOnlyList<SpectrumReading> Of(SafetensorsReader file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string[] broken = ProbeFacts.Lines(file.Metadata[SpectrumProbe.NotFinite]);
        return
        [
            .. ProbeFacts
                .Lines(file.Metadata[SpectrumProbe.Spectra])
                .Where(prefix => prefix.Length > 0 && !broken.Contains(prefix))
                .Select(p => Of(file, p)),
        ];
    }

    private static SpectrumReading Of(SafetensorsReader file, string prefix)
    {
        int slash = prefix.IndexOf('/', StringComparison.Ordinal);
        double Number(string name) => file.Contains(prefix + name) ? file.Read<double>(prefix + name)[0] : double.NaN;
        double[] at = file.Contains(prefix + "density-at") ? file.Read<double>(prefix + "density-at") : [];
        return new(
            prefix[..slash],
            prefix[(slash + 1)..].TrimEnd('/'),
            Ends("largest"),
            Ends("smallest"),
            Number("trace"),
            Both(Number("trace-probe-error"), Number("trace-data-error")),
            at.Length == 0 ? [] : [.. at.Zip(file.Read<double>(prefix + "density"))]
        );

        IReadOnlyList<SpectrumEnd> Ends(string name)
        {
            double[] values = file.Read<double>(prefix + name),
                errors = file.Read<double>(prefix + name + "-data-error"),
                converged = file.Read<double>(prefix + name + "-converged");
            return [.. values.Select((value, i) => new SpectrumEnd(value, errors[i], converged[i] == 1))];
        }
    }

    // Of one batch there is no error of the data.
    private static double Both(double probes, double data) => double.IsNaN(data) ? probes : double.Hypot(probes, data);
}

/// <summary>An eigenvalue at an end of the spectrum.</summary>
/// <param name="Error">Standard error from sampling the data; NaN of one batch.</param>
/// <param name="IsConverged">Else it is a bound: no largest eigenvalue is below it, no smallest one above.</param>
public readonly record struct SpectrumEnd(double Value, double Error, bool IsConverged);
