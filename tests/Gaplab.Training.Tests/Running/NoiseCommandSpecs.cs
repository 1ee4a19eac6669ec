// gaplab noise, as a user runs it: files, sections, claims, results that it leaves alone, and a second look with --from.
using System.Text.Json;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;

namespace Gaplab.Training.Tests.Running;

public sealed class NoiseCommandSpecs
{
    private const string Yaml = """
        study: noisy
        task: {kind: markov, vocabulary: 16, tokens: 20000, context: 8}
        model: {kind: gpt, layers: 1, heads: 1, width: 8}
        optimizers:
          sgd: {lr: [1]}
          adam: {beta2: 0.95, lr: [0.01]}
        grid: {batch: 8, seeds: 2}
        budget: {steps: 40}
        evaluation: {points: 2, validation: 16, train: none}
        sentinel: {enabled: false}
        probes: {at: [0, 1], samples: 16, batch: 4, noise: {samples: 32, draws: 40, coordinates: 24, window: 16, beta1: 0.6, columns: 3}}
        """;

    [Fact]
    public void Measures_both_noises_along_both_trajectories_and_reports_what_the_files_hold()
    {
        using var folder = new TestFolder();
        string file = folder.Write("noisy.yaml", Yaml),
            store = folder.File("store");
        StoreSnapshot before = StoreSnapshot.OfTraining(folder, Yaml, store);

        ProgramEnd end = StartedProgram.Run(folder.Path, "noise", file, "--store", store, "--workers", "1", "--batches", "4,8", "--json");

        end.AssertSucceeded();
        StoreSnapshot.Of(store).AssertKeeps(before);
        JsonElement root = JsonDocument.Parse(end.Output).RootElement;
        Assert.Equal(
            ["a-sgd", "a-adam", "a-lighter", "e"],
            root.GetProperty("claims").EnumerateArray().Select(c => c.GetProperty("id").GetString())
        );
        JsonElement[] tails = [.. root.GetProperty("tails").EnumerateArray()];
        // Runs, points, batch sizes, series (sgd at a point and in a window, adam in a window); axes over all layers.
        Assert.Equal(4 * 2 * 2 * 3 * 4, tails.Count(t => t.GetProperty("layer").GetString() == "all"));
        Assert.Equal(8, root.GetProperty("noiseScale").GetArrayLength());
        RunStore opened = RunStore.Open(store);
        foreach (JsonElement row in root.GetProperty("noiseScale").EnumerateArray())
        {
            using SafetensorsReader reader = Safetensors.Open(
                opened.Run(row.GetProperty("run").GetString()!).ProbePath("noise", row.GetProperty("step").GetInt64())
            );
            Assert.Equal(reader.Read<double>("noise-scale")[0], row.GetProperty("scale").GetDouble());
        }
        JsonElement[] escapes = [.. root.GetProperty("escapes").EnumerateArray()];
        Assert.Equal(4, escapes.Length);
        string page = File.ReadAllText(Path.Combine(store, "noise.html"));
        foreach (
            string id in (string[])
                ["claims", "alpha-iterations", "alpha-coordinates", "alpha-pooled", "alpha-norm", "layers", "noise-scale", "escape", "risk"]
        )
            Assert.Contains($"id=\"{id}\"", page, StringComparison.Ordinal);

        // Anyone's reader takes the files.
        string probe = opened.Run(tails[0].GetProperty("run").GetString()!).ProbePath("noise", 0);
        Assert.Equal(0, StartedProgram.Run(folder.Path, "tails", probe, "--name", "sgd.b8", "--centre", "none").ExitCode);

        // The same numbers once more, from the store alone.
        DateTime written = File.GetLastWriteTimeUtc(probe);
        ProgramEnd again = StartedProgram.Run(folder.Path, "noise", file, "--from", store, "--batches", "4,8", "--json");
        again.AssertSucceeded();
        Assert.Equal(end.Output, again.Output);
        Assert.Equal(written, File.GetLastWriteTimeUtc(probe));
        ProgramEnd other = StartedProgram.Run(folder.Path, "noise", file, "--from", store, "--batches", "2");
        Assert.Contains("were not measured with these options", other.AssertRefused(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--at", "0,1.5", "--at got '1.5'; expected fractions of the run from 0 to 1")]
    [InlineData("--batches", "4,none", "--batches got 'none'; expected batch sizes")]
    [InlineData("--alpha", "2", "--alpha got 2; expected a number above 0 and below 2")]
    [InlineData("--barrier", "-1", "--barrier got -1; expected a positive height")]
    [InlineData("--geometry", "sgd,adm", "--geometry got 'adm', but the study has no such optimizer")]
    [InlineData("--from", "nowhere", "nowhere")]
    public void A_wrong_option_is_one_line_and_begins_no_store(string option, string value, string says)
    {
        using var folder = new TestFolder();
        ProgramEnd end = StartedProgram.Run(
            folder.Path,
            "noise",
            folder.Write("noisy.yaml", Yaml),
            "--store",
            folder.File("store"),
            option,
            value
        );
        Assert.Contains(says, end.AssertRefused(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("store")));
    }
}
