// A store of 100,000 finished runs, and what the commands that read stores need for it: seconds, processor seconds, memory.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Files;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Running;

namespace Gaplab.Benchmarks;

/// <summary>Writes the store through its own types, without training and without a sync for every file.</summary>
internal static class LargeStore
{
    private const int Seeds = 10,
        Evaluations = 8,
        LossesLogged = 40;

    // 20 comparisons x 10 batch sizes x 2 optimizers x 25 learning rates x 10 seeds.
    private const string Study = """
        study: large
        task: {kind: markov, tokens: 20000, context: 16}
        model: {kind: gpt, layers: 1, heads: 2}
        factors: {task.vocabulary: [8, 16, 32, 64, 128], model.width: [8, 16, 32, 64]}
        optimizers:
          sgd: {momentum: 0.9, clip: 1, lr: {from: 0.01, to: 10, points: 25}}
          adam: {beta2: 0.95, lr: {from: 0.0001, to: 0.1, points: 25}}
        grid: {batch: [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048], seeds: SEEDS}
        budget: {samples: 65536}
        evaluation: {points: 8, validation: 256, train: 256}
        sentinel: {refine-to: 2}

        """;

    public static int Run(string[] arguments)
    {
        int seeds = arguments is [var given, ..] ? int.Parse(given, CultureInfo.InvariantCulture) : Seeds;
        string? kept = arguments is [_, var place] ? place : null;
        string folder = kept ?? Directory.CreateTempSubdirectory("gaplab-large-").FullName,
            store = Path.Combine(folder, "store");
        try
        {
            if (!Directory.Exists(store))
            {
                long from = Stopwatch.GetTimestamp();
                int runs = Make(Directory.CreateDirectory(folder).FullName, store, seeds);
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{runs} runs written in {Stopwatch.GetElapsedTime(from).TotalSeconds:f0} s to {store}"
                    )
                );
            }
            string table = Path.Combine(folder, "runs.csv"),
                page = Path.Combine(folder, "report.html");
            Time("study status, the first time", "study", "status", store);
            Time("study status", "study", "status", store);
            Time("study report with its page", "study", "report", store, "--html", page, "--force");
            Time("study export to CSV", "study", "export", store, "--to", table, "--force");
            Time("crossover of that table", "crossover", table);
            Time("verify", "verify", store);
            Serve(store);
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{"the page", -30} {new FileInfo(page).Length / 1048576.0, 7:f1} MiB")
            );
            return 0;
        }
        finally
        {
            if (kept is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Writes the study and the store of all of its first round.</summary>
    /// <returns>How many runs it holds.</returns>
    private static int Make(string folder, string store, int seeds)
    {
        string file = Path.Combine(folder, "large.yaml");
        File.WriteAllText(file, Study.Replace("SEEDS", seeds.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        using PreparedStudy prepared = PreparedStudy.Read(file, [], 2, Catalogues.BuiltIn, _ => store);
        Plan plan = prepared.Plan;
        RunStore opened = RunStore.Open(store, create: true);
        opened.Bind(plan.Study.Name, RunId.OfStudy(plan.Study), prepared.Yaml);
        prepared.ToDocument("benchmarks/run large-store").Save(opened);
        byte[] environment = Encoding.UTF8.GetBytes(
            JsonSeal.Close(new JsonObject { ["gaplab"] = RunEnvironment.Version, ["device"] = "none" }).ToJsonString() + "\n"
        );
        int made = 0;
        Parallel.ForEach(
            plan.Arms,
            arm =>
            {
                foreach (PlannedRun run in plan.Runs(arm, arm.Rates))
                    Write(opened, arm, run, environment);
                Interlocked.Add(ref made, plan.Runs(arm, arm.Rates).Count);
            }
        );
        return made;
    }

    private static void Write(RunStore store, Arm arm, PlannedRun run, byte[] environment)
    {
        RunFolder to = store.Run(run.Id);
        Directory.CreateDirectory(to.Folder);
        byte[] spec = Encoding.UTF8.GetBytes(RunId.Document(run.Spec));
        RandomStream noise = RandomStream.For(run.Spec.Seed, $"large-store/{run.Id}");
        // A bowl about a best rate that grows with the batch size; Adam's is ahead at small ones, the seed is felt by both alike.
        bool adam = arm.Optimizer == "adam";
        double doublings = Math.Log2(arm.Batch),
            best = Math.Log10(adam ? 3e-3 : 0.3) + (adam ? 0.05 : 0.08) * (doublings - 6),
            away = Math.Log10(run.Spec.Optimizer.LearningRate) - best,
            floor = 1.5 + 0.02 * doublings + (adam ? 0.012 * (doublings - 6) : 0),
            shared = 0.02 * RandomStream.For(run.Spec.Seed, "large-store/seed").NextGaussian(),
            final = floor + 0.4 * away * away + shared + 0.005 * noise.NextGaussian();
        bool diverged = away > 1.2;
        long steps = run.Spec.Budget.Amount / arm.Batch;
        var rows = new List<MetricRow>();
        for (int k = 1; k <= LossesLogged; k++)
        {
            long step = steps * k / LossesLogged;
            double loss = final + 1.5 * Math.Exp(-4.0 * k / LossesLogged);
            rows.Add(new MetricRow(step, step * arm.Batch, "train-loss", loss + 0.02 * noise.NextGaussian()));
            if (k % (LossesLogged / Evaluations) == 0)
                rows.Add(new MetricRow(step, step * arm.Batch, "validation-loss", k == LossesLogged ? final : loss));
        }
        byte[] metrics = MetricsWriter.Lines(rows);
        File.WriteAllBytes(Path.Combine(to.Folder, RunFolder.SpecName), spec);
        File.WriteAllBytes(Path.Combine(to.Folder, RunFolder.EnvironmentName), environment);
        File.WriteAllBytes(Path.Combine(to.Folder, RunFolder.MetricsName), metrics);
        File.WriteAllBytes(
            Path.Combine(to.Folder, RunFolder.ResultName),
            new RunResult
            {
                Outcome = diverged ? Outcome.Diverged : Outcome.Completed,
                Step = diverged ? steps / 2 : steps,
                Cause = diverged ? "the loss is above 3 times the first" : null,
                Metrics = new Dictionary<string, double>
                {
                    ["validation-loss"] = final,
                    ["excess-loss"] = final - 1.4,
                    ["initial-loss"] = 3,
                    ["last-mean"] = final + 0.05,
                    ["last-min"] = final + 0.03,
                    ["clip-fraction"] = adam ? 0 : 0.25,
                },
                Checksums = new Dictionary<string, string>
                {
                    [RunFolder.SpecName] = Sha256.Of(spec),
                    [RunFolder.EnvironmentName] = Sha256.Of(environment),
                    [RunFolder.MetricsName] = Sha256.Of(metrics),
                },
                Wall = new Dictionary<string, JsonNode?>
                {
                    ["finished"] = "2026-01-01T00:00:00Z",
                    ["packRuns"] = 16,
                    ["packSeconds"] = 12.5,
                },
            }.ToJson()
        );
    }

    /// <summary>Serves the store until its answer can be had and a browser has shown it, and prints what that took.</summary>
    private static void Serve(string store)
    {
        long from = Stopwatch.GetTimestamp();
        using Process server = Process.Start(
            new ProcessStartInfo("dotnet", [Program, "serve", store, "--port", "0"]) { RedirectStandardOutput = true }
        )!;
        try
        {
            string address = server.StandardOutput.ReadLine()!.Split(' ')[^1];
            using var client = new HttpClient();
            _ = client.GetStringAsync(new Uri(address)).Result;
            var stores = new Uri(new Uri(address), "/api/stores");
            while (client.GetStringAsync(stores).Result.Contains("\"opening\"", StringComparison.Ordinal))
                Thread.Sleep(50);
            double ready = Stopwatch.GetElapsedTime(from).TotalSeconds;
            string opens = "–";
            if (OpensPages)
            {
                using Process node = Process.Start(
                    new ProcessStartInfo("node", [Path.Combine(Root, "web/open-live.mjs"), address]) { RedirectStandardOutput = true }
                )!;
                opens = node.StandardOutput.ReadToEnd().Trim();
                node.WaitForExit();
            }
            server.Refresh();
            Said("serve until the answer", ready, server.TotalProcessorTime.TotalSeconds, server.PeakWorkingSet64);
            Console.WriteLine($"{"its first verdict in Chromium", -30} {opens} ms");
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    private static bool OpensPages => Directory.Exists(Path.Combine(Root, "web/node_modules/playwright-core"));

    private static string Root => Environment.GetEnvironmentVariable("GAPLAB_ROOT")!;

    private static string Program => Path.Combine(Root, "artifacts/bin/Gaplab.Cli/release/gaplab.dll");

    private static void Said(string what, double seconds, double processor, long memory) =>
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what, -30} {seconds, 7:f1} s, {processor, 7:f1} s of processor, {memory / 1073741824.0:f2} GiB"
            )
        );

    /// <summary>Runs the program and prints what it took; memory is the most that it held at any time.</summary>
    private static void Time(string what, params string[] command)
    {
        long from = Stopwatch.GetTimestamp();
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", [Program, .. command]) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(),
            errors = process.StandardError.ReadToEndAsync();
        long memory = 0;
        double processor = 0;
        while (!process.WaitForExit(20))
        {
            process.Refresh();
            try
            {
                memory = Math.Max(memory, process.PeakWorkingSet64);
                processor = process.TotalProcessorTime.TotalSeconds;
            }
            catch (InvalidOperationException) { } // it has just ended
        }
        double seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"{string.Join(' ', command)}: exit code {process.ExitCode}\n{output.Result}{errors.Result}"
            );
        Said(what, seconds, processor, memory);
    }
}
