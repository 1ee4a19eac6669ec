// BLEU against cases worked by hand, the published example of sacreBLEU, and a reimplementation in plain Python.
using System.Text.Json.Nodes;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Training.Tests;

public sealed class BleuSpecs
{
    private static readonly JsonNode Golden = GoldenVectors.Read("bleu-vectors.json");

    public static TheoryData<string> Corpora => [.. Golden["corpora"]!.AsArray().Select(c => c!["name"]!.GetValue<string>())];

    [Theory, MemberData(nameof(Corpora))]
    public void The_score_of_a_corpus_is_that_of_the_definition_in_Python(string name)
    {
        JsonNode corpus = Golden["corpora"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == name)!;
        double expected = corpus["bleu"]!.GetValue<double>();
        Assert.Equal(
            expected,
            Bleu.OfCorpus(Strings(corpus["hypotheses"]!), [.. corpus["references"]!.AsArray().Select(r => Strings(r!))]),
            1e-10 * Math.Max(1, expected)
        );
    }

    [Fact]
    public void Texts_are_cut_into_the_tokens_of_13a()
    {
        foreach (JsonNode? text in Golden["tokens"]!.AsArray())
            Assert.Equal(Strings(text!["tokens"]!), Bleu.Tokens(text["text"]!.GetValue<string>()));
        Assert.Equal(
            ["1,000.50", "dollars", ",", "or", "3", "-", "4", "per", "cent", "."],
            Bleu.Tokens("1,000.50 dollars, or 3-4 per cent.")
        );
    }

    [Fact]
    public void The_published_example_of_sacreBLEU_scores_as_published()
    {
        // The README of sacrebleu: BLEU = 48.53 82.4/50.0/45.5/37.5 (BP = 0.943 ratio = 0.944 hyp_len = 17 ref_len = 18).
        string[] system = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
        string[] first = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."],
            second = ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."];
        Assert.Equal(48.530827009929865, Bleu.OfCorpus(system, first, second), 1e-12);
        Assert.Equal(
            100 * Math.Exp(1 - 18.0 / 17) * Math.Pow(14.0 / 17 * 7 / 14 * 5 / 11 * 3 / 8, 0.25),
            Bleu.OfCorpus(system, first, second),
            1e-10
        );
    }

    [Fact]
    public void Cases_worked_by_hand()
    {
        // Words the, cat, is, on, mat: 5/6. Pairs "the cat", "cat is": 2/5. The triple "the cat is": 1/4. No run of four of three: smoothed
        // to ½/3.
        Assert.Equal(
            100 * Math.Pow(5.0 / 6 * 2 / 5 * 1 / 4 * (1 / 2.0) / 3, 0.25),
            Bleu.OfCorpus(["the cat is on a mat"], ["the cat is in on mat"]),
            1e-10
        );
        // Counts are clipped: two of four "the" are matched, one of three pairs, and no more (½/2, ¼/1).
        Assert.Equal(
            100 * Math.Pow(2.0 / 4 * 1 / 3 * (1 / 2.0) / 2 * (1 / 4.0), 0.25),
            Bleu.OfCorpus(["the the the the"], ["the the"]),
            1e-10
        );
        // The score is of the corpus, not a mean of sentences: a sentence without matches lowers the precisions.
        Assert.Equal(50, Bleu.OfCorpus(["a b c d e", "v w x y z"], ["a b c d e", "f g h i j"]), 1e-10);
        // Case counts.
        Assert.Equal(0, Bleu.OfCorpus(["A B C D"], ["a b c d"]));
    }

    [Fact]
    public void A_reference_too_few_is_refused() => Assert.Throws<ArgumentException>(() => Bleu.OfCorpus(["a", "b"], ["a"]));

    private static string[] Strings(JsonNode node) => [.. node.AsArray().Select(s => s!.GetValue<string>())];
}
