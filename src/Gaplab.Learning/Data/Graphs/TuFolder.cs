// Graph sets in the format of TU Dortmund's collection: one file for edges, one for which graph a node is in, and so on.
using System.Globalization;
using System.Text;
using Gaplab.Learning.Data.Text;
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Graphs;

/// <summary>Reads NAME_A, NAME_graph_indicator and NAME_graph_labels (classes) or NAME_graph_attributes (numbers), and where there are,
/// NAME_node_labels, NAME_node_attributes, NAME_edge_labels (Morris et al. 2020).</summary>
internal static class TuFolder
{
    // Attributes of a node: the largest of the collection have some thousands.
    private const int MostFields = 1 << 16;

    /// <returns>Graphs with targets; the number of classes, or 0 where targets are numbers. Classes are numbered from 0 in the order of
    /// their labels.</returns>
    /// <exception cref="InputException">Files that are missing, broken or disagree, with the line.</exception>
    public static (List<(MolecularGraph Graph, double Target)> Graphs, int Classes) Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InputException(
                $"{folder}: is no folder; expected the one with NAME_A.txt, NAME_graph_indicator.txt and NAME_graph_labels.txt"
            );
        string[] edgeFiles = [.. Directory.GetFiles(folder, "*_A.txt").Order(StringComparer.Ordinal)];
        if (edgeFiles.Length != 1)
            throw new InputException($"{folder}: holds {edgeFiles.Length} files named …_A.txt; expected one graph set in TU format");
        string stem = edgeFiles[0][..^"_A.txt".Length];
        string indicatorFile = stem + "_graph_indicator.txt";
        double[][] indicator = Numbers(indicatorFile, 1),
            pairs = Numbers(edgeFiles[0], 2);
        bool classes = File.Exists(stem + "_graph_labels.txt");
        string targetFile = classes ? stem + "_graph_labels.txt" : stem + "_graph_attributes.txt";
        double[][] targets = Numbers(targetFile, classes ? 1 : 0);
        double[][]? labels = Optional("_node_labels.txt", indicator.Length, "nodes"),
            attributes = Optional("_node_attributes.txt", indicator.Length, "nodes"),
            edgeLabels = Optional("_edge_labels.txt", pairs.Length, "edges");

        var nodes = Enumerable.Range(0, targets.Length).Select(_ => new List<int>()).ToArray();
        int[] graphOf = new int[indicator.Length],
            local = new int[indicator.Length];
        for (int v = 0; v < indicator.Length; v++)
        {
            double graph = indicator[v][0];
            if (graph != Math.Floor(graph) || graph < 1 || graph > targets.Length)
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{indicatorFile}: line {v + 1} names graph {graph}; {targetFile} has graphs 1 to {targets.Length}"
                    )
                );
            (graphOf[v], local[v]) = ((int)graph - 1, nodes[(int)graph - 1].Count);
            nodes[graphOf[v]].Add(v);
        }
        if (Array.FindIndex(nodes, n => n.Count == 0) is >= 0 and var empty)
            throw new InputException($"{indicatorFile}: graph {empty + 1} has no nodes; {targetFile} has {targets.Length} graphs");
        var edges = nodes.Select(_ => new Dictionary<(int, int), string>()).ToArray();
        for (int e = 0; e < pairs.Length; e++)
        {
            int[] ends = new int[2];
            for (int side = 0; side < 2; side++)
            {
                double v = pairs[e][side];
                if (v != Math.Floor(v) || v < 1 || v > indicator.Length)
                    throw new InputException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{edgeFiles[0]}: line {e + 1} names node {v}; {indicatorFile} has nodes 1 to {indicator.Length}"
                        )
                    );
                ends[side] = (int)v - 1;
            }
            if (graphOf[ends[0]] != graphOf[ends[1]])
                throw new InputException(
                    $"{edgeFiles[0]}: line {e + 1} joins nodes of graphs {graphOf[ends[0]] + 1} and {graphOf[ends[1]] + 1}; expected both "
                        + $"ends in one graph"
                );
            (int a, int b) = (local[ends[0]], local[ends[1]]);
            if (a != b)
                edges[graphOf[ends[0]]].TryAdd((Math.Min(a, b), Math.Max(a, b)), edgeLabels is null ? "edge" : Text(edgeLabels[e]));
        }
        double[] values = [.. targets.Select(t => t[0])];
        double[] distinct = [.. values.Distinct().Order()];
        var graphs = nodes
            .Select(
                (members, g) =>
                    (
                        new MolecularGraph(
                            [.. members.Select(v => labels is null ? "node" : Text(labels[v]))],
                            [.. edges[g].Select(p => (p.Key.Item1, p.Key.Item2, p.Value))],
                            attributes is null ? [] : [.. members.Select(v => attributes[v])]
                        ),
                        classes ? Array.IndexOf(distinct, values[g]) : values[g]
                    )
            )
            .ToList();
        return (graphs, classes ? distinct.Length : 0);

        double[][]? Optional(string suffix, int count, string what)
        {
            if (!File.Exists(stem + suffix))
                return null;
            double[][] rows = Numbers(stem + suffix, 0);
            return rows.Length == count
                ? rows
                : throw new InputException(
                    $"{stem + suffix}: has {rows.Length} lines for {count} {what}; expected as many (the file is cut off or of another set)"
                );
        }
    }

    private static string Text(double[] label) => string.Join(" ", label.Select(l => l.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Lines of numbers between commas, each <paramref name="fields"/> of them (0: as many as the first).</summary>
    private static double[][] Numbers(string path, int fields)
    {
        string[] lines = Encoding.UTF8.GetString(TextFiles.ReadPacked(path, "file of a graph set in TU format")).TrimEnd().Split('\n');
        if (lines is [""])
            throw new InputException($"{path}: is empty; expected a line of numbers for each graph, node or edge");
        var rows = new double[lines.Length][];
        for (int i = 0; i < lines.Length; i++)
        {
            // Counted before it is taken apart: a line may be as long as the file.
            int count = lines[i].AsSpan().Count(',') + 1;
            if (fields == 0)
                fields =
                    count <= MostFields
                        ? count
                        : throw new InputException($"{path}: line {i + 1} has {count} numbers; expected at most {MostFields}");
            if (count != fields)
                throw new InputException($"{path}: line {i + 1} has {count} numbers; expected {fields}");
            string[] parts = lines[i].Split(',');
            rows[i] = new double[fields];
            for (int f = 0; f < fields; f++)
                if (
                    !double.TryParse(parts[f], NumberStyles.Float, CultureInfo.InvariantCulture, out rows[i][f])
                    || !double.IsFinite(rows[i][f])
                )
                    throw new InputException($"{path}: line {i + 1} holds '{parts[f].Trim()}'; expected a number");
        }
        return rows;
    }
}
