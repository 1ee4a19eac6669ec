// Shares of a plan: what schedulers set is understood, every pack is somebody's, and shares are about as large.
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies.Running;

namespace Gaplab.Training.Tests.Running;

public sealed class ShardSpecs
{
    private static readonly string[] s_packs = [.. Enumerable.Range(0, 2000).Select(i => ContentId.Of($"pack {i}"))];

    [Theory]
    [InlineData("SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_COUNT=4", 2, 4)]
    [InlineData("SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=5 SLURM_ARRAY_TASK_STEP=2", 4, 5)]
    [InlineData("SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=4 SLURM_PROCID=1 SLURM_NTASKS=2", 7, 8)]
    [InlineData("SLURM_PROCID=3 SLURM_NTASKS=16", 3, 16)]
    [InlineData("SKYPILOT_JOB_RANK=2 SKYPILOT_NUM_JOBS=5", 2, 5)]
    [InlineData("AWS_BATCH_JOB_ARRAY_INDEX=2 AWS_BATCH_JOB_ARRAY_SIZE=9", 2, 9)]
    [InlineData("AWS_BATCH_JOB_ARRAY_INDEX=2", 2, 0)]
    [InlineData("JOB_COMPLETION_INDEX=4", 4, 0)]
    [InlineData("PBS_ARRAY_INDEX=11", 11, 0)]
    [InlineData("", 0, 1)]
    [InlineData("SLURM_ARRAY_TASK_ID=x PBS_ARRAY_INDEX=-1", 0, 1)]
    public void What_a_scheduler_sets_is_a_rank_and_a_size(string variables, int rank, int size)
    {
        var set = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);
        Assert.Equal(new Shard(rank, size), Shard.Parse("auto", set.GetValueOrDefault));
    }

    [Theory]
    [InlineData("3/3")]
    [InlineData("-1/3")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("all")]
    public void Anything_else_is_refused_in_one_line(string text) =>
        Assert.StartsWith(
            $"--shard got '{text}'; expected auto, or r/n",
            Assert.Throws<InputException>(() => Shard.Parse(text, _ => null)).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void Every_pack_is_in_one_share_and_shares_are_as_large_as_chance_makes_them(int size)
    {
        int[] mine = [.. Enumerable.Range(0, size).Select(r => s_packs.Count(p => new Shard(r, size).Distance(p) == 0))];
        Assert.Equal(s_packs.Length, mine.Sum());
        double mean = s_packs.Length / (double)size;
        // Binomial counts: within five standard deviations.
        Assert.All(mine, count => Assert.InRange(count, mean - 5 * Math.Sqrt(mean), mean + 5 * Math.Sqrt(mean)));
        Assert.All(
            s_packs.Take(50),
            p => Assert.Equal(Enumerable.Range(0, size), Enumerable.Range(0, size).Select(r => (int)new Shard(r, size).Distance(p)).Order())
        );
    }

    [Fact]
    public void Of_workers_whose_number_is_not_known_each_begins_elsewhere()
    {
        string[] first = [.. Enumerable.Range(0, 40).Select(r => s_packs.MinBy(p => new Shard(r, 0).Distance(p))!)];
        Assert.Equal(40, first.Distinct().Count());
        Assert.All(s_packs, p => Assert.Equal(0, Shard.Whole.Distance(p)));
    }
}
