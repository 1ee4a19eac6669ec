// Genomes: FASTA as it occurs, broken files, strands, and the generated genome's known loss.
using System.IO.Compression;
using System.Text;
using Gaplab.Learning.Data.Genomes;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Data;

public sealed class GenomeTaskSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(false), InlineData(true)]
    public void Bases_of_all_records_are_read_whatever_their_case(bool packed)
    {
        string path = Write("x.fa", ">one description\nACGT\nacgu\r\n\n>two\nRYA" + new string('N', 100) + "T\n", packed);
        using GenomeTask task = Load(path, 4, 0.5);
        Assert.Equal("ACGTACGT" + new string('N', 16) + "A" + new string('N', 16) + "T", All(path));
    }

    [Fact]
    public void Soft_masked_bases_can_be_hidden() => Assert.Equal("ACNT", All(Write("x.fa", ">a\nACgT\n"), hide: true));

    [Fact]
    public void A_sample_is_its_window_or_that_windows_reverse_complement()
    {
        string path = Write("x.fa", ">a\n" + string.Concat(Enumerable.Range(0, 400).Select(i => "ACGTN"[i * i * 7 % 31 % 5])) + "\n");
        using GenomeTask plain = Load(path, 8, 0.2),
            both = GenomeTask.Load(
                new TaskSpec
                {
                    Kind = "fasta",
                    Path = path,
                    Context = 8,
                    ValidationFraction = 0.2,
                    ReverseComplement = true,
                }
            );
        int turned = 0;
        const int Samples = 200;
        for (int k = 0; k < Samples; k++)
        {
            long[] one = new long[9],
                other = new long[9];
            plain.FillBatch(3, k, one);
            both.FillBatch(3, k, other);
            long[] complement = [.. one.Reverse().Select(b => b == 4 ? 4 : 3 - b)];
            if (other.SequenceEqual(complement) && !other.SequenceEqual(one))
                turned++;
            else
                Assert.Equal(one, other);
        }
        // Binomial(200, ½): 4.2 standard deviations are 30.
        Assert.InRange(turned, 70, 130);
    }

    [Fact]
    public void Validation_bases_are_no_training_bases()
    {
        string path = Write("x.fa", ">a\n" + new string('A', 300) + new string('C', 100) + "\n");
        using GenomeTask task = Load(path, 10, 0.25);
        long[] row = new long[11];
        for (int k = 0; k < 100; k++)
        {
            task.FillBatch(1, k, row);
            Assert.All(row, b => Assert.Equal(0, b));
        }
        task.FillValidation(0, 0, row);
        Assert.All(row, b => Assert.Equal(1, b));
    }

    [Theory]
    [InlineData("", "is empty; expected FASTA")]
    [InlineData("ACGT\n", "line 1 begins with 'A' before any record")]
    [InlineData(">a\nAC\nACEFT\n", "line 3 holds 'E', which is no nucleotide")]
    [InlineData(">a\nAC\u00e9\n", "line 2 holds byte 0xC3, which is not ASCII")]
    [InlineData(">a\n>b\n", "holds no base")]
    [InlineData(">a\nACGTACGT\n", "bases, but one sequence of context 64 needs 65")]
    [InlineData("\n\n", "holds no record")]
    public void A_broken_file_gets_one_clear_line(string text, string expected)
    {
        string path = Write("x.fa", text);
        var error = Assert.Throws<InputException>(() => Load(path, 64, 0.1));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory, InlineData(0.3), InlineData(0.99)]
    public void An_archive_that_was_cut_off_is_refused(double kept)
    {
        byte[] whole = File.ReadAllBytes(
            Write(
                "x.fa.gz",
                ">a\n"
                    + string.Concat(Enumerable.Range(0, 5000).Select(i => "ACGT"[(int)(RandomStream.For(1, "test", i).NextIndex(4))]))
                    + "\n",
                packed: true
            )
        );
        string path = _folder.Write("cut.fa.gz", whole[..(int)(whole.Length * kept)]);
        Assert.Contains("cut off", Assert.Throws<InputException>(() => Load(path, 8, 0.1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_motifs_the_least_loss_is_the_chains_entropy_rate()
    {
        var source = new GenomeSource(2, 0.7, 0, 10, 0.5, 5);
        (Nucleotides text, double least) = source.Generate(400_000, 0);
        double[] stationary = Stationary(source.Transitions, 16);
        double rate = 0;
        for (int c = 0; c < 16; c++)
        for (int b = 0; b < 4; b++)
            rate -= stationary[c] * source.Transitions[c * 4 + b] * Math.Log(source.Transitions[c * 4 + b]);
        // The standard deviation of −ln p is about 0.6 nats: 0.001 of the mean; five of them.
        Assert.InRange(least, rate - 0.005, rate + 0.005);
        Assert.Equal(400_000, text.Length);
    }

    [Fact]
    public void With_motifs_the_least_loss_lies_between_those_of_one_who_sees_them_and_one_who_ignores_them()
    {
        const int Count = 300_000;
        var source = new GenomeSource(1, 0.6, 4, 12, 0.03, 9);
        (Nucleotides text, double least) = source.Generate(Count, 0);
        // Who ignores motifs pays the text's conditional entropy given one base, measured on it.
        long[] ids = new long[Count];
        text.Read(0, ids);
        double[,] pairs = new double[4, 4];
        for (int i = 1; i < Count; i++)
            pairs[ids[i - 1], ids[i]]++;
        double ignoring = 0;
        for (int a = 0; a < 4; a++)
        {
            double row = Enumerable.Range(0, 4).Sum(b => pairs[a, b]);
            for (int b = 0; b < 4; b++)
                ignoring -= pairs[a, b] / Count * Math.Log(pairs[a, b] / row);
        }
        // Who sees where a motif runs pays nothing inside and, outside, the background's entropy at most, plus that of beginning one.
        double share = 0.97 / (0.97 + 0.03 * 12);
        Assert.True(least < ignoring - 0.01, $"{least} against {ignoring}");
        Assert.True(least > 0.5 * share * ignoring);
    }

    private static double[] Stationary(ReadOnlySpan<double> transition, int contexts)
    {
        double[] law = [.. Enumerable.Repeat(1.0 / contexts, contexts)];
        for (int i = 0; i < 2000; i++)
        {
            double[] next = new double[contexts];
            for (int c = 0; c < contexts; c++)
            for (int b = 0; b < 4; b++)
                next[((c << 2) | b) & (contexts - 1)] += law[c] * transition[c * 4 + b];
            law = next;
        }
        return law;
    }

    private static string All(string path, bool hide = false)
    {
        Nucleotides bases = FastaFile.Read(path, hide);
        long[] ids = new long[bases.Length];
        bases.Read(0, ids);
        return string.Concat(ids.Select(i => "ACGTN"[(int)i]));
    }

    private static GenomeTask Load(string path, int context, double validation) =>
        GenomeTask.Load(
            new TaskSpec
            {
                Kind = "fasta",
                Path = path,
                Context = context,
                ValidationFraction = validation,
            }
        );

    private string Write(string name, string text, bool packed = false)
    {
        if (!packed)
            return _folder.Write(name, text);
        string path = _folder.File(name);
        using var file = File.Create(path);
        using var gzip = new GZipStream(file, CompressionLevel.Optimal);
        gzip.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }
}
