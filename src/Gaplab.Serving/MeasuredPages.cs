// What probes measured in a store, as the views of the live page show it: read when somebody looks, and again when a file has come.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Measuring;
using Gaplab.Studies.Reading;

namespace Gaplab.Serving;

/// <summary>The pages of one store's probes. A page is made by one request at a time; the others wait and get the same.</summary>
internal sealed class MeasuredPages(ServedStore store, Catalogues catalogues, TimeProvider clock)
{
    // Making a page takes a quarter of the time at most: the study that measures has the rest.
    private const double Patience = 3;

    private readonly Dictionary<string, Page> _pages = MeasuredView.All.ToDictionary(v => v.Name, _ => new Page(), StringComparer.Ordinal);

    private sealed class Page
    {
        public Lock Gate { get; } = new();
        public string Stamp { get; set; } = "";
        public PackedPage Content { get; set; } = PackedPage.Empty;
        public long Made { get; set; }
        public TimeSpan Took { get; set; }
    }

    /// <summary>The views that have something to show, of the runs that are tuned.</summary>
    /// <param name="tuned">Ids.</param>
    public static IReadOnlyList<string> Held(RunStore store, IEnumerable<string> tuned)
    {
        var open = MeasuredView.All.ToList();
        var held = new HashSet<string>(StringComparer.Ordinal);
        foreach (string id in tuned)
        {
            if (open.Count == 0)
                break;
            RunFolder run = store.Run(id);
            foreach (MeasuredView view in open.Where(v => v.Probes.Any(p => run.ProbeSteps(p).Count > 0)).ToArray())
            {
                held.Add(view.Name);
                open.Remove(view);
            }
        }
        return [.. MeasuredView.All.Select(v => v.Name).Where(held.Contains)];
    }

    /// <summary>The page of a view; null where there is no view of that name.</summary>
    /// <param name="name">Of the view.</param>
    public JsonObject? Of(string name)
    {
        if (!_pages.TryGetValue(name, out Page? page))
            return null;
        MeasuredView view = MeasuredView.All.Single(v => v.Name == name);
        lock (page.Gate)
        {
            string stamp = StampOf(view);
            bool isStale = page.Stamp != stamp;
            if (isStale && (page.Stamp.Length == 0 || clock.GetElapsedTime(page.Made) > Patience * page.Took))
            {
                long began = clock.GetTimestamp();
                page.Content = Read(view);
                (page.Stamp, page.Made, page.Took) = (stamp, clock.GetTimestamp(), clock.GetElapsedTime(began));
                isStale = false;
            }
            return new JsonObject
            {
                ["stale"] = isStale,
                ["problem"] = page.Content.Parts.Count == 0 ? "Nothing of this was measured along the tuned runs so far." : null,
                ["parts"] = page.Content.List(),
            };
        }
    }

    /// <summary>The HTML of a part of a view as it was last listed; null where there is none.</summary>
    public PackedText? Part(string name, string id) => _pages.GetValueOrDefault(name)?.Content.Part(id);

    private PackedPage Read(MeasuredView view)
    {
        // What was read of the runs for the answer is read no second time; what came since is.
        if (store.Store is not { } open || PlanDocument.TryLoad(open, catalogues) is not { } document)
            return PackedPage.Empty;
        return view.Read(document, open.Still(glance: true), store.Given) is { } report ? PackedPage.Of(report) : PackedPage.Empty;
    }

    // Of the folders of files: a file comes by a rename, which sets the folder's time.
    private string StampOf(MeasuredView view)
    {
        if (store.Store is not { } open)
            return "gone";
        var stamp = new PathStamp();
        foreach (string id in store.Tuned())
        foreach (string probe in view.Probes)
        {
            var folder = new DirectoryInfo(Path.Combine(open.Run(id).Folder, "probes", probe));
            if (!folder.Exists)
                continue;
            stamp.Add(id);
            stamp.Add(folder);
        }
        return stamp.Value.ToString("x", CultureInfo.InvariantCulture);
    }
}
