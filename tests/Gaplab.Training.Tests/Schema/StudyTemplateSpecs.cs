// A study to begin from is right for every kind of task and model, and gaplab study init overwrites nothing.
using Gaplab.Cli;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Running;
using Gaplab.Studies.Schema;
using Gaplab.Studies.Yaml;
using Gaplab.Training.Tests.Cli;

namespace Gaplab.Training.Tests.Schema;

public sealed class StudyTemplateSpecs : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Every task with every model that reads it.</summary>
    public static TheoryData<string, string> All =>
        [.. TaskCatalogue.BuiltIn.All.SelectMany(t => ModelCatalogue.BuiltIn.Reading(t.Samples).Select(m => (t.Name, m.Name)))];

    public static TheoryData<string, string> Generated =>
        [
            .. TaskCatalogue
                .BuiltIn.All.Where(t => t.Generated && t.Name != CommandSpec.Kind)
                .SelectMany(t => ModelCatalogue.BuiltIn.Reading(t.Samples).Select(m => (t.Name, m.Name))),
        ];

    [Theory, MemberData(nameof(All))]
    public void It_is_read_and_has_what_a_comparison_needs(string task, string model)
    {
        string text = StudyTemplate.Text("/s/mine.yaml", Catalogues.BuiltIn, task, model);
        StudySpec study = StudyFile.Parse("/s/mine.yaml", text);
        Assert.Equal(("mine", task, model), (study.Name, study.Task.Kind, study.Model.Kind));
        Assert.Equal(["sgd", "adam"], study.Optimizers.Select(o => o.Name));
        Assert.All(study.Optimizers, o => Assert.True(o.Rates.Count >= 5));
        Assert.True(study.Grid.Seeds.Count >= 3 && study.Grid.Batches.Count >= 4);
        Assert.Equal("", EditorCheck.Objections(text));
    }

    public static TheoryData<string, string> Own => [.. All.Where(row => row.Data.Item2 != CommandSpec.Kind)];

    [Theory, MemberData(nameof(Own))]
    public void Its_commented_defaults_are_the_defaults(string task, string model)
    {
        string text = StudyTemplate.Text("/s/mine.yaml", Catalogues.BuiltIn, task, model);
        string[] sections = ["# schedule: ", "# evaluation: ", "# sentinel: "];
        string[] lines = [.. text.Split('\n').Select(l => sections.Any(s => l.StartsWith(s, StringComparison.Ordinal)) ? l[2..] : l)];
        string said = string.Join('\n', lines);
        Assert.NotEqual(text, said);
        Assert.Equal(RunId.OfStudy(StudyFile.Parse("/s/mine.yaml", text)), RunId.OfStudy(StudyFile.Parse("/s/mine.yaml", said)));
        Assert.Equal("", EditorCheck.Objections(said));
    }

    [Theory, MemberData(nameof(Generated))]
    public void Of_a_generated_task_it_can_be_planned(string task, string model)
    {
        string file = _folder.Write("mine.yaml", StudyTemplate.Text("mine.yaml", Catalogues.BuiltIn, task, model));
        using PreparedStudy study = PreparedStudy.Read(file, [], 2, Catalogues.BuiltIn, _ => _folder.File("store"));
        Assert.DoesNotContain(study.Findings, f => f.Severity == Gaplab.Results.Analysis.Severity.Error);
        Assert.Equal(4 * 4 * 10, study.Plan.FirstRound().Sum(p => p.Runs.Count));
    }

    [Fact]
    public void A_model_alone_gets_a_task_that_it_reads()
    {
        foreach (string model in ModelCatalogue.BuiltIn.Kinds)
            Assert.Equal(model, StudyFile.Parse("/s/x.yaml", StudyTemplate.Text("x.yaml", Catalogues.BuiltIn, null, model)).Model.Kind);
    }

    [Theory]
    [InlineData("marcov", null, "nearest valid name 'markov'")]
    [InlineData(null, "gtp", "nearest valid name 'gpt'")]
    [InlineData("shapes", "gpt", "does not read images")]
    public void A_kind_that_does_not_fit_is_refused(string? task, string? model, string expected) =>
        Assert.Contains(
            expected,
            Assert.Throws<InputException>(() => StudyTemplate.Text("x.yaml", Catalogues.BuiltIn, task, model)).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("my study.yaml", "my-study")]
    [InlineData(".hidden.yaml", "hidden")]
    [InlineData("ü.yml", "study")]
    [InlineData("-a\nb.yaml", "a-b")]
    public void The_study_gets_a_name_that_a_store_may_have(string file, string name) =>
        Assert.Equal(name, StudyFile.Parse("/s/" + file, StudyTemplate.Text(file, Catalogues.BuiltIn)).Name);

    [Fact]
    public void The_command_writes_both_files_and_overwrites_neither()
    {
        string file = _folder.File("mine.yaml"),
            schema = _folder.File(StudySchema.FileName);
        (int code, string error) = CommandLines.Run("study", "init", file, "--task", "genome");
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(StudySchema.Text(Catalogues.BuiltIn), File.ReadAllText(schema));
        Assert.StartsWith($"# yaml-language-server: $schema={StudySchema.FileName}\n", File.ReadAllText(file), StringComparison.Ordinal);
        _ = StudyFile.Load(file);
        (code, error) = CommandLines.Run("study", "init", file);
        Assert.Equal(CommandRunner.BadInput, code);
        Assert.Contains("exists; it was left as it is", error, StringComparison.Ordinal);
        Assert.Contains("kind: genome", File.ReadAllText(file), StringComparison.Ordinal);
        // A second study beside the first finds the schema there; another version's is not replaced unasked.
        Assert.Equal((0, ""), CommandLines.Run("study", "init", _folder.File("second.yaml")));
        _folder.Write(StudySchema.FileName, "{}");
        (code, error) = CommandLines.Run("study", "init", _folder.File("third.yaml"));
        Assert.Equal(CommandRunner.BadInput, code);
        Assert.Contains("is not this version's schema", error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("third.yaml")));
        Assert.Equal((0, ""), CommandLines.Run("study", "init", file, "--force"));
        Assert.Equal(StudySchema.Text(Catalogues.BuiltIn), File.ReadAllText(schema));
        Assert.Contains("kind: markov", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Equal(CommandRunner.BadInput, CommandLines.Run("study", "init", _folder.File("mine.json")).Code);
    }
}
