// The study file's "grid": what is varied for every optimizer alike.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Yaml;

internal static class GridSection
{
    /// <summary>Batch sizes; each has a row of its own in every report.</summary>
    public static SpecKey<GridSpec> Batch { get; } =
        new()
        {
            Name = "batch",
            Says = "batch sizes, in samples",
            Form = KeyForm.Integer,
            Least = 1,
            Most = 1 << 30,
            IsList = true,
            MostValues = StudyFile.MostNames,
            Required = "a list of batch sizes",
            Reads = (s, key, grid) =>
                s.Integers(key.Name, (long)key.Least, (long)key.Most) is { } sizes
                    ? grid with
                    {
                        Batches = [.. sizes.Select(b => (int)b).Order()],
                    }
                    : grid,
            Value = grid => grid.Batches.Count > 0 ? grid.Batches : null,
        };

    public static SpecKey<GridSpec> Seeds { get; } =
        new()
        {
            Name = "seeds",
            Says = "a number (4 is the seeds 1, 2, 3, 4) or a list. A seed determines the initial weights and the order of the samples",
            Form = KeyForm.Integer,
            Least = 1,
            Most = 10_000,
            IsList = true,
            InList = (0, double.PositiveInfinity),
            DefaultText = "4",
            Reads = (s, key, grid) =>
                s.IsList(key.Name) ? grid with { Seeds = [.. s.Integers(key.Name, (long)key.InList!.Value.Least)!.Order()] }
                : s.Has(key.Name)
                    ? grid with
                    {
                        Seeds = [.. Enumerable.Range(1, (int)s.Integer(key.Name, 0, (long)key.Least, (long)key.Most)).Select(i => (long)i)],
                    }
                : grid,
            Value = grid => grid.Seeds,
        };

    public static SpecKey<GridSpec> Beta { get; } =
        SpecKey.Numbers<GridSpec>(
            "beta",
            0,
            1,
            g => g.Betas,
            (g, v) => g with { Betas = v },
            "momentum = β₁ = β₂ = β for every optimizer alike, the protocol of the 2026 study",
            openAbove: true
        );

    public static SpecKey<GridSpec> HalfLives { get; } =
        SpecKey.Numbers<GridSpec>(
            "half-life",
            0,
            double.PositiveInfinity,
            g => g.HalfLives,
            (g, v) => g with { HalfLives = v },
            "in samples: β = 2^(−B/H), so that an optimizer forgets at the same rate, in samples, at every batch size",
            open: true
        );

    public static KeySection<GridSpec> Section { get; } =
        new("grid", "what is varied for every optimizer alike", new GridSpec { Batches = [] }, Batch, Seeds, Beta, HalfLives)
        {
            Objection = Objection,
        };

    private static InputException? Objection(StudySection s, GridSpec grid)
    {
        if (grid.Batches.Count > Batch.MostValues)
            return s.Error(Batch.Name, $"'grid.batch' holds {grid.Batches.Count} batch sizes; expected at most {Batch.MostValues}");
        if (grid.Betas.Count > 0 && grid.HalfLives.Count > 0)
            return s.Error(HalfLives.Name, "'grid.half-life' and 'grid.beta' are both given; expected one of them");
        foreach (double halfLife in grid.HalfLives)
        foreach (int batch in grid.Batches)
            if (HalfLife.Beta(batch, halfLife) is not (> 0 and < 1) and var beta)
                return s.Error(
                    HalfLives.Name,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"'grid.half-life' {halfLife} gives β = {beta} at batch size {batch}; expected one between 0 and 1: "
                            + $"{(beta >= 1 ? "a smaller half-life" : $"at least about {batch / 20.0:0.#} samples")}"
                    )
                );
        return null;
    }
}
