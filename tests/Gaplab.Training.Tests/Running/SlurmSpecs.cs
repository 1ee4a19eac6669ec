// A study on a real Slurm of two nodes: killed, preempted and requeued, it leaves the store of one machine.
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies.Slurm;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class SlurmSpecs(SmallStudy study)
{
    // 40 runs at first: five learning rates, two seeds, two optimizers, two batch sizes.
    private static readonly string[] s_forty =
    [
        "optimizers.sgd.lr={from: 0.1, to: 1.6, factor: 2}",
        "optimizers.adam.lr={from: 0.002, to: 0.032, factor: 2}",
        "probes={names: attribution, at: [0.5], samples: 16, batch: 4, layers: false}",
        "checkpoint.keep=last",
        "budget.samples=6144",
    ];

    [Fact]
    public void Forty_runs_over_two_nodes_with_a_worker_killed_and_others_preempted_are_those_of_one_machine()
    {
        LongStage.OrSkip();
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "slurmd needs root");
        using var folder = new TestFolder();
        string[] set = [.. s_forty.SelectMany(s => (string[])["--set", s])];
        string alone = folder.File("alone"),
            store = folder.File("store");
        StartedProgram.Run(folder.Path, ["study", "run", study.File, "--store", alone, "--workers", "2", .. set]).AssertSucceeded();
        StoreSnapshot reference = StoreSnapshot.Of(alone);
        Assert.True(reference.Results.Count >= 40, $"{reference.Results.Count} runs");

        using SlurmCluster cluster = SlurmCluster.Start(Directory.CreateDirectory(folder.File("slurm")).FullName, largestArray: 3);
        var environment = new Dictionary<string, string>(cluster.Environment) { ["GAPLAB_LEASE_SECONDS"] = "8" };
        ProgramEnd submitted = StartedProgram.Run(
            folder.Path,
            environment,
            ["study", "run", study.File, "--store", store, "--workers", "4", "--json", .. set, "--slurm", "--partition=low", "--time", "10"]
        );
        submitted.AssertSucceeded();
        // Submitted twice, by whoever pressed the key again: another worker helps the first four.
        ProgramEnd again = StartedProgram.Run(
            folder.Path,
            environment,
            ["study", "run", study.File, "--store", store, "--workers", "1", .. set, "--slurm", "--partition=low", "--time", "10"]
        );
        again.AssertSucceeded();
        Assert.Contains("of an earlier submission", again.Output, StringComparison.Ordinal);
        Faults.Submitted.Caused(1);
        using JsonDocument answer = JsonDocument.Parse(submitted.Output);
        JsonElement[] jobs = [.. answer.RootElement.GetProperty("jobs").EnumerateArray()];
        // Four workers, and an array of this site has three tasks at most.
        Assert.Equal([2, 2], jobs.Select(j => j.GetProperty("tasks").GetInt32()));
        string script = File.ReadAllText(answer.RootElement.GetProperty("file").GetString()!);
        Assert.Contains("#SBATCH --partition=low\n#SBATCH --time 10\n", script, StringComparison.Ordinal);

        WaitFor(cluster, store, () => Status().Done >= 4);
        // A worker dies with all that it has, as a node does: nobody records it.
        bool killed = false;
        WaitFor(
            cluster,
            store,
            () =>
                killed |=
                    Directory.GetFiles(Path.Combine(store, "workers"), "*.json").FirstOrDefault() is { } sign && SlurmCluster.KillTask(sign)
        );
        // A job that goes first takes a whole node: Slurm preempts what is on it and queues it again.
        WaitFor(cluster, store, () => Status().Done >= 12);
        cluster.Say("sbatch", "--partition=high", "--nodes=1", "--exclusive", "--output=/dev/null", "--wrap=sleep 5");
        bool preempted = false;
        WaitFor(
            cluster,
            store,
            () =>
            {
                preempted |= cluster
                    .Say("squeue", "--noheader", "--partition=low", "--array", "--format=%T")
                    .Contains("PENDING", StringComparison.Ordinal);
                (int done, int runs, _) = Status();
                return done == runs;
            }
        );
        Assert.True(preempted, "nothing was preempted");
        var tally = new FaultTally(Faults.SlurmPreempted);
        tally.Struck(store);
        cluster.Say("scancel", "--user=root");
        WaitFor(cluster, store, () => cluster.Say("squeue", "--noheader").Trim().Length == 0);
        // Whoever works on it last takes what the killed have left.
        StartedProgram.Run(folder.Path, environment, "worker", store).AssertSucceeded();

        tally.Ended(store, reference);
        // Nothing is left to do.
        ProgramEnd done = StartedProgram.Run(
            folder.Path,
            environment,
            ["study", "run", study.File, "--store", store, .. set, "--slurm", "--partition=low"]
        );
        done.AssertSucceeded();
        Assert.Contains("nothing was submitted", done.Output, StringComparison.Ordinal);
        foreach (string id in reference.Results.Keys)
        foreach (string file in Directory.GetFiles(RunFolder(alone, id), "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(RunFolder(alone, id), file);
            if (name is not ("result.json" or "env.json"))
                Assert.True(
                    File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(RunFolder(store, id), name))),
                    $"run {id}: {name} differs"
                );
        }

        (int Done, int Runs, int Queued) Status()
        {
            ProgramEnd end = StartedProgram.Run(folder.Path, environment, "study", "status", store, "--json");
            using JsonDocument status = JsonDocument.Parse(end.Output);
            return (
                status.RootElement.GetProperty("done").GetInt32(),
                status.RootElement.GetProperty("runs").GetInt32(),
                status.RootElement.GetProperty("queue").EnumerateArray().Sum(q => q.GetProperty("tasks").GetInt32())
            );
        }
    }

    [Theory]
    [InlineData(1, 1001, new[] { 1 })]
    [InlineData(1001, 1001, new[] { 1001 })]
    [InlineData(1002, 1001, new[] { 501, 501 })]
    [InlineData(10, 4, new[] { 3, 3, 4 })]
    [InlineData(5, 1, new[] { 1, 1, 1, 1, 1 })]
    public void Arrays_are_no_longer_than_the_site_allows_and_count_every_worker_once(int tasks, int largest, int[] counts)
    {
        IReadOnlyList<(int First, int Count)> pieces = SlurmArray.Pieces(tasks, largest);
        Assert.Equal(counts, pieces.Select(p => p.Count));
        Assert.Equal(Enumerable.Range(0, tasks), pieces.SelectMany(p => Enumerable.Range(p.First, p.Count)));
    }

    [Theory]
    [InlineData("Configuration data\nMaxArraySize            = 6\nMaxBatchRequeue = 5\n", 6)]
    [InlineData("MaxArraySize=1001", 1001)]
    [InlineData("MaxArraySize = (null)", 1000)]
    [InlineData("MaxArraySize = 0", 0)]
    [InlineData(null, 1000)]
    public void The_bound_is_read_from_what_scontrol_prints(string? config, int largest) =>
        Assert.Equal(largest, SlurmArray.LargestArray(config));

    [Theory]
    [InlineData("--array=1-4")]
    [InlineData("-a")]
    [InlineData("--wrap=ls")]
    [InlineData("--time=1\n#SBATCH --uid=0")]
    public void An_option_that_is_the_arrays_own_or_no_line_is_refused(string option)
    {
        using var folder = new TestFolder();
        RunStore store = RunStore.Open(folder.File("s"), create: true);
        Assert.StartsWith(
            "--slurm got ",
            Assert.Throws<InputException>(() => new SlurmArray(store, "s", ["--partition=low", option])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_batch_file_is_a_script_that_bash_reads_with_the_options_as_they_were_typed()
    {
        using var folder = new TestFolder();
        RunStore store = RunStore.Open(folder.File("a store"), create: true);
        string script = new SlurmArray(store, "my study", ["-p", "gpu,cpu", "--comment=two words", "--time=1:00:00"]).Script();
        Assert.Contains("\n#SBATCH --job-name=gaplab-my-study\n", script, StringComparison.Ordinal);
        Assert.Contains(
            "\n#SBATCH -p gpu,cpu\n#SBATCH \"--comment=two words\"\n#SBATCH --time=1:00:00\n",
            script,
            StringComparison.Ordinal
        );
        Assert.Contains($"worker '{store.Root}' --shard", script, StringComparison.Ordinal);
        using Process bash = Process.Start(
            new ProcessStartInfo("bash", ["-n"]) { RedirectStandardInput = true, RedirectStandardError = true }
        )!;
        bash.StandardInput.Write(script);
        bash.StandardInput.Close();
        Assert.Equal("", bash.StandardError.ReadToEnd());
        bash.WaitForExit();
        Assert.Equal(0, bash.ExitCode);
    }

    [Theory]
    [InlineData(4, "--array=0-1|--array=0-2")]
    [InlineData(0, "--output=|--output=|--output=|--output=|--output=")]
    public void A_site_is_asked_for_its_arrays_and_one_without_gets_a_job_for_each_worker(int largest, string options)
    {
        using var folder = new TestFolder();
        RunStore store = RunStore.Open(folder.File("s"), create: true);
        string said = folder.File("said");
        Dictionary<string, string> environment = Programs(
            folder,
            ("scontrol", $"echo 'MaxArraySize = {largest}'"),
            ("sbatch", $"echo \"$@\" >> '{said}'; wc -l < '{said}'"),
            ("squeue", "echo '1 PENDING'; echo '99 RUNNING'")
        );
        ProgramEnd end = StartedProgram.Run(
            folder.Path,
            environment,
            ["study", "run", study.File, "--store", store.Root, "--workers", "5", "--slurm", "-p", "gpu"]
        );
        end.AssertSucceeded();
        string[] calls = File.ReadAllLines(said);
        Assert.Equal(options.Split('|'), calls.Select(c => Regex.Match(c, "--array=[0-9-]+|--output=").Value));
        // The first worker of each, and how many there are in all.
        Assert.Equal(
            largest > 0 ? ["0 5", "2 5"] : ["0 5", "1 5", "2 5", "3 5", "4 5"],
            calls.Select(c => string.Join(' ', c.Split(' ')[^2..]))
        );
        Assert.Contains("job        1: ", end.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("earlier", end.Output, StringComparison.Ordinal);
        // Once more: the workers of before are in the queue still.
        end = StartedProgram.Run(folder.Path, environment, "study", "run", study.File, "--store", store.Root, "--slurm");
        end.AssertSucceeded();
        Assert.Contains("queue      1 pending of an earlier submission", end.Output, StringComparison.Ordinal);
        Faults.Submitted.Caused(1);
        ProgramEnd status = StartedProgram.Run(folder.Path, environment, "study", "status", store.Root);
        status.AssertSucceeded();
        Assert.Contains("in Slurm's queue: 1 pending\n", status.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1")]
    public void Where_there_is_no_squeue_or_it_does_not_answer_the_status_is_that_of_the_store(string squeue)
    {
        using var folder = new TestFolder();
        string store = study.CopyOfReference(folder);
        folder.Write("store/slurm/jobs.txt", "1\n");
        ProgramEnd status = StartedProgram.Run(
            folder.Path,
            squeue == "absent" ? Programs(folder) : Programs(folder, ("squeue", squeue)),
            "study",
            "status",
            store
        );
        status.AssertSucceeded();
        Assert.DoesNotContain("queue", status.Output, StringComparison.Ordinal);
        Assert.Empty(status.ErrorLines);
    }

    // A PATH with these programs and those that a started program needs, and no Slurm.
    private static Dictionary<string, string> Programs(TestFolder folder, params (string Name, string Script)[] programs)
    {
        string bin = Directory.CreateDirectory(folder.File("bin")).FullName;
        foreach (string name in (string[])["dotnet", "setsid", "sh", "cat", "wc"])
            File.CreateSymbolicLink(
                Path.Combine(bin, name),
                Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(p => Path.Combine(p, name)).First(File.Exists)
            );
        foreach ((string name, string script) in programs)
        {
            string path = folder.Write(Path.Combine("bin", name), $"#!/bin/sh\n{script}\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        return new Dictionary<string, string> { ["PATH"] = bin };
    }

    private static string RunFolder(string store, string id) => Path.Combine(store, "runs", id[..2], id);

    internal static void WaitFor(SlurmCluster cluster, string store, Func<bool> condition)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            if (patience.Elapsed > TimeSpan.FromMinutes(8))
            {
                string[] logs = [.. Directory.GetFiles(Path.Combine(store, "slurm")).Select(f => $"{f}:\n{File.ReadAllText(f)}")];
                Assert.Fail($"it did not come within 8 minutes\n{cluster.Say("squeue")}\n{string.Join('\n', logs)}");
            }
            Thread.Sleep(500);
        }
    }
}
