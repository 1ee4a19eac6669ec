// The BLEU of every replica's translations of validation sentences.
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Models;
using Gaplab.Numerics.Statistics;
using Gaplab.Torch;

namespace Gaplab.Learning.Training;

/// <summary>Decodes evenly spaced validation sources and scores them against their targets as these stand in the file.</summary>
internal static class TranslationScore
{
    /// <summary>BLEU of each replica [R] on <paramref name="wanted"/> sentences (0 = all).</summary>
    public static double[] OfValidation(IEncoderDecoder model, TranslationTask task, Tensor theta, int wanted, int beam, int microBatch)
    {
        int replicas = (int)theta.Size(0),
            size = task.SampleLength;
        int sentences = Math.Max(1, microBatch / beam);
        long count = task.ValidationCount(wanted);
        var references = new List<string>();
        List<string>[] hypotheses = [.. Enumerable.Range(0, replicas).Select(_ => new List<string>())];
        for (long first = 0; first < count; first += sentences)
        {
            using var scope = new TensorScope();
            int rows = (int)Math.Min(sentences, count - first);
            long[] tokens = new long[rows * size];
            task.FillValidation(wanted, first, tokens);
            Tensor source = Tensor
                .From<long>(tokens, 1, rows, size)
                .Narrow(2, 0, task.SourceContext)
                .Expand(replicas, rows, task.SourceContext);
            long[][][] found = BeamSearch.Translate(model, theta, source, task.Context, beam);
            for (int r = 0; r < replicas; r++)
                hypotheses[r].AddRange(found[r].Select(ids => task.TextOf(ids)));
            for (int b = 0; b < rows; b++)
                references.Add(task.ValidationReference(wanted, first + b));
        }
        return [.. hypotheses.Select(h => Bleu.OfCorpus(h, references))];
    }
}
