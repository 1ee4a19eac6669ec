// What reaches a terminal: nothing that it would obey.
using System.Globalization;
using System.Text.Json;
using CsCheck;
using Gaplab.Cli;
using Gaplab.Results.Answers;
using Gaplab.Training.Tests.Running;

namespace Gaplab.Training.Tests.Cli;

[Collection(nameof(StartedProgram))]
public sealed class TerminalTextSpecs
{
    [Theory]
    [InlineData("\e[2Jx", @"\u001b[2Jx")]
    [InlineData("\e]0;title\a", @"\u001b]0;title\u0007")]
    [InlineData("a\u202Eb\u2066c", @"a\u202eb\u2066c")]
    [InlineData("a\u200Bb\uFEFF", @"a\u200bb\ufeff")]
    [InlineData("\u009B31m", @"\u009b31m")]
    [InlineData("over\rwritten\b", @"over\u000dwritten\u0008")]
    [InlineData("\U000E0041tag", @"\udb40\udc41tag")]
    [InlineData("line\r\nnext\ttab\n", "line\r\nnext\ttab\n")]
    [InlineData("α → ∞, … ½ 😀 é", "α → ∞, … ½ 😀 é")]
    public void Controls_and_marks_are_shown_and_other_text_is_as_it_was(string text, string shown) =>
        Assert.Equal(shown, TerminalText.Harmless(text));

    [Fact]
    public void No_text_gets_a_control_through_and_a_json_document_stays_what_it_was() =>
        Gen.String[Gen.OneOf(Gen.Char, Gen.Char["\e\a\r\n\t\b\0\u0085\u009B\u200B\u202E\u2028\u2066\uFEFF a"]), 0, 40]
            .Sample(
                text =>
                {
                    string shown = TerminalText.Harmless(text);
                    bool harmless = shown
                        .Select((c, i) => (c, i))
                        .All(p =>
                            p.c is '\n' or '\t'
                            || p.c == '\r' && p.i + 1 < shown.Length && shown[p.i + 1] == '\n'
                            || CharUnicodeInfo.GetUnicodeCategory(p.c)
                                is not (
                                    UnicodeCategory.Control
                                    or UnicodeCategory.Format
                                    or UnicodeCategory.LineSeparator
                                    or UnicodeCategory.ParagraphSeparator
                                )
                        );
                    string document = AnswerJson.Text(AnswerJson.Of(new { text })),
                        through = TerminalText.Harmless(document);
                    return harmless
                        && JsonElement.DeepEquals(JsonDocument.Parse(document).RootElement, JsonDocument.Parse(through).RootElement);
                },
                seed: "0000KqXJ3Hd1",
                iter: 20_000
            );

    [Fact]
    public void The_program_shows_the_names_of_a_hostile_table_and_the_words_of_a_hostile_command_line()
    {
        using var folder = new TestFolder();
        string name = "\e[2J\e]0;pwn\aevil\u202E";
        folder.Write(
            "names.csv",
            "dataset,optimizer,lr,batch,seed,val_loss\n"
                + string.Concat(
                    ((string[])["sgd", "adam"]).SelectMany(o =>
                        ((int[])[4, 8]).SelectMany(b => ((int[])[1, 2]).Select(s => $"{name},{o},0.1,{b},{s},2.{s}\n"))
                    )
                )
        );
        foreach (
            string[] typed in (string[][])
                [
                    ["crossover", "names.csv"],
                    ["crossover", "names.csv", "--json"],
                    ["crossover", name],
                    ["tails", "names.csv", "--axis", name],
                    ["study", "plan", name + ".yaml"],
                    ["data", "fetch", name],
                    [name],
                ]
        )
        {
            ProgramEnd end = StartedProgram.Run(folder.Path, typed);
            Assert.Contains("u202e", end.Output + end.Errors, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(
                end.Output + end.Errors,
                c => c != '\n' && (char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format)
            );
            Faults.ControlCharacters.Caused(1);
        }
    }
}
