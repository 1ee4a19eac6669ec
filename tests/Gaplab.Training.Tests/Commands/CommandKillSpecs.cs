// SIGKILL at any moment to a study of a script: no finished run is repeated, none is lost, and no script outlives its study's next call.
using Gaplab.Numerics.Streams;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Commands;

[Collection(nameof(StartedProgram))]
public sealed class CommandKillSpecs
{
    [Fact]
    public void Killed_five_times_a_study_repeats_nothing_finished_and_loses_nothing() => KillAndStartAgain(5, seeds: 3);

    [Fact]
    public void Killed_fifty_times_too()
    {
        LongStage.OrSkip();
        KillAndStartAgain(50, seeds: 20);
    }

    private static void KillAndStartAgain(int kills, int seeds)
    {
        string script = ScriptFolder.Train.Replace("# BEFORE END", "sleep 0.2", StringComparison.Ordinal);
        using var folder = new ScriptFolder(
            script,
            model: "  stop: {grace: 1}",
            study: ScriptFolder.Study.Replace("seeds: 3", $"seeds: {seeds}", StringComparison.Ordinal)
        );
        RandomStream random = RandomStream.For(1, "test/command-kills");
        var finished = new FinishedRuns(folder.Store);
        int landed = 0;
        while (true)
        {
            using StartedProgram program = StartedProgram.Start(folder.Path, folder.Command());
            if (landed < kills)
            {
                Thread.Sleep(TimeSpan.FromSeconds(0.4 + 0.6 * random.NextDouble()));
                if (program.IsAlive)
                {
                    program.SignalAlone(StartedProgram.KillSignal);
                    program.Wait();
                    landed++;
                    Faults.CommandKilled.Caused(1);
                    finished.Look();
                    continue;
                }
            }
            program.Wait().AssertSucceeded();
            break;
        }
        Assert.Equal(kills, landed);
        finished.Look();
        Assert.Equal(12 * seeds, finished.Count);
        // A run begins again only if it was killed before its end: no more beginnings than runs and two killed with each call.
        int begun = folder.Ledger.Count(l => l.StartsWith("begin ", StringComparison.Ordinal));
        Assert.InRange(begun, 12 * seeds, 12 * seeds + 2 * kills);
        Assert.Empty(CommandRunSpecs.Processes(folder.Store));
        StartedProgram.Run(folder.Path, "study", "status", folder.Store, "--verify").AssertSucceeded();
    }
}
