// Tables of one endless field or line are refused before copies of them are made.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Folders;

namespace Gaplab.Pure.Tests.Numerics;

public sealed class FieldLengthsSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_field_and_a_line_as_long_as_may_be_pass_and_longer_ones_do_not()
    {
        string longest = new('a', FieldLengths.Most);
        FieldLengths.Check("t", $"{longest},b\n\"{longest[..^2]}\",{longest}\n");
        Assert.Contains(
            $"t, line 2: a field of more than {FieldLengths.Most} characters; expected",
            Refused($"a,b\n1,{longest}b\n"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"t, line 1: a field of more than {FieldLengths.Most} characters; is a closing quote missing?",
            Refused($"\"{longest}bcd"),
            StringComparison.Ordinal
        );
        FieldLengths.Check("t", new string(',', FieldLengths.MostFields - 1) + "\n" + new string(';', FieldLengths.MostFields - 1));
        Assert.Contains(
            "t, line 2: more than 65536 fields",
            Refused("a\n" + new string(',', FieldLengths.MostFields)),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("x")]
    [InlineData(",")]
    [InlineData("\"")]
    [InlineData("x,")]
    public void A_table_whose_header_is_a_hundred_megabytes_is_one_line_and_no_memory_beside_its_text(string part)
    {
        string path = _folder.File("t.csv");
        const int Bytes = 100_000_000;
        File.WriteAllText(path, string.Concat(Enumerable.Repeat(part, Bytes / part.Length)));
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<InputException>(() => SweepImport.Read(path)).Message;
        Assert.InRange(message.Length, 10, 400);
        // The bytes, the text, and the text without its mark.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 6L * Bytes);
    }

    private static string Refused(string text) => Assert.Throws<InputException>(() => FieldLengths.Check("t", text)).Message;
}
