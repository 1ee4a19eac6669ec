// What others wrote, in messages: short, on one line, and without characters that act on a terminal.
using CsCheck;
using Gaplab.Numerics;

namespace Gaplab.Pure.Tests.Numerics;

public sealed class ShownSpecs
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("ünï — 漢字 \U0001F600", "ünï — 漢字 \U0001F600")]
    [InlineData("a\nb\tc\rd", "a\\nb\\tc\\rd")]
    [InlineData("\u001b[2J\u0007", "\\x1B[2J\\x07")]
    [InlineData("\u009b31m", "\\x9B31m")]
    [InlineData("abc\u202Edef\u2066\u200F", "abc\\u202Edef\\u2066\\u200F")]
    [InlineData("a\u2028b\u2029c\uFEFFd\u200Be", "a\\u2028b\\u2029c\\uFEFFd\\u200Be")]
    [InlineData("\0", "\\x00")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void A_value_is_shown_on_one_line(string? value, string shown) => Assert.Equal(shown, Shown.Of(value));

    [Fact]
    public void Halves_of_pairs_are_written_out_and_no_pair_is_cut()
    {
        Assert.Equal("a\\uD83Db", Shown.Of("a\uD83Db"));
        Assert.Equal("\\uDE00", Shown.Of("\uDE00"));
        Assert.Equal(new string('a', 78) + "…", Shown.Of(new string('a', 78) + "\U0001F600bcd"));
        Assert.Equal(new string('a', 77) + "\U0001F600…", Shown.Of(new string('a', 77) + "\U0001F600bcd"));
    }

    [Fact]
    public void What_is_long_is_cut()
    {
        Assert.Equal(new string('a', 80), Shown.Of(new string('a', 80)));
        Assert.Equal(new string('a', 79) + "…", Shown.Of(new string('a', 81)));
        Assert.Equal("a, b, …", Shown.List(["a", "b", "c"], 2));
        Assert.Equal("a, b", Shown.List(["a", "b"], 2));
        Assert.Equal("one two  three", Shown.Line("one\r\ntwo\n\nthree"));
    }

    [Fact]
    public void A_message_cuts_quoted_values_short_and_keeps_numbers_invariant()
    {
        string value = new('x', 10_000_000);
        string message = new InputException($"'key' is '{value}'; expected {1.5} or {12:D4}, not {value}").Message;
        Assert.Equal($"'key' is '{new string('x', 79)}…'; expected 1.5 or 0012, not {new string('x', 255)}…", message);
        Assert.Equal($"{new string('x', 255)}… and more", new InputException(value + " and more").Message);
        Assert.Equal(1200, new InputException(string.Join(' ', Enumerable.Repeat("word", 10_000))).Message.Length);
        Assert.Equal("one line", new InputException("one\nline").Message);
        Assert.True(
            new InputException($"of several words: {string.Join(' ', value.Chunk(100).Select(c => new string(c)))}").Message.Length
                <= Shown.MostLine
        );
    }

    [Fact]
    public void No_text_has_a_character_left_that_acts_on_a_terminal()
    {
        Gen<string> any = Gen.Char['\0', '\uFFFF'].Array[0, 120].Select(c => new string(c));
        for (int i = 0; i < 2000; i++)
            any.Sample(
                text =>
                {
                    foreach (string shown in (string[])[Shown.Of(text), Shown.Line(text)])
                    {
                        Assert.DoesNotContain(
                            shown.EnumerateRunes(),
                            r =>
                                System.Text.Rune.GetUnicodeCategory(r)
                                    is System.Globalization.UnicodeCategory.Control
                                        or System.Globalization.UnicodeCategory.Format
                                        or System.Globalization.UnicodeCategory.Surrogate
                                        or System.Globalization.UnicodeCategory.LineSeparator
                                        or System.Globalization.UnicodeCategory.ParagraphSeparator
                        );
                        Assert.Equal(
                            shown,
                            new string([
                                .. new System.Text.UTF8Encoding(false, true).GetString(
                                    new System.Text.UTF8Encoding(false, true).GetBytes(shown)
                                ),
                            ])
                        );
                    }
                },
                seed: new PCG((uint)i, 20_240_229).ToString(),
                iter: 1,
                threads: 1
            );
    }
}
