// BLEU of a corpus by sacreBLEU's definition: 13a tokens, case kept, 4-grams, exponential smoothing, brevity penalty.
using System.Text.RegularExpressions;

namespace Gaplab.Numerics.Statistics;

/// <summary>Corpus BLEU on a scale of 0 to 100.</summary>
/// <remarks>Papineni et al. 2002 with the defaults of Post 2018 (signature case:mixed, eff:no, tok:13a, smooth:exp).</remarks>
public static partial class Bleu
{
    private const int Order = 4;

    /// <summary>The BLEU of some hypotheses.</summary>
    /// <param name="hypotheses">One a sentence.</param>
    /// <param name="references">One list or more, each with a reference a sentence; of several, the one nearest in length counts as the
    /// reference's length.</param>
    /// <exception cref="ArgumentException">No references, or not as many as hypotheses.</exception>
    public static double OfCorpus(IReadOnlyList<string> hypotheses, params IReadOnlyList<IReadOnlyList<string>> references)
    {
        ArgumentNullException.ThrowIfNull(hypotheses);
        ArgumentNullException.ThrowIfNull(references);
        if (references.Count == 0 || references.Any(r => r.Count != hypotheses.Count))
            throw new ArgumentException(
                $"{hypotheses.Count} hypotheses and {string.Join(", ", references.Select(r => r.Count))} references; expected a reference "
                    + $"a hypothesis",
                nameof(references)
            );
        long[] matches = new long[Order],
            totals = new long[Order];
        long length = 0,
            referenceLength = 0;
        for (int i = 0; i < hypotheses.Count; i++)
        {
            string[] hypothesis = Tokens(hypotheses[i]);
            string[][] known = [.. references.Select(r => Tokens(r[i]))];
            length += hypothesis.Length;
            referenceLength += known.Select(k => k.Length).OrderBy(n => Math.Abs(n - hypothesis.Length)).ThenBy(n => n).First();
            for (int n = 1; n <= Order; n++)
            {
                Dictionary<string, int>[] counts = [.. known.Select(k => Counts(k, n))];
                foreach ((string gram, int count) in Counts(hypothesis, n))
                    matches[n - 1] += Math.Min(count, counts.Max(c => c.GetValueOrDefault(gram)));
                totals[n - 1] += Math.Max(0, hypothesis.Length - n + 1);
            }
        }
        return Score(matches, totals, length, referenceLength);
    }

    /// <summary>mteval-v13a's tokens: punctuation apart, but not a point or comma inside a number.</summary>
    public static string[] Tokens(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string line = text.TrimEnd()
            .Replace("<skipped>", "", StringComparison.Ordinal)
            .Replace("-\n", "", StringComparison.Ordinal)
            .Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal)
            .Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal);
        line = Punctuation().Replace($" {line} ", " $1 ");
        line = PointAfterOther().Replace(line, "$1 $2 ");
        line = PointBeforeOther().Replace(line, " $1 $2");
        line = DashAfterDigit().Replace(line, "$1 $2 ");
        return line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    private static double Score(long[] matches, long[] totals, long length, long referenceLength)
    {
        // An order without any n-gram has precision 0 and no smoothing; an order with n-grams but no match gets 1/2, 1/4, … of a match.
        if (matches.All(m => m == 0) || totals.Any(t => t == 0))
            return 0;
        double halved = 1,
            logarithms = 0;
        for (int n = 0; n < Order; n++)
            logarithms += Math.Log(matches[n] > 0 ? (double)matches[n] / totals[n] : 1 / ((halved *= 2) * totals[n]));
        double brevity = length < referenceLength ? Math.Exp(1 - (double)referenceLength / length) : 1;
        return 100 * brevity * Math.Exp(logarithms / Order);
    }

    private static Dictionary<string, int> Counts(string[] tokens, int n)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i + n <= tokens.Length; i++)
        {
            string gram = string.Join(' ', tokens, i, n);
            counts[gram] = counts.GetValueOrDefault(gram) + 1;
        }
        return counts;
    }

    [GeneratedRegex(@"([\{-\~\[-\` -\&\(-\+\:-\@\/])")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"([^0-9])([\.,])")]
    private static partial Regex PointAfterOther();

    [GeneratedRegex(@"([\.,])([^0-9])")]
    private static partial Regex PointBeforeOther();

    [GeneratedRegex(@"([0-9])(-)")]
    private static partial Regex DashAfterDigit();
}
