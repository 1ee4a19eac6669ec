// Ctrl-C checkpoints and says how to go on; going on starts where it stopped. Two studies may share a store.
using Gaplab.Numerics.Files;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class InterruptSpecs(SmallStudy study)
{
    [Theory]
    [InlineData(StartedProgram.Interrupt, true)]
    [LongInlineData(StartedProgram.Terminate, false)]
    [LongInlineData(StartedProgram.HangUp, true)]
    [LongInlineData(StartedProgram.Quit, true)]
    public void Interrupted_a_study_exits_130_with_the_command_that_goes_on_from_its_checkpoints(int signal, bool wholeGroup)
    {
        using var folder = new TestFolder();
        string store = folder.File("store with a blank");
        string[] set = ["sentinel.enabled=false", "grid.batch=4", "budget.samples=4000", "checkpoint.every-seconds=0.3"],
            command = ["study", "run", study.File, "--store", store, "--workers", "2", .. set.SelectMany(s => (string[])["--set", s])];
        using StartedProgram program = StartedProgram.Start(folder.Path, command);
        string[] Checkpoints() => Directory.Exists(store) ? Directory.GetFiles(store, "*.safetensors", SearchOption.AllDirectories) : [];
        while (program.IsAlive && !Checkpoints().Any(file => Step(file) > 1))
            Thread.Sleep(20);
        Thread.Sleep(100);
        long last = Checkpoints().Max(Step);
        if (wholeGroup)
            program.SignalGroup(signal);
        else
            program.SignalAlone(signal);
        ProgramEnd end = program.Wait(60);
        Assert.True(end.ExitCode == 130, end.ToString());
        string line = Assert.Single(end.ErrorLines);
        Assert.Contains("Go on with: ./gaplab study run ", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(store, "attempts")), "an interruption is no failed attempt");

        string[] begun = Checkpoints();
        Assert.NotEmpty(begun);
        Assert.True(begun.Max(Step) > last, "the interruption took no checkpoint of its own");
        // A mark in the first line of one unfinished run: a resumed run leaves it alone, one that starts anew writes over it. Of the run
        // that has come furthest: the other worker's may be at its first step, with no line yet.
        string marked = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(begun.MaxBy(Step)))!, "metrics.jsonl");
        string before = File.ReadAllText(marked),
            mark = before.Replace("\"samples\":0,", "\"samples\":7,", StringComparison.Ordinal);
        Assert.NotEqual(before, mark);
        File.WriteAllText(marked, mark);
        foreach (string file in Directory.GetFiles(Path.Combine(Path.GetDirectoryName(marked)!, "checkpoints")))
            Vouch(file, marked);

        // The printed command, as a shell reads it.
        string[] printed = Words(line[(line.IndexOf("./gaplab ", StringComparison.Ordinal) + "./gaplab ".Length)..]);
        Assert.Equal(command, printed);
        ProgramEnd resumed = StartedProgram.Run(folder.Path, printed);
        resumed.AssertSucceeded();
        string id = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(marked)!)!);
        Assert.StartsWith(
            mark.Split('\n')[0],
            File.ReadAllText(Path.Combine(store, "runs", id[..2], id, "metrics.jsonl")),
            StringComparison.Ordinal
        );

        StoreSnapshot expected = study.ReferenceWith(set),
            got = StoreSnapshot.Of(store);
        Faults.AskedToEnd.Caused(1, lost: expected.Results.Keys.Except(got.Results.Keys).Count());
        Assert.Equal(expected.Results.Keys, got.Results.Keys);
        foreach (string run in expected.Results.Keys)
        {
            string metrics = got.Results[run].Metrics;
            Assert.Equal(
                expected.Results[run].Metrics,
                run == id ? metrics.Replace("\"samples\":7,", "\"samples\":0,", StringComparison.Ordinal) : metrics
            );
            if (run != id)
                Assert.Equal(expected.Results[run].Result, got.Results[run].Result);
        }
    }

    [Fact]
    public void Two_runs_of_a_study_on_one_store_at_once_end_well_and_share_the_work()
    {
        using var folder = new TestFolder();
        string store = folder.File("shared");
        string[] command = ["study", "run", study.File, "--store", store, "--workers", "2"];
        using StartedProgram first = StartedProgram.Start(folder.Path, command),
            second = StartedProgram.Start(folder.Path, command);
        // Were a run made twice, the second making would replace the file that the first had left.
        var seen = new Dictionary<string, (DateTime, string)>();
        while (first.IsAlive || second.IsAlive)
        {
            foreach ((string run, (DateTime, string) file) in StoreSnapshot.Of(store).Files)
                if (!seen.TryAdd(run, file))
                    Assert.Equal(seen[run], file);
            Thread.Sleep(50);
        }
        ProgramEnd one = first.Wait(),
            two = second.Wait();
        Assert.True(one.ExitCode == 0 && two.ExitCode == 0, $"{one}\n{two}");
        var tally = new FaultTally(Faults.SharedByTwo);
        tally.Struck(store);
        tally.Ended(store, study.Reference);
    }

    [Fact]
    public void Two_runs_that_pack_differently_on_one_store_at_once_write_no_run_at_the_same_time()
    {
        using var folder = new TestFolder();
        string store = folder.File("shared");
        string[] command =
        [
            "study",
            "run",
            study.File,
            "--store",
            store,
            "--workers",
            "2",
            "--set",
            "precision=float64",
            "--set",
            "grid.batch=16",
            "--set",
            "sentinel.enabled=false",
        ];
        using StartedProgram first = StartedProgram.Start(folder.Path, command),
            second = StartedProgram.Start(folder.Path, [.. command, "--set", "limits.max-replicas=1"]);
        ProgramEnd one = first.Wait(),
            two = second.Wait();
        Assert.True(one.ExitCode == 0 && two.ExitCode == 0, $"{one}\n{two}");
        StoreSnapshot.AssertClean(store);
        Assert.False(Directory.Exists(Path.Combine(store, "attempts")), "an attempt failed: the two were in each other's way");
        Faults.SharedByTwo.Caused(1);
    }

    /// <summary>Writes a checkpoint anew that vouches for the metrics as they are now: without it the changed digit would be
    /// noticed.</summary>
    private static void Vouch(string checkpoint, string metrics)
    {
        Dictionary<string, string> facts;
        List<(TensorEntry Entry, float[] Values)> rows;
        using (SafetensorsReader reader = Safetensors.OpenVerified(checkpoint))
        {
            facts = new(reader.Metadata)
            {
                ["metricsDigest"] = Sha256.OfFile(
                    metrics,
                    long.Parse(reader.Metadata["metricsLength"], System.Globalization.CultureInfo.InvariantCulture)
                ),
            };
            rows = [.. reader.Entries.Select(e => (e, reader.Read<float>(e.Name)))];
        }
        using SafetensorsWriter writer = Safetensors.Create(checkpoint, [.. rows.Select(r => r.Entry)], facts, digest: true);
        foreach ((TensorEntry entry, float[] values) in rows)
            writer.Write<float>(entry.Name, values);
        writer.Commit();
    }

    private static long Step(string checkpoint) =>
        long.Parse(Path.GetFileNameWithoutExtension(checkpoint), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Splits at blanks outside single quotes, as a shell does with what the program quotes.</summary>
    private static string[] Words(string line)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        bool quoted = false;
        foreach (char c in line)
        {
            if (c == '\'')
                quoted = !quoted;
            else if (c == ' ' && !quoted)
            {
                words.Add(word.ToString());
                word.Clear();
            }
            else
                word.Append(c);
        }
        return [.. words, word.ToString()];
    }
}
