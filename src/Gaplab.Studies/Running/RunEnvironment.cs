// env.json: what a run was made with. It explains differences between machines and enters no hash.
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;
using Gaplab.Studies.Commands;
using Gaplab.Torch;

namespace Gaplab.Studies.Running;

/// <summary>Versions and machine of the process that trains.</summary>
public static class RunEnvironment
{
    public static string Version { get; } =
        typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>With the digest of it. Needs libtorch.</summary>
    public static JsonObject Describe()
    {
        var described = new JsonObject
        {
            ["gaplab"] = Version,
            ["dotnet"] = RuntimeInformation.FrameworkDescription,
            ["os"] = RuntimeInformation.OSDescription,
            ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
            ["processor"] = Processor(),
            ["libtorch"] = TorchRuntime.Version,
            ["blas"] = TorchRuntime.Blas,
            ["kernels"] = TorchRuntime.Kernels,
            ["numerics"] = TorchRuntime.Numerics,
            ["threads"] = TorchRuntime.Threads,
            ["device"] = Device.Current.Kind,
        };
        if (Device.Current.IsCuda)
            described["gpu"] = s_gpus.Value;
        return JsonSeal.Close(described);
    }

    private static readonly Lazy<string> s_gpus = new(GpuPool.Models);

    /// <summary>Why a run cannot go on here: it was begun on another kind of device, whose rounding the rest of it would not have. Null
    /// where it can, or is new.</summary>
    internal static string? Refusal(RunFolder run)
    {
        try
        {
            if (run.Checkpoints().Count == 0 || run.ReadEnv() is not { } begun)
                return null;
            string kind = JsonNode.Parse(begun)?["device"]?.GetValue<string>() ?? "cpu";
            return kind == Device.Current.Kind
                ? null
                : $"run {run.Id} was begun on {kind} and would go on here on {Device.Current.Kind}; go on with it on {kind} "
                    + $"(device, --device), or move {run.Folder} away to have it made anew";
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null; // a damaged one is set aside and made anew
        }
    }

    /// <summary>How a run that was begun elsewhere and goes on here is described: this machine, and what it was begun with as
    /// <c>begunWith</c>. Null where it was begun with the same numerics, or is new.</summary>
    /// <param name="begun">The run's env.json.</param>
    /// <param name="here">This machine.</param>
    internal static JsonObject? GoingOn(string? begun, JsonObject here)
    {
        try
        {
            if (begun is null || JsonNode.Parse(begun) is not JsonObject before)
                return null;
            if (before.ContainsKey(BegunWith) || Rounding(before) == Rounding(here))
                return null;
            JsonObject fresh = here.DeepClone().AsObject();
            fresh.Remove(JsonSeal.Key);
            before.Remove(JsonSeal.Key);
            fresh[BegunWith] = before;
            return JsonSeal.Close(fresh);
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null; // a damaged one is set aside and made anew
        }
    }

    /// <summary>Whether a finished run was made from its start to its end with the numerics of this process: made again, it has the same
    /// bits.</summary>
    /// <param name="environment">Its env.json.</param>
    internal static bool IsSameHere(string? environment)
    {
        try
        {
            return environment is not null
                && JsonNode.Parse(environment)!.AsObject() is var made
                && !made.ContainsKey(BegunWith)
                && Rounding(made) == Rounding(Describe());
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private const string BegunWith = "begunWith";

    private static string Rounding(JsonObject environment) =>
        string.Join('\n', ResultAgreement.Numerics.Select(key => environment[key]?.ToJsonString() ?? ""));

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
        string? line = RegularFile
            .ReadLines(Path, FileLimit.Document)
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
