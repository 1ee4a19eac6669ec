// What the kinds of samples/OwnKinds compute, against plain loops and closed forms.
using System.Globalization;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Learning.Training;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Yaml;
using Gaplab.Torch;
using Gaplab.Training.Tests.Optim;

namespace Gaplab.Training.Tests.Samples;

public sealed class OwnKindsSpecs
{
    [Fact]
    public void The_model_is_its_recurrence()
    {
        const int Width = 3,
            Time = 5,
            Batch = 2;
        using var scope = new TensorScope();
        var builder = new ParamLayoutBuilder();
        var layer = new MinGru(builder, "layer", new ModelSpec { Width = Width });
        ParamLayout layout = builder.Build();
        double[] theta = OptimizerTrial.Numbers("theta", 0, layout.Count),
            x = OptimizerTrial.Numbers("x", 0, Time * Batch * Width);
        Tensor[] states = layer.Apply(layout.Views(ModelPoint.Of(theta)), Tensor.From<double>(x, 1, Time * Batch, Width), Batch);
        Assert.Equal(Time, states.Length);
        double[] h = new double[Batch * Width];
        for (int t = 0; t < Time; t++)
        {
            for (int b = 0; b < Batch; b++)
            for (int i = 0; i < Width; i++)
            {
                double gate = theta[Width * 2 * Width + i],
                    candidate = 0;
                for (int j = 0; j < Width; j++)
                {
                    double input = x[(t * Batch + b) * Width + j];
                    gate += input * theta[j * 2 * Width + i];
                    candidate += input * theta[j * 2 * Width + Width + i];
                }
                double z = 1 / (1 + Math.Exp(-gate));
                h[b * Width + i] = (1 - z) * h[b * Width + i] + z * candidate;
            }
            Closeness.Same(h, states[t].ToDoubles(), 1e-12, 1e-3, $"step {t}");
        }
    }

    [Fact]
    public void The_optimizer_is_sgd_at_one_end_and_momentum_at_the_other()
    {
        const double Rate = 0.05,
            Beta = 0.9;
        double[] Own(string nu) => OptimizerTrial.Train([Read($"qhm: {{lr: {Rate}, beta1: {Beta}, nu: {nu}}}")]);
        double[] sgd = OptimizerTrial.Train([Read($"sgd: {{lr: {Rate}, momentum: 0}}")]),
            // SGD's momentum is a sum and not a mean: larger by 1/(1−β).
            momentum = OptimizerTrial.Train([Read($"sgd: {{lr: {Rate * (1 - Beta):r}, momentum: {Beta}}}")]);
        Assert.Equal(0.99, Read("qhm: {lr: 1}").Beta1);
        Assert.Equal(sgd, Own("0"));
        Closeness.Same(momentum, Own("1"), 1e-12, 1e-3);
        // The update is linear in ν, and so is θ: half of both.
        Closeness.Same([.. sgd.Zip(momentum, (a, b) => (a + b) / 2)], Own("0.5"), 1e-12, 1e-3);
        Assert.NotEqual(sgd[0], momentum[0], 1e-4);
    }

    [Fact]
    public void The_task_is_lists_each_followed_by_itself_in_order()
    {
        const int Items = 3,
            Letters = 5,
            Line = 2 * Items + 2;
        TaskSpec spec = StudyFile
            .Parse(
                "own.yaml",
                $"task: {{kind: sorted-lists, items: {Items}, letters: {Letters}, context: {Line - 1}, tokens: {Line * 1000}}}\n"
                    + "grid: {batch: 1}\nbudget: {steps: 1}\noptimizers: {sgd: {lr: 1}}\n",
                SampleKinds.Catalogues
            )
            .Task;
        using var task = (LanguageTask)SampleKinds.Catalogues.Tasks.Load(spec);
        Assert.Equal(Letters + 2, task.Vocabulary);
        long[] text = new long[900 * Line];
        task.Train.Read(0, text);
        foreach (long[] line in text.Chunk(Line))
            Assert.Equal([.. line[..Items], Letters, .. line[..Items].Order(), Letters + 1], line);
        double[] counts = [.. Enumerable.Range(0, Letters).Select(v => (double)text.Chunk(Line).Sum(l => l[..Items].Count(t => t == v)))];
        double expected = counts.Sum() / Letters;
        // χ² of 5 letters, 4 degrees of freedom: above 23.5 once in 10 000 seeds.
        Assert.InRange(counts.Sum(c => (c - expected) * (c - expected) / expected), 0.01, 23.5);
        Assert.Equal(Items * Math.Log(Letters) / Line, task.EntropyRate!.Value, 1e-15);
    }

    [Fact]
    public void The_probe_is_the_norm_of_an_update_over_that_of_the_layer()
    {
        var builder = new ParamLayoutBuilder();
        builder.Add("first.weight", Initialisation.Zero, 2);
        builder.Add("second", Initialisation.Zero, 1);
        var model = new Unused(builder.Build());
        ProbeResult result = new UpdateRatio().Measure(
            new ProbePoint(model, [3, 4, 2], [0, 0, 0], [new("a", [0, 1, -1]), new("b", [6, 8, 0])], null, 0, 1, 1)
        );
        Assert.Equal("first\nsecond", result.Facts["layers"]);
        Assert.Equal([2L, 2], result.Arrays["ratio"].Shape);
        Closeness.Same([0.2, 0.5, 2, 0], result.Arrays["ratio"].Values, 1e-15);
    }

    private static OptimizerSpec Read(string optimizer)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"optimizers:\n  {optimizer}\ngrid: {{batch: 1, seeds: 1}}\nbudget: {{steps: 1}}\ntask: {{kind: markov}}\n"
        );
        var plan = new Plan(StudyFile.Parse("own.yaml", text, SampleKinds.Catalogues), 10, (_, _, _) => 1);
        Arm arm = Assert.Single(plan.Arms);
        return Assert.Single(plan.Runs(arm, arm.Rates)).Spec.Optimizer;
    }

    // A model of which the probe sees the layout alone.
    private sealed class Unused(ParamLayout layout) : IModel
    {
        public ParamLayout Layout => layout;

        public Tensor Loss(Tensor theta, Tensor tokens) => throw new NotSupportedException();
    }
}
