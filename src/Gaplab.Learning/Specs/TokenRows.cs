// How a row of a task of tokens holds what a model sees and what it predicts.
namespace Gaplab.Learning.Specs;

/// <summary>The three forms of a row; T is the context.</summary>
public enum TokenRows
{
    /// <summary>T+1 tokens: position t predicts token t+1.</summary>
    Shifted,

    /// <summary>T inputs, then T targets: a target need not be the next input (label noise, arrays of targets).</summary>
    Apart,

    /// <summary>T inputs of which some are hidden, then the n positions to predict, then their n targets (Devlin et al. 2019, section
    /// 3.1).</summary>
    Masked,
}

/// <summary>Which form a task has.</summary>
internal static class TokenRowForm
{
    /// <summary>The fraction of positions that a masked objective predicts (Devlin et al. 2019).</summary>
    public const double MaskedFraction = 0.15;

    /// <summary>A masked objective has rows of its own; noisy targets stand apart from the inputs; everything else is shifted.</summary>
    public static TokenRows Of(TaskSpec task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Objective == "masked" ? TokenRows.Masked
            : task.LabelNoise > 0 || task.TargetArray is not null ? TokenRows.Apart
            : TokenRows.Shifted;
    }

    /// <summary>n: 15% of the context, at least one.</summary>
    public static int MaskedCount(int context) => Math.Max(1, (int)Math.Round(MaskedFraction * context));

    /// <summary>Integers in a row.</summary>
    public static int Length(TokenRows rows, int context) =>
        rows switch
        {
            TokenRows.Apart => 2 * context,
            TokenRows.Masked => context + 2 * MaskedCount(context),
            _ => context + 1,
        };
}
