// A run store in a temporary folder, and runs to put into it.
using System.Text.Json.Nodes;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Store;

/// <summary>What the tests of stores and of their runs begin with.</summary>
public abstract class TemporaryStore : IDisposable
{
    protected const string A = "aa00000000000001", B = "ab00000000000002", C = "ac00000000000003";

    protected TemporaryFolder Folder { get; } = new();

    protected string Root => Folder["store"];

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

    protected static RunResult Result(double loss, double seconds = 1) => new()
    {
        Outcome = Outcome.Completed,
        Step = 10,
        Metrics = new Dictionary<string, double> { ["val_loss"] = loss, ["bad"] = double.NaN },
        Wall = new Dictionary<string, JsonNode?> { ["seconds"] = seconds },
    };

    protected static void Train(RunFolder run)
    {
        run.WriteSpec("{\"batch\":2}\n");
        run.AppendMetrics([new MetricRow(1, 2, "loss", 3.5)]);
    }
}
