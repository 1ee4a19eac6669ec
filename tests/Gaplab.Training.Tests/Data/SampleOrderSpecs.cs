// The order of samples: bijections, epochs that see everything once, independence of batch size, uniformity.
using Gaplab.Learning.Data.Sampling;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;
using MathNet.Numerics.Distributions;

namespace Gaplab.Training.Tests.Data;

public sealed class SampleOrderSpecs
{
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(7), InlineData(64), InlineData(65), InlineData(1000), InlineData(16385)]
    public void A_permutation_hits_every_index_once(long count)
    {
        var permutation = new Permutation(count, RandomStream.For(3, "test"));
        Assert.Equal(
            Enumerable.Range(0, (int)count).Select(i => (long)i),
            Enumerable.Range(0, (int)count).Select(i => permutation[i]).Order()
        );
    }

    [Theory]
    [InlineData(5), InlineData(12), InlineData(100)]
    public void Images_are_uniform_over_seeds(int count)
    {
        const int trials = 20_000;
        var first = new int[count];
        var gap = new int[count]; // of neighbours: uniform over 1 … count-1
        for (int seed = 0; seed < trials; seed++)
        {
            var permutation = new Permutation(count, RandomStream.For(seed, "test"));
            first[permutation[0]]++;
            gap[(permutation[1] - permutation[0] + count) % count]++;
        }
        Assert.InRange(ChiSquare(first, trials), ChiSquared.InvCDF(count - 1, 0.0005), ChiSquared.InvCDF(count - 1, 0.9995));
        Assert.InRange(ChiSquare(gap[1..], trials), ChiSquared.InvCDF(count - 2, 0.0005), ChiSquared.InvCDF(count - 2, 0.9995));
    }

    [Theory]
    [InlineData(1000, 8), InlineData(1007, 8), InlineData(100, 64), InlineData(65, 64), InlineData(200, 64), InlineData(2, 1)]
    public void An_epoch_visits_each_window_once_and_stays_inside(long length, int context)
    {
        var order = new SampleOrder(length, context);
        for (long epoch = 0; epoch < 5; epoch++)
        {
            long[] starts = [.. Enumerable.Range(0, (int)order.Windows).Select(i => order.Start(11, epoch * order.Windows + i)).Order()];
            Assert.InRange(starts[0], 0, context - 1);
            Assert.True(starts[^1] + context <= length - 1);
            for (int i = 1; i < starts.Length; i++)
                Assert.Equal(context, starts[i] - starts[i - 1]);
        }
        Assert.InRange(order.Windows, Math.Max(1, length / context - 1), length / context);
    }

    [Fact]
    public void Epochs_and_seeds_differ()
    {
        var order = new SampleOrder(10_000, 16);
        long[] Epoch(long seed, long epoch) =>
            [.. Enumerable.Range(0, (int)order.Windows).Select(i => order.Start(seed, epoch * order.Windows + i))];
        Assert.NotEqual(Epoch(1, 0), Epoch(1, 1));
        Assert.NotEqual(Epoch(1, 0), Epoch(2, 0));
        Assert.Equal(Epoch(1, 0), Epoch(1, 0));
        Assert.True(Enumerable.Range(0, 100).Select(e => order.Start(1, e * order.Windows) % 16).Distinct().Count() > 10);
    }

    [Fact]
    public void The_samples_of_a_run_do_not_depend_on_its_batch_size()
    {
        using LanguageTask task = LanguageTask.Load(
            new TaskSpec
            {
                Vocabulary = 16,
                Tokens = 2000,
                Context = 8,
            }
        );
        long[] Run(int batch, int samples)
        {
            var all = new List<long>();
            var tokens = new long[batch * 9];
            for (int step = 0; step * batch < samples; step++)
            {
                task.FillBatch(5, (long)step * batch, tokens);
                all.AddRange(tokens);
            }
            return [.. all];
        }
        long[] one = Run(1, 960); // several epochs of 224 windows
        Assert.Equal(one, Run(8, 960));
        Assert.Equal(one, Run(192, 960));
        var text = new long[9];
        task.Train.Read(task.SampleStart(5, 700), text);
        Assert.Equal(one[(700 * 9)..(701 * 9)], text);
    }

    [Fact]
    public void Evaluation_windows_are_evenly_spaced_and_batches_of_them_agree()
    {
        using LanguageTask task = LanguageTask.Load(
            new TaskSpec
            {
                Vocabulary = 16,
                Tokens = 4000,
                Context = 8,
            }
        );
        Assert.Equal(49, task.ValidationWindows);
        Assert.Equal(49, task.ValidationCount(0));
        Assert.Equal(49, task.ValidationCount(1000));
        var all = new long[49 * 9];
        task.FillValidation(0, 0, all);
        var row = new long[9];
        for (int i = 0; i < 49; i++)
        {
            task.Validation.Read(i * 8, row);
            Assert.Equal(row, all[(i * 9)..((i + 1) * 9)]);
        }
        var seven = new long[7 * 9];
        task.FillValidation(7, 0, seven);
        for (int i = 0; i < 7; i++)
            Assert.Equal(all[(i * 7 * 9)..((i * 7 + 1) * 9)], seven[(i * 9)..((i + 1) * 9)]);
        var tail = new long[3 * 9];
        task.FillValidation(7, 4, tail);
        Assert.Equal(seven[(4 * 9)..], tail);
        Assert.Throws<ArgumentOutOfRangeException>(() => task.FillValidation(7, 5, tail));
        Assert.Throws<ArgumentException>(() => task.FillValidation(7, 0, tail.AsSpan(1)));
        Assert.Equal(10, task.TrainEvaluationCount(10));
        task.FillTrainEvaluation(10, 0, tail);
    }

    [Fact]
    public void A_batch_larger_than_the_data_is_refused()
    {
        using LanguageTask task = LanguageTask.Load(
            new TaskSpec
            {
                Vocabulary = 16,
                Tokens = 1000,
                Context = 9,
            }
        );
        task.CheckBatch(99);
        var e = Assert.Throws<InputException>(() => task.CheckBatch(100));
        Assert.Contains("batch 100 is larger than the training data", e.Message, StringComparison.Ordinal);
    }

    private static double ChiSquare(int[] counts, int draws)
    {
        double expected = (double)draws / counts.Length;
        return counts.Sum(c => (c - expected) * (c - expected) / expected);
    }
}
