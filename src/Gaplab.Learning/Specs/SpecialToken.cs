// The token ids that stand for no text, the same in every vocabulary of sentence pairs; tasks write them and models read them.
namespace Gaplab.Learning.Specs;

/// <summary>Ids 0 … 2 of a vocabulary for sentence pairs.</summary>
/// <remarks>A pair is one row: S source ids (the sentence, end, padding), then T+1 target ids (begin, the sentence, end,
/// padding).</remarks>
internal static class SpecialToken
{
    /// <summary>Fills a row after the end of its sentence; it is never predicted and never attended to.</summary>
    public const int Padding = 0;

    /// <summary>What a decoder is first given.</summary>
    public const int Begin = 1;

    /// <summary>The last token of every sentence.</summary>
    public const int End = 2;

    /// <summary>How many there are.</summary>
    public const int Count = 3;
}
