// Molecule-like random graphs whose target is a known function of their structure.
using Gaplab.Numerics.Streams;

namespace Gaplab.Learning.Data.Graphs;

/// <summary>Random trees of at most four bonds an atom, with a few rings closed; the target is a sum over atoms plus one over rings, known
/// exactly. (Ours.)</summary>
/// <remarks>
/// Target: 0.5 a carbon, −0.7 a nitrogen, −1 an oxygen, and 1 for each independent cycle m − n + 1; of it 1.5 is taken for every bond
/// between a nitrogen and an oxygen.
/// So part of it is in the atoms, part in their bonds, and part in the whole graph. No noise: the least possible error is 0.
/// </remarks>
internal static class RandomMolecules
{
    private const int Valence = 4;

    public static List<(MolecularGraph Graph, double Target)> Make(int count, int nodes, long seed)
    {
        var made = new List<(MolecularGraph, double)>(count);
        for (int g = 0; g < count; g++)
        {
            RandomStream stream = RandomStream.For(seed, "random-molecules", g);
            int n = (int)(nodes - stream.NextIndex(Math.Max(1, nodes / 2 + 1)));
            string[] types = new string[n];
            int[] degree = new int[n];
            var edges = new List<(int From, int To, string Type)>();
            for (int v = 0; v < n; v++)
            {
                double u = stream.NextDouble();
                types[v] =
                    u < 0.6 ? "C"
                    : u < 0.8 ? "N"
                    : "O";
                if (v == 0)
                    continue;
                int to;
                do to = v - 1 - (int)stream.NextIndex(Math.Min(v, 4));
                while (degree[to] >= Valence);
                Join(v, to);
            }
            for (int ring = (int)stream.NextIndex(4); ring > 0 && n > 4; ring--)
            {
                int a = (int)stream.NextIndex(n),
                    b = (int)stream.NextIndex(n);
                if (
                    a != b
                    && degree[a] < Valence
                    && degree[b] < Valence
                    && !edges.Any(e => (e.From == a && e.To == b) || (e.From == b && e.To == a))
                )
                    Join(a, b);
            }
            made.Add((new MolecularGraph(types, edges, []), Target(types, edges)));

            void Join(int a, int b)
            {
                edges.Add((a, b, "bond"));
                degree[a]++;
                degree[b]++;
            }
        }
        return made;
    }

    internal static double Target(IReadOnlyList<string> types, IReadOnlyList<(int From, int To, string Type)> edges) =>
        types.Sum(t =>
            t switch
            {
                "C" => 0.5,
                "N" => -0.7,
                _ => -1.0,
            }
        )
        + (edges.Count - types.Count + 1)
        - 1.5 * edges.Count(e => (types[e.From], types[e.To]) is ("N", "O") or ("O", "N"));
}
