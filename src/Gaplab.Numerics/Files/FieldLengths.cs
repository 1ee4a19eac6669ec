// Refuses a delimited text whose fields or lines are too long to be a table's, before a reader makes copies of them.
namespace Gaplab.Numerics.Files;

/// <summary>One pass over the text, in time proportional to it and without memory.</summary>
public static class FieldLengths
{
    /// <summary>Characters of a field: a history of a million steps may stand in one.</summary>
    public const int Most = 1 << 24;

    /// <summary>Fields of a line.</summary>
    public const int MostFields = 1 << 16;

    /// <exception cref="InputException">A field or a line that is too long, with its line's number.</exception>
    public static void Check(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool quoted = false;
        int line = 1,
            fields = 1,
            start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\n')
                line++;
            if (c == '"')
                quoted = !quoted;
            else if (!quoted && c is ',' or ';' or '\t' or '\n' or '\r')
            {
                fields = c is '\n' or '\r' ? 1 : fields + 1;
                start = i + 1;
                if (fields > MostFields)
                    throw new InputException(
                        $"{name}, line {line}: more than {MostFields} fields; expected a table with a line for each run"
                    );
            }
            if (i + 1 - start > Most)
                throw new InputException(
                    $"{name}, line {line}: a field of more than {Most} characters{(quoted ? "; is a closing quote missing?" : "")}; "
                        + $"expected a table with short fields"
                );
        }
    }
}
