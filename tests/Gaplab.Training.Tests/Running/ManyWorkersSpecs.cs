// Workers that share a store and nothing else: killed, stopped, with wrong clocks and without file locks they leave the store of one.
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gaplab.Numerics.Streams;
using Gaplab.Results.Store;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class ManyWorkersSpecs(SmallStudy study) : IDisposable
{
    private const int Stop = 19,
        Continue = 18;
    internal const string Clock = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Store => _folder.File("store");

    [Theory]
    [InlineData(3, 2, false)]
    [InlineData(8, 12, true)]
    public void Workers_that_are_killed_and_whose_clocks_are_an_hour_off_leave_the_store_of_an_undisturbed_one(
        int workers,
        int kills,
        bool all
    )
    {
        if (all)
        {
            LongStage.OrSkip();
            Assert.True(File.Exists(Clock), $"{Clock} is absent; ./test --all installs faketime");
        }
        Begin();
        RandomStream random = RandomStream.For(workers, "test/many-workers");
        StartedProgram[] running = [.. Enumerable.Range(0, workers).Select(r => Worker(r, workers))];
        var tally = new FaultTally(Faults.SharedKilled);
        try
        {
            for (int kill = 0; kill < kills; kill++)
            {
                Thread.Sleep(TimeSpan.FromSeconds(0.5 + 2 * random.NextDouble()));
                int which = (int)random.NextIndex(workers);
                running[which].SignalGroup(StartedProgram.KillSignal);
                running[which].Wait();
                running[which].Dispose();
                running[which] = Worker(which, workers);
                tally.Struck(Store);
            }
            foreach (StartedProgram worker in running)
                worker.Wait(600).AssertSucceeded();
        }
        finally
        {
            foreach (StartedProgram worker in running)
                worker.Dispose();
        }
        tally.Ended(Store, study.Reference);
        // All compute the same rounds, which are those of the reference.
        Assert.Equal(Rounds(study.ReferenceStore), Rounds(Store));
        Assert.NotEmpty(Rounds(Store));
    }

    [Fact]
    public void A_worker_stopped_for_longer_than_its_lease_comes_back_and_writes_over_nothing()
    {
        LongStage.OrSkip();
        Begin();
        using StartedProgram stopped = Worker(0, 2);
        WaitFor(stopped, () => Directory.Exists(Path.Combine(Store, "work")) && Files("work", "*.safetensors").Any());
        stopped.SignalGroup(Stop);
        string[] held = [.. Files("claims", "*").Select(f => Path.GetFileName(f)!)];
        Assert.NotEmpty(held);
        using (StartedProgram other = Worker(1, 2))
            other.Wait(600).AssertSucceeded();
        var tally = new FaultTally(Faults.WorkerStopped);
        tally.Struck(Store);
        StoreSnapshot.Of(Store).AssertSameAs(study.Reference);
        stopped.SignalGroup(Continue);
        stopped.Wait().AssertSucceeded();
        tally.Ended(Store, study.Reference);
        Assert.False(Directory.Exists(Path.Combine(Store, "attempts")), "a lost lease is no failed attempt");
    }

    [Theory]
    [InlineData(StartedProgram.Terminate)]
    [InlineData(StartedProgram.HangUp)]
    [LongInlineData(StartedProgram.Interrupt)]
    [LongInlineData(10)]
    [LongInlineData(12)]
    [LongInlineData(24)]
    public void A_worker_that_is_asked_to_end_leaves_a_checkpoint_and_exits_75(int signal)
    {
        Begin("grid.batch=4", "budget.samples=6000", "sentinel.enabled=false", "checkpoint.every-seconds=3600");
        using StartedProgram worker = Worker(0, 1);
        WaitFor(worker, () => Files("work", "env.json").Any());
        worker.SignalGroup(signal);
        ProgramEnd end = worker.Wait(60);
        Assert.True(end.ExitCode == 75, end.ToString());
        Assert.Contains("Go on with: ", Assert.Single(end.ErrorLines), StringComparison.Ordinal);
        Assert.NotEmpty(Files("work", "*.safetensors"));
        Assert.Empty(Files("claims", "*"));
        Assert.False(Directory.Exists(Path.Combine(Store, "attempts")));
        Faults.AskedToEnd.Caused(1);
    }

    [Fact]
    public void The_lines_of_study_commands_run_by_any_shell_make_the_store_of_study_run()
    {
        LongStage.OrSkip();
        Begin();
        int rounds = 0;
        while (true)
        {
            ProgramEnd listed = StartedProgram.Run(_folder.Path, "study", "commands", Store);
            listed.AssertSucceeded();
            string[] lines = listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length == 0)
                break;
            Assert.True(++rounds < 10, "the rounds do not end");
            Assert.All(lines, line => Assert.Matches(" worker .* --pack [0-9a-f]{16}$", line));
            _folder.Write("lines", listed.Output);
            // The first twice: a pack that is finished, or that another makes, costs a moment.
            ProgramEnd end = Shell("(head -n 1 lines; cat lines) | xargs -P 2 -I LINE sh -c 'LINE || [ $? = 75 ]'");
            Assert.True(end.ExitCode == 0, end.ToString());
        }
        Assert.True(rounds > 1, "the sentinel asked for nothing");
        StoreSnapshot.Of(Store).AssertSameAs(study.Reference);
        StoreSnapshot.AssertClean(Store);
    }

    [Fact]
    public void A_pack_that_another_makes_is_75_and_one_that_is_none_is_refused()
    {
        Begin();
        string line = StartedProgram.Run(_folder.Path, "study", "commands", Store).Output.Split('\n')[0],
            pack = line.Split(' ')[^1];
        RunStore opened = RunStore.Open(Store);
        using JsonDocument plan = JsonDocument.Parse(
            StartedProgram.Run(_folder.Path, "study", "plan", study.File, "--no-time", "--json", "--store", Store).Output
        );
        string[] runs =
        [
            .. plan
                .RootElement.GetProperty("arms")
                .EnumerateArray()
                .SelectMany(a => a.GetProperty("runs").EnumerateArray())
                .Select(r => r.GetString()!),
        ];
        using (PackClaim? all = opened.TryClaimRuns(runs))
        {
            ProgramEnd busy = StartedProgram.Run(_folder.Path, "worker", Store, "--pack", pack);
            Assert.True(busy.ExitCode == 75, busy.ToString());
            Assert.Contains("another worker", Assert.Single(busy.ErrorLines), StringComparison.Ordinal);
        }
        Assert.Contains(
            "'gaplab study commands' lists",
            StartedProgram.Run(_folder.Path, "worker", Store, "--pack", "0000000000000000").AssertRefused(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "--shard got",
            StartedProgram.Run(_folder.Path, "worker", Store, "--shard", "8/8").AssertRefused(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "--workers got",
            StartedProgram.Run(_folder.Path, "worker", Store, "--workers", "0").AssertRefused(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"{LeaseVariable} got '1'; expected seconds, from 2",
            StartedProgram.Run(_folder.Path, new Dictionary<string, string> { [LeaseVariable] = "1" }, "worker", Store).AssertRefused(),
            StringComparison.Ordinal
        );
        Assert.Contains("is no store", StartedProgram.Run(_folder.Path, "worker", _folder.Path).AssertRefused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_results_of_a_run_that_differ_are_named_by_status_report_and_verify()
    {
        study.CopyOfReference(_folder);
        RunStore opened = RunStore.Open(Store);
        string id = opened.RunIds()[0];
        MakeTwice(opened, id);
        StoreSnapshot.Of(Store).AssertSameAs(study.Reference);
        Faults.MadeTwice.Caused(1);
        foreach (string command in (string[])["study status", "verify", "study report"])
        {
            ProgramEnd end = StartedProgram.Run(_folder.Path, [.. command.Split(' '), Store]);
            Assert.Equal(command == "verify" ? 3 : 0, end.ExitCode);
            Assert.Contains($"conflict   run {id} was made twice", end.Errors, StringComparison.Ordinal);
        }
        Assert.Contains(
            "runs were made twice with different results",
            StartedProgram.Run(_folder.Path, "study", "report", Store).Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Verification_makes_stretches_of_runs_again_bit_for_bit_and_finds_one_number_that_was_changed_with_its_checksums()
    {
        LongStage.OrSkip();
        string[] set = ["checkpoint.keep=all", "sentinel.enabled=false", "grid.batch=4"];
        Begin(set);
        using (StartedProgram worker = Worker(0, 1))
            worker.Wait().AssertSucceeded();
        ProgramEnd good = StartedProgram.Run(_folder.Path, "verify", Store, "--replay", "4", "--json");
        good.AssertSucceeded();
        using JsonDocument found = JsonDocument.Parse(good.Output);
        Assert.True(found.RootElement.GetProperty("sound").GetBoolean());
        JsonElement[] spans = [.. found.RootElement.GetProperty("replayed").EnumerateArray()];
        Assert.Equal(4, spans.Length);
        Assert.All(spans, s => Assert.True(s.GetProperty("exact").GetBoolean() && s.GetProperty("compared").GetInt32() > 0, good.Output));
        Assert.Contains(spans, s => s.GetProperty("from").GetInt64() > 0);

        // Every training loss is changed a little, as if by whoever can also write checksums.
        RunStore opened = RunStore.Open(Store);
        foreach (string id in opened.RunIds())
        {
            string metrics = Path.Combine(opened.Run(id).Folder, "metrics.jsonl"),
                changed = Regex.Replace(
                    File.ReadAllText(metrics),
                    "(?<=\"train-loss\",\"value\":)[0-9.eE+-]+",
                    m => (1.0000001 * double.Parse(m.Value, CultureInfo.InvariantCulture)).ToString("r", CultureInfo.InvariantCulture)
                );
            RunResult result = opened.TryRead(id)!;
            File.Delete(Path.Combine(opened.Run(id).Folder, "result.json"));
            File.WriteAllText(metrics, changed);
            opened.FinishPack([(opened.Run(id), result with { Checksums = new Dictionary<string, string>() })]);
        }
        ProgramEnd bad = StartedProgram.Run(_folder.Path, "verify", Store, "--replay", "12", "--seed", "1");
        Assert.True(bad.ExitCode == 3, bad.ToString());
        Assert.Contains("every checksum holds", bad.Output, StringComparison.Ordinal);
        Assert.Matches("differs    run [0-9a-f]{16}: train-loss at step [0-9]+ is ", bad.Output);
    }

    /// <summary>Makes a finished run a second time, with other results.</summary>
    internal static void MakeTwice(RunStore opened, string id)
    {
        using PackClaim claim = opened.TryClaimRuns([id])!;
        RunFolder work = opened.TakeUp(claim, [id])[0];
        work.WriteSpec(opened.Run(id).ReadSpec()!);
        work.WriteEnv(opened.Run(id).ReadEnv()!);
        work.AppendMetrics(opened.Run(id).ReadMetrics());
        RunResult result = opened.TryRead(id)!;
        opened.FinishPack(
            [
                (
                    work,
                    result with
                    {
                        Metrics = result.Metrics.ToDictionary(m => m.Key, m => m.Value + 1),
                        Checksums = new Dictionary<string, string>(),
                    }
                ),
            ],
            claim: claim
        );
    }

    // Writes the plan; nothing is trained.
    private void Begin(params string[] set) =>
        StartedProgram
            .Run(_folder.Path, ["study", "commands", study.File, "--store", Store, .. set.SelectMany(s => (string[])["--set", s])])
            .AssertSucceeded();

    private StartedProgram Worker(int rank, int size)
    {
        var environment = new Dictionary<string, string>
        {
            // As on a file system that has none.
            ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1",
            [LeaseVariable] = "8",
        };
        if (rank % 2 == 1 && File.Exists(Clock))
        {
            environment["LD_PRELOAD"] = Clock;
            environment["FAKETIME"] = rank % 4 == 1 ? "+1h" : "-1h";
            environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        }
        return StartedProgram.Start(_folder.Path, environment, "worker", Store, "--shard", $"{rank}/{size}");
    }

    private const string LeaseVariable = "GAPLAB_LEASE_SECONDS";

    private IEnumerable<string> Files(string folder, string pattern)
    {
        try
        {
            return Directory.GetFiles(Path.Combine(Store, folder), pattern, SearchOption.AllDirectories);
        }
        catch (DirectoryNotFoundException)
        {
            return []; // published while it was listed
        }
    }

    private static void WaitFor(StartedProgram program, Func<bool> condition)
    {
        while (!condition())
        {
            if (!program.IsAlive)
                Assert.Fail($"the program ended first\n{program.Wait()}");
            Thread.Sleep(10);
        }
    }

    private static IReadOnlyDictionary<string, string> Rounds(string store) =>
        Directory.Exists(Path.Combine(store, "rounds"))
            ? Directory.GetFiles(Path.Combine(store, "rounds"), "*.json").ToDictionary(f => Path.GetFileName(f)!, File.ReadAllText)
            : new Dictionary<string, string>();

    private ProgramEnd Shell(string script)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("sh", ["-c", script])
            {
                WorkingDirectory = _folder.Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(),
            errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return new ProgramEnd(process.ExitCode, output.Result, errors.Result);
    }
}
