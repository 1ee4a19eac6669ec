// What takes long is run by ./test --all, and visibly skipped by ./test.
using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Gaplab.Tests;

/// <summary>Whether the long stages run.</summary>
public static class LongStage
{
    internal const string Why = "takes long: set GAPLAB_TEST_ALL=1 or use ./test --all";

    public static bool Runs => Environment.GetEnvironmentVariable("GAPLAB_TEST_ALL") == "1";

    /// <summary>Skips the rest of a test of the long stages.</summary>
    /// <param name="why">E.g. "runs PyTorch".</param>
    internal static void OrSkip(string why = "takes minutes") =>
        Assert.SkipUnless(Runs, $"{why}: set GAPLAB_TEST_ALL=1 or use ./test --all");
}

/// <summary>A row of a theory that is of a kind with its other rows: the long stages run it, the short ones a few of the kind.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class LongInlineDataAttribute(params object?[] data) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([new TheoryDataRow(data) { Skip = LongStage.Runs ? null : LongStage.Why }]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
