// A clock that jumps while a study runs: claims, waits and results do not go by it.
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class ClockSpecs(SmallStudy study)
{
    [Fact]
    public void A_study_whose_clock_jumps_by_a_day_forth_and_back_is_an_undisturbed_one()
    {
        int most = LongStage.Runs ? 50 : 8;
        Assert.SkipUnless(
            LongStage.Runs || File.Exists(ManyWorkersSpecs.Clock),
            $"{ManyWorkersSpecs.Clock} is absent; ./test --all installs faketime"
        );
        using var folder = new TestFolder();
        string store = folder.File("store"),
            clock = folder.Write("clock", "+0\n");
        var environment = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = ManyWorkersSpecs.Clock,
            ["FAKETIME_TIMESTAMP_FILE"] = clock,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            ["GAPLAB_LEASE_SECONDS"] = "8",
        };
        RandomStream random = RandomStream.For(1, "test/clock");
        var tally = new FaultTally(Faults.ClockJumps);
        // Two share the store: each must believe the other's signs of life.
        string[] command = ["study", "run", study.File, "--store", store, "--workers", "1"];
        using (
            StartedProgram first = StartedProgram.Start(folder.Path, environment, command),
                second = StartedProgram.Start(folder.Path, environment, command)
        )
        {
            string[] jumps = ["+1d", "-1d", "+0", "+1h", "-1h"];
            while (first.IsAlive && second.IsAlive && tally.Times < most)
            {
                Thread.Sleep(TimeSpan.FromSeconds(0.3 + 0.5 * random.NextDouble()));
                string next = folder.Write("next", jumps[(int)random.NextIndex(jumps.Length)] + "\n");
                File.Move(next, clock, overwrite: true);
                tally.Struck(store);
            }
            first.Wait().AssertSucceeded();
            second.Wait().AssertSucceeded();
        }
        Assert.InRange(tally.Times, 5, most);
        Assert.False(Directory.Exists(Path.Combine(store, "attempts")), "a jump of the clock is no failed attempt");
        tally.Ended(store, study.Reference);
    }
}
