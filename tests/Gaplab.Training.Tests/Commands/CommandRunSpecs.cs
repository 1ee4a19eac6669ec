// Studies of a script: what they find, how their runs end, and that nothing finished is repeated.
using System.Text.Json.Nodes;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Commands;

public sealed class CommandRunSpecs
{
    [Fact]
    public void A_study_finds_what_the_script_computes_and_runs_nothing_twice()
    {
        using var folder = new ScriptFolder(model: "  code: train.sh\n  metrics: {train-loss: train loss}");
        ProgramEnd end = StartedProgram.Run(folder.Path, folder.Command(more: "--json"));
        end.AssertSucceeded();
        JsonNode answer = JsonNode.Parse(end.Output)!;
        JsonArray gaps = answer["comparisons"]![0]!["gaps"]!.AsArray();
        // gap = 0.02·(log₂B − 4.5), and what the names' lengths add to the noise.
        Assert.Equal(2, gaps.Count);
        foreach ((int batch, JsonNode? gap) in ((int[])[8, 64]).Zip(gaps))
            Assert.Equal(0.02 * (Math.Log2(batch) - 4.5) + Noise("sgd", batch) - Noise("adam", batch), (double)gap!["gap"]!, 1e-6);
        Assert.Equal(36, folder.Ledger.Count(l => l.StartsWith("begin ", StringComparison.Ordinal)));
        Assert.Equal(36, folder.Ledger.Length - folder.Ledger.Count(l => l.StartsWith("end ", StringComparison.Ordinal)));

        string[] results = Directory.GetFiles(folder.Store, "result.json", SearchOption.AllDirectories);
        Assert.Equal(36, results.Length);
        JsonNode result = JsonNode.Parse(File.ReadAllText(results[0]))!;
        Assert.Equal("completed", (string?)result["outcome"]);
        string metrics = File.ReadAllText(Path.Combine(Path.GetDirectoryName(results[0])!, "metrics.jsonl"));
        Assert.Contains("\"name\":\"train-loss\"", metrics, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"validation-loss\"", metrics, StringComparison.Ordinal);

        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        Assert.Equal(72, folder.Ledger.Length);

        // An edited script is another run; the finished ones stay.
        folder.Write("train.sh", ScriptFolder.Train.Replace("takes no time", "takes hardly any time", StringComparison.Ordinal));
        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        Assert.Equal(144, folder.Ledger.Length);
        Assert.Equal(72, Directory.GetFiles(folder.Store, "result.json", SearchOption.AllDirectories).Length);

        static double Noise(string optimizer, int batch) =>
            Enumerable.Range(1, 3).Average(seed => 0.002 * ((seed * 7 + batch * 3 + optimizer.Length) % 5));
    }

    /// <summary>No shell stands between a study and its script: what a value holds arrives as it is, and nothing in it is done.</summary>
    [Theory]
    [InlineData("$(touch made)"), LongInlineData("`touch made`"), LongInlineData("; touch made"), LongInlineData("a && touch made")]
    [LongInlineData("| touch made"), LongInlineData("> made"), InlineData("it's \"quoted\" $HOME *"), LongInlineData("--out /tmp")]
    public void A_value_reaches_the_script_as_one_argument_whatever_it_holds(string value)
    {
        string quoted = "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'";
        const string Script = "#!/bin/sh\nprintf '%s' \"$3\" > got\necho step 1 val loss $1$2\n";
        using var folder = new ScriptFolder(
            Script,
            "[sh, train.sh, \"{lr}\", \"{batch}\", \"{tag}\", \"{seed}\", \"{optimizer}\", \"{steps}\", [\"{momentum}\"]]",
            study: ScriptFolder.Study.Replace("seeds: 3", "seeds: 1", StringComparison.Ordinal) + $"\nargs: {{tag: {quoted}}}"
        );
        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        Assert.Equal(value, File.ReadAllText(Path.Combine(folder.Path, "got")));
        Assert.False(File.Exists(Path.Combine(folder.Path, "made")));
    }

    [Theory]
    [InlineData("exit 3", "failed: exit code 3; its last words: step 80 val loss")]
    [LongInlineData(
        "echo 'Traceback (most recent call last):'; echo 'KeyError: nothing'; exit 1",
        "failed: exit code 1; its last words: KeyError: nothing"
    )]
    [InlineData("echo 'RuntimeError: CUDA out of memory. Tried'; exit 1", "out-of-memory: exit code 1")]
    [InlineData("kill -9 $$", "out-of-memory: it was killed by signal 9")]
    [LongInlineData("kill -11 $$", "killed: it was killed by signal 11")]
    [InlineData("echo 'OSError: [Errno 28] No space left on device'; exit 1", "the disk is full for a run's command")]
    [InlineData("sleep 60", "timed-out: it took longer than the 1 s of limits.time-per-pack", "limits: {time-per-pack: 1}")]
    [InlineData(
        "sleep 60",
        "silent: it printed nothing and wrote nothing into its folder for the 2 s of limits.silence",
        "limits: {silence: 2}"
    )]
    [LongInlineData("trap '' TERM; sleep 60; sleep 60", "timed-out: it took longer", "limits: {time-per-pack: 1}")]
    public void A_bad_end_has_its_kind_and_the_same_at_the_start_of_a_study_stops_it(string end, string said, string limits = "")
    {
        using var folder = new ScriptFolder(
            ScriptFolder.Train.Replace("# BEFORE END", end, StringComparison.Ordinal),
            model: "  stop: {grace: 0.5}\n" + limits
        );
        ProgramEnd program = StartedProgram.Run(folder.Path, folder.Command());
        string line = Assert.Single(program.ErrorLines, l => l.StartsWith("gaplab: ", StringComparison.Ordinal));
        Assert.Equal(2, program.ExitCode);
        Assert.Contains(said, line, StringComparison.Ordinal);
        Assert.True(folder.Ledger.Length <= 5, "the rest of the grid was burnt");
        Assert.Empty(Processes(folder.Store));
    }

    [Theory]
    [InlineData("", "true", "it exited with code 0, but it printed nothing and wrote no metrics")]
    [InlineData(
        "echo 'step 10 quality 0.3'",
        "true",
        "it exited with code 0, but no validation-loss among the 2 names in output.txt; nearest: 'quality'"
    )]
    [InlineData("exec python3-of-nowhere", "true", "exit code 127")]
    public void A_script_without_the_metric_is_one_line(string prints, string end, string said)
    {
        using var folder = new ScriptFolder($"#!/bin/sh\n{prints}\n{end}\n");
        ProgramEnd program = StartedProgram.Run(folder.Path, folder.Command());
        Assert.Equal(2, program.ExitCode);
        Assert.Contains(
            said,
            Assert.Single(program.ErrorLines, l => l.StartsWith("gaplab: ", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_program_that_does_not_exist_is_one_line()
    {
        using var folder = new ScriptFolder(run: "[./no-such-script, \"{args}\"]");
        string line = StartedProgram.Run(folder.Path, folder.Command()).Errors;
        Assert.Contains("the command './no-such-script' cannot be started in", line, StringComparison.Ordinal);
        Assert.Contains("No such file", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_a_result_whatever_the_exit_code()
    {
        // At rate 0.2 SGD diverges: with one seed the script raises an error, with the others it prints NaN and ends well.
        string script = ScriptFolder.Train.Replace(
            "# BEFORE END",
            "[ $lr = 0.2 ] && echo 'step 80 val loss nan' && [ $seed = 1 ] && exit 1",
            StringComparison.Ordinal
        );
        using var folder = new ScriptFolder(script);
        ProgramEnd end = StartedProgram.Run(folder.Path, folder.Command());
        end.AssertSucceeded();
        string[] outcomes =
        [
            .. Directory
                .GetFiles(folder.Store, "result.json", SearchOption.AllDirectories)
                .Select(f => (string)JsonNode.Parse(File.ReadAllText(f))!["outcome"]!),
        ];
        Assert.Equal(36, outcomes.Length);
        Assert.Equal(6, outcomes.Count(o => o == "diverged"));
        Assert.False(Directory.Exists(Path.Combine(folder.Store, "attempts")));
    }

    [Fact]
    public void A_run_that_asks_to_be_run_again_goes_on_in_its_folder()
    {
        string script = ScriptFolder.Train.Replace(
            "echo \"begin $out\" >> ledger",
            "echo \"begin $out\" >> ledger; [ $GAPLAB_ATTEMPT -lt 3 ] && echo $GAPLAB_ATTEMPT >> $out/state && exit 75; cat $out/state",
            StringComparison.Ordinal
        );
        using var folder = new ScriptFolder(script);
        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        Assert.Equal(3 * 36, folder.Ledger.Count(l => l.StartsWith("begin ", StringComparison.Ordinal)));
        foreach (string state in Directory.GetFiles(folder.Store, "state", SearchOption.AllDirectories))
            Assert.Equal("1\n2\n", File.ReadAllText(state));
        Assert.False(Directory.Exists(Path.Combine(folder.Store, "attempts")), "preemption is no failure");
    }

    [Fact]
    public void What_a_script_leaves_running_is_ended_and_told_even_outside_its_group()
    {
        string script = ScriptFolder.Train.Replace(
            "# BEFORE END",
            "[ $seed$batch$lr = 1880.1 ] || setsid sleep 300 > /dev/null 2>&1 &",
            StringComparison.Ordinal
        );
        using var folder = new ScriptFolder(script);
        ProgramEnd end = StartedProgram.Run(folder.Path, folder.Command());
        end.AssertSucceeded();
        Assert.Contains("left sleep (", end.Output + end.Errors, StringComparison.Ordinal);
        Assert.Empty(Processes(folder.Store));
    }

    [Fact]
    public void A_script_edited_while_its_study_runs_stops_the_study()
    {
        using var folder = new ScriptFolder(
            ScriptFolder.Train.Replace("# BEFORE END", "sleep 0.2; echo '# edited' >> train.sh", StringComparison.Ordinal),
            model: "  code: train.sh"
        );
        ProgramEnd end = StartedProgram.Run(folder.Path, folder.Command(workers: 1));
        Assert.Equal(2, end.ExitCode);
        Assert.Contains(
            "has changed since the study began",
            Assert.Single(end.ErrorLines, l => l.StartsWith("gaplab: ", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.Single(Directory.GetFiles(folder.Store, "result.json", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_restart_leaves_the_scripts_own_files_alone_and_the_words_of_the_attempt_before_are_not_its_own()
    {
        // At first it says that memory ran out and asks to be run again; then it fails at something else.
        string script = ScriptFolder.Train.Replace(
            "# BEFORE END",
            "if [ $GAPLAB_ATTEMPT = 1 ]; then echo mine > $out/state.tmp; echo CUDA out of memory; exit 75; fi; "
                + "[ -f $out/state.tmp ] || exit 9; echo KeyError: x; exit 3",
            StringComparison.Ordinal
        );
        using var folder = new ScriptFolder(script);
        ProgramEnd end = StartedProgram.Run(folder.Path, folder.Command());
        Assert.Equal(2, end.ExitCode);
        Assert.Contains(
            "failed: exit code 3; its last words: KeyError: x",
            Assert.Single(end.ErrorLines, l => l.StartsWith("gaplab: ", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.NotEmpty(Directory.GetFiles(folder.Store, "state.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public void Two_studies_at_once_on_one_store_make_every_run_once()
    {
        using var folder = new ScriptFolder(ScriptFolder.Train.Replace("# BEFORE END", "sleep 0.05", StringComparison.Ordinal));
        using (StartedProgram a = StartedProgram.Start(folder.Path, folder.Command()))
        using (StartedProgram b = StartedProgram.Start(folder.Path, folder.Command()))
        {
            a.Wait().AssertSucceeded();
            b.Wait().AssertSucceeded();
        }
        Assert.Equal(36, folder.Ledger.Count(l => l.StartsWith("begin ", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_written_after_a_runs_end_changes_nothing()
    {
        using var folder = new ScriptFolder();
        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        string[] results = Directory.GetFiles(folder.Store, "result.json", SearchOption.AllDirectories);
        string before = File.ReadAllText(results[0]);
        File.AppendAllText(Path.Combine(Path.GetDirectoryName(results[0])!, "output.txt"), "step 80 val loss 0.001\n");
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(results[0])!, "out", "metrics.jsonl"), "{\"val_loss\": 0.001}\n");
        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        Assert.Equal(before, File.ReadAllText(results[0]));
        StartedProgram.Run(folder.Path, "study", "status", "store", "--verify").AssertSucceeded();
    }

    [Fact]
    public void What_runs_write_is_no_source_of_theirs()
    {
        using var folder = new ScriptFolder(
            ScriptFolder.Train.Replace(
                "# BEFORE END",
                "cp train.sh $out/copy-$seed.sh; mkdir -p .cache; cp train.sh .cache",
                StringComparison.Ordinal
            ),
            model: "  code: \"**/*.sh\""
        );
        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        Assert.Equal(72, folder.Ledger.Length);
    }

    [Fact]
    public void What_a_script_logs_besides_its_losses_is_on_the_report()
    {
        using var folder = new ScriptFolder(
            ScriptFolder.Train.Replace(
                "# BEFORE END",
                "printf 'step 20 grad norm 4\nstep 40 grad norm 2.5\n'; echo '{}' > $out/probe.json",
                StringComparison.Ordinal
            )
        );
        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        string page = File.ReadAllText(folder.File("store/report.html"));
        Assert.Contains("What the script measured", page, StringComparison.Ordinal);
        Assert.Contains("grad norm at the end of the tuned runs", page, StringComparison.Ordinal);
        Assert.Contains("12 tuned runs left a probe.json", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_and_arguments_reach_the_script()
    {
        using var folder = new ScriptFolder(
            "#!/bin/sh\necho \"$A $GAPLAB_ATTEMPT $CUDA_VISIBLE_DEVICES. $*\" > seen; cat \"$2\" >> seen; echo val loss 1\n",
            run: "[sh, train.sh, --config, \"{args:json}\"]",
            model: "  env: {A: \"x {seed}\"}\nargs: {width: 64, name: a b}",
            study: "optimizers: {sgd: {lr: 0.5}}\ngrid: {batch: 4, seeds: [3]}\nbudget: {steps: 10}\nsentinel: {enabled: false}"
        );
        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        string[] seen = File.ReadAllLines(folder.File("seen"));
        Assert.StartsWith("x 3 1 . --config /", seen[0], StringComparison.Ordinal);
        JsonNode json = JsonNode.Parse(string.Join('\n', seen[1..]))!;
        Assert.Equal(
            """{"optimizer":"sgd","lr":0.5,"name":"a b","width":64,"batch":4,"seed":3,"steps":10}""",
            new JsonObject(
                json.AsObject().Where(p => p.Key != "out").Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))
            ).ToJsonString()
        );
    }

    [Fact]
    public void Interrupted_it_asks_the_script_to_end_and_the_same_command_goes_on()
    {
        using var folder = new ScriptFolder(
            ScriptFolder.Train.Replace(
                "# BEFORE END",
                "trap 'echo asked >> asked; exit 0' TERM; sleep 3 & wait $!",
                StringComparison.Ordinal
            ),
            model: "  stop: {grace: 20}"
        );
        using (StartedProgram program = StartedProgram.Start(folder.Path, folder.Command()))
        {
            while (program.IsAlive && folder.Ledger.Length == 0)
                Thread.Sleep(20);
            Thread.Sleep(500);
            program.SignalAlone(StartedProgram.Interrupt);
            Assert.Equal(130, program.Wait(30).ExitCode);
        }
        Assert.True(File.Exists(folder.File("asked")));
        Assert.Empty(Processes(folder.Store));
        Assert.Empty(Directory.GetFiles(folder.Store, "result.json", SearchOption.AllDirectories));
        folder.Write("train.sh", ScriptFolder.Train);
        StartedProgram.Run(folder.Path, folder.Command()).AssertSucceeded();
        Assert.Equal(36, Directory.GetFiles(folder.Store, "result.json", SearchOption.AllDirectories).Length);
        Assert.False(Directory.Exists(Path.Combine(folder.Store, "attempts")), "an interruption is no failure");
    }

    /// <summary>Processes that a store's runs have left.</summary>
    internal static IReadOnlyList<string> Processes(string store)
    {
        var found = new List<string>();
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(f => Path.GetFileName(f).All(char.IsAsciiDigit)))
            try
            {
                if (File.ReadAllText(folder + "/environ").Contains("GAPLAB_OUT=" + store, StringComparison.Ordinal))
                    found.Add(File.ReadAllText(folder + "/comm").Trim());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has gone, or is another's.
            }
        return found;
    }
}
