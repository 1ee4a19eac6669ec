// Claims: one holder at a time, across handles and across processes, and free again when the holder is killed.
using System.Diagnostics;
using Gaplab.Results.Store;

namespace Gaplab.Pure.Tests.Store;

public sealed class PackClaimSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_claim_fails_until_the_first_is_given_back()
    {
        RunStore one = RunStore.Open(_folder.File("s"), create: true),
            two = RunStore.Open(_folder.File("s"), create: true);
        PackClaim? held = one.TryClaim("pack-1");
        Assert.NotNull(held);
        Assert.Null(two.TryClaim("pack-1"));
        using (PackClaim? other = two.TryClaim("pack-2"))
            Assert.NotNull(other);
        held.Dispose();
        using PackClaim? again = two.TryClaim("pack-1");
        Assert.NotNull(again);
    }

    [Fact]
    public async Task A_claim_held_by_another_process_is_free_when_that_process_is_killed()
    {
        if (!File.Exists("/usr/bin/flock"))
            Assert.Skip("needs the flock program to play the other process");
        RunStore store = RunStore.Open(_folder.File("s"), create: true);
        using (store.TryClaim("pack-1")) { }
        string path = Path.Combine(store.Root, "claims", "pack-1.lock");
        // -F: flock becomes the command itself, so that one kill ends the only process that holds the lock.
        using Process holder = Process.Start(new ProcessStartInfo("/usr/bin/flock", ["-x", "-F", path, "sleep", "60"]))!;
        try
        {
            await Until(() =>
            {
                using PackClaim? claim = store.TryClaim("pack-1");
                return claim is null;
            });
        }
        finally
        {
            holder.Kill();
        }
        await Until(() =>
        {
            using PackClaim? claim = store.TryClaim("pack-1");
            return claim is not null;
        });
    }

    private static async Task Until(Func<bool> condition)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(20), "the claim did not change hands within 20 s");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
