// The one place that gives an answer: JSON or lines on standard output, the page, and what of the stores behind it was damaged.
using System.CommandLine;
using System.Text.Json.Nodes;
using Gaplab.Numerics.Files;
using Gaplab.Results.Answers;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

/// <summary>--json.</summary>
internal class AnswerOutput
{
    public Option<bool> Json { get; } =
        new("--json") { Description = "one JSON document on standard output, everything else on standard error" };

    /// <summary>Where words for people go.</summary>
    public TextWriter Words(ParseResult parsed) => parsed.GetValue(Json) ? Console.Error : Console.Out;

    /// <summary>Gives an answer that has no page.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="answer">What was found.</param>
    /// <param name="code">The exit code if nothing was damaged.</param>
    /// <param name="stores">All that were read: the document says what of them was damaged.</param>
    /// <returns>The exit code.</returns>
    public int Give(ParseResult parsed, IAnswer answer, int code = CommandRunner.Done, params IReadOnlyList<RunStore> stores)
    {
        Print(parsed, answer, stores);
        PictureOptions.RefuseWithoutPage(parsed);
        return Close(parsed, code, stores);
    }

    protected void Print(ParseResult parsed, IAnswer answer, IReadOnlyList<RunStore> stores)
    {
        if (!parsed.GetValue(Json))
        {
            foreach (string line in answer.Lines())
                Console.Out.WriteLine(line);
            return;
        }
        JsonNode document = answer.Json();
        if (stores.Count > 0)
            StoreIntegrity.Of(stores).AddTo(document.AsObject());
        Console.Out.WriteLine(AnswerJson.Text(document));
    }

    protected int Close(ParseResult parsed, int code, IReadOnlyList<RunStore> stores)
    {
        StoreCheck.Print(Words(parsed), stores);
        return StoreCheck.Tell(code, stores);
    }
}

/// <summary>--json, --html.</summary>
/// <param name="page">What --html says of its page.</param>
internal sealed class PagedOutput(string page = "also write the page to this file") : AnswerOutput
{
    /// <summary>Of a command whose page has a usual place in a store.</summary>
    public PagedOutput(PageKind page)
        : this($"the page to write (default {page.File} in the store)") { }

    public OutputOption Html { get; } = new("--html", page);

    /// <summary>Gives an answer with its page, which goes to the file asked for, else to its usual place; without either there is
    /// none.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="answer">What was found.</param>
    /// <param name="folder">The store in which the page has a usual place; null: there is a page only where one is asked for.</param>
    /// <param name="code">The exit code if nothing was damaged.</param>
    /// <param name="stores">All that were read.</param>
    /// <returns>The exit code.</returns>
    public int Give(
        ParseResult parsed,
        IPagedAnswer answer,
        string? folder = null,
        int code = CommandRunner.Done,
        params IReadOnlyList<RunStore> stores
    )
    {
        OutputFile? asked = Html.Of(parsed);
        Report? page = null;
        string? written = asked?.Path ?? (folder is null ? null : Path.Combine(folder, answer.Kind.File));
        if (written is not null)
        {
            foreach (RunStore store in stores)
                store.AssertThere();
            page = answer.Page() with { Generator = $"Gaplab {RunEnvironment.Version}" };
            if (asked is null)
                ReportWriter.WriteInStore(written, page, ReportBundle.Load());
            else
                ReportWriter.Write(asked, page, ReportBundle.Load());
        }
        Print(parsed, answer, stores);
        if (written is not null)
            Words(parsed).WriteLine($"report: {written}");
        if (PictureOptions.Asked(parsed))
            PictureOptions.Draw(parsed, page ?? answer.Page(), Words(parsed));
        return Close(parsed, code, stores);
    }
}
