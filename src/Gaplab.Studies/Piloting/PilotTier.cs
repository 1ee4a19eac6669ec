// What a pilot may cost, and what it does with it.
using Gaplab.Numerics;

namespace Gaplab.Studies.Piloting;

/// <summary>A price of a pilot.</summary>
/// <param name="Name">As the command line and files write it: "5%".</param>
/// <param name="Share">Of the training samples of the sweep's first round.</param>
/// <param name="Anchors">Cells of the whole length that it makes at most; null: as many as it can pay.</param>
public sealed record PilotTier(string Name, double Share, int? Anchors)
{
    /// <summary>The cheapest first.</summary>
    public static IReadOnlyList<PilotTier> All { get; } =
    [new("2%", 0.02, 0), new("5%", 0.05, 1), new("10%", 0.1, null), new("20%", 0.2, null)];

    /// <summary>The tier of a name; the cheapest where none is given.</summary>
    /// <exception cref="InputException">There is none of that name.</exception>
    public static PilotTier Of(string? name) =>
        name is null
            ? All[0]
            : All.FirstOrDefault(t => t.Name == name || t.Name == name + "%")
                ?? throw new InputException($"--cost got '{name}'; expected one of {string.Join(", ", All.Select(t => t.Name))}");
}
