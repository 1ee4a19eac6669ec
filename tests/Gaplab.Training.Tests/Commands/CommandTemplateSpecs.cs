// The arguments that a run's command gets, by hand.
using Gaplab.Learning.Specs;
using Gaplab.Studies;
using Gaplab.Studies.Commands;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Commands;

public sealed class CommandTemplateSpecs
{
    private const string Rest = """
        optimizers:
          sgd: {lr: 0.1, momentum: 0.9, nesterov: true}
          lion2: {kind: Lion, lr: 0.00001, beta: 0.95, name: a b}
        grid: {batch: 32, seeds: [7]}
        budget: {samples: 1000}
        """;

    private const string Args = "args: {width: 64, amp: false, tag: x y}\n";

    [Theory]
    [InlineData("[t, \"{lr}\", \"{batch}\", \"{seed}\", \"{optimizer}\", \"{steps}\"]", "t 0.1 32 7 sgd 31", "t 1e-05 32 7 Lion 31")]
    [InlineData(
        "[t, \"{lr}\", \"--steps={steps}\", \"{samples}\", \"{{lr}}\", '{\"a\": 1}', \"{optimizer}\"]",
        "t 0.1 --steps=31 1000 '{lr}' '{\"a\": 1}' sgd",
        "t 1e-05 --steps=31 1000 '{lr}' '{\"a\": 1}' Lion"
    )]
    [InlineData(
        "[t, \"{lr}\", \"{steps}\", \"{optimizer}\", [--momentum, \"{momentum}\"], [--beta, \"{beta}\"], "
            + "[--name, \"{name}\"], [\"-n={nesterov}\"]]",
        "t 0.1 31 sgd --momentum 0.9 -n=true",
        "t 1e-05 31 Lion --beta 0.95 --name 'a b'"
    )]
    [InlineData(
        "[t, \"{args}\"]",
        "t --optimizer sgd --lr 0.1 --momentum 0.9 --nesterov true --amp false --tag 'x y' --width 64 --batch 32 "
            + "--seed 7 --samples 1000 --out /o",
        "t --optimizer Lion --lr 1e-05 --beta 0.95 --name 'a b' --amp false --tag 'x y' --width 64 --batch 32 --seed "
            + "7 --samples 1000 --out /o"
    )]
    [InlineData(
        "[t, \"{args:hydra}\", \"run.dir={out}\", \"n={steps}\", \"bs={batch}\"]",
        "t optimizer=sgd lr=0.1 momentum=0.9 nesterov=true amp=false 'tag=x y' width=64 seed=7 run.dir=/o n=31 bs=32",
        "t optimizer=Lion lr=1e-05 beta=0.95 'name=a b' amp=false 'tag=x y' width=64 seed=7 run.dir=/o n=31 bs=32"
    )]
    [InlineData(
        "[t, \"{args}\", [\"-m={momentum}\"], '{\"a\": {\"b\": 1}}', \"{{x}}\", \"{{\"]",
        "t --optimizer sgd --lr 0.1 --nesterov true --amp false --tag 'x y' --width 64 --batch 32 --seed 7 --samples 1000 --out /o "
            + "-m=0.9 '{\"a\": {\"b\": 1}}' '{x}' '{'",
        "t --optimizer Lion --lr 1e-05 --beta 0.95 --name 'a b' --amp false --tag 'x y' --width 64 --batch 32 --seed 7 --samples 1000 "
            + "--out /o '{\"a\": {\"b\": 1}}' '{x}' '{'"
    )]
    [InlineData("[t, \"{args:json}\"]", "t /o/args.json", "t /o/args.json")]
    public void Placeholders_are_what_the_run_varies(string run, string sgd, string lion)
    {
        StudySpec study = Parse(run);
        Assert.Equal([sgd, lion], Lines(study));
    }

    [Fact]
    public void A_default_of_a_known_rule_has_a_value_and_is_not_among_all()
    {
        StudySpec study = StudyFile.Parse(
            "/s/x.yaml",
            "optimizers: {adam: {lr: 0.1}}\ngrid: {batch: 4, seeds: 1}\nbudget: {steps: 8}\n"
                + "model: {kind: command, run: [t, \"{beta2}\", \"{clip}\", \"{args}\"]}"
        );
        Assert.Equal(["t 0.999 0 --optimizer adam --lr 0.1 --batch 4 --seed 1 --steps 8 --out /o"], Lines(study));
    }

    [Fact]
    public void Lists_of_values_are_tuned_each_and_a_factor_switches_an_argument()
    {
        StudySpec study = StudyFile.Parse(
            "/s/x.yaml",
            "optimizers: {muon: {lr: [0.1, 0.2], wd: [0, 0.1], ns: [3, 5]}}\ngrid: {batch: [4, 8], seeds: 2}\nbudget: {steps: 8}\n"
                + "factors: {args.width: [64, 128]}\nmodel: {kind: command, run: [t, \"{args}\"]}"
        );
        Plan plan = PlanOf(study);
        Assert.Equal(2 * 2 * 4, plan.Arms.Count);
        Assert.Equal(
            ["ns=3,wd=0", "ns=3,wd=0.1", "ns=5,wd=0", "ns=5,wd=0.1"],
            plan.Arms.Select(a => a.Variant).Distinct().Order(StringComparer.Ordinal)
        );
        string[] lines =
        [
            .. plan.FirstRound()
                .SelectMany(p => p.Runs)
                .Select(r => CommandTemplate.Fill(r.Spec, study.Catalogues.Optimizers.Of(r.Spec.Optimizer), "/o").ToString()),
        ];
        Assert.Equal(2 * 2 * 4 * 2 * 2, lines.Length);
        Assert.Equal(lines.Length, lines.Distinct().Count());
        Assert.All(plan.FirstRound(), pack => Assert.Single(pack.Runs));
        Assert.Contains("t --optimizer muon --lr 0.2 --ns 5 --wd 0.1 --width 128 --batch 8 --seed 2 --steps 8 --out /o", lines);
    }

    [Fact]
    public void A_list_may_be_of_a_key_that_is_no_column_and_a_factor_may_name_other_optimizers()
    {
        StudySpec study = StudyFile.Parse(
            "/s/x.yaml",
            "optimizers: {adam: {lr: 0.1, epsilon: [1e-8, 1e-6]}, mine: {kind: Lion2, lr: 0.1}}\ngrid: {batch: 4, seeds: 1}\n"
                + "budget: {steps: 8}\nfactors: {impl: {key: optimizers.mine.kind, levels: [Lion2, Sophia]}}\n"
                + "model: {kind: command, run: [t, \"{args}\"]}"
        );
        string[] lines = Lines(study);
        Assert.Contains("t --optimizer adam --lr 0.1 --epsilon 1e-06 --batch 4 --seed 1 --steps 8 --out /o", lines);
        Assert.Contains("t --optimizer Sophia --lr 0.1 --batch 4 --seed 1 --steps 8 --out /o", lines);
    }

    [Fact]
    public void A_shared_beta_is_passed_on()
    {
        StudySpec study = StudyFile.Parse(
            "/s/x.yaml",
            "optimizers: {sgd: {lr: 0.1}, adam: {lr: 0.1}}\ngrid: {batch: 4, seeds: 1, beta: [0.5]}\nbudget: {steps: 8}\n"
                + "model: {kind: command, run: [t, \"{args}\"]}"
        );
        Assert.Equal(
            [
                "t --optimizer sgd --lr 0.1 --momentum 0.5 --batch 4 --seed 1 --steps 8 --out /o",
                "t --optimizer adam --lr 0.1 --beta1 0.5 --beta2 0.5 --batch 4 --seed 1 --steps 8 --out /o",
            ],
            Lines(study)
        );
    }

    [Fact]
    public void The_id_counts_the_command_its_arguments_and_the_content_of_its_code_but_no_folder_and_no_machine()
    {
        static string Id(Func<CommandSpec, CommandSpec> change)
        {
            StudySpec study = Parse("[t, \"{args}\"]");
            return RunId.Of(
                PlanOf(study with { Model = study.Model with { Command = change(study.Model.Command!) } }).FirstRound()[0].Runs[0].Spec
            );
        }
        string id = Id(c => c);
        Assert.Equal(
            id,
            Id(c => c with { Folder = "/elsewhere", Gpus = 8, StopGrace = 1, StopSignal = "INT", Code = ["*.py"], Environment = ["pip"] })
        );
        (string, Func<CommandSpec, CommandSpec>)[] counted =
        [
            (
                "run",
                c =>
                    c with
                    {
                        Run =
                        [
                            ["u"],
                            ["{args}"],
                        ],
                    }
            ),
            ("args", c => c with { Args = c.Args.With("width", 65.0) }),
            ("env", c => c with { Env = OwnKeys.None.With("A", "1") }),
            ("code", c => c with { CodeContent = "1" }),
            ("data", c => c with { DataContent = "1" }),
            ("environment", c => c with { EnvironmentContent = "1" }),
            ("metrics", c => c with { Metrics = OwnKeys.None.With("validation-loss", "l") }),
            ("from", c => c with { MetricsFrom = "jsonl" }),
        ];
        foreach ((string what, Func<CommandSpec, CommandSpec> change) in counted)
            Assert.True(id != Id(change), $"the id does not count {what}");
    }

    [Fact]
    public void A_spec_survives_its_document()
    {
        StudySpec study = Parse("[t, [--m, \"{momentum}\"], \"{args}\"]");
        RunSpec run = PlanOf(study).FirstRound()[0].Runs[0].Spec;
        Assert.Equal(run.Model, SpecJson.ReadRun(SpecJson.Write(run)).Model);
        Assert.Equal(RunId.Of(run), RunId.Of(SpecJson.ReadRun(SpecJson.Write(run))));
    }

    // What is written must be carried: keys of optimizers stand where an argument names them.
    private static StudySpec Parse(string run)
    {
        bool keys = run.Contains("args", StringComparison.Ordinal) || run.Contains("momentum", StringComparison.Ordinal);
        string optimizers = keys ? "" : "optimizers: {sgd: {lr: 0.1}, lion2: {kind: Lion, lr: 0.00001}}\n",
            args = run.Contains("args", StringComparison.Ordinal) ? Args : "";
        string rest = keys ? Rest : optimizers + Rest[Rest.IndexOf("grid:", StringComparison.Ordinal)..];
        return StudyFile.Parse("/s/x.yaml", $"{rest}\n{args}model: {{kind: command, run: {run}}}");
    }

    private static Plan PlanOf(StudySpec study) => new(study, 0, (_, _, _) => 0);

    private static string[] Lines(StudySpec study) =>
        [
            .. PlanOf(study)
                .FirstRound()
                .SelectMany(p => p.Runs)
                .Select(r => CommandTemplate.Fill(r.Spec, study.Catalogues.Optimizers.Of(r.Spec.Optimizer), "/o").ToString()),
        ];
}
