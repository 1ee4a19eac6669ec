// What the page asks for, view by view. All of it is thinned before it travels.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Answers;
using Gaplab.Results.Export;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Microsoft.AspNetCore.Http;

namespace Gaplab.Serving;

/// <summary>A document, a table as CSV, or what is held compressed.</summary>
internal sealed record StoreView(JsonNode? Json, string? Csv = null)
{
    /// <summary>A document or a part of a page, and of which type it is.</summary>
    public (PackedText Text, string Type)? Packed { get; init; }
}

internal static class StoreViews
{
    /// <summary>Rows of a table, at most: a reader looks at pages of it.</summary>
    private const int MostRows = 2000;

    /// <summary>Curves drawn at once, at most, and numbers of each.</summary>
    private const int MostCurves = 200,
        MostPoints = 1000;

    /// <summary>A view by its name; null where there is none of that name.</summary>
    /// <exception cref="InputException">A filter that is not understood; a store that cannot be read.</exception>
    public static StoreView? Of(IReadOnlyList<ServedStore> stores, int number, string what, string? id, IQueryCollection query)
    {
        ServedStore store = stores[number];
        return what switch
        {
            "answer" => new(Answer(store)),
            "analysis" when store.Reading?.Analysis is { } analysis => new(null) { Packed = (analysis, "application/json") },
            "part" when Part(store, query["of"].ToString(), id ?? "") is { } html => new(null) { Packed = (html, "text/html") },
            "measured" when id is not null && store.Measured.Of(id) is { } measured => new(measured),
            "runs" => new(Runs(store, query)),
            "runs.csv" => new(null, Csv(Chosen(store, query))),
            "curves" => new(Curves(store, query)),
            "rates" => new(Rates(store)),
            "differences" => new(Differences(stores, number, Number(query, "with", 0))),
            "run" when id is not null => RunView.Of(store, id) is { } run ? new(run) : null,
            _ => null,
        };
    }

    private static JsonObject Answer(ServedStore store)
    {
        StudyReading? reading = store.Reading;
        return new JsonObject
        {
            ["study"] = store.Name,
            ["problem"] = reading is null ? "The store is being read." : reading.Problem,
            ["parts"] = reading?.Page.List() ?? [],
        };
    }

    // Of a view of probes by its name, else of the answer.
    private static PackedText? Part(ServedStore store, string view, string id) =>
        view.Length > 0 ? store.Measured.Part(view, id) : store.Reading?.Page.Part(id);

    private static List<RunRow> Chosen(ServedStore store, IQueryCollection query)
    {
        RunFilter filter = RunFilter.Parse(query["q"].ToString());
        List<RunRow> rows = [.. store.Rows().Where(filter.Matches)];
        string sort = query["sort"].ToString();
        if (RunRow.Columns.FirstOrDefault(c => c.Name == sort).Of is not { } of)
            return rows;
        // What has no number comes last, whichever way.
        bool descending = query["desc"] == "1";
        rows = [.. descending ? rows.OrderByDescending(r => of(r), RunOrder.Instance) : rows.OrderBy(r => of(r), RunOrder.Instance)];
        return [.. rows.Where(r => of(r) is not double.NaN), .. rows.Where(r => of(r) is double.NaN)];
    }

    private static JsonObject Runs(ServedStore store, IQueryCollection query)
    {
        List<RunRow> rows = Chosen(store, query);
        int from = Math.Clamp(Number(query, "from", 0), 0, rows.Count),
            count = Math.Clamp(Number(query, "count", 100), 1, MostRows);
        IReadOnlyList<RunRow> shown = query["evenly"] == "1" ? Thinning.Evenly(rows, count) : [.. rows.Skip(from).Take(count)];
        return new JsonObject
        {
            ["columns"] = AnswerJson.Texts(RunRow.Columns.Select(c => c.Name)),
            ["all"] = store.Reading?.Rows.Count ?? 0,
            ["matching"] = rows.Count,
            ["from"] = from,
            ["rows"] = AnswerJson.Each(shown, r => r.Json()),
        };
    }

    private static string Csv(IEnumerable<RunRow> rows) =>
        CsvText.Of(
            [.. RunRow.Columns.Select(c => c.Name)],
            rows.Select(r => (IReadOnlyList<object?>)[.. RunRow.Columns.Select(c => c.Of(r))])
        );

    private static JsonObject Curves(ServedStore store, IQueryCollection query)
    {
        string metric = query["metric"].ToString() is { Length: > 0 } named ? named : "validation-loss";
        int points = Math.Clamp(Number(query, "points", 400), 4, MostPoints),
            most = Math.Clamp(Number(query, "curves", 40), 1, MostCurves);
        // A run that was never begun has no curve.
        List<RunRow> chosen = [.. Chosen(store, query).Where(r => r.State != RunState.Missing || store.WorkOf(r.Id) is not null)];
        IReadOnlyList<RunRow> shown = Thinning.Evenly(chosen, most);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var series = new JsonArray();
        bool thinned = false;
        foreach (RunRow row in shown)
        {
            if (store.Curves?.Of(row.Id, store.WorkOf(row.Id)) is not { } file)
                continue;
            names.UnionWith(file.Names);
            IReadOnlyList<CurveValue> whole = file.Of(metric),
                curve = Thinning.Of(whole, points);
            if (whole.Count == 0)
                continue;
            thinned |= curve.Count < whole.Count;
            JsonObject one = row.Json();
            one["measured"] = whole.Count;
            one["steps"] = new JsonArray([.. curve.Select(p => (JsonNode?)p.Step)]);
            one["samples"] = new JsonArray([.. curve.Select(p => (JsonNode?)p.Samples)]);
            one["values"] = new JsonArray([.. curve.Select(p => AnswerJson.Number(p.Value))]);
            series.Add(one);
        }
        return new JsonObject
        {
            ["metric"] = metric,
            ["metrics"] = AnswerJson.Texts(names),
            // Each has its colour whatever is selected.
            ["optimizers"] = AnswerJson.Texts((store.Reading?.Rows ?? []).Select(r => r.Optimizer).Distinct()),
            ["matching"] = chosen.Count,
            ["shown"] = shown.Count,
            ["thinned"] = thinned,
            ["series"] = series,
        };
    }

    private static JsonObject Rates(ServedStore store) =>
        new()
        {
            ["metric"] = store.Reading?.Metric,
            ["higherIsBetter"] = store.Reading?.HigherIsBetter ?? false,
            ["arms"] = AnswerJson.Each(
                store.Reading?.Arms ?? [],
                a => new JsonObject
                {
                    ["key"] = a.Arm.Key,
                    ["comparison"] = a.Arm.Comparison.Key.Heading,
                    ["optimizer"] = a.Arm.Optimizer,
                    ["batch"] = a.Arm.Batch,
                    ["variant"] = a.Arm.Variant,
                    ["sentinel"] = SentinelText.Word(a.Decision.Status),
                    ["says"] = SentinelText.Sentence(a.Decision.Status),
                    ["round"] = a.Decision.Round,
                    ["best"] = a.Decision.Best,
                    ["next"] = new JsonArray([.. a.Decision.Rates.Select(r => (JsonNode?)r)]),
                    ["cells"] = AnswerJson.Each(
                        a.Cells,
                        c => new JsonObject
                        {
                            ["lr"] = c.Rate,
                            ["runs"] = c.Runs,
                            ["done"] = c.Done,
                            ["diverged"] = c.Diverged,
                            ["mean"] = AnswerJson.Number(c.Mean),
                        }
                    ),
                }
            ),
        };

    private static JsonNode Differences(IReadOnlyList<ServedStore> stores, int number, int with) =>
        with >= 0 && with < stores.Count && stores[number].Store is { } left && stores[with].Store is { } right
            ? StudyDifferences.Between(left, right).Json()
            : new JsonObject { ["rows"] = new JsonArray() };

    private static int Number(IQueryCollection query, string name, int otherwise) =>
        int.TryParse(query[name].ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out int number) ? number : otherwise;

    private sealed class RunOrder : IComparer<object?>
    {
        public static readonly RunOrder Instance = new();

        public int Compare(object? x, object? y) =>
            x is double a && y is double b ? a.CompareTo(b) : string.CompareOrdinal(RunRow.Text(x), RunRow.Text(y));
    }
}
