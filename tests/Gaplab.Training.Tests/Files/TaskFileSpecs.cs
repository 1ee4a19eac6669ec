// Every file that a task of any kind reads: a pipe or a device in its place is one line, at once.
using System.Text;
using CsCheck;
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Training.Tests.Data;

namespace Gaplab.Training.Tests.Files;

public sealed class TaskFileSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Tasks => [.. SmallTasks.OfFiles.Keys];

    [Fact]
    public void Every_kind_of_task_that_reads_files_is_among_them() =>
        Assert.Equal(
            TaskCatalogue.BuiltIn.All.Where(k => !k.Generated).Select(k => k.Name).Order(),
            SmallTasks.OfFiles.Keys.Select(k => k.Split(',', ' ')[0]).Distinct().Order()
        );

    [Theory]
    [MemberData(nameof(Tasks))]
    public void A_pipe_or_an_endless_device_in_the_place_of_any_of_its_files_is_one_line(string name)
    {
        TaskSpec task = Read(SmallTasks.OfFiles[name](_folder));
        TaskCatalogue.BuiltIn.Load(task).Dispose();
        string[] files = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);
        string pipe = SpecialFiles.Pipe(_folder, "pipe");
        foreach (string file in files)
        foreach (string special in (string[])[pipe, SpecialFiles.Endless])
        {
            using IDisposable replaced = SpecialFiles.Replace(file, special);
            Faults.SpecialFile.Caused(1);
            string message = SpecialFiles.Within(
                $"{special} as {file}",
                () => Assert.Throws<InputException>(() => TaskCatalogue.BuiltIn.Load(task)).Message
            );
            Assert.StartsWith(
                $"{file}: is a {(special == pipe ? "pipe" : "device")}; expected a regular file",
                message,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void A_pipe_or_an_endless_device_at_any_of_its_keys_that_name_a_file_is_refused(string name)
    {
        string yaml = SmallTasks.OfFiles[name](_folder),
            pipe = SpecialFiles.Pipe(_folder, "pipe");
        TaskSpec task = Read(yaml);
        int tried = 0;
        foreach (
            SpecKey<TaskSpec> key in TaskCatalogue
                .BuiltIn.Of(task.Kind)
                .Keys.Where(k => k.Form == KeyForm.Path && k.Value(task) is not null)
        )
        foreach (string special in (string[])[pipe, SpecialFiles.Endless])
        {
            TaskSpec other = Read(yaml, $"task.{key.Name}={special}");
            Assert.Equal(special, key.Value(other));
            SpecialFiles.Within(
                $"{special} at task.{key.Name}",
                () => Assert.Throws<InputException>(() => TaskCatalogue.BuiltIn.Load(other))
            );
            tried++;
        }
        Assert.True(tried >= 2, "no key of the task names a file");
    }

    // A place in a file, how many bytes are changed there, what with, and how.
    private static readonly Gen<(double At, int Length, byte[] Piece, int How)> s_damage = Gen.Select(
        Gen.Double[0, 1],
        Gen.Int[1, 12],
        Gen.Byte.Array[1, 12],
        Gen.Int[0, 4]
    );

    private static byte[] Damaged(byte[] whole, (double At, int Length, byte[] Piece, int How) damage)
    {
        int at = (int)(damage.At * whole.Length),
            length = Math.Min(damage.Length, whole.Length - at);
        return damage.How switch
        {
            0 => [.. whole[..at], .. damage.Piece, .. whole[(at + length)..]],
            1 => [.. whole[..at], .. damage.Piece, .. whole[at..]],
            2 => [.. whole[..at], .. whole[(at + length)..]],
            3 => whole[..at],
            _ => [.. whole[..at], .. whole[at..(at + length)], .. whole[at..]],
        };
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Whatever_is_done_to_any_of_its_files_a_task_is_read_or_refused_in_one_line(string name)
    {
        TaskSpec task = Read(SmallTasks.OfFiles[name](_folder));
        string[] files = [.. Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        int refused = 0;
        foreach (string file in files)
        {
            byte[] whole = File.ReadAllBytes(file);
            FixedSeeds.Check(
                s_damage,
                Math.Max(4, 80 / files.Length),
                damage =>
                {
                    File.WriteAllBytes(file, Damaged(whole, damage));
                    try
                    {
                        TaskCatalogue.BuiltIn.Load(task).Dispose();
                    }
                    catch (InputException e)
                    {
                        refused++;
                        Assert.DoesNotContain('\n', e.Message);
                        Assert.InRange(e.Message.Length, 10, Shown.MostLine);
                    }
                }
            );
            File.WriteAllBytes(file, whole);
        }
        Assert.True(refused > 0, "no damage was noticed: the property says nothing");
        TaskCatalogue.BuiltIn.Load(task).Dispose();
    }

    [Fact]
    public void A_graph_set_with_a_line_of_many_millions_of_numbers_is_one_line_and_needs_no_memory()
    {
        TaskSpec task = Read(SmallTasks.OfFiles["tu"](_folder));
        _folder.Write("tu/S_A.txt", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1,", 10_000_000))));
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<InputException>(() => TaskCatalogue.BuiltIn.Load(task)).Message;
        Assert.Contains("line 1 has 10000001 numbers; expected 2", message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200L << 20);
    }

    private TaskSpec Read(string task, params string[] overrides) => SmallTasks.Parse(task, _folder, overrides);
}
