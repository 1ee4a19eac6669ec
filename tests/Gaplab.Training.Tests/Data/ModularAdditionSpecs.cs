// Generated sums modulo p: every line is right, the law of the numbers, and the least loss against what the text itself shows.
using Gaplab.Learning.Data;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Training.Tests.Data;

public sealed class ModularAdditionSpecs
{
    [Fact]
    public void Every_line_is_a_sum_and_both_numbers_are_uniform()
    {
        const int Modulus = 7,
            Lines = 20_000;
        ushort[] text = ModularAddition.Lines(Modulus, 4 * Lines, seed: 3);
        double[] counts = new double[Modulus * Modulus];
        for (int i = 0; i < text.Length; i += 4)
        {
            Assert.Equal(((text[i] + text[i + 1]) % Modulus, Modulus), ((int)text[i + 2], (int)text[i + 3]));
            counts[text[i] * Modulus + text[i + 1]]++;
        }
        // χ² of 49 pairs, 48 degrees of freedom: above 93.2 once in 10 000 seeds.
        double expected = Lines / (double)counts.Length;
        Assert.InRange(counts.Sum(c => (c - expected) * (c - expected) / expected), 20, 93.2);
    }

    [Theory, InlineData(2), InlineData(3), InlineData(5)]
    public void The_entropy_rate_is_what_the_text_shows_to_one_who_only_counts(int modulus)
    {
        // −log of the frequency of a token after the five before it: five tokens always hold a mark, which shows where a line begins.
        ushort[] text = ModularAddition.Lines(modulus, 400_000, seed: 1);
        const int Past = 5;
        var after = new Dictionary<(long Past, int Next), int>();
        var of = new Dictionary<long, int>();
        long KeyAt(int i)
        {
            long key = 0;
            for (int j = i - Past; j < i; j++)
                key = key * (modulus + 1) + text[j];
            return key;
        }
        for (int i = Past; i < text.Length; i++)
        {
            long key = KeyAt(i);
            after[(key, text[i])] = after.GetValueOrDefault((key, text[i])) + 1;
            of[key] = of.GetValueOrDefault(key) + 1;
        }
        double loss = after.Sum(a => -a.Value * Math.Log(a.Value / (double)of[a.Key.Past])) / (text.Length - Past);
        // Counting is below the truth by about (free numbers)/(2·tokens), here less than 0.005.
        Assert.InRange(loss - ModularAddition.EntropyRate(modulus), -0.005, 0.002);
    }

    [Fact]
    public void A_task_tells_its_least_loss_and_one_without_two_numbers_is_refused()
    {
        using ITask task = TaskCatalogue.BuiltIn.Load(new TaskSpec { Kind = "modular-addition", Tokens = 5000 });
        Assert.Equal((98, Math.Log(97) / 2), (task.Vocabulary, task.EntropyRate));
        Assert.Contains(
            "expected at least 3",
            Assert
                .Throws<InputException>(() => TaskCatalogue.BuiltIn.Load(new TaskSpec { Kind = "modular-addition", Vocabulary = 2 }))
                .Message,
            StringComparison.Ordinal
        );
    }
}
