// SMILES rule by rule, with the atoms and bonds that the OpenSMILES specification says; random molecules written in random ways; arbitrary
// text.
using CsCheck;
using Gaplab.Learning.Data.Graphs;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Data;

public sealed class SmilesSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Atoms in the order in which they stand; bonds by the numbers of their atoms: - single, = double, # triple, $ quadruple, : aromatic.
    [Theory]
    [InlineData("[H][H]", "H H", "0-1")]
    [InlineData("[2H]C([2H])[2H]", "H C H H", "0-1 1-2 1-3")]
    [InlineData("[H+]", "H+", "")]
    [InlineData("[Fe++]", "Fe+2", "")]
    [InlineData("[O--].[Ti+4]", "O-2 Ti+4", "")]
    [InlineData("[nH+]1cccc1", "nH+ c c c c", "0:1 1:2 2:3 3:4 0:4")]
    [InlineData("c1cc[nH]c1", "c c c nH c", "0:1 1:2 2:3 3:4 0:4")]
    [InlineData("c1ccbcc1", "c c c b c c", "0:1 1:2 2:3 3:4 4:5 0:5")]
    [InlineData("c1ccpcc1", "c c c p c c", "0:1 1:2 2:3 3:4 4:5 0:5")]
    [InlineData("c1cc[as]c1", "c c c as c", "0:1 1:2 2:3 3:4 0:4")]
    [InlineData("c1cc[se]c1", "c c c se c", "0:1 1:2 2:3 3:4 0:4")]
    [InlineData("c1cc[te]c1", "c c c te c", "0:1 1:2 2:3 3:4 0:4")]
    [InlineData("*CCO", "* C C O", "0-1 1-2 2-3")]
    [InlineData("[*:1]CCO", "* C C O", "0-1 1-2 2-3")]
    [InlineData("[CH3:7][OH:12]", "C O", "0-1")]
    [InlineData("[Rh-](Cl)$[Rh-]Cl", "Rh- Cl Rh- Cl", "0-1 0$2 2-3")]
    [InlineData("c:1:c:c:c:c:c1", "c c c c c c", "0:1 1:2 2:3 3:4 4:5 0:5")]
    [InlineData("c1ccccc1-c1ccccc1", "c c c c c c c c c c c c", "0:1 1:2 2:3 3:4 4:5 0:5 5-6 6:7 7:8 8:9 9:10 10:11 6:11")]
    [InlineData("Cc1ccccc1", "C c c c c c c", "0-1 1:2 2:3 3:4 4:5 5:6 1:6")]
    [InlineData("C1CC-1", "C C C", "0-1 1-2 0-2")]
    [InlineData("C=1CCCCC=1", "C C C C C C", "0-1 1-2 2-3 3-4 4-5 0=5")]
    [InlineData("C1CC=1", "C C C", "0-1 1-2 0=2")]
    [InlineData("C=1CC1", "C C C", "0-1 1-2 0=2")]
    [InlineData("C(1)CCCC1", "C C C C C", "0-1 1-2 2-3 3-4 0-4")]
    [InlineData("C1.C1", "C C", "0-1")]
    [InlineData("C12.C1.C2", "C C C", "0-1 0-2")]
    [InlineData("[Na+].C1CC1", "Na+ C C C", "1-2 2-3 1-3")]
    [InlineData("C0CC0", "C C C", "0-1 1-2 0-2")]
    [InlineData("C1CC1C1CC1", "C C C C C C", "0-1 1-2 0-2 2-3 3-4 4-5 3-5")]
    [InlineData("C%10CC%10", "C C C", "0-1 1-2 0-2")]
    [InlineData("C%01CC1", "C C C", "0-1 1-2 0-2")]
    [InlineData("C123.C1.C2.C3", "C C C C", "0-1 0-2 0-3")]
    [InlineData("F/C=1CCCC\\1", "F C C C C C", "0-1 1-2 2-3 3-4 4-5 1=5")]
    [InlineData("F/C=C/F", "F C C F", "0-1 1=2 2-3")]
    [InlineData("C(\\F)=C/F", "C F C F", "0-1 0=2 2-3")]
    [InlineData("N[C@](C)(F)C(=O)O", "N C C F C O O", "0-1 1-2 1-3 1-4 4=5 4-6")]
    [InlineData("N[C@@H](C)C", "N C C C", "0-1 1-2 1-3")]
    [InlineData("[C@TH2](F)(Cl)(Br)I", "C F Cl Br I", "0-1 0-2 0-3 0-4")]
    [InlineData("F[Co@OH19](Cl)(Br)(I)(C)N", "F Co Cl Br I C N", "0-1 1-2 1-3 1-4 1-5 1-6")]
    [InlineData("[13CH4]", "C", "")]
    [InlineData("[235U]", "U", "")]
    [InlineData("C#N", "C N", "0#1")]
    [InlineData("BrC(Br)(Br)Cl", "Br C Br Br Cl", "0-1 1-2 1-3 1-4")]
    [InlineData("C(C(C)(C))C.O", "C C C C C O", "0-1 1-2 1-3 0-4")]
    [InlineData("CCO |$R1;;$|", "C C O", "0-1 1-2")]
    [InlineData("  CCO\tethanol", "C C O", "0-1 1-2")]
    public void Each_rule_of_the_grammar_makes_its_atoms_and_bonds(string smiles, string atoms, string bonds)
    {
        MolecularGraph graph = Smiles.Parse(smiles);
        Assert.Equal(atoms, string.Join(" ", graph.Nodes));
        Assert.Equal(bonds.Split(' ').Order(StringComparer.Ordinal), Bonds(graph).DefaultIfEmpty("").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("C%(100)CCCC%(100)", "character 2: '%' is not followed by the two digits of a ring number; numbers above 99 are not read")]
    [InlineData("N->[Pt+2]", "character 3: '>' is not read, neither of reactions nor of dative bonds")]
    [InlineData("CCO>>CC=O", "character 4: '>' is not read")]
    [InlineData("C()C", "character 3: a branch is empty")]
    [InlineData("C((C))C", "character 3: a branch opens before an atom")]
    [InlineData("(C)C", "character 1: a branch opens before an atom")]
    [InlineData("C(C.)C", "character 4: a dot stands where an atom is due")]
    [InlineData("C..C", "character 3: a dot stands where an atom is due")]
    [InlineData("C(=)C", "character 4: a bond leads to no atom")]
    [InlineData("C==C", "character 3: two bonds follow each other")]
    [InlineData("C=.C", "a dot stands where an atom is due")]
    [InlineData("[C:]", "character 3: a class has no number")]
    [InlineData("[]", "']' begins no element")]
    [InlineData("[12]", "']' begins no element")]
    [InlineData("[C++2]", "a charge has both several signs and a number")]
    [InlineData("1CC1", "character 1: a ring number follows no atom")]
    [InlineData("C#1CC=1", "ring 1 opens with bond '#' and closes with '='")]
    [InlineData("Si", "character 2: 'i' is no atom that may stand outside brackets")]
    [InlineData("   ", "is empty")]
    public void What_the_grammar_forbids_is_refused_at_its_place(string smiles, string says)
    {
        string message = Assert.Throws<InputException>(() => Smiles.Parse(smiles)).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Random_molecules_written_in_random_ways_read_back_as_themselves()
    {
        string[] atoms = ["C", "N", "O", "Cl", "[N+]", "[O-]", "[13CH2]", "[*:3]", "[Se]", "*"],
            types = ["C", "N", "O", "Cl", "N+", "O-", "C", "*", "Se", "*"];
        Gen<(int[] Kinds, int[] Parents, (int, int)[] Rings, int[] Bonds, int Writing)> molecules = Gen.Select(
            Gen.Int[0, atoms.Length - 1].Array[1, 24],
            Gen.Int[0, 1000].Array[24],
            Gen.Select(Gen.Int[0, 23], Gen.Int[0, 23]).Array[0, 14],
            Gen.Int[0, 9].Array[40],
            Gen.Int[1, 1_000_000]
        );
        FixedSeeds.Check(
            molecules,
            800,
            m =>
            {
                int n = m.Kinds.Length;
                var edges = new Dictionary<(int, int), char>();
                // A parent of "none" begins another part of the molecule.
                for (int v = 1; v < n; v++)
                    if (m.Parents[v] % 9 != 0)
                        edges[(m.Parents[v] % v, v)] = "--==#$------"[m.Bonds[v]];
                foreach ((int a, int b) in m.Rings)
                    if (a < n && b < n && a != b)
                        edges.TryAdd((Math.Min(a, b), Math.Max(a, b)), "-=-"[m.Bonds[a + 16] % 3]);
                var writer = new SmilesWriter([.. m.Kinds.Select(k => atoms[k])], edges, RandomStream.For(m.Writing, "test/smiles"));
                string text = writer.Write();
                MolecularGraph read = Smiles.Parse(text);
                Assert.True(
                    writer.Order.Select(v => types[m.Kinds[v]]).SequenceEqual(read.Nodes),
                    $"{text}: atoms {string.Join(" ", read.Nodes)}"
                );
                string[] expected =
                [
                    .. edges
                        .Select(e => (A: writer.Order.IndexOf(e.Key.Item1), B: writer.Order.IndexOf(e.Key.Item2), e.Value))
                        .Select(e => $"{Math.Min(e.A, e.B)}{e.Value}{Math.Max(e.A, e.B)}")
                        .Order(StringComparer.Ordinal),
                ];
                Assert.True(
                    expected.SequenceEqual(Bonds(read).Order(StringComparer.Ordinal)),
                    $"{text}: bonds {string.Join(" ", Bonds(read))}, expected {string.Join(" ", expected)}"
                );
            }
        );
    }

    [Fact]
    public void Arbitrary_text_is_a_molecule_or_one_line()
    {
        string[] pieces =
        [
            "C",
            "c",
            "N",
            "Cl",
            "[",
            "]",
            "(",
            ")",
            "=",
            "#",
            "$",
            ":",
            "/",
            "\\",
            "~",
            ".",
            "1",
            "2",
            "%",
            "%12",
            "%(",
            "@",
            "@@",
            "H",
            "+",
            "--",
            "++2",
            "13",
            "*",
            " ",
            "\t",
            "\n",
            "\0",
            "é",
            "𝔸",
            "\uD800",
            "[nH]",
            "[C@TH1]",
            ">",
            "->",
            "[Fe+2]",
            "se",
        ];
        int read = 0;
        void Try(string text)
        {
            try
            {
                MolecularGraph graph = Smiles.Parse(text);
                Assert.All(
                    graph.Edges,
                    e => Assert.True(e.From != e.To && e.From >= 0 && e.To >= 0 && Math.Max(e.From, e.To) < graph.Nodes.Count)
                );
                read++;
            }
            catch (InputException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }
        FixedSeeds.Check(FixedSeeds.OneOf(pieces).Array[0, 12].Select(string.Concat), 5000, Try);
        FixedSeeds.Check(Gen.String, 500, Try);
        Assert.InRange(read, 100, 5000);
    }

    [Fact]
    public void Rows_without_a_label_are_refused_or_left_out_as_asked()
    {
        string path = _folder.Write(
            "m.csv",
            "smiles,y\n"
                + string.Concat(Enumerable.Range(1, 20).Select(i => $"{new string('C', i)},{i}\n"))
                + "CCO,\nnot a molecule,\nCCN,nan\nCCO |$R1;;$|,7\n"
        );
        var spec = new TaskSpec
        {
            Kind = "molecules",
            Path = path,
            TargetColumn = "y",
        };
        string message = Assert.Throws<InputException>(() => GraphTask.Load(spec)).Message;
        Assert.Equal($"{path}: line 22 has no value in column 'y'; expected a number, or task.blank: skip to leave such rows out", message);
        using GraphTask task = GraphTask.Load(spec with { Blank = "skip" });
        Assert.Equal(21, task.TrainEvaluationCount(0) + task.ValidationCount(0));
        Assert.EndsWith("; 3 rows without a label left out", task.Description, StringComparison.Ordinal);
        string blank = _folder.Write("blank.csv", "smiles,y\nC,\nCC,\n");
        Assert.Contains(
            "no molecule with a value: all 2 rows were left out",
            Assert.Throws<InputException>(() => GraphTask.Load(spec with { Path = blank, Blank = "skip" })).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_table_of_any_pieces_is_read_or_refused_in_one_line()
    {
        string[] pieces =
        [
            "smiles,y\n",
            "CCO,1\n",
            "CC,2.5\n",
            "c1ccccc1,-3\n",
            ",",
            "\n",
            "\r\n",
            "\"",
            "\"CC\",4\n",
            "nan",
            "1e400",
            "C(",
            " ",
            "\t",
            "\0",
            "é",
            "\uFEFF",
            "CCO |$R1|,2\n",
            "x,y,z\n",
            ";",
        ];
        int read = 0;
        FixedSeeds.Check(
            Gen.Select(Gen.Bool, FixedSeeds.OneOf(pieces).Array[0, 6])
                .Select(p => (p.Item1 ? "smiles,y\nCCO,1\nCC,2\n" : "") + string.Concat(p.Item2)),
            600,
            text =>
            {
                var spec = new TaskSpec
                {
                    Kind = "molecules",
                    Path = _folder.Write("any.csv", text),
                    TargetColumn = "y",
                    ValidationFraction = 0.5,
                    Blank = text.Length % 2 == 0 ? "skip" : "refuse",
                };
                try
                {
                    GraphTask.Load(spec).Dispose();
                    read++;
                }
                catch (InputException e)
                {
                    Assert.DoesNotContain('\n', e.Message);
                }
            }
        );
        Assert.InRange(read, 20, 600);
    }

    [Fact]
    public void Several_targets_are_held_in_units_of_their_own()
    {
        string path = _folder.Write(
            "m.csv",
            "smiles,y,z\n"
                + string.Concat(Enumerable.Range(1, 30).Select(i => $"{new string('C', 1 + i % 7)},{i},{1000 + 50 * i}\n"))
                + "CC,5,\n"
        );
        var spec = new TaskSpec
        {
            Kind = "molecules",
            Path = path,
            Targets = "y\nz",
        };
        Assert.Contains(
            "line 32 has no value in column 'z'",
            Assert.Throws<InputException>(() => GraphTask.Load(spec)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "has no column 'q'",
            Assert.Throws<InputException>(() => GraphTask.Load(spec with { Targets = "y\nq" })).Message,
            StringComparison.Ordinal
        );
        using GraphTask task = GraphTask.Load(spec with { Blank = "skip" });
        Assert.Equal(2, task.Vocabulary);
        long[] rows = new long[27 * task.SampleLength];
        task.FillTrainEvaluation(0, 0, rows);
        double[][] targets = [.. Enumerable.Range(0, 27).Select(b => Targets(rows.AsSpan(b * task.SampleLength, task.SampleLength)))];
        foreach (int t in (int[])[0, 1])
        {
            double[] values = [.. targets.Select(x => x[t]).Order()];
            Assert.Equal(0, values[13], 1e-12);
            Assert.Equal(1, values.Average(Math.Abs), 1e-12);
        }
        // z is linear in y, and so are their units.
        Assert.All(targets, x => Assert.Equal(x[0], x[1], 1e-12));
        Assert.Contains(
            "2 targets in units of their mean absolute deviations; always predicting the training median has mean absolute error",
            task.Description,
            StringComparison.Ordinal
        );

        static double[] Targets(ReadOnlySpan<long> row)
        {
            int second = GraphShape.Head + (int)row[0] + 3 * (int)row[1];
            return [BitConverter.Int64BitsToDouble(row[2]), BitConverter.Int64BitsToDouble(row[second])];
        }
    }

    private static IEnumerable<string> Bonds(MolecularGraph graph) =>
        graph.Edges.Select(e => $"{Math.Min(e.From, e.To)}{Mark(e.Type)}{Math.Max(e.From, e.To)}");

    private static string Mark(string bond) =>
        bond switch
        {
            "single" => "-",
            "double" => "=",
            "triple" => "#",
            "quadruple" => "$",
            "aromatic" => ":",
            _ => "~",
        };
}
