// docs/your-training.md typed from start to end, with PyTorch; and its study killed twenty times on the way.
using System.Text.RegularExpressions;
using Gaplab.Numerics.Streams;
using Gaplab.Training.Tests.Python;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Commands;

[Collection(nameof(StartedProgram))]
public sealed class YourTrainingSpecs
{
    private const int Kills = 20;

    [Fact]
    public void Every_command_of_the_page_does_what_it_says()
    {
        Interpreter.SkipWithoutTorch();
        using TestFolder folder = Sample();
        string[] commands =
        [
            .. File.ReadAllLines(Repository.At("docs/your-training.md"))
                .Where(l => l.StartsWith("    ./gaplab ", StringComparison.Ordinal))
                .Select(l => l["    ./gaplab ".Length..]),
        ];
        Assert.Equal(["init", "plan", "plan", "run"], commands.Select(c => c.Split(' ')[1]));
        ProgramEnd[] ends = [.. commands.Select(c => StartedProgram.Run(folder.Path, c.Split(' ')))];
        foreach (ProgramEnd end in ends)
            end.AssertSucceeded();
        Assert.True(File.Exists(folder.File("mine.yaml")));
        Assert.Contains("equal seeds agree bit for bit", ends[1].Output, StringComparison.Ordinal);
        Assert.Equal(4, Regex.Count(ends[1].Output, "^knob .*: live", RegexOptions.Multiline));
        Assert.Contains("validation-loss = ", ends[2].Output, StringComparison.Ordinal);
        Assert.Contains("resume     the two agree bit for bit", ends[2].Output, StringComparison.Ordinal);
        string page = File.ReadAllText(folder.File("stores/command-gpt/report.html"));
        Assert.Contains("model", page, StringComparison.Ordinal);
        Assert.EndsWith("</html>", page.TrimEnd(), StringComparison.Ordinal);
        Assert.True(Directory.GetFiles(folder.File("stores"), "result.json", SearchOption.AllDirectories).Length >= 40);
    }

    [Fact]
    public void Killed_twenty_times_the_study_of_a_pytorch_script_loses_nothing_and_repeats_nothing_finished()
    {
        Interpreter.SkipWithoutTorch();
        using TestFolder folder = Sample();
        RandomStream random = RandomStream.For(3, "test/pytorch-kills");
        var finished = new FinishedRuns(folder.File("stores/command-gpt"));
        int landed = 0;
        while (true)
        {
            using StartedProgram program = StartedProgram.Start(folder.Path, "study", "run", "studies/command-gpt.yaml", "--workers", "2");
            if (landed < Kills)
            {
                Thread.Sleep(TimeSpan.FromSeconds(2 + 4 * random.NextDouble()));
                if (program.IsAlive)
                {
                    program.SignalAlone(StartedProgram.KillSignal);
                    program.Wait();
                    landed++;
                    finished.Look();
                    continue;
                }
            }
            program.Wait(600).AssertSucceeded();
            break;
        }
        finished.Look();
        Assert.True(finished.Count >= 40);
        Assert.Empty(CommandRunSpecs.Processes(folder.File("stores")));
        StartedProgram.Run(folder.Path, "study", "status", "stores/command-gpt", "--verify").AssertSucceeded();
    }

    private static TestFolder Sample()
    {
        var folder = new TestFolder();
        folder.Write("studies/command-gpt.yaml", File.ReadAllText(Repository.At("studies/command-gpt.yaml")));
        folder.Write("samples/pytorch/train.py", File.ReadAllText(Repository.At("samples/pytorch/train.py")));
        return folder;
    }
}
