// A store's plan, its study file and the user's own, edited or spoilt while the study runs: what was started is what ends.
using System.Text.Json.Nodes;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class EditedPlanSpecs(SmallStudy study)
{
    [Theory]
    [InlineData("plan.json", "spoilt")]
    [LongInlineData("plan.json", "another number")]
    [LongInlineData("plan.json", "deleted")]
    [LongInlineData("study.yaml", "another number")]
    [LongInlineData("the user's file", "another number")]
    public void What_was_started_ends_and_the_same_command_repeats_nothing(string which, string how)
    {
        using var folder = new TestFolder();
        string store = folder.File("store"),
            own = folder.Write("small.yaml", SmallStudy.Yaml);
        string[] command = ["study", "run", own, "--store", store, "--workers", "2"];
        var tally = new FaultTally(Faults.PlanEdited);
        ProgramEnd end;
        using (StartedProgram program = StartedProgram.Start(folder.Path, command))
        {
            while (program.IsAlive && StoreSnapshot.Of(store).Results.Count == 0)
                Thread.Sleep(10);
            string edited = which == "the user's file" ? own : Path.Combine(store, which),
                text = File.ReadAllText(edited);
            if (how == "deleted")
                File.Delete(edited);
            else
                File.WriteAllText(
                    edited,
                    how == "spoilt" ? text[..(text.Length / 2)] : text.Replace("1536", "3072", StringComparison.Ordinal)
                );
            Assert.True(how == "deleted" || File.ReadAllText(edited) != text, $"{which} has no 1536");
            tally.Struck(store);
            end = program.Wait();
        }
        // Its runs are there; a page that cannot be made of a spoilt plan is said in one line.
        Assert.True(end.ExitCode is 0 or 2, end.ToString());
        Assert.Equal(study.Reference.Results, StoreSnapshot.Of(store).Results);
        if (which == "plan.json" && how != "deleted")
            StartedProgram.Run(folder.Path, "study", "status", store).AssertRefused();

        File.WriteAllText(own, SmallStudy.Yaml);
        StartedProgram.Run(folder.Path, command).AssertSucceeded();
        tally.Ended(store, study.Reference);
        StartedProgram.Run(folder.Path, "verify", store).AssertSucceeded();
        if (which == "plan.json" && how == "spoilt")
            Assert.NotEmpty(Directory.GetFiles(Path.Combine(store, "damaged")));
        Assert.Equal("small", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(store, "plan.json")))!["study"]!["name"]);
    }
}
