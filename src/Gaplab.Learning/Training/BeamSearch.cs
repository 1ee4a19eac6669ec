// Translating with a model: the likeliest continuations of every source, kept side by side; one of them is greedy decoding.
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Torch;

namespace Gaplab.Learning.Training;

/// <summary>Beam search over a batch, all replicas and sources at once.</summary>
/// <remarks>
/// Finished hypotheses are ranked by log p / ((5 + n)/6)^0.6, n tokens with the end token (Wu et al. 2016, equation 14). A source is done
/// when as many hypotheses as the beam is wide have ended, or at the longest length, where those still open count as they are. Equal scores
/// go to the earlier beam, then the smaller id.
/// </remarks>
internal static class BeamSearch
{
    private const double LengthPower = 0.6;

    private readonly record struct Hypothesis(long[] Tokens, double Score)
    {
        // Tokens begin with the begin token, which does not count
        public double Rank => Score / Math.Pow((4.0 + Tokens.Length) / 6, LengthPower);
    }

    private readonly record struct Candidate(int Beam, long Token, double Score);

    /// <summary>theta [R, P], source int64 [R, B, S] -> for every replica and source the ids of the best hypothesis, without begin and end
    /// tokens.</summary>
    /// <param name="longest">T: the most tokens of a translation, its end token included.</param>
    /// <param name="beam">Hypotheses kept; 1 is greedy.</param>
    public static long[][][] Translate(IEncoderDecoder model, Tensor theta, Tensor source, int longest, int beam)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(beam, 1);
        using NoGradScope _ = Autograd.NoGrad();
        using var scope = new TensorScope();
        int replicas = (int)source.Size(0),
            batch = (int)source.Size(1),
            sources = replicas * batch;
        EncodedSource encoded = model.Encode(theta, source);
        var open = new Hypothesis[sources][];
        var ended = new List<Hypothesis>[sources];
        for (int s = 0; s < sources; s++)
            (open[s], ended[s]) = ([new Hypothesis([SpecialToken.Begin], 0)], []);
        for (int time = 1; time <= longest && ended.Any(e => e.Count < beam); time++)
        {
            using var step = new TensorScope();
            // The first step has one beginning a source, every later one a full beam; a source with fewer repeats its first.
            int width = time == 1 ? 1 : beam;
            long[] prefixes = new long[sources * width * time];
            for (int s = 0; s < sources; s++)
            for (int k = 0; k < width && open[s].Length > 0; k++)
                open[s][k < open[s].Length ? k : 0].Tokens.CopyTo(prefixes.AsSpan((s * width + k) * time, time));
            Tensor next = model
                .NextLogits(theta, encoded, Tensor.From<long>(prefixes, replicas, batch * width, time).ToDevice(theta.Device))
                .LogSoftmax(-1);
            int vocabulary = (int)next.Size(2);
            double[] logarithms = next.ToDoubles(); // [R, B·K, V]
            for (int s = 0; s < sources; s++)
                if (ended[s].Count < beam)
                    open[s] = Extend(open[s], ended[s], logarithms.AsSpan(s * width * vocabulary, width * vocabulary), vocabulary, beam);
        }
        long[][][] best = new long[replicas][][];
        for (int r = 0; r < replicas; r++)
            best[r] =
            [
                .. Enumerable.Range(r * batch, batch).Select(s => Best(ended[s].Count < beam ? [.. ended[s], .. open[s]] : ended[s])),
            ];
        return best;
    }

    private static Hypothesis[] Extend(Hypothesis[] open, List<Hypothesis> ended, ReadOnlySpan<double> logarithms, int vocabulary, int beam)
    {
        // Twice the beam: however many of the best end here, a full beam stays open.
        var top = new List<Candidate>(2 * beam + 1);
        for (int k = 0; k < open.Length; k++)
        {
            for (int token = 0; token < vocabulary; token++)
            {
                if (token is SpecialToken.Padding or SpecialToken.Begin)
                    continue;
                double score = open[k].Score + logarithms[k * vocabulary + token];
                if (double.IsNaN(score) || (top.Count == 2 * beam && score <= top[^1].Score))
                    continue;
                int at = top.Count;
                while (at > 0 && top[at - 1].Score < score)
                    at--;
                top.Insert(at, new Candidate(k, token, score));
                if (top.Count > 2 * beam)
                    top.RemoveAt(2 * beam);
            }
        }
        var next = new List<Hypothesis>(beam);
        for (int i = 0; i < top.Count && next.Count < beam; i++)
        {
            Candidate c = top[i];
            var longer = new Hypothesis([.. open[c.Beam].Tokens, c.Token], c.Score);
            if (c.Token != SpecialToken.End)
                next.Add(longer);
            else if (i < beam)
                ended.Add(longer);
        }
        return [.. next];
    }

    private static long[] Best(List<Hypothesis> hypotheses)
    {
        // A replica that has diverged has no likely continuation at all.
        if (hypotheses.Count == 0)
            return [];
        long[] tokens = hypotheses.MaxBy(h => h.Rank).Tokens;
        return tokens[^1] == SpecialToken.End ? tokens[1..^1] : tokens[1..];
    }
}
