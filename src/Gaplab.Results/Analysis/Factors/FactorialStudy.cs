// What a factor analysis must know of a study: its factors and which combinations of levels were run.
using Gaplab.Numerics.Statistics;

namespace Gaplab.Results.Analysis;

/// <summary>A factor and its levels; the first is the reference.</summary>
public sealed record Factor(string Name, IReadOnlyList<string> Levels);

/// <summary>A study whose comparisons differ in factors. The comparisons of its sweep have keys "setting" (where there are several) and
/// one of each factor's name.</summary>
/// <param name="Factors">In the order of the design's letters.</param>
/// <param name="Design">"full", "fractional" or "one-at-a-time".</param>
/// <param name="Generators">Of a fractional design: "D=ABC", …</param>
public sealed record FactorialStudy(IReadOnlyList<Factor> Factors, string Design, IReadOnlyList<string> Generators)
{
    /// <summary>The level of each factor in a comparison; null when the comparison is none of the study's.</summary>
    internal int[]? LevelsOf(ComparisonKey key)
    {
        var levels = new int[Factors.Count];
        for (int f = 0; f < levels.Length; f++)
        {
            string? value = key.Pairs.Where(p => p.Key == Factors[f].Name).Select(p => p.Value).FirstOrDefault();
            levels[f] = value is null ? -1 : Factors[f].Levels.ToList().IndexOf(value);
            if (levels[f] < 0)
                return null;
        }
        return levels;
    }

    internal static string SettingOf(ComparisonKey key) =>
        key.Pairs.Where(p => p.Key == ComparisonKey.Setting).Select(p => p.Value).FirstOrDefault() ?? "";

    /// <summary>The effects that the design can estimate, each as weights of its treatments.</summary>
    /// <param name="treatments">The levels of each treatment that has results.</param>
    internal IReadOnlyList<Contrast> Contrasts(IReadOnlyList<int[]> treatments) =>
        Design switch
        {
            "fractional" => Fractional(treatments),
            "one-at-a-time" => OneAtATime(treatments),
            _ => Full(treatments),
        };

    private List<Contrast> OneAtATime(IReadOnlyList<int[]> treatments)
    {
        var contrasts = new List<Contrast>();
        for (int f = 0; f < Factors.Count; f++)
        for (int level = 1; level < Factors[f].Levels.Count; level++)
        {
            int factor = f,
                to = level;
            contrasts.Add(
                Weigh(
                    Step(f, level),
                    [f],
                    [],
                    treatments,
                    t =>
                        t.All(l => l == 0) ? -1
                        : t[factor] == to && t.Where((_, i) => i != factor).All(l => l == 0) ? 1
                        : 0,
                    1,
                    1
                )
            );
        }
        return contrasts;
    }

    private List<Contrast> Full(IReadOnlyList<int[]> treatments)
    {
        int all = Factors.Aggregate(1, (n, f) => n * f.Levels.Count);
        var contrasts = new List<Contrast>();
        for (int f = 0; f < Factors.Count; f++)
        for (int level = 1; level < Factors[f].Levels.Count; level++)
        {
            (int factor, int to, int each) = (f, level, all / Factors[f].Levels.Count);
            contrasts.Add(
                Weigh(
                    Step(f, level),
                    [f],
                    [],
                    treatments,
                    t =>
                        t[factor] == to ? 1
                        : t[factor] == 0 ? -1
                        : 0,
                    each,
                    each
                )
            );
        }
        for (int f = 0; f < Factors.Count; f++)
        for (int g = f + 1; g < Factors.Count; g++)
        for (int level = 1; level < Factors[f].Levels.Count; level++)
        for (int other = 1; other < Factors[g].Levels.Count; other++)
        {
            (int a, int b, int u, int v) = (f, g, level, other);
            int each = 2 * (all / (Factors[f].Levels.Count * Factors[g].Levels.Count));
            contrasts.Add(
                Weigh(
                    $"{Step(f, level)} × {Step(g, other)}",
                    [f, g],
                    [],
                    treatments,
                    t =>
                        (t[a] == u || t[a] == 0) && (t[b] == v || t[b] == 0)
                            ? (t[a] == u) == (t[b] == v)
                                ? 1
                                : -1
                            : 0,
                    each,
                    each
                )
            );
        }
        return contrasts;
    }

    private List<Contrast> Fractional(IReadOnlyList<int[]> treatments)
    {
        FractionalFactorial design = FractionalFactorial.Of(Factors.Count, Generators);
        int half = design.Runs / 2;
        var contrasts = new List<Contrast>();
        var told = new HashSet<int>();
        int[] mains = [.. Enumerable.Range(0, Factors.Count).Select(f => 1 << f)];
        IEnumerable<int> pairs =
            from a in Enumerable.Range(0, Factors.Count)
            from b in Enumerable.Range(a + 1, Factors.Count - a - 1)
            select 1 << a | 1 << b;
        foreach (int effect in mains.Concat(pairs))
        {
            if (!told.Add(effect))
                continue;
            IReadOnlyList<int> aliases = design.Aliases(effect);
            foreach (int alias in aliases)
                told.Add(alias);
            int[] members = Members(effect);
            contrasts.Add(
                Weigh(
                    Name(effect),
                    members,
                    [.. aliases.Where(a => Members(a).Length <= 2).Select(Name)],
                    treatments,
                    t => members.Aggregate(1, (sign, f) => t[f] == 1 ? sign : -sign),
                    half,
                    half
                )
            );
        }
        return contrasts;

        int[] Members(int effect) => [.. Enumerable.Range(0, Factors.Count).Where(f => (effect >> f & 1) != 0)];
        string Name(int effect) => string.Join(" × ", Members(effect).Select(f => Step(f, 1)));
    }

    private string Step(int factor, int level) =>
        Factors[factor].Levels.Count == 2 ? Factors[factor].Name : $"{Factors[factor].Name} ({Factors[factor].Levels[level]})";

    // Complete only when as many treatments have results as the design asks for on either side.
    private Contrast Weigh(
        string name,
        int[] factors,
        string[] aliases,
        IReadOnlyList<int[]> treatments,
        Func<int[], int> sign,
        int plus,
        int minus
    )
    {
        int[] signs = [.. treatments.Select(sign)];
        bool complete = signs.Count(s => s > 0) == plus && signs.Count(s => s < 0) == minus;
        string from = factors.Length == 1 ? Factors[factors[0]].Levels[0] : "",
            to = "";
        if (factors.Length == 1 && treatments.Where((_, i) => signs[i] > 0).FirstOrDefault() is { } reached)
            to = Factors[factors[0]].Levels[reached[factors[0]]];
        return new Contrast(
            name,
            from,
            to,
            [.. factors.Select(f => Factors[f].Name)],
            aliases,
            complete
                ?
                [
                    .. signs.Select(s =>
                        s > 0 ? 1.0 / plus
                        : s < 0 ? -1.0 / minus
                        : 0
                    ),
                ]
                : null
        );
    }
}

/// <summary>An effect as weights of treatments.</summary>
/// <param name="From">The reference level of a main effect, and the level it goes <paramref name="To"/>; empty for an interaction.</param>
/// <param name="Aliases">What the design cannot tell it from, up to two factors.</param>
/// <param name="Weights">One a treatment; null when results are missing.</param>
internal sealed record Contrast(
    string Name,
    string From,
    string To,
    IReadOnlyList<string> Factors,
    IReadOnlyList<string> Aliases,
    double[]? Weights
);
