// What of a probe sets steps by signs apart from steps by gradients, in the parameters' own axes and in turned ones.
namespace Gaplab.Theory.GapModel;

/// <summary>The gradient g and the Hessian H of all n parameters at the point, s = sign(g). "Turned": in random orthogonal bases of every
/// tensor. Null: not measured, or not defined there.</summary>
/// <remarks>The best step along −s lowers the second-order model by ‖g‖₁²/(2sᵀHs), the best along −g by ‖g‖₂⁴/(2gᵀHg) (Balles, Pedregosa
/// and Le Roux 2020, with the curvature along the step in place of its bound).</remarks>
public sealed record ProbeGeometry
{
    /// <summary>‖g‖₁²/(n‖g‖₂²), 1 where all coordinates are of one size, 1/n where one is alone (Bernstein, Wang, Azizzadenesheli and
    /// Anandkumar 2018).</summary>
    public double? GradientDensity { get; init; }

    /// <summary>What the best step along −s gains over the best along −g; null unless the curvature along both is positive.</summary>
    public double? SignGain { get; init; }

    /// <summary>The same for the signs of the turned gradient.</summary>
    public double? TurnedSignGain { get; init; }

    /// <summary>By key, in the order of the file.</summary>
    internal IEnumerable<(string Key, double? Value)> Values =>
        [("gradientDensity", GradientDensity), ("signGain", SignGain), ("turnedSignGain", TurnedSignGain)];
}
