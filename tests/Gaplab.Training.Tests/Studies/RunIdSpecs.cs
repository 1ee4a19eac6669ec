// Run ids: what changes them and what must not.
using System.Reflection;
using System.Text.Json.Nodes;
using Gaplab.Learning.Specs;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class RunIdSpecs
{
    private static readonly RunSpec Run = new()
    {
        Task = new TaskSpec(),
        Model = new ModelSpec(),
        Optimizer = new OptimizerSpec
        {
            Name = "sgd",
            Kind = "sgd",
            LearningRate = 0.1,
        },
        Batch = 16,
        Seed = 1,
        Budget = new BudgetSpec { Amount = 4096 },
    };

    [Fact]
    public void Keys_at_their_default_are_left_out()
    {
        Assert.Equal(
            """{"batch":16,"budget":{"amount":4096},"model":{},"optimizer":{"kind":"sgd","learning-rate":0.1}"""
                + ""","seed":1,"specVersion":1,"task":{}}""",
            RunId.Canonical(Run)
        );
        Assert.Matches("^[0-9a-f]{16}$", RunId.Of(Run));
        Assert.Equal(
            RunId.Of(Run),
            RunId.Of(
                Run with
                {
                    Schedule = new ScheduleSpec { Warmup = 0.1 },
                    Precision = "float32",
                }
            )
        );
    }

    [Fact]
    public void The_id_is_the_first_half_of_the_hash_that_any_tool_computes()
    {
        byte[] hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(RunId.Canonical(Run)));
        Assert.StartsWith(RunId.Of(Run), Convert.ToHexStringLower(hash), StringComparison.Ordinal);
    }

    [Fact]
    public void The_ids_of_an_arm_are_those_of_its_runs_one_by_one()
    {
        RunSpec[] arms =
        [
            Run,
            Run with
            {
                Batch = 512,
                Precision = "float64",
            },
            Run with
            {
                Optimizer = Run.Optimizer with { Kind = "adam", Beta2 = 0.95 },
            },
            // Texts that hold the numbers that mark the places of rate and seed.
            Run with
            {
                Task = Run.Task with { Kind = "1.0985176432587613E-89" },
            },
            Run with
            {
                Task = Run.Task with { Kind = "8096215733460927151" },
            },
        ];
        foreach (RunSpec arm in arms)
        {
            var ids = new RunIdTemplate(arm);
            foreach (double rate in (double[])[1e-7, 0.00001, 0.1, 0.123457, 1, 3, 1234560, 1e21])
            foreach (long seed in (long[])[0, 1, 2, 1_000_000_000_000])
            {
                RunSpec run = arm with { Seed = seed, Optimizer = arm.Optimizer with { LearningRate = rate } };
                Assert.Equal(RunId.Of(run), ids.Of(run));
            }
        }
    }

    [Theory]
    [InlineData("text")]
    [InlineData("idx")]
    public void Runs_on_files_that_were_not_read_have_no_plan_and_so_no_id(string kind)
    {
        StudySpec study = StudyFile.Parse(
            "study.yaml",
            $"{{task: {{kind: {kind}, path: x}}, grid: {{batch: 4}}, budget: {{steps: 1}}, optimizers: {{sgd: {{lr: 1}}}}}}"
        );
        Plan Planned(string? content) => new(study with { Task = study.Task with { Content = content } }, 64, (_, _, _) => 1);
        Assert.Throws<InvalidOperationException>(() => Planned(null));
        Assert.Single(Planned(new string('0', 64)).Arms);
    }

    [Fact]
    public void Names_and_places_do_not_count_but_content_does()
    {
        TaskSpec text = new()
        {
            Kind = "text",
            Path = "/a.txt",
            Content = new string('0', 64),
        };
        string id = RunId.Of(Run with { Task = text });
        Assert.Equal(id, RunId.Of(Run with { Task = text with { Path = "/b.txt", Merges = "m", Encoder = "e", ValidationPath = "v" } }));
        Assert.Equal(id, RunId.Of(Run with { Task = text, Optimizer = Run.Optimizer with { Name = "plain" } }));
        Assert.NotEqual(id, RunId.Of(Run with { Task = text with { Content = new string('1', 64) } }));
    }

    [Fact]
    public void Any_other_change_changes_the_id()
    {
        var seen = new Dictionary<string, string> { [RunId.Of(Start)] = "the run itself" };
        int count = 0;
        foreach ((string name, RunSpec changed) in Changes())
        {
            Assert.True(seen.TryAdd(RunId.Of(changed), name), $"{name} gives the id of {seen.GetValueOrDefault(RunId.Of(changed))}");
            count++;
        }
        Assert.True(count > 50, $"only {count} properties were changed");
    }

    [Fact]
    public void Specs_survive_JSON_and_keep_their_id()
    {
        foreach ((string name, RunSpec changed) in Changes())
            Assert.True(changed == SpecJson.ReadRun(SpecJson.Write(changed)), name);
        var pack = new PackSpec { Id = RunId.OfPack([RunId.Of(Run)]), Runs = [new PlannedRun { Id = RunId.Of(Run), Spec = Run }] };
        PackSpec back = SpecJson.ReadPack(SpecJson.Write(pack));
        Assert.Equal(pack.Id, back.Id);
        Assert.Equal(pack.Runs, back.Runs);
        Assert.DoesNotContain('\n', SpecJson.Write(pack));
    }

    [Fact]
    public void Unknown_and_missing_keys_of_a_stored_spec_are_refused()
    {
        JsonObject json = JsonNode.Parse(SpecJson.Write(Run))!.AsObject();
        json["batchh"] = 3;
        Assert.Throws<System.Text.Json.JsonException>(() => SpecJson.ReadRun(json.ToJsonString()));
        json.Remove("batchh");
        json.Remove("batch");
        Assert.Throws<System.Text.Json.JsonException>(() => SpecJson.ReadRun(json.ToJsonString()));
    }

    [Fact]
    public void The_study_id_ignores_its_name_and_limits_and_sees_the_rest()
    {
        StudySpec study = StudyFile.Parse("s.yaml", StudyFileSpecs.Small);
        string id = RunId.OfStudy(study);
        Assert.Equal(
            id,
            RunId.OfStudy(
                study with
                {
                    Name = "other",
                    Question = "?",
                    Limits = new LimitsSpec { MaxReplicas = 2 },
                    Checkpoint = new CheckpointSpec { Keep = "all" },
                }
            )
        );
        Assert.NotEqual(id, RunId.OfStudy(study with { Grid = study.Grid with { Seeds = [1, 2] } }));
        Assert.NotEqual(id, RunId.OfStudy(study with { Optimizers = [study.Optimizers[0]] }));
        Assert.NotEqual(id, RunId.OfStudy(study with { Metric = "last-mean" }));
    }

    // With a content hash, so that a change of the task's kind leaves it complete.
    private static readonly RunSpec Start = Run with { Task = new TaskSpec { Content = new string('0', 64) } };

    // Every hashed property of the run and of its parts, each changed alone.
    private static IEnumerable<(string Name, RunSpec Run)> Changes()
    {
        foreach (PropertyInfo property in typeof(RunSpec).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            object part = property.GetValue(Start)!;
            if (part.GetType().Namespace != typeof(RunSpec).Namespace)
            {
                yield return (property.Name, (RunSpec)With(Start, property, Other(property, part)));
                continue;
            }
            foreach (PropertyInfo inner in part.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
                if (inner.GetCustomAttribute<NotHashedAttribute>() is null)
                    yield return (
                        $"{property.Name}.{inner.Name}",
                        (RunSpec)With(Start, property, With(part, inner, Other(inner, inner.GetValue(part))))
                    );
        }
    }

    private static object Other(PropertyInfo property, object? value) =>
        property.Name == nameof(TaskSpec.Kind) && property.DeclaringType == typeof(TaskSpec)
            ? "text"
            : value switch
            {
                bool b => !b,
                int i => i + 1,
                long l => l + 1,
                double d => d + 0.125,
                string s => s + "x",
                OwnKeys own => own.With("x", 1.0),
                null when property.PropertyType == typeof(CommandSpec) => new CommandSpec(),
                null => "x",
                _ => throw new NotSupportedException($"{property.Name} is a {value.GetType()}"),
            };

    private static object With(object record, PropertyInfo property, object value)
    {
        object copy = record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
        property.SetValue(copy, value);
        return copy;
    }
}
