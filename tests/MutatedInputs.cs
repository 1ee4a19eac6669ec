// Files that are changed byte by byte and given to whoever reads them: whatever they hold, the answer is a value or one line.
using System.Diagnostics;
using System.Text;
using Gaplab.Numerics;
using Gaplab.Numerics.Streams;

namespace Gaplab.Tests;

/// <summary>Something that reads files.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Files">Paths of whole files; each is changed in turn and written back.</param>
/// <param name="Read">Reads all of them, and tells what it read where damage to one file may cost no more than a run.</param>
internal sealed record InputDoor(string Name, IReadOnlyList<string> Files, Func<string> Read)
{
    public InputDoor(string name, IReadOnlyList<string> files, Action read)
        : this(
            name,
            files,
            () =>
            {
                read();
                return "";
            }
        ) { }
}

/// <summary>A run of many changed inputs through one door. The changes follow from its name alone.</summary>
internal static class MutatedInputs
{
    /// <summary>The two classes of doors together have more than 40: with this many each, ./test --all reads over 100,000 inputs.</summary>
    private const int OfAll = 2500,
        OfShort = 60;

    private const long MostMemory = 1L << 30;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    /// <summary>What a hostile file would hold: numbers that overflow, depth, tags, endings of other formats, signs that a terminal
    /// obeys.</summary>
    private static readonly byte[][] s_pieces =
    [
        .. (
            (string[])
                [
                    "9223372036854775808",
                    "-1",
                    "1e999",
                    "NaN",
                    "0x7fffffff",
                    "4294967295",
                    new string('[', 2000),
                    new string('{', 2000),
                    string.Concat(Enumerable.Repeat("{\"a\":", 500)),
                    "!!python/object/apply:os.system [\"true\"]",
                    "&a [*a, *a]",
                    "\u001b]0;x\u0007\u001b[31m",
                    "=cmd|'/c calc'!A1",
                    "</script><script>alert(1)</script>",
                    "../../../../etc/passwd",
                    "\0\0\0\0",
                    "\uFEFF",
                    "\r\n\r\n",
                    new string('9', 400),
                    new string(',', 5000),
                ]
        ).Select(Encoding.UTF8.GetBytes),
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        [0x1F, 0x8B, 8, 0],
        "PK\u0003\u0004"u8.ToArray(),
    ];

    public static void Check(InputDoor door)
    {
        Assert.NotEmpty(door.Files);
        string sound = door.Read();
        byte[][] whole = [.. door.Files.Select(File.ReadAllBytes)];
        var random = RandomStream.For(20_260_117, "mutated/" + door.Name);
        int noticed = 0,
            count = LongStage.Runs ? OfAll : OfShort;
        for (int i = 0; i < count; i++)
        {
            int file = Next(random, whole.Length);
            byte[] changed = Changed(whole[file], random);
            File.WriteAllBytes(door.Files[file], changed);
            try
            {
                noticed += Outcome(door, $"input {i} of {Path.GetFileName(door.Files[file])}") != sound ? 1 : 0;
            }
            finally
            {
                File.WriteAllBytes(door.Files[file], whole[file]);
            }
        }
        Faults.HostileBytes.Caused(count);
        Assert.True(noticed > 0, $"{door.Name}: no change was noticed: the property says nothing");
        Assert.Equal(sound, door.Read());
    }

    /// <summary>What was read; null where it was refused.</summary>
    private static string? Outcome(InputDoor door, string what)
    {
        Exception? error = null;
        string? read = null;
        long allocated = 0;
        var watch = Stopwatch.StartNew();
        // The stack that a command's main thread has.
        var thread = new Thread(
            () =>
            {
                try
                {
                    read = door.Read();
                }
                catch (Exception e)
                {
                    error = e;
                }
                allocated = GC.GetAllocatedBytesForCurrentThread();
            },
            8 << 20
        )
        {
            IsBackground = true,
        };
        thread.Start();
        Assert.True(thread.Join(s_longest), $"{door.Name}, {what}: no answer after {watch.Elapsed.TotalSeconds:0} s");
        Assert.True(allocated <= MostMemory, $"{door.Name}, {what}: allocated {allocated >> 20} MiB");
        if (error is null)
            return read;
        Assert.True(error is InputException, $"{door.Name}, {what}: {error}");
        Assert.True(error.Message.Length is >= 10 and <= Shown.MostLine, $"{door.Name}, {what}: {error.Message.Length} letters");
        Assert.False(error.Message.Any(char.IsControl), $"{door.Name}, {what}: {error.Message}");
        return null;
    }

    private static byte[] Changed(byte[] whole, RandomStream random)
    {
        byte[] now = whole;
        for (int changes = 1 + Next(random, 3); changes > 0; changes--)
        {
            int at = Next(random, now.Length + 1),
                length = Math.Min(1 + Next(random, 299), now.Length - at);
            now = Next(random, 7) switch
            {
                0 when now.Length > 0 => Flipped(now, Math.Min(at, now.Length - 1), random),
                1 => now[..at],
                2 => [.. now[..at], .. now[(at + length)..]],
                3 => [.. now[..(at + length)], .. now[at..]],
                4 => [.. now[..at], .. s_pieces[Next(random, s_pieces.Length)], .. now[at..]],
                5 => [.. now[..at], .. s_pieces[Next(random, s_pieces.Length)], .. now[(at + length)..]],
                _ => Scattered(now, random),
            };
        }
        return now;
    }

    private static int Next(RandomStream random, int below) => (int)random.NextIndex(below);

    private static byte[] Flipped(byte[] whole, int at, RandomStream random)
    {
        byte[] now = [.. whole];
        now[at] ^= (byte)(1 << Next(random, 8));
        return now;
    }

    private static byte[] Scattered(byte[] whole, RandomStream random)
    {
        byte[] now = [.. whole];
        for (int i = 0; i < 8 && now.Length > 0; i++)
            now[Next(random, now.Length)] = (byte)Next(random, 256);
        return now;
    }
}
