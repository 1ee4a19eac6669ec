// Fifty SIGKILLs at random to workers on a real Slurm: submitted again whenever none is left, the study ends as on one machine.
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class SlurmKillSpecs(SmallStudy study)
{
    private const int Kills = 50;

    [Fact]
    public void Workers_killed_fifty_times_with_their_batch_scripts_leave_the_store_of_one_machine()
    {
        LongStage.OrSkip("takes minutes");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "slurmd needs root");
        using var folder = new TestFolder();
        using SlurmCluster cluster = SlurmCluster.Start(Directory.CreateDirectory(folder.File("slurm")).FullName, largestArray: 100);
        var environment = new Dictionary<string, string>(cluster.Environment) { ["GAPLAB_LEASE_SECONDS"] = "8" };
        RandomStream random = RandomStream.For(1, "test/slurm-kills");
        var tally = new FaultTally(Faults.SlurmKilled);
        for (int stores = 0; tally.Times < Kills; stores++)
        {
            string store = folder.File($"store-{stores}");
            while (StoreSnapshot.Of(store).Results.Count < study.Reference.Results.Count || Queue() > 0)
            {
                if (Queue() == 0)
                    StartedProgram
                        .Run(
                            folder.Path,
                            environment,
                            ["study", "run", study.File, "--store", store, "--workers", "4", "--slurm", "--no-requeue"]
                        )
                        .AssertSucceeded();
                Thread.Sleep(TimeSpan.FromSeconds(0.3 + 1.5 * random.NextDouble()));
                string[] signs = Directory.Exists(Path.Combine(store, "workers"))
                    ? Directory.GetFiles(Path.Combine(store, "workers"), "*.json")
                    : [];
                if (tally.Times < Kills && signs.Length > 0 && SlurmCluster.KillTask(signs[(int)random.NextIndex(signs.Length)]))
                    tally.Struck(store);
            }
            StartedProgram.Run(folder.Path, environment, "worker", store).AssertSucceeded();
            tally.Ended(store, study.Reference);
        }

        int Queue() =>
            cluster.Say("squeue", "--noheader", "--array", "--format=%T").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
    }
}
