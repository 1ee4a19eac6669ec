// The synthetic language: a first-order Markov chain whose stationary law is exactly Zipf's and whose entropy rate is exact.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Text;

/// <summary>
/// A Markov chain on tokens 0 … V-1 with stationary law π_i ∝ (i+1)^-s and transitions P = (1-d)·1πᵀ + d·Σ_m w_m K_m:
/// with weight 1-d the next token forgets the context, with weight d it is drawn from a coupling of π with itself.
/// </summary>
/// <remarks>
/// Coupling K_m: lay arcs of lengths π on the unit interval in one random order for the current token and in another for the
/// next; K_m(i, j) = |arc_i ∩ arc'_j| / π_i. A point that is uniform on the interval is in arc i with probability π_i and in
/// arc' j with probability π_j, so Σ_i π_i K_m(i, j) = π_j: every K_m, and hence P, keeps π exactly. As in a language, rare
/// tokens almost fix what follows and frequent ones are followed by many. The four couplings have weights ½, ¼, ⅛, ⅛; rows
/// have O(V) entries in all, so the entropy rate H = -Σ_i π_i Σ_j P_ij ln P_ij is an exact finite sum. (Ours.)
/// </remarks>
internal sealed class MarkovSource
{
    private const long Whole = 1L << 62;
    private static readonly double[] Weights = [0.5, 0.25, 0.125, 0.125];
    private readonly double[] _stationary,
        _cumulative;
    private readonly int[][] _next; // row i: the tokens its couplings lead to, ascending
    private readonly double[][] _probability; // row i: Σ_m w_m K_m over those

    /// <param name="vocabulary">V, 2 … 65,536.</param>
    /// <param name="exponent">Zipf's s ≥ 0; 0 is uniform.</param>
    /// <param name="dependence">d in [0, 1]; 0 is an i.i.d. source.</param>
    /// <param name="seed">Names the couplings and the text.</param>
    /// <exception cref="InputException">A value out of range, or d = 1 with couplings that do not connect all tokens.</exception>
    public MarkovSource(int vocabulary, double exponent, double dependence, long seed)
    {
        if (vocabulary is < 2 or > 65536)
            throw new InputException($"task.vocabulary is {vocabulary}; a markov source needs 2 to 65536 tokens");
        if (!(exponent is >= 0 and <= 10))
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"task.exponent is {exponent}; expected Zipf's exponent from 0 (uniform) to 10")
            );
        if (!(dependence is >= 0 and <= 1))
            throw new InputException(
                string.Create(CultureInfo.InvariantCulture, $"task.dependence is {dependence}; expected a weight from 0 (i.i.d.) to 1")
            );
        (Vocabulary, Exponent, Dependence, Seed) = (vocabulary, exponent, dependence, seed);
        long[] units = Zipf(vocabulary, exponent);
        _stationary = Array.ConvertAll(units, u => (double)u / Whole);
        _cumulative = Cumulative(_stationary);
        (_next, _probability) = Couple(units);
        if (dependence == 1 && !Connected())
            throw new InputException(
                $"task.dependence: 1 with source-seed {seed} gives a source whose tokens do not all reach each other; use a dependence "
                    + $"below 1 or another source-seed"
            );
        UnigramEntropy = -_stationary.Sum(p => p * Math.Log(p));
        EntropyRate = Rate();
    }

    public int Vocabulary { get; }
    public double Exponent { get; }
    public double Dependence { get; }
    public long Seed { get; }

    /// <summary>π, length V.</summary>
    public ReadOnlySpan<double> Stationary => _stationary;

    /// <summary>Entropy of π in nats: the loss of the best model that ignores the context.</summary>
    public double UnigramEntropy { get; }

    /// <summary>Entropy rate in nats a token: the loss that no model can beat on a long text.</summary>
    public double EntropyRate { get; }

    /// <summary>P(token → ·), length V.</summary>
    public double[] TransitionRow(int token)
    {
        var row = new double[Vocabulary];
        for (int j = 0; j < row.Length; j++)
            row[j] = (1 - Dependence) * _stationary[j];
        for (int k = 0; k < _next[token].Length; k++)
            row[_next[token][k]] += Dependence * _probability[token][k];
        return row;
    }

    /// <summary>The source's text: the first <paramref name="count"/> tokens of a chain started in π. A longer text begins with a shorter
    /// one.</summary>
    public TokenSequence Generate(long count)
    {
        if (count < 1 || count > Array.MaxLength)
            throw new InputException($"task.tokens is {count}; expected 1 to {Array.MaxLength}");
        double[][] cumulative = [.. _probability.Select(Cumulative)];
        RandomStream stream = RandomStream.For(Seed, "markov/text");
        var ids = new ushort[count];
        int token = Draw(_cumulative, stream.NextDouble());
        for (long t = 0; t < count; t++)
        {
            ids[t] = (ushort)token;
            double forget = stream.NextDouble(),
                u = stream.NextDouble();
            token = forget >= Dependence ? Draw(_cumulative, u) : _next[token][Draw(cumulative[token], u)];
        }
        return TokenSequence.Of(ids);
    }

    // Zipf's law in units of 2^-62: with integer arcs the couplings' rows and columns add up exactly, however rare a token is.
    private static long[] Zipf(int count, double exponent)
    {
        var law = new double[count];
        double sum = 0;
        for (int i = count - 1; i >= 0; i--)
            sum += law[i] = Math.Pow(i + 1, -exponent); // smallest first: no digits lost
        var units = new long[count];
        long rest = Whole;
        for (int i = count - 1; i > 0; i--)
            rest -= units[i] = Math.Max(1, (long)(law[i] / sum * Whole));
        units[0] = rest;
        return units;
    }

    private (int[][], double[][]) Couple(long[] units)
    {
        var rows = new SortedDictionary<int, double>[Vocabulary];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = [];
        for (int m = 0; m < Weights.Length; m++)
        {
            int[] now = Order(2 * m),
                next = Order(2 * m + 1);
            // Walk both layouts at once; what is left of the two current arcs decides how far they overlap.
            long left = units[now[0]],
                right = units[next[0]];
            for (int a = 0, b = 0; a < now.Length && b < next.Length; )
            {
                long overlap = Math.Min(left, right);
                rows[now[a]].TryGetValue(next[b], out double sum);
                rows[now[a]][next[b]] = sum + Weights[m] * ((double)overlap / units[now[a]]);
                left -= overlap;
                right -= overlap;
                if (left == 0 && ++a < now.Length)
                    left = units[now[a]];
                if (right == 0 && ++b < next.Length)
                    right = units[next[b]];
            }
        }
        return ([.. rows.Select(r => r.Keys.ToArray())], [.. rows.Select(r => r.Values.ToArray())]);
    }

    private int[] Order(int layout)
    {
        RandomStream stream = RandomStream.For(Seed, "markov/layout", layout);
        int[] order = [.. Enumerable.Range(0, Vocabulary)];
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = (int)stream.NextIndex(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    private double Rate()
    {
        // Outside a row's couplings P_ij = (1-d)π_j, whose terms are taken from one sum over all j.
        static double Term(double p) => p > 0 ? -p * Math.Log(p) : 0;
        double free = 1 - Dependence,
            all = _stationary.Sum(p => Term(free * p)),
            rate = 0;
        for (int i = 0; i < Vocabulary; i++)
        {
            double row = all;
            for (int k = 0; k < _next[i].Length; k++)
            {
                double independent = free * _stationary[_next[i][k]];
                row += Term(independent + Dependence * _probability[i][k]) - Term(independent);
            }
            rate += _stationary[i] * row;
        }
        return rate;
    }

    // π is positive and stationary, so every token is recurrent: reaching all from one is reaching each from each.
    private bool Connected()
    {
        var seen = new bool[Vocabulary];
        var open = new Stack<int>([0]);
        seen[0] = true;
        int count = 1;
        while (open.TryPop(out int i))
            foreach (int j in _next[i].Where(j => !seen[j]))
            {
                seen[j] = true;
                count++;
                open.Push(j);
            }
        return count == Vocabulary;
    }

    private static double[] Cumulative(double[] law)
    {
        var sums = new double[law.Length];
        double sum = 0;
        for (int i = 0; i < law.Length; i++)
            sums[i] = sum += law[i];
        for (int i = 0; i < law.Length; i++)
            sums[i] /= sum;
        return sums;
    }

    private static int Draw(double[] cumulative, double u)
    {
        int at = Array.BinarySearch(cumulative, u);
        return Math.Min(at < 0 ? ~at : at, cumulative.Length - 1);
    }

    /// <summary>The row of the catalogue.</summary>
    internal static TaskKind Kind { get; } =
        new()
        {
            Name = "markov",
            Says = "a generated language: a Markov chain whose tokens follow Zipf's law",
            Samples = SampleKind.Tokens,
            Defaults = new TaskSpec { Kind = "markov" },
            Keys =
            [
                TaskKey.Context,
                TaskKey.ValidationFraction,
                TaskKey.Vocabulary with
                {
                    DefaultText = "64",
                },
                TaskKey.Exponent,
                TaskKey.Tokens,
                TaskKey.Dependence,
                TaskKey.SourceSeed,
                TaskKey.LabelNoise,
            ],
            Generated = true,
            Load = spec => LanguageTask.Load(spec, Made),
            Facts = task =>
                [
                    new("", "Zipf–Markov source"),
                    new("exponent", string.Create(CultureInfo.InvariantCulture, $"exponent {task.Exponent}")),
                    new("dependence", string.Create(CultureInfo.InvariantCulture, $"dependence {task.Dependence}")),
                    new("tokens", $"{task.Tokens} tokens"),
                    TaskFact.Context(task),
                ],
            Elsewhere = ["zipf", "synthetic"],
        };

    private static LanguageTask Made(TaskSpec spec)
    {
        var source = new MarkovSource(spec.Vocabulary == 0 ? 64 : spec.Vocabulary, spec.Exponent, spec.Dependence, spec.SourceSeed);
        return LanguageTask.Split(
            spec with
            {
                Content = null,
            },
            "the markov source",
            source.Vocabulary,
            source.Generate(spec.Tokens),
            source: source
        );
    }
}
