// Class imbalance of every kind of target against the entropy of its law.
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Data.Genomes;
using Gaplab.Learning.Specs;

namespace Gaplab.Training.Tests.Data;

public sealed class ClassImbalanceSpecs
{
    [Fact]
    public void Of_frequencies_it_is_what_the_entropy_lacks()
    {
        Assert.Equal(0, ClassImbalance.Of([3, 3, 3])!.Value, 1e-12);
        // H(½, ¼, ¼) = 1.5 ln 2; a class that does not occur does not count.
        Assert.Equal(1 - 1.5 * Math.Log(2) / Math.Log(3), ClassImbalance.Of([2, 0, 1, 1])!.Value, 1e-12);
        Assert.Null(ClassImbalance.Of([5, 0]));
    }

    public static TheoryData<string, TaskSpec, double[]> Laws =>
        new()
        {
            {
                "Zipf",
                new TaskSpec
                {
                    Kind = "markov",
                    Vocabulary = 16,
                    Tokens = 400_000,
                    Context = 16,
                },
                Zipf(16, 1)
            },
            {
                "uniform tokens",
                new TaskSpec
                {
                    Kind = "markov",
                    Vocabulary = 16,
                    Exponent = 0,
                    Tokens = 400_000,
                    Context = 16,
                },
                Zipf(16, 0)
            },
            {
                "Zipf with noise",
                new TaskSpec
                {
                    Kind = "markov",
                    Vocabulary = 16,
                    Tokens = 400_000,
                    Context = 16,
                    LabelNoise = 0.5,
                },
                [.. Zipf(16, 1).Select(p => 0.5 * p + 0.5 / 16)]
            },
            {
                "shapes",
                new TaskSpec
                {
                    Kind = "shapes",
                    Classes = 5,
                    ImageCount = 8000,
                    Side = 12,
                },
                Zipf(5, 0)
            },
            {
                "unbalanced shapes",
                new TaskSpec
                {
                    Kind = "shapes",
                    Classes = 5,
                    ImageCount = 8000,
                    Side = 12,
                    Imbalance = 1.5,
                },
                Zipf(5, 1.5)
            },
            {
                "unbalanced shapes with noise",
                new TaskSpec
                {
                    Kind = "shapes",
                    Classes = 5,
                    ImageCount = 8000,
                    Side = 12,
                    Imbalance = 1.5,
                    LabelNoise = 0.4,
                },
                [.. Zipf(5, 1.5).Select(p => 0.6 * p + 0.4 * (1 - p) / 4)]
            },
            {
                "barcodes",
                new TaskSpec
                {
                    Kind = "barcodes",
                    Classes = 8,
                    ImageCount = 8000,
                    Side = 12,
                },
                Zipf(8, 1)
            },
        };

    [Theory, MemberData(nameof(Laws))]
    public void Of_a_task_it_is_that_of_the_law_of_its_targets(string name, TaskSpec spec, double[] law)
    {
        using ITask task = TaskCatalogue.BuiltIn.Load(spec);
        double exact = 1 + law.Sum(p => p * Math.Log(p)) / Math.Log(law.Length);
        // Of n targets the entropy varies by sd(−ln p)/√n at first order; tokens depend on each other, which the factor 4 covers.
        double n = spec.Kind == "markov" ? 360_000 : 1000,
            mean = -law.Sum(p => p * Math.Log(p)),
            deviation = Math.Sqrt(law.Sum(p => p * Math.Pow(-Math.Log(p) - mean, 2)));
        double tolerance = (4 * 2 * deviation / Math.Sqrt(n) + law.Length / n) / Math.Log(law.Length);
        Assert.True(
            Math.Abs(ClassImbalance.Of(task)!.Value - exact) < tolerance,
            string.Create(CultureInfo.InvariantCulture, $"{name}: {ClassImbalance.Of(task)}, {exact} ± {tolerance}")
        );
    }

    [Theory]
    [InlineData("next", 0, 0.0005)]
    [InlineData("next", 0.3, 0.0005)]
    // 15% of 90,000 bases: four times 2√(0.0045/13,500).
    [InlineData("masked", 0, 0.0046)]
    public void Of_a_genome_it_is_that_of_its_bases(string objective, double noise, double tolerance)
    {
        using ITask task = TaskCatalogue.BuiltIn.Load(
            new TaskSpec
            {
                Kind = "genome",
                Tokens = 100_000,
                Context = 32,
                Objective = objective,
                LabelNoise = noise,
            }
        );
        var text = new GenomeSource(3, 0.7, 8, 12, 0.01, 1).Generate(90_000, 0).Text;
        double[] counts = new double[4];
        long[] bases = new long[90_000];
        text.Read(0, bases);
        foreach (long b in bases)
            counts[b] += 1 - noise;
        for (int b = 0; b < 4; b++)
            counts[b] += noise * 90_000 / 4;
        Assert.Equal(ClassImbalance.Of(counts)!.Value, ClassImbalance.Of(task)!.Value, tolerance);
    }

    [Fact]
    public void Padding_is_no_target_and_a_number_is_no_class()
    {
        using var folder = new TestFolder();
        // One target sentence over and over: as many as it has tokens are as frequent, its end among them.
        string source = folder.Write("a.txt", string.Concat(Enumerable.Repeat("q\n", 50))),
            target = folder.Write("b.txt", string.Concat(Enumerable.Repeat("xyz\n", 50)));
        using ITask pairs = TaskCatalogue.BuiltIn.Load(
            new TaskSpec
            {
                Kind = "translation",
                Source = source,
                Target = target,
                Vocabulary = 259,
                Context = 12,
            }
        );
        Assert.Equal(0, ClassImbalance.Of(pairs)!.Value, 1e-12);
        using ITask graphs = TaskCatalogue.BuiltIn.Load(new TaskSpec { Kind = "random-molecules", GraphCount = 50 });
        Assert.Null(ClassImbalance.Of(graphs));
    }

    private static double[] Zipf(int classes, double exponent)
    {
        double[] weights = [.. Enumerable.Range(1, classes).Select(c => Math.Pow(c, -exponent))];
        return [.. weights.Select(w => w / weights.Sum())];
    }
}
