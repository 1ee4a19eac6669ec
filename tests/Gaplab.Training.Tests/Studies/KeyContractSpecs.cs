// What every key of models and tasks must hold: its data say what its reading does, and its value reaches the record.
using System.Globalization;
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class KeyContractSpecs
{
    public static TheoryData<int, string> ModelKeys =>
        [
            // Those of a command say what is run, and are tested where it runs.
            .. ModelCatalogue.BuiltIn.All.SelectMany((k, i) => k.Reads.Contains(SampleKind.Own) ? [] : k.Keys.Select(key => (i, key.Name))),
        ];

    public static TheoryData<string, string> TaskKeys =>
        [.. TaskCatalogue.BuiltIn.All.SelectMany(k => k.Keys.Select(key => (k.Name, key.Name)))];

    [Theory, MemberData(nameof(ModelKeys))]
    public void A_key_of_a_model_takes_the_values_that_its_data_say(int index, string name)
    {
        ModelKind kind = ModelCatalogue.BuiltIn.All[index];
        SpecKey<ModelSpec> key = kind.Keys.Single(k => k.Name == name);
        string task = Task(TaskCatalogue.BuiltIn.All.First(t => kind.Reads.Contains(t.Samples)).Name);
        Check(key, kind.Defaults, value => Study(task, $"{{kind: {kind.Name}, {name}: {value}}}").Model);
    }

    [Theory, MemberData(nameof(TaskKeys))]
    public void A_key_of_a_task_takes_the_values_that_its_data_say(string kindName, string name)
    {
        TaskKind kind = TaskCatalogue.BuiltIn.Of(kindName);
        SpecKey<TaskSpec> key = kind.Keys.Single(k => k.Name == name);
        string model = ModelCatalogue.BuiltIn.Reading(kind.Samples)[0].Name;
        // What a kind's objection asks for beyond the range of the key.
        string? good = (kindName, name) switch
        {
            ("translation", "vocabulary") => "300",
            ("cifar", "classes") => "100",
            ("molecules", "targets") => "[one, two]",
            _ => null,
        };
        Check(key, kind.Defaults, value => Study(Task(kindName, name, value), $"{{kind: {model}}}").Task, good);
    }

    // A good value that is not the default changes the record; a value just outside is refused with the key's path.
    private static void Check<T>(SpecKey<T> key, T defaults, Func<string, T> read, string? good = null)
    {
        good ??= Good(key, defaults);
        Assert.True(key.Differs(read(good), defaults), $"{key.Name}: {good} left the record as it was");
        foreach (string bad in Bad(key))
            Assert.Contains($".{key.Name}'", Assert.Throws<InputException>(() => read(bad)).Message, StringComparison.Ordinal);
    }

    private static string Good<T>(SpecKey<T> key, T defaults) =>
        key.Form switch
        {
            KeyForm.Flag => key.Value(defaults) is true ? "false" : "true",
            KeyForm.Word => key.Words.First(w => !w.Equals(key.Value(defaults))),
            KeyForm.Text or KeyForm.Path => "other",
            // Twice the default, so that what divides goes on dividing; of 0, which is often "none", the least that is more.
            KeyForm.Integer => Number(
                Convert.ToInt64(key.Value(defaults), CultureInfo.InvariantCulture) is > 0 and var some
                    ? Math.Min(key.Most, 2 * some)
                    : Math.Max(key.Least, 1)
            ),
            _ => Number(double.IsPositiveInfinity(key.Most) ? key.Least + 0.5 : (key.Least + 3 * key.Most) / 4),
        };

    private static IEnumerable<string> Bad<T>(SpecKey<T> key)
    {
        if (key.Form == KeyForm.Flag)
            yield return "maybe";
        if (key.Form == KeyForm.Word)
            yield return "zzzzz";
        if (key.Form is not (KeyForm.Integer or KeyForm.Number))
            yield break;
        yield return "text";
        if (double.IsFinite(key.Least))
            yield return Number(key.Open ? key.Least : key.Least - 1);
        if (double.IsFinite(key.Most))
            yield return Number(key.Open ? key.Most : key.Most + 1);
        if (key.Form == KeyForm.Integer)
            yield return Number(key.Least + 0.5);
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    // The least task of a kind, with one key set.
    private static string Task(string kind, string? key = null, string? value = null)
    {
        (string Key, string Value)[] needed =
        [
            .. TaskCatalogue.BuiltIn.Of(kind).Keys.Where(k => k.Required is not null && k.Name != key).Select(k => (k.Name, "a")),
            .. key switch
            {
                "merges" => ((string, string)[])[("tokenizer", "gpt2"), ("encoder", "a")],
                "encoder" => [("tokenizer", "gpt2"), ("merges", "a")],
                "validation-source" => [("validation-target", "a")],
                "validation-target" => [("validation-source", "a")],
                "validation-inputs" when kind == "arrays" => [("validation-targets", "a")],
                "validation-targets" when kind == "arrays" => [("validation-inputs", "a")],
                "validation-targets" => [("targets", "a"), ("validation-inputs", "a")],
                _ => [],
            },
            .. kind == "molecules" && key is not ("target-column" or "targets") ? ((string, string)[])[("target-column", "y")] : [],
        ];
        return $"{{kind: {kind}{string.Concat(needed.Select(n => $", {n.Key}: {n.Value}"))}{(key is null ? "" : $", {key}: {value}")}}}";
    }

    private static StudySpec Study(string task, string model) =>
        StudyFile.Parse(
            "/s/x.yaml",
            $"task: {task}\nmodel: {model}\noptimizers: {{sgd: {{lr: 0.1}}}}\ngrid: {{batch: 4}}\nbudget: {{steps: 8}}\n"
        );
}
