// --json: the shapes that scripts rely on, and what stands on standard error. That there is one document is the contract of commands.
using System.Globalization;
using System.Text.Json;
using Gaplab.Results.Analysis;

namespace Gaplab.Training.Tests.Running;

public sealed class CliJsonSpecs(SmallStudy study)
{
    // Nothing here trains: the binding of libtorch is out of reach on purpose.
    private static readonly Dictionary<string, string> NoBinding = new() { ["GAPLAB_NATIVE"] = "/nowhere/libgaplab_torch.so" };

    [Fact]
    public void Documents_have_the_shapes_that_scripts_rely_on()
    {
        using var folder = new TestFolder();
        string table = folder.Write(
            "sweep.csv",
            "optimizer,lr,batch,seed,loss\n"
                + string.Concat(
                    from optimizer in new[] { "sgd", "adam" }
                    from batch in new[] { 8, 64 }
                    from rate in new[] { 0.1, 0.2, 0.4 }
                    from seed in new[] { 1, 2, 3 }
                    let loss = 2 + (optimizer == "sgd" ? batch / 64.0 : 0.5) + Math.Abs(rate - 0.2) + 0.01 * seed
                    select string.Create(CultureInfo.InvariantCulture, $"{optimizer},{rate},{batch},{seed},{loss}\n")
                )
        );
        string store = study.ReferenceStore;

        Gaps(Document(folder, "study", "report", store, "--html", folder.File("r.html"), "--json"), 4, 16);
        Gaps(Document(folder, "crossover", table, "--json"), 8, 64);
        string noise = folder.Write(
            "noise.csv",
            string.Concat(
                Enumerable
                    .Range(0, 300)
                    .Select(i => string.Create(CultureInfo.InvariantCulture, $"{Math.Tan(1.5 * Math.Sin(i * i))},{Math.Sin(i)}\n"))
            )
        );
        JsonElement tails = Document(folder, "tails", noise, "--html", folder.File("tails.html"), "--json");
        Assert.Equal(
            (300, 2, "pooled"),
            (tails.GetProperty("iterations").GetInt32(), tails.GetProperty("coordinates").GetInt32(), tails.GetProperty("axis").GetString())
        );
        Assert.Equal(8, tails.GetProperty("estimates").GetArrayLength());
        Assert.NotEqual(0, tails.GetProperty("verdict").GetProperty("sentence").GetString()!.Length);
        Assert.Contains("</html>", File.ReadAllText(folder.File("tails.html")), StringComparison.Ordinal);
        JsonElement plan = Document(folder, "study", "plan", study.File, "--json");
        Assert.Equal(24, plan.GetProperty("runs").GetInt32());
        Assert.Equal(JsonValueKind.Null, plan.GetProperty("seconds").ValueKind); // without libtorch nothing can be timed
        JsonElement status = Document(folder, "study", "status", store, "--verify", "--json");
        Assert.Equal(status.GetProperty("runs").GetInt32(), status.GetProperty("done").GetInt32());
        Assert.Equal(0, status.GetProperty("problems").GetArrayLength());
    }

    [Fact]
    public void A_study_that_runs_prints_one_document_and_its_words_on_standard_error()
    {
        using var folder = new TestFolder();
        ProgramEnd end = StartedProgram.Run(
            folder.Path,
            "study",
            "run",
            study.File,
            "--store",
            folder.File("store"),
            "--workers",
            "2",
            "--json",
            "--set",
            "sentinel.enabled=false",
            "--set",
            "budget.samples=256"
        );
        end.AssertSucceeded();
        Gaps(JsonDocument.Parse(end.Output).RootElement, 4, 16);
        Assert.Contains("store      ", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_times_a_few_steps_and_begins_no_store()
    {
        using var folder = new TestFolder();
        ProgramEnd end = StartedProgram.Run(folder.Path, "study", "plan", study.File, "--store", folder.File("store"), "--json");
        end.AssertSucceeded();
        JsonElement plan = JsonDocument.Parse(end.Output).RootElement;
        double first = plan.GetProperty("seconds").GetDouble(),
            most = plan.GetProperty("mostSeconds").GetDouble();
        Assert.True(first > 0);
        // In proportion to the runs, but for the two roundings to ticks of 100 ns.
        double ratio = plan.GetProperty("mostRuns").GetDouble() / plan.GetProperty("runs").GetDouble();
        Assert.Equal(ratio * first, most, (1 + ratio) * 1e-7);
        Assert.False(Directory.Exists(folder.File("store")));
        Assert.Contains(
            "time       not estimated",
            StartedProgram.Run(folder.Path, "study", "plan", study.File, "--no-time").Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Training_without_the_binding_says_in_one_sentence_what_was_tried_and_what_to_do()
    {
        using var folder = new TestFolder();
        ProgramEnd end = StartedProgram.Run(
            folder.Path,
            NoBinding,
            "study",
            "run",
            study.File,
            "--store",
            folder.File("store"),
            "--workers",
            "2"
        );
        string line = end.AssertRefused();
        Assert.StartsWith("gaplab: libtorch's binding was not found", line, StringComparison.Ordinal);
        Assert.Contains("/nowhere/libgaplab_torch.so", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("store")), "a store was begun");
    }

    private static JsonElement Document(TestFolder folder, params string[] arguments)
    {
        ProgramEnd end = StartedProgram.Run(folder.Path, NoBinding, arguments);
        end.AssertSucceeded();
        try
        {
            // Refuses anything before or after the one document.
            return JsonDocument.Parse(end.Output).RootElement;
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{string.Join(' ', arguments)} printed no single JSON document: {end}", e);
        }
    }

    private static void Gaps(JsonElement root, params int[] batches)
    {
        Assert.Equal(["sgd", "adam"], root.GetProperty("pair").EnumerateArray().Select(p => p.GetString()));
        JsonElement comparison = Assert.Single(root.GetProperty("comparisons").EnumerateArray());
        Assert.Equal(JsonValueKind.Object, comparison.GetProperty("key").ValueKind);
        Assert.Contains(comparison.GetProperty("verdict").GetString(), Verdict.All);
        Assert.Equal(batches, comparison.GetProperty("gaps").EnumerateArray().Select(g => g.GetProperty("batch").GetInt32()));
        foreach (JsonElement gap in comparison.GetProperty("gaps").EnumerateArray())
        {
            double sgd = gap.GetProperty("sgd").GetProperty("value").GetDouble(),
                adam = gap.GetProperty("adam").GetProperty("value").GetDouble();
            Assert.Equal(sgd - adam, gap.GetProperty("gap").GetDouble(), 12);
            Assert.True(gap.GetProperty("sgd").GetProperty("lr").GetDouble() > 0);
            Assert.True(gap.GetProperty("sgd").GetProperty("edge").ValueKind is JsonValueKind.True or JsonValueKind.False);
            Assert.True(gap.GetProperty("low").ValueKind is JsonValueKind.Number or JsonValueKind.Null);
            Assert.True(gap.GetProperty("high").ValueKind is JsonValueKind.Number or JsonValueKind.Null);
        }
        foreach (JsonElement crossing in comparison.GetProperty("crossovers").EnumerateArray())
        {
            long[] between = [.. crossing.GetProperty("between").EnumerateArray().Select(b => b.GetInt64())];
            Assert.Equal(between[1] <= 4 * between[0] ? JsonValueKind.Number : JsonValueKind.Null, crossing.GetProperty("batch").ValueKind);
            Assert.True(
                crossing.GetProperty("low").ValueKind == JsonValueKind.Null || crossing.GetProperty("low").GetInt64() <= between[0]
            );
            Assert.True(
                crossing.GetProperty("high").ValueKind == JsonValueKind.Null || between[1] <= crossing.GetProperty("high").GetInt64()
            );
            Assert.NotEqual(crossing.GetProperty("from").GetString(), crossing.GetProperty("to").GetString());
        }
    }
}
