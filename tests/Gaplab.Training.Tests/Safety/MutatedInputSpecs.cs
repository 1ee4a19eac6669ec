// Whatever is done to the bytes of a study or of what a task reads: a value or one line, soon and in little memory.
using Gaplab.Learning.Data;
using Gaplab.Learning.Specs;
using Gaplab.Studies.Escape;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Yaml;
using Gaplab.Theory.GapModel;
using Gaplab.Training.Tests.Data;
using Gaplab.Training.Tests.Studies;

namespace Gaplab.Training.Tests.Safety;

public sealed class MutatedInputSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Tasks => [.. SmallTasks.OfFiles.Keys];

    /// <summary>By the kind of file, a file of it and what reads it.</summary>
    private static readonly Dictionary<string, (Func<string> Text, Action<string> Read)> s_studies = new()
    {
        ["study"] = (() => Study("suite-backtest"), path => StudyFile.Load(path)),
        ["study of a command"] = (() => Study("command-gpt"), path => StudyFile.Load(path)),
        ["escape"] = (() => Study("escape"), path => EscapeFile.Load(path)),
        ["quadratic"] = (() => Study("quadratic"), path => QuadraticFile.Read(path)),
        ["probe"] = (() => StudyReaderPropertySpecs.Probe, path => ProbeJson.Read(path)),
        ["prediction"] = (() => StudyReaderPropertySpecs.Prediction, path => Results.Prediction.GapPrediction.Read(path)),
    };

    public static TheoryData<string> Studies => [.. s_studies.Keys];

    [Theory]
    [MemberData(nameof(Studies))]
    public void Studies_and_what_is_read_beside_them(string kind)
    {
        (Func<string> text, Action<string> read) = s_studies[kind];
        string path = _folder.Write("file", text());
        MutatedInputs.Check(new(kind, [path], () => read(path)));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Tasks_files(string name)
    {
        TaskSpec task = SmallTasks.Parse(SmallTasks.OfFiles[name](_folder), _folder);
        string[] files = [.. Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        MutatedInputs.Check(new("task " + name, files, () => TaskCatalogue.BuiltIn.Load(task).Dispose()));
    }

    private static string Study(string name) => File.ReadAllText(Repository.At($"studies/{name}.yaml"));
}
