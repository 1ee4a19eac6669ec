// Claims: one holder at a time, across processes and machines; free when the holder has ended, or gives no sign of life for a lease.
using System.Diagnostics;
using System.Globalization;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Store;

public sealed class PackClaimSpecs : TemporaryStore
{
    [Fact]
    public void A_second_claim_fails_until_the_first_is_given_back()
    {
        RunStore one = Make(),
            two = RunStore.Open(Root);
        PackClaim? held = one.TryClaim("pack-1");
        Assert.NotNull(held);
        Assert.True(held.IsHeld);
        Assert.Null(two.TryClaim("pack-1"));
        using (PackClaim? other = two.TryClaim("pack-2"))
            Assert.NotNull(other);
        held.Dispose();
        using PackClaim? again = two.TryClaim("pack-1");
        Assert.NotNull(again);
    }

    [Fact]
    public void Nothing_is_left_of_claims_that_were_given_back()
    {
        RunStore store = Make();
        store.TryClaimRuns([A, B])!.Dispose();
        foreach (string folder in (string[])["claims", "workers"])
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Root, folder)));
    }

    [Fact]
    public void A_claim_of_another_process_of_this_machine_is_free_when_that_process_is_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        RunStore store = Make();
        using Process holder = Process.Start("sleep", "60");
        string stat = File.ReadAllText($"/proc/{holder.Id}/stat"),
            start = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        Claim(A, 1, new StoreOwner(StoreOwner.Self.Boot, holder.Id, long.Parse(start, CultureInfo.InvariantCulture)));
        Assert.Null(store.TryClaimRuns([A]));
        holder.Kill();
        holder.WaitForExit();
        using PackClaim? claim = store.TryClaimRuns([A]);
        Assert.True(claim!.IsHeld);
    }

    [Fact]
    public void A_process_with_the_number_of_one_that_has_ended_does_not_hold_its_claim()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        RunStore store = Make();
        Claim(A, 1, StoreOwner.Self with { Start = StoreOwner.Self.Start - 1 });
        using PackClaim? claim = store.TryClaimRuns([A]);
        Assert.NotNull(claim);
    }

    [Fact]
    public void A_claim_of_another_machine_holds_while_its_owner_gives_signs_of_life_and_lapses_when_they_are_older_than_a_lease()
    {
        RunStore store = Make();
        StoreOwner other = Elsewhere;
        Claim(A, 1, other);
        string sign = Folder.Write(Path.Combine("store", "workers", $"{other}.json"), "{}\n");
        // By the clock of the file system: of the two ages only the difference to a file touched now counts.
        Age(sign, Heartbeat.Lease - TimeSpan.FromSeconds(30));
        Assert.Null(store.TryClaimRuns([A]));
        Age(sign, Heartbeat.Lease + TimeSpan.FromSeconds(2));
        using PackClaim? claim = store.TryClaimRuns([A]);
        Assert.True(claim!.IsHeld);
        Assert.Equal([$"{A}.1", $"{A}.2"], Directory.GetFiles(Path.Combine(Root, "claims")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_claim_without_a_sign_of_life_or_without_a_name_is_as_old_as_its_file()
    {
        RunStore store = Make();
        string nameless = Folder.Write(Path.Combine("store", "claims", $"{A}.1"), ""),
            signless = Claim(B, 1, Elsewhere);
        Assert.Null(store.TryClaimRuns([A]));
        Assert.Null(store.TryClaimRuns([B]));
        Age(nameless, Heartbeat.Lease + TimeSpan.FromSeconds(2));
        Age(signless, Heartbeat.Lease + TimeSpan.FromSeconds(2));
        using PackClaim? claim = store.TryClaimRuns([A, B]);
        Assert.NotNull(claim);
    }

    [Fact]
    public void A_holder_whose_claim_was_taken_over_knows_it_and_publishes_nothing()
    {
        RunStore store = Make();
        using PackClaim claim = store.TryClaimRuns([A])!;
        RunFolder work = store.TakeUp(claim, [A])[0];
        Train(work);
        Claim(A, 2, Elsewhere);
        Assert.False(claim.IsHeld);
        Assert.Throws<LostClaimException>(() => store.FinishPack([(work, Result(1))], claim: claim));
        Assert.Empty(store.RunIds());
        // The new holder has finished and given back: what it removed was the older claims first.
        Directory.Delete(Path.Combine(Root, "claims"), recursive: true);
        Assert.False(claim.IsHeld);
    }

    [Fact]
    public async Task Of_many_that_claim_the_same_runs_at_once_one_at_a_time_holds_them()
    {
        Make();
        int inside = 0,
            taken = 0;
        async Task Worker()
        {
            RunStore store = RunStore.Open(Root);
            for (int i = 0; i < 40; i++)
            {
                using (PackClaim? claim = store.TryClaimRuns(i % 2 == 0 ? [A, B] : [B, C]))
                    if (claim is not null)
                    {
                        Assert.Equal(1, Interlocked.Increment(ref inside));
                        await Task.Yield();
                        Assert.True(claim.IsHeld);
                        Interlocked.Decrement(ref inside);
                        Interlocked.Increment(ref taken);
                    }
                await Task.Yield();
            }
        }
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(Worker, TestContext.Current.CancellationToken)));
        Assert.True(taken > 8, $"only {taken} claims were taken");
        using PackClaim? last = RunStore.Open(Root).TryClaimRuns([A, B, C]);
        Assert.NotNull(last);
    }

    [Fact]
    public void Cleaning_removes_lapsed_claims_and_locks_of_older_stores_and_leaves_what_is_held()
    {
        RunStore store = Make();
        using PackClaim held = store.TryClaimRuns([A])!;
        Age(Claim(B, 1, Elsewhere), Heartbeat.Lease + TimeSpan.FromSeconds(2));
        string others = Claim(C, 1, Elsewhere);
        Folder.Write(Path.Combine("store", "claims", $"{B}.lock"), "");
        store.CleanClaims();
        Assert.True(held.IsHeld);
        Assert.Equal(
            new[] { $"{A}.1", Path.GetFileName(others) }.Order(),
            Directory.GetFiles(Path.Combine(Root, "claims")).Select(f => Path.GetFileName(f)!).Order()
        );
    }

    private static StoreOwner Elsewhere => new("0123abcd", 17, 4711);

    private string Claim(string run, int number, StoreOwner owner) =>
        Folder.Write(Path.Combine("store", "claims", string.Create(CultureInfo.InvariantCulture, $"{run}.{number}")), $"{owner}-1");

    private void Age(string file, TimeSpan age)
    {
        string now = Folder.Write("now", "");
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(now) - age);
    }
}
