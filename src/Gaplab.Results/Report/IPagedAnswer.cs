// An answer that has a page too.
using Gaplab.Results.Answers;

namespace Gaplab.Results.Report;

/// <summary>Lines, a JSON document and a page that say the same.</summary>
public interface IPagedAnswer : IAnswer
{
    /// <summary>The row of its page.</summary>
    PageKind Kind { get; }

    /// <summary>The page, a pure function of what was found; <see cref="Report.Generator"/> is filled in by who writes it.</summary>
    Report Page();
}
