// One path's stable vectors, drawn in blocks: the numbers depend on (seed, path) alone.
using Gaplab.Numerics;
using Gaplab.Theory.Escape;

namespace Gaplab.Theory.Levy;

internal sealed class NoiseBlocks
{
    private const int Block = 64;
    private readonly SymmetricStable _law;
    private readonly double[] _values;
    private readonly int _components;
    private readonly double _isotropicIndex;
    private RandomStream _stream = new(0), _radii = new(0);
    private int _at = Block;

    public NoiseBlocks(LevyNoise noise)
    {
        _components = noise.Components;
        _isotropicIndex = noise.Driver == NoiseDriver.Isotropic ? noise.Alpha / 2 : 0;
        // Isotropic: Gaussians of variance 2 times the root of a positive α/2-stable variate, one a vector.
        _law = new SymmetricStable(_isotropicIndex > 0 ? 2 : noise.Alpha);
        _values = new double[Block * _components];
    }

    public static ulong KeyOf(long seed, long path) => RandomStream.For(seed, "escape/noise", path).State;

    public void Start(long seed, long path)
    {
        _stream = new RandomStream(KeyOf(seed, path));
        if (_isotropicIndex > 0) _radii = RandomStream.For(seed, "escape/radius", path);
        _at = Block;
    }

    /// <summary>The next vector, [components].</summary>
    public ReadOnlySpan<double> Next()
    {
        if (_at == Block)
        {
            _law.Fill(_stream, _values);
            if (_isotropicIndex is > 0 and < 1)
                for (int n = 0; n < Block; n++)
                {
                    double root = Math.Sqrt(StableMap.Positive(_isotropicIndex, RandomUniform.Open(_radii), -Math.Log(RandomUniform.Open(_radii))));
                    foreach (ref double x in _values.AsSpan(n * _components, _components)) x *= root;
                }
            _at = 0;
        }
        return _values.AsSpan(_at++ * _components, _components);
    }
}
