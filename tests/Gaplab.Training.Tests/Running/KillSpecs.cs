// SIGKILL at any moment, to all or to the study alone: the same command ends with the same files, and repeats nothing.
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class KillSpecs(SmallStudy study)
{
    [Fact]
    public void Killed_at_ten_random_moments_a_study_ends_with_the_files_of_an_uninterrupted_one() =>
        KillAndStartAgain(kills: 10, workers: 2, seed: 1);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 4)]
    public void Killed_at_thirty_random_moments_too(int workers, int seed)
    {
        LongStage.OrSkip();
        KillAndStartAgain(kills: 30, workers, seed);
    }

    private void KillAndStartAgain(int kills, int workers, int seed)
    {
        RandomStream random = RandomStream.For(seed, "test/kills");
        var tally = new FaultTally(Faults.Killed);
        int stores = 0;
        while (tally.Times < kills)
        {
            // A study that outlived its kills is done: the rest of them hit another one.
            string store = study.Folder.File($"killed-{seed}-{stores++}");
            string[] command =
            [
                "study",
                "run",
                study.File,
                "--store",
                store,
                "--workers",
                workers.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ];
            while (true)
            {
                using StartedProgram program = StartedProgram.Start(study.Folder.Path, command);
                double delay = 0.15 + 2 * random.NextDouble();
                bool all = random.NextDouble() < 0.5,
                    atCommit = random.NextDouble() < 0.2;
                if (tally.Times < kills)
                {
                    if (atCommit)
                        WaitForStagedResult(program, store);
                    else
                        Thread.Sleep(TimeSpan.FromSeconds(delay));
                    if (program.IsAlive)
                    {
                        if (all)
                            program.SignalGroup(StartedProgram.KillSignal);
                        else
                            program.SignalAlone(StartedProgram.KillSignal);
                        program.Wait();
                        tally.Struck(store);
                        continue;
                    }
                }
                ProgramEnd end = program.Wait();
                end.AssertSucceeded();
                break;
            }
            tally.Ended(store, study.Reference);
        }
    }

    // The most delicate moment: some results of a pack are written and none, or not all, have their names.
    private static void WaitForStagedResult(StartedProgram program, string store)
    {
        string work = Path.Combine(store, "work");
        while (program.IsAlive)
        {
            try
            {
                if (Directory.Exists(work) && Directory.EnumerateFiles(work, "result.json*", SearchOption.AllDirectories).Any())
                    return;
            }
            catch (DirectoryNotFoundException) { } // a folder has been published while it was listed
        }
    }
}
