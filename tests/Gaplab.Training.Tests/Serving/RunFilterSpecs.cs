// The filter of the table of runs: what is typed means what it says, and what cannot be meant is refused in one line.
using Gaplab.Numerics;
using Gaplab.Serving;

namespace Gaplab.Training.Tests.Serving;

public sealed class RunFilterSpecs
{
    private static readonly RunRow s_adam = new(
        "0123456789abcdef",
        "adam/B=64",
        "",
        "adam",
        64,
        0.0316227766,
        "",
        2,
        RunState.Completed,
        3.25,
        0.5,
        12,
        "",
        true
    );
    private static readonly RunRow s_lost = s_adam with
    {
        Id = "fedcba9876543210",
        Optimizer = "sgd",
        Batch = 8,
        State = RunState.Missing,
        Value = double.NaN,
        Reason = "killed: signal 9 (2 attempts)",
        IsTuned = false,
    };

    [Theory]
    [InlineData("", true, true)]
    [InlineData("optimizer=adam", true, false)]
    [InlineData("optimizer!=adam", false, true)]
    [InlineData("OPTIMIZER", false, false)]
    [InlineData("optimizer=ADAM", true, false)]
    [InlineData("batch>=64", true, false)]
    [InlineData("batch<64", false, true)]
    [InlineData("batch>64", false, false)]
    [InlineData("lr=0.03162", true, true)]
    [InlineData("lr<=0.0316", true, true)]
    [InlineData("state=missing", false, true)]
    [InlineData("signal", false, true)]
    [InlineData("tuned=yes batch=64 adam", true, false)]
    [InlineData("value<4", true, false)]
    [InlineData("id=0123456789abcdef", true, false)]
    [InlineData("0123456", true, false)]
    public void All_conditions_must_hold(string text, bool adam, bool lost)
    {
        RunFilter filter = RunFilter.Parse(text);
        Assert.Equal((adam, lost), (filter.Matches(s_adam), filter.Matches(s_lost)));
    }

    [Theory]
    [InlineData("colour=red", "'colour' is no column")]
    [InlineData("batch>many", "expected a number")]
    public void What_cannot_be_meant_is_refused(string text, string said) =>
        Assert.Contains(said, Assert.Throws<InputException>(() => RunFilter.Parse(text)).Message, StringComparison.Ordinal);
}
