// A Python process that runs the peers' blocks on request.
using System.Diagnostics;
using System.Globalization;

namespace Gaplab.Benchmarks;

internal sealed class PythonPeers : IDisposable
{
    private readonly Process _process;

    public PythonPeers(string script)
    {
        string root =
            Environment.GetEnvironmentVariable("GAPLAB_ROOT") ?? throw new InvalidOperationException("start this by benchmarks/run");
        _process = Process.Start(
            new ProcessStartInfo("/usr/bin/python3", [Path.Combine(root, "benchmarks", script)])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        Versions = Answer();
    }

    public string Versions { get; }

    /// <summary>The numbers that one request is answered with.</summary>
    public double[] Ask(FormattableString request)
    {
        _process.StandardInput.WriteLine(FormattableString.Invariant(request));
        return [.. Answer().Split(' ').Select(t => double.Parse(t, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Answer() =>
        _process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException("the Python peer ended; it needs python3-numba and python3-scipy");
}
