// PyTorch's side of a training benchmark: a process that trains so many steps at each request.
using System.Diagnostics;
using System.Text.Json;

namespace Gaplab.Benchmarks;

internal sealed class PyTorchPeer : IDisposable
{
    private readonly Process _process;

    /// <param name="script">In benchmarks/.</param>
    /// <param name="arguments">Its arguments: the model.</param>
    public PyTorchPeer(string script, params string[] arguments)
    {
        string path = Path.Combine(Environment.GetEnvironmentVariable("GAPLAB_ROOT") ?? Environment.CurrentDirectory, "benchmarks", script);
        _process =
            Process.Start(
                new ProcessStartInfo("/usr/bin/python3", [path, .. arguments])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                }
            ) ?? throw new InvalidOperationException("python3 did not start");
        Model = Read();
    }

    /// <summary>What the process says of its model.</summary>
    public JsonElement Model { get; }

    /// <summary>Seconds for some steps of forward, backward and Adam.</summary>
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
