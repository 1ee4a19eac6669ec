// Which tensors of a layout are matrices between hidden layers: those that Muon orthogonalises.
using Gaplab.Learning.Params;

namespace Gaplab.Learning.Optim;

/// <summary>A tensor of two dimensions that is neither a table of vectors nor the output head.</summary>
internal static class HiddenMatrices
{
    // A part of a name, cut at dots, that is one of these or ends in one is a table or a head: "embedding", "source-embedding",
    // "relative-bias".
    private static readonly string[] Tables = ["embedding", "embeddings", "positions", "bias", "head"];

    public static bool Contains(ParamSlice slice)
    {
        ArgumentNullException.ThrowIfNull(slice);
        return slice.Shape.Length == 2
            && !slice.Name.Split('.').Any(part => Tables.Any(t => part == t || part.EndsWith("-" + t, StringComparison.Ordinal)));
    }
}
