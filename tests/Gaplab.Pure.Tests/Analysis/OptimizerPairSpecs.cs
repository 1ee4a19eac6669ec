// How two optimizers are named, and which are meant when none are.
using Gaplab.Numerics;
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Analysis;

public sealed class OptimizerPairSpecs
{
    [Theory]
    [InlineData("sgd,adam", "sgd", "adam")]
    [InlineData("lion,adam,sgd", "sgd", "adam")]
    [InlineData("lion,adam,muon", "lion", "adam")]
    [InlineData("adam", "sgd", "adam")]
    [InlineData("sgd", "sgd", "adam")]
    [InlineData("lion", "lion", "adam")]
    public void Nothing_named_is_sgd_and_adam_or_the_first_two(string names, string first, string second) =>
        Assert.Equal(new OptimizerPair(first, second), OptimizerPair.Default(names.Split(',')));

    [Theory]
    [InlineData("sgd,adam")]
    [InlineData(" SGD , Adam ")]
    public void Capitals_and_blanks_are_no_matter(string text) =>
        Assert.Equal(new OptimizerPair("sgd", "adam"), OptimizerPair.Parse(text, ["adam", "sgd", "lion"]));

    [Fact]
    public void The_order_is_the_one_typed() =>
        Assert.Equal(new OptimizerPair("adam", "sgd"), OptimizerPair.Parse("adam,sgd", ["sgd", "adam"]));

    [Theory]
    [InlineData("sgd", "expected two optimizers")]
    [InlineData("sgd,", "expected two optimizers")]
    [InlineData("sgd,adam,lion", "expected two optimizers")]
    [InlineData("sgd,SGD", "one optimizer twice")]
    [InlineData("sgd,adamw", "no optimizer 'adamw'; expected two of sgd, adam; nearest valid name 'adam'")]
    public void Anything_else_is_one_line(string text, string says) =>
        Assert.Contains(
            says,
            Assert.Throws<InputException>(() => OptimizerPair.Parse(text, ["sgd", "adam"])).Message,
            StringComparison.Ordinal
        );
}
