// A small task of every kind, with its files where it reads any.
using Gaplab.Learning.Specs;
using Gaplab.Studies.Yaml;
using Gaplab.Training.Tests.Samples;

namespace Gaplab.Training.Tests.Data;

internal static class SmallTasks
{
    /// <summary>A task of each kind that reads files, as a study file has it; its files are in a folder of its own.</summary>
    public static readonly Dictionary<string, Func<TestFolder, string>> OfFiles = new()
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
        ["arrays"] = f =>
        {
            f.Write("arrays/x.npy", ArrayBytes.Npy("|u1", "(24, 1, 4, 4)", [.. Enumerable.Range(0, 24 * 16).Select(i => (byte)(i * 7))]));
            f.Write("arrays/y.npy", ArrayBytes.Npy("<i8", "(24,)", ArrayBytes.Of([.. Enumerable.Range(0, 24).Select(i => i % 3L)])));
            return "{kind: arrays, inputs: arrays/x.npy, targets: arrays/y.npy, flip: true, crop: 1, mixup: 0.5, normalise: true}";
        },
        ["arrays of vectors"] = f =>
        {
            byte[] numbers = ArrayBytes.Of([.. Enumerable.Range(0, 30 * 5).Select(i => Math.Sin(i))]),
                classes = [.. Enumerable.Range(0, 30).Select(i => (byte)(i % 2))];
            f.Write(
                "vectors/a.npz",
                ArrayBytes.Npz(
                    ("x", ArrayBytes.Npy("<f8", "(30, 5)", ArrayBytes.Fortran(numbers, 8, 30, 5), fortran: true)),
                    ("y", ArrayBytes.Npy("|b1", "(30,)", classes))
                )
            );
            f.Write(
                "vectors/v.safetensors",
                ArrayBytes.Safetensors(("x", "F64", [4, 5], numbers[..160]), ("y", "U8", [4, 1], classes[..4]))
            );
            return "{inputs: vectors/a.npz:x, targets: vectors/a.npz:y, validation-inputs: vectors/v.safetensors:x, "
                + "validation-targets: vectors/v.safetensors:y}";
        },
        ["token-arrays"] = f =>
        {
            f.Write("rows/x.npy", ArrayBytes.Npy("<u2", "(40, 9)", Ids(40 * 9)));
            return "{kind: token-arrays, inputs: rows/x.npy}";
        },
        ["token-arrays with targets"] = f =>
        {
            f.Write("both/x.npy", ArrayBytes.Npy("<u2", "(40, 8)", Ids(40 * 8)));
            f.Write("both/y.npy", ArrayBytes.Npy("<u2", "(40, 8)", [.. Ids(41 * 8).Skip(16)]));
            return "{kind: token-arrays, inputs: both/x.npy, targets: both/y.npy, label-noise: 0.2}";
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

    /// <summary>A task of each kind that is generated.</summary>
    public static readonly Dictionary<string, string> Generated = new()
    {
        ["markov"] = "{kind: markov, tokens: 4000, context: 16}",
        ["modular-addition"] = "{kind: modular-addition, tokens: 4000, vocabulary: 12, context: 16}",
        ["sorted-lists"] = "{kind: sorted-lists, tokens: 4000, items: 3, context: 16}",
        ["genome"] = "{kind: genome, tokens: 4000, context: 16}",
        ["shapes"] = "{kind: shapes, images: 60}",
        ["barcodes"] = "{kind: barcodes, images: 60}",
        ["random-molecules"] = "{kind: random-molecules, graphs: 40}",
    };

    /// <summary>Every kind that the catalogue lists must be among them.</summary>
    public static IEnumerable<string> Names => [.. OfFiles.Keys, .. Generated.Keys];

    /// <summary>As a study reads it, its files written to the folder.</summary>
    public static TaskSpec Read(string name, TestFolder folder, params string[] overrides) =>
        Parse(OfFiles.TryGetValue(name, out Func<TestFolder, string>? write) ? write(folder) : Generated[name], folder, overrides);

    /// <summary>A task in YAML, paths relative to the folder.</summary>
    public static TaskSpec Parse(string task, TestFolder folder, params string[] overrides) =>
        StudyFile
            .Parse(
                folder.File("study.yaml"),
                $"task: {task}\noptimizers: {{sgd: {{lr: 0.1}}}}\ngrid: {{batch: 4}}\nbudget: {{steps: 2}}\n",
                SampleKinds.Catalogues,
                overrides
            )
            .Task;

    private static string Words(int count) =>
        string.Join(' ', Enumerable.Range(0, count).Select(i => ((string[])["red", "green", "blue", "dark", "light"])[i * i % 5]));

    // How many bytes before this one are shown as other characters.
    private static int Shifted(int b) => Enumerable.Range(0, b).Count(x => x is not (>= 33 and <= 126 or >= 161 and <= 172 or >= 174));

    private static byte[] Ids(int count) => [.. Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes((ushort)(i * i % 17)))];

    private static byte[] Cifar(int count) =>
        [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, 3073).Select(p => (byte)(p == 0 ? i % 10 : p * i)))];

    private static string Fasta(int count) => ">a\n" + string.Concat(Enumerable.Range(0, count).Select(i => "ACGT"[i * i % 4 ^ i % 3]));
}
