// Nothing leaks: counts of the whole process, so these tests run while no other does.
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

[CollectionDefinition("whole process", DisableParallelization = true)]
public sealed class WholeProcess;

[Collection("whole process")]
public sealed class MemorySpecs
{
    [Fact]
    public void A_scope_frees_what_was_born_in_it_and_keeps_what_it_is_told_to()
    {
        long before = LiveTensors();
        Tensor kept;
        using (var outer = new TensorScope())
        {
            using (var inner = new TensorScope())
            {
                Tensor a = Tensor.Full([3], 2);
                kept = inner.Keep(a * a);
                Assert.Equal(before + 2, TorchRuntime.LiveTensors);
            }
            Assert.Equal(before + 1, TorchRuntime.LiveTensors);
            Assert.Equal([4.0, 4, 4], kept.ToDoubles());
            TensorScope.Release(kept);
        }
        Assert.Equal(before + 1, TorchRuntime.LiveTensors);
        kept.Dispose();
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Two_thousand_steps_hold_memory_and_tensors_flat()
    {
        RunSpec run = TrainerSpecs.Run("adam", 1e-3, 1) with
        {
            Budget = new BudgetSpec { Unit = "steps", Amount = 2000 },
        };
        long tensorsBefore = LiveTensors();
        var sink = new TrainerSpecs.Recorder { Probe = true };
        TrainerSpecs.Train([run, run with { Seed = 2 }], sink);
        Assert.Equal(tensorsBefore, TorchRuntime.LiveTensors);
        (long Step, long Bytes, long Tensors)[] probes = [.. sink.Resident];
        long settled = probes.First(p => p.Step >= 500).Bytes,
            end = probes[^1].Bytes;
        Assert.True(end - settled < 4 << 20, $"resident memory grew by {(end - settled) >> 10} KiB between step 500 and {probes[^1].Step}");
        Assert.Single(probes.Where(p => p.Step >= 500).Select(p => p.Tensors).Distinct());
    }

    /// <summary>The count once the collector has freed what earlier tests forgot.</summary>
    private static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return TorchRuntime.LiveTensors;
    }
}
