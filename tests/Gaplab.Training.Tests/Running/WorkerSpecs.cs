// What befalls one worker: it is killed, always dies, runs out of memory or of time; no other pack and no optimizer pays for it.
using Gaplab.Learning.Specs;
using Gaplab.Results.Analysis;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Running;

namespace Gaplab.Training.Tests.Running;

[Collection(nameof(StartedProgram))]
public sealed class WorkerSpecs(SmallStudy study)
{
    [Fact]
    public void A_worker_killed_alone_is_a_recorded_attempt_that_is_retried_and_changes_nothing()
    {
        using var folder = new TestFolder();
        string store = folder.File("store");
        using StartedProgram program = StartedProgram.Start(folder.Path, "study", "run", study.File, "--store", store, "--workers", "1");
        // Killed while it trains: it has just written a checkpoint.
        while (
            program.IsAlive
            && !(Directory.Exists(store) && Directory.EnumerateFiles(store, "*.safetensors", SearchOption.AllDirectories).Any())
        )
            Thread.Sleep(10);
        StartedProgram.SignalProcess(program.Workers()[0], StartedProgram.KillSignal);
        ProgramEnd end = program.Wait();
        end.AssertSucceeded();
        Assert.Empty(end.ErrorLines);
        Assert.Contains("killed: the worker was killed by signal 9", end.Output, StringComparison.Ordinal);
        Attempt attempt = Assert.Single(Assert.Single(RunStore.Open(store).ReadAttempts()).Value);
        Assert.Equal(Outcome.Killed, attempt.Outcome);
        var tally = new FaultTally(Faults.WorkerKilled);
        tally.Struck(store);
        tally.Ended(store, study.Reference);
    }

    [Fact]
    public void A_pack_whose_workers_always_die_is_missing_and_never_counted_against_its_optimizer()
    {
        using var folder = new TestFolder();
        // The shell reads every order before the worker does, and dies at Adam's with batch size 16.
        string script = folder.Write(
            "worker.sh",
            $$"""
            while IFS= read -r order; do
                case $order in *'"kind":"adam"'*'"batch":16,'*) kill -9 $$; exit ;; esac
                printf '%s\n' "$order"
            done | dotnet '{{StartedProgram.Path}}' train-packs
            """
        );
        (RunStore store, PlanDocument document, RunnerEnd end) = Run(
            folder,
            study.File,
            new WorkerCommand("sh", [script]),
            "sentinel.enabled=false"
        );

        Assert.Equal(2, end.Missing.Count);
        Assert.All(
            end.Missing,
            m => Assert.Equal(("adam", 16, PackEndKind.Killed), (m.Pack.Runs[0].Spec.Optimizer.Name, m.Pack.Runs[0].Spec.Batch, m.End.Kind))
        );
        IReadOnlyDictionary<string, IReadOnlyList<Attempt>> attempts = store.ReadAttempts();
        Assert.Equal([.. end.Missing.Select(m => m.Pack.Id).Order()], attempts.Keys.Order());
        Assert.All(attempts.Values, pack => Assert.Equal([Outcome.Killed, Outcome.Killed], pack.Select(a => a.Outcome)));

        // Every other run is what it would have been.
        StoreSnapshot got = StoreSnapshot.Of(store.Root);
        Assert.Equal(18, got.Results.Count);
        foreach ((string id, (string Result, string Metrics) run) in got.Results)
            Assert.Equal(study.Reference.Results[id], run);

        // Adam has no value at 16: no gap there, and no infinite loss; the analysis says that runs are missing.
        var report = new StudyReport(document, store);
        GapAnalysis analysis = report.Analyse(new AnalysisOptions { First = "sgd", Second = "adam" });
        string json = AnswerJson.Text(analysis.ToJson()),
            text = string.Join('\n', analysis.ToLines());
        Assert.Equal([4L], analysis.Comparisons.Single().Gaps.Select(g => g.Batch));
        Assert.DoesNotContain("Infinity", json, StringComparison.Ordinal);
        Assert.Contains("missing-runs", json, StringComparison.Ordinal);
        Assert.Contains("adam, B=16", text, StringComparison.Ordinal);
        Assert.Contains("count against no optimizer", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pack_given_up_leaves_its_arm_waiting_and_the_next_call_ends_with_the_runs_of_an_undisturbed_study()
    {
        using var folder = new TestFolder();
        string script = folder.Write(
            "worker.sh",
            $$"""
            while IFS= read -r order; do
                case $order in *'"kind":"adam"'*'"batch":16,'*) kill -9 $$; exit ;; esac
                printf '%s\n' "$order"
            done | dotnet '{{StartedProgram.Path}}' train-packs
            """
        );
        (RunStore store, PlanDocument document, RunnerEnd end) = Run(folder, study.File, new WorkerCommand("sh", [script]));
        Assert.All(end.Missing, m => Assert.Equal(("adam", 16), (m.Pack.Runs[0].Spec.Optimizer.Name, m.Pack.Runs[0].Spec.Batch)));
        (Arm arm, SentinelDecision decision) = Assert.Single(end.Waiting);
        Assert.Equal(("adam", 16, 0), (arm.Optimizer, arm.Batch, decision.Round));
        var tally = new FaultTally(Faults.GivenUp);
        tally.Struck(store.Root);
        // No rate was asked for that an undisturbed study does not ask for.
        Assert.Empty(StoreSnapshot.Of(store.Root).Results.Keys.Except(study.Reference.Results.Keys));
        Assert.Contains(
            "provisional",
            AnswerJson.Text(new StudyReport(document, store).Analyse(new AnalysisOptions { First = "sgd", Second = "adam" }).ToJson()),
            StringComparison.Ordinal
        );

        (_, _, end) = Run(folder, study.File, new WorkerCommand("dotnet", [StartedProgram.Path, "train-packs"]));
        Assert.Empty(end.Missing);
        Assert.Empty(end.Waiting);
        tally.Ended(store.Root, study.Reference);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(store.Root, "claims")));
    }

    [Fact]
    public void Memory_that_runs_out_is_a_typed_outcome_of_the_pack_that_wanted_it()
    {
        using var folder = new TestFolder();
        string file = folder.Write(
            "big.yaml",
            """
            study: big
            task: {kind: markov, vocabulary: 4096, tokens: 2400000, context: 64}
            model: {kind: gpt, layers: 1, heads: 1, width: 4}
            optimizers: {sgd: {lr: 0.1}}
            grid: {batch: [1, 32768], seeds: 1}
            budget: {steps: 2}
            evaluation: {points: 1, validation: 2, train: none, micro-batch: 32768}
            sentinel: {enabled: false}
            """
        );
        // Room for the program and the small batch, not for the 34 GB of the large one's logits.
        (RunStore store, _, RunnerEnd end) = Run(
            folder,
            file,
            new WorkerCommand("sh", ["-c", $"ulimit -v 20000000; exec dotnet '{StartedProgram.Path}' train-packs"])
        );
        (PackSpec pack, PackEnd last) = Assert.Single(end.Missing);
        Assert.True(last.Kind == PackEndKind.OutOfMemory, $"{last}");
        Assert.Equal(32768, pack.Runs[0].Spec.Batch);
        Assert.Equal([Outcome.OutOfMemory, Outcome.OutOfMemory], store.ReadAttempts()[pack.Id].Select(a => a.Outcome));
        Faults.LittleMemory.Caused(1);
        Assert.All(store.ReadAttempts()[pack.Id], a => Assert.DoesNotContain('\n', a.Cause));
        Assert.Single(StoreSnapshot.Of(store.Root).Results);
    }

    [Fact]
    public void A_pack_that_takes_too_long_is_timed_out_and_the_program_exits_1_and_says_so()
    {
        using var folder = new TestFolder();
        string store = folder.File("store");
        string[] command =
        [
            "study",
            "run",
            study.File,
            "--store",
            store,
            "--workers",
            "1",
            "--set",
            "grid.batch=4",
            "--set",
            "grid.seeds=1",
            "--set",
            "budget.samples=4000000",
            "--set",
            "evaluation.points=0",
            "--set",
            "sentinel.enabled=false",
        ];
        ProgramEnd end = StartedProgram.Run(folder.Path, [.. command, "--set", "limits.time-per-pack=1.5"]);
        Assert.True(end.ExitCode == 1, end.ToString());
        Assert.Equal(2, end.ErrorLines.Length);
        Assert.All(
            end.ErrorLines,
            line =>
                Assert.Matches(
                    "^missing    3 runs of (sgd|adam), B=4: timed-out: .*limits.time-per-pack; the same command tries them again$",
                    line
                )
        );
        Assert.All(
            RunStore.Open(store).ReadAttempts().Values,
            pack => Assert.Equal([Outcome.TimedOut, Outcome.TimedOut], pack.Select(a => a.Outcome))
        );
        Assert.Contains("missing-runs", end.Output, StringComparison.Ordinal);
        string page = File.ReadAllText(Path.Combine(store, "report.html"));
        Assert.Contains("3 runs were killed, ran out of memory or of time", page, StringComparison.Ordinal);
        Assert.Empty(StoreSnapshot.Of(store).Results);
    }

    private static (RunStore Store, PlanDocument Document, RunnerEnd End) Run(
        TestFolder folder,
        string file,
        WorkerCommand worker,
        params string[] overrides
    )
    {
        string where = folder.File("store");
        using PreparedStudy prepared = PreparedStudy.Read(file, overrides, 2, Catalogues.BuiltIn, _ => where);
        RunStore store = RunStore.Open(where, create: true);
        store.Bind(prepared.Plan.Study.Name, RunId.OfStudy(prepared.Plan.Study), prepared.Yaml);
        PlanDocument document = prepared.ToDocument("a test");
        document.Save(store);
        var runner = new StudyRunner(prepared.Plan, store, new RunnerOptions { Workers = 2, Worker = worker }, new Silence());
        return (store, document, runner.Run(TestContext.Current.CancellationToken));
    }

    private sealed class Silence : IStudyObserver
    {
        public void Changed(StudySnapshot snapshot) { }

        public void PackEnded(PackSpec pack, PackEnd end, StudySnapshot snapshot) { }

        public void Decided(Arm arm, SentinelDecision decision) { }

        public void Dispose() { }
    }
}
