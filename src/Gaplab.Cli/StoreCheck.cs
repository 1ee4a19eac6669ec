// What a command that reads stores says after its answer: what of them was damaged, what could not be verified, and the exit code.
using Gaplab.Results.Store;

namespace Gaplab.Cli;

/// <summary>Told after the answer, once a command.</summary>
internal static class StoreCheck
{
    /// <summary>Names every damaged file on standard error, and says where results are older than digests.</summary>
    /// <param name="code">The exit code without it.</param>
    /// <param name="stores">All that were read.</param>
    /// <returns>The exit code with it.</returns>
    public static int Tell(int code, params IEnumerable<RunStore> stores)
    {
        StoreIntegrity found = StoreIntegrity.Of(stores);
        foreach (Damage damage in found.Damaged)
            Console.Error.WriteLine($"damaged    {damage}{(damage.Run.Length > 0 && !damage.IsStray ? "; left out of every number" : "")}");
        if (found.Damaged.Any(d => d.Run.Length > 0 && !d.IsStray))
            Console.Error.WriteLine(
                "           'gaplab study run' keeps what is damaged in the store's folder damaged/ and makes it again"
            );
        foreach (Conflict conflict in found.Conflicts)
            Console.Error.WriteLine($"conflict   {conflict}; both digests are in the store's folder conflicts/");
        return found.Damaged.Count > 0 && code is CommandRunner.Done or CommandRunner.Incomplete ? CommandRunner.Damaged : code;
    }

    /// <summary>A line for people, where there is something to say.</summary>
    public static void Print(TextWriter words, params IEnumerable<RunStore> stores)
    {
        StoreIntegrity found = StoreIntegrity.Of(stores);
        if (found.Unverified > 0)
            words.WriteLine(found.Describe("results   ").Replace("    (", "    ", StringComparison.Ordinal).TrimEnd(')'));
    }
}
