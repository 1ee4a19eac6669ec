// Whether the data are those that a study was planned with.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data;

/// <summary>Runs are named by what their data hold: other data under the same path would be filed under the wrong name.</summary>
internal static class PlannedContent
{
    /// <param name="spec">With the planned <see cref="TaskSpec.Content"/>, or none.</param>
    /// <param name="content">What was found; null where data are generated.</param>
    /// <param name="name">Of the data, for the error.</param>
    /// <exception cref="InputException">Other data.</exception>
    public static void Check(TaskSpec spec, string? content, string? name)
    {
        if (spec.Content is { } planned && planned != content)
            throw new InputException(
                $"{name}: the data is not what the study was planned with (SHA-256 {content?[..16]}…, planned "
                    + $"{planned[..Math.Min(16, planned.Length)]}…); put the old data back or plan the study anew"
            );
    }
}
