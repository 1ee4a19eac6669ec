// Designs against the published tables of minimum aberration, aliases against the columns themselves.
using Gaplab.Numerics;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Pure.Tests.Factors;

public sealed class FractionalFactorialSpecs
{
    /// <summary>Word lengths 3, 4, … of the minimum aberration designs (Box, Hunter and Hunter; Chen, Sun and Wu 1993).</summary>
    public static TheoryData<int, int, int[]> Published =>
        new()
        {
            { 3, 4, [1] },
            { 4, 8, [0, 1] },
            { 5, 8, [2, 1, 0] },
            { 5, 16, [0, 0, 1] },
            { 6, 8, [4, 3, 0, 0] },
            { 6, 16, [0, 3, 0, 0] },
            { 6, 32, [0, 0, 0, 1] },
            { 7, 8, [7, 7, 0, 0, 1] },
            { 7, 16, [0, 7, 0, 0, 0] },
            { 7, 32, [0, 1, 2, 0, 0] },
            { 8, 16, [0, 14, 0, 0, 0, 1] },
            { 8, 32, [0, 3, 4, 0, 0, 0] },
            { 8, 64, [0, 0, 2, 1, 0, 0] },
            { 9, 16, [4, 14, 8, 0, 4, 1, 0] },
            { 9, 32, [0, 6, 8, 0, 0, 1, 0] },
            { 9, 64, [0, 1, 4, 2, 0, 0, 0] },
        };

    [Theory, MemberData(nameof(Published))]
    public void The_search_finds_the_published_word_lengths(int factors, int runs, int[] lengths) =>
        Assert.Equal(lengths, FractionalFactorial.MinimumAberration(factors, runs).WordLengths);

    [Theory, MemberData(nameof(Published))]
    public void Columns_are_balanced_orthogonal_and_constant_on_defining_words(int factors, int runs, int[] lengths)
    {
        Assert.NotEmpty(lengths);
        FractionalFactorial design = FractionalFactorial.MinimumAberration(factors, runs);
        foreach (int word in design.DefiningWords)
            Assert.All(Enumerable.Range(0, runs), r => Assert.Equal(1, design.Sign(r, word)));
        for (int a = 0; a < factors; a++)
        {
            Assert.Equal(runs / 2, Enumerable.Range(0, runs).Count(r => design.IsHigh(r, a)));
            for (int b = a + 1; b < factors; b++)
                Assert.Equal(0, Enumerable.Range(0, runs).Sum(r => design.Sign(r, 1 << a) * design.Sign(r, 1 << b)));
        }
        foreach (int alias in design.Aliases(1))
            Assert.All(Enumerable.Range(0, runs), r => Assert.Equal(design.Sign(r, 1), design.Sign(r, alias)));
    }

    [Fact]
    public void Stated_generators_give_the_textbook_alias_structure()
    {
        FractionalFactorial design = FractionalFactorial.Of(4, ["D=ABC"]);
        Assert.Equal((8, 4), (design.Runs, design.Resolution));
        Assert.Equal(["ABCD"], design.DefiningWords.Select(FractionalFactorial.Name));
        Assert.Equal(["BCD"], design.Aliases(0b0001).Select(FractionalFactorial.Name));
        Assert.Equal(["CD"], design.Aliases(0b0011).Select(FractionalFactorial.Name));
        // Standard order: A varies fastest, D = ABC.
        Assert.Equal(
            ["----", "+--+", "-+-+", "++--", "--++", "+-+-", "-++-", "++++"],
            Enumerable.Range(0, 8).Select(r => string.Concat(Enumerable.Range(0, 4).Select(f => design.IsHigh(r, f) ? '+' : '-')))
        );
        Assert.Equal(16, FractionalFactorial.OfResolution(8, 4).Runs);
        Assert.Equal(64, FractionalFactorial.OfResolution(8, 5).Runs);
        Assert.Null(FractionalFactorial.OfResolution(3, 4).Resolution);
    }

    [Theory]
    [InlineData("D=AB", "E=AB")]
    [InlineData("D=AB", "D=AC")]
    [InlineData("A=BC", "E=AB")]
    [InlineData("D=A", "E=AB")]
    [InlineData("D=AZ", "E=AB")]
    [InlineData("nonsense", "E=AB")]
    public void Generators_that_make_no_design_are_refused(string first, string second) =>
        Assert.Throws<InputException>(() => FractionalFactorial.Of(5, [first, second]));

    [Fact]
    public void Impossible_sizes_are_refused_with_the_possible_ones() =>
        Assert.Contains("8, 16, 32", Assert.Throws<InputException>(() => FractionalFactorial.MinimumAberration(5, 12)).Message);
}
