// One path's stable vectors, drawn in blocks: the numbers depend on (seed, path) alone.
using Gaplab.Numerics.Stable;
using Gaplab.Numerics.Streams;
using Gaplab.Theory.Escape;

namespace Gaplab.Theory.Levy;

internal sealed class NoiseBlocks
{
    private const int Block = 64;
    private readonly SymmetricStable _law;
    private readonly PositiveStable? _squares;
    private readonly double[] _values,
        _radii;
    private readonly int _components;
    private RandomStream _stream = new(0),
        _radius = new(0);
    private int _at = Block;

    public NoiseBlocks(LevyNoise noise)
    {
        _components = noise.Components;
        // Isotropic: Gaussians of variance 2 times the root of a positive α/2-stable variate, one a vector (at α = 2 the constant 1).
        bool isotropic = noise.Driver == NoiseDriver.Isotropic;
        _law = new SymmetricStable(isotropic ? 2 : noise.Alpha);
        _squares = isotropic && noise.Alpha < 2 ? new PositiveStable(noise.Alpha / 2) : null;
        (_values, _radii) = (new double[Block * _components], new double[_squares is null ? 0 : Block]);
    }

    public static ulong KeyOf(long seed, long path) => RandomStream.For(seed, "escape/noise", path).State;

    public static ulong RadiusKeyOf(long seed, long path) => RandomStream.For(seed, "escape/radius", path).State;

    public void Start(long seed, long path)
    {
        (_stream, _radius) = (new RandomStream(KeyOf(seed, path)), new RandomStream(RadiusKeyOf(seed, path)));
        _at = Block;
    }

    /// <summary>The next vector, [components].</summary>
    public ReadOnlySpan<double> Next()
    {
        if (_at == Block)
        {
            _law.Fill(_stream, _values);
            if (_squares is not null)
            {
                _squares.Fill(_radius, _radii);
                for (int n = 0; n < Block; n++)
                {
                    double root = Math.Sqrt(_radii[n]);
                    foreach (ref double x in _values.AsSpan(n * _components, _components))
                        x *= root;
                }
            }
            _at = 0;
        }
        return _values.AsSpan(_at++ * _components, _components);
    }
}
