// What a page says of models and tasks: only what their kind has.
using Gaplab.Learning.Data;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Yaml;

namespace Gaplab.Training.Tests.Studies;

public sealed class FactsSpecs
{
    /// <summary>A task of each kind, in YAML.</summary>
    private static readonly Dictionary<string, string> Tasks = new()
    {
        ["text"] = "{kind: text, path: a.txt}",
        ["tokens"] = "{kind: tokens, path: a.bin}",
        ["markov"] = "{kind: markov}",
        ["modular-addition"] = "{kind: modular-addition}",
        ["translation"] = "{kind: translation, source: a.de, target: a.en}",
        ["idx"] = "{kind: idx, path: d}",
        ["cifar"] = "{kind: cifar, path: d}",
        ["image-folder"] = "{kind: image-folder, path: d}",
        ["shapes"] = "{kind: shapes}",
        ["barcodes"] = "{kind: barcodes}",
        ["arrays"] = "{kind: arrays, inputs: a.npy, targets: b.npy}",
        ["token-arrays"] = "{kind: token-arrays, inputs: a.npy}",
        ["fasta"] = "{kind: fasta, path: a.fa}",
        ["genome"] = "{kind: genome}",
        ["molecules"] = "{kind: molecules, path: a.csv, target-column: y}",
        ["tu"] = "{kind: tu, path: d}",
        ["random-molecules"] = "{kind: random-molecules}",
    };

    public static TheoryData<string> ModelKinds => [.. ModelCatalogue.BuiltIn.Kinds.Where(k => k != CommandSpec.Kind)];

    public static TheoryData<string> TaskKinds => [.. TaskCatalogue.BuiltIn.Kinds.Where(k => k != CommandSpec.Kind)];

    [Theory, MemberData(nameof(ModelKinds))]
    public void A_fact_of_a_model_is_a_key_of_its_kind(string kind)
    {
        string task = kind switch
        {
            "t5" => "translation",
            "gat" or "grit" => "random-molecules",
            "mlp" or "alexnet" or "resnet" or "vit" => "shapes",
            _ => "markov",
        };
        ModelSpec model = Study(Tasks[task], kind).Model;
        IReadOnlyList<SpecFact> facts = ModelCatalogue.BuiltIn.Facts(model);
        Assert.NotEmpty(facts);
        foreach (SpecFact fact in facts)
        {
            // Setting the key is allowed, and the words follow it.
            int value = fact.Key is "width" ? 96 : 3;
            StudySpec set = Study(
                Tasks[task],
                kind,
                [$"model.{fact.Key}={value}", .. fact.Key == "heads" ? (string[])["model.width=96"] : []]
            );
            Assert.Contains(
                value.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ModelCatalogue.BuiltIn.Facts(set.Model).Single(f => f.Key == fact.Key).Words,
                StringComparison.Ordinal
            );
        }
        foreach (string key in (string[])["layers", "heads", "width", "patch", "kernel", "decoder-layers"])
            if (Refused(Tasks[task], kind, $"model.{key}=4"))
                Assert.DoesNotContain(facts, f => f.Key == key);
        foreach (
            (string key, string word) in ((string, string)[])
                [("heads", "head"), ("layers", "layer"), ("patch", "patch"), ("kernel", "kernel")]
        )
            Assert.True(
                facts.Any(f => f.Key == key)
                    || kind == "resnet" && key == "layers"
                    || !facts.Any(f => f.Words.Split(' ').Any(w => w.StartsWith(word, StringComparison.Ordinal))),
                string.Join(", ", facts.Select(f => f.Words))
            );
    }

    [Theory, MemberData(nameof(TaskKinds))]
    public void A_fact_of_a_task_is_a_key_of_its_kind(string kind)
    {
        string model = kind switch
        {
            "translation" => "t5",
            "molecules" or "tu" or "random-molecules" => "gat",
            "idx" or "cifar" or "image-folder" or "shapes" or "barcodes" or "arrays" => "mlp",
            _ => "gpt",
        };
        TaskSpec task = Study(Tasks[kind], model).Task;
        IReadOnlyList<SpecFact> facts = TaskCatalogue.BuiltIn.Facts(task);
        Assert.NotEmpty(facts);
        foreach (SpecFact fact in facts.Where(f => f.Key.Length > 0))
        {
            string value = fact.Key switch
            {
                "path" or "source" or "target" or "target-column" or "inputs" => "other",
                "tokenizer" => "chars",
                "objective" => "next",
                "error" => "mse",
                "exponent" or "dependence" or "overlap" or "bar-noise" => "0.25",
                _ => "7",
            };
            Assert.Contains(
                value,
                TaskCatalogue
                    .BuiltIn.Facts(Study(Tasks[kind], model, $"task.{fact.Key}={value}").Task)
                    .Single(f => f.Key == fact.Key)
                    .Words,
                StringComparison.Ordinal
            );
        }
        foreach (string key in (string[])["context", "tokenizer", "classes", "tokens", "exponent", "overlap", "order", "graphs", "side"])
            if (Refused(Tasks[kind], model, $"task.{key}=4"))
                Assert.DoesNotContain(facts, f => f.Key == key || key != "tokens" && f.Words.Split(' ').Contains(key));
        // An identity is printed where there is one, and no placeholder of it where there is none.
        Assert.DoesNotContain(
            facts,
            f => f.Words.Contains("SHA-256", StringComparison.Ordinal) || f.Words.Contains("()", StringComparison.Ordinal)
        );
        if (!TaskCatalogue.BuiltIn.Of(kind).Generated)
            Assert.Contains(
                TaskCatalogue.BuiltIn.Facts(task with { Content = new string('a', 64) }),
                f => f.Words == "SHA-256 aaaaaaaaaaaa…"
            );
    }

    private static bool Refused(string task, string kind, string over)
    {
        try
        {
            _ = Study(task, kind, over);
        }
        catch (InputException e)
            when (e.Message.Contains("has no meaning", StringComparison.Ordinal)
                || e.Message.Contains("unknown key", StringComparison.Ordinal)
            )
        {
            return true;
        }
        catch (InputException) { }
        return false;
    }

    private static StudySpec Study(string task, string kind, params string[] overrides) =>
        StudyFile.Parse(
            "/s/x.yaml",
            $"task: {task}\nmodel: {{kind: {kind}}}\noptimizers: {{sgd: {{lr: 0.1}}}}\ngrid: {{batch: 4}}\nbudget: {{steps: 8}}\n",
            overrides
        );
}
