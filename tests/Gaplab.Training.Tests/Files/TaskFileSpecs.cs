// Every file that a task of any kind reads: a pipe or a device in its place is one line, at once.
using System.Text;
using CsCheck;
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies.Yaml;
using Gaplab.Training.Tests.Data;

namespace Gaplab.Training.Tests.Files;

public sealed class TaskFileSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A task of each kind that reads files, as a study file has it; its files are in a folder of its own.</summary>
    private static readonly Dictionary<string, Func<TestFolder, string>> s_tasks = new()
    {
        ["text"] = f =>
        {
            f.Write("text/a.txt", Words(3000));
            f.Write("text/b/c.txt", Words(2000));
            return "{kind: text, path: text, context: 16}";
        },
        ["text of one file"] = f =>
        {
            f.Write("one/a.txt", Words(3000));
            return "{kind: text, path: one/a.txt, context: 16}";
        },
        ["text, gpt2"] = f =>
        {
            f.Write("gpt/a.txt", string.Concat(Enumerable.Repeat("ab ba ", 400)));
            string[] letters =
            [
                .. Enumerable
                    .Range(0, 256)
                    .Select(b => ((char)(b is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? b : 256 + Shifted(b))).ToString()),
            ];
            f.Write("gpt/vocab.bpe", "#version: 0.2\na b\n");
            f.Write(
                "gpt/encoder.json",
                System.Text.Json.JsonSerializer.Serialize(
                    letters.Append("ab").Append("<|endoftext|>").Select((l, i) => (l, i)).ToDictionary(p => p.l, p => p.i)
                )
            );
            return "{kind: text, path: gpt/a.txt, tokenizer: gpt2, merges: gpt/vocab.bpe, encoder: gpt/encoder.json, context: 16}";
        },
        ["tokens"] = f =>
        {
            f.Write("tokens/train.bin", Ids(3000));
            f.Write("tokens/val.bin", Ids(600));
            return "{kind: tokens, path: tokens, context: 16}";
        },
        ["translation"] = f =>
        {
            foreach (string name in (string[])["source", "target", "validation-source", "validation-target"])
                f.Write(
                    $"pairs/{name}",
                    string.Concat(Enumerable.Range(0, 60).Select(i => $"{name[^3..]} sentence {i} of {i * 37 % 11}\n"))
                );
            return "{kind: translation, source: pairs/source, target: pairs/target, validation-source: pairs/validation-source, "
                + "validation-target: pairs/validation-target, context: 32, source-context: 32, vocabulary: 270}";
        },
        ["idx"] = f =>
        {
            foreach ((string part, int count) in ((string, int)[])[("train", 20), ("t10k", 10)])
            {
                f.Write(
                    $"idx/{part}-images-idx3-ubyte",
                    [
                        0,
                        0,
                        8,
                        3,
                        0,
                        0,
                        0,
                        (byte)count,
                        0,
                        0,
                        0,
                        4,
                        0,
                        0,
                        0,
                        4,
                        .. Enumerable.Range(0, count * 16).Select(i => (byte)(i * 7)),
                    ]
                );
                f.Write(
                    $"idx/{part}-labels-idx1-ubyte",
                    [0, 0, 8, 1, 0, 0, 0, (byte)count, .. Enumerable.Range(0, count).Select(i => (byte)(i % 3))]
                );
            }
            return "{kind: idx, path: idx}";
        },
        ["cifar"] = f =>
        {
            f.Write("cifar/data_batch_1.bin", Cifar(8));
            f.Write("cifar/test_batch.bin", Cifar(4));
            return "{kind: cifar, path: cifar, classes: 10}";
        },
        ["cifar of two files"] = f =>
        {
            f.Write("two/a.bin", Cifar(8));
            f.Write("two/b.bin", Cifar(4));
            return "{kind: cifar, path: two/a.bin, validation-path: two/b.bin, classes: 10}";
        },
        ["image-folder"] = f =>
        {
            foreach (string part in (string[])["train", "val"])
            foreach (string image in (string[])["cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png"])
                f.Write($"images/{part}/{image}", TestImages.Png(8, 8, 3, (y, x, c) => (byte)(y * 8 + x + c + image.Length)));
            return "{kind: image-folder, path: images, side: 8}";
        },
        ["fasta"] = f =>
        {
            f.Write("genome/a.fa", Fasta(3000));
            f.Write("genome/b.fa", Fasta(800));
            return "{kind: fasta, path: genome/a.fa, validation-path: genome/b.fa, context: 16}";
        },
        ["molecules"] = f =>
        {
            f.Write("molecules/a.csv", "smiles,y\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"{new string('C', i)}O,{i}\n")));
            return "{kind: molecules, path: molecules/a.csv, target-column: y}";
        },
        ["tu"] = f =>
        {
            f.Write(
                "tu/S_A.txt",
                string.Concat(Enumerable.Range(0, 20).Select(g => $"{2 * g + 1}, {2 * g + 2}\n{2 * g + 2}, {2 * g + 1}\n"))
            );
            f.Write("tu/S_graph_indicator.txt", string.Concat(Enumerable.Range(0, 40).Select(v => $"{v / 2 + 1}\n")));
            f.Write("tu/S_graph_labels.txt", string.Concat(Enumerable.Range(0, 20).Select(g => $"{g % 2}\n")));
            f.Write("tu/S_node_labels.txt", string.Concat(Enumerable.Range(0, 40).Select(v => $"{v % 3}\n")));
            f.Write("tu/S_node_attributes.txt", string.Concat(Enumerable.Range(0, 40).Select(v => $"{v}.5, {v % 7}\n")));
            f.Write("tu/S_edge_labels.txt", string.Concat(Enumerable.Range(0, 40).Select(e => $"{e % 2}\n")));
            return "{kind: tu, path: tu}";
        },
    };

    public static TheoryData<string> Tasks => [.. s_tasks.Keys];

    [Fact]
    public void Every_kind_of_task_that_reads_files_is_among_them() =>
        Assert.Equal(
            TaskCatalogue.Kinds.Except(TaskCatalogue.Generated).Order(),
            s_tasks.Keys.Select(k => k.Split(',', ' ')[0]).Distinct().Order()
        );

    [Theory]
    [MemberData(nameof(Tasks))]
    public void A_pipe_or_an_endless_device_in_the_place_of_any_of_its_files_is_one_line(string name)
    {
        TaskSpec task = Read(s_tasks[name](_folder));
        TaskCatalogue.Load(task).Dispose();
        string[] files = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);
        string pipe = SpecialFiles.Pipe(_folder, "pipe");
        foreach (string file in files)
        foreach (string special in (string[])[pipe, SpecialFiles.Endless])
        {
            using IDisposable replaced = SpecialFiles.Replace(file, special);
            string message = SpecialFiles.Within(
                $"{special} as {file}",
                () => Assert.Throws<InputException>(() => TaskCatalogue.Load(task)).Message
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
        string yaml = s_tasks[name](_folder),
            pipe = SpecialFiles.Pipe(_folder, "pipe");
        TaskSpec task = Read(yaml);
        int tried = 0;
        // A key names a file when its value became a full path.
        foreach (
            System.Reflection.PropertyInfo property in typeof(TaskSpec)
                .GetProperties()
                .Where(p => p.GetValue(task) is string text && Path.IsPathRooted(text))
        )
        foreach (string special in (string[])[pipe, SpecialFiles.Endless])
        {
            string key = System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name);
            TaskSpec other = Read(yaml, $"task.{key}={special}");
            Assert.Equal(special, property.GetValue(other));
            SpecialFiles.Within($"{special} at task.{key}", () => Assert.Throws<InputException>(() => TaskCatalogue.Load(other)));
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
        TaskSpec task = Read(s_tasks[name](_folder));
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
                        TaskCatalogue.Load(task).Dispose();
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
        TaskCatalogue.Load(task).Dispose();
    }

    [Fact]
    public void A_graph_set_with_a_line_of_many_millions_of_numbers_is_one_line_and_needs_no_memory()
    {
        TaskSpec task = Read(s_tasks["tu"](_folder));
        _folder.Write("tu/S_A.txt", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1,", 10_000_000))));
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<InputException>(() => TaskCatalogue.Load(task)).Message;
        Assert.Contains("line 1 has 10000001 numbers; expected 2", message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200L << 20);
    }

    private TaskSpec Read(string task, params string[] overrides) =>
        StudyFile
            .Parse(
                _folder.File("study.yaml"),
                $"""
                study: any
                task: {task}
                optimizers:
                  sgd:
                    lr: 0.1
                grid:
                  batch: [2, 4]
                budget:
                  samples: 64
                """,
                overrides
            )
            .Task;

    private static string Words(int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(i => ((string[])["red", "green", "blue", "dark", "light"])[i * i % 5]));

    private static byte[] Ids(int count) => [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes((ushort)(i * i % 17)))];

    private static byte[] Cifar(int count) =>
        [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, 3073).Select(p => (byte)(p == 0 ? i % 10 : p * i)))];

    private static string Fasta(int count) => ">a\n" + string.Concat(Enumerable.Range(0, count).Select(i => "ACGT"[i * i % 4 ^ i % 3]));

    // How many bytes before this one are shown as other characters.
    private static int Shifted(int b) => Enumerable.Range(0, b).Count(x => x is not (>= 33 and <= 126 or >= 161 and <= 172 or >= 174));
}
