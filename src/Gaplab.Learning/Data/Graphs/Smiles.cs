// Reads SMILES: a molecule as a line of text.
using Gaplab.Numerics;

namespace Gaplab.Learning.Data.Graphs;

/// <summary>Weininger 1988, after the OpenSMILES specification: organic subset, bracket atoms, branches, rings, aromatic atoms, charges,
/// dots. Stereo marks, isotopes and atom classes are read and forgotten.</summary>
/// <remarks>White space ends a SMILES: what follows is a name or an extension and is not read. Hydrogens are no nodes unless written as
/// atoms. A node's type is its element (lower case where aromatic), "H" after an aromatic atom that says it has hydrogen, and its
/// charge.</remarks>
internal sealed class Smiles
{
    private static readonly HashSet<string> Elements =
    [
        .. (
            "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh "
            + "Pd Ag Cd In Sn Sb Te I Xe "
            + "Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am "
            + "Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
        ).Split(' '),
    ];
    private static readonly HashSet<string> Organic = ["B", "C", "N", "O", "P", "S", "F", "Cl", "Br", "I"],
        Aromatic = ["b", "c", "n", "o", "p", "s", "se", "as", "te"];

    private readonly string _text;
    private readonly List<string> _nodes = [];
    private readonly List<(int, int, string)> _edges = [];
    private readonly HashSet<(int, int)> _bonded = [];
    private int _at;

    private Smiles(string text) => _text = text;

    /// <exception cref="InputException">What does not parse, with its place counted from 1.</exception>
    public static MolecularGraph Parse(string text)
    {
        string begun = text.TrimStart();
        int end = begun.AsSpan().IndexOfAny(" \t\r\n");
        return new Smiles(end < 0 ? begun : begun[..end]).Read();
    }

    private MolecularGraph Read()
    {
        if (_text.Length == 0)
            throw new InputException("the SMILES is empty; expected a molecule such as CCO");
        var branches = new Stack<(int Atom, int At)>();
        var rings = new Dictionary<int, (int Atom, char Bond, int At)>();
        int last = -1;
        char bond = '\0';
        // A branch has just opened and holds nothing yet.
        bool fresh = false;
        while (_at < _text.Length)
        {
            char c = _text[_at];
            switch (c)
            {
                case '(':
                    if (last < 0 || bond != '\0' || fresh)
                        throw Error("a branch opens before an atom");
                    fresh = true;
                    branches.Push((last, _at++));
                    break;
                case ')':
                    if (branches.Count == 0)
                        throw Error("a branch closes that was never opened");
                    if (bond != '\0')
                        throw Error("a bond leads to no atom");
                    if (fresh)
                        throw Error("a branch is empty");
                    if (last < 0)
                        throw Error("a dot stands where an atom is due", _at - 1);
                    (last, _) = branches.Pop();
                    _at++;
                    break;
                case '-' or '=' or '#' or '$' or ':' or '/' or '\\' or '~':
                    if (last < 0)
                        throw Error("a bond begins at no atom");
                    if (bond != '\0')
                        throw Error("two bonds follow each other");
                    (bond, fresh) = (c, false);
                    _at++;
                    break;
                case '.':
                    if (last < 0 || bond != '\0')
                        throw Error("a dot stands where an atom is due");
                    (last, fresh) = (-1, false);
                    _at++;
                    break;
                case >= '0' and <= '9' or '%':
                    int place = _at,
                        ring = RingNumber();
                    if (last < 0)
                        throw Error("a ring number follows no atom", place);
                    if (!rings.Remove(ring, out var open))
                        rings[ring] = (last, bond, place);
                    else
                        Bond(open.Atom, last, RingBond(ring, open.Bond, bond, place), place);
                    (bond, fresh) = ('\0', false);
                    break;
                default:
                    int start = _at,
                        atom = _nodes.Count;
                    _nodes.Add(c == '[' ? Bracket() : Plain());
                    if (last >= 0)
                        Bond(last, atom, bond, start);
                    (last, bond, fresh) = (atom, '\0', false);
                    break;
            }
        }
        if (bond != '\0')
            throw Error("a bond leads to no atom", _text.Length - 1);
        if (branches.Count > 0)
            throw Error("a branch is never closed", branches.Peek().At);
        if (rings.Count > 0)
            throw Error($"ring {rings.First().Key} is never closed", rings.First().Value.At);
        if (last < 0)
            throw Error("a dot stands where an atom is due", _text.Length - 1);
        return new MolecularGraph(_nodes, _edges, []);
    }

    private string Plain()
    {
        foreach (int length in (ReadOnlySpan<int>)[2, 1])
        {
            if (_at + length > _text.Length)
                continue;
            string symbol = _text.Substring(_at, length);
            if (!(Organic.Contains(symbol) || (length == 1 && Aromatic.Contains(symbol)) || symbol == "*"))
                continue;
            _at += length;
            return symbol;
        }
        throw Error(
            _text[_at] == '>'
                ? "'>' is not read, neither of reactions nor of dative bonds (->): write the molecule alone, and a dative bond as '-'"
                : $"'{_text[_at]}' is no atom that may stand outside brackets"
        );
    }

    private string Bracket()
    {
        int open = _at++;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            _at++; // isotope
        string? symbol = null;
        foreach (int length in (ReadOnlySpan<int>)[2, 1])
            if (
                _at + length <= _text.Length
                && _text.Substring(_at, length) is var s
                && (Elements.Contains(s) || Aromatic.Contains(s) || s == "*")
            )
            {
                (symbol, _at) = (s, _at + length);
                break;
            }
        if (symbol is null)
            throw Error(
                _at < _text.Length ? $"'{_text[_at]}' begins no element" : "a bracket is never closed",
                Math.Min(_at, _text.Length - 1)
            );
        if (_at < _text.Length && _text[_at] == '@')
        {
            // @, @@, @TH1, @AL1, @SP1, @TB1, @OH1.
            _at++;
            if (_at < _text.Length && _text[_at] == '@')
                _at++;
            else if (
                _at + 2 < _text.Length
                && char.IsAsciiDigit(_text[_at + 2])
                && _text.Substring(_at, 2) is "TH" or "AL" or "SP" or "TB" or "OH"
            )
                _at += 2;
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
                _at++;
        }
        bool hydrogen = false;
        if (_at < _text.Length && _text[_at] == 'H')
        {
            hydrogen = true;
            _at++;
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
                _at++;
        }
        int charge = 0;
        if (_at < _text.Length && _text[_at] is '+' or '-')
        {
            char sign = _text[_at];
            int signs = 0,
                digits = 0;
            while (_at < _text.Length && _text[_at] == sign)
                (signs, _at) = (signs + 1, _at + 1);
            int from = _at;
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at]) && _at - from < 3)
                digits = digits * 10 + (_text[_at++] - '0');
            if (signs > 1 && _at > from)
                throw Error("a charge has both several signs and a number", from);
            charge = (_at > from ? digits : signs) * (sign == '+' ? 1 : -1);
        }
        if (_at < _text.Length && _text[_at] == ':')
        {
            int from = ++_at;
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
                _at++;
            if (_at == from)
                throw Error("a class has no number", from - 1);
        }
        if (_at >= _text.Length)
            throw Error("a bracket is never closed", open);
        if (_text[_at] != ']')
            throw Error($"'{_text[_at]}' has no meaning in a bracket atom here");
        _at++;
        string sized = charge switch
        {
            0 => "",
            1 => "+",
            -1 => "-",
            > 0 => $"+{charge}",
            _ => $"{charge}",
        };
        return symbol + (hydrogen && char.IsAsciiLetterLower(symbol[0]) ? "H" : "") + sized;
    }

    private int RingNumber()
    {
        if (_text[_at] != '%')
            return _text[_at++] - '0';
        if (_at + 2 >= _text.Length || !char.IsAsciiDigit(_text[_at + 1]) || !char.IsAsciiDigit(_text[_at + 2]))
            throw Error(
                "'%' is not followed by the two digits of a ring number"
                    + (
                        _at + 1 < _text.Length && _text[_at + 1] == '('
                            ? "; numbers above 99 are not read: a number is free again once its ring has closed"
                            : ""
                    )
            );
        int ring = (_text[_at + 1] - '0') * 10 + (_text[_at + 2] - '0');
        _at += 3;
        return ring;
    }

    /// <summary>The bond that either end of a ring names; a mark of direction alone names none, and both must name one kind.</summary>
    private char RingBond(int ring, char opening, char closing, int place)
    {
        if (closing == '\0' || (closing is '/' or '\\' && opening != '\0'))
            return opening;
        if (opening is '\0' or '/' or '\\')
            return closing;
        return Kind(opening) == Kind(closing)
            ? closing
            : throw Error($"ring {ring} opens with bond '{opening}' and closes with '{closing}'", place);
    }

    private void Bond(int from, int to, char symbol, int place)
    {
        if (from == to)
            throw Error("a ring closes on the atom it opened at", place);
        if (!_bonded.Add((Math.Min(from, to), Math.Max(from, to))))
            throw Error("a ring closes between atoms that are bonded already", place);
        _edges.Add(
            (
                from,
                to,
                symbol != '\0' ? Kind(symbol)
                : char.IsAsciiLetterLower(_nodes[from][0]) && char.IsAsciiLetterLower(_nodes[to][0]) ? "aromatic"
                : "single"
            )
        );
    }

    private static string Kind(char bond) =>
        bond switch
        {
            '=' => "double",
            '#' => "triple",
            '$' => "quadruple",
            ':' => "aromatic",
            '~' => "any",
            _ => "single",
        };

    private InputException Error(string what, int? at = null) =>
        new($"SMILES '{(_text.Length > 80 ? _text[..80] + "…" : _text)}', character {(at ?? _at) + 1}: {what}");
}
