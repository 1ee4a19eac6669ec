// Two-level fractional factorial designs: generators, defining words, aliases, and the search for minimum aberration.
using System.Numerics;

namespace Gaplab.Numerics.Statistics;

/// <summary>A regular 2^(k−p) design: k factors at two levels in 2^(k−p) runs (Box and Hunter 1961).</summary>
/// <remarks>Factors are bits: factor 0 is A. The first k−p vary as a full factorial in standard order, each further one is the
/// product of a set of those. Signs are +1 for the second level and −1 for the first; every generator is positive (the principal
/// fraction).</remarks>
public sealed class FractionalFactorial
{
    /// <summary>The most factors that a design may have: beyond them the search takes too long.</summary>
    public const int MostFactors = 10;

    private readonly int[] _columns;

    private FractionalFactorial(int basic, int[] columns)
    {
        (Basic, _columns) = (basic, columns);
        DefiningWords = Words(basic, columns);
    }

    /// <summary>k.</summary>
    public int Factors => _columns.Length;

    /// <summary>k−p: the factors that vary freely.</summary>
    public int Basic { get; }

    public int Runs => 1 << Basic;

    /// <summary>The products that are constant over the runs, as sets of factors, without the empty one; by size, then value. Empty for a
    /// full factorial.</summary>
    public IReadOnlyList<int> DefiningWords { get; }

    /// <summary>The length of the shortest defining word: III aliases main effects with two-factor interactions, IV these among each other.
    /// Null for a full factorial.</summary>
    public int? Resolution => DefiningWords.Count == 0 ? null : BitOperations.PopCount((uint)DefiningWords[0]);

    /// <summary>How many defining words have length 3, 4, … k.</summary>
    public IReadOnlyList<int> WordLengths =>
        [
            .. Enumerable
                .Range(3, Math.Max(0, Factors - 2))
                .Select(length => DefiningWords.Count(w => BitOperations.PopCount((uint)w) == length)),
        ];

    /// <summary>Whether a factor is at its second level in a run.</summary>
    public bool IsHigh(int run, int factor) => BitOperations.PopCount((uint)(_columns[factor] & ~run)) % 2 == 0;

    /// <summary>The sign of an effect (a set of factors) in a run: −1 or +1.</summary>
    public int Sign(int run, int effect)
    {
        int sign = 1;
        for (int f = 0; f < Factors; f++)
            if ((effect >> f & 1) != 0 && !IsHigh(run, f))
                sign = -sign;
        return sign;
    }

    /// <summary>The effects that no run tells from this one, by size, then value; the effect itself is left out.</summary>
    public IReadOnlyList<int> Aliases(int effect) =>
        [.. DefiningWords.Select(w => w ^ effect).Where(w => w != 0).OrderBy(w => BitOperations.PopCount((uint)w)).ThenBy(w => w)];

    /// <summary>"D=ABC", one for each factor beyond the basic ones.</summary>
    public IReadOnlyList<string> Generators =>
        [.. Enumerable.Range(Basic, Factors - Basic).Select(f => $"{Letter(f)}={Name(_columns[f])}")];

    /// <summary>The letters of an effect: "AC".</summary>
    public static string Name(int effect) => string.Concat(Enumerable.Range(0, 31).Where(f => (effect >> f & 1) != 0).Select(Letter));

    /// <summary>A … H, J, K: the letter I is the identity's.</summary>
    public static string Letter(int factor) => ((char)('A' + factor + (factor >= 8 ? 1 : 0))).ToString();

    /// <summary>A full two-level factorial.</summary>
    public static FractionalFactorial Full(int factors) => new(factors, [.. Enumerable.Range(0, factors).Select(f => 1 << f)]);

    /// <summary>The design of least aberration: of all, the fewest words of length 3, among those the fewest of length 4, and so on (Fries
    /// and Hunter 1980). Found by trying all; of equals the first.</summary>
    /// <param name="factors">At most <see cref="MostFactors"/>.</param>
    /// <param name="runs">A power of two, above <paramref name="factors"/> and at most 2^factors.</param>
    public static FractionalFactorial MinimumAberration(int factors, int runs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factors, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(factors, MostFactors);
        if (!BitOperations.IsPow2(runs) || runs <= factors || runs > 1 << factors)
            throw new InputException(
                $"a two-level design of {factors} factors cannot have {runs} runs; expected {string.Join(", ", Sizes(factors))}"
            );
        int basic = BitOperations.Log2((uint)runs);
        int[] products = [.. Enumerable.Range(1, runs - 1).Where(m => BitOperations.PopCount((uint)m) > 1)];
        int[]? best = null,
            pattern = null;
        foreach (int[] chosen in Combinations(products, factors - basic))
        {
            int[] columns = [.. Enumerable.Range(0, basic).Select(f => 1 << f), .. chosen],
                lengths = new int[factors + 1];
            foreach (int word in Raw(basic, columns))
                lengths[BitOperations.PopCount((uint)word)]++;
            if (pattern is not null && lengths.AsSpan().SequenceCompareTo(pattern) >= 0)
                continue;
            (best, pattern) = (columns, lengths);
        }
        return new FractionalFactorial(basic, best!);
    }

    /// <summary>The smallest design of at least this resolution; the full factorial where no fraction has it.</summary>
    public static FractionalFactorial OfResolution(int factors, int resolution) =>
        Sizes(factors).Select(runs => MinimumAberration(factors, runs)).First(d => d.Resolution is null || d.Resolution >= resolution);

    /// <summary>Run counts that a design of so many factors may have, ascending.</summary>
    public static IReadOnlyList<int> Sizes(int factors) =>
        [.. Enumerable.Range(1, factors).Select(b => 1 << b).Where(runs => runs > factors)];

    /// <summary>The design of stated generators, each a later factor as a product of basic ones: "D=ABC".</summary>
    /// <exception cref="InputException">Not of that form, a factor without or with two generators, or main effects aliased with each
    /// other.</exception>
    public static FractionalFactorial Of(int factors, IReadOnlyList<string> generators)
    {
        int basic = factors - generators.Count;
        string letters = Name((1 << factors) - 1);
        var columns = new int[factors];
        for (int f = 0; f < Math.Max(0, basic); f++)
            columns[f] = 1 << f;
        foreach (string generator in generators)
        {
            string[] sides = generator.ToUpperInvariant().Split('=', StringSplitOptions.TrimEntries);
            int made = sides.Length == 2 && sides[0].Length == 1 ? letters.IndexOf(sides[0], StringComparison.Ordinal) : -1;
            int product =
                sides.Length != 2 || sides[1].Any(c => !letters.Contains(c, StringComparison.Ordinal))
                    ? 0
                    : sides[1].Aggregate(0, (m, c) => m ^ (1 << letters.IndexOf(c, StringComparison.Ordinal)));
            if (basic < 1 || made < basic || product == 0 || product >= 1 << basic)
                throw new InputException(
                    $"the generator '{generator}' does not fit {factors} factors with {generators.Count} generators; expected one of "
                        + $"{letters[Math.Max(0, basic)..]} as a product of {letters[..Math.Max(0, basic)]}, such as "
                        + $"{letters[^1]}={letters[..Math.Max(1, basic)]}"
                );
            if (columns[made] != 0)
                throw new InputException($"the factor {sides[0]} has two generators; expected one");
            columns[made] = product;
        }
        var design = new FractionalFactorial(basic, columns);
        return design.Resolution is null or > 2
            ? design
            : throw new InputException(
                $"the generators {string.Join(", ", generators)} make {Name(design.DefiningWords[0])} constant, so main effects cannot be "
                    + $"told apart; expected products of two or more factors, each another"
            );
    }

    private static int[] Words(int basic, int[] columns) =>
        [.. Raw(basic, columns).OrderBy(w => BitOperations.PopCount((uint)w)).ThenBy(w => w)];

    private static int[] Raw(int basic, int[] columns)
    {
        int added = columns.Length - basic;
        var words = new int[(1 << added) - 1];
        for (int set = 1; set <= words.Length; set++)
        {
            int word = 0;
            for (int g = 0; g < added; g++)
                if ((set >> g & 1) != 0)
                    word ^= columns[basic + g] | 1 << (basic + g);
            words[set - 1] = word;
        }
        return words;
    }

    private static IEnumerable<int[]> Combinations(int[] items, int count)
    {
        int[] at = [.. Enumerable.Range(0, count)];
        while (true)
        {
            yield return [.. at.Select(i => items[i])];
            int move = count - 1;
            while (move >= 0 && at[move] == items.Length - count + move)
                move--;
            if (move < 0)
                yield break;
            at[move]++;
            for (int i = move + 1; i < count; i++)
                at[i] = at[i - 1] + 1;
        }
    }
}
