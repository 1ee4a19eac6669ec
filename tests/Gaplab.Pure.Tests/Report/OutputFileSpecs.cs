// Files to write: what is there is safe, whatever it is and however it is named.
using System.Diagnostics;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Report;

namespace Gaplab.Pure.Tests.Report;

public sealed class OutputFileSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_name_is_written_and_an_old_one_only_when_asked()
    {
        string path = _folder.File("new/result.txt");
        new OutputFile(path).WriteText("one");
        Assert.Contains("--force to replace it", Refused(new OutputFile(path)), StringComparison.Ordinal);
        Assert.Contains(
            "exists",
            Assert.Throws<InputException>(() => new OutputFile(path).WriteText("two")).Message,
            StringComparison.Ordinal
        );
        Assert.Equal("one", File.ReadAllText(path));
        new OutputFile(path, Replace: true).WriteText("three");
        Assert.Equal("three", File.ReadAllText(path));
        Assert.Equal(["result.txt"], Directory.GetFiles(_folder.File("new")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_file_that_comes_while_the_result_is_made_is_not_replaced()
    {
        string path = _folder.File("late.txt");
        Assert.Throws<InputException>(() =>
            new OutputFile(path).Write(stream =>
            {
                stream.WriteByte(1);
                File.WriteAllText(path, "somebody's");
            })
        );
        Assert.Equal("somebody's", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void An_input_is_never_an_output_under_any_of_its_names()
    {
        string input = _folder.File("input.yaml");
        File.WriteAllText(input, "study: x");
        File.CreateSymbolicLink(_folder.File("link.yaml"), "input.yaml");
        Process.Start("ln", [input, _folder.File("hard.yaml")]).WaitForExit();
        foreach (string name in (string[])["input.yaml", "link.yaml", "hard.yaml", "./input.yaml"])
            Assert.Contains(
                "is what the command reads",
                Refused(new OutputFile(_folder.File(name), Replace: true), input),
                StringComparison.Ordinal
            );
        Assert.Equal("study: x", File.ReadAllText(input));
    }

    [Fact]
    public void Folders_pipes_devices_and_names_below_files_are_refused_even_when_asked()
    {
        string pipe = _folder.File("pipe");
        File.WriteAllText(_folder.File("file"), "x");
        Process.Start("mkfifo", [pipe]).WaitForExit();
        (string Path, string Says)[] typed =
        [
            (_folder.File("."), "is a folder"),
            (_folder.File("new/"), "names a folder"),
            (pipe, "a pipe"),
            ("/dev/null", "a device"),
            (_folder.File("file/page.html"), "is a file, not a folder"),
            ("", "is empty"),
            (" ", "is empty"),
            ("a\0b", "NUL"),
        ];
        foreach ((string path, string says) in typed)
        foreach (bool replace in (bool[])[false, true])
            Assert.Contains(says, Refused(new OutputFile(path, replace)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_somebodys_too()
    {
        File.CreateSymbolicLink(_folder.File("link"), _folder.File("nowhere"));
        Assert.Contains("exists", Refused(new OutputFile(_folder.File("link"))), StringComparison.Ordinal);
        new OutputFile(_folder.File("link"), Replace: true).WriteText("x");
        Assert.False(File.Exists(_folder.File("nowhere")));
        Assert.Null(new FileInfo(_folder.File("link")).LinkTarget);
    }

    [Fact]
    public void The_page_of_a_store_replaces_an_earlier_page_of_ours_and_nothing_else()
    {
        string path = _folder.File("report.html");
        var report = new Results.Report.Report
        {
            Title = "one",
            Headline = "one",
            Sections = [],
            Command = "",
            Generator = "Gaplab 1",
        };
        ReportWriter.WriteInStore(path, report, "");
        ReportWriter.WriteInStore(path, report with { Title = "two" }, "");
        Assert.Contains("<title>two</title>", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Contains(
            "exists",
            Assert.Throws<InputException>(() => ReportWriter.Write(new OutputFile(path), report, "")).Message,
            StringComparison.Ordinal
        );
        foreach (string mine in (string[])["<!doctype html>\n<html><body>my own page</body></html>", "a,b\n1,2\n"])
        {
            File.WriteAllText(path, mine);
            Assert.Contains(
                "no page of Gaplab",
                Assert.Throws<InputException>(() => ReportWriter.WriteInStore(path, report, "")).Message,
                StringComparison.Ordinal
            );
            Assert.Equal(mine, File.ReadAllText(path));
        }
    }

    [Fact]
    public void Two_commands_that_end_on_one_store_at_once_both_write_its_page()
    {
        var report = new Results.Report.Report { Title = "t", Headline = "h" };
        for (int round = 0; round < 200; round++)
        {
            string path = _folder.File($"report{round}.html");
            using var start = new Barrier(2);
            Parallel.Invoke(Write, Write);
            Assert.Contains("<title>t</title>", File.ReadAllText(path), StringComparison.Ordinal);

            void Write()
            {
                start.SignalAndWait();
                ReportWriter.WriteInStore(path, report, "");
            }
        }
    }

    private static string Refused(OutputFile file, params string[] inputs) =>
        Assert.Throws<InputException>(() => file.Check(inputs)).Message;
}
