// Reads a JSON document of metrics: numbers, lists of numbers by name, or a list of objects.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;

namespace Gaplab.Results.Logs;

/// <summary>The reader of history.json, all_results.json and the like.</summary>
internal static class JsonLog
{
    private static void Read(LogFile file, MetricLogBuilder log)
    {
        switch (Document(file))
        {
            case LogLiteral.List list when list.Items.All(i => i is LogLiteral.Object):
                foreach (LogLiteral item in list.Items)
                    log.Add([.. LogLiteral.Numbers((LogLiteral.Object)item)]);
                return;
            case LogLiteral.Object found:
                Histories(found, log);
                log.Add([.. LogLiteral.Numbers(found)]);
                return;
            default:
                throw new InputException($"{file.Relative}: expected an object of numbers or of lists of numbers, or a list of objects");
        }
    }

    /// <summary>The document of a file, whole.</summary>
    /// <exception cref="InputException">It is no JSON, or too large.</exception>
    public static LogLiteral Document(LogFile file)
    {
        string text = System.Text.Encoding.UTF8.GetString(RegularFile.ReadBytes(file.Path, FileLimit.Document)).TrimStart('\uFEFF');
        int at = 0;
        LogLiteral? document;
        try
        {
            document = LogLiteral.Read(text, ref at);
        }
        catch (InputException e)
        {
            throw new InputException($"{file.Relative}: {e.Message}", e);
        }
        if (document is not null && text.AsSpan(at).IsWhiteSpace())
            return document;
        int line = text.AsSpan(0, Math.Min(at, text.Length)).Count('\n') + 1;
        throw new InputException(
            $"{file.Relative}, line {line}: not JSON from here{(at >= text.Length ? " (the file ends): was it cut off?" : "")}; expected "
                + $"an object of numbers or of lists of numbers"
        );
    }

    /// <summary>Lists that are named in one object and equally long are evaluated together: the list of steps says where.</summary>
    private static void Histories(LogLiteral.Object found, MetricLogBuilder log, string prefix = "")
    {
        var lists = new List<(string Name, IReadOnlyList<LogLiteral> Items)>();
        foreach ((string key, LogLiteral value) in found.Entries)
            if (
                value is LogLiteral.List { Items: var items }
                && items.Count > 0
                && items.All(i => i is LogLiteral.Number or LogLiteral.Other)
            )
                lists.Add((prefix + key, items));
            else if (value is LogLiteral.List { Items: var objects } && objects.Count > 0 && objects.All(i => i is LogLiteral.Object))
                foreach (LogLiteral item in objects)
                    log.Add([.. LogLiteral.Numbers((LogLiteral.Object)item, prefix.Length > 0 ? $"{prefix}{key}/" : "")]);
            else if (value is LogLiteral.Object inner)
                Histories(inner, log, $"{prefix}{key}/");
        foreach (var together in lists.GroupBy(l => l.Items.Count))
            for (int i = 0; i < together.Key; i++)
                log.Add([
                    .. together.Where(l => l.Items[i] is LogLiteral.Number).Select(l => (l.Name, ((LogLiteral.Number)l.Items[i]).Value)),
                ]);
    }

    public static LogFormat Format { get; } =
        new(file => !TrainerState.Format.Has(file.Name) && file.FirstCharacter is '{' or '[', Read)
        {
            Name = "json",
            Says = "one JSON document: an object of numbers, of lists of numbers (a history for each name), or a list of objects",
            KnownBy = "a brace or bracket at its beginning",
            Patterns =
            [
                "*metric*.json",
                "*result*.json",
                "*history*.json",
                "*log*.json",
                "*summary*.json",
                "*score*.json",
                "*eval*.json",
                "*loss*.json",
                "*stats*.json",
                "*scalars*.json",
            ],
        };
}
