// PyTorch's side of a training benchmark: a process that trains so many steps at each request. It is this system's, or Debian 13's in a
// root that eng/debian13.sh makes.
using System.Diagnostics;
using System.Text.Json;

namespace Gaplab.Benchmarks;

internal sealed class PyTorchPeer : IDisposable
{
    private readonly Process _process;

    /// <param name="script">In benchmarks/.</param>
    /// <param name="arguments">Its arguments: the model.</param>
    /// <param name="debian13">Whether it is that of Debian 13.</param>
    public PyTorchPeer(string script, string[] arguments, bool debian13 = false)
    {
        string root = Environment.GetEnvironmentVariable("GAPLAB_ROOT") ?? Environment.CurrentDirectory;
        string program = debian13 ? Path.Combine(root, "eng", "debian13.sh") : "/usr/bin/python3";
        string[] words = debian13 ? ["/usr/bin/python3", $"/gaplab/benchmarks/{script}"] : [Path.Combine(root, "benchmarks", script)];
        _process =
            Process.Start(
                new ProcessStartInfo(program, [.. words, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true }
            ) ?? throw new InvalidOperationException("python3 did not start");
        Model = Read();
    }

    /// <summary>What the process says of its model.</summary>
    public JsonElement Model { get; }

    /// <summary>Processor seconds for some steps of forward, backward and Adam.</summary>
    public double Run(int steps)
    {
        _process.StandardInput.WriteLine($"run {steps}");
        _process.StandardInput.Flush();
        return Read().GetProperty("seconds").GetDouble();
    }

    public void Dispose()
    {
        _process.StandardInput.WriteLine("quit");
        _process.WaitForExit(5000);
        _process.Dispose();
    }

    private JsonElement Read() =>
        JsonDocument
            .Parse(
                _process.StandardOutput.ReadLine()
                    ?? throw new InvalidOperationException("the PyTorch side ended; is python3-torch installed?")
            )
            .RootElement;
}
