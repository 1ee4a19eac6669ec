// Where runs are made: taken up by the next, published by one rename, the first of two; and what of older stores is gone on with.
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Store;

public sealed class WorkFolderSpecs : TemporaryStore
{
    [Fact]
    public void A_run_is_in_its_place_only_when_it_is_whole()
    {
        RunStore store = Make();
        using (PackClaim claim = store.TryClaimRuns([A])!)
        {
            RunFolder work = store.TakeUp(claim, [A])[0];
            Train(work);
            Assert.Empty(store.RunIds());
            store.FinishPack([(work, Result(1))], claim: claim);
        }
        Assert.Equal([A], store.RunIds());
        Assert.Empty(store.Verify());
        Assert.False(Directory.Exists(Path.Combine(Root, "work", A)));
    }

    [Fact]
    public void What_was_given_back_is_taken_up_as_it_is_and_what_another_machine_left_is_copied()
    {
        RunStore store = Make();
        using (PackClaim claim = store.TryClaimRuns([A])!)
            Train(store.TakeUp(claim, [A])[0]);
        using (PackClaim claim = store.TryClaimRuns([A])!)
            Assert.Single(store.TakeUp(claim, [A])[0].ReadMetrics());
        Assert.Single(Directory.GetDirectories(Path.Combine(Root, "work", A)));

        // Of another machine's process it is not known that it has ended: it may be stopped and write on.
        string left = Directory.GetDirectories(Path.Combine(Root, "work", A))[0],
            theirs = Path.Combine(Root, "work", A, "0123abcd-17-4711-1");
        Directory.Move(left, theirs);
        File.WriteAllText(Path.Combine(theirs, "result.json.pending"), "{");
        using (PackClaim claim = store.TryClaimRuns([A])!)
        {
            RunFolder work = store.TakeUp(claim, [A])[0];
            Assert.Single(work.ReadMetrics());
            Assert.False(work.IsStaged);
            // It comes back and writes on, into its own folder alone.
            new RunFolder(A, theirs).AppendMetrics([new MetricRow(2, 4, "loss", 3)]);
            Assert.Single(work.ReadMetrics());
        }
    }

    [Fact]
    public void The_first_of_two_whole_results_stays_and_the_same_one_again_is_dropped()
    {
        RunStore store = Make();
        Finish(store, A, 1, seconds: 1);
        string first = File.ReadAllText(Path.Combine(store.Run(A).Folder, "result.json"));
        Finish(store, A, 1, seconds: 2);
        Assert.Equal(first, File.ReadAllText(Path.Combine(store.Run(A).Folder, "result.json")));
        Assert.Empty(store.Conflicts());
        Assert.False(Directory.Exists(Path.Combine(Root, "conflicts")));
        Assert.False(Directory.Exists(Path.Combine(Root, "work", A)));
    }

    [Theory]
    [InlineData(1.0, 1.0000000001, true, true)] // the same machine: every bit counts
    [InlineData(1.0, 1.0000000001, false, false)]
    [InlineData(1.0, 1.02, false, false)]
    [InlineData(1.0, 1.05, false, true)]
    [InlineData(0.0, 0.0009, false, false)]
    [InlineData(0.0, 0.0011, false, true)]
    [InlineData(1.0, double.NaN, false, true)]
    [InlineData(double.NaN, double.NaN, true, false)]
    public void A_second_result_that_differs_is_a_conflict_that_every_reader_names(double one, double two, bool same, bool conflict)
    {
        RunStore store = Make();
        string Environment(string processor) =>
            same || processor == "p"
                ? "{\"libtorch\":\"2\",\"blas\":\"b\",\"processor\":\"p\",\"architecture\":\"x\",\"threads\":1,\"device\":\"cpu\"}"
                : "{\"libtorch\":\"2\",\"blas\":\"b\",\"processor\":\"q\",\"architecture\":\"x\",\"threads\":1,\"device\":\"cpu\"}";
        Finish(store, A, one, environment: Environment("p"));
        Finish(store, A, two, environment: Environment("q"));
        Assert.Equal(one, store.TryRead(A)!.Metrics["val_loss"]);
        if (!conflict)
        {
            Assert.Empty(store.Conflicts());
            return;
        }
        Conflict found = Assert.Single(RunStore.Open(Root).Conflicts());
        Assert.Equal(A, found.Run);
        Assert.NotEqual(found.Kept, found.Dropped);
        Assert.StartsWith("val_loss: ", Assert.Single(found.Differences), StringComparison.Ordinal);
        Assert.Equal([found.ToString()], RunStore.Open(Root).Integrity().Conflicts.Select(c => c.ToString()));
        Assert.Contains("made twice with different results", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_diverged_run_that_completes_when_it_is_made_again_is_a_conflict()
    {
        RunStore store = Make();
        Finish(store, A, 1);
        Finish(store, A, 1, outcome: Outcome.Diverged);
        Assert.Equal("outcome: completed and diverged", Assert.Single(Assert.Single(store.Conflicts()).Differences));
    }

    [Fact]
    public void A_damaged_result_in_the_place_is_kept_aside_and_the_whole_one_takes_it()
    {
        RunStore store = Make();
        Finish(store, A, 1);
        File.AppendAllText(Path.Combine(store.Run(A).Folder, "metrics.jsonl"), "x\n");
        Finish(store, A, 1);
        Assert.Equal(1, store.TryRead(A)!.Metrics["val_loss"]);
        Assert.True(Directory.Exists(Path.Combine(Root, "damaged", $"{A}-1")));
        Assert.Empty(store.Verify());
    }

    [Fact]
    public void What_an_older_store_began_in_its_place_is_gone_on_with()
    {
        RunStore store = Make();
        Train(store.Run(A));
        Assert.False(store.RecoverPack([A]));
        using PackClaim claim = store.TryClaimRuns([A])!;
        RunFolder work = store.TakeUp(claim, [A])[0];
        Assert.Single(work.ReadMetrics());
        Assert.False(store.Run(A).Exists);
        store.FinishPack([(work, Result(1))], claim: claim);
        Assert.Empty(store.Verify());
    }

    [Fact]
    public void An_unfinished_folder_that_an_older_program_makes_meanwhile_is_moved_out_of_the_way()
    {
        RunStore store = Make();
        using (PackClaim claim = store.TryClaimRuns([A])!)
        {
            RunFolder work = store.TakeUp(claim, [A])[0];
            Train(work);
            Train(store.Run(A));
            store.FinishPack([(work, Result(1))], claim: claim);
        }
        Assert.Equal(1, store.TryRead(A)!.Metrics["val_loss"]);
        Assert.Empty(store.Verify());
    }

    [Fact]
    public void A_pack_cut_between_its_publications_is_published_by_the_next_that_claims_it()
    {
        RunStore store = Make();
        string[] ids = [A, B, C];
        for (int cut = 0; cut <= 3; cut++)
        {
            using (PackClaim claim = store.TryClaimRuns(ids)!)
            {
                IReadOnlyList<RunFolder> work = store.TakeUp(claim, ids);
                foreach (RunFolder run in work)
                {
                    Train(run);
                    run.StageResult(Result(1));
                }
                store.FinishPack([.. work.Take(cut).Select(w => (w, Result(1)))], claim: claim);
            }
            using (PackClaim claim = store.TryClaimRuns(ids)!)
                Assert.True(store.RecoverPack(ids, claim: claim));
            Assert.Equal(3, store.Index().Count);
            Assert.Empty(store.Verify());
            store.CleanClaims();
            Assert.False(Directory.Exists(Path.Combine(Root, "work")));
            Directory.Delete(Path.Combine(Root, "runs"), recursive: true);
        }
    }

    [Fact]
    public void A_pack_of_which_not_all_is_staged_publishes_nothing()
    {
        RunStore store = Make();
        using (PackClaim claim = store.TryClaimRuns([A, B])!)
        {
            IReadOnlyList<RunFolder> work = store.TakeUp(claim, [A, B]);
            Train(work[0]);
            Train(work[1]);
            work[0].StageResult(Result(1));
        }
        using (PackClaim claim = store.TryClaimRuns([A, B])!)
            Assert.False(store.RecoverPack([A, B], claim: claim));
        Assert.Empty(store.RunIds());
    }

    [Fact]
    public void Attempts_that_several_processes_tell_of_are_read_together_with_those_of_older_stores()
    {
        RunStore store = Make();
        var attempt = new Attempt(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Outcome.Killed, "signal 9", [A], 5, Call: 3);
        store.RecordAttempt("pack", attempt);
        Folder.Write(Path.Combine("store", "attempts", "pack.0123abcd-17-4711.jsonl"), (attempt with { Cause = "elsewhere" }).ToLine());
        Folder.Write(Path.Combine("store", "attempts", "pack.jsonl"), (attempt with { Cause = "before", Call = 0 }).ToLine());
        Folder.Write(Path.Combine("store", "attempts", "package.jsonl"), attempt.ToLine());
        Assert.Equal(["before", "elsewhere", "signal 9"], store.ReadAttempts("pack").Select(a => a.Cause).Order());
        Assert.Equal([0L, 3, 3], store.ReadAttempts("pack").Select(a => a.Call).Order());
        Assert.Equal(["pack", "package"], store.ReadAttempts().Keys.Order());
        Assert.Empty(store.Integrity().Damaged);
    }

    private static void Finish(
        RunStore store,
        string id,
        double loss,
        double seconds = 1,
        string? environment = null,
        Outcome outcome = Outcome.Completed
    )
    {
        using PackClaim claim = store.TryClaimRuns([id])!;
        RunFolder work = claim.Work(id);
        work.WriteSpec(SpecOf(id));
        if (environment is not null)
            work.WriteEnv(environment);
        work.AppendMetrics([new MetricRow(1, 2, "loss", 3.5)]);
        store.FinishPack([(work, Result(loss, seconds) with { Outcome = outcome })], claim: claim);
    }
}
