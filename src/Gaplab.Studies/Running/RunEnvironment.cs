// env.json: what a run was made with. It explains differences between machines and enters no hash.
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Gaplab.Numerics.Files;
using Gaplab.Torch;

namespace Gaplab.Studies.Running;

/// <summary>Versions and machine of the process that trains.</summary>
public static class RunEnvironment
{
    public static string Version { get; } =
        typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>With the digest of it. Needs libtorch.</summary>
    public static JsonObject Describe() =>
        JsonSeal.Close(
            new JsonObject
            {
                ["gaplab"] = Version,
                ["dotnet"] = RuntimeInformation.FrameworkDescription,
                ["os"] = RuntimeInformation.OSDescription,
                ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
                ["processor"] = Processor(),
                ["libtorch"] = TorchRuntime.Version,
                ["blas"] = TorchRuntime.Blas,
                ["threads"] = TorchRuntime.Threads,
                ["device"] = "cpu",
            }
        );

    /// <summary>Of a command: what Gaplab knows of the machine, and the versions that the study watches.</summary>
    public static JsonObject DescribeForCommand(string? versions, IReadOnlyList<string> devices) =>
        JsonSeal.Close(
            new JsonObject
            {
                ["gaplab"] = Version,
                ["os"] = RuntimeInformation.OSDescription,
                ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
                ["processor"] = Processor(),
                ["host"] = Environment.MachineName,
                ["environment"] = versions,
                ["device"] = devices.Count == 0 ? "none" : string.Join(',', devices),
            }
        );

    private static string Processor()
    {
        const string Path = "/proc/cpuinfo";
        if (!File.Exists(Path))
            return "unknown";
        string? line = Numerics
            .Files.RegularFile.ReadLines(Path, Numerics.Files.FileLimit.Document)
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
