// A command that works for long says so; one that is quick, or speaks for itself, is not interrupted.
using Gaplab.Cli;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Cli;

[Collection(nameof(StartedProgram))]
public sealed class AtWorkSpecs
{
    [Fact]
    public void Two_silent_seconds_are_explained_on_standard_error()
    {
        using var folder = new TestFolder();
        folder.Write(
            "q.yaml",
            "kind: quadratic\nspectrum: {dimension: 128}\nbudget: {steps: 4096}\nbatches: [1, 2, 4, 8, 16, 32, 64]\nbrute-force: "
                + "{runs: 20000}\n"
        );
        using StartedProgram program = StartedProgram.Start(folder.Path, "predict", "q.yaml", "--brute-force", "--json");
        for (int i = 0; i < 200 && !program.Errors.Contains(AtWork.Start, StringComparison.Ordinal) && program.IsAlive; i++)
            Thread.Sleep(100);
        Assert.Contains(
            $"{AtWork.Start}computing the gap of q.yaml, and simulating the true algorithms",
            program.Errors,
            StringComparison.Ordinal
        );
        Assert.Equal("", program.Output);
    }

    [Fact]
    public void A_stage_that_writes_is_left_alone_and_one_that_does_not_is_told_once()
    {
        var errors = new StringWriter();
        TextWriter before = Console.Error;
        Console.SetError(errors);
        try
        {
            using (new AtWork("at first", TimeSpan.FromMilliseconds(500)))
            {
                AtWork.On("what speaks");
                new TerminalText(TextWriter.Null).Write("a line\n");
                Thread.Sleep(1200);
                Assert.Equal("", errors.ToString());
                AtWork.On("what is silent");
                Thread.Sleep(2000);
            }
            Assert.Equal(
                $"{AtWork.Start}what is silent",
                Assert.Single(errors.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries))
            );
        }
        finally
        {
            Console.SetError(before);
        }
    }
}
