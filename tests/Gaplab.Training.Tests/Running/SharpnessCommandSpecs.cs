// gaplab sharpness, as a user runs it: files, sections, numbers, and results that it leaves alone.
using System.Text.Json;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Training.Tests.Data;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(RunningProgram))]
public sealed class SharpnessCommandSpecs
{
    private const string Yaml = """
        study: sharp
        task: {kind: markov, vocabulary: 16, tokens: 20000, context: 8}
        model: {kind: gpt, layers: 1, heads: 1, width: 8}
        optimizers:
          sgd: {lr: [0.1, 0.3]}
          sgd-clipped: {kind: sgd, clip-top: 0.1, lr: [0.3, 1]}
          adam: {beta2: 0.95, lr: [0.003, 0.01]}
        grid: {batch: 8, seeds: 2}
        budget: {samples: 256}
        evaluation: {points: 2, validation: 16, train: none}
        sentinel: {enabled: false}
        probes: {at: [0, 0.5], samples: 16, batch: 4, layers: false, landscape-points: 5}
        """;

    [Fact]
    public void Measures_the_tuned_runs_alone_reports_what_the_files_hold_and_leaves_results_as_they_were()
    {
        using var folder = new TestFolder();
        string file = folder.Write("sharp.yaml", Yaml), store = folder.File("store");
        // Without the file's probes: they are no part of any id.
        string plain = folder.Write("plain.yaml", string.Join('\n', Yaml.Split('\n').Where(l => !l.StartsWith("probes", StringComparison.Ordinal))));
        ProgramEnd trained = RunningProgram.Run(folder.Path, "study", "run", plain, "--store", store, "--workers", "1");
        Assert.True(trained.ExitCode == 0, trained.ToString());
        StoreSnapshot before = StoreSnapshot.Of(store);

        ProgramEnd end = RunningProgram.Run(folder.Path, "sharpness", file, "--store", store, "--workers", "1", "--json");

        Assert.True(end.ExitCode == 0, end.ToString());
        StoreSnapshot after = StoreSnapshot.Of(store);
        Assert.Equal(before.Results.Keys, after.Results.Keys);
        after.AssertKeeps(before);
        StoreSnapshot.AssertClean(store);
        RunStore opened = RunStore.Open(store);
        Assert.Equal(4, opened.RunIds().Count(id => Directory.Exists(Path.Combine(opened.Run(id).Folder, "probes"))));   // sgd and adam, two seeds
        string page = File.ReadAllText(Path.Combine(store, "sharpness.html"));
        foreach (string id in (string[])["sharpness", "ratio", "histogram-1", "histogram-2", "landscape-1", "landscape-2", "attribution", "decrease", "curves"])
            Assert.Contains($"id=\"{id}\"", page, StringComparison.Ordinal);

        JsonElement[] points = [.. JsonDocument.Parse(end.Output).RootElement.GetProperty("points").EnumerateArray()];
        Assert.Equal(2 * 2 * 17, points.Length);   // trajectories, points, the mover and 16 shadows
        foreach (var at in points.GroupBy(p => (p.GetProperty("geometry").GetString(), p.GetProperty("step").GetInt64())))
        {
            double sgd = at.Single(p => p.GetProperty("name").GetString() == "sgd" && !p.GetProperty("moves").GetBoolean()).GetProperty("sharpness").GetDouble();
            foreach ((JsonElement point, int k) in at.Select((p, i) => (p, i)))
            {
                double[] read = [.. point.GetProperty("runs").EnumerateArray().Select(r => Number(opened.Run(r.GetString()!), "sharpness", at.Key.Item2, k))];
                Assert.Equal(2, read.Length);
                double mean = (read[0] + read[1]) / 2;
                Same(mean, point.GetProperty("sharpness"));
                if (sgd > 0) Same(mean / sgd, point.GetProperty("ratio"));
            }
        }

        // Nothing is missing now: nothing is measured again.
        string probe = Directory.EnumerateFiles(store, "*.safetensors", SearchOption.AllDirectories).First();
        DateTime written = File.GetLastWriteTimeUtc(probe);
        Assert.Equal(0, RunningProgram.Run(folder.Path, "sharpness", file, "--store", store, "--workers", "1").ExitCode);
        Assert.Equal(written, File.GetLastWriteTimeUtc(probe));
    }

    [Theory]
    [InlineData("--at", "0,1.5", "--at got '1.5'; expected fractions of the run from 0 to 1")]
    [InlineData("--at", "half", "--at got 'half'")]
    [InlineData("--geometry", "sgd,adm", "--geometry got 'adm', but the study has no such optimizer")]
    public void A_wrong_option_is_one_line_and_begins_no_store(string option, string value, string says)
    {
        using var folder = new TestFolder();
        ProgramEnd end = RunningProgram.Run(folder.Path, "sharpness", folder.Write("sharp.yaml", Yaml), "--store", folder.File("store"), option, value);
        Assert.True(end.ExitCode == 2, end.ToString());
        Assert.Contains(says, Assert.Single(end.ErrorLines), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("store")));
    }

    private static double Number(RunFolder run, string probe, long step, int row)
    {
        using SafetensorsReader reader = Safetensors.Open(run.ProbePath(probe, step));
        return reader.Read<double>("sharpness")[row];
    }

    private static void Same(double expected, JsonElement written)
    {
        if (double.IsNaN(expected)) Assert.Equal("NaN", written.GetString());
        else Assert.Equal(expected, written.GetDouble(), 1e-9 * Math.Abs(expected));
    }
}
