// gaplab study status: how far a store is, arm by arm. Needs no libtorch.
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;

namespace Gaplab.Cli;

internal static class StudyStatusCommand
{
    public static Command Create()
    {
        var store = new Argument<string>("store") { Description = "the store's folder, or its study file" };
        var verify = new Option<bool>("--verify")
        {
            Description = "hold kept checkpoints, probes and the study's files against their checksums too",
        };
        var json = new Option<bool>("--json") { Description = "one JSON document on standard output" };
        var command = new Command("status", "how far a study is") { store, verify, json };
        command.SetAction(parsed =>
        {
            (RunStore opened, PlanDocument document) = StudyArguments.OpenStore(parsed.GetRequiredValue(store));
            Plan plan = document.ToPlan();
            HashSet<string> finished = [.. opened.Index().Select(r => r.Id)];
            var arms = new StudyResults(plan, opened)
                .Decisions()
                .Select(d =>
                {
                    IReadOnlyList<PlannedRun> runs = plan.Runs(d.Arm, d.Decision.Tried);
                    return (d.Arm, d.Decision, Done: runs.Count(r => finished.Contains(r.Id)), Runs: runs.Count);
                })
                .ToList();
            IReadOnlyList<Damage> problems = parsed.GetValue(verify) ? opened.Verify() : [];
            foreach (Damage problem in problems)
                opened.Tell(problem);
            if (parsed.GetValue(json))
            {
                var node = new JsonObject
                {
                    ["study"] = document.Study.Name,
                    ["done"] = arms.Sum(g => g.Done),
                    ["runs"] = arms.Sum(g => g.Runs),
                    ["arms"] = new JsonArray([
                        .. arms.Select(g =>
                            (JsonNode)
                                new JsonObject
                                {
                                    ["key"] = g.Arm.Key,
                                    ["done"] = g.Done,
                                    ["runs"] = g.Runs,
                                    ["sentinel"] = SentinelText.Word(g.Decision.Status),
                                    ["best"] = g.Decision.Best,
                                }
                        ),
                    ]),
                    ["problems"] = new JsonArray([.. problems.Select(p => (JsonNode)p.ToString())]),
                };
                Console.Out.WriteLine(StoreCheck.With(node, opened).ToJsonString(SpecJson.Indented));
            }
            else
            {
                Console.Out.WriteLine($"{document.Study.Name}: {arms.Sum(g => g.Done)} of {arms.Sum(g => g.Runs)} runs done");
                foreach ((Arm arm, SentinelDecision decision, int done, int runs) in arms)
                    Console.Out.WriteLine(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"  {arm.Key, -28} {done, 4} of {runs, 4}  best rate "
                                + $"{decision.Best?.ToString("g6", CultureInfo.InvariantCulture) ?? "-", -10} "
                                + $"{SentinelText.Sentence(decision.Status)}"
                        )
                    );
                StoreCheck.Print(Console.Out, opened);
                if (parsed.GetValue(verify) && problems.Count == 0)
                    Console.Out.WriteLine("every checksum holds");
            }
            return StoreCheck.Tell(CommandRunner.Done, opened);
        });
        return command;
    }
}
