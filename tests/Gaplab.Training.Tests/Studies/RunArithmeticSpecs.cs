// What a page says of runs that were computed with different libtorches or kernels.
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Running;

namespace Gaplab.Training.Tests.Studies;

public sealed class RunArithmeticSpecs
{
    private const string Old = """{"libtorch": "1.13.0", "blas": "OpenBLAS", "processor": "one"}""",
        New = """{"libtorch": "1.13.0", "blas": "OpenBLAS", "processor": "one", "kernels": "avx2", "numerics": 2}""";

    [Fact]
    public void Runs_of_two_kernel_sets_get_a_finding_that_counts_them()
    {
        Finding finding = Assert.Single(RunArithmetic.Findings([Old, New, New, null, "{", """{"device": "none"}"""]));
        Assert.Equal("mixed-arithmetic", finding.Kind.Id);
        Assert.Contains("1 run: libtorch 1.13.0, numerics 1, kernels blas", finding.Message, StringComparison.Ordinal);
        Assert.Contains("2 runs: libtorch 1.13.0, numerics 2, kernels avx2", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Old)]
    [InlineData(New)]
    public void Runs_of_one_arithmetic_get_none_whatever_their_processors(string made) =>
        Assert.Empty(RunArithmetic.Findings([made, made.Replace("\"one\"", "\"another\"", StringComparison.Ordinal)]));

    [Fact]
    public void A_run_begun_with_other_kernels_is_one_of_its_own()
    {
        string moved = New.TrimEnd('}') + $", \"begunWith\": {Old}}}";
        Assert.Contains(
            "1 run: libtorch 1.13.0, numerics 1, kernels blas and then libtorch 1.13.0, numerics 2, kernels avx2",
            Assert.Single(RunArithmetic.Findings([moved, New])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_reference_BLAS_is_named()
    {
        Finding finding = Assert.Single(RunArithmetic.Findings(["""{"libtorch": "1.13.0", "blas": "reference"}"""]));
        Assert.Equal("slow-blas", finding.Kind.Id);
    }

    [Fact]
    public void What_a_run_is_made_with_says_its_kernels_and_numerics_and_two_runs_of_this_machine_agree()
    {
        string here = RunEnvironment.Describe().ToJsonString();
        Assert.Contains($"\"kernels\":\"{Gaplab.Torch.TorchRuntime.Kernels}\"", here, StringComparison.Ordinal);
        Assert.Contains("\"numerics\":2", here, StringComparison.Ordinal);
        Assert.True(RunEnvironment.IsSameHere(here));
        Assert.True(ResultAgreement.IsSameNumerics(here, RunEnvironment.Describe().ToJsonString()));
        Assert.False(RunEnvironment.IsSameHere(Gaplab.Numerics.Files.JsonSeal.Close(Without(here, "numerics")).ToJsonString()));
    }

    private static System.Text.Json.Nodes.JsonObject Without(string environment, string key)
    {
        System.Text.Json.Nodes.JsonObject parsed = System.Text.Json.Nodes.JsonNode.Parse(environment)!.AsObject();
        parsed.Remove(key);
        parsed.Remove(Gaplab.Numerics.Files.JsonSeal.Key);
        return parsed;
    }
}
