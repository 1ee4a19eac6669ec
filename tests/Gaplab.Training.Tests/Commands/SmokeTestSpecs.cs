// A command tried: small runs tell a dead knob from a live one, and a script that goes on from one that begins anew.
using System.Text.Json.Nodes;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Commands;

public sealed class SmokeTestSpecs
{
    [Fact]
    public void A_good_script_repeats_itself_and_every_knob_is_live()
    {
        using var folder = new ScriptFolder();
        ProgramEnd end = StartedProgram.Run(folder.Path, "study", "plan", folder.StudyFile, "--try", "--json");
        end.AssertSucceeded();
        JsonNode answer = JsonNode.Parse(end.Output)!;
        Assert.True((bool)answer["good"]!);
        Assert.Equal(0, (double)answer["repeatDifference"]!);
        Assert.Equal(["lr", "seed", "batch", "optimizer"], answer["knobs"]!.AsArray().Select(k => (string)k!["knob"]!));
        Assert.All(answer["knobs"]!.AsArray(), k => Assert.True((bool)k!["live"]!));
        Assert.Equal("'val loss' in output.txt", (string)answer["sources"]!["validation-loss"]!);
        Assert.Matches(@"^step \d+ val loss \d\.\d+$", (string)answer["lines"]!["validation-loss"]!);
        Assert.False(Directory.Exists(folder.Store));
        // The small runs left nothing.
        Assert.All(folder.Ledger, l => Assert.False(Directory.Exists(l.Split(' ')[1])));
    }

    [Theory]
    [InlineData("seed * 7", "0", "seed: 2 in place of 1: DEAD: the script ignores its seed")]
    [InlineData("(log(lr / best) / log(2)) ^ 2", "0", "lr: 0.05 in place of 0.1: DEAD")]
    [InlineData("-v optimizer=\"$optimizer\"", "-v optimizer=sgd", "optimizer: adam in place of sgd: DEAD")]
    [InlineData("-v batch=\"$batch\"", "-v batch=8", "batch: 64 in place of 8: DEAD")]
    [InlineData("srand_", "", "")]
    public void A_dead_knob_is_named(string part, string instead, string said)
    {
        if (part == "srand_")
        {
            using var random = new ScriptFolder(
                ScriptFolder
                    .Train.Replace("BEGIN {", "BEGIN { srand(); noise = rand();", StringComparison.Ordinal)
                    .Replace("loss = 1 +", "loss = 1 + noise +", StringComparison.Ordinal)
                    .Replace("awk ", "sleep 1; awk ", StringComparison.Ordinal)
            );
            ProgramEnd noisy = StartedProgram.Run(random.Path, "study", "plan", random.StudyFile, "--try");
            Assert.Contains("the script does not do what its seed says", noisy.Output, StringComparison.Ordinal);
            return;
        }
        using var folder = new ScriptFolder(ScriptFolder.Train.Replace(part, instead, StringComparison.Ordinal));
        ProgramEnd end = StartedProgram.Run(folder.Path, "study", "plan", folder.StudyFile, "--try");
        Assert.Equal(1, end.ExitCode);
        Assert.Contains(said, end.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "[sh, train.sh, --lr, \"{lr}\", --batch, \"{batch}\", --optimizer, \"{optimizer}\", [--momentum, \"{momentum}\"], "
            + "--seed, \"{seed}\", --out, \"{out}\"]",
        "",
        "takes neither {steps} nor {samples}"
    )]
    [InlineData(null, "exit 9", "ended as failed: exit code 9")]
    public void A_command_that_cannot_be_tried_is_one_line(string? run, string end, string said)
    {
        using var folder = new ScriptFolder(
            ScriptFolder.Train.Replace("# BEFORE END", end, StringComparison.Ordinal),
            run,
            study: ScriptFolder.Study.Replace("samples: 640", "steps: 640", StringComparison.Ordinal)
        );
        ProgramEnd program = StartedProgram.Run(folder.Path, "study", "plan", folder.StudyFile, "--try");
        Assert.Equal(2, program.ExitCode);
        Assert.Contains(said, program.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Going_on_is_told_from_beginning_anew(bool goesOn)
    {
        // A training of steps of 0.3 s whose loss is the number of steps that it remembers.
        string script =
            "#!/bin/sh\nout=$6; n=0; "
            + (goesOn ? "[ -f $out/n ] && n=$(cat $out/n)\n" : "rm -f $out/n\n")
            + "i=$n; while [ $i -lt $4 ]; do sleep 0.3; i=$((i + 1)); n=$((n + 1)); echo $n > $out/n; done\n"
            + (goesOn ? "" : "[ \"$GAPLAB_ATTEMPT\" = 2 ] && n=17\n")
            + "echo step $4 val loss $n\n";
        using var folder = new ScriptFolder(
            script,
            "[sh, train.sh, \"{lr}\", \"{batch}\", \"{seed}\", \"{steps}\", \"{optimizer}\", \"{out}\", [\"{momentum}\"]]"
        );
        ProgramEnd end = StartedProgram.Run(folder.Path, "study", "plan", folder.StudyFile, "--try-resume", "--json");
        Assert.Equal(goesOn ? 0 : 1, end.ExitCode);
        JsonNode answer = JsonNode.Parse(end.Output)!;
        Assert.Equal(goesOn, (bool)answer["good"]!);
        Assert.Equal(4, (double)answer["uninterrupted"]!);
        Assert.Equal(goesOn ? 4 : 17, (double)answer["resumed"]!);
        Assert.Equal(!goesOn, (bool)answer["beganAnew"]!);
    }

    [Fact]
    public void A_model_of_gaplabs_is_not_tried()
    {
        using var folder = new TestFolder();
        string file = folder.Write("s.yaml", "optimizers: {sgd: {lr: 0.1}}\ngrid: {batch: 4}\nbudget: {steps: 4}\n");
        Assert.Contains(
            "a training of your own",
            StartedProgram.Run(folder.Path, "study", "plan", file, "--try").AssertRefused(),
            StringComparison.Ordinal
        );
    }
}
