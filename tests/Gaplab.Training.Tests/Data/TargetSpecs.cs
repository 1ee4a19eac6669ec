// Targets that are not the next input: label noise of tokens, and hidden bases.
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;

namespace Gaplab.Training.Tests.Data;

public sealed class TargetSpecs
{
    private static readonly TaskSpec Tokens =
            new()
            {
                Vocabulary = 8,
                Tokens = 20_000,
                Context = 16,
            },
        Bases =
            new()
            {
                Kind = "genome",
                Tokens = 20_000,
                Context = 40,
            };

    [Fact]
    public void Label_noise_replaces_the_share_of_training_targets_it_says_and_no_input()
    {
        using ITask clean = TaskCatalogue.BuiltIn.Load(Tokens),
            noisy = TaskCatalogue.BuiltIn.Load(Tokens with { LabelNoise = 0.3 });
        const int Samples = 2000,
            T = 16;
        Assert.Equal(2 * T, noisy.SampleLength);
        int[] changed = new int[8];
        foreach (int k in Enumerable.Range(0, Samples))
        {
            long[] row = Sample(clean, 5, k),
                other = Sample(noisy, 5, k);
            Assert.Equal(row[..T], other[..T]);
            for (int t = 0; t < T; t++)
                if (other[T + t] != row[1 + t])
                    changed[other[T + t]]++;
        }
        // A replaced target is its old self one time in 8: 0.3·7/8 of 32000, standard deviation 79; five of them.
        Assert.InRange(changed.Sum(), 8400 - 395, 8400 + 395);
        // Uniform over all tokens, less the target's own law: token i's share is 0.3/8·(1 − π_i), at least 600 of 32000.
        Assert.All(changed, c => Assert.InRange(c, 500, 1350));
    }

    [Fact]
    public void Noise_belongs_to_the_sample_and_grows_with_its_share()
    {
        using ITask some = TaskCatalogue.BuiltIn.Load(Tokens with { LabelNoise = 0.2 }),
            more = TaskCatalogue.BuiltIn.Load(Tokens with { LabelNoise = 0.6 });
        long[] together = new long[4 * some.SampleLength];
        some.FillBatch(5, 8, together);
        for (int b = 0; b < 4; b++)
            Assert.Equal(Sample(some, 5, 8 + b), together[(b * some.SampleLength)..((b + 1) * some.SampleLength)]);
        Assert.NotEqual(Sample(some, 5, 8), Sample(some, 6, 8));
        foreach (int k in Enumerable.Range(0, 200))
        {
            long[] less = Sample(some, 5, k),
                most = Sample(more, 5, k);
            for (int t = 0; t < 15; t++)
                if (less[16 + t] != less[1 + t])
                    Assert.Equal(less[16 + t], most[16 + t]);
        }
    }

    [Fact]
    public void Evaluations_have_no_noise()
    {
        using ITask noisy = TaskCatalogue.BuiltIn.Load(Tokens with { LabelNoise = 1 });
        long[] row = new long[noisy.SampleLength];
        noisy.FillValidation(0, 3, row);
        Assert.Equal(row[1..16], row[16..31]);
        noisy.FillTrainEvaluation(0, 3, row);
        Assert.Equal(row[1..16], row[16..31]);
    }

    [Fact]
    public void Hidden_bases_are_15_percent_80_of_them_masked_10_replaced_10_left()
    {
        using ITask next = TaskCatalogue.BuiltIn.Load(Bases),
            masked = TaskCatalogue.BuiltIn.Load(Bases with { Objective = "masked" });
        const int Samples = 2000,
            T = 40,
            N = 6;
        Assert.Equal((6, T + 2 * N, N), (masked.Vocabulary, masked.SampleLength, (int)masked.Predictions(new long[masked.SampleLength])));
        Assert.Null(masked.EntropyRate);
        int hidden = 0,
            kept = 0;
        int[] at = new int[T];
        foreach (int k in Enumerable.Range(0, Samples))
        {
            long[] row = Sample(next, 3, k),
                other = Sample(masked, 3, k);
            long[] positions = other[T..(T + N)],
                targets = other[(T + N)..];
            Assert.Equal(positions.Distinct().Order(), positions);
            for (int i = 0; i < N; i++)
            {
                at[positions[i]]++;
                Assert.Equal(row[positions[i]], targets[i]);
                if (other[positions[i]] == 5)
                    hidden++;
                else if (other[positions[i]] == targets[i])
                    kept++;
                else
                    Assert.InRange(other[positions[i]], 0, 3);
                other[positions[i]] = targets[i];
            }
            // Nothing but the hidden positions has changed.
            Assert.Equal(row[..T], other[..T]);
        }
        // Binomial(12000, p): five standard deviations. Left as they were: 10%, and a quarter of the 10% that are drawn.
        Assert.InRange(hidden, 9600 - 220, 9600 + 220);
        Assert.InRange(kept, 1500 - 182, 1500 + 182);
        // Each position is hidden in 15% of 2000 samples.
        Assert.All(at, c => Assert.InRange(c, 300 - 80, 300 + 80));
    }

    [Fact]
    public void What_evaluations_hide_is_the_same_for_every_run_and_count()
    {
        using ITask a = TaskCatalogue.BuiltIn.Load(Bases with { Objective = "masked" }),
            b = TaskCatalogue.BuiltIn.Load(Bases with { Objective = "masked" });
        long[] all = new long[a.SampleLength * 49],
            one = new long[a.SampleLength];
        a.FillValidation(0, 0, all);
        b.FillValidation(0, 7, one);
        Assert.Equal(all[(7 * one.Length)..(8 * one.Length)], one);
        // Windows hide at places of their own.
        Assert.NotEqual(all[40..46], all[(one.Length + 40)..(one.Length + 46)]);
    }

    private static long[] Sample(ITask task, long seed, long sample)
    {
        long[] row = new long[task.SampleLength];
        task.FillBatch(seed, sample, row);
        return row;
    }
}
