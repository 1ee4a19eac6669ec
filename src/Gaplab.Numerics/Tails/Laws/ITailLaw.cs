// A family of laws that can be fitted to a sample, evaluated and drawn from.
using Gaplab.Numerics.Streams;

namespace Gaplab.Numerics.Tails.Laws;

/// <summary>A family of laws for goodness of fit.</summary>
internal interface ITailLaw
{
    string Name { get; }

    /// <summary>Whether the law is of |x|; zeros are left out then.</summary>
    bool OfMagnitudes { get; }

    /// <summary>Fits the family; null where the sample allows no fit.</summary>
    /// <param name="sorted">Ascending; magnitudes where <see cref="OfMagnitudes"/>.</param>
    IFittedLaw? Fit(double[] sorted);
}

/// <summary>One law of a family.</summary>
internal interface IFittedLaw
{
    IReadOnlyDictionary<string, double> Parameters { get; }

    /// <summary>P(X ≤ x) of ascending x.</summary>
    void Cumulative(ReadOnlySpan<double> x, Span<double> result);

    /// <summary>Independent draws.</summary>
    void Draw(RandomStream stream, Span<double> destination);
}
