// Molecules and graph sets: SMILES by known formulas, broken files of every kind, and the generated graphs' target.
using Gaplab.Learning.Data.Graphs;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;

namespace Gaplab.Training.Tests.Data;

public sealed class GraphTaskSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Heavy atoms, bonds between them, and kinds of bonds, as chemistry has them.
    [Theory]
    [InlineData("CCO", 3, 2, "single=2")]
    [InlineData("c1ccccc1", 6, 6, "aromatic=6")]
    [InlineData("CC(=O)Oc1ccccc1C(=O)O", 13, 13, "aromatic=6 double=2 single=5")]
    [InlineData("CN1C=NC2=C1C(=O)N(C(=O)N2C)C", 14, 15, "double=4 single=11")]
    [InlineData("N#N", 2, 1, "triple=1")]
    [InlineData("[Na+].[Cl-]", 2, 0, "")]
    [InlineData("C[C@@H]1CC(Nc2cncc(-c3nncn3C)c2)C[C@@H](C)C1", 21, 23, "aromatic=11 single=12")]
    [InlineData("F/C=C\\F", 4, 3, "double=1 single=2")]
    [InlineData("C%12CC%12", 3, 3, "single=3")]
    [InlineData("[13CH4]", 1, 0, "")]
    [InlineData("[C@TH1](F)(Cl)(Br)I", 5, 4, "single=4")]
    public void A_SMILES_has_the_atoms_and_bonds_of_its_molecule(string smiles, int atoms, int bonds, string kinds)
    {
        MolecularGraph graph = Smiles.Parse(smiles);
        Assert.Equal(atoms, graph.Nodes.Count);
        Assert.Equal(bonds, graph.Edges.Count);
        Assert.Equal(
            kinds,
            string.Join(
                " ",
                graph.Edges.GroupBy(e => e.Type).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key}={g.Count()}")
            )
        );
    }

    [Fact]
    public void Charges_and_aromatic_hydrogens_are_part_of_an_atoms_type()
    {
        Assert.Equal(["c", "c", "c", "c", "nH"], Smiles.Parse("c1ccc[nH]1").Nodes);
        Assert.Equal(["N+", "O-", "Fe+2", "Fe+2", "O-2"], Smiles.Parse("[NH4+].[OH-].[Fe+2].[Fe++].[O--]").Nodes);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("CX", "character 2: 'X' is no atom")]
    [InlineData("C(C", "character 2: a branch is never closed")]
    [InlineData("CC)", "character 3: a branch closes that was never opened")]
    [InlineData("C1CC", "character 2: ring 1 is never closed")]
    [InlineData("C=", "character 2: a bond leads to no atom")]
    [InlineData("=C", "character 1: a bond begins at no atom")]
    [InlineData("C11", "character 3: a ring closes on the atom it opened at")]
    [InlineData("C12CC12", "character 7: a ring closes between atoms that are bonded already")]
    [InlineData("C=1CC-1", "opens with bond '=' and closes with '-'")]
    [InlineData("[C", "character 1: a bracket is never closed")]
    [InlineData("[Qq]", "'Q' begins no element")]
    [InlineData("[C!]", "'!' has no meaning")]
    [InlineData("C%1C", "two digits")]
    [InlineData("C.", "a dot stands")]
    public void A_SMILES_that_does_not_parse_says_where(string smiles, string expected) =>
        Assert.Contains(expected, Assert.Throws<InputException>(() => Smiles.Parse(smiles)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("name,smiles,y\na,CC,1\nb,CC\n", "line 3 has 2 fields, the header has 3")]
    [InlineData("name,smiles,y\na,C(C,1\n", "line 2: SMILES 'C(C', character 2")]
    [InlineData("name,smiles,y\na,CC,much\n", "line 2 has 'much' in column 'y'")]
    [InlineData("name,mol,y\na,CC,1\n", "has no column 'smiles' (its columns: name, mol, y)")]
    [InlineData("name,smiles,y\n", "no molecule")]
    [InlineData("name,smiles,y\na,CC,1\n", "1 graphs leave none for validation")]
    public void A_broken_table_gets_one_clear_line(string text, string expected)
    {
        string path = _folder.Write("m.csv", text);
        string message = Assert
            .Throws<InputException>(() =>
                GraphTask.Load(
                    new TaskSpec
                    {
                        Kind = "molecules",
                        Path = path,
                        TargetColumn = "y",
                    }
                )
            )
            .Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("1\n1\n2\n2\n", "1, 2\n2, 3\n", "1\n2\n", null, "_A.txt: line 2 joins nodes of graphs 1 and 2")]
    [InlineData("1\n1\n2\n2\n", "1, 2\n3, 9\n", "1\n2\n", null, "_A.txt: line 2 names node 9")]
    [InlineData("1\n1\n3\n2\n", "1, 2\n", "1\n2\n", null, "_graph_indicator.txt: line 3 names graph 3")]
    [InlineData("1\n1\n1\n1\n", "1, 2\n", "1\n2\n", null, "graph 2 has no nodes")]
    [InlineData("1\n1\n2\n2\n", "1, 2\n", "1\n2\n", "1\n1\n", "_node_labels.txt: has 2 lines for 4 nodes")]
    [InlineData("1\n1\n2\n2\n", "1 2\n", "1\n2\n", null, "_A.txt: line 1 has 1 numbers; expected 2")]
    [InlineData("1\nx\n2\n2\n", "1, 2\n", "1\n2\n", null, "line 2 holds 'x'; expected a number")]
    [InlineData("1\n1\n2\n2\n", "", "1\n2\n", null, "_A.txt: is empty")]
    public void Files_of_a_graph_set_that_disagree_get_one_clear_line(
        string indicator,
        string edges,
        string labels,
        string? nodeLabels,
        string expected
    )
    {
        string stem = _folder.File("S");
        File.WriteAllText(stem + "_graph_indicator.txt", indicator);
        File.WriteAllText(stem + "_A.txt", edges);
        File.WriteAllText(stem + "_graph_labels.txt", labels);
        if (nodeLabels is not null)
            File.WriteAllText(stem + "_node_labels.txt", nodeLabels);
        string message = Assert.Throws<InputException>(() => GraphTask.Load(new TaskSpec { Kind = "tu", Path = _folder.Path })).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_constant_prediction_is_judged_on_the_validation_graphs()
    {
        string path = _folder.Write(
            "m.csv",
            "smiles,y\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"{new string('C', i)},{(i == 9 ? 100 : 2)}\n"))
        );
        using GraphTask task = GraphTask.Load(
            new TaskSpec
            {
                Kind = "molecules",
                Path = path,
                TargetColumn = "y",
                ValidationFraction = 0.34,
            }
        );
        long[] rows = new long[3 * task.SampleLength];
        task.FillValidation(0, 0, rows);
        double expected = Enumerable
            .Range(0, 3)
            .Average(b => Math.Abs(BitConverter.Int64BitsToDouble(rows[b * task.SampleLength + 2]) - 2));
        Assert.Equal(expected, task.BaselineLoss, 1e-12);
    }

    [Fact]
    public void Generated_graphs_are_connected_within_their_valences()
    {
        foreach ((MolecularGraph graph, double target) in RandomMolecules.Make(200, 20, 3))
        {
            Assert.InRange(graph.Nodes.Count, 10, 20);
            int[] degree = new int[graph.Nodes.Count],
                root = [.. Enumerable.Range(0, graph.Nodes.Count)];
            foreach ((int from, int to, _) in graph.Edges)
            {
                degree[from]++;
                degree[to]++;
                int old = root[from];
                for (int v = 0; v < root.Length; v++)
                    if (root[v] == old)
                        root[v] = root[to];
            }
            Assert.All(degree, d => Assert.InRange(d, 1, 4));
            Assert.Single(root.Distinct());
            Assert.Equal(RandomMolecules.Target(graph.Nodes, graph.Edges), target);
        }
        // A triangle of two carbons and an oxygen: 0.5 + 0.5 − 1 + one cycle.
        Assert.Equal(1.0, RandomMolecules.Target(["C", "C", "O"], [(0, 1, "bond"), (1, 2, "bond"), (2, 0, "bond")]), 1e-12);
        Assert.Equal(-3.2, RandomMolecules.Target(["N", "O"], [(0, 1, "bond")]), 1e-12);
    }
}
