// The header of NumPy's .npy format, read without trusting it.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Gaplab.Numerics.Arrays;

/// <summary>The magic, the version and a Python dictionary of descr, fortran_order and shape (NumPy's format documentation, versions 1.0 to
/// 3.0).</summary>
internal static class NpyHeader
{
    private const int MostText = 1 << 16,
        MostDimensions = 64;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the header from the start of a stream.</summary>
    /// <returns>The description and the bytes read: the data begins there.</returns>
    /// <exception cref="InputException">Not a header, or of elements that are no plain numbers; the message says what of it.</exception>
    public static (ArrayHeader Header, int Length) Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> start = stackalloc byte[12];
        if (!Fill(stream, start[..8]))
            throw new InputException("it is shorter than a .npy header");
        if (!start[..6].SequenceEqual(Magic))
            throw new InputException("it does not begin with the magic \\x93NUMPY of a .npy file");
        int version = start[6];
        if (version is < 1 or > 3)
            throw new InputException($"its .npy version is {version}.{start[7]}; expected 1.0, 2.0 or 3.0");
        int width = version == 1 ? 2 : 4;
        if (!Fill(stream, start.Slice(8, width)))
            throw new InputException("it is cut inside the .npy header");
        uint length =
            version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length > MostText)
            throw new InputException($"its .npy header claims {length} bytes; at most {MostText} are read");
        byte[] text = new byte[length];
        if (!Fill(stream, text))
            throw new InputException("it is cut inside the .npy header");
        return (Parse(Encoding.UTF8.GetString(text)), 8 + width + (int)length);
    }

    private static ArrayHeader Parse(string text)
    {
        int at = 0;
        string? descr = null;
        bool? fortran = null;
        List<long>? shape = null;
        Expect('{');
        while (!Skip('}'))
        {
            string key = Quoted();
            Expect(':');
            switch (key)
            {
                case "descr":
                    Blanks();
                    if (Peek() is not ('\'' or '"'))
                        throw Bad("its elements are records with fields; expected plain numbers: save one field");
                    descr = Quoted();
                    break;
                case "fortran_order":
                    fortran = Word() switch
                    {
                        "True" => true,
                        "False" => false,
                        var other => throw Bad($"fortran_order is '{other}'"),
                    };
                    break;
                case "shape":
                    shape = Tuple();
                    break;
                default:
                    throw Bad($"an unknown key '{(key.Length > 40 ? key[..40] + "…" : key)}'");
            }
            if (!Skip(','))
            {
                Expect('}');
                break;
            }
        }
        if (descr is null || fortran is null || shape is null)
            throw Bad("descr, fortran_order or shape is missing");
        (ElementType type, bool big) = Type(descr);
        return new ArrayHeader(type, big, shape, fortran.Value);

        char Peek() => at < text.Length ? text[at] : '\0';

        void Blanks()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
        }

        bool Skip(char c)
        {
            Blanks();
            if (Peek() != c)
                return false;
            at++;
            return true;
        }

        void Expect(char c)
        {
            if (!Skip(c))
                throw Bad($"expected '{c}' at place {at}");
        }

        string Quoted()
        {
            Blanks();
            char quote = Peek();
            if (quote is not ('\'' or '"'))
                throw Bad($"expected a quoted word at place {at}");
            int end = text.IndexOf(quote, at + 1);
            if (end < 0 || end - at > 256)
                throw Bad("a quoted word does not end");
            string word = text[(at + 1)..end];
            if (word.Any(char.IsControl))
                throw Bad($"the quoted word at place {at} holds a control character");
            at = end + 1;
            return word;
        }

        string Word()
        {
            Blanks();
            int from = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
                at++;
            return text[from..at];
        }

        List<long> Tuple()
        {
            var extents = new List<long>();
            Expect('(');
            while (!Skip(')'))
            {
                Blanks();
                int from = at;
                if (Peek() == '-')
                    at++;
                while (at < text.Length && char.IsAsciiDigit(text[at]))
                    at++;
                // Old files of Python 2 write 10L.
                if (
                    !long.TryParse(
                        text.AsSpan(from, at - from),
                        NumberStyles.AllowLeadingSign,
                        CultureInfo.InvariantCulture,
                        out long extent
                    )
                )
                    throw Bad($"the shape has no whole number below 2^63 at place {from}");
                if (Peek() == 'L')
                    at++;
                extents.Add(extent);
                if (extents.Count > MostDimensions)
                    throw Bad($"the shape has more than {MostDimensions} dimensions");
                if (!Skip(','))
                {
                    Expect(')');
                    break;
                }
            }
            return extents;
        }

        static InputException Bad(string what) => new($"its .npy header is not as the format asks: {what}");
    }

    private static (ElementType, bool BigEndian) Type(string descr)
    {
        if (descr.Contains('O', StringComparison.Ordinal))
            throw new InputException(
                $"its elements are Python objects (descr '{(descr.Length > 20 ? descr[..20] + "…" : descr)}'); expected numbers: convert "
                    + $"with astype('f8') before saving"
            );
        bool big = descr.StartsWith('>') || descr.StartsWith('=') && !BitConverter.IsLittleEndian;
        string kind = descr.Length > 0 && descr[0] is '<' or '>' or '=' or '|' ? descr[1..] : descr;
        return (
            kind switch
            {
                "f2" => ElementType.F16,
                "f4" => ElementType.F32,
                "f8" => ElementType.F64,
                "i1" => ElementType.I8,
                "i2" => ElementType.I16,
                "i4" => ElementType.I32,
                "i8" => ElementType.I64,
                "u1" => ElementType.U8,
                "u2" => ElementType.U16,
                "u4" => ElementType.U32,
                "u8" => ElementType.U64,
                "b1" => ElementType.Bool,
                _ => throw new InputException(
                    $"its elements are of type '{(descr.Length > 20 ? descr[..20] + "…" : descr)}'; expected f2, f4, f8 or whole numbers"
                ),
            },
            big
        );
    }

    private static bool Fill(Stream stream, Span<byte> bytes) =>
        stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
}
