// Run states by the words of trackers, tuners and schedulers; what is not known never counts as finished.
using Gaplab.Pure.Tests.Analysis;
using Gaplab.Results.Analysis;

namespace Gaplab.Pure.Tests.Import;

public sealed class RunStateSpecs
{
    /// <summary>The sweep with the state of a tool, and one run cut off at a value that would win.</summary>
    private static string Table(string finished, string cut, string column = "status") =>
        SweepText.Csv(
            $"trial_id,{column},optimizer,lr,batch_size,seed,val_loss",
            r => $"{r.Optimizer}{r.Rate}-{r.Batch}-{r.Seed},{finished},{r.Optimizer},{r.Rate},{r.Batch},{r.Seed},{r.Value}"
        ) + $"x,{cut},sgd,0.2,16,1,0.1\n";

    [Theory]
    [InlineData("COMPLETE", "PRUNED")]
    [InlineData("COMPLETE", "FAIL")]
    [InlineData("COMPLETE", "FAILED")]
    [InlineData("COMPLETE", "WAITING")]
    [InlineData("TrialState.COMPLETE", "TrialState.PRUNED")]
    [InlineData("FINISHED", "KILLED")]
    [InlineData("FINISHED", "SCHEDULED")]
    [InlineData("TERMINATED", "ERROR")]
    [InlineData("TERMINATED", "PAUSED")]
    [InlineData("COMPLETED", "CANCELLED by 1000")]
    [InlineData("COMPLETED", "CANCELLED+")]
    [InlineData("COMPLETED", "TIMEOUT")]
    [InlineData("COMPLETED", "OUT_OF_MEMORY")]
    [InlineData("COMPLETED", "NODE_FAIL")]
    [InlineData("COMPLETED", "PREEMPTED")]
    [InlineData("finished", "crashed")]
    [InlineData("finished", "preempting")]
    [InlineData("Succeeded", "Unknown")]
    [InlineData("Succeeded", "OOMKilled")]
    [InlineData("COMPLETED", "EARLY_STOPPED")]
    [InlineData("COMPLETED", "ABANDONED")]
    [InlineData("completed", "terminated")]
    [InlineData("SUCCEEDED", "USER_CANCELED")]
    [InlineData("True", "False")]
    public void A_run_that_was_cut_off_never_wins(string finished, string cut)
    {
        SweepTable table = SweepText.IsRead(Table(finished, cut));
        Assert.Equal(RunStatus.Missing, table.Rows.Single(r => r.LearningRate == 0.2).Status);
        Assert.DoesNotContain(table.Findings!, f => f.Id == "unknown-state");
    }

    [Theory]
    [InlineData("ZOMBIFIED")]
    [InlineData("code 137")]
    public void An_unknown_word_is_missing_with_a_warning_and_a_caveat(string word)
    {
        SweepTable table = SweepText.IsRead(Table("finished", word));
        Assert.Equal(RunStatus.Missing, table.Rows.Single(r => r.LearningRate == 0.2).Status);
        Assert.Contains(
            table.Findings!,
            f => f is { Id: "unknown-state", Severity: Severity.Warning } && f.Message.Contains(word, StringComparison.Ordinal)
        );
        Assert.Contains("unknown run states taken as missing", table.Caveats);
    }

    [Fact]
    public void A_word_that_tools_use_for_opposite_things_is_unknown_where_no_tool_explains_all() =>
        Assert.Contains(
            Sweeps
                .FromCsv(
                    Table("finished", "terminated")
                        .Replace("x,terminated", "y,warped,sgd,0.2,64,1,0.1\nx,terminated", StringComparison.Ordinal)
                )
                .Findings!,
            f =>
                f.Id == "unknown-state"
                && f.Message.Contains("terminated", StringComparison.Ordinal)
                && f.Message.Contains("warped", StringComparison.Ordinal)
        );

    [Fact]
    public void A_table_of_unknown_words_only_is_refused() =>
        Assert.Contains("--map status=ignore", SweepText.Refusal(Table("grün", "rot")), StringComparison.Ordinal);

    [Theory]
    [InlineData("diverged")]
    [InlineData("NaN")]
    public void A_state_can_say_that_a_run_diverged(string word) =>
        Assert.Equal(RunStatus.Diverged, Sweeps.FromCsv(Table("finished", word)).Rows.Single(r => r.LearningRate == 0.2).Status);

    [Fact]
    public void An_empty_state_says_nothing() =>
        Assert.Equal(RunStatus.Usable, Sweeps.FromCsv(Table("finished", "")).Rows.Single(r => r.LearningRate == 0.2).Status);
}
