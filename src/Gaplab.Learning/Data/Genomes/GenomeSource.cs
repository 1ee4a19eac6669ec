// A genome whose law is known: a Markov chain of bases with planted motifs.
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Genomes;

/// <summary>
/// Bases by a Markov chain of order k with random transitions; outside a motif one begins with probability p, chosen uniformly, and gives
/// its bases one after the other.
/// </summary>
/// <remarks>
/// A context's transition law is (1−d)/4 + d·w with w uniform on the simplex. Whether a motif runs is not visible, so the entropy rate has
/// no closed form; the loss of the best predictor, −ln of the probability of each base given all before it, is computed exactly along the
/// text by the forward algorithm (Rabiner 1989). (Ours.)
/// </remarks>
internal sealed class GenomeSource
{
    private readonly int _contexts,
        _length;
    private readonly double _rate;
    private readonly double[] _transition; // [4^k, 4]
    private readonly byte[][] _motifs;
    private readonly long _seed;

    public GenomeSource(int order, double dependence, int motifs, int motifLength, double motifRate, long seed)
    {
        (_contexts, _length, _rate, _seed) = (1 << (2 * order), motifLength, motifs == 0 ? 0 : motifRate, seed);
        _transition = new double[_contexts * 4];
        RandomStream laws = RandomStream.For(seed, "genome/transitions"),
            planted = RandomStream.For(seed, "genome/motifs");
        for (int c = 0; c < _contexts; c++)
        {
            double sum = 0;
            for (int b = 0; b < 4; b++)
                sum += _transition[c * 4 + b] = -Math.Log(laws.NextDouble());
            for (int b = 0; b < 4; b++)
                _transition[c * 4 + b] = (1 - dependence) / 4 + dependence * _transition[c * 4 + b] / sum;
        }
        _motifs = new byte[motifs][];
        for (int m = 0; m < motifs; m++)
        {
            _motifs[m] = new byte[motifLength];
            for (int j = 0; j < motifLength; j++)
                _motifs[m][j] = (byte)planted.NextIndex(4);
        }
    }

    /// <summary>P(next base | context of k bases, no motif), [4^k, 4]; a context's last base is its lowest digit to base 4.</summary>
    public ReadOnlySpan<double> Transitions => _transition;

    /// <summary>The text, and the mean loss in nats of the best predictor on its bases from <paramref name="from"/> on.</summary>
    public (Nucleotides Text, double LeastLoss) Generate(long count, long from)
    {
        var text = new Nucleotides();
        RandomStream stream = RandomStream.For(_seed, "genome/text");
        int context = (int)stream.NextIndex(_contexts),
            motif = -1,
            at = 0;
        // The probabilities of what is hidden: no motif runs, or motif m has given j bases (1 ≤ j < length).
        double outside = 1,
            loss = 0;
        double[,] inside = new double[_motifs.Length, _length + 1];
        double[] prediction = new double[4];
        for (long t = 0; t < count; t++)
        {
            double u = stream.NextDouble(),
                v = stream.NextDouble();
            if (motif < 0 && u < _rate)
                (motif, at) = ((int)Math.Min(_motifs.Length - 1, u / _rate * _motifs.Length), 0);
            int drawn = 0;
            if (motif >= 0)
            {
                drawn = _motifs[motif][at];
                if (++at == _length)
                    motif = -1;
            }
            else
            {
                for (double sum = _transition[context * 4]; v >= sum && drawn < 3; sum += _transition[context * 4 + ++drawn]) { }
            }
            text.Add(drawn);

            double began = outside * _rate / Math.Max(1, _motifs.Length),
                free = outside * (1 - _rate);
            for (int b = 0; b < 4; b++)
                prediction[b] = free * _transition[context * 4 + b];
            for (int m = 0; m < _motifs.Length; m++)
            {
                prediction[_motifs[m][0]] += began;
                for (int j = 1; j < _length; j++)
                    prediction[_motifs[m][j]] += inside[m, j];
            }
            double probability = prediction[drawn];
            if (t >= from)
                loss -= Math.Log(probability);
            outside = free * _transition[context * 4 + drawn] / probability;
            for (int m = 0; m < _motifs.Length; m++)
            {
                if (_motifs[m][_length - 1] == drawn)
                    outside += (_length == 1 ? began : inside[m, _length - 1]) / probability;
                for (int j = _length - 1; j >= 1; j--)
                    inside[m, j] = _motifs[m][j - 1] == drawn ? (j == 1 ? began : inside[m, j - 1]) / probability : 0;
            }
            context = ((context << 2) | drawn) & (_contexts - 1);
        }
        return (text, loss / Math.Max(1, count - from));
    }
}
