// Training a translator: replicas, micro-batches, what is learnt, and decoding against exhaustive search.
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Models;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Numerics.Streams;
using Gaplab.Torch;

namespace Gaplab.Training.Tests;

public sealed class TranslationSpecs
{
    private static readonly ModelSpec Model = new()
    {
        Kind = "t5",
        Layers = 1,
        Heads = 2,
        Width = 16,
        Activation = "relu",
        TiedHead = true,
        WeightInit = "fan-in",
        EmbeddingStd = 1,
        LabelSmoothing = 0.1,
    };

    [Fact]
    public void Replicas_together_are_the_runs_alone_over_twenty_steps()
    {
        using var folder = new TestFolder();
        TaskSpec task = Language(folder, 200);
        RunSpec[] runs = [Run(task, "sgd", 0.3, 1), Run(task, "sgd", 0.1, 2), Run(task, "sgd", 0.2, 3)];
        Recorder together = Train(runs);
        for (int r = 0; r < runs.Length; r++)
        {
            Recorder alone = Train(runs[r]);
            Assert.Equal(20, alone.Losses[0].Count);
            Closeness.Same([.. alone.Losses[0]], [.. together.Losses[r]], 1e-10, what: "loss");
            Closeness.Same(alone.Theta[0], together.Theta[r], 1e-10, 1e-3, "theta");
            Assert.Equal(alone.Results[0].Metrics["validation-bleu"], together.Results[r].Metrics["validation-bleu"], 1e-9);
        }
    }

    [Fact]
    public void Micro_batches_of_sentences_of_any_length_add_up_to_the_batch()
    {
        using var folder = new TestFolder();
        RunSpec whole = Run(Language(folder, 200), "sgd", 0.3, 1) with { Batch = 12 };
        RunSpec[] parts =
        [
            whole with
            {
                Evaluation = whole.Evaluation with { MicroBatch = 5 },
            },
            whole with
            {
                Seed = 2,
                Evaluation = whole.Evaluation with { MicroBatch = 5 },
            },
        ];
        Recorder expected = Train(whole, whole with { Seed = 2 }),
            actual = Train(parts);
        for (int r = 0; r < 2; r++)
        {
            Closeness.Same([.. expected.Losses[r]], [.. actual.Losses[r]], 1e-10, what: "loss");
            Closeness.Same(expected.Theta[r], actual.Theta[r], 1e-10, 1e-3, "theta");
            Closeness.Same(
                [expected.Results[r].Metrics["validation-loss"]],
                [actual.Results[r].Metrics["validation-loss"]],
                1e-10,
                what: "validation loss"
            );
        }
    }

    [Fact]
    public void A_word_for_word_language_is_learnt()
    {
        using var folder = new TestFolder();
        RunSpec run = Run(Language(folder, 1200), "adam", 0.01, 1) with
        {
            Precision = "float32",
            Batch = 32,
            Budget = new BudgetSpec { Unit = "steps", Amount = 700 },
            Model = Model with { Width = 32 },
        };
        IReadOnlyDictionary<string, double> metrics = Train(run).Results[0].Metrics;
        // The smoothed loss cannot fall below the entropy of its own targets; the evaluation, which is not smoothed, does once the language
        // is known.
        using TranslationTask task = TranslationTask.Load(run.Task);
        double other = 0.1 / task.Vocabulary,
            right = 0.9 + other;
        double least = -right * Math.Log(right) - (task.Vocabulary - 1) * other * Math.Log(other);
        Assert.True(metrics["last-min"] > least, $"{metrics["last-min"]} against {least}");
        Assert.InRange(metrics["validation-loss"], 0, 0.7 * least);
        Assert.InRange(metrics["validation-bleu"], 50, 100);
    }

    [Fact]
    public void A_wide_beam_finds_the_best_of_all_sentences_and_a_beam_of_one_is_greedy()
    {
        using var scope = new TensorScope();
        const int Vocabulary = 6,
            Longest = 3;
        var model = new T5(Model with { Width = 8, LabelSmoothing = 0 }, Vocabulary, Longest);
        int differ = 0;
        for (int seed = 1; seed <= 12; seed++)
        {
            double[] row = new double[model.Layout.Count];
            model.Layout.Initialise(seed, row);
            for (int i = 0; i < row.Length; i++)
                row[i] *= 2.5; // sharper, so that greedy goes astray at times
            Tensor theta = Tensor.From<double>(row, 1, row.Length);
            long[] sources = [3, 4, 5, 2, 5, 2, 0, 0];
            Tensor source = Tensor.From<long>(sources, 1, 2, 4);
            long[][] greedy = BeamSearch.Translate(model, theta, source, Longest, 1)[0],
                best = BeamSearch.Translate(model, theta, source, Longest, 200)[0];
            for (int s = 0; s < 2; s++)
            {
                EncodedSource encoded = model.Encode(theta, Tensor.From<long>(sources.AsSpan(4 * s, 4), 1, 1, 4));
                Assert.Equal(Greedy(model, theta, encoded), greedy[s]);
                (long[] Tokens, double Rank) exhaustive = All([], 0).MaxBy(h => h.Rank);
                Assert.Equal(exhaustive.Tokens, best[s]);
                if (!greedy[s].SequenceEqual(best[s]))
                    differ++;

                // Every sentence: ended by the end token, or of the greatest length without it.
                IEnumerable<(long[] Tokens, double Rank)> All(long[] prefix, double score)
                {
                    double[] logarithms = Next(model, theta, encoded, prefix);
                    yield return (prefix, (score + logarithms[2]) / Length(prefix.Length + 1));
                    for (long token = 3; token < Vocabulary; token++)
                    {
                        if (prefix.Length + 1 == Longest)
                            yield return ([.. prefix, token], (score + logarithms[token]) / Length(Longest));
                        else
                            foreach (var longer in All([.. prefix, token], score + logarithms[token]))
                                yield return longer;
                    }
                }
            }
        }
        Assert.True(differ > 0, "greedy decoding was never astray: the test shows nothing of the beam");

        static double Length(int tokens) => Math.Pow((5.0 + tokens) / 6, 0.6);
    }

    [Fact]
    public void A_few_hundred_steps_on_real_sentences_come_well_below_the_entropy_of_single_tokens()
    {
        var spec = new TaskSpec
        {
            Kind = "translation",
            Tokenizer = "bpe",
            Vocabulary = 600,
            Context = 40,
            Source = TestFolder.RealData("translation/multi30k.train.de.gz"),
            Target = TestFolder.RealData("translation/multi30k.train.en.gz"),
            ValidationSource = TestFolder.RealData("translation/multi30k.val.de.gz"),
            ValidationTarget = TestFolder.RealData("translation/multi30k.val.en.gz"),
        };
        RunSpec run = Run(spec, "adam", 0.01, 1) with
        {
            Precision = "float32",
            Batch = 32,
            Budget = new BudgetSpec { Unit = "steps", Amount = 250 },
            Model = Model with { Width = 32 },
        };
        double loss = Train(run).Results[0].Metrics["validation-loss"];
        using TranslationTask task = TranslationTask.Load(spec);
        double entropy = UnigramEntropy(task);
        Assert.InRange(loss, 1, entropy - 1);
    }

    private static double UnigramEntropy(TranslationTask task)
    {
        int count = (int)task.ValidationCount(0);
        long[] rows = new long[count * task.SampleLength];
        task.FillValidation(0, 0, rows);
        double[] counts = new double[task.Vocabulary];
        for (int b = 0; b < count; b++)
            foreach (long token in rows.AsSpan(b * task.SampleLength + task.SourceContext + 1, task.Context))
                if (token != SpecialToken.Padding)
                    counts[token]++;
        double all = counts.Sum();
        return -counts.Where(c => c > 0).Sum(c => c / all * Math.Log(c / all));
    }

    private static long[] Greedy(T5 model, Tensor theta, EncodedSource encoded)
    {
        var tokens = new List<long>();
        while (tokens.Count < 3)
        {
            double[] logarithms = Next(model, theta, encoded, [.. tokens]);
            long best = Enumerable.Range(2, logarithms.Length - 2).MaxBy(t => logarithms[t]);
            if (best == SpecialToken.End)
                break;
            tokens.Add(best);
        }
        return [.. tokens];
    }

    private static double[] Next(T5 model, Tensor theta, EncodedSource encoded, long[] prefix) =>
        model
            .NextLogits(theta, encoded, Tensor.From<long>([SpecialToken.Begin, .. prefix], 1, 1, prefix.Length + 1))
            .LogSoftmax(-1)
            .ToDoubles();

    /// <summary>A toy language: twelve words, each with its translation, in sentences of two to five.</summary>
    private static TaskSpec Language(TestFolder folder, int pairs)
    {
        string[] from = ["ein", "zwei", "rot", "blau", "hund", "haus", "baum", "geht", "sieht", "mag", "und", "nicht"],
            to = ["one", "two", "red", "blue", "dog", "house", "tree", "goes", "sees", "likes", "and", "not"];
        RandomStream draw = RandomStream.For(11, "test/language");
        var sentences = Enumerable
            .Range(0, pairs)
            .Select(_ => Enumerable.Range(0, 2 + (int)draw.NextIndex(4)).Select(_ => (int)draw.NextIndex(12)).ToArray())
            .ToArray();
        return new TaskSpec
        {
            Kind = "translation",
            Tokenizer = "bpe",
            Vocabulary = 320,
            Context = 10,
            SourceContext = 12,
            ValidationFraction = 0.1,
            Source = folder.Write("source", string.Concat(sentences.Select(s => string.Join(' ', s.Select(w => from[w])) + "\n"))),
            Target = folder.Write("target", string.Concat(sentences.Select(s => string.Join(' ', s.Select(w => to[w])) + "\n"))),
        };
    }

    private static RunSpec Run(TaskSpec task, string kind, double rate, long seed) =>
        new()
        {
            Task = task,
            Model = Model,
            Optimizer = new OptimizerSpec
            {
                Name = kind,
                Kind = kind,
                LearningRate = rate,
                Momentum = kind == "sgd" ? 0.9 : 0,
                ClipNorm = 1,
            },
            Batch = 4,
            Seed = seed,
            Budget = new BudgetSpec { Unit = "steps", Amount = 20 },
            Evaluation = new EvaluationSpec
            {
                Points = 1,
                Validation = 0,
                Train = -1,
                Bleu = 0,
            },
            Precision = "float64",
        };

    private static Recorder Train(params RunSpec[] runs)
    {
        TorchRuntime.Threads = 1;
        using TranslationTask task = TranslationTask.Load(runs[0].Task);
        var sink = new Recorder([.. runs.Select(_ => new List<double>())]);
        var pack = new PackSpec
        {
            Id = "0123456789abcdef",
            Runs = [.. runs.Select((r, i) => new PlannedRun { Id = $"{i:x16}", Spec = r })],
        };
        new Trainer(
            pack,
            task,
            ModelCatalogue.BuiltIn.Build(runs[0].Model, task.Vocabulary, task.Context),
            sink,
            new TrainerOptions { CheckpointSeconds = 0, KeepFinal = true }
        ).Run(CancellationToken.None);
        return sink;
    }

    private sealed class Recorder(List<double>[] losses) : IPackSink
    {
        public List<double>[] Losses => losses;
        public List<RunOutcomeRecord> Results { get; } = [];
        public double[][] Theta { get; private set; } = [];

        public void Write(int replica, IReadOnlyList<Measurement> measurements) =>
            losses[replica].AddRange(measurements.Where(m => m.Name == "train-loss").Select(m => m.Value));

        public void Checkpoint(IReadOnlyList<ReplicaCheckpoint> replicas) => Theta = [.. replicas.Select(r => r.Rows["theta"].ToDoubles())];

        public IReadOnlyList<ReplicaCheckpoint>? Resume() => null;

        public void Finish(IReadOnlyList<RunOutcomeRecord> results) => Results.AddRange(results);

        public void Progress(long step, long steps)
        {
            // Not looked at.
        }
    }
}
