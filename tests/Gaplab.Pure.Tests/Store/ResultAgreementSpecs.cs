// When two makings of one run must have the same bits.
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Store;

public sealed class ResultAgreementSpecs
{
    private const string Old = """
        {"libtorch": "1.13.0", "blas": "b", "processor": "p", "architecture": "X64", "threads": 1, "device": "cpu"}
        """;

    [Fact]
    public void Two_runs_of_versions_before_kernels_were_named_agree() => Assert.True(ResultAgreement.IsSameNumerics(Old, Old));

    [Theory]
    [InlineData("avx2", 2, "avx2", 2, true)]
    [InlineData("avx2", 2, "avx512", 2, false)]
    [InlineData("avx2", 2, "avx2", 3, false)]
    public void Kernels_and_numerics_count(string kernels, int numerics, string others, int otherNumerics, bool same) =>
        Assert.Equal(same, ResultAgreement.IsSameNumerics(With(kernels, numerics), With(others, otherNumerics)));

    [Fact]
    public void A_run_from_before_them_does_not_agree_with_one_from_after() =>
        Assert.False(ResultAgreement.IsSameNumerics(Old, With("blas", 2)));

    [Fact]
    public void A_run_that_does_not_say_its_libtorch_agrees_with_none() =>
        Assert.False(ResultAgreement.IsSameNumerics("""{"blas": "b"}""", """{"blas": "b"}"""));

    private static string With(string kernels, int numerics) =>
        Old.Trim().TrimEnd('}') + $", \"kernels\": \"{kernels}\", \"numerics\": {numerics}}}";
}
