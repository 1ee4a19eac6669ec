// gaplab sharpness, as a user runs it: files, sections, numbers, and results that it leaves alone.
using System.Text.Json;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;

namespace Gaplab.Training.Tests.Running;

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
        string file = folder.Write("sharp.yaml", Yaml),
            store = folder.File("store");
        StoreSnapshot before = StoreSnapshot.OfTraining(folder, Yaml, store);

        ProgramEnd end = StartedProgram.Run(folder.Path, "sharpness", file, "--store", store, "--workers", "1", "--json");

        end.AssertSucceeded();
        StoreSnapshot after = StoreSnapshot.Of(store);
        Assert.Equal(before.Results.Keys, after.Results.Keys);
        after.AssertKeeps(before);
        StoreSnapshot.AssertClean(store);
        RunStore opened = RunStore.Open(store);
        // sgd and adam, two seeds
        Assert.Equal(4, opened.RunIds().Count(id => Directory.Exists(Path.Combine(opened.Run(id).Folder, "probes"))));
        string page = File.ReadAllText(Path.Combine(store, "sharpness.html"));
        foreach (
            string id in (string[])
                ["sharpness", "ratio", "histogram-1", "histogram-2", "landscape-1", "landscape-2", "attribution", "decrease", "curves"]
        )
            Assert.Contains($"id=\"{id}\"", page, StringComparison.Ordinal);

        JsonElement[] points = [.. JsonDocument.Parse(end.Output).RootElement.GetProperty("points").EnumerateArray()];
        Assert.Equal(2 * 2 * 17, points.Length); // trajectories, points, the mover and 16 shadows
        foreach (var at in points.GroupBy(p => (p.GetProperty("geometry").GetString(), p.GetProperty("step").GetInt64())))
        {
            double sgd = at.Single(p => p.GetProperty("name").GetString() == "sgd" && !p.GetProperty("moves").GetBoolean())
                .GetProperty("sharpness")
                .GetDouble();
            foreach ((JsonElement point, int k) in at.Select((p, i) => (p, i)))
            {
                double[] read =
                [
                    .. point
                        .GetProperty("runs")
                        .EnumerateArray()
                        .Select(r => Number(opened.Run(r.GetString()!), "sharpness", at.Key.Item2, k)),
                ];
                Assert.Equal(2, read.Length);
                double mean = (read[0] + read[1]) / 2;
                Same(mean, point.GetProperty("sharpness"));
                if (sgd > 0)
                    Same(mean / sgd, point.GetProperty("ratio"));
            }
        }

        // Nothing is missing now: nothing is measured again.
        string probe = Directory.EnumerateFiles(store, "*.safetensors", SearchOption.AllDirectories).First();
        DateTime written = File.GetLastWriteTimeUtc(probe);
        Assert.Equal(0, StartedProgram.Run(folder.Path, "sharpness", file, "--store", store, "--workers", "1").ExitCode);
        Assert.Equal(written, File.GetLastWriteTimeUtc(probe));
    }

    [Theory]
    [InlineData("--at", "0,1.5", "--at got '1.5'; expected fractions of the run from 0 to 1")]
    [InlineData("--at", "half", "--at got 'half'")]
    [InlineData("--geometry", "sgd,adm", "--geometry got 'adm', but the study has no such optimizer")]
    public void A_wrong_option_is_one_line_and_begins_no_store(string option, string value, string says)
    {
        using var folder = new TestFolder();
        ProgramEnd end = StartedProgram.Run(
            folder.Path,
            "sharpness",
            folder.Write("sharp.yaml", Yaml),
            "--store",
            folder.File("store"),
            option,
            value
        );
        Assert.Contains(says, end.AssertRefused(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("store")));
    }

    [Fact]
    public void Checkpoints_of_a_store_are_measured_without_training_along_what_they_know()
    {
        using var folder = new TestFolder();
        string file = folder.Write("sharp.yaml", Yaml + "\ncheckpoint: {keep: last}\n"),
            store = folder.File("store");
        ProgramEnd trained = StartedProgram.Run(folder.Path, "sharpness", file, "--store", store, "--workers", "1", "--at", "0");
        trained.AssertSucceeded();
        StoreSnapshot before = StoreSnapshot.Of(store);

        ProgramEnd end = StartedProgram.Run(folder.Path, "sharpness", "--from", store, "--json");

        end.AssertSucceeded();
        StoreSnapshot.Of(store).AssertKeeps(before);
        StoreSnapshot.AssertClean(store);
        JsonElement[] points = [.. JsonDocument.Parse(end.Output).RootElement.GetProperty("points").EnumerateArray()];
        // Three optimizers at their ends; beside each what remembers nothing: SGD and normalised SGD, plain and clipped. No Adam as a
        // shadow, whose averages nobody saved.
        Assert.Equal(3 * 5, points.Length);
        Assert.Equal(
            ["normalised-sgd", "normalised-sgd-clipped", "sgd", "sgd-clipped"],
            points.Where(p => !p.GetProperty("moves").GetBoolean()).Select(p => p.GetProperty("name").GetString()).Distinct().Order()
        );
        Assert.All(points, p => Assert.Equal((32, 1.0), (p.GetProperty("step").GetInt64(), p.GetProperty("fraction").GetDouble())));
        // SGD's direction is the gradient's whether it moves, shadows, or is normalised.
        foreach (var at in points.GroupBy(p => p.GetProperty("geometry").GetString()))
        {
            double Sharpness(string name) =>
                at.Single(p => p.GetProperty("name").GetString() == name && !p.GetProperty("moves").GetBoolean())
                    .GetProperty("sharpness")
                    .GetDouble();
            Assert.Equal(Sharpness("sgd"), Sharpness("normalised-sgd"), 1e-4 * Math.Abs(Sharpness("sgd")));
            Assert.True(double.IsFinite(at.Single(p => p.GetProperty("moves").GetBoolean()).GetProperty("sharpness").GetDouble()));
        }
        Assert.True(File.Exists(Path.Combine(store, "sharpness-checkpoints.html")));

        string run = RunStore.Open(store).RunIds()[0];
        ProgramEnd one = StartedProgram.Run(folder.Path, "sharpness", "--from", store, "--run", run);
        one.AssertSucceeded();
        Assert.Contains("checkpoint 1 of 1", one.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_report_has_the_sections_of_what_its_store_holds()
    {
        using var folder = new TestFolder();
        string file = folder.Write("sharp.yaml", Yaml),
            store = folder.File("store");
        // The file's own probes, which name no shadows: every run measures its own update.
        ProgramEnd trained = StartedProgram.Run(folder.Path, "study", "run", file, "--store", store, "--workers", "1");
        trained.AssertSucceeded();
        Sections("sharpness", "attribution", "histogram-1", "histogram-3", "decrease");
        ProgramEnd measured = StartedProgram.Run(folder.Path, "sharpness", file, "--store", store, "--workers", "1", "--at", "0.5");
        measured.AssertSucceeded();
        Assert.Contains("measuring 4 runs, ", measured.Output, StringComparison.Ordinal);
        Assert.Equal(0, StartedProgram.Run(folder.Path, "study", "report", store).ExitCode);
        Sections("sharpness", "ratio", "attribution", "attribution-1", "landscape-2", "decrease");

        void Sections(params string[] ids)
        {
            string page = File.ReadAllText(Path.Combine(store, "report.html"));
            foreach (string id in ids)
                Assert.Contains($"id=\"{id}\"", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Killed_while_it_measures_a_study_ends_with_the_same_results_and_all_probes()
    {
        LongStage.OrSkip();
        using var folder = new TestFolder();
        string file = folder.Write(
                "sharp.yaml",
                Yaml.Replace(
                    "samples: 16, batch: 4",
                    "samples: 32, batch: 4, shadows: {sgd: {lr: 0.1}, lion: {lr: 0.01, clip-top: 0.1}}",
                    StringComparison.Ordinal
                )
            ),
            whole = folder.File("whole"),
            killed = folder.File("killed");
        ProgramEnd end = StartedProgram.Run(folder.Path, "sharpness", file, "--store", whole, "--workers", "1");
        end.AssertSucceeded();
        int kills = 0;
        for (int probes = 1; probes < 8; probes += 4)
        {
            using StartedProgram program = StartedProgram.Start(folder.Path, "sharpness", file, "--store", killed, "--workers", "1");
            while (program.IsAlive && Count() < probes)
                Thread.Sleep(2);
            if (!program.IsAlive)
                break;
            program.SignalGroup(StartedProgram.KillSignal);
            program.Wait();
            kills++;
        }
        Assert.True(kills > 0, "the study ended before it could be killed");
        end = StartedProgram.Run(folder.Path, "sharpness", file, "--store", killed, "--workers", "1");
        end.AssertSucceeded();
        StoreSnapshot.Of(killed).AssertSameAs(StoreSnapshot.Of(whole));
        StoreSnapshot.AssertClean(killed);
        Assert.Equal(Bytes(whole), Bytes(killed));

        int Count() =>
            Directory.Exists(killed)
                ? Directory
                    .EnumerateFiles(killed, "*.safetensors", SearchOption.AllDirectories)
                    .Count(f => f.Contains("/probes/", StringComparison.Ordinal))
                : 0;
        static SortedDictionary<string, string> Bytes(string store) =>
            new(
                Directory
                    .EnumerateFiles(store, "*.safetensors", SearchOption.AllDirectories)
                    .Where(f => f.Contains("/probes/", StringComparison.Ordinal))
                    .ToDictionary(
                        f => Path.GetRelativePath(store, f),
                        f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))
                    ),
                StringComparer.Ordinal
            );
    }

    [Fact]
    public void What_from_cannot_do_is_one_line()
    {
        using var folder = new TestFolder();
        string file = folder.Write("sharp.yaml", Yaml),
            store = folder.File("store");
        Assert.Equal(0, StartedProgram.Run(folder.Path, "study", "run", file, "--store", store, "--workers", "1").ExitCode);
        Refused("checkpoint.keep: last", "--from", store);
        Refused("no run of", "--from", store, "--run", "zz");
        Refused("not with a study file", file, "--from", store);
        Refused("not with --at", "--from", store, "--at", "0");
        Refused("--run names a run of the store given by --from", file, "--run", "ab");
        Refused("needs a study file");
        Refused(
            "limits.memory allows 350 MiB",
            file,
            "--store",
            folder.File("new"),
            "--set",
            "limits.memory=350MiB",
            "--set",
            "probes.batch=4096"
        );
        Assert.False(Directory.Exists(folder.File("new")));

        void Refused(string says, params string[] arguments)
        {
            ProgramEnd end = StartedProgram.Run(folder.Path, ["sharpness", .. arguments]);
            Assert.Contains(says, end.AssertRefused(), StringComparison.Ordinal);
        }
    }

    private static double Number(RunFolder run, string probe, long step, int row)
    {
        using SafetensorsReader reader = Safetensors.Open(run.ProbePath(probe, step));
        return reader.Read<double>("sharpness")[row];
    }

    private static void Same(double expected, JsonElement written)
    {
        if (double.IsNaN(expected))
            Assert.Equal("NaN", written.GetString());
        else
            Assert.Equal(expected, written.GetDouble(), 1e-9 * Math.Abs(expected));
    }
}
