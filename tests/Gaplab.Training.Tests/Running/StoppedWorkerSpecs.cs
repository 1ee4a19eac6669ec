// Workers stopped and continued at random, for longer than their lease: what others took over meanwhile stays theirs.
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class StoppedWorkerSpecs(SmallStudy study)
{
    private const int Stop = 19,
        Continue = 18;

    [Fact]
    public void Workers_stopped_again_and_again_for_longer_than_their_lease_leave_the_store_of_an_undisturbed_one()
    {
        LongStage.OrSkip();
        (int stops, int size) = LongStage.Runs ? (50, 3) : (2, 2);
        using var folder = new TestFolder();
        var environment = new Dictionary<string, string> { ["GAPLAB_LEASE_SECONDS"] = "2" };
        RandomStream random = RandomStream.For(1, "test/stops");
        var tally = new FaultTally(Faults.StoppedOften);
        for (int stores = 0; tally.Times < stops; stores++)
        {
            string store = folder.File($"store-{stores}");
            StartedProgram.Run(folder.Path, environment, "study", "commands", study.File, "--store", store).AssertSucceeded();
            StartedProgram[] workers =
            [
                .. Enumerable
                    .Range(0, size)
                    .Select(r => StartedProgram.Start(folder.Path, environment, "worker", store, "--shard", $"{r}/{size}")),
            ];
            try
            {
                while (workers.All(w => w.IsAlive) && tally.Times < stops)
                {
                    Thread.Sleep(TimeSpan.FromSeconds(0.5 + random.NextDouble()));
                    StartedProgram one = workers[(int)random.NextIndex(workers.Length)];
                    one.SignalGroup(Stop);
                    Thread.Sleep(TimeSpan.FromSeconds(2.5 + 2 * random.NextDouble()));
                    one.SignalGroup(Continue);
                    tally.Struck(store);
                }
                foreach (StartedProgram worker in workers)
                    worker.Wait(600).AssertSucceeded();
            }
            finally
            {
                foreach (StartedProgram worker in workers)
                    worker.Dispose();
            }
            tally.Ended(store, study.Reference);
        }
    }
}
