// Momentum given as a half-life in samples, so that an optimizer forgets alike at every batch size.
namespace Gaplab.Studies.Planning;

/// <summary>β = 2^(-B/H): after H samples, H/B steps, a gradient's weight in the average is one half.</summary>
internal static class HalfLife
{
    /// <summary>β to 12 decimals, so that it is the same number, and the same run, on every machine.</summary>
    public static double Beta(int batch, double halfLife) => Math.Round(Math.Pow(2, -batch / halfLife), 12);
}
