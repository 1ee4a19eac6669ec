// The output layer's penalty against direct simulation of softmax logits, against recorded simulations, and against its own closed form.
using Gaplab.Numerics.Statistics;
using Gaplab.Numerics.Streams;
using Gaplab.Theory.Efficiency;

namespace Gaplab.Pure.Tests.Theory;

public sealed class OutputLayerSpecs(ITestOutputHelper output)
{
    private static readonly GradientMemory Short = new GradientMemory.SecondMoment(0.9, 0.95);

    // Recorded from an independent program: 16 Zipf classes, β = (0.9, 0.95), by simulation and in closed form. Its simulated numbers have
    // noise (they should fall by 4 each and do by 3.9 and 3.6); ours at B = 32 is below, with 3 million steps.
    [Theory]
    [InlineData(16, 3.1e-5, 3.4e-5, 0.15)]
    [InlineData(32, 7.9e-6, 8.5e-6, 0.2)]
    [InlineData(64, 2.2e-6, 2.1e-6, 0.3)]
    public void Sixteen_Zipf_classes_cost_what_was_simulated(double batch, double simulated, double closed, double within)
    {
        var layer = OutputLayer.Of(Zipf(16), Short);
        output.WriteLine($"B {batch}: exact {layer.Penalty(batch):g4}, closed form {ClosedForm(Zipf(16), batch):g4}");
        Assert.Equal(1, ClosedForm(Zipf(16), batch) / closed, 0.03);
        Assert.Equal(1, layer.Penalty(batch) / simulated, within);
    }

    // To first order in r, with κ/(1−κ) in the place of κ.
    private static double ClosedForm(double[] frequencies, double batch)
    {
        double kappa = OutputLayerPull.Kappa(0.9, 0.95);
        var classes = new ClassFrequencies([.. frequencies.Select(p => new FrequencyBin(1, p))], 1);
        return OutputLayerPull.Penalty(classes, kappa / (1 - kappa), batch);
    }

    // The same program, 256 Zipf classes, where r reaches 3: the closed form is of no use.
    [Theory]
    [InlineData(8, 0.274)]
    [InlineData(16, 0.079)]
    [InlineData(32, 0.016)]
    public void Two_hundred_and_fifty_six_Zipf_classes_cost_what_was_simulated(double batch, double simulated)
    {
        var layer = OutputLayer.Of(Zipf(256), Short);
        output.WriteLine($"B {batch}: exact {layer.Penalty(batch):g4}, closed form {ClosedForm(Zipf(256), batch):g4}");
        Assert.Equal(1, layer.Penalty(batch) / simulated, 0.3);
    }

    [Theory]
    [InlineData(8, 8, 0.9, 0.95, 0.1)]
    [InlineData(16, 32, 0.9, 0.95, 0.1)]
    [InlineData(8, 16, 0.9, 0.9, 0.1)]
    [InlineData(32, 2, 0.9, 0.95, 0.1)]
    [InlineData(32, 4, 0.8, 0.98, 0.1)]
    public void It_is_the_divergence_of_the_mean_that_logits_settle_at(int classes, int batch, double beta1, double beta2, double within)
    {
        double[] p = Zipf(classes);
        double expected = Simulated(p, batch, beta1, beta2, rate: 1e-3, steps: 3_000_000),
            penalty = OutputLayer.Of(p, new GradientMemory.SecondMoment(beta1, beta2)).Penalty(batch);
        output.WriteLine($"simulated {expected:g4}, computed {penalty:g4}");
        Assert.Equal(1, penalty / expected, within);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(256)]
    public void Uniform_classes_cost_exactly_nothing(int classes)
    {
        var layer = OutputLayer.Of([.. Enumerable.Repeat(1.0 / classes, classes)], Short);
        Assert.Equal(0, layer.Penalty(1));
        Assert.Equal(0, layer.Penalty(64));
    }

    [Fact]
    public void It_falls_with_the_batch_size_and_with_the_memory_and_is_none_for_SGD()
    {
        double[] p = Zipf(256);
        double last = double.PositiveInfinity;
        foreach (double beta2 in (double[])[0.9, 0.95, 0.99, 0.999])
        {
            var layer = OutputLayer.Of(p, new GradientMemory.SecondMoment(0.9, beta2));
            double[] penalties = [.. new double[] { 2, 4, 8, 16, 32, 64, 128 }.Select(b => layer.Penalty(b))];
            Assert.Equal(penalties.OrderDescending(), penalties);
            Assert.True(penalties[2] < last);
            last = penalties[2];
        }
        Assert.Equal(0, OutputLayer.Of(p, new GradientMemory.Unscaled()).Penalty(1));
    }

    [Theory]
    [InlineData(0.02, 0.4, 0.9, 0.95)]
    [InlineData(0.3, 1, 0.9, 0.95)]
    [InlineData(2, 0.9, 0.9, 0.9)]
    [InlineData(8, 1.1, 0, 0.98)]
    [InlineData(0.1, 2.5, 0.95, 0.99)]
    public void The_mean_ratio_of_a_stream_of_counts_is_that_of_its_simulation(double mean, double ratio, double beta1, double beta2)
    {
        // Poisson counts by counting exponential waits, which shares nothing with the transform.
        var stream = RandomStream.For(7, "count-ratio");
        double m = ratio - 1,
            v = 1 / mean,
            sum = 0,
            wait = -Math.Log(stream.NextDouble()) / mean;
        const int Steps = 4_000_000;
        for (int t = 0; t < Steps; t++)
        {
            int count = 0;
            for (wait -= 1; wait < 0; wait -= Math.Log(stream.NextDouble()) / mean)
                count++;
            double g = ratio - count / mean;
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;
            sum += m / Math.Sqrt(v);
        }
        double computed = new CountRatio(beta1, beta2).Of(mean, ratio);
        output.WriteLine($"simulated {sum / Steps:g6}, computed {computed:g6}");
        Assert.Equal(sum / Steps, computed, 0.006);
    }

    [Fact]
    public void A_constant_gradient_has_ratio_one()
    {
        // A class that hardly ever comes: the gradient is its probability, whatever the decays.
        Assert.Equal(1, new CountRatio(0.9, 0.99).Of(1e-9, 1e5), 1e-3);
    }

    private static double[] Zipf(int classes)
    {
        double[] p = [.. Enumerable.Range(1, classes).Select(k => 1.0 / k)];
        double sum = p.Sum();
        return [.. p.Select(x => x / sum)];
    }

    /// <summary>KL of the time average of the softmax's probabilities from p.</summary>
    private static double Simulated(double[] p, int batch, double beta1, double beta2, double rate, int steps)
    {
        var stream = RandomStream.For(11, "softmax-logits");
        int k = p.Length;
        double[] z = [.. p.Select(q => Math.Log(q))],
            m = new double[k],
            v = [.. p.Select(q => q * (1 - q) / batch)],
            pi = new double[k],
            average = new double[k],
            upTo = new double[k];
        int[] counts = new int[k];
        double sum = 0;
        for (int i = 0; i < k; i++)
            upTo[i] = sum += p[i];
        int burn = steps / 5;
        for (int t = 0; t < steps; t++)
        {
            double total = 0;
            for (int i = 0; i < k; i++)
                total += pi[i] = Math.Exp(z[i]);
            Array.Clear(counts);
            for (int s = 0; s < batch; s++)
            {
                double u = stream.NextDouble();
                int i = 0;
                while (i + 1 < k && upTo[i] < u)
                    i++;
                counts[i]++;
            }
            for (int i = 0; i < k; i++)
            {
                pi[i] /= total;
                if (t >= burn)
                    average[i] += pi[i] / (steps - burn);
                double g = pi[i] - (double)counts[i] / batch;
                m[i] = beta1 * m[i] + (1 - beta1) * g;
                v[i] = beta2 * v[i] + (1 - beta2) * g * g;
                z[i] -= rate * m[i] / Math.Sqrt(v[i]);
            }
        }
        return p.Zip(average, (q, a) => q * Math.Log(q / a)).Sum();
    }
}
