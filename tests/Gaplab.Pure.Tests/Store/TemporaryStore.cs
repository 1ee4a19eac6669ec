// A run store in a temporary folder, and runs to put into it.
using System.Text.Json.Nodes;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Store;

/// <summary>What the tests of stores and of their runs begin with.</summary>
public abstract class TemporaryStore : IDisposable
{
    /// <summary>Ids of the runs whose specs <see cref="SpecOf"/> gives, in ordinal order.</summary>
    protected static string A { get; } = ContentId.Of("{\"batch\":1}");
    protected static string B { get; } = ContentId.Of("{\"batch\":2}");
    protected static string C { get; } = ContentId.Of("{\"batch\":3}");

    protected static string SpecOf(string id) => $"{{\n  \"batch\": {(id == A ? 1 : id == B ? 2 : 3)}\n}}\n";

    protected TestFolder Folder { get; } = new();

    protected string Root => Folder.File("store");

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected RunStore Make()
    {
        RunStore store = RunStore.Open(Root, create: true);
        store.Bind("demo", "h1", "name: demo\n");
        return store;
    }

    protected static RunResult Result(double loss, double seconds = 1) =>
        new()
        {
            Outcome = Outcome.Completed,
            Step = 10,
            Metrics = new Dictionary<string, double> { ["val_loss"] = loss, ["bad"] = double.NaN },
            Wall = new Dictionary<string, JsonNode?> { ["seconds"] = seconds },
        };

    /// <summary>A run that was begun and has measured nothing yet.</summary>
    protected RunFolder Begin(string id)
    {
        RunFolder run = Make().Run(id);
        run.WriteSpec(SpecOf(id));
        return run;
    }

    protected static void Train(RunFolder run)
    {
        run.WriteSpec(SpecOf(run.Id));
        run.AppendMetrics([new MetricRow(1, 2, "loss", 3.5)]);
    }
}
