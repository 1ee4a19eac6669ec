// The study file's "design": which combinations of the factors' levels are run.
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Studies.Yaml;

/// <summary>What the file says of the design.</summary>
internal sealed record DesignChoice
{
    /// <summary>"" is not said: fractional where one of the others is, else full.</summary>
    public string Kind { get; init; } = "";

    public IReadOnlyList<string> Generators { get; init; } = [];

    /// <summary>0 is not given, as <see cref="Resolution"/>.</summary>
    public int Runs { get; init; }

    public int Resolution { get; init; }
}

internal static class DesignSection
{
    private const string Full = "full",
        Fractional = "fractional",
        OneAtATime = "one-at-a-time";

    /// <summary>In place of a mapping the kind alone may stand.</summary>
    public static SpecKey<DesignChoice> Kind { get; } =
        SpecKey.Word<DesignChoice>(
            "kind",
            [Full, Fractional, OneAtATime],
            d => d.Kind,
            (d, v) => d with { Kind = v },
            "every combination of levels, a fraction of them (factors of two levels), or each factor alone against the first levels"
        ) with
        {
            DefaultText = "`full`, or `fractional` where one of the other keys is given",
        };

    /// <summary>Of a fraction; at most one of them is given.</summary>
    public static IReadOnlyList<SpecKey<DesignChoice>> OfFraction { get; } =
    [
        new()
        {
            Name = "generators",
            Says = "`D=ABC`, …, with the factors lettered in the order of the file",
            Form = KeyForm.Text,
            IsList = true,
            Reads = (s, key, design) => s.Texts(key.Name) is { } generators ? design with { Generators = generators } : design,
            Value = design => design.Generators,
        },
        Given(
            SpecKey.Whole<DesignChoice>(
                "runs",
                2,
                1 << FractionalFactorial.MostFactors,
                d => d.Runs,
                (d, v) => d with { Runs = v },
                "how many combinations: a power of two, of minimum aberration"
            ),
            ""
        ),
        Given(
            SpecKey.Whole<DesignChoice>(
                "resolution",
                3,
                FractionalFactorial.MostFactors,
                d => d.Resolution,
                (d, v) => d with { Resolution = v },
                "the least resolution: as few combinations as have it"
            ),
            "4"
        ),
    ];

    public static KeySection<DesignChoice> Section { get; } =
        new("design", "which combinations of the factors' levels are run", new DesignChoice(), [Kind, .. OfFraction])
        {
            Objection = Objection,
        };

    /// <summary>The design and its treatments: for each, the level of every factor. One treatment without levels where there are no
    /// factors.</summary>
    public static (DesignSpec Design, IReadOnlyList<int[]> Treatments) Read(StudySection root, IReadOnlyList<FactorKeys> factors)
    {
        int[] levels = [.. factors.Select(f => f.Spec.Levels.Count)];
        if (root.Has(Section.Name) && factors.Count == 0)
            throw root.Error(Section.Name, "'design' is given, but the study has no factors; expected factors");
        DesignChoice choice = root.IsMapping(Section.Name)
            ? Section.Read(root)
            : new DesignChoice { Kind = root.Choice(Section.Name, Full, Kind.Words) };
        string kind =
            choice.Kind.Length > 0 ? choice.Kind
            : choice.Generators.Count > 0 || choice.Runs > 0 || choice.Resolution > 0 ? Fractional
            : Full;
        if (kind != Fractional)
        {
            CheckCount(root, kind, levels);
            return (new DesignSpec { Kind = kind }, kind == Full ? Combinations(levels) : Alone(levels));
        }
        if (factors.FirstOrDefault(f => f.Spec.Levels.Count != 2) is { } other)
            throw root.Error(
                Section.Name,
                $"a fractional design has factors of two levels, '{other.Spec.Name}' has {other.Spec.Levels.Count}; expected two, or "
                    + $"design: full or one-at-a-time"
            );
        if (factors.Count is < 3 or > FractionalFactorial.MostFactors)
            throw root.Error(
                Section.Name,
                $"a fractional design of {factors.Count} factors; expected 3 to {FractionalFactorial.MostFactors} (design: full needs no "
                    + $"more runs for fewer)"
            );
        FractionalFactorial design = Fraction(root, choice, factors.Count);
        return (
            new DesignSpec { Kind = kind, Generators = design.Generators },
            [
                .. Enumerable
                    .Range(0, design.Runs)
                    .Select(run => (int[])[.. Enumerable.Range(0, design.Factors).Select(f => design.IsHigh(run, f) ? 1 : 0)]),
            ]
        );
    }

    private static InputException? Objection(StudySection s, DesignChoice design)
    {
        string[] given = [.. OfFraction.Select(k => k.Name).Where(s.Has)];
        return given.Length > 1 ? s.Error(given[1], $"'design' gives both {given[0]} and {given[1]}; expected one of them")
            : given.Length == 1 && design.Kind is Full or OneAtATime
                ? s.Error(
                    given[0],
                    $"'{s.Path(given[0])}' has no meaning for a design of kind {design.Kind}; it belongs to fractional ones"
                )
            : null;
    }

    private static SpecKey<DesignChoice> Given(SpecKey<DesignChoice> key, string byDefault) =>
        key with
        {
            DefaultText = byDefault,
            Reads = (s, own, design) => s.Has(own.Name) ? key.Reads(s, own, design) : design,
        };

    private static FractionalFactorial Fraction(StudySection root, DesignChoice choice, int factors)
    {
        try
        {
            return choice.Generators.Count > 0 ? FractionalFactorial.Of(factors, choice.Generators)
                : choice.Runs > 0 ? FractionalFactorial.MinimumAberration(factors, choice.Runs)
                : FractionalFactorial.OfResolution(factors, choice.Resolution > 0 ? choice.Resolution : 4);
        }
        catch (InputException e) when (!e.Message.Contains(':', StringComparison.Ordinal))
        {
            throw root.Error(Section.Name, e.Message);
        }
    }

    // Counted before anything is multiplied out.
    private static void CheckCount(StudySection root, string kind, int[] levels)
    {
        double count = kind == Full ? levels.Aggregate(1.0, (product, l) => product * l) : 1 + levels.Sum(l => l - 1.0);
        if (count <= ComparisonSections.MostComparisons)
            return;
        string design =
            kind == Full
                ? string.Join(" x ", levels.Take(12)) + (levels.Length > 12 ? " x …" : "")
                : $"{levels.Length} factors one at a time";
        throw root.Error(
            "factors",
            $"{design} are {count:0} combinations of levels; expected at most {ComparisonSections.MostComparisons}: a fractional design, "
                + "or one-at-a-time"
        );
    }

    private static List<int[]> Combinations(int[] levels)
    {
        var all = new List<int[]> { Array.Empty<int>() };
        foreach (int count in levels)
            all = [.. all.SelectMany(t => Enumerable.Range(0, count).Select(l => (int[])[.. t, l]))];
        return all;
    }

    private static List<int[]> Alone(int[] levels)
    {
        var all = new List<int[]> { new int[levels.Length] };
        for (int f = 0; f < levels.Length; f++)
        for (int l = 1; l < levels[f]; l++)
        {
            var one = new int[levels.Length];
            one[f] = l;
            all.Add(one);
        }
        return all;
    }
}
