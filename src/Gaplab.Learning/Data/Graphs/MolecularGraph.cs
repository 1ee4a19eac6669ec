// A graph as data: node types by name, undirected edges with types, numbers on nodes.
namespace Gaplab.Learning.Data.Graphs;

/// <summary>One graph of a task.</summary>
/// <param name="Nodes">Each node's type by name, such as "C", "c" or "N+".</param>
/// <param name="Edges">Undirected edges, each once, with the type's name.</param>
/// <param name="Attributes">Numbers of each node, all as many; empty where there are none.</param>
internal sealed record MolecularGraph(
    IReadOnlyList<string> Nodes,
    IReadOnlyList<(int From, int To, string Type)> Edges,
    double[][] Attributes
);
