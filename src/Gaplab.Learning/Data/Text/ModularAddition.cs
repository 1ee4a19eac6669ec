// Sums modulo a number as a language: a rule that can be learned exactly, and a least loss that is known in closed form.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Text;

/// <summary>Lines "a b c ;" one after the other, a and b uniform on 0 … p−1 and c = (a + b) mod p, after the task of Power et al. 2022
/// (whose pairs are split by hand; here both parts have the same law).</summary>
/// <remarks>Of four tokens two are drawn and two follow, so the entropy rate is 2·ln p / 4 = ½·ln p exactly. A model without the rule pays
/// ln p for c as well: ¾·ln p.</remarks>
internal static class ModularAddition
{
    /// <summary>p where a study gives no vocabulary: 97, a prime.</summary>
    private const int DefaultModulus = 97;

    private const int LineLength = 4;

    /// <summary>The row of the catalogue.</summary>
    internal static TaskKind Kind { get; } =
        new()
        {
            Name = "modular-addition",
            Says = "generated sums modulo p, one less than the vocabulary: lines of a, b, (a + b) mod p and a mark",
            Samples = SampleKind.Tokens,
            Defaults = new TaskSpec { Kind = "modular-addition" },
            Keys =
            [
                TaskKey.Context,
                TaskKey.ValidationFraction,
                TaskKey.Vocabulary with
                {
                    Least = 3,
                    DefaultText = $"{DefaultModulus + 1}",
                },
                TaskKey.Tokens,
                TaskKey.SourceSeed,
                TaskKey.LabelNoise,
            ],
            Generated = true,
            Load = spec => LanguageTask.Load(spec, Made),
            Facts = task =>
                [
                    new("vocabulary", $"sums modulo {Modulus(task)}, vocabulary {Modulus(task) + 1}"),
                    new("tokens", $"{task.Tokens} tokens"),
                    TaskFact.Context(task),
                ],
            Elsewhere = ["grokking", "modulararithmetic", "modadd", "arithmetic"],
        };

    /// <summary>½·ln p: the entropy rate of the lines in nats a token.</summary>
    public static double EntropyRate(int modulus) => Math.Log(modulus) / 2;

    /// <summary>The first <paramref name="count"/> tokens of the lines of a seed; p is the mark.</summary>
    public static ushort[] Lines(int modulus, long count, long seed)
    {
        RandomStream random = RandomStream.For(seed, "data/modular-addition");
        ushort[] tokens = new ushort[count];
        int a = 0,
            b = 0;
        for (long i = 0; i < count; i++)
            tokens[i] = (ushort)(
                (i % LineLength) switch
                {
                    0 => a = (int)random.NextIndex(modulus),
                    1 => b = (int)random.NextIndex(modulus),
                    2 => (a + b) % modulus,
                    _ => modulus,
                }
            );
        return tokens;
    }

    private static int Modulus(TaskSpec spec) => spec.Vocabulary == 0 ? DefaultModulus : spec.Vocabulary - 1;

    private static LanguageTask Made(TaskSpec spec)
    {
        int modulus = Modulus(spec);
        if (modulus < 2)
            throw new InputException($"task.vocabulary is {spec.Vocabulary}; expected at least 3: two numbers and a mark");
        return LanguageTask.Split(
            spec with
            {
                Content = null,
            },
            "the generated sums",
            modulus + 1,
            TokenSequence.Of(Lines(modulus, spec.Tokens, spec.SourceSeed)),
            leastLoss: EntropyRate(modulus)
        );
    }
}
