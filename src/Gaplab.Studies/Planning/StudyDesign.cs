// The design of a study in words: its factors, what is run, and for a fraction what it cannot tell apart.
using System.Globalization;
using Gaplab.Numerics.Statistics;

namespace Gaplab.Studies.Planning;

/// <summary>Describes the factors and the design of a study.</summary>
internal static class StudyDesign
{
    /// <summary>The words of a plan: what is run, and for a fraction what it cannot tell apart.</summary>
    public static IEnumerable<string> Describe(StudySpec study)
    {
        if (study.Factors.Count == 0)
            yield break;
        int treatments = study.Comparisons.Count(c => c.Setting == study.Comparisons[0].Setting);
        bool lettered = study.Design.Kind == "fractional";
        IEnumerable<string> factors = study.Factors.Select(
            (f, i) => $"{(lettered ? FractionalFactorial.Letter(i) + " " : "")}{f.Name}: {string.Join(", ", f.Levels)}"
        );
        yield return $"factors    {string.Join("; ", factors)}";
        if (!lettered)
        {
            yield return $"design     {study.Design.Kind}, {treatments} combinations of levels";
            yield break;
        }
        FractionalFactorial design = FractionalFactorial.Of(study.Factors.Count, study.Design.Generators);
        string fraction = design.Resolution is { } r
            ? $"resolution {Roman(r)}, {string.Join(", ", design.Generators)}"
            : "the full factorial";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"design     fractional, {design.Runs} of {1 << design.Factors} combinations, {fraction}"
        );
        if (design.Resolution is null)
            yield break;
        yield return $"aliases    I = {string.Join(" = ", design.DefiningWords.Select(FractionalFactorial.Name))}";
        for (int f = 0; f < design.Factors; f++)
            if (Short(design, 1 << f) is { Length: > 0 } aliases)
                yield return $"           {FractionalFactorial.Letter(f)} = {aliases}";
        var told = new HashSet<int>();
        for (int a = 0; a < design.Factors; a++)
        for (int b = a + 1; b < design.Factors; b++)
        {
            int pair = 1 << a | 1 << b;
            if (!told.Add(pair))
                continue;
            string aliases = Short(design, pair);
            foreach (int alias in design.Aliases(pair))
                told.Add(alias);
            if (aliases.Length > 0)
                yield return $"           {FractionalFactorial.Name(pair)} = {aliases}";
        }
    }

    // Aliases of up to two factors; more rarely matter.
    private static string Short(FractionalFactorial design, int effect) =>
        string.Join(
            " = ",
            design.Aliases(effect).Where(a => System.Numerics.BitOperations.PopCount((uint)a) <= 2).Select(FractionalFactorial.Name)
        );

    private static string Roman(int number) =>
        number switch
        {
            3 => "III",
            4 => "IV",
            5 => "V",
            6 => "VI",
            7 => "VII",
            8 => "VIII",
            9 => "IX",
            _ => "X",
        };
}
