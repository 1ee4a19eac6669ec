// What is kept of a series of noise vectors: chosen coordinates and the norm of each, all coordinates of a few.
using Gaplab.Learning.Training;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Gaplab.Learning.Diagnostics;

/// <summary>Arrays of a probe file: NAME [count, coordinates], NAME.norm [count], NAME.whole [kept, coordinates of a whole one].</summary>
internal sealed class NoiseRecord(string name, int count, int kept, NoiseCoordinates coordinates, NoiseCoordinates whole)
{
    private readonly double[] _rows = new double[count * coordinates.Indices.Count],
        _norms = new double[count],
        _whole = new double[Math.Min(kept, count) * whole.Indices.Count];
    private int _seen;

    public void Add(ReadOnlySpan<double> noise)
    {
        int width = coordinates.Indices.Count,
            wide = whole.Indices.Count,
            wholes = Math.Min(kept, count);
        coordinates.Gather(noise, _rows.AsSpan(_seen * width, width));
        _norms[_seen] = TensorPrimitives.Norm(noise);
        // Evenly spaced, the last one at the end: neighbours of an average are nearly the same vector.
        for (int i = 0; i < wholes; i++)
            if ((i + 1) * (long)count / wholes - 1 == _seen)
                whole.Gather(noise, _whole.AsSpan(i * wide, wide));
        _seen++;
    }

    public void AddTo(IDictionary<string, ProbeArray> arrays)
    {
        arrays[name] = new ProbeArray([count, coordinates.Indices.Count], _rows);
        arrays[name + NoiseFile.Norm] = ProbeArray.Vector(_norms);
        arrays[name + ".whole"] = new ProbeArray([Math.Min(kept, count), whole.Indices.Count], _whole);
    }
}
