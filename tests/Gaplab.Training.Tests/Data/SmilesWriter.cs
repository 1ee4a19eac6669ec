// Writes a molecule as SMILES in one of the many ways there are: any first atom, any order of branches, any free ring numbers, bonds
// spelled out or not.
using Gaplab.Numerics.Streams;

namespace Gaplab.Training.Tests.Data;

/// <param name="atoms">As they are written.</param>
/// <param name="edges">Bonds by the numbers of their atoms, the smaller first: - = # $.</param>
/// <param name="stream">Decides how.</param>
internal sealed class SmilesWriter(string[] atoms, Dictionary<(int, int), char> edges, RandomStream stream)
{
    private readonly System.Text.StringBuilder _text = new();
    private readonly HashSet<(int, int)> _tree = [];
    private readonly Dictionary<(int, int), int> _open = [];
    private readonly SortedSet<int> _free = [.. Enumerable.Range(0, 100)];

    /// <summary>Atoms in the order in which they were written.</summary>
    public List<int> Order { get; } = [];

    public string Write()
    {
        var seen = new HashSet<int>();
        int[] starts = Shuffled(Enumerable.Range(0, atoms.Length));
        foreach (int start in starts)
            Grow(start, seen);
        seen.Clear();
        foreach (int start in starts.Where(s => !seen.Contains(s)))
        {
            if (_text.Length > 0)
                _text.Append('.');
            Write(start, seen);
        }
        return _text.ToString();
    }

    /// <summary>Chooses the bonds that are written from atom to atom; the others close rings.</summary>
    private void Grow(int atom, HashSet<int> seen)
    {
        if (!seen.Add(atom))
            return;
        foreach (int next in Shuffled(Neighbours(atom)))
        {
            if (seen.Contains(next))
                continue;
            _tree.Add(Key(atom, next));
            Grow(next, seen);
        }
    }

    private void Write(int atom, HashSet<int> seen)
    {
        seen.Add(atom);
        Order.Add(atom);
        _text.Append(atoms[atom]);
        foreach (int other in Shuffled(Neighbours(atom).Where(o => !_tree.Contains(Key(atom, o)))))
        {
            (int, int) key = Key(atom, other);
            bool closes = _open.Remove(key, out int number);
            if (!closes)
            {
                number = _free.ElementAt((int)stream.NextIndex(Math.Min(_free.Count, 15)));
                _free.Remove(number);
                _open[key] = number;
            }
            // A bond other than single is named at either end or at both; here at the end that closes, and at times at the other.
            if (closes || stream.NextIndex(2) == 0)
                Bond(edges[key]);
            _text.Append(number > 9 || stream.NextIndex(4) == 0 ? $"%{number:00}" : $"{number}");
            if (closes)
                _free.Add(number);
        }
        int[] branches = Shuffled(Neighbours(atom).Where(o => _tree.Contains(Key(atom, o)) && !seen.Contains(o)));
        for (int b = 0; b < branches.Length; b++)
        {
            // The last may be in brackets too.
            bool branch = b + 1 < branches.Length || stream.NextIndex(4) == 0;
            if (branch)
                _text.Append('(');
            Bond(edges[Key(atom, branches[b])]);
            Write(branches[b], seen);
            if (branch)
                _text.Append(')');
        }
    }

    private void Bond(char bond)
    {
        if (bond != '-')
            _text.Append(bond);
        else if (stream.NextIndex(5) == 0)
            _text.Append("-/\\"[(int)stream.NextIndex(3)]);
    }

    private IEnumerable<int> Neighbours(int atom) =>
        edges.Keys.Where(e => e.Item1 == atom || e.Item2 == atom).Select(e => e.Item1 == atom ? e.Item2 : e.Item1).Order();

    private int[] Shuffled(IEnumerable<int> values)
    {
        int[] shuffled = [.. values];
        for (int i = shuffled.Length - 1; i > 0; i--)
        {
            int j = (int)stream.NextIndex(i + 1);
            (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
        }
        return shuffled;
    }

    private static (int, int) Key(int a, int b) => (Math.Min(a, b), Math.Max(a, b));
}
