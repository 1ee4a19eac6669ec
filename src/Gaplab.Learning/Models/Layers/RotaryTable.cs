// Cosines and sines of rotary positions, computed once for a context length.
using Gaplab.Torch;

namespace Gaplab.Learning.Models.Layers;

/// <summary>Angles t·θ^(−2e/E) for t = 0 … T-1, e = 0 … E/2-1, as two tables [T, E/2] (Su et al. 2021). Disabled, the tables are
/// empty.</summary>
internal sealed class RotaryTable(bool enabled, long headSize, double theta) : IDisposable
{
    private Tensor? _cosine,
        _sine;

    /// <summary>The tables for at least <paramref name="time"/> positions, in the element type and on the device of
    /// <paramref name="like"/>.</summary>
    public (Tensor Cosine, Tensor Sine) For(Tensor like, long time)
    {
        if (_cosine is not null && _cosine.Type == like.Type && _cosine.Device == like.Device && (!enabled || _cosine.Size(0) >= time))
            return (_cosine, _sine!);
        Dispose();
        long half = enabled ? headSize / 2 : 0,
            rows = enabled ? time : 0;
        double[] cosine = new double[rows * half],
            sine = new double[rows * half];
        for (long t = 0; t < rows; t++)
        for (long e = 0; e < half; e++)
            (sine[t * half + e], cosine[t * half + e]) = Math.SinCos(t * Math.Pow(theta, -2.0 * e / headSize));
        _cosine = Kept(cosine, rows, half, like);
        _sine = Kept(sine, rows, half, like);
        return (_cosine, _sine);
    }

    public void Dispose()
    {
        _cosine?.Dispose();
        _sine?.Dispose();
        _cosine = _sine = null;
    }

    // The table outlives the scope of the step that first needed it.
    private static Tensor Kept(double[] values, long rows, long half, Tensor like)
    {
        Tensor table = Tensor.From<double>(values, rows, half).ToType(like.Type).ToDevice(like.Device);
        return TensorScope.Release(table);
    }
}
