// Bad input through the real program: one line, exit code 2, nothing written.
using System.Globalization;

namespace Gaplab.Training.Tests.Running;

public sealed class CliBadInputSpecs(SmallStudy small)
{
    /// <summary>What is typed (words split at blanks) in a folder with the files of <see cref="Fill"/>, and what the answer must
    /// say.</summary>
    public static TheoryData<string, string> Typed =>
        new()
        {
            { "study run study.yaml --text empty.txt", "the text is empty" },
            { "study run study.yaml --text binary.dat", "looks binary" },
            { "study run study.yaml --text one.txt", "one.txt" },
            { "study run study.yaml --text absent.txt", "no such text" },
            { "study run study.yaml --text emptyfolder", "holds no files" },
            { "study run study.yaml --set grid.batch=100000", "larger than the training data" },
            { "study run absent.yaml", "absent.yaml: no such study file" },
            { "study run emptyfolder", "is a folder; expected a study file" },
            { "study run empty.txt", "the study is empty" },
            { "study run binary.dat", "binary.dat" },
            { "study run notyaml.yaml", "notyaml.yaml:" },
            { "study run study.yaml --store other", "belongs to the study 'other', not to 'small'" },
            { "study run study.yaml --store files", "holds other files and is no store" },
            { "study run study.yaml --store study.yaml", "is a file, expected a store's folder" },
            { "study run typo.yaml", "typo.yaml:3: unknown key 'model.layer'; nearest valid name 'layers'" },
            { "study run wrongtype.yaml", "wrongtype.yaml:3: 'model.layers' is 'two'; expected a whole number" },
            { "study run impossible.yaml", "impossible.yaml:8: 'budget.samples' is '-5'; expected a whole number of at least" },
            { "study run study.yaml --set grid.seed=3", "nearest valid name 'seeds'" },
            { "study run study.yaml --set model.width", "is not of the form key=value" },
            { "study run study.yaml --set precision=float16", "expected float32, float64" },
            { "study run study.yaml --set optimizers.adam.lr=0", "expected a number above 0" },
            { "study run study.yaml --set grid.batch=0", "expected a whole number" },
            { "study run study.yaml --set model.width=3000000000", "expected a whole number" },
            { "study run study.yaml --set limits.memory=1MB", "of memory" },
            { "study run study.yaml --workers 0", "--workers got 0; expected at least 1" },
            { "study run study.yaml --workers two", "two" },
            { "study run study.yaml --pair sgd", "--pair got 'sgd'; expected two optimizers" },
            { "study run study.yaml --pair sgd,sgd", "twice" },
            { "study run study.yaml --pair sgd,lion", "lion" },
            { "study run", "study" },
            { "study jump study.yaml", "jump" },
            { "study", "ommand" },
            { "levitate", "levitate" },
            { "stdy", "'stdy' is not understood; nearest valid name 'study'" },
            { "study rn study.yaml", "'rn' is not understood; nearest valid name 'run'" },
            { "study plan study.yaml --stor x", "'--stor' is not understood; nearest valid name '--store'" },
            { "tails --seeed 1 good.csv", "'--seeed' is not understood; nearest valid name '--seed'" },
            { "study plan typo.yaml", "nearest valid name 'layers'" },
            { "study status absent", "is no store" },
            { "study status emptyfolder", "is no store" },
            { "study report files", "is no store" },
            { "study report other", "has no plan.json" },
            { "study report reference --metric loss", "expected one of validation-loss" },
            { "study report reference --pair sgd,lion", "lion" },
            { "study export reference --to out.xml", "expected a name ending in .csv, .json, .jsonl or .parquet" },
            { "study export reference --to study.yaml.csv", "exists" },
            { "crossover absent.csv", "no such table of runs" },
            { "crossover emptyfolder", "is a folder" },
            { "crossover empty.txt", "empty" },
            { "crossover binary.dat", "not text" },
            { "crossover columns.csv", "batch" },
            { "crossover text.csv", "line 3" },
            { "crossover good.csv --map nonsense", "--map nonsense" },
            { "crossover good.csv --map absent=lr", "absent" },
            { "crossover good.csv --map loss=nonsense", "nonsense" },
            { "crossover good.csv --pair sgd", "expected two optimizers" },
            { "crossover good.csv --metric absent", "absent" },
            { "crossover good.csv --group absent", "absent" },
            { "crossover good.csv --take first", "--take got 'first'; expected last or best" },
            { "crossover good.csv --take best", "one row per run" },
            { "crossover good.csv --blank nan", "--blank got 'nan'; expected missing or diverged" },
            { "crossover good.csv --short cut", "expected counted or missing" },
            { "crossover good.csv --repeats pooled", "expected numbered or mean" },
            { "crossover good.csv --maximize --minimize", "contradict" },
            { "power good.csv --gap 0.1 --metric absent", "absent" },
            { "power reference --gap 0.1 --blank missing", "--blank is about a table of runs" },
            { "crossover good.csv --html emptyfolder", "emptyfolder" },
            { "predict absent.yaml", "absent.yaml: no such study file" },
            { "predict study.yaml --pair sgd,lion", "no optimizer 'lion'" },
            { "predict study.yaml --method gap-model --at middle", "expected start or after" },
            { "predict study.yaml --brute-force", "--brute-force got a study" },
            { "predict study.yaml --method gap-model --set optimizers.sgd.nesterov=true", "no recursion for 'sgd'" },
            { "predict study.yaml --method gap-model --set optimizers.adam.lr=1e9", "diverged" },
            { "predict good.csv.json", "good.csv.json" },
            { "predict study.yaml --scale 4", "--scale is for --method miniature; --method pilot has no use for it" },
            { "predict study.yaml --miniature --scale 1", "--scale got 1; expected 2 or more" },
            { "predict study.yaml --miniature --scale 64", "no batch size can be divided by 64 (4, 16)" },
            { "predict study.yaml --miniature --at start", "--at is for --method gap-model; --method miniature has no use for it" },
            { "predict study.yaml --miniature --pair sgd,lion", "no optimizer 'lion'" },
            { "predict study.yaml --method pilots", "nearest valid name 'pilot'" },
            { "predict study.yaml --method bounds --miniature", "--miniature and --method bounds were given" },
            { "predict study.yaml --cost 3%", "expected one of 2%, 5%, 10%, 20%" },
            { "predict study.yaml --miniature --cost 2%", "--cost is for --method pilot" },
            { "predict study.yaml --method gap-model --dry-run", "--dry-run is for --method pilot" },
            { "predict study.yaml", "96 and 24 steps at the two lowest batch sizes, 4 and 16" },
            { "predict study.yaml --set grid.batch=[4]", "one batch size, 4" },
            { "backtest reference", "prediction.json" },
            { "explain reference", "comparisons with a gap: 1; expected at least 3" },
            { "explain reference emptyfolder", "is no store" },
            { "advise study.yaml --batch 8", "gaplab predict study.yaml" },
            { "advise other --batch 8", "has no plan.json" },
            { "advise reference --batch 0.5", "--batch got 0.5" },
            { "check-reference absent.json", "absent.json" },
            { "check-reference good.csv", "good.csv" },
            { "tails absent.npy", "no such file: absent.npy" },
            { "tails emptyfolder", "is a folder" },
            { "tails empty.txt", "it is empty" },
            { "tails onevalue.csv", "at least 100" },
            { "tails constant.csv", "all 200 values are equal" },
            { "tails nan.csv", "value 151 is" },
            { "tails binary.npy", "magic" },
            { "tails good.csv --name a", "--name is for" },
            { "tails constant.csv --axis sideways", "--axis got 'sideways'" },
        };

    [Theory]
    [MemberData(nameof(Typed))]
    public void Is_one_line_exit_code_2_and_leaves_nothing_behind(string typed, string says)
    {
        using var folder = new TestFolder();
        Fill(folder);
        string[] before = Tree(folder.Path);
        string[] arguments = [.. typed.Split(' ').Select(word => word == "reference" ? small.ReferenceStore : word)];
        ProgramEnd end = StartedProgram.Run(folder.Path, arguments);
        string line = end.AssertRefused();
        Assert.StartsWith("gaplab: ", line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", end.Output + end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", end.Output + end.Errors, StringComparison.Ordinal);
        Assert.Equal(before, Tree(folder.Path));
    }

    [Fact]
    public void An_unreadable_file_or_a_folder_that_may_not_be_written_is_one_line_too()
    {
        using var folder = new TestFolder();
        Fill(folder);
        // Root may read anything: a link that leads back to itself is unreadable for everyone.
        File.CreateSymbolicLink(folder.File("loop.yaml"), folder.File("loop.yaml"));
        File.CreateSymbolicLink(folder.File("loop.txt"), folder.File("loop.txt"));
        string[][] typed =
        [
            ["study", "run", "loop.yaml"],
            ["study", "run", "study.yaml", "--text", "loop.txt"],
            ["crossover", "loop.txt"],
            ["study", "run", "study.yaml", "--store", "/proc/none/store"],
        ];
        foreach (string[] arguments in typed)
        {
            ProgramEnd end = StartedProgram.Run(folder.Path, arguments);
            Assert.StartsWith("gaplab: ", end.AssertRefused(), StringComparison.Ordinal);
        }
    }

    private static void Fill(TestFolder folder)
    {
        folder.Write("study.yaml", SmallStudy.Yaml);
        folder.Write("study.yaml.csv", "kept\n");
        folder.Write("typo.yaml", SmallStudy.Yaml.Replace("layers", "layer", StringComparison.Ordinal));
        folder.Write("wrongtype.yaml", SmallStudy.Yaml.Replace("layers: 1", "layers: two", StringComparison.Ordinal));
        folder.Write("impossible.yaml", SmallStudy.Yaml.Replace("samples: 1536", "samples: -5", StringComparison.Ordinal));
        folder.Write("notyaml.yaml", "study: [small\n");
        folder.Write("empty.txt", "");
        folder.Write("one.txt", "a");
        folder.Write("binary.dat", [0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 0xff, 0xfe, 0]);
        folder.Write("binary.npy", [0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 0xff, 0xfe, 0]);
        folder.Write("onevalue.csv", "3.5\n");
        folder.Write("constant.csv", string.Concat(Enumerable.Repeat("2.5\n", 200)));
        folder.Write(
            "nan.csv",
            string.Concat(
                Enumerable.Range(1, 200).Select(i => i == 151 ? "nan\n" : string.Create(CultureInfo.InvariantCulture, $"{i * 37 % 101}\n"))
            )
        );
        folder.Write("good.csv", "optimizer,lr,batch,loss\nsgd,0.1,8,2.0\nadam,0.001,8,1.9\nsgd,0.1,64,1.8\nadam,0.001,64,1.9\n");
        folder.Write("columns.csv", "optimizer,lr,loss\nsgd,0.1,2.0\nadam,0.001,1.9\n");
        folder.Write("text.csv", "optimizer,lr,batch,loss\nsgd,0.1,8,2.0\nadam,fast,8,1.9\n");
        folder.Write("other/study.json", """{"name":"other","hash":"0123456789abcdef","format":1}""");
        folder.Write("files/letter.txt", "not a store\n");
        Directory.CreateDirectory(folder.File("emptyfolder"));
    }

    private static string[] Tree(string folder) =>
        [
            .. Directory
                .EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(f => $"{f} {(File.Exists(f) ? File.GetLastWriteTimeUtc(f).Ticks : 0)}"),
        ];
}
